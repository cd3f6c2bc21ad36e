"""Telling what is pending, through every channel of archive.toml, so that nothing is lost and nothing told twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive import clock
from archive.config import ArchiveConfig
from archive.database import transaction
from archive.directory import ArchiveDirectory
from archive.discretion import discreet
from archive.errors import ArchiveBusy, ArchiveError
from archive.lock import lock
from archive.notify.changes import Change, keys, pending, read_taken, settle, untold, write_taken
from archive.notify.channels import Channel, channels
from archive.notify.message import Message

#: Seconds to wait for another process that is telling.
WAIT_SECONDS = 45.0


@dataclass(slots=True)
class Told:
    """What came of telling: by channel what took the message, and in a line why one did not."""

    took: dict[Channel, str] = field(default_factory=dict)
    failed: dict[Channel, str] = field(default_factory=dict)
    changes: int = 0
    """Changes of the fullest message that was taken."""
    trouble: str | None = None
    """Why nothing could be told at all: the archive cannot be read or written."""

    def lines(self, again: str) -> list[str]:
        """Return what went wrong, a line each; `again` says when it is tried again."""
        wrong = [*self.failed.values(), *([self.trouble] if self.trouble else [])]
        return [f"{line}; {again}" for line in wrong]


def tell(directory: ArchiveDirectory, config: ArchiveConfig, *, skip: Collection[Channel] = ()) -> Told:
    """Send what is pending, one message a channel; leave out the channels of `skip`.

    Raises nothing that archive, network or mail may do: it is in the answer, and told again next time.
    """
    told, ways = Told(), channels(config)
    if not ways or not directory.database.exists():
        return told
    try:
        with (
            lock(directory.locks / "notify.lock", "notify", wait=WAIT_SECONDS),
            closing(directory.open_database()) as db,
        ):
            _tell(directory, config, db, [one for one in ways if one not in skip], told)
    except ArchiveBusy:
        told.trouble = "notify: another process is sending word"
    except (ArchiveError, sqlite3.Error, OSError) as error:
        told.trouble = f"{directory.database}: nobody can be told what changed ({_line(error)}); mend that"
    return told


def _tell(directory: ArchiveDirectory, config: ArchiveConfig, db: Database, ways: list[Channel], told: Told) -> None:
    path, names = directory.path / "notify.json", [one.key for one in channels(config)]
    taken = dict(read_taken(path, names))
    for way in ways:
        changes = pending(db.conn, taken[way.key])
        if not changes:
            continue
        try:
            told.took[way] = way.send(_message(directory, config, db.conn, changes))
        except ArchiveError as error:
            told.failed[way] = _line(error)
            continue
        told.changes = max(told.changes, len(changes))
        taken[way.key] |= keys(changes)
        if len(names) > 1:
            write_taken(path, taken)
    if path.exists() or untold(db.conn):
        with transaction(db) as connection:
            left = settle(connection, taken)
        write_taken(path, left)


def _message(
    directory: ArchiveDirectory, config: ArchiveConfig, connection: sqlite3.Connection, changes: list[Change]
) -> Message:
    shown = discreet(connection, [one.incident for one in changes])
    said = [Change(incident, change.state) for incident, change in zip(shown, changes, strict=True)]
    return Message(config, directory.path, clock.now(), said, site_names(connection))


def site_names(connection: sqlite3.Connection) -> Mapping[str, tuple[str, str | None]]:
    """Return each site's name, and its English one."""
    return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, name, name_en FROM sites")}


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
