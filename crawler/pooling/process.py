"""Runs as one reading process of a pool: takes positions in `warc/`, reads the records and what they hold.

Started as `python -m crawler.pooling.process DEADLINE PARENT WARC`.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from archive.errors import ArchiveError
from archive.payload import HTTPResponse, PayloadError
from archive.warc import read_record
from crawler import child
from crawler.pool import Done, Spot, Task
from crawler.profile import SiteProfile
from crawler.reading import Page, Reading, read


def serve(source: BinaryIO, sink: BinaryIO, warc: Path, deadline: float) -> None:
    """Answer every task from `source` with one Done to `sink`, until `source` ends.

    A message is tasks, the profiles that they are the first to need, and whether of the first one only the head is
    wanted, since reading the page has ended two processes.
    """
    child.warm_up()
    profiles: dict[str, SiteProfile] = {}
    child.send(sink, "ready")
    while (message := child.receive(source)) is not None:
        tasks, needed, head_only = message
        profiles.update(needed)
        for task in tasks:
            child.send(sink, done_with(task, warc, profiles.get(task.site), None if head_only else deadline))
            head_only = False


def done_with(task: Task, warc: Path, profile: SiteProfile | None, deadline: float | None) -> Done:
    """Read one task within `deadline` seconds; without one, only the head of its first record."""
    head: HTTPResponse | None = None
    pages: list[Page] = []
    try:
        for spot in task.pages:
            http = _response(warc, spot)
            head = head or replace(http, payload=b"")
            if deadline is None:
                return Done(head, Reading())
            pages.append(_page(spot, http))
    except MemoryError:
        os._exit(child.NO_MEMORY)
    except _Unreadable as error:
        return Done(head, Reading(error=str(error)))
    assert deadline is not None
    return Done(head, child.refused(pages) or child.read_within(read, pages, profile, deadline))


class _Unreadable(Exception):
    """A record that cannot be read, or holds no content: in one line, with URL and file."""


def _response(warc: Path, spot: Spot) -> HTTPResponse:
    try:
        return read_record(warc, spot.warc, spot.offset).http
    except ArchiveError as error:
        raise _Unreadable(f"{spot.url}: {error}") from error
    except PayloadError as error:
        raise _Unreadable(f"{spot.url}: {error}; the record at {spot.offset} of {spot.warc}") from error


def _page(spot: Spot, http: HTTPResponse) -> Page:
    try:
        content = http.content()
    except PayloadError as error:
        raise _Unreadable(f"{spot.url}: {error}; the record at {spot.offset} of {spot.warc}") from error
    return Page(spot.kind, content, spot.url, spot.fetched_at, http.header("Content-Type"), spot.listing, spot.place)


def main() -> None:
    """Run as the reading process: limits first, then tasks from standard input."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    source, sink = child.become_reader(int(sys.argv[2]))
    serve(source, sink, Path(sys.argv[3]), float(sys.argv[1]))


if __name__ == "__main__":
    main()
