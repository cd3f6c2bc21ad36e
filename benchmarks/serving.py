"""`union-archive serve` as a process of its own, and timed requests to it over HTTP."""

import math
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import httpx
from measuring import ROOT, SAMPLE, environment, process_tree, resident, union_archive

#: Seconds in which the server must answer for the first time.
PATIENCE = 120.0
_ADDRESS = re.compile(r"http://\S+/")


class Server:
    """A server on a free port of this machine; a context manager. `url` ends in a slash."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.url = ""

    def __enter__(self) -> "Server":
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            union_archive(self.directory, "serve", "--port", "0"),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={**environment(), "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise SystemExit(f"union-archive serve ended with {self._process.returncode}: {self.said()}")
            if found := _ADDRESS.search(self.said()):
                self.url = found[0]
                httpx.get(f"{self.url}-/static-plugins/archive.web/archive.css", timeout=PATIENCE).raise_for_status()
                return
            time.sleep(0.05)
        raise SystemExit(f"union-archive serve printed no address within {PATIENCE:g} s: {self.said()}")

    def said(self) -> str:
        """Return what the server has printed."""
        self._log.seek(0)
        return self._log.read()

    def memory(self) -> int:
        """Return the resident memory of the server's processes in bytes."""
        return sum(resident(pid) for pid in process_tree(self._process.pid))

    def kill(self) -> None:
        """SIGKILL to the server's process group."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()


class Peak:
    """The most memory that a server took while the context was open, in bytes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.bytes = 0

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._ended.wait(SAMPLE):
            self.bytes = max(self.bytes, self._server.memory())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds of some requests."""

    values: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """Return the value that `share` of the requests do not exceed."""
        return sorted(self.values)[math.ceil(share * len(self.values)) - 1]


def timed(client: httpx.Client, paths: Sequence[str]) -> Latencies:
    """Ask for each path in turn; end the benchmark at an answer that is not 200."""
    values = []
    for path in paths:
        started = time.perf_counter()
        answer = client.get(path)
        values.append(1000 * (time.perf_counter() - started))
        if answer.status_code != 200:
            raise SystemExit(f"{path}: status {answer.status_code}: {answer.text[:500]}")
    return Latencies(tuple(values))
