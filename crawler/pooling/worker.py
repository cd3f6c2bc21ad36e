"""What a worker of Dask does: it hands portions to processes of ours that it keeps, one for each thread at work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from archive.errors import ArchiveError
from crawler.pool import Done, Task
from crawler.pooling.processes import LocalPool
from crawler.profile import SiteProfile
from crawler.reading import derived_with

#: Asked for by runs that are over: what was busy then is ended when it is put back.
_KEPT_TOKENS = 1000


@dataclass(frozen=True, slots=True)
class Work:
    """Tasks, and all that is needed to read them."""

    token: str
    """Names the run that asks; its processes know its profiles."""
    warc: str
    """Path of the directory of WARC files, the same on every machine."""
    deadline: float
    tasks: list[Task]
    profiles: Mapping[str, SiteProfile]
    code: Mapping[str, str]
    """By site: `derived_with`, as whoever asks has it."""


class _Idle:
    """The processes of this worker that have nothing to do, by the run that started them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pools: dict[str, list[LocalPool]] = {}
        self._over: list[str] = []

    def take(self, work: Work) -> LocalPool:
        with self._lock:
            held = self._pools.get(work.token)
            if held:
                return held.pop()
        return LocalPool(Path(work.warc), {}, jobs=1, deadline=work.deadline)

    def put_back(self, token: str, pool: LocalPool) -> None:
        with self._lock:
            if token not in self._over:
                self._pools.setdefault(token, []).append(pool)
                return
        pool.close()

    def release(self, token: str) -> None:
        with self._lock:
            self._over = [*self._over[-_KEPT_TOKENS:], token]
            ending = self._pools.pop(token, [])
        for pool in ending:
            pool.close()


_idle = _Idle()


def read_portion(work: Work) -> list[Done]:
    """Return what comes of each task. Raises ArchiveError where this worker would read otherwise than who asks."""
    _check(work)
    pool = _idle.take(work)
    try:
        pool.learn(work.profiles)
        return list(pool.read(work.tasks))
    finally:
        _idle.put_back(work.token, pool)


def release(token: str) -> None:
    """End the processes of a run that is over."""
    _idle.release(token)


def _check(work: Work) -> None:
    here = f"a Dask worker on {os.uname().nodename}"
    if not Path(work.warc).is_dir():
        raise ArchiveError(f"{work.warc}: {here} does not see this directory; share it under the same path")
    for site, profile in work.profiles.items():
        if derived_with(profile) != work.code[site]:
            raise ArchiveError(f"{here} runs another version of union-archive; install the same one and start it again")
