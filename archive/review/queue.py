"""The queue: what needs a person now, the worst first, without what is decided."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from archive.clock import utcnow
from archive.decisions import Decision, answers, read
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.review import sources
from archive.review.item import SUSPICIOUS, Item

# What was accepted has ended since, and begun again.
_ENDED = "SELECT 1 FROM incidents WHERE ended_at >= ? AND kind = ? AND site = ? AND section = ?"


def queue(
    directory: ArchiveDirectory,
    connection: sqlite3.Connection,
    *,
    site: str | None = None,
    kind: str | None = None,
    now: datetime | None = None,
) -> list[Item]:
    """Return what is to be decided, sites with the worst first, each site's together, of a site the worst and newest.

    Raises ArchiveError for decisions.jsonl that cannot be read, and for a site that the archive does not know.
    """
    found = [
        item
        for item in _all(directory, connection, now)
        if item.decided is None and site in (None, item.site) and kind in (None, item.kind)
    ]
    if site is not None and not found and not _is_known(directory, connection, site):
        raise ArchiveError(f"{site}: no site of this archive; `union-archive sites` names them")
    worst: dict[str, int] = {}
    for item in found:
        worst[item.site] = min(worst.get(item.site, item.rank), item.rank)
    found.sort(key=lambda item: item.since, reverse=True)
    found.sort(key=lambda item: (worst[item.site], item.site, item.rank, item.kind))
    return found


def find(
    directory: ArchiveDirectory, connection: sqlite3.Connection, ids: Iterable[str], *, now: datetime | None = None
) -> list[Item]:
    """Return items by their ids, also those that are decided. Raises ArchiveError when one is not there."""
    wanted = dict.fromkeys(ids)
    found: dict[str, Item] = {}
    for item in _all(directory, connection, now):
        # What is open goes before what is decided: something may have come again on the same day.
        if item.id in wanted and (item.id not in found or item.decided is None):
            found[item.id] = item
    for id_ in wanted:
        if id_ not in found:
            raise ArchiveError(f"{id_}: nothing of that name needs a person; `union-archive review` lists what does")
    return [found[id_] for id_ in wanted]


def _is_known(directory: ArchiveDirectory, connection: sqlite3.Connection, site: str) -> bool:
    if (directory.sites / f"{site}.toml").exists():
        return True
    return connection.execute("SELECT 1 FROM sites WHERE id = ?", [site]).fetchone() is not None


def _all(directory: ArchiveDirectory, connection: sqlite3.Connection, now: datetime | None) -> Iterator[Item]:
    """Yield every item, with the decision that settles it."""
    told = answers(read(directory.decisions)[0])
    for source in sources.OF_ARCHIVE:
        for item in source(connection, now or utcnow()):
            decision = told.get(item.question)
            settled = decision is not None and _settles(connection, decision, item)
            yield replace(item, decided=decision) if settled else item
    for item in sources.drafts(directory.sites):
        yield replace(item, decided=told.get(item.question))


def _settles(connection: sqlite3.Connection, decision: Decision, item: Item) -> bool:
    """Say whether a decision about an item of the archive is about it as it is now, and carried out."""
    if decision.what == "accept":
        return (
            item.since <= decision.at
            and set(item.names) <= set(decision.names or ())
            and connection.execute(_ENDED, [decision.at, item.kind, item.site, item.section]).fetchone() is None
        )
    # A kill after the decision leaves an article as it was: it stays in the queue until that is carried out.
    return item.rank != SUSPICIOUS and not (item.kind == "withdrawn" and decision.what == "not-withdrawn")
