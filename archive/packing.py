"""Packing: small closed WARC files are joined into greater ones, byte for byte, and the rows of `captures` follow.

A packed file is its sources one after another, so a record moves by the length of what lies before its source. The
order of the steps makes each kill harmless: the new file is written aside as `….packing`, read back and checked; its
line in the manifest says what it replaces; it gets its name; the rows are changed in one transaction; then the sources
are removed. The next `pack` finishes whatever has a line and throws away what has none. Readers that hold an old name
find the record by that line (archive.warc.place), so sources need not be kept for them.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlite_utils import Database

from archive import manifest
from archive.database import transaction
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock
from archive.manifest import Line
from archive.members import Fault, record_faults, walk
from archive.merkle import Sums
from archive.problems import Problem
from archive.warcfile import MAX_BYTES

SUFFIX = ".packing"
#: A crawl commits its rows moments after it wrote their records; a file this old has none that are still to come.
SETTLED_SECONDS = 600
_CHUNK = 1 << 20
_COPY = "it is left as it is; put the file back from a copy of the archive"

Advance = Callable[[int], object]
Step = Callable[[str], object]
"""Hears which step comes next: tests end the process there."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A packed file, its bytes, and the files it was made of."""

    file: str
    size: int
    replaces: tuple[str, ...]


@dataclass(slots=True)
class Packing:
    """What was done: `finished` were begun by a `pack` that was killed; `young` files are small but just closed."""

    joined: list[Joined] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    young: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Work:
    """What the steps of one packing share."""

    warc: Path
    db: Database
    packing: Packing
    advance: Advance
    step: Step


def plan(directory: ArchiveDirectory, below: int, *, most: int = MAX_BYTES) -> tuple[list[list[Path]], int]:
    """Return which closed files of less than `below` bytes would be joined, by name, and how many are too young."""
    groups: list[list[Path]] = [[]]
    size = young = 0
    for path in manifest.closed_files(directory.warc):
        stat = path.stat()
        if stat.st_size >= below:
            continue
        if time.time() - stat.st_mtime < SETTLED_SECONDS:
            young += 1
            continue
        if size + stat.st_size > most:
            groups.append([])
            size = 0
        groups[-1].append(path)
        size += stat.st_size
    return [group for group in groups if len(group) > 1], young


def pack(
    directory: ArchiveDirectory,
    below: int,
    *,
    most: int = MAX_BYTES,
    advance: Advance = lambda _: None,
    step: Step = lambda _: None,
) -> Packing:
    """Join the closed files of less than `below` bytes into files of up to `most`; crawls may run meanwhile.

    `advance` hears of bytes: each that is packed is copied and then read back. Raises ArchiveError when the archive
    cannot be written, another `pack` runs, or the manifest is damaged: a source that is damaged is left and told.
    """
    directory.require()
    warc = directory.warc
    with held(directory), closing(directory.open_database()) as db:
        manifest.read(warc / manifest.FILE)  # a damaged one must not say where records are
        manifest.adopt(warc)
        work = _Work(warc, db, Packing(), advance, step)
        try:
            _clean(work)
            groups, work.packing.young = plan(directory, below, most=most)
            for group in groups:
                _join(work, group)
        except OSError as error:
            at = error.filename or warc
            raise ArchiveError(f"{at}: {error.strerror}; mend the cause and pack again: nothing is lost") from error
    return work.packing


@contextmanager
def held(directory: ArchiveDirectory) -> Iterator[None]:
    """Keep any other process from packing while the block runs. Raises ArchiveBusy."""
    with lock(directory.locks / "pack.lock", str(directory.warc)):
        yield


def _clean(work: _Work) -> None:
    """Finish what a killed `pack` has begun; remove what it had not listed yet."""
    lines = manifest.read(work.warc / manifest.FILE)
    packed = manifest.places(lines)
    for line in lines:
        begun = any((work.warc / name).exists() for name in line.replaces) or not (work.warc / line.file).exists()
        if line.what == "packed" and line.file not in packed and begun:
            _finish(work, line)
            work.packing.finished.append(line.file)
    for path in work.warc.glob("*" + SUFFIX):
        path.unlink()
    named = {row[0] for row in work.db.execute("SELECT DISTINCT warc FROM captures")}
    _move(work, sorted(named & packed.keys()))


