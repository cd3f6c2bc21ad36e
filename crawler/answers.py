"""What is done with an answer to a request for one of a site's pages: read, revisited, gone, redirected, refused.

A crawl asks these questions of what the site sends, a rebuild of what the archive holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.article import Article
from archive.payload import PayloadError
from crawler import urls
from crawler.assembly import Assembly
from crawler.families.base import Listing
from crawler.keeping import Kept
from crawler.reading import SHUT_OUT
from crawler.results import Results
from crawler.revisits import MEND
from crawler.setbacks import BLOCKED, Setbacks
from crawler.stored import GENERIC, Stored, says_the_same

if TYPE_CHECKING:
    from crawler.frontier import Row
    from crawler.run import SiteRun

REDIRECTS = (301, 302, 303, 307, 308)
#: Answers for the page after a listing's last one; WordPress says 400.
_BEYOND = (400, 404, 410)


class Answers:
    """The answers of one run."""

    def __init__(self, run: SiteRun, results: Results, setbacks: Setbacks, stored: Stored, assembly: Assembly) -> None:
        self._run = run
        self._results = results
        self._setbacks = setbacks
        self._stored = stored
        self._assembly = assembly

    async def answered(self, row: Row, kept: Kept) -> None:
        """Say what an answer is, and write what comes of it."""
        status = kept.http.status
        self._setbacks.answered()
        if kept.unchanged and self._reads_unchanged(row):
            await self._read(row, kept)
            return
        if kept.unchanged and (status == 304 or (status == 200 and self._is_read_today(row))):
            self._setbacks.read()
            self._results.confirmed(row, kept)
        elif status in REDIRECTS:
            self._setbacks.redirected(row, kept)
        elif status in (429, 500, 502, 503, 504):
            self._setbacks.back_off(row, kept)
        elif status in BLOCKED:
            self._setbacks.blocked(row, kept, f"HTTP {status}, a challenge to browsers")
        elif status in _BEYOND and row.kind == "listing" and row.depth and self._run.profile.behaviour.counts_pages:
            self._results.listing(row, kept, Listing())  # pages were counted, and this is one too many
        elif status in (404, 410) and row.kind == "article":
            self._setbacks.gone(row, kept, f"HTTP {status}")
        elif status != 200:
            self._results.failed(row, f"{row.url}: HTTP {status}", kept, gone=status in (404, 410))
        else:
            await self._read(row, kept)
            return
        if row.kind == "part":
            await self._assembly.finish(row.part_of)

    def _reads_unchanged(self, row: Row) -> bool:
        """Say whether a page that is as it was is read nevertheless: what follows it need not be as it was."""
        if row.kind == "article":
            return bool(self._run.frontier.parts(row.key)) or _is_withheld(row)
        return row.kind == "part" or self._run.audits(row) or row.read_with != self._run.derived_with

    def _is_read_today(self, row: Row) -> bool:
        """Say whether what a page says is known, by today's code and profile."""
        return row.kind != "article" or self._stored.derived_today(row)

    async def _read(self, row: Row, kept: Kept) -> None:
        http = kept.http
        if http.status == 304 and row.capture is not None:
            http, _ = self._run.keeper.content(row.capture)
        try:
            body, content_type = http.content(), http.header("Content-Type")
        except PayloadError as error:
            self._results.failed(row, f"{row.url}: {error}", kept)
        else:
            if row.kind != "part":
                await self._page_or_listing(row, kept, body, content_type)
            else:
                await self._assembly.further(row, kept, body, content_type)
        if row.kind == "part":
            await self._assembly.finish(row.part_of)

    async def _page_or_listing(self, row: Row, kept: Kept, body: bytes, content_type: str | None) -> None:
        page = self._stored.as_page(row, row.url, body, kept.fetched_at, content_type)
        reading = await self._run.session.worker.read([page], self._run.profile)
        if reading.refusal not in SHUT_OUT:
            self._setbacks.read()
        if reading.listing is not None:
            self._results.listing(row, kept, reading.listing)
        elif reading.article is not None:
            await self._article(row, kept, reading.article)
        elif reading.refusal in SHUT_OUT:
            self._setbacks.blocked(row, kept, str(reading.refusal))
        elif reading.refusal == "missing page" and row.kind == "article":
            self._setbacks.gone(row, kept, "says that there is no such page")
        else:
            self._results.failed(row, reading.error or f"{row.url}: no article", kept, read=True)

    async def _article(self, row: Row, kept: Kept, article: Article) -> None:
        if article.part_of is not None and self._assembly.is_further(article):
            self._setbacks.leads_to(row, kept, urls.canonical(article.part_of, self._run.profile))
        elif self._run.too_old(article.published_at):
            self._results.excluded(row, kept)
        elif article.parts:
            await self._assembly.begin(row, kept, article)
        else:
            await self._revised(row, kept, article)

    async def _revised(self, row: Row, kept: Kept, article: Article) -> None:
        sha256 = article.sha256  # made here: the reading process is the busier one
        # A capture that the article was not read from is no base to compare with, though the bytes are the same.
        unchanged = kept.unchanged and self._stored.is_read_from(row)
        previous = article if unchanged else await self._stored.previous(row, sha256)
        if article.layout == GENERIC and not unchanged:
            before = await self._stored.read_by_layout(row, previous)
            if before is not None and says_the_same(before, article):
                self._results.same(row, kept, article)
                return
            if before is not None:
                self._results.withheld(row, kept, article)
                return
        self._results.article(row, kept, article, sha256=sha256, previous=previous)


def _is_withheld(row: Row) -> bool:
    return (row.error or "").endswith(MEND)
