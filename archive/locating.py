"""Where a WARC file lies: under its name, still being written, packed into another one, or in another archive.

A file `also` in a directory of WARC files holds the path of another such directory, in one line. What lies there can be
read by the names of its files; nothing takes it for this directory's own (`verify`, `merge`, the manifest). So a shard
of a crawl reads what the archive holds, without a copy of it.
"""

from __future__ import annotations

from pathlib import Path

from archive import manifest
from archive.errors import ArchiveError

OPEN_SUFFIX = ".open"
ALSO = "also"


def locate(directory: Path, name: str) -> Path:
    """Return where a WARC file lies now: under its name, or still being written. Raises ArchiveError if nowhere."""
    path = directory / name
    if path.exists():
        return path
    still_open = directory / (name + OPEN_SUFFIX)
    if still_open.exists():
        return still_open
    if path.exists():  # its writer closed it between the two looks
        return path
    other = also(directory)
    if other is not None:
        return locate(other, name)
    raise ArchiveError(f"{path}: the file is missing; put it back from a copy of the archive")


def place(directory: Path, name: str, offset: int) -> tuple[Path, int]:
    """Return the file and the offset where a record lies now: those given, or, once that was packed, its new ones.

    Who read a row before `pack` moved it, or kept it for years in a citation, still finds the record. Raises
    ArchiveError when neither file is there.
    """
    try:
        return locate(directory, name), offset
    except ArchiveError:
        moved = manifest.moved(directory, name, offset)
        if moved is not None:
            return locate(directory, moved[0]), moved[1]
        other = also(directory)
        if other is None:
            raise
        return place(other, name, offset)


def also(directory: Path) -> Path | None:
    """Return the other directory that is to be looked in; None where there is none. Raises ArchiveError."""
    path = directory / ALSO
    try:
        told = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise ArchiveError(f"{path}: cannot be read ({error}); remove it, or put it back") from error
    other = Path(told)
    if not told or other.resolve() == directory.resolve() or (other / ALSO).exists():
        raise ArchiveError(f"{path}: must name another directory of WARC files, which has no such file itself")
    return other
