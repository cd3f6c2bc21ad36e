"""The reading processes of a Dask cluster (extra `dask`): portions of one WARC file each are tasks of its scheduler.

A worker of Dask reads nothing itself. It keeps a process of ours (crawler.pooling.processes), so that a bad page ends
that one and never the worker, which others may be using.
"""

from __future__ import annotations

import importlib
import logging
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from crawler.pool import DEADLINE, Done, Pool, Task
from crawler.pooling.chunks import chunks
from crawler.pooling.worker import Work, read_portion, release
from crawler.profile import SiteProfile
from crawler.reading import derived_with

#: Tasks in a task of Dask: about half a second's work, beside which what the scheduler does is little.
CHUNK = 128
#: Tasks of Dask under way, a thread of its workers.
_UNDER_WAY = 3
#: What is raised when the scheduler has gone: OSError is what Dask's CommClosedError and its time-outs are.
_GONE = (CancelledError, OSError)
_CLOSE_SECONDS = 2.0


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
        self.address = address
        self._token = uuid.uuid4().hex
        self._warc = str(warc.resolve())
        self._deadline = deadline
        self._profiles = profiles
        self._dask = _import()
        self._client = self._connect(wait)

    def read(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what comes of each task, in order."""
        portions = chunks(tasks, CHUNK, by_file=True)
        under_way: deque[Any] = deque()
        most = _UNDER_WAY * max(1, sum(self._asked(self._client.nthreads).values()))
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
        client, self._client = self._client, None
        if client is None:
            return
        try:
            if client.status == "running":
                client.run(release, self._token, on_error="ignore")
        except _GONE:
            pass  # `read` tells of it; the processes of ours end with their workers
        finally:
            client.close(timeout=_CLOSE_SECONDS)

    def _work(self, portion: list[Task]) -> Work:
        """Return a portion with all that a worker needs for it: none holds anything that another could not get."""
        sites = {task.site for task in portion}
        profiles = {site: self._profiles[site] for site in sorted(sites) if site in self._profiles}
        code = {site: derived_with(profile) for site, profile in profiles.items()}
        return Work(self._token, self._warc, self._deadline, portion, profiles, code)

    def _submit(self, work: Work) -> Any:
        return self._asked(lambda: self._client.submit(read_portion, work, pure=False))

    def _connect(self, wait: float) -> Any:
        """Return a client of the scheduler once a worker is there."""
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a lost scheduler is told in one line, by us
        try:
            client = self._dask.Client(self.address, timeout=wait, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ArchiveError(
                f"{self.address}: no Dask scheduler answers ({_line(error)}); start one with `dask scheduler`, "
                "or leave --dask out"
            ) from error
        try:
            client.wait_for_workers(1, timeout=wait)
        except TimeoutError as error:
            client.close(timeout=_CLOSE_SECONDS)
            raise ArchiveError(
                f"{self.address}: the Dask scheduler has no worker; start some with `dask worker {self.address}`"
            ) from error
        return client

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Ask something of the cluster. Raises ArchiveError when it is gone, or cannot do it."""
        try:
            return ask()
        except ArchiveError:
            raise
        except self._dask.KilledWorker as error:
            raise ArchiveError(
                f"{self.address}: workers of Dask ended over and over ({_line(error)}); give them more memory"
            ) from error
        except _GONE as error:
            raise ArchiveError(
                f"{self.address}: the Dask scheduler is gone ({_line(error)}); start it and run this again"
            ) from error
        except (ImportError, RuntimeError) as error:
            raise ArchiveError(
                f"{self.address}: the Dask cluster cannot do this ({_line(error)}); "
                "install the same union-archive with its extra `dask` for the scheduler and its workers"
            ) from error


def _import() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ArchiveError(
            f"--dask needs the package `distributed` ({error}); install union-news-archive[dask]"
        ) from error


def _line(error: BaseException) -> str:
    """Return what an error says, in one line, shortened."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= 200 else said[:199] + "…"
