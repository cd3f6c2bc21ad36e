"""Shelf: what came of a picture or an attachment, written: its capture, its row, and its digest in the articles."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

from archive import clock, media
from crawler import media_urls
from crawler.frontier import Row
from crawler.keeping import Kept
from crawler.writing import RETRY, Writing

Waits = tuple[timedelta, timedelta]


class Shelf(Writing):
    """Writes the media of one run. Nothing here counts as a page, nor as a page that failed."""

    def held(self, row: Row, kept: Kept) -> None:
        """Store what an article names: every article that does bears its digest from now on."""
        self._run.counts.media += 1

        def write(connection: sqlite3.Connection) -> None:
            capture = self._capture(connection, row, kept)
            self._done(row, kept, capture, **self._anew(row))
            media.note(connection, self._run.profile.id, row.key, kept.columns["digest"])

        self._submit(row, write)

    def missing(self, row: Row, error: str, kept: Kept | None, waits: Waits = RETRY) -> None:
        """Record in one line why there is none; it is tried again after `waits`: the first time, and at most."""
        self._run.counts.media_failed += 1
        status = kept.http.status if kept is not None else None

        def write(connection: sqlite3.Connection) -> None:
            if kept is not None:
                self._capture(connection, row, kept)
            wait, most = waits
            columns = {"status": status, "url": self._anew(row)["url"]}
            self._run.frontier.fail(row, error, run=self._run.id, wait=wait, most=most, **columns)

        self._submit(row, write, failure=True)

    def failed(
        self, row: Row, error: str, kept: Kept | None, *, gone: bool = False, look: str = "failed", read: bool = False
    ) -> None:
        """Record that what came of one could not be stored."""
        self.missing(row, error, kept)

    def moved(self, row: Row, kept: Kept, target: str) -> None:
        """Ask for it where it redirects to; it keeps the name that articles have for it."""

        def write(connection: sqlite3.Connection) -> None:
            self._capture(connection, row, kept)
            self._run.frontier.finish(row, "due", url=target, redirects=row.redirects + 1)

        self._submit(row, write, opens=True)

    def keep_only(self, row: Row, kept: Kept) -> None:
        """Store the answer after which it will be tried again."""
        self._run.session.submit(lambda connection: self._keep(connection, row, kept))

    def _keep(self, connection: sqlite3.Connection, row: Row, kept: Kept) -> None:
        self._capture(connection, row, kept)

    def put_off(self, row: Row, why: str) -> None:
        """Record that it was not asked for, and why: that says nothing of it."""
        moment = clock.stamp(clock.utcnow() + RETRY[0])
        self._finish(row, "failed", error=why, next_check=moment, run=self._run.id)

    def disallowed(self, row: Row) -> None:
        """Record that robots.txt forbids it."""
        self._finish(row, "disallowed", error="robots.txt forbids it", run=self._run.id)

    def excluded(self, row: Row) -> None:
        """Record that it is not wanted, or not in the replayed files; the next run looks again."""
        self._finish(row, "excluded", run=self._run.id)

    def _finish(self, row: Row, state: str, **columns: Any) -> None:
        values = columns | self._anew(row)
        self._submit(row, lambda _: self._run.frontier.finish(row, state, **values), failure=True)

    def _anew(self, row: Row) -> dict[str, Any]:
        """Return what has it asked for under its own address the next time, wherever it redirected to."""
        return {"url": media_urls.address(row.key, self._run.profile) or row.url, "redirects": 0}
