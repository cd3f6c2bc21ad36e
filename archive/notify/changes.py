"""What is to be told: incidents that make a site fail, once when one began and once when it ended.

`incidents.told` says what every channel was told (0 nothing, 1 that it began, 2 that it ended, or that there is nothing
more to tell). What one channel took while another failed stands in notify.json until that one took it too.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from archive.health import Incident
from archive.health.incidents import incident

State = Literal["began", "ended"]
Key = tuple[int, str, State]
"""An incident's id and `noticed_at` (ids are used again), and what of it was told."""
Taken = Mapping[str, frozenset[Key]]
"""By channel, what it took and others did not yet."""

_COLUMNS = ", ".join(field.name for field in fields(Incident))
# Few: what is told is 1 while it lasts, 2 when it is over.
_OPEN = f"SELECT {_COLUMNS}, told FROM incidents WHERE ended_at IS NULL AND told = 0 ORDER BY began_at, id"
_ENDED = f"SELECT {_COLUMNS}, told FROM incidents WHERE ended_at IS NOT NULL AND told < 2 ORDER BY ended_at, id"


@dataclass(frozen=True, slots=True)
class Change:
    """That an incident began, or ended."""

    incident: Incident
    state: State


@dataclass(frozen=True, slots=True)
class Untold:
    """An incident of which not every channel was told all there is to tell."""

    incident: Incident
    told: int

    def heard(self, state: State, taken: frozenset[Key]) -> bool:
        """Say whether a channel was told that it began, or ended."""
        return self.told >= (1 if state == "began" else 2) or self._key(state) in taken

    def change(self, taken: frozenset[Key]) -> Change | None:
        """Return what a channel is to be told; what ended before it was told that it began is not told at all."""
        if self.incident.severity != "bad":
            return None
        if self.incident.ended_at is None:
            return None if self.heard("began", taken) else Change(self.incident, "began")
        wanted = self.heard("began", taken) and not self.heard("ended", taken)
        return Change(self.incident, "ended") if wanted else None

    def _key(self, state: State) -> Key:
        return (self.incident.id, self.incident.noticed_at, state)


def untold(connection: sqlite3.Connection) -> list[Untold]:
    """Return the incidents of which there may be something to tell: those that began, then those that ended."""
    rows = [tuple(row) for query in (_OPEN, _ENDED) for row in connection.execute(query)]
    return [Untold(incident(row[:-1]), row[-1]) for row in rows]


def pending(connection: sqlite3.Connection, taken: frozenset[Key] = frozenset()) -> list[Change]:
    """Return what is to be told to a channel that took `taken` besides."""
    return [change for one in untold(connection) if (change := one.change(taken)) is not None]


def keys(changes: Iterable[Change]) -> frozenset[Key]:
    """Return by what is remembered that a channel took these changes."""
    return frozenset((one.incident.id, one.incident.noticed_at, one.state) for one in changes)


def settle(connection: sqlite3.Connection, taken: Taken) -> Taken:
    """Write into `told` what every channel of `taken` has taken; return what only some of them have."""
    left: dict[str, set[Key]] = {channel: set() for channel in taken}
    for one in untold(connection):
        told = _told(one, taken)
        if told == one.told:
            mine = {(one.incident.id, one.incident.noticed_at, state) for state in ("began", "ended")}
            for channel, held in taken.items():
                left[channel] |= {key for key in held if key in mine}
        else:
            connection.execute(
                "UPDATE incidents SET told = ? WHERE id = ? AND noticed_at = ? AND told = ?",
                [told, one.incident.id, one.incident.noticed_at, one.told],
            )
    return {channel: frozenset(held) for channel, held in left.items()}


def _told(one: Untold, taken: Taken) -> int:
    """Return what `told` is to be: a channel that was never told of an incident is not told of its end."""
    if one.incident.ended_at is None:
        everybody = one.incident.severity == "bad" and all(one.heard("began", held) for held in taken.values())
        return 1 if everybody else one.told
    over = all(one.change(held) is None for held in taken.values())
    return 2 if over else one.told


def read_taken(path: Path, channels: Iterable[str]) -> Taken:
    """Return what notify.json holds of these channels; nothing where it is missing or is no such file."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {name: frozenset(map(_key, held.get(name, ()))) for name in channels}
    except (OSError, ValueError, TypeError, AttributeError):
        return {name: frozenset() for name in channels}


def _key(held: tuple[int, str, str]) -> Key:
    id_, noticed_at, state = held
    return (int(id_), str(noticed_at), "ended" if state == "ended" else "began")


def write_taken(path: Path, taken: Taken) -> None:
    """Write notify.json, whole or not at all; where there is nothing to remember there is no such file."""
    held = {name: sorted(keys) for name, keys in taken.items() if keys}
    if not held:
        path.unlink(missing_ok=True)
        return
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
