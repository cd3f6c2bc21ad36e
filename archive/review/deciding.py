"""Deciding: into decisions.jsonl first, then into the archive, so that a kill between the two loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from archive import hidden, withdrawals
from archive.clock import now
from archive.database import transaction
from archive.decisions import Decision, append
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.review.item import MEANINGS, Item
from archive.review.queue import find


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided about an item: `decisions` written, `changed` articles that this made withdrawn, or not."""

    item: Item
    decisions: int
    changed: int = 0


def decide(
    directory: ArchiveDirectory, ids: Sequence[str], action: str, *, reason: str = "", by: str | None = None
) -> list[Done]:
    """Decide `action` about items, all or none of them. A withdrawal is believed, or forgotten, at once.

    About a site whose articles vanished, `withdrawn` and `not-withdrawn` decide all of them. Raises ArchiveError for an
    item that is not there, and for an action that does not fit it.
    """
    directory.require()
    done = []
    with closing(directory.open_database()) as db:
        items = find(directory, db.conn, ids)
        pairs = [(item, _decisions(db.conn, item, action, reason, by)) for item in items]
        append(directory, *(decision for _, decisions in pairs for decision in decisions))
        with transaction(db) as connection:
            for item, decisions in pairs:
                done.append(Done(item, len(decisions), carry_out(connection, decisions)))
    return done


def carry_out(connection: sqlite3.Connection, decisions: Iterable[Decision]) -> int:
    """Make articles withdrawn, or not, as was decided; return how many that changed.

    It can be done again: after a kill, and with every decision after the database was made anew. All else that is
    decided in a review only keeps items out of the queue.
    """
    changed = 0
    for decision in decisions:
        if decision.what not in ("withdrawn", "not-withdrawn") or decision.uid is None:
            continue
        site = connection.execute("SELECT site FROM captures WHERE uid = ? LIMIT 1", [decision.uid]).fetchone()
        with hidden.keeping(connection, site and site["site"], "", decision.uid) as own:
            gone = own.execute(
                "SELECT confirmed_at FROM withdrawals WHERE uid = ? AND since = ? AND back_at IS NULL",
                [decision.uid, decision.since],
            ).fetchone()
        if gone is None:
            continue
        if decision.what == "not-withdrawn":
            changed += withdrawals.reject(connection, decision.uid)
        elif gone["confirmed_at"] is None:
            changed += withdrawals.confirm(connection, decision.uid, decision.at)
    return changed


def _decisions(connection: sqlite3.Connection, item: Item, action: str, reason: str, by: str | None) -> list[Decision]:
    """Return what is to be written about an item. Raises ArchiveError for what cannot be decided about it."""
    what = next((one for one in item.actions if one == action), None)
    if what is None:
        able = ", ".join(f"{one} ({MEANINGS[one]})" for one in item.actions)
        raise ArchiveError(f"{item.id}: {action} cannot be decided about it; give one of: {able}")
    decision = Decision(now(), what, reason, by=by, since=item.question[-1] or None)
    if item.kind == "vanished":
        gone = "SELECT uid, since FROM withdrawals WHERE site = ? AND confirmed_at IS NULL ORDER BY uid"
        rows = connection.execute(gone, [item.site]).fetchall() if what != "accept" else []
        accepted = _accepted(replace(decision, what="accept"), item)
        return [*(replace(decision, uid=row["uid"], since=row["since"]) for row in rows), accepted]
    if what == "accept":
        return [_accepted(decision, item)]
    return [replace(decision, uid=item.uid)]


def _accepted(decision: Decision, item: Item) -> Decision:
    kind, site, section, _ = item.question
    return replace(decision, site=site, kind=kind, section=section or None, names=item.names or None)
