"""The archive's clock: what time it is, for everything that is written down or planned, UTC.

The variable UNION_ARCHIVE_CLOCK names a file that holds the time instead (ISO 8601, with its zone): years of crawling
can then be tried in minutes. Waits between two requests are never taken from here, they are seconds of this machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import ArchiveError

VARIABLE = "UNION_ARCHIVE_CLOCK"

_source: Callable[[], datetime] | None = None


def utcnow() -> datetime:
    """Return the time, with zone UTC. Raises ArchiveError when the file of UNION_ARCHIVE_CLOCK holds none."""
    if _source is not None:
        return _source()
    path = os.environ.get(VARIABLE)
    return _from_file(Path(path)) if path else datetime.now(UTC)


def now() -> str:
    """Return the time as the archive writes it: `2026-05-25T07:05:00Z`, UTC, whole seconds."""
    return stamp(utcnow())


def stamp(moment: datetime) -> str:
    """Write a moment (with a zone) as the archive does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Read a moment that the archive wrote."""
    return datetime.fromisoformat(text)


@contextmanager
def using(source: Callable[[], datetime]) -> Iterator[None]:
    """Have this process take the time from `source`, which gives it with zone UTC, until the block ends."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


def _from_file(path: Path) -> datetime:
    try:
        found = datetime.fromisoformat(path.read_text(encoding="ascii").strip())
        if found.tzinfo is None:
            raise ValueError("it has no zone")
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path}: {VARIABLE} names it, but it holds no time such as 2026-05-25T07:05:00Z") from error
    return found.astimezone(UTC)
