"""A Dask scheduler and its workers on loopback ports, one thread each, as processes of their own."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import ROOT, environment

_START_SECONDS = 30.0


@contextmanager
def cluster(scratch: Path, workers: int, *, kill_after: float | None = None) -> Iterator[str]:
    """Yield a scheduler's address; with `kill_after`, one worker is killed so many seconds after they are there."""
    scratch.mkdir(parents=True, exist_ok=True)
    file = scratch / "scheduler.json"
    file.unlink(missing_ok=True)
    named = ["--scheduler-file", str(file)]
    processes = [
        _start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *named)
    ]
    timer = None
    try:
        address = _address(file)
        one = ["--nthreads", "1", "--nworkers", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(scratch)]
        processes += [_start("distributed.cli.dask_worker", address, *one) for _ in range(workers)]
        if kill_after is not None:
            timer = threading.Timer(kill_after + 3, processes[-1].send_signal, [signal.SIGKILL])
            timer.start()
        yield address
    finally:
        if timer is not None:
            timer.cancel()
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _address(file: Path) -> str:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.1)
    sys.exit("no Dask scheduler came up")
