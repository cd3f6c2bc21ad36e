"""What came of a URL, written in one transaction: its capture, its article or links, and its state."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from archive import clock, hidden, media
from archive.article import Article
from archive.revisions import save_article
from crawler import leads, media_urls, plans, urls
from crawler.facts import of_look
from crawler.families.base import Listing
from crawler.frontier import Found, Row
from crawler.keeping import Kept
from crawler.revisits import Revisits
from crawler.writing import known, save, seconds

if TYPE_CHECKING:
    pass


class Results(Revisits):
    """Writes the results of one run. Each method queues one page's writes and ends the URL's lease when they are in."""

    def article(self, row: Row, kept: Kept, article: Article, *, sha256: str, previous: Article | None) -> None:
        """Store what an article page says."""

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            outcome = save_article(
                connection,
                self._in_section(connection, row, article),
                key=row.key,
                fetched_at=seconds(kept.fetched_at),
                captures=[capture],
                derived_with=self._run.derived_with,
                previous=previous,
                sha256=sha256,
            )
            self._run.frontier.leave_parts(row.key, self._run.id)
            self._visited(connection, row, kept.fetched_at, article, outcome)
            plan = plans.article(connection, self._run, row, kept.fetched_at, outcome)
            self._done(row, kept, capture, **plan)
            self._aliases(connection, row)
            self._count_article(outcome)

        self._submit(row, write, opens=self._has_media(article))

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
                fetched_at=seconds(fetched_at),
                captures=captures,
                derived_with=self._run.derived_with,
                previous=previous,
            )
            self._visited(connection, row, fetched_at, article, outcome)
            plan = plans.article(connection, self._run, row, fetched_at, outcome)
            self._run.frontier.finish(row, "done", error=gap, run=self._run.id, **plan)
            self._aliases(connection, row)
            self._count_article(outcome)

        self._submit(row, write, opens=self._has_media(article))

    def listing(self, row: Row, kept: Kept, listing: Listing) -> None:
        """Put a listing's articles, its next page and, from a home page, its sections into the frontier."""
        run = self._run
        entries = leads.entries(run.profile, row, listing)
        run.counts.found += len(entries)

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            new = run.frontier.add(entries[: run.options.sample])
            run.frontier.add(leads.sections(run, row, listing), again=not run.options.due, run=run.id)
            run.frontier.add(leads.parts(run, row, listing), again=True, run=run.id)
            if leads.read_on(run, row, listing, new):
                run.frontier.add(leads.next_page(run.profile, row, listing), again=True, run=run.id)
            self._look(connection, row, kept, "read" if entries else "empty", len(entries), new)
            self._done(row, kept, capture, **plans.listing(run, row, kept.fetched_at, new=new > 0, links=bool(entries)))

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

    def keep_only(self, row: Row, kept: Kept) -> None:
        """Store the capture of a response after which the URL will be tried again."""

        def write(connection: sqlite3.Connection) -> None:
            self._capture(connection, row, kept)

        self._run.session.submit(write)

    def disallowed(self, row: Row) -> None:
        """Record that robots.txt forbids a URL."""
        self._run.counts.disallowed += 1
        self._run.session.store.count(self._run.id, disallowed=1)
        if row.kind in ("home", "listing"):
            self._run.keeper.note(of_look(row, self._day(clock.utcnow()), "disallowed"), row.url)

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

    def _has_media(self, article: Article) -> bool:
        return self._run.options.sample is None and bool(article.images or article.attachments)

    def _visited(
        self, connection: sqlite3.Connection, row: Row, at: datetime, article: Article | None, outcome: str
    ) -> None:
        """Note that an article's page was there, and ask for the pictures and files that the article held names."""
        super()._visited(connection, row, at, article, outcome)
        run, site = self._run, self._run.profile.id
        query = "SELECT uid, section, images, attachments FROM articles WHERE site = ? AND key = ?"
        with hidden.keeping(connection, site, row.key) as own:
            held = own.execute(query, [site, row.key]).fetchone()
            if held is None:
                return
            media.tie(own, site, held["uid"], held)  # one that was stored before there were media
        if run.options.sample is not None:
            return
        wanted = run.profile.wanted(run.session.config.media)
        named = [url for url, kind in media.named(held).items() if wanted.wants(kind, url)]
        found = {url: media_urls.address(url, run.profile) for url in named}
        run.counts.media_elsewhere += sum(address is None for address in found.values())
        # What looks like an article may be found as one yet.
        asked = {url: one for url, one in found.items() if one is not None and not urls.is_article(one, run.profile)}
        run.frontier.ask_for_media(asked, row.section or held["section"])

    def robots(self, kept: Kept) -> None:
        """Store the capture of a robots.txt."""

        def write(connection: sqlite3.Connection) -> None:
            if known(kept) is None:
                save(connection, kept, 1)

        self._run.session.submit(write)
