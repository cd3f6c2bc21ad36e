"""The frontier: a site's URLs and their state in archive.db. What is handed out is leased in memory only.

The site is locked while it is crawled, so nobody else hands out its URLs; and what a dead process had handed out is
simply still due. A row leaves `due` in the transaction that stores what came of it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import deque
from dataclasses import replace
from datetime import datetime
from typing import Any

from archive.clock import moment
from crawler.frontier_rows import Found, Row, to_row
from crawler.frontier_writes import MAX_RETITLED, PRIORITY, FrontierWrites

__all__ = ["MAX_RETITLED", "Found", "Frontier", "Row"]

NEXT_PAGE_PRIORITY = 0
#: What a replayed file holds comes after the listings that may tell its section.
REPLAY_PRIORITY = -10
#: Times that a URL is tried in one run.
TRIES = 3
_REFILL = 64
#: Articles left of a listing page when the next one is read.
AHEAD = 24


class Frontier(FrontierWrites):
    """The URLs of one site, for the one process that crawls it."""

    def __init__(
        self, connection: sqlite3.Connection, site: str, *, section: str | None = None, limited: bool = False
    ) -> None:
        """Take a site's rows: those of a `section` alone, and of media, where `limited`, what this object asked for."""
        super().__init__(connection, site)
        self._only = section
        self._ready: deque[Row] = deque()
        self._ready_media: deque[Row] = deque()
        if limited:
            self._asked_media = set()
        self._leased: dict[int, Row] = {}
        self._later: dict[int, tuple[float, int]] = {}

    @property
    def leased(self) -> int:
        """How many URLs are handed out and not yet committed."""
        return len(self._leased)

    @property
    def leased_pages(self) -> int:
        """How many of them are pages, and no pictures or attachments."""
        return sum(row.kind != "media" for row in self._leased.values())

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

    def take_media(self) -> Row | None:
        """Lease the next due picture or attachment; None when there is none now."""
        if not self._ready_media:
            self._ready_media.extend(self._next("priority <= ? AND kind = 'media'"))
        for _ in range(len(self._ready_media)):
            row = self._ready_media.popleft()
            not_before, tries = self._later.get(row.id, (0.0, 0))
            if not_before <= time.monotonic():
                self._leased[row.id] = row = replace(row, tries=tries)
                return row
        return None

    def lease(self, key: str) -> Row | None:
        """Lease the URL with a key, whatever its state; None where it is not known."""
        found = self._connection.execute("SELECT * FROM frontier WHERE site = ? AND key = ?", [self.site, key])
        held = found.fetchone()
        if held is None:
            return None
        row = replace(to_row(held), tries=self._later.get(held["id"], (0.0, 0))[1])
        self._leased[row.id] = row
        return row

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
        """Say whether URLs are due that are not leased; without `articles`, only their parts and media."""
        sql, values = self._due(articles)
        rows = self._connection.execute(f"SELECT id {sql} LIMIT ?", [*values, len(self._leased) + 1])
        return any(row["id"] not in self._leased for row in rows)

    def _due(self, articles: bool = True) -> tuple[str, list[Any]]:
        sql, values = "FROM frontier WHERE site = ? AND state = 'due'", [self.site]
        if self._only is not None:
            sql += " AND (section = ? OR kind = 'home' OR section IS NULL AND kind = 'part')"
            values.append(self._only)
        if not articles:
            sql += " AND kind IN ('part', 'media')"
        if self._asked_media is not None:
            sql += " AND (kind != 'media' OR key IN (SELECT value FROM json_each(?)))"
            values.append(json.dumps([*self._asked_media]))
        return sql, values

    def _refill(self) -> None:
        self._ready.extend(self._next("priority > ?"))

    def _next(self, which: str) -> list[Row]:
        """Return the first rows of what is due and not leased; `which` says of pages or of media, by their priority."""
        sql, values = self._due()
        busy = len(self._leased) + len(self._later)
        query = f"SELECT * {sql} AND {which} ORDER BY priority DESC, id LIMIT ?"
        rows = self._connection.execute(query, [*values, PRIORITY["media"], _REFILL + busy])
        return [to_row(row) for row in rows if row["id"] not in self._leased]

    def has_good_listing(self) -> bool:
        """Say whether a section, looked at in this run or not, led to articles when it was looked at last."""
        query = "SELECT 1 FROM frontier WHERE site = ? AND kind IN ('home', 'listing') AND depth = 0"
        good = self._connection.execute(f"{query} AND state = 'done' AND read_with IS NOT NULL LIMIT 1", [self.site])
        return good.fetchone() is not None

    def next_checks(self) -> tuple[list[datetime], datetime | None]:
        """Return when the first listing is to be looked at again, if any is, and when the first article held is."""
        listing = "SELECT next_check FROM frontier WHERE site = ? AND kind IN ('home', 'listing') AND depth = 0"
        article = "SELECT next_check FROM frontier WHERE site = ? AND kind = 'article' AND state = 'done'"
        planned = "AND next_check IS NOT NULL AND state != 'due' ORDER BY next_check LIMIT 1"  # the index frontier_next
        plans = (self._connection.execute(f"{one} {planned}", [self.site]) for one in (listing, article))
        look, visit = (found.fetchone() for found in plans)
        return [moment(look[0])] if look else [], visit and moment(visit[0])

    def waiting(self) -> list[Row]:
        """Return the first pages of articles whose further pages are still to come, or to be joined."""
        query = "SELECT * FROM frontier WHERE site = ? AND state = 'waiting' AND state != 'done' ORDER BY id"
        return [to_row(row) for row in self._connection.execute(query, [self.site])]

    def knows(self, key: str) -> bool:
        """Say whether a URL is known by its key, whatever has come of it."""
        query = "SELECT 1 FROM frontier WHERE site = ? AND key = ?"
        return self._connection.execute(query, [self.site, key]).fetchone() is not None

    def first_of(self, part: Row) -> Row | None:
        """Return the first page of the article that a further page is of."""
        query = "SELECT * FROM frontier WHERE site = ? AND key = ?"
        row = self._connection.execute(query, [self.site, part.part_of]).fetchone()
        return None if row is None else to_row(row)

    def parts(self, key: str) -> list[Row]:
        """Return the further pages of an article, in order, whatever has come of them."""
        query = "SELECT * FROM frontier WHERE site = ? AND part_of = ? AND state != 'redirected' ORDER BY part, id"
        return [to_row(row) for row in self._connection.execute(query, [self.site, key])]

    def unresolved_parts(self, key: str) -> int:
        """Return how many further pages of an article are still to be fetched."""
        row = self._connection.execute(
            "SELECT count(*) FROM frontier WHERE site = ? AND part_of = ? AND state = 'due'", [self.site, key]
        ).fetchone()
        return int(row[0])
