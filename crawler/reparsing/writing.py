"""Writing what was derived again in place: no revision is added or removed, and what the page does not say stays."""

from __future__ import annotations

import sqlite3

from archive import hidden, media
from archive.amending import PAGE_COLUMNS, UNEXPORTED, amend, amend_earlier, note_change
from crawler.reparsing.comparing import Reread
from crawler.reparsing.sources import Derived


def write(connection: sqlite3.Connection, derived: Derived, found: list[Reread], derived_with: str) -> None:
    """Write an article's revisions as they are read today.

    Inside the caller's transaction on archive.db. The article may have been restricted, or shown again, meanwhile.
    """
    held, present = derived.held, derived.held["revision"]
    if not found:
        return
    with hidden.keeping(connection, held["site"], held["key"], held["uid"]) as own:
        now = own.execute("SELECT * FROM articles WHERE uid = ?", [held["uid"]]).fetchone()
        if now is None or now["revision"] != present:
            return
        seen = changed = False
        for one in found:
            if one.revision == present:
                seen = _write_present(connection, own, now, one, derived_with)
            elif one.fields or one.before.keys() < set(PAGE_COLUMNS):
                amend_earlier(own, held["uid"], one.revision, one.after, one.sha256)
                changed |= any(name not in UNEXPORTED for name in one.fields)
        if changed and not seen:
            note_change(own, held["uid"])


def _write_present(
    connection: sqlite3.Connection, own: sqlite3.Connection, now: sqlite3.Row, one: Reread, derived_with: str
) -> bool:
    """Write what the article says now; say whether a reader of exports sees a difference."""
    query = "SELECT capture FROM revisions WHERE uid = ? AND revision = ?"
    capture = own.execute(query, [now["uid"], one.revision]).fetchone()["capture"]
    row = media.fill(connection, now["site"], one.after) | {"sha256": one.sha256}
    row = media.carry(row, now)
    media.tie(own, now["site"], now["uid"], row)
    return amend(own, now, row, fetched_at=now["fetched_at"], capture=capture, derived_with=derived_with)
