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
from datetime import datetime, timedelta
from typing import Any

from archive.clock import moment, now, stamp, utcnow
from archive.nfkc import nfkc
from archive.revisions import fill_section
from crawler.families.base import Entry
from crawler.families.numbering import MAX_PARTS
from crawler.planning import FAR
from crawler.reading import Kind

#: Articles come before the next listing page, so that a short crawl holds articles and not a list of them.
#: Pictures and attachments come when no page is due.
PRIORITY: Mapping[Kind, int] = {"part": 20, "home": 10, "listing": 10, "article": 5, "media": -20}
NEXT_PAGE_PRIORITY = 0
#: Articles that are held come last: a budget is for what is new.
REVISIT_PRIORITY = -5
#: Articles of a listing page that are read again because it lists them by another title; more are not the site's edits.
MAX_RETITLED = 5
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
    interval: float | None = None
    changed_at: str | None = None
    read_with: str | None = None
    next_audit: str | None = None
    visits: int = 0


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

    def __init__(
        self, connection: sqlite3.Connection, site: str, *, section: str | None = None, limited: bool = False
    ) -> None:
        """Take a site's rows: those of a `section` alone, and of media, where `limited`, what this object asked for."""
        self._connection = connection
        self.site = site
        self._only = section
        self._ready: deque[Row] = deque()
        self._ready_media: deque[Row] = deque()
        self._asked_media: set[str] | None = set() if limited else None
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
        row = replace(_row(held), tries=self._later.get(held["id"], (0.0, 0))[1])
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
        return [_row(row) for row in rows if row["id"] not in self._leased]

    # What follows writes, inside the caller's transaction.

    def add(self, found: Iterable[Found], *, again: bool = False, run: int | None = None) -> int:
        """Put URLs in; return how many were not known. `again` makes known ones due that this run has not read."""
        new = retitled = 0
        query = "SELECT id, section, listing, state, run FROM frontier WHERE site = ? AND key = ?"
        for one in found:
            held = self._connection.execute(query, [self.site, one.key]).fetchone()
            if held is None:
                self._insert(one)
                new += 1
                continue
            self._complete(held, one)
            if one.kind == "article" and retitled < MAX_RETITLED:
                retitled += self._says_else(held, one)
            if again and held["state"] != "due" and held["run"] != run:
                self._connection.execute("UPDATE frontier SET state = 'due' WHERE id = ?", [held["id"]])
        return new

    def _insert(self, one: Found) -> None:
        self._connection.execute(
            """
            INSERT INTO frontier (site, key, url, kind, state, priority, section, depth, listing, part_of, part,
                                  redirects, form, discovered_at)
            VALUES (?, ?, ?, ?, 'due', ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                self.site, one.key, one.url, one.kind,
                PRIORITY[one.kind] if one.priority is None else one.priority,
                one.section, one.depth, _entry_json(one.listing), one.part_of, one.part, one.redirects, one.form,
                now(),
            ],
        )  # fmt: skip

    def _complete(self, held: sqlite3.Row, found: Found) -> None:
        """Add what a listing tells of a URL, its section and date, to one that was known before."""
        names_section = held["section"] is None and found.section is not None
        if not names_section and (held["listing"] is not None or found.listing is None):
            return
        self._connection.execute(
            "UPDATE frontier SET section = coalesce(section, ?), listing = coalesce(listing, ?) WHERE id = ?",
            [found.section, _entry_json(found.listing), held["id"]],
        )
        if names_section and found.kind == "article" and found.section is not None:
            fill_section(self._connection, self.site, found.key, found.section)

    def _says_else(self, held: sqlite3.Row, found: Found) -> bool:
        """Make an article due that its section lists by another title than before; say whether it does.

        The same article may stand in several sections, shortened differently: only its own one's title counts.
        """
        before, title = _entry(held["listing"]), found.listing and found.listing.title
        if before is None or held["section"] not in (None, found.section) or held["state"] != "done":
            return False
        if not title or not before.title or _same_title(before.title, title):
            return False
        self._connection.execute(
            "UPDATE frontier SET state = 'due', listing = ? WHERE id = ?", [_entry_json(found.listing), held["id"]]
        )
        return True

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

    def ask_for_media(self, urls: Mapping[str, str], section: str | None) -> None:
        """Put the pictures and attachments of an article in: key (as the article names it) -> address to fetch.

        One that is known stays what it is: fetched, failed, or a page.
        """
        for key, url in urls.items():
            self._connection.execute(
                """
                INSERT INTO frontier (site, key, url, kind, state, priority, section, discovered_at)
                VALUES (?, ?, ?, 'media', 'due', ?, ?, ?) ON CONFLICT (site, key) DO NOTHING
                """,
                [self.site, key, url, PRIORITY["media"], section, now()],
            )
        if self._asked_media is not None:
            self._asked_media.update(urls)

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

    def fail(self, row: Row, error: str, *, run: int, wait: timedelta, most: timedelta, **columns: Any) -> None:
        """Write that a URL failed; it becomes due again after `wait`, doubled each time, `most` at most."""
        query = "SELECT tries FROM frontier WHERE id = ?"
        tries = self._connection.execute(query, [row.id]).fetchone()[0]
        moment = stamp(utcnow() + min(wait * float(2 ** min(tries, 20)), most))
        values = {"error": error, "tries": tries + 1, "redirects": 0, "next_check": moment, "run": run}
        self.finish(row, "failed", **values, **columns)

    def begin(self, until: datetime, *, full: bool) -> None:
        """Make due what a new run looks at again: what robots.txt forbade, old failures, what was left out.

        And the listings and articles held whose next check comes before `until`.
        """
        moment = stamp(until)
        self._connection.execute(
            "UPDATE frontier SET next_check = ? WHERE site = ? AND next_check > ? AND state != 'due'",
            [moment, self.site, stamp(until + FAR)],
        )
        self._connection.execute(
            """
            UPDATE frontier SET state = 'due', error = CASE state WHEN 'excluded' THEN error END
            WHERE site = ? AND state != 'done' AND
            (state IN ('disallowed', 'excluded') OR (state = 'failed' AND (next_check IS NULL OR next_check <= ?)))
            """,
            [self.site, moment],
        )
        self._connection.execute(
            """
            UPDATE frontier SET state = 'due', priority = CASE kind WHEN 'article' THEN ? ELSE priority END
            WHERE site = ? AND next_check <= ? AND state = 'done' AND state != 'due'
            """,
            [REVISIT_PRIORITY, self.site, moment],
        )
        if full:
            self._connection.execute(
                """
                UPDATE frontier SET state = 'due', etag = NULL, last_modified = NULL
                WHERE site = ? AND state != 'due' AND kind != 'part'
                """,
                [self.site],
            )

    def keep_listings(self, starts: Iterable[Found]) -> None:
        """Forget the listings that the profile named before it was mended, and those found while it named none.

        What listings of today redirect to stays.
        """
        self._connection.execute(
            """
            DELETE FROM frontier WHERE site = :site AND kind IN ('home', 'listing') AND depth = 0 AND key NOT IN (
                WITH RECURSIVE kept(key) AS (
                    SELECT value FROM json_each(:starts) UNION
                    SELECT redirect_to FROM kept JOIN frontier USING (key) WHERE site = :site AND state = 'redirected'
                )
                SELECT key FROM kept
            )
            """,
            {"site": self.site, "starts": json.dumps([one.key for one in starts])},
        )

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


def _same_title(one: str, other: str) -> bool:
    """Say whether two titles of a listing may be the same one: white space apart, and cut off at any place."""
    if one == other:
        return True
    first, second = ("".join(nfkc(title).split()).rstrip(".…") for title in (one, other))
    return first.startswith(second) or second.startswith(first)


def _entry_json(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    values = {"url": entry.url, "title": entry.title, "date": entry.date, "section": entry.section}
    return json.dumps(values, ensure_ascii=False)


def _entry(text: str | None) -> Entry | None:
    return None if text is None else Entry(**json.loads(text))
