"""Whether the closed WARC files are those that the manifest lists, and whether its chain is unbroken."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from archive import manifest
from archive.errors import ArchiveError
from archive.problems import Problem, Report

_COPY = "put the file back from a copy of the archive"


def check(warc: Path, report: Report, *, told: Collection[str] = (), advance: manifest.Advance = lambda _: None) -> int:
    """Check the manifest of the directory `warc` and each file it lists; return how many lines it has.

    `told` are files whose faults were reported already; `advance` hears of the bytes read. The last line about a file
    counts: one that a crash had opened again has two.
    """
    path = warc / manifest.FILE
    try:
        lines = manifest.read(path)
    except ArchiveError as error:
        what, _, fix = str(error).removeprefix(f"{path}: ").rpartition("; ")
        report(Problem(str(path), what, fix))
        return 0
    packed = manifest.places(lines)
    missing: list[manifest.Line] = []
    for line in {line.file: line for line in lines}.values():
        if line.file in packed or line.file in told:
            continue
        try:
            _check_file(warc / line.file, line, report, advance)
        except FileNotFoundError:
            missing.append(line)
    # What `pack` has removed while this went on is not missing, nor what it has listed and not yet named.
    packed = manifest.places(manifest.known(warc).values()) if missing else {}
    for line in missing:
        begun = line.replaces and all((warc / name).exists() for name in line.replaces)
        if line.file not in packed and not begun:
            what = f"line {line.number} of the manifest lists it, it is missing"
            report(Problem(str(warc / line.file), what, _COPY))
    return len(lines)


def _check_file(path: Path, line: manifest.Line, report: Report, advance: manifest.Advance) -> None:
    """Check one file. Raises FileNotFoundError when it is missing."""
    sha256, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while data := file.read(1 << 20):
                sha256.update(data)
                size += len(data)
                advance(len(data))
    except FileNotFoundError:
        raise
    except OSError as error:
        report(Problem(str(path), f"cannot be read ({error.strerror})", "check its permissions"))
        return
    if (size, sha256.hexdigest()) != (line.size, line.sha256):
        report(Problem(str(path), f"is not the file that line {line.number} of the manifest lists", _COPY))
