"""warc/manifest.jsonl: the archive's closed WARC files, one JSON object a line, only ever appended to, hash-chained.

Each line names the SHA-256 of the line before: who has the hash of one line can tell whether anything before it was
changed. The file's own lock is held while a line is added.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, get_args

import orjson

from archive import clock
from archive.errors import ArchiveBusy, ArchiveError
from archive.lock import try_flock
from archive.merkle import Sums

FILE = "manifest.jsonl"
FIRST = "0" * 64
WAIT_SECONDS = 30.0

What = Literal["closed", "packed", "adopted"]
WHATS: tuple[What, ...] = get_args(What)
_COPY = "put the file back from a copy of the archive"

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `number` from 1, `at` (UTC), what happened to which `file` of warc/.

    `size` in bytes; `sha256` of the file; `records`: the root of the tree over its gzip members (archive.merkle),
    `members`: how many these are; `replaces`: the files whose bytes, one after another, a packed file is made of;
    `before`: the hash of the line before, `hash` that of this line. Hashes are SHA-256, hexadecimal.
    """

    number: int
    at: str
    what: What
    file: str
    size: int
    sha256: str
    records: str
    members: int
    before: str
    hash: str
    replaces: tuple[str, ...] = ()


def append(warc: Path, what: What, file: str, sums: Sums, replaces: Sequence[str] = ()) -> bool:
    """Add a line about a file of the directory `warc`; it is on the disk when this returns.

    What a crash left of a last line is cut off. False when the file is listed already with these bytes. Raises
    ArchiveError.
    """
    path = warc / FILE
    try:
        with _locked(path) as out:
            lines, torn = _lines(out)
            if any(line.file == file and line.sha256 == sums.sha256 for line in _known(lines)):
                return False
            values = {
                "number": len(lines) + 1,
                "at": clock.now(),
                "what": what,
                "file": file,
                "size": sums.size,
                "sha256": sums.sha256,
                "records": sums.tree.root().hex(),
                "members": sums.tree.count,
                **({"replaces": list(replaces)} if replaces else {}),
                "before": _hash(lines[-1]) if lines else FIRST,
            }
            out.truncate(out.seek(0, os.SEEK_END) - torn)
            out.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            fsync(out)
        sync_directory(warc)
    except OSError as error:
        raise ArchiveError(
            f"{path}: cannot be written ({error.strerror}); mend the cause, the next crawl lists {file}"
        ) from error
    return True


def read(path: Path) -> list[Line]:
    """Return the lines of a manifest, none where there is no file; a torn last line is no line yet.

    Raises ArchiveError that names the line that is none, or that does not follow the one before.
    """
    found: list[Line] = []
    before = FIRST
    for number, data in enumerate(_stored(path), 1):
        line = _parsed(data)
        if isinstance(line, str):
            raise ArchiveError(f"{path}: line {number} is no line of a manifest ({line}); {_COPY}")
        if (line.number, line.before) != (number, before):
            raise ArchiveError(f"{path}: line {number} does not follow the line before it; one was changed, {_COPY}")
        found.append(line)
        before = line.hash
    return found


def stored(path: Path, lines: int) -> bytes:
    """Return the first lines of a manifest as they are stored."""
    return b"".join(line + b"\n" for line in _stored(path)[:lines])


def known(warc: Path) -> dict[str, Line]:
    """Return the last line about each file of the directory `warc`; lines that cannot be read are passed over."""
    return {line.file: line for line in _known(_stored(warc / FILE))}


def adopt(warc: Path, advance: Advance = lambda _: None) -> list[str]:
    """List the closed files that are in no line: those of older archives, and of a crash before the line was written.

    Returns their names; `advance` hears of the bytes read. Raises ArchiveError.
    """
    adopted = []
    for path in unlisted(warc):
        try:
            with path.open("rb") as file:
                sums = Sums.of(file, advance)
        except FileNotFoundError:
            continue  # packed just now
        except OSError as error:
            raise ArchiveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
        if append(warc, "adopted", path.name, sums):
            adopted.append(path.name)
    return adopted


