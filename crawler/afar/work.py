"""What a worker of Dask does for `crawl --dask`: it keeps a process that crawls a site into its shard."""

from __future__ import annotations

import importlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler.crawling import Summary
from crawler.reading import derived_with
from crawler.registry import registry
from crawler.shards import ENDED

#: Seconds between two looks whether anybody still wants the crawl.
_LOOK_SECONDS = 0.5
#: Seconds that a crawl has to end in order: a second signal ends it at once. Dask waits longer for a worker's threads.
_END_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Work:
    """The crawl of a site, and all that is needed for it."""

    token: str
    """Names the command that asks."""
    shard: str
    """Its path, the same on every machine."""
    site: str
    options: dict[str, Any]
    code: str
    """`derived_with`, as whoever asks has it."""


class _Crawl:
    """A process that crawls. It is told to end by whoever asked for it, or has left, and often by both."""

    def __init__(self, work: Work) -> None:
        self.process = _start(work)
        self._told = -math.inf

    def tell_to_end(self) -> None:
        """Have it end as a signal ends it: what is on the wire is kept. Told again too soon, it would be lost."""
        if time.monotonic() - self._told >= _END_SECONDS:
            self._told = time.monotonic()
            self.process.send_signal(signal.SIGTERM)


class _Running:
    """The crawls of this worker, by the command that asked for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._crawls: dict[str, set[_Crawl]] = {}
        self._stopped: set[str] = set()

    @contextmanager
    def one(self, work: Work) -> Iterator[_Crawl | None]:
        """Yield a crawl, which is ended with the block; None where the command was stopped before."""
        with self._lock:
            if work.token in self._stopped:
                yield None
                return
            crawl = _Crawl(work)
            self._crawls.setdefault(work.token, set()).add(crawl)
        try:
            yield crawl
        finally:
            crawl.process.kill()
            crawl.process.wait()
            with self._lock:
                self._crawls[work.token].discard(crawl)

    def stop(self, token: str) -> None:
        with self._lock:
            self._stopped.add(token)
            for crawl in self._crawls.get(token, ()):
                crawl.tell_to_end()


_running = _Running()


def crawl_site(work: Work) -> dict[str, Any]:
    """Crawl a site and return its summary. Done again after its worker was lost, it goes on where that one stopped.

    Raises ArchiveError where this worker cannot do it.
    """
    _check(work)
    ended = Path(work.shard) / ENDED
    if ended.exists():  # by a worker that was lost before it could tell
        told: dict[str, Any] = json.loads(ended.read_text(encoding="utf-8"))
        return told
    with _running.one(work) as crawl:
        if crawl is None:
            return Summary(work.site, "interrupted", "was not begun").to_json()
        said = _wait(crawl, json.dumps({"site": work.site, "options": work.options}).encode())
    summary = _summary(work, said, crawl.process.returncode)
    part = ended.with_suffix(".part")
    part.write_text(json.dumps(summary), encoding="utf-8")
    part.replace(ended)
    return summary


def stop(token: str) -> None:
    """Have the crawls of a command end as a signal ends them: what is on the wire is kept."""
    _running.stop(token)


def _check(work: Work) -> None:
    here, shard = f"a Dask worker on {os.uname().nodename}", ArchiveDirectory(Path(work.shard))
    if not shard.database.exists():
        raise ArchiveError(f"{work.shard}: {here} does not see this shard; share the archive under the same path")
    profile = registry(shard.sites).get(work.site)
    if profile is None or derived_with(profile) != work.code:
        raise ArchiveError(f"{here} runs another version of union-archive; install the same one and start it again")


def _start(work: Work) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "crawler.afar.process", str(os.getpid()), work.shard]
    pipe = subprocess.PIPE
    # A session of its own: a Ctrl-C at the worker ends it with the worker.
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)


def _wait(crawl: _Crawl, asked: bytes) -> bytes:
    """Return what a crawl said; one that nobody waits for any more is told to end."""
    rest: bytes | None = asked
    while True:
        try:
            return crawl.process.communicate(rest, timeout=_LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            rest = None  # it goes on with what it was given
            if not _is_wanted():
                crawl.tell_to_end()


def _is_wanted() -> bool:
    """Say whether the scheduler still wants this task: not when whoever asked has gone, or the scheduler itself."""
    worker = importlib.import_module("distributed").get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return worker.status.name in ("running", "paused") and task is not None and task.state != "cancelled"


def _summary(work: Work, said: bytes, status: int) -> dict[str, Any]:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    try:
        told: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        if status == -signal.SIGTERM:  # before it could tell
            return Summary(work.site, "interrupted", "stopped at once").to_json()
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit {status}"
        why = f"its process on {os.uname().nodename} ended ({how}); what it said is in that worker's log"
        return Summary(work.site, "failed", why).to_json()
    return told
