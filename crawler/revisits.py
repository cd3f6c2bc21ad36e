"""Revisits: pages of articles and listings that are known: as they were, gone, or in another template."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from archive.article import Article
from archive.revisions import confirm_article, is_read_from
from archive.withdrawals import note_gone
from crawler import plans
from crawler.frontier import Row
from crawler.keeping import Kept
from crawler.writing import Writing, seconds

if TYPE_CHECKING:
    pass

#: How what is said of a page ends that no layout reads any more.
MEND = "differs, and no layout of the site reads it any more; mend the profile"


class Revisits(Writing):
    """Writes what came of pages that were visited before."""

    def confirmed(self, row: Row, kept: Kept) -> None:
        """Note that a page is as it was: not modified, or the same bytes."""

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            plan: dict[str, Any] = {}
            own = [capture] if is_read_from(connection, row.capture) else []
            if row.kind == "article" and confirm_article(
                connection, self._run.profile.id, row.key, seconds(kept.fetched_at), own
            ):
                self._visited(connection, row, kept.fetched_at, None, "unchanged")
                plan = plans.article(connection, self._run, row, kept.fetched_at, "unchanged")
                self._count_article("unchanged")
            if row.kind in ("home", "listing"):
                self._look(connection, row, kept, "unchanged", 0, 0)
                plan = plans.listing(self._run, row, kept.fetched_at, new=False)
            self._done(row, kept, capture, **plan)

        self._submit(row, write)

    def same(self, row: Row, kept: Kept, article: Article) -> None:
        """Note that a page says what it said, in a template that no layout reads any more.

        Its capture is not the article's either: other code would read less of it than its layout read before.
        """

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            confirm_article(connection, self._run.profile.id, row.key, seconds(kept.fetched_at), [])
            self._visited(connection, row, kept.fetched_at, article, "unchanged")
            self._done(row, kept, capture, **plans.article(connection, self._run, row, kept.fetched_at, "unchanged"))
            self._count_article("unchanged")

        self._submit(row, write)

    def withheld(self, row: Row, kept: Kept, article: Article) -> None:
        """Keep a page that differs, and that no layout reads any more: until one does, it revises nothing.

        Its capture is not the article's: what the article said is read from those that its layout read.
        """
        self._run.counts.withheld += 1

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            self._visited(connection, row, kept.fetched_at, article, "unchanged")
            plan = plans.article(connection, self._run, row, kept.fetched_at, "unchanged")
            self._done(row, kept, capture, error=f"{row.url}: {MEND}", **plan)

        self._submit(row, write)

    def gone(self, row: Row, kept: Kept, how: str) -> None:
        """Note that an article that is held is not there any more."""

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            self._run.counts.visited += 1
            gone = note_gone(connection, self._run.profile.id, row.key, seconds(kept.fetched_at), how, capture)
            # The row's capture, ETag and Last-Modified stay: they are the article's.
            if gone is not None:
                self._run.gone.append(gone)
            columns = plans.gone(self._run, row, kept.fetched_at, gone) | {"status": kept.http.status, "tries": 0}
            self._run.frontier.finish(row, "done", error=f"{row.url}: gone, {how}", run=self._run.id, **columns)

        self._submit(row, write)