def unlisted(warc: Path) -> list[Path]:
    """Return the closed files of the directory `warc` that are in no line."""
    closed = sorted(warc.glob("*.warc.gz"))
    listed = known(warc) if closed else {}
    return [path for path in closed if path.name not in listed]


def places(lines: Iterable[Line]) -> dict[str, tuple[str, int]]:
    """Return by the name of a replaced file which file its bytes were packed into, and at which offset they begin."""
    found: dict[str, tuple[str, int]] = {}
    sizes: dict[str, int] = {}
    for line in lines:
        begin: int | None = 0
        for name in line.replaces:
            if begin is not None:
                found[name] = (line.file, begin)
                # Behind a file whose line is damaged nothing can be placed: an offset is never guessed.
                begin = begin + sizes[name] if name in sizes else None
        sizes[line.file] = line.size
    return found


def moved(warc: Path, name: str, offset: int) -> tuple[str, int] | None:
    """Return the file and offset that a record of a packed file has now; None when the file was not packed."""
    packed = places(_known(_stored(warc / FILE)))
    return resolved(packed, name, offset) if name in packed else None


def resolved(packed: Mapping[str, tuple[str, int]], name: str, offset: int) -> tuple[str, int]:
    """Return where a record lies after its file was packed, and what it was packed into as well (see `places`)."""
    for _ in packed:  # not `while`: lines that were forged could go round in a circle
        if name not in packed:
            break
        name, begin = packed[name]
        offset += begin
    return name, offset


def closed_files(warc: Path) -> list[Path]:
    """Return the closed files of the directory `warc` by name, without those whose bytes lie in a packed file too.

    Between its steps `pack` holds a file and what it was packed into: whoever reads all records reads each once.
    """
    packed = places(_known(_stored(warc / FILE)))
    found = sorted(warc.glob("*.warc.gz"))
    names = {path.name for path in found}
    return [path for path in found if path.name not in packed or resolved(packed, path.name, 0)[0] not in names]


def fsync(file: BinaryIO) -> None:
    """Bring what was written to a file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Bring the names of a directory's files to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open the manifest for appending, held by its own lock. Raises ArchiveBusy after a while."""
    with path.open("a+b") as file:
        end = time.monotonic() + WAIT_SECONDS
        while not try_flock(file):
            if time.monotonic() > end:
                raise ArchiveBusy(f"{path}: another process has held it for {WAIT_SECONDS:.0f} s; look what hangs")
            time.sleep(0.02)
        yield file


def _stored(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            return _lines(file)[0]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _lines(file: BinaryIO) -> tuple[list[bytes], int]:
    """Return the lines of a manifest without their ends, and how many bytes of an unfinished one follow them."""
    file.seek(0)
    *lines, rest = file.read().split(b"\n")
    return lines, len(rest)


def _known(lines: Iterable[bytes]) -> Iterator[Line]:
    return (line for line in map(_parsed, lines) if isinstance(line, Line))


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


_TYPES = {
    "number": int, "at": str, "what": str, "file": str, "size": int, "sha256": str, "records": str, "members": int,
    "before": str,
}  # fmt: skip


def _parsed(data: bytes) -> Line | str:
    """Return a line, or what is wrong with it."""
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return str(error)
    if not isinstance(values, dict):
        return "not an object"
    replaces = values.pop("replaces", [])
    if values.keys() != _TYPES.keys():
        return f"its keys must be {', '.join(_TYPES)}, for packed files replaces"
    if wrong := [name for name, type_ in _TYPES.items() if type(values[name]) is not type_]:
        return f"{wrong[0]} has another type"
    if not isinstance(replaces, list) or not all(isinstance(name, str) for name in replaces):
        return "replaces must be a list of names"
    if values["what"] not in WHATS or bool(replaces) != (values["what"] == "packed"):
        return f"what must be one of {', '.join(WHATS)}, and packed files alone replace others"
    if any("/" in name for name in (values["file"], *replaces)):
        return "a file's name holds no /"
    return Line(**values, hash=_hash(data), replaces=tuple(replaces))
