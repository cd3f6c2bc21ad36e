"""What changes the frontier, inside the caller's transaction: URLs put in, what came of them, what is due again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from archive.clock import now, stamp, utcnow
from archive.nfkc import nfkc
from archive.revisions import fill_section
from crawler.families.numbering import MAX_PARTS
from crawler.frontier_rows import Found, Row, entry_json, entry_of
from crawler.planning import FAR
from crawler.reading import Kind

#: Articles come before the next listing page, so that a short crawl holds articles and not a list of them.
#: Pictures and attachments come when no page is due.
PRIORITY: Mapping[Kind, int] = {"part": 20, "home": 10, "listing": 10, "article": 5, "media": -20}
#: Articles that are held come last: a budget is for what is new.
REVISIT_PRIORITY = -5
#: Articles of a listing page that are read again because it lists them by another title; more are not the site's edits.
MAX_RETITLED = 5


class FrontierWrites:
    """Writes the rows of one site's frontier."""

    def __init__(self, connection: sqlite3.Connection, site: str) -> None:
        self._connection = connection
        self.site = site
        self._asked_media: set[str] | None = None
        """The media that this object asked for, where it is to hand out no others."""

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
                one.section, one.depth, entry_json(one.listing), one.part_of, one.part, one.redirects, one.form,
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
            [found.section, entry_json(found.listing), held["id"]],
        )
        if names_section and found.kind == "article" and found.section is not None:
            fill_section(self._connection, self.site, found.key, found.section)

    def _says_else(self, held: sqlite3.Row, found: Found) -> bool:
        """Make an article due that its section lists by another title than before; say whether it does.

        The same article may stand in several sections, shortened differently: only its own one's title counts.
        """
        before, title = entry_of(held["listing"]), found.listing and found.listing.title
        if before is None or held["section"] not in (None, found.section) or held["state"] != "done":
            return False
        if not title or not before.title or _same_title(before.title, title):
            return False
        self._connection.execute(
            "UPDATE frontier SET state = 'due', listing = ? WHERE id = ?", [entry_json(found.listing), held["id"]]
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


def _same_title(one: str, other: str) -> bool:
    """Say whether two titles of a listing may be the same one: white space apart, and cut off at any place."""
    if one == other:
        return True
    first, second = ("".join(nfkc(title).split()).rstrip(".…") for title in (one, other))
    return first.startswith(second) or second.startswith(first)
