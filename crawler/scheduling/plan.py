"""The plan: which program is run for which archive, and how often."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError

#: How often to look what is due, in minutes: what divides an hour or a day, so that a crontab can say it too.
EVERY = {
    "5m": 5, "10m": 10, "15m": 15, "20m": 20, "30m": 30,
    "1h": 60, "2h": 120, "3h": 180, "4h": 240, "6h": 360, "8h": 480, "12h": 720, "1d": 1440,
}  # fmt: skip
USUAL = "1h"
PROGRAM = "union-archive"
#: The project's own folder or site-packages: where Python finds the package `crawler`.
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to run. `archive` is a whole path; `program` the words that start the command `union-archive`."""

    archive: Path
    program: tuple[str, ...]
    every: int = EVERY[USUAL]
    """Minutes between two looks at what is due, a value of EVERY."""
    at: int = 0
    """The minute of the hour."""
    watch: bool = False
    """Whether one process goes on for ever (`watch`), instead of many that each crawl what is due."""

    @property
    def name(self) -> str:
        """What the units of this archive are called, without `.service` and `.timer`."""
        return name_of(self.archive)

    @property
    def task(self) -> tuple[str, ...]:
        """The command's own words, after `--archive DIR`."""
        return ("watch",) if self.watch else ("crawl", "--due")

    @property
    def minutes(self) -> str:
        """The minutes of an hour in which it begins, as crontabs and systemd write them: `2,17,32,47`."""
        found = {(self.at + late) % 60 for late in range(0, 60, min(self.every, 60))}
        return ",".join(map(str, sorted(found)))


def make(archive: Path, every: int, at: int | None, *, watch: bool = False) -> Plan:
    """Return the plan for an archive. Without a minute its digest gives one, so that not all archives begin at once.

    Raises ArchiveError when a path holds what neither a unit nor a crontab can say.
    """
    archive = whole(archive)
    program = this_program()
    for word in (str(archive), *program):
        require_plain(word)
    if at is None:
        at = int(_digest(archive), 16) % 60
    return Plan(archive, program, every, at, watch)


def whole(path: Path) -> Path:
    """Return a path from the root. A `..` is followed on the disk; other links stay as the person named them."""
    return path.resolve() if ".." in path.parts else path.absolute()


def name_of(archive: Path) -> str:
    """Return the name of an archive's units: its directory's, with a digest, because two may have the same."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", archive.name).strip("-").lower()[:32].strip("-") or "archive"
    return f"{PROGRAM}-{stem}-{_digest(archive)}"


def _digest(archive: Path) -> str:
    return hashlib.sha256(os.fsencode(archive)).hexdigest()[:8]


def this_program() -> tuple[str, ...]:
    """Return the words that start this command again, from any directory."""
    for path in (Path(sys.argv[0]), Path(sys.executable).parent / PROGRAM):
        if path.name == PROGRAM and path.is_file() and os.access(path, os.X_OK):
            return (str(whole(path)),)
    return ("/usr/bin/env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "crawler.cli")


def require_plain(path: str) -> None:
    """Raise ArchiveError for a path with a control character, such as the end of a line, or one that is not UTF-8."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        raise ArchiveError(
            f"{path!a}: has a character that no unit and no crontab can hold (a line's end, another control "
            "character, or a byte that is not UTF-8); rename it"
        )
