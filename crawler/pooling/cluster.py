"""The reading processes of a Dask cluster (extra `dask`): portions of one WARC file each are tasks of its scheduler.

A worker of Dask reads nothing itself. It keeps a process of ours (crawler.pooling.processes), so that a bad page ends
that one and never the worker, which others may be using.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.pool import DEADLINE, Done, Pool, Task
from crawler.pooling.chunks import chunks
from crawler.pooling.connection import Cluster
from crawler.pooling.worker import Work, read_portion, release
from crawler.profile import SiteProfile
from crawler.reading import derived_with

#: Tasks in a task of Dask: about half a second's work, beside which what the scheduler does is little.
CHUNK = 128
#: Tasks of Dask under way, a thread of its workers.
_UNDER_WAY = 3


class DaskPool(Pool):
    """The workers of one scheduler. Raises ArchiveError where it, or a first worker, does not answer."""

    def __init__(
        self,
        address: str,
        warc: Path,
        profiles: Mapping[str, SiteProfile],
        *,
        deadline: float = DEADLINE,
        wait: float = 10.0,
    ) -> None:
        self._token = uuid.uuid4().hex
        self._warc = str(warc.resolve())
        self._deadline = deadline
        self._profiles = profiles
        self._cluster = Cluster(address, wait)
        self._asked = self._cluster.asked

    def read(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what comes of each task, in order."""
        portions = chunks(tasks, CHUNK, by_file=True)
        under_way: deque[Any] = deque()
        most = _UNDER_WAY * self._cluster.threads
        try:
            while True:
                while len(under_way) < most and (portion := next(portions, None)) is not None:
                    under_way.append(self._submit(self._work(portion)))
                if not under_way:
                    return
                done = self._asked(under_way[0].result)
                under_way.popleft().release()
                yield from done
        finally:
            for future in under_way:
                future.release()

    def close(self) -> None:
        """End the processes of ours that wait on the workers, and leave the cluster."""
        client = self._cluster.client
        self._cluster.close(lambda: client.run(release, self._token, on_error="ignore"))

    def _work(self, portion: list[Task]) -> Work:
        """Return a portion with all that a worker needs for it: none holds anything that another could not get."""
        sites = {task.site for task in portion}
        profiles = {site: self._profiles[site] for site in sorted(sites) if site in self._profiles}
        code = {site: derived_with(profile) for site, profile in profiles.items()}
        return Work(self._token, self._warc, self._deadline, portion, profiles, code)

    def _submit(self, work: Work) -> Any:
        return self._asked(lambda: self._cluster.client.submit(read_portion, work, pure=False))
