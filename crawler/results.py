"""What came of a URL, written in one transaction: its capture, its article or links, and its state."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from archive import clock
from archive.article import Article
from archive.errors import ArchiveError
from archive.revisions import add_aliases, confirm_article, save_article
from archive.store import save_capture, save_look
from crawler import leads
from crawler.families.base import Listing
from crawler.frontier import Found, Row
from crawler.keeping import Kept

if TYPE_CHECKING:
    from crawler.run import SiteRun

#: Days until a failure is tried again by a later run: what may pass, and what will hardly.
RETRY_DAYS, GONE_DAYS = 0.5, 30.0


class Results:
    """Writes the results of one run. Each method queues one page's writes and ends the URL's lease when they are in."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    def article(self, row: Row, kept: Kept, article: Article, *, sha256: str, previous: Article | None) -> None:
        """Store what an article page says."""

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            outcome = save_article(
                connection,
                self._in_section(connection, row, article),
                key=row.key,
                fetched_at=_seconds(kept.fetched_at),
                captures=[capture],
                derived_with=self._run.derived_with,
                previous=previous,
                sha256=sha256,
            )
            self._run.frontier.leave_parts(row.key, self._run.id)
            self._done(row, kept, capture)
            self._aliases(connection, row)
            self._count_article(outcome)

        self._submit(row, write)

    def confirmed(self, row: Row, kept: Kept) -> None:
        """Note that a page is as it was: not modified, or the same bytes."""

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            if row.kind == "article" and confirm_article(
                connection, self._run.profile.id, row.key, _seconds(kept.fetched_at), [capture]
            ):
                self._count_article("unchanged")
            if row.kind in ("home", "listing"):
                self._look(connection, row, kept, "unchanged", 0, 0)
            self._done(row, kept, capture)

        self._submit(row, write)

    def waiting(self, row: Row, kept: Kept, parts: Sequence[str]) -> None:
        """Store an article's first page, and ask for its further ones; the article is stored when all are there."""
        frontier = self._run.frontier

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            frontier.leave_parts(row.key, self._run.id)
            frontier.ask_for_parts(row.key, parts, 2, self._run.id)
            self._done(row, kept, capture, state="waiting", error=row.error)

        self._submit(row, write, opens=True)

    def part(self, row: Row, kept: Kept, parts: Sequence[str]) -> None:
        """Store a further page of an article, and ask for those that it names."""
        frontier = self._run.frontier

        def write(connection: sqlite3.Connection) -> None:
            self._done(row, kept, self._capture(connection, row, kept))
            if row.part_of is not None:
                frontier.ask_for_parts(row.part_of, parts, row.part + 1, self._run.id)
                frontier.wait_again(row.part_of)

        self._submit(row, write, opens=bool(parts))

    def ask(self, first: Row, parts: Sequence[str], number: int) -> None:
        """Ask for further pages of an article, from `number` on."""
        frontier, run = self._run.frontier, self._run.id
        self._run.session.submit(lambda _: frontier.ask_for_parts(first.key, parts, number, run), opens=True)

    def assembled(
        self,
        row: Row,
        fetched_at: datetime,
        captures: Sequence[int],
        article: Article,
        *,
        previous: Article | None,
        gap: str | None,
    ) -> None:
        """Store an article of several pages, from the captures of all of them; `gap` says what is missing."""

        def write(connection: sqlite3.Connection) -> None:
            outcome = save_article(
                connection,
                self._in_section(connection, row, article),
                key=row.key,
                fetched_at=_seconds(fetched_at),
                captures=captures,
                derived_with=self._run.derived_with,
                previous=previous,
            )
            self._run.frontier.finish(row, "done", error=gap, run=self._run.id)
            self._aliases(connection, row)
            self._count_article(outcome)

        self._submit(row, write)

    def listing(self, row: Row, kept: Kept, listing: Listing) -> None:
        """Put a listing's articles, its next page and, from a home page, its sections into the frontier."""
        run = self._run
        entries = leads.entries(run.profile, row, listing)
        run.counts.found += len(entries)

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            new = run.frontier.add(entries[: run.options.sample])
            run.frontier.add(leads.sections(run, row, listing), again=True, run=run.id)
            run.frontier.add(leads.parts(run, row, listing), again=True, run=run.id)
            if leads.read_on(run, row, listing, new):
                run.frontier.add(leads.next_page(run.profile, row, listing), again=True, run=run.id)
            self._look(connection, row, kept, "read" if entries else "empty", len(entries), new)
            self._done(row, kept, capture)

        self._submit(row, write, opens=True)

    def redirected(self, row: Row, kept: Kept, target: str, key: str) -> None:
        """Follow a redirect to a URL known by `key`: it takes the URL's place, or the same key gets another URL."""

        def write(connection: sqlite3.Connection) -> None:
            self._capture(connection, row, kept)
            if key == row.key:
                # http to https, or www to bare: one identity, fetched under its other address from now on.
                self._run.frontier.finish(row, "due", url=target, redirects=row.redirects + 1)
                return
            found = Found(
                key, target, row.kind, section=row.section, depth=row.depth, listing=row.listing,
                part_of=row.part_of, part=row.part, redirects=row.redirects + 1,
            )  # fmt: skip
            self._run.frontier.add([found], again=row.kind in ("home", "listing"), run=self._run.id)
            self._run.frontier.finish(
                row,
                "redirected",
                redirect_to=key,
                run=self._run.id,
                error=None,
                status=kept.http.status,
            )

        self._submit(row, write, opens=True)

    def failed(self, row: Row, error: str, kept: Kept | None, *, gone: bool = False) -> None:
        """Record that a URL failed for this run, in one line."""
        self._run.counts.failed += 1
        self._run.session.store.count(self._run.id, failed=1)
        status = kept.http.status if kept is not None else None

        def write(connection: sqlite3.Connection) -> None:
            if kept is not None:
                # The row's own capture stays: it is what ETag and Last-Modified belong to.
                self._capture(connection, row, kept)
            days = GONE_DAYS if gone else RETRY_DAYS
            self._run.frontier.fail(row, error, run=self._run.id, days=days, status=status)
            if row.kind in ("home", "listing"):
                self._look(connection, row, kept, "failed", 0, 0)

        self._submit(row, write, failure=True)

    def keep_only(self, row: Row, kept: Kept) -> None:
        """Store the capture of a response after which the URL will be tried again."""

        def write(connection: sqlite3.Connection) -> None:
            self._capture(connection, row, kept)

        self._run.session.submit(write)

    def disallowed(self, row: Row) -> None:
        """Record that robots.txt forbids a URL."""
        self._run.counts.disallowed += 1
        self._run.session.store.count(self._run.id, disallowed=1)

        def write(connection: sqlite3.Connection) -> None:
            self._run.frontier.finish(row, "disallowed", error="robots.txt forbids it", run=self._run.id)
            if row.kind in ("home", "listing"):
                self._look(connection, row, None, "disallowed", 0, 0)

        self._submit(row, write)

    def excluded(self, row: Row, kept: Kept | None = None) -> None:
        """Record that an article is older than what was asked for; a run without that wish takes it up."""

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept) if kept is not None else row.capture
            self._run.frontier.finish(row, "excluded", run=self._run.id, capture=capture)

        self._submit(row, write)

    def robots(self, kept: Kept) -> None:
        """Store the capture of a robots.txt."""

        def write(connection: sqlite3.Connection) -> None:
            if _known(kept) is None:
                _save(connection, kept, 1)

        self._run.session.submit(write)

    # The pieces.

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
        known = _known(kept)
        if known is None:
            return _save(connection, kept, row.part)
        if row.kind == "part":
            # A replayed page that was taken for an article of its own at first.
            connection.execute("UPDATE captures SET part = ? WHERE id = ?", [row.part, known])
        return known

    def _done(self, row: Row, kept: Kept, capture: int, *, state: str = "done", error: str | None = None) -> None:
        http = kept.http
        columns: dict[str, Any] = {"status": http.status, "capture": capture, "error": error, "tries": 0}
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

    def _look(
        self, connection: sqlite3.Connection, row: Row, kept: Kept | None, outcome: str, articles: int, new: int
    ) -> None:
        self._run.counts.looked += 1
        self._run.counts.listings_unchanged += outcome == "unchanged"
        moment = kept.fetched_at if kept is not None else clock.utcnow()
        save_look(
            connection,
            self._run.profile.id,
            row.section or "",
            moment.astimezone(self._run.profile.zone).date().isoformat(),
            depth=row.depth + 1,
            outcome=outcome,
            articles=articles,
            new=new,
            run=self._run.id,
        )


def _known(kept: Kept) -> int | None:
    return kept.columns.get("known")


def _save(connection: sqlite3.Connection, kept: Kept, part: int) -> int:
    return save_capture(connection, {**kept.columns, "part": part})


def _seconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
