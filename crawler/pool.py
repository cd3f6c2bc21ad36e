"""Stored captures read in parallel, in order: by processes of this machine, or by those of a Dask cluster.

A task is sent as positions in `warc/`; the process reads the records itself, so that the bytes of pages never cross to
whoever asked. A page that hangs a process, crashes it or fills its memory costs itself alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.payload import HTTPResponse
from crawler.families.base import Entry
from crawler.families.numbering import Place
from crawler.profile import SiteProfile
from crawler.reading import Kind, Reading
from crawler.worker import DEADLINE

__all__ = ["DEADLINE", "Done", "Pool", "Spot", "Task", "distributed", "local"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page's record lies in `warc/` (file name, byte offset), and what is known of the page besides.

    Of a capture whose payload is that of an earlier one, it is the record that holds the payload. `url` and
    `fetched_at` are the page's (crawler.reading.Page).
    """

    warc: str
    offset: int
    kind: Kind
    url: str
    fetched_at: datetime
    listing: Entry | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One listing page, or the pages of one article in order; `site` is the id of their profile."""

    site: str
    pages: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task. `head` is the first page's response without its payload; None: its record is unreadable.

    What went wrong is `reading.error`, in one line.
    """

    head: HTTPResponse | None
    reading: Reading


class Pool(ABC):
    """Reads tasks. One `read` at a time; also a context manager."""

    @abstractmethod
    def read(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what comes of each task, in order; only so many tasks are taken ahead as keep the processes busy.

        Raises ArchiveError when the processes cannot be started or reached, never for a bad page.
        """

    @abstractmethod
    def close(self) -> None:
        """End the processes, whatever they are doing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def local(warc: Path, profiles: Mapping[str, SiteProfile], *, jobs: int, deadline: float = DEADLINE) -> Pool:
    """Return a pool of `jobs` processes of this machine, which start with the first task.

    `warc` is the archive's directory of WARC files, `deadline` the seconds that reading one task may take.
    """
    from crawler.pooling.processes import LocalPool

    return LocalPool(warc, profiles, jobs=jobs, deadline=deadline)


def distributed(
    address: str, warc: Path, profiles: Mapping[str, SiteProfile], *, deadline: float = DEADLINE, wait: float = 10.0
) -> Pool:
    """Return a pool of the workers of the Dask scheduler at `address` (`tcp://host:8786`).

    They see `warc` under the same path. `wait`: seconds that the scheduler, and a first worker, may take to answer.
    Raises ArchiveError where they do not, or the extra `dask` is not installed.
    """
    from crawler.pooling.cluster import DaskPool

    return DaskPool(address, warc, profiles, deadline=deadline, wait=wait)
