"""Assembly: an article of several pages, from its first page to the one article that all its pages make up.

Its first page waits in the frontier while the pages that it names are fetched, each of which may name further ones.
When none of them is due any more, the article is read from the captures of all. A page that cannot be had ends it:
its text goes no further than the page before the gap, and the first page's row says so. Where an earlier crawl had
that page, its capture still stands for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from archive.article import Article
from archive.errors import ArchiveError
from crawler import urls

if TYPE_CHECKING:
    from crawler.frontier import Row
    from crawler.keeping import Kept
    from crawler.results import Results
    from crawler.run import SiteRun
    from crawler.stored import Stored

logger = logging.getLogger(__name__)


class Assembly:
    """The articles of several pages of one run."""

    def __init__(self, run: SiteRun, results: Results, stored: Stored, wake: Callable[[float], None]) -> None:
        self._run = run
        self._results = results
        self._stored = stored
        self._wake = wake
        self._under_way: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stood_in: set[str] = set()

    @property
    def under_way(self) -> int:
        """How many articles are being put together now."""
        return len(self._under_way)

    def is_further(self, article: Article) -> bool:
        """Say whether what was taken for an article is a further page of one; a guess has to name a known one."""
        first, profile = article.part_of, self._run.profile
        if first is None or not urls.is_article(first, profile):
            return False
        return not article.part_guessed or self._run.frontier.knows(urls.key(first, profile))

    async def begin(self, row: Row, kept: Kept, article: Article) -> None:
        """Store an article's first page and ask for the pages that it names."""
        self._results.waiting(row, kept, self._canonical(article))
        await self.finish(row.key)  # its pages may have been read before it in this run

    async def further(self, row: Row, kept: Kept, content: bytes, content_type: str | None) -> None:
        """Store a further page, and ask for the pages that it names after it."""
        first = self._run.frontier.first_of(row)
        if first is None:
            self._results.part(row, kept, ())  # of an article that has become shorter meanwhile
            return
        place = self._stored.place(first, row.part)
        page = self._stored.as_page(row, row.url, content, kept.fetched_at, content_type, place)
        reading = await self._run.session.worker.read([page], self._run.profile)
        if reading.article is None:
            self._results.failed(row, reading.error or f"{row.url}: no page of an article", kept)
            return
        pages = self._canonical(reading.article)
        asked = self._run.frontier.parts(first.key)
        if not {part.url for part in asked}.issuperset(pages):
            before = [first, *(part for part in asked if part.part == row.part - 1)]
            if await self._repeats(reading.article, first, before):
                pages = []
        self._results.part(row, kept, pages)

    async def _repeats(self, article: Article, first: Row, pages: list[Row]) -> bool:
        """Say whether a page says what one before it said: sites answer so for pages that they lack, and go on."""
        for row in pages:
            if row.capture is not None:
                page = self._stored.page(first, row.capture, row.part)
                reading = await self._run.session.worker.read([page], self._run.profile)
                if reading.article is not None and reading.article.text == article.text:
                    return True
        return False

    async def finish(self, key: str | None) -> None:
        """Store an article when the last of its further pages is there, or given up."""
        frontier = self._run.frontier
        self._run.session.store.flush()
        first = next((row for row in frontier.waiting() if row.key == key), None)
        if first is None or first.key in self._under_way or frontier.unresolved_parts(first.key):
            return
        self._under_way.add(first.key)
        try:
            if not await self._goes_on(first):
                await self._join(first)
        except ArchiveError as error:
            self._run.session.fail(error)
        except Exception as error:
            logger.exception("%s", first.url)
            self._results.failed(first, f"{first.url}: {type(error).__name__}: {error}", None)
        finally:
            self._under_way.discard(first.key)

    def take_up(self) -> bool:
        """Begin to finish what no page is due of any more; say whether anything of it is under way.

        Pages may end in other ways than `finish` is told of: by robots.txt, by an error of ours.
        """
        for row in self._run.frontier.waiting():
            if row.key not in self._under_way and not self._run.frontier.unresolved_parts(row.key):
                task = asyncio.ensure_future(self.finish(row.key))
                self._tasks.add(task)
                task.add_done_callback(self._taken_up)
        return bool(self._under_way or self._tasks)

    def _taken_up(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake(0.0)

    async def _goes_on(self, first: Row) -> bool:
        """Ask for the pages that an earlier capture names, where that stands for a page; say whether there are any."""
        parts = self._run.frontier.parts(first.key)
        asked = {part.url for part in parts}
        for part in parts:
            if part.error is None or part.capture is None or part.key in self._stood_in:
                continue
            self._stood_in.add(part.key)
            page = self._stored.page(first, part.capture, part.part)
            reading = await self._run.session.worker.read([page], self._run.profile)
            named = self._canonical(reading.article) if reading.article is not None else []
            if not asked.issuperset(named):
                self._results.ask(first, named, part.part + 1)
                return True
        return False

    async def _join(self, first: Row) -> None:
        captures, gap = self._captures(first)
        pages = [self._stored.page(first, capture, number) for number, capture in enumerate(captures, 1)]
        reading = await self._run.session.worker.read(pages, self._run.profile)
        article = reading.article
        if article is None:
            self._results.failed(first, reading.error or f"{first.url}: no article", None)
            return
        previous = await self._previous(first, captures, article)
        at = self._stored.seen_at(captures[0])  # its bytes may be those of an earlier visit
        self._results.assembled(first, at, captures, article, previous=previous, gap=gap)

    def _captures(self, first: Row) -> tuple[list[int], str | None]:
        """Return the captures of an article's pages up to the first that is missing, and what to say of that one."""
        assert first.capture is not None
        captures = [first.capture]
        parts = self._run.frontier.parts(first.key)
        held = {row.part: row.capture for row in parts if row.capture is not None}
        for number in range(2, max((row.part for row in parts), default=1) + 1):
            if number not in held:
                why = next((row.error for row in parts if row.part == number and row.error), "it was not read")
                return captures, f"{first.url}: ends before page {number}, which is missing ({why})"
            captures.append(held[number])
        return captures, None

    async def _previous(self, first: Row, captures: list[int], article: Article) -> Article | None:
        """Return what to compare an article with, where that is not what is stored.

        An article that lacked pages is no other one when they are there at last: the site has changed nothing.
        """
        held = self._stored.article(first.key)
        if held is not None and first.error is not None:
            before = len(self._stored.captures(held))
            if before < len(captures):
                begun = await self._stored.joined(first, captures[:before])
                if begun is not None and begun.sha256 == held["sha256"]:
                    return article
        return await self._stored.previous(first, article.sha256)

    def _canonical(self, article: Article) -> list[str]:
        return [urls.canonical(url, self._run.profile) for url in article.parts]
