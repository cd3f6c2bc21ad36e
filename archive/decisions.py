"""decisions.jsonl: what a person decided, one JSON object a line, only ever appended to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock
from archive.manifest import sync_directory

WAIT_SECONDS = 30.0

What = Literal["restrict", "lift", "accept", "withdrawn", "not-withdrawn", "undated", "damaged"]
WHATS: tuple[What, ...] = get_args(What)
#: What `restrict` decides, and what `review` decides of one article.
RESTRICTING: frozenset[What] = frozenset({"restrict", "lift"})
OF_ARTICLES: frozenset[What] = frozenset({"withdrawn", "not-withdrawn", "undated", "damaged"})

Question = tuple[str, str, str, str]
"""What `review` asks a person: a kind, the site or uid that it is about, a section or "", since when or ""."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: when (UTC), what, about which article (`uid`) or `site`, why, and by whom if that was told.

    `reason` may be empty, but for `restrict` and `lift`. `accept` says of what: a `kind` of incident, its `section` and
    the `names` in its facts; or a `draft`. `since` tells which withdrawal of an article is meant, or which draft.
    """

    at: str
    what: What
    reason: str = ""
    uid: str | None = None
    site: str | None = None
    by: str | None = None
    kind: str | None = None
    section: str | None = None
    since: str | None = None
    names: tuple[str, ...] | None = None

    @property
    def about(self) -> str:
        """The uid or the site."""
        return self.uid or self.site or ""

    @property
    def question(self) -> Question:
        """What it answers."""
        kind = self.kind or self.what.removeprefix("not-")
        return kind, self.about, self.section or "", self.since or ""


def append(directory: ArchiveDirectory, *decisions: Decision) -> None:
    """Write decisions to the end of the file; they are on the disk when this returns.

    What a crash left of a line is cut off: it was never acted upon. Raises ArchiveError.
    """
    path = directory.decisions
    lines = "".join(_line(decision) for decision in decisions)
    with lock(directory.locks / "decisions.lock", str(path), wait=WAIT_SECONDS):
        known, torn = read(path)
        try:
            with path.open("ab") as file:
                if torn is not None:
                    file.truncate(file.tell() - torn)
                elif known and not path.read_bytes().endswith(b"\n"):
                    file.write(b"\n")
                file.write(lines.encode())
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
        elif decision.what == "lift":
            found.pop(decision.about, None)
    return found


def answers(decisions: Iterable[Decision]) -> dict[Question, Decision]:
    """Return what `review` has been told: by question, the last decision about it."""
    return {decision.question: decision for decision in decisions if decision.what not in RESTRICTING}


def _line(decision: Decision) -> str:
    told = {name: value for name, value in asdict(decision).items() if value is not None}
    return json.dumps(told, ensure_ascii=False) + "\n"


def _decision(values: object) -> Decision:
    if not isinstance(values, dict):
        raise ValueError("not an object")
    names = values.pop("names", [])
    if not isinstance(names, list) or not all(isinstance(value, str) for value in (*values.values(), *names)):
        raise ValueError("its values must be text, names a list of text")
    decision = Decision(**values, names=tuple(names) or None)
    if decision.what not in WHATS or bool(decision.uid) == bool(decision.site):
        raise ValueError(f"it must be one of {', '.join(WHATS)}, about one uid or one site")
    if decision.what in RESTRICTING and "reason" not in values:
        raise ValueError(f"{decision.what} needs its reason")
    if decision.what in OF_ARTICLES and not decision.uid:
        raise ValueError(f"{decision.what} must name a uid")
    if decision.what == "accept" and not (decision.site and decision.kind):
        raise ValueError("accept must name a site and a kind")
    return decision
