"""Scratch: an archive that is thrown away, and what a small crawl brought into it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.directory import ArchiveDirectory
from archive.payload import PayloadError
from archive.warc import read_record
from crawler import urls
from crawler.crawling import Summary, Then, crawl_sites
from crawler.families.base import Listing

if TYPE_CHECKING:
    import sqlite3

    from crawler.options import Options
    from crawler.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page of a scratch archive: what the frontier knows of it, and its content where it was answered."""

    url: str
    kind: str
    section: str | None
    depth: int
    state: str
    status: int | None
    error: str | None
    told: str | None = None
    """What a listing said of an article, as JSON."""
    body: bytes = b""
    content_type: str | None = None

    def text(self, profile: SiteProfile) -> str:
        """Return the page decoded as extraction decodes it."""
        from crawler.extraction.charset import decode

        return decode(self.body, self.content_type, profile.languages)[0]

    def listing(self, profile: SiteProfile) -> Listing | str:
        """Return what the page lists, or why it cannot be read."""
        if not self.body:
            return self.error or "no answer"
        url = urls.canonical(self.url, profile)
        try:
            return profile.behaviour.listing(self.body, url, profile, content_type=self.content_type)
        except ValueError as error:
            return str(error)


class Scratch:
    """A scratch archive; it is made and thrown away by `scratch`."""

    def __init__(self, directory: ArchiveDirectory) -> None:
        self.directory = directory

    def crawl(
        self,
        profiles: Sequence[SiteProfile],
        options: Options,
        *,
        jobs: int = 1,
        then: Then | None = None,
    ) -> dict[str, Summary]:
        """Crawl sites; return how each went, by id. Once a process."""
        # What goes wrong is told with the look's result, not beside it.
        quiet = {"LOG_LEVEL": "ERROR"}
        summaries = crawl_sites(self.directory, profiles, options, jobs=jobs, settings=quiet, then=then)
        return {summary.site: summary for summary in summaries}

    def fetched(self, site: str, *kinds: str) -> list[Fetched]:
        """Return the pages of a site that were asked for, in the order of their discovery."""
        marks = ", ".join("?" * len(kinds))
        query = f"""
            SELECT f.url, f.kind, f.section, f.depth, f.state, f.status, f.error, f.listing AS told,
                c.warc, c.offset
            FROM frontier f LEFT JOIN captures l ON l.id = f.capture
            LEFT JOIN captures c ON c.id = coalesce(l.payload, l.id)
            WHERE f.site = ? AND f.kind IN ({marks}) AND f.state NOT IN ('due', 'redirected') ORDER BY f.id
        """
        return [self._page(row) for row in self._rows(query, site, *kinds)]

    def articles(self, site: str) -> list[dict[str, Any]]:
        """Return the rows of `articles` of a site, the newest first."""
        return [dict(row) for row in self._rows("SELECT * FROM articles WHERE site = ? ORDER BY id DESC", site)]

    def _page(self, row: sqlite3.Row) -> Fetched:
        names = ("url", "kind", "section", "depth", "state", "status", "error", "told")
        known = Fetched(*(row[name] for name in names))
        if row["warc"] is None:
            return known
        try:
            http = read_record(self.directory.warc, row["warc"], row["offset"]).http
            return replace(known, body=http.content(), content_type=http.header("Content-Type"))
        except PayloadError as error:
            return replace(known, error=str(error))

    def _rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        if not self.directory.database.exists():
            return []
        db = self.directory.read_database()
        try:
            return db.execute(query, values).fetchall()
        finally:
            db.close()


@contextmanager
def scratch(archive: ArchiveDirectory) -> Iterator[Scratch]:
    """Make a scratch archive with the archive.toml of `archive`; throw it away at the end."""
    with tempfile.TemporaryDirectory(prefix="union-archive-") as name:
        directory = ArchiveDirectory(Path(name))
        if archive.config_file.exists():
            shutil.copyfile(archive.config_file, directory.config_file)
        yield Scratch(directory)
