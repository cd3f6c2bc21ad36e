"""decisions.jsonl: what a person decided, one JSON object a line, only ever appended to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock

WAIT_SECONDS = 30.0

What = Literal["restrict", "lift"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: when (UTC), what, about which article (`uid`) or `site`, why, and by whom if that was told."""

    at: str
    what: What
    reason: str
    uid: str | None = None
    site: str | None = None
    by: str | None = None

    @property
    def about(self) -> str:
        """The uid or the site."""
        return self.uid or self.site or ""


def append(directory: ArchiveDirectory, decision: Decision) -> None:
    """Write a decision to the end of the file; it is on the disk when this returns.

    What a crash left of a line is cut off: it was never acted upon. Raises ArchiveError.
    """
    path = directory.decisions
    line = json.dumps(
        {name: value for name, value in asdict(decision).items() if value is not None}, ensure_ascii=False
    )
    with lock(directory.locks / "decisions.lock", str(path), wait=WAIT_SECONDS):
        known, torn = read(path)
        try:
            with path.open("ab") as file:
                if torn is not None:
                    file.truncate(file.tell() - torn)
                elif known and not path.read_bytes().endswith(b"\n"):
                    file.write(b"\n")
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            sync_directory(path.parent)
        except OSError as error:
            raise ArchiveError(f"{path}: cannot be written ({error.strerror}); nothing was decided") from error


def read(path: Path) -> tuple[list[Decision], int | None]:
    """Return the decisions, oldest first, and how many bytes of a torn last line follow them (None: no such line).

    A file that is not there holds none. Raises ArchiveError for any other line that is no decision: to pass it over
    could show what was to be hidden.
    """
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    found: list[Decision] = []
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_decision(json.loads(line)))
        except (ValueError, TypeError) as error:
            if number == len(lines):
                return found, len(line)
            raise ArchiveError(f"{path}: line {number} is no decision ({error}); mend it by hand") from error
    return found, None


def torn_line(directory: ArchiveDirectory) -> str | None:
    """Return what is to be said of a torn last line, None where there is none."""
    path = directory.decisions
    if read(path)[1] is None:
        return None
    return f"{path}: the last line is torn, a crash cut it off; what it decided was not carried out, decide it again"


def in_force(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Return what is restricted by these decisions: by uid or site, the decision that restricted it."""
    found: dict[str, Decision] = {}
    for decision in decisions:
        if decision.what == "restrict":
            found[decision.about] = decision
        else:
            found.pop(decision.about, None)
    return found


def sync_directory(path: Path) -> None:
    """Bring the names of a directory's files to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _decision(values: object) -> Decision:
    if not isinstance(values, dict):
        raise ValueError("not an object")
    decision = Decision(**values)
    if decision.what not in ("restrict", "lift") or bool(decision.uid) == bool(decision.site):
        raise ValueError("it must restrict or lift, one uid or one site")
    return decision
