"""The frontier: a site's URLs and their state in archive.db. What is handed out is leased in memory only.

The site is locked while it is crawled, so nobody else hands out its URLs; and what a dead process had handed out is
simply still due. A row leaves `due` in the transaction that stores what came of it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.clock import now
from archive.revisions import fill_section
from crawler.families.base import Entry
from crawler.families.numbering import MAX_PARTS
from crawler.reading import Kind

#: Articles come before the next listing page, so that a short crawl holds articles and not a list of them.
PRIORITY: Mapping[Kind, int] = {"part": 20, "home": 10, "listing": 10, "article": 5}
NEXT_PAGE_PRIORITY = 0
#: What a replayed file holds comes after the listings that may tell its section.
REPLAY_PRIORITY = -10
#: Times that a URL is tried in one run.
TRIES = 3
_REFILL = 64
#: Articles left of a listing page when the next one is read.
AHEAD = 24


@dataclass(frozen=True, slots=True)
class Row:
    """One URL of the frontier, as it is handed out."""

    id: int
    key: str
    url: str
    kind: Kind
    section: str | None = None
    depth: int = 0
    listing: Entry | None = None
    part_of: str | None = None
    part: int = 1
    redirects: int = 0
    form: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    capture: int | None = None
    error: str | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A URL to put into the frontier; `form` is what a listing page is asked for with by POST."""

    key: str
    url: str
    kind: Kind
    section: str | None = None
    depth: int = 0
    listing: Entry | None = None
    part_of: str | None = None
    part: int = 1
    redirects: int = 0
    priority: int | None = None
    form: str | None = None