def _join(work: _Work, group: Sequence[Path]) -> None:
    """Pack one group, without those of its files that turn out to be damaged."""
    known = manifest.known(work.warc)
    name = _free_name(group[0].name, known)
    part = work.warc / (name + SUFFIX)
    try:
        sound = _written(work, part, [known[path.name] for path in group if path.name in known])
        if len(sound) > 1:
            with part.open("rb") as file:
                sums = Sums.of(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    if len(sound) < 2:
        part.unlink(missing_ok=True)
        return
    replaces = [line.file for line in sound]
    work.step("listed")
    manifest.append(work.warc, "packed", name, sums, replaces)
    _finish(work, manifest.known(work.warc)[name])
    work.packing.joined.append(Joined(name, sums.size, tuple(replaces)))


def _written(work: _Work, part: Path, lines: Sequence[Line]) -> list[Line]:
    """Write the bytes of these files into `part` and read them back until all are sound; return whose they are."""
    left = list(lines)
    while len(left) > 1:
        work.step("copied")
        with part.open("wb") as out:
            bad = {line.file: what for line in left if (what := _copied(work, line, out))}
            work.step("synced")
            manifest.fsync(out)
        work.step("checked")
        bad = bad or _damaged(part, left, work.advance)
        if not bad:
            break
        work.packing.problems += [Problem(str(work.warc / name), what, _COPY) for name, what in bad.items()]
        left = [line for line in left if line.file not in bad]
    return left


def _copied(work: _Work, line: Line, out: BinaryIO) -> str | None:
    """Append a file's bytes; return what is wrong when they are not those of its line."""
    sha256 = hashlib.sha256()
    with (work.warc / line.file).open("rb") as file:
        while data := file.read(_CHUNK):
            sha256.update(data)
            out.write(data)
            work.advance(len(data))
    return None if sha256.hexdigest() == line.sha256 else f"it is not what line {line.number} of the manifest lists"


def _damaged(part: Path, lines: Sequence[Line], advance: Advance) -> dict[str, str]:
    """Read every record back; return by file what is wrong with its records."""
    ends: list[tuple[int, str]] = []
    for line in lines:
        ends.append(((ends[-1][0] if ends else 0) + line.size, line.file))
    found: dict[str, str] = {}
    with part.open("rb") as file:
        for record, length in walk(file):
            advance(length)
            faults = [record.what] if isinstance(record, Fault) else record_faults(record)
            if faults:
                name = next(name for end, name in ends if record.offset < end)
                found.setdefault(name, f"a record in it is damaged: {faults[0]}")
    return found


def _finish(work: _Work, line: Line) -> None:
    """Carry out what a `packed` line says, from wherever it was left."""
    target, part = work.warc / line.file, work.warc / (line.file + SUFFIX)
    if not _is_whole(target, line):
        if not _is_whole(part, line):
            _rebuild(work, line, part)
        work.step("named")
        part.replace(target)
        manifest.sync_directory(work.warc)
    work.step("moved")
    _move(work, line.replaces)
    for name in line.replaces:
        work.step("removed")
        (work.warc / name).unlink(missing_ok=True)
    manifest.sync_directory(work.warc)


def _is_whole(path: Path, line: Line) -> bool:
    """Say whether a file is the one that a line lists."""
    if not path.exists() or path.stat().st_size != line.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == line.sha256


def _rebuild(work: _Work, line: Line, part: Path) -> None:
    """Write a packed file that was lost once more from its sources."""
    if all((work.warc / name).exists() for name in line.replaces):
        with part.open("wb") as out:
            for name in line.replaces:
                with (work.warc / name).open("rb") as file:
                    while data := file.read(_CHUNK):
                        out.write(data)
            manifest.fsync(out)
    if not _is_whole(part, line):
        raise ArchiveError(
            f"{work.warc / line.file}: line {line.number} of the manifest lists it, but it is missing or altered, and "
            "cannot be made again; put it back from a copy of the archive"
        )


def _move(work: _Work, names: Iterable[str]) -> None:
    """Have the rows of these files name what they were packed into, in one transaction."""
    packed = manifest.places(manifest.read(work.warc / manifest.FILE))
    with transaction(work.db) as connection:
        for name in names:
            target, begin = manifest.resolved(packed, name, 0)
            if (work.warc / target).exists():
                sql = "UPDATE captures SET warc = ?, offset = offset + ? WHERE warc = ?"
                connection.execute(sql, [target, begin, name])


def _free_name(first: str, known: Iterable[str]) -> str:
    """Return a name that no file has had, sorted where the first of the packed files was."""
    stem = re.sub(r"-p\d+$", "", first.removesuffix(".warc.gz"))
    taken = set(known)
    number = 1
    while (name := f"{stem}-p{number}.warc.gz") in taken:
        number += 1
    return name
