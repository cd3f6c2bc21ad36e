"""Stored pages: captures that are taken up again to be read, and what the archive holds of an article."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from archive import hidden
from archive.article import Article
from archive.nfkc import nfkc
from archive.revisions import is_read_from
from crawler import urls
from crawler.families.base import Entry
from crawler.families.numbering import Place
from crawler.reading import Page

if TYPE_CHECKING:
    from crawler.frontier import Row
    from crawler.run import SiteRun


#: What `layout` says of a page that no layout of the site read.
GENERIC = "generic"


def says_the_same(one: Article, other: Article) -> bool:
    """Say whether two pages have the same headline and text, white space and NFKC folded."""
    return all(nfkc(getattr(one, name)).split() == nfkc(getattr(other, name)).split() for name in ("title", "text"))


def _stored(held: sqlite3.Row) -> Article:
    return Article(held["url"], held["title"], held["text"], held["html"], layout=held["layout"])


class Stored:
    """Takes pages of one run's site out of the archive."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    def as_page(
        self,
        row: Row,
        url: str,
        body: bytes,
        fetched_at: datetime,
        content_type: str | None,
        place: Place | None = None,
    ) -> Page:
        """Return a page to read: a response to `row`, with what the frontier knows of it."""
        about = replace(row.listing or Entry(row.url), section=row.section)
        return Page(row.kind, body, urls.canonical(url, self._run.profile), fetched_at, content_type, about, place)

    def page(self, row: Row, capture: int, number: int = 1) -> Page:
        """Return a stored capture as a page to read, page `number` of the article whose first page is `row`."""
        http, stored = self._run.keeper.content(capture)
        moment = datetime.fromisoformat(stored["fetched_at"])
        place = self.place(row, number) if number > 1 else None
        return self.as_page(row, stored["url"], http.content(), moment, http.header("Content-Type"), place)

    def seen_at(self, capture: int) -> datetime:
        """Return when a capture was made."""
        query = "SELECT fetched_at FROM captures WHERE id = ?"
        row = self._run.session.db.conn.execute(query, [capture]).fetchone()
        return datetime.fromisoformat(row["fetched_at"])

    def place(self, first: Row, number: int) -> Place:
        """Return the place of a further page of the article whose first page is `first`."""
        return Place(urls.canonical(first.url, self._run.profile), number)

    def article(self, key: str) -> sqlite3.Row | None:
        """Return the row of the article that is held under a key."""
        return hidden.held(self._run.session.db.conn, self._run.profile.id, key)

    def derived_today(self, row: Row) -> bool:
        """Say whether the article held was derived with today's code and profile."""
        held = self.article(row.key)
        return held is not None and held["derived_with"] == self._run.derived_with

    def is_read_from(self, row: Row) -> bool:
        """Say whether the article held was read from the row's last capture."""
        return is_read_from(self._run.session.db.conn, row.capture)

    def captures(self, held: sqlite3.Row) -> list[int]:
        """Return the last captures of the pages that an article's present revision was read from, in order."""
        query = """
            SELECT part, id, max(fetched_at) FROM captures WHERE uid = ? AND (
                part = 1 OR fetched_at >= (SELECT fetched_at FROM captures WHERE id = ?)
            ) GROUP BY part ORDER BY part
        """
        connection = self._run.session.db.conn
        found = connection.execute(query, [held["uid"], hidden.first_capture(connection, held)])
        return [row["id"] for row in found]

    async def previous(self, row: Row, sha256: str) -> Article | None:
        """Derive the stored article again from its captures, where other code derived it and the page now differs."""
        held = self.article(row.key)
        if held is None or held["derived_with"] == self._run.derived_with or held["sha256"] == sha256:
            return None
        return await self.joined(row, self.captures(held))

    async def read_by_layout(self, row: Row, previous: Article | None) -> Article | None:
        """Return, as the generic extractor reads it today, an article that a layout of the site had read; else None.

        `previous` is what today's code reads of the stored captures, where other code read them before. A page that
        its layout no longer reads is compared with what the same extractor made of the page before.
        """
        held = self.article(row.key)
        if held is None or (held["layout"] if previous is None else previous.layout) == GENERIC:
            return None
        profile = self._run.profile
        plain = replace(profile, layouts=(), family="generic", article_url=profile.article_pattern, options=())
        pages = [self.page(row, capture, number) for number, capture in enumerate(self.captures(held), 1)]
        reading = await self._run.session.worker.read(pages, plain)
        return reading.article or previous or _stored(held)

    async def joined(self, row: Row, captures: Sequence[int]) -> Article | None:
        """Read the article whose pages are these captures, in order; None where they hold none."""
        pages = [self.page(row, capture, number) for number, capture in enumerate(captures, 1)]
        reading = await self._run.session.worker.read(pages, self._run.profile)
        return reading.article
