"""Writing: the pieces of every result, written in one transaction a page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive import clock
from archive.article import Article
from archive.errors import ArchiveError
from archive.readings import note_reading
from archive.revisions import add_aliases
from archive.store import save_capture, save_look
from archive.withdrawals import note_back
from crawler.facts import of_look
from crawler.frontier import Row
from crawler.keeping import Kept

if TYPE_CHECKING:
    from crawler.run import SiteRun

#: How long until a failure is tried again, the first time and at most: what may pass, and what will hardly.
RETRY, GONE = (timedelta(hours=12), timedelta(days=30)), (timedelta(days=30), timedelta(days=365))


class Writing:
    """What the results of one run are written with. A URL's lease ends when its writes are in."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    def failed(
        self, row: Row, error: str, kept: Kept | None, *, gone: bool = False, look: str = "failed", read: bool = False
    ) -> None:
        """Record that a URL failed for this run, in one line.

        `look` is what came of the look, where it is a listing; `read` says that it was a page and gave no article.
        """
        self._run.counts.failed += 1
        self._run.session.store.count(self._run.id, failed=1)
        status = kept.http.status if kept is not None else None
        if kept is None and row.kind in ("home", "listing"):
            self._run.keeper.note(of_look(row, self._day(clock.utcnow()), look), row.url)

        def write(connection: sqlite3.Connection) -> None:
            if kept is not None:
                # The row's own capture stays: it is what ETag and Last-Modified belong to.
                self._capture(connection, row, kept)
            wait, most = GONE if gone else RETRY
            if row.kind in ("home", "listing"):
                most = self._run.pace.most  # what a site is found by is tried as often as it is looked at
                wait = min(wait, most)
            self._run.frontier.fail(row, error, run=self._run.id, wait=wait, most=most, status=status)
            if row.kind in ("home", "listing"):
                self._look(connection, row, kept, look, 0, 0)
            elif read and kept is not None:
                self._note_reading(connection, row.section, kept.fetched_at, None, "failed")

        self._submit(row, write, failure=True)

    def _submit(
        self, row: Row, write: Callable[[sqlite3.Connection], None], *, opens: bool = False, failure: bool = False
    ) -> None:
        def done(problem: Exception | None) -> None:
            self._run.frontier.release(row)
            if problem is not None and failure:
                self._run.session.fail(
                    ArchiveError(f"{row.url}: its failure cannot be written ({problem}); report it, and crawl again")
                )
            elif problem is not None:
                self.failed(row, f"{row.url}: cannot be stored ({problem})", None)

        self._run.session.submit(write, done, opens=opens)

    def _capture(self, connection: sqlite3.Connection, row: Row, kept: Kept) -> int:
        held = known(kept)
        if held is None:
            return save(connection, kept, row.part)
        if row.kind == "part":
            # A replayed page that was taken for an article of its own at first.
            connection.execute("UPDATE captures SET part = ? WHERE id = ?", [row.part, held])
        return held

    def _done(
        self, row: Row, kept: Kept, capture: int, *, state: str = "done", error: str | None = None, **plan: Any
    ) -> None:
        http = kept.http
        columns: dict[str, Any] = {"status": http.status, "capture": capture, "error": error, "tries": 0, **plan}
        if http.status != 304:
            columns |= {"etag": http.header("ETag"), "last_modified": http.header("Last-Modified")}
        self._run.frontier.finish(row, state, run=self._run.id, **columns)

    def _in_section(self, connection: sqlite3.Connection, row: Row, article: Article) -> Article:
        """Return the article in the section of a listing that was read while the article was under way."""
        if article.section is not None:
            return article
        section = connection.execute("SELECT section FROM frontier WHERE id = ?", [row.id]).fetchone()[0]
        return replace(article, section=section)

    def _aliases(self, connection: sqlite3.Connection, row: Row) -> None:
        """Keep the addresses that redirect to an article as its aliases."""
        site = self._run.profile.id
        urls = [row.url]
        if row.redirects:
            query = "SELECT url FROM frontier WHERE site = ? AND redirect_to = ?"
            urls += [other["url"] for other in connection.execute(query, [site, row.key]).fetchall()]
        add_aliases(connection, site, row.key, urls)

    def _count_article(self, outcome: str) -> None:
        name = {"new": "new", "changed": "changed"}.get(outcome, "unchanged")
        counts = self._run.counts
        setattr(counts, name, getattr(counts, name) + 1)
        self._run.session.store.count(self._run.id, **{f"articles_{name}": 1})

    def _visited(
        self, connection: sqlite3.Connection, row: Row, at: datetime, article: Article | None, outcome: str
    ) -> None:
        """Note that an article's page was there; `article` is what was read of it, None where it was as before."""
        site = self._run.profile.id
        if outcome != "new":
            self._run.counts.visited += 1
            note_back(connection, site, row.key, seconds(at))
        if article is not None:
            self._note_reading(connection, article.section or row.section, at, article, outcome)

    def _note_reading(
        self, connection: sqlite3.Connection, section: str | None, at: datetime, article: Article | None, outcome: str
    ) -> None:
        note_reading(connection, self._run.profile.id, section, self._day(at), article, outcome)
        self._run.read.note(section, article)

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self._run.profile.zone).date().isoformat()

    def _look(
        self, connection: sqlite3.Connection, row: Row, kept: Kept | None, outcome: str, articles: int, new: int
    ) -> None:
        self._run.counts.looked += 1
        self._run.counts.listings_unchanged += outcome == "unchanged"
        self._run.session.store.count(self._run.id, listings=1, links=articles)
        moment = kept.fetched_at if kept is not None else clock.utcnow()
        save_look(
            connection,
            self._run.profile.id,
            row.section or "",
            self._day(moment),
            depth=row.depth + 1,
            outcome=outcome,
            articles=articles,
            new=new,
            run=self._run.id,
        )


def known(kept: Kept) -> int | None:
    """Return the row of `captures` that a replayed response has already; None where it has none."""
    return kept.columns.get("known")


def save(connection: sqlite3.Connection, kept: Kept, part: int) -> int:
    """Store the capture of a response, page `part` of its article; return its row's id."""
    return save_capture(connection, {**kept.columns, "part": part})


def seconds(moment: datetime) -> str:
    """Write a moment in UTC as the archive does; of the wire's fractions nothing is kept."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