class Frontier:
    """The URLs of one site, for the one process that crawls it."""

    def __init__(self, connection: sqlite3.Connection, site: str, *, section: str | None = None) -> None:
        self._connection = connection
        self.site = site
        self._only = section
        self._ready: deque[Row] = deque()
        self._leased: dict[int, Row] = {}
        self._later: dict[int, tuple[float, int]] = {}

    @property
    def leased(self) -> int:
        """How many URLs are handed out and not yet committed."""
        return len(self._leased)

    def take(self, *, articles: bool = True, ahead: bool = False) -> Row | None:
        """Lease the next due URL; None when there is none now. Without `articles`, parts of articles alone.

        With `ahead`, the next listing page comes before the last articles of this one, so that there is work when
        they are done.
        """
        if not self._ready:
            self._refill()
        if ahead and len(self._ready) <= AHEAD and self._ready and self._ready[-1].kind == "listing":
            self._ready.rotate(1)
        for _ in range(len(self._ready)):
            row = self._ready.popleft()
            not_before, tries = self._later.get(row.id, (0.0, 0))
            if not articles and row.kind != "part":
                continue
            if not_before > time.monotonic():
                continue
            self._leased[row.id] = row = replace(row, tries=tries)
            return row
        return None

    def give_back(self, row: Row, *, wait: float = 0.0, failed: bool = False) -> bool:
        """End a lease without a result: the URL is due again, after `wait` seconds.

        `failed` counts a try. False is returned when that was the last one: then the lease goes on until the caller
        has written the failure.
        """
        tries = row.tries + 1 if failed else row.tries
        if failed and tries >= TRIES:
            return False
        self._leased.pop(row.id, None)
        self._later[row.id] = (time.monotonic() + wait, tries)
        return True

    def release(self, row: Row) -> None:
        """End a lease: what came of the URL is committed."""
        self._leased.pop(row.id, None)
        self._later.pop(row.id, None)

    def take_back_leases(self) -> list[Row]:
        """Return the leases that nobody works on any more; the caller knows that nothing is in flight."""
        return list(self._leased.values())

    def next_wait(self) -> float | None:
        """Return the seconds until a URL that waits may be tried again; None when none waits."""
        waits = [when for when, _ in self._later.values() if when > time.monotonic()]
        return min(waits) - time.monotonic() if waits else None

    def has_due(self, *, articles: bool = True) -> bool:
        """Say whether URLs are due that are not leased."""
        sql, values = self._due(articles)
        rows = self._connection.execute(f"SELECT id {sql} LIMIT ?", [*values, len(self._leased) + 1])
        return any(row["id"] not in self._leased for row in rows)

    def _due(self, articles: bool) -> tuple[str, list[Any]]:
        sql, values = "FROM frontier WHERE site = ? AND state = 'due'", [self.site]
        if self._only is not None:
            sql += " AND (section = ? OR kind = 'home' OR section IS NULL AND kind = 'part')"
            values.append(self._only)
        if not articles:
            sql += " AND kind = 'part'"
        return sql, values

    def _refill(self) -> None:
        sql, values = self._due(True)
        busy = len(self._leased) + len(self._later)
        rows = self._connection.execute(f"SELECT * {sql} ORDER BY priority DESC, id LIMIT ?", [*values, _REFILL + busy])
        self._ready.extend(_row(row) for row in rows if row["id"] not in self._leased)

    # What follows writes, inside the caller's transaction.

    def add(self, found: Iterable[Found], *, again: bool = False, run: int | None = None) -> int:
        """Put URLs in; return how many were not known. `again` makes known ones due that this run has not read."""
        new = 0
        for one in found:
            cursor = self._connection.execute(
                """
                INSERT INTO frontier (site, key, url, kind, state, priority, section, depth, listing, part_of, part,
                                      redirects, form, discovered_at)
                VALUES (?, ?, ?, ?, 'due', ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, key) DO NOTHING
                """,
                [
                    self.site, one.key, one.url, one.kind,
                    PRIORITY[one.kind] if one.priority is None else one.priority,
                    one.section, one.depth, _entry_json(one.listing), one.part_of, one.part, one.redirects, one.form,
                    now(),
                ],
            )  # fmt: skip
            new += cursor.rowcount
            if cursor.rowcount:
                continue
            if one.listing is not None or one.section is not None:
                # A URL may be known before the listing that tells its section and date.
                self._connection.execute(
                    "UPDATE frontier SET section = coalesce(section, ?), listing = coalesce(listing, ?)"
                    " WHERE site = ? AND key = ? AND (section IS NULL OR listing IS NULL)",
                    [one.section, _entry_json(one.listing), self.site, one.key],
                )
            if one.kind == "article" and one.section is not None:
                fill_section(self._connection, self.site, one.key, one.section)
            if again:
                self._connection.execute(
                    "UPDATE frontier SET state = 'due' WHERE site = ? AND key = ? AND run IS NOT ? AND state != 'due'",
                    [self.site, one.key, run],
                )
        return new

    def ask_for_parts(self, first: str, pages: Sequence[str], number: int, run: int) -> None:
        """Make due what a page of an article names: its pages from `number` on, unless this run has read them."""
        for part, url in enumerate(pages[: MAX_PARTS + 1 - number], number):
            self._connection.execute(
                """
                INSERT INTO frontier (site, key, url, kind, state, priority, section, part_of, part, discovered_at)
                SELECT site, ?, ?, 'part', 'due', ?, section, key, ?, ? FROM frontier WHERE site = ? AND key = ?
                ON CONFLICT (site, key) DO UPDATE SET part_of = excluded.part_of, part = excluded.part,
                    state = CASE WHEN run IS ? THEN state ELSE 'due' END
                """,
                [f"part:{url}", url, PRIORITY["part"], part, now(), self.site, first, run],
            )

    def leave_parts(self, first: str, run: int) -> None:
        """Leave the further pages that an article had: those it still has are named anew."""
        self._connection.execute(
            """
            UPDATE frontier SET part_of = NULL,
                state = CASE WHEN state = 'failed' AND run IS ? THEN state ELSE 'done' END
            WHERE site = ? AND part_of = ?
            """,
            [run, self.site, first],
        )

    def wait_again(self, first: str) -> None:
        """Have an article that is stored wait to be read again: a page that it lacked has come."""
        self._connection.execute(
            "UPDATE frontier SET state = 'waiting' WHERE site = ? AND key = ? AND state = 'done'", [self.site, first]
        )

    def finish(self, row: Row, state: str, **columns: Any) -> None:
        """Write what came of a URL; `columns` are set besides."""
        values = {"state": state, "checked_at": now(), **columns}
        settings = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(f"UPDATE frontier SET {settings} WHERE id = ?", [*values.values(), row.id])

    def fail(self, row: Row, error: str, *, run: int, days: float, **columns: Any) -> None:
        """Write that a URL failed for this run; it becomes due again with the first run after `days`."""
        moment = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {"error": error, "tries": row.tries + 1, "redirects": 0, "next_check": moment, "run": run}
        self.finish(row, "failed", **values, **columns)

    def begin(self, *, full: bool) -> None:
        """Make due what a new run looks at again: what robots.txt forbade, old failures, what was left out."""
        self._connection.execute(
            """
            UPDATE frontier SET state = 'due', error = NULL WHERE site = ? AND
            (state IN ('disallowed', 'excluded') OR (state = 'failed' AND (next_check IS NULL OR next_check <= ?)))
            """,
            [self.site, now()],
        )
        if full:
            self._connection.execute(
                """
                UPDATE frontier SET state = 'due', etag = NULL, last_modified = NULL
                WHERE site = ? AND state != 'due' AND kind != 'part'
                """,
                [self.site],
            )

    def waiting(self) -> list[Row]:
        """Return the first pages of articles whose further pages are still to come, or to be joined."""
        query = "SELECT * FROM frontier WHERE site = ? AND state = 'waiting' ORDER BY id"
        return [_row(row) for row in self._connection.execute(query, [self.site])]

    def knows(self, key: str) -> bool:
        """Say whether a URL is known by its key, whatever has come of it."""
        query = "SELECT 1 FROM frontier WHERE site = ? AND key = ?"
        return self._connection.execute(query, [self.site, key]).fetchone() is not None

    def first_of(self, part: Row) -> Row | None:
        """Return the first page of the article that a further page is of."""
        query = "SELECT * FROM frontier WHERE site = ? AND key = ?"
        row = self._connection.execute(query, [self.site, part.part_of]).fetchone()
        return None if row is None else _row(row)

    def parts(self, key: str) -> list[Row]:
        """Return the further pages of an article, in order, whatever has come of them."""
        query = "SELECT * FROM frontier WHERE site = ? AND part_of = ? AND state != 'redirected' ORDER BY part, id"
        return [_row(row) for row in self._connection.execute(query, [self.site, key])]

    def unresolved_parts(self, key: str) -> int:
        """Return how many further pages of an article are still to be fetched."""
        row = self._connection.execute(
            "SELECT count(*) FROM frontier WHERE site = ? AND part_of = ? AND state = 'due'", [self.site, key]
        ).fetchone()
        return int(row[0])


def _row(row: sqlite3.Row) -> Row:
    values = {name: row[name] for name in Row.__dataclass_fields__ if name not in ("listing", "tries")}
    return Row(**values, listing=_entry(row["listing"]))


def _entry_json(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    values = {"url": entry.url, "title": entry.title, "date": entry.date, "section": entry.section}
    return json.dumps(values, ensure_ascii=False)


def _entry(text: str | None) -> Entry | None:
    return None if text is None else Entry(**json.loads(text))
