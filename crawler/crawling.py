"""Crawling several sites side by side in one process, and telling a person how it goes."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler import worker
from crawler.counts import Counts
from crawler.options import Options

#: Objects made before the process looks for garbage; a request makes hundreds.
_GARBAGE = 20_000

if TYPE_CHECKING:
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.profile import SiteProfile
    from crawler.run import SiteRun

Then = Callable[["SiteProfile"], "tuple[SiteProfile, Options] | None"]
logger = logging.getLogger(__name__)

#: Seconds between plain progress lines, where stderr is no terminal.
PLAIN_SECONDS = 15.0
#: Failed URLs that are named at the end of a site's crawl.
NAMED_FAILURES = 5


@dataclass(slots=True)
class Summary:
    """How the crawl of one site went; `error` is why it did not start."""

    site: str
    outcome: str
    reason: str | None = None
    resting: bool = False
    """Whether it stopped because archive.toml says so (budget, quiet hours)."""
    counts: Counts = field(default_factory=Counts)
    failures: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the summary for a person: one line, and one for each of the first failures."""
        counts = self.counts
        reason = f" ({self.reason})" if self.reason else ""
        first = (
            f"{self.site}: {self.outcome}{reason}; {counts.new} new, {counts.changed} changed, "
            f"{counts.unchanged} unchanged, {counts.failed} failed, {counts.requests} requests"
        )
        named = [f"  failed: {failure}" for failure in self.failures[:NAMED_FAILURES]]
        more = counts.failed - len(named)
        return [first, *named, *([f"  and {more} more, in table frontier"] if named and more > 0 else [])]

    def to_json(self) -> dict[str, Any]:
        """Return the summary for a program."""
        return {**asdict(self), "counts": asdict(self.counts)}


def crawl_sites(
    directory: ArchiveDirectory,
    profiles: Sequence[SiteProfile],
    options: Options,
    *,
    jobs: int,
    settings: dict[str, Any] | None = None,
    then: Then | None = None,
) -> list[Summary]:
    """Crawl sites, up to `jobs` at a time, until all are done or a signal stops them. Once a process.

    `then` is asked, when a site is done, what is to be crawled after it (None: nothing more).
    """
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    values = Settings()
    values.setmodule("crawler.settings", priority="project")
    values.setdict(
        {"UNION_ARCHIVE": str(directory.path), "LOG_LEVEL": "WARNING", **(settings or {})}, priority="cmdline"
    )
    process = AsyncCrawlerProcess(values)
    asyncio.get_event_loop().run_until_complete(worker.prestart())
    # What is loaded now stays: to look through it for garbage after every few requests costs a tenth of the crawl.
    gc.freeze()
    gc.set_threshold(_GARBAGE, 20, 20)
    return _Crawl(directory, profiles, options, jobs, process, then).run()


class _Crawl:
    def __init__(
        self,
        directory: ArchiveDirectory,
        profiles: Sequence[SiteProfile],
        options: Options,
        jobs: int,
        process: AsyncCrawlerProcess,
        then: Then | None,
    ) -> None:
        self._directory = directory
        self._profiles = [*profiles]
        self._then = then
        self._options = options
        self._jobs = asyncio.Semaphore(jobs)
        self._process = process
        self._runs: dict[str, SiteRun] = {}
        self._errors: dict[str, str] = {}
        self._started = time.monotonic()
        self._done = 0
        self._stopping = False

    def run(self) -> list[Summary]:
        from crawler.session import Session

        loop = asyncio.get_event_loop()
        _reactor().addSystemEventTrigger("before", "shutdown", self._stop)
        main = loop.create_task(self._all())
        try:
            self._process.start(stop_after_crawl=False)
        finally:
            main.cancel()
            # A second Ctrl-C stops the reactor at once: what was committed stands, the rest is still due.
            Session.close_all()
        return [self._summary(profile.id) for profile in self._profiles]

    def _stop(self) -> None:
        self._stopping = True

    async def _all(self) -> None:
        progress = asyncio.ensure_future(self._tell())
        try:
            await asyncio.gather(*(self._one_after_another(profile) for profile in self._profiles))
        finally:
            progress.cancel()
            await asyncio.gather(progress, return_exceptions=True)
            self._process._stop_reactor()

    async def _one_after_another(self, profile: SiteProfile) -> None:
        await self._one(profile, self._options)
        while self._then is not None and not self._stopping and (following := self._then(profile)) is not None:
            profile, options = following
            self._profiles.append(profile)
            await self._one(profile, options)

    async def _one(self, profile: SiteProfile, options: Options) -> None:
        from crawler.spiderloader import spider_class

        async with self._jobs:
            if self._stopping or any(run.session.fatal for run in self._runs.values()):
                return
            crawler = self._process.create_crawler(spider_class(profile))
            try:
                await self._process.crawl(crawler, options=options, opened=self._opened)
            except ArchiveError as error:
                self._errors[profile.id] = str(error)
            except Exception as error:
                logger.exception("%s", profile.id)
                self._errors[profile.id] = f"{type(error).__name__}: {error}"
            self._done += 1

    def _opened(self, run: SiteRun) -> None:
        self._runs[run.profile.id] = run

    def _summary(self, site: str) -> Summary:
        run = self._runs.get(site)
        if run is None:
            error = self._errors.get(site)
            return Summary(site, "failed" if error else "interrupted", error or "was not begun")
        if run.outcome is None:
            return Summary(site, "interrupted", "stopped at once", counts=run.counts)
        return Summary(site, run.outcome, run.reason, run.rest is not None, run.counts, run.failures)

    # Progress

    async def _tell(self) -> None:
        """Show sites, pages, articles, rate and errors: in place on a terminal, now and then elsewhere."""
        bar: tqdm[Any] | None = None
        if sys.stderr.isatty():
            bar = tqdm(bar_format="{desc}", leave=False, file=sys.stderr)
        said = time.monotonic()
        try:
            while True:
                await asyncio.sleep(0.5)
                if bar is not None:
                    bar.set_description_str(self._line())
                elif time.monotonic() - said >= PLAIN_SECONDS:
                    said = time.monotonic()
                    click.echo(self._line(), err=True)
        finally:
            if bar is not None:
                bar.close()

    def _line(self) -> str:
        counts = [run.counts for run in self._runs.values()]
        pages = sum(one.pages for one in counts)
        articles = sum(one.articles for one in counts)
        seconds = max(time.monotonic() - self._started, 0.001)
        return (
            f"{self._done}/{len(self._profiles)} sites, {pages:,} pages, {articles:,} articles, "
            f"{pages / seconds:.1f} pages/s, {sum(one.failed for one in counts):,} errors"
        )


def _reactor() -> Any:
    """Return Twisted's reactor, once the crawler process has installed it."""
    from twisted.internet import reactor

    return reactor
