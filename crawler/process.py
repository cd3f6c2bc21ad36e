"""The process that crawls: Scrapy and its reactor, the sites under way in it, and how they are stopped."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.errors import ArchiveBusy, ArchiveError
from crawler import worker
from crawler.crawling import Summary
from crawler.session import Session
from crawler.spiderloader import spider_class

if TYPE_CHECKING:
    from scrapy.core.engine import ExecutionEngine
    from scrapy.crawler import Crawler

    from archive.directory import ArchiveDirectory
    from crawler.options import Options
    from crawler.profile import SiteProfile
    from crawler.run import SiteRun

#: Objects made before the process looks for garbage; a request makes hundreds.
_GARBAGE = 20_000
#: Seconds between two looks whether a crawl that was being opened can be stopped now.
_STOP_SECONDS = 0.05
#: Pauses shorter than this (seconds) are not worth showing.
_SHORT = 1.0

logger = logging.getLogger(__name__)


class _Scrapy(AsyncCrawlerProcess):
    """Scrapy's process, but the first signal is handed to us: the reactor runs until all is written down."""

    stopped: Callable[[], None]

    def _graceful_stop_reactor(self) -> None:  # type: ignore[override]
        self.stopped()


class UnderWay:
    """The crawl of one site, from before its run is opened until it has ended."""

    def __init__(self, profile: SiteProfile) -> None:
        self.profile = profile
        self.crawler: Crawler | None = None
        self.run: SiteRun | None = None
        self.began = time.monotonic()

    def opened(self, run: SiteRun) -> None:
        """Take the run that was opened."""
        self.run = run

    @property
    def _engine(self) -> ExecutionEngine | None:
        return self.crawler._engine if self.crawler is not None else None

    @property
    def rate(self) -> float:
        """Pages a second since the crawl began."""
        return (self.run.counts.pages if self.run else 0) / max(time.monotonic() - self.began, 0.001)

    def waits_for(self) -> str:
        """Say what the next request waits for; "" while answers come."""
        run, engine = self.run, self._engine
        if run is None or engine is None:
            return "start"
        if any(rules is None for rules in run.rules.values()):
            return "robots.txt"
        pause = run.paused_until - time.monotonic()
        if pause > _SHORT:
            return f"pause, {pause:.0f} s"
        slot = engine.downloader.slots.get(self.profile.id)
        if slot is not None and slot.queue and not slot.transferring:
            return f"delay, {slot.delay:g} s"
        wait = run.frontier.next_wait() if slot is None or not slot.active else None
        return f"retry in {wait:.0f} s" if wait is not None and wait > _SHORT else ""

    async def stop(self) -> None:
        """Have the engine stop, once it runs: what is on the wire may end, nothing more is asked."""
        engine = self._engine
        if engine is not None and engine.running and engine.crawler.crawling:
            await engine.crawler.stop_async()

    def summary(self, error: str | None = None, *, busy: bool = False) -> Summary:
        """Return how it went, or how far it is come; `error` is why it was not opened, or broke off."""
        site, run = self.profile.id, self.run
        if run is None:
            outcome = "busy" if busy else "failed" if error else "interrupted"
            return Summary(site, outcome, error or "was not begun")
        if run.outcome is None:
            outcome = "failed" if error else "interrupted"
            return Summary(site, outcome, error or "stopped at once", counts=run.counts)
        return Summary(site, run.outcome, run.reason, run.rest is not None, run.counts, run.failures)


class CrawlProcess:
    """Crawls sites in this process. `run` is called once: a Twisted reactor runs once."""

    def __init__(self, directory: ArchiveDirectory, settings: dict[str, Any] | None = None) -> None:
        values = Settings()
        values.setmodule("crawler.settings", priority="project")
        values.setdict(
            {"UNION_ARCHIVE": str(directory.path), "LOG_LEVEL": "WARNING", **(settings or {})}, priority="cmdline"
        )
        self._scrapy = _Scrapy(values)
        self._scrapy.stopped = self._stop
        self.running: dict[str, UnderWay] = {}
        self.stopping = asyncio.Event()
        """Set by the first signal: nothing more is to be begun."""
        self.fatal: ArchiveError | None = None
        """Why the archive could not be written, by the last crawl that met it."""
        self._ending: asyncio.Task[None] | None = None

    def run(self, work: Coroutine[Any, Any, None]) -> bool:
        """Run the reactor until `work` ends; False where a second signal cut it short."""
        loop = asyncio.get_event_loop()
        loop.run_until_complete(worker.prestart())
        # What is loaded now stays: to look through it for garbage after every few requests costs a tenth of the crawl.
        gc.freeze()
        gc.set_threshold(_GARBAGE, 20, 20)
        main = loop.create_task(self._until_done(work))
        try:
            self._scrapy.start(stop_after_crawl=False)
        finally:
            # A second signal stops the reactor at once: what was committed stands, the rest is still due.
            ended = main.done()
            main.cancel()
            Session.close_all()
        if ended:
            main.result()
        return ended

    async def crawl(self, profile: SiteProfile, options: Options) -> Summary:
        """Crawl one site to the end of its run. What goes wrong is in the summary."""
        site = self.running[profile.id] = UnderWay(profile)
        error, busy = None, False
        try:
            site.crawler = self._scrapy.create_crawler(spider_class(profile))
            await self._scrapy.crawl(site.crawler, options=options, opened=site.opened)
        except ArchiveError as problem:
            error, busy = str(problem), options.due and isinstance(problem, ArchiveBusy)
        except Exception as problem:
            logger.exception("%s", profile.id)
            error = f"{type(problem).__name__}: {problem}"
        finally:
            del self.running[profile.id]
        if site.run is not None:
            if site.run.outcome is None:
                _give_up(site.run, error)
            self.fatal = site.run.session.fatal or self.fatal
        return site.summary(error, busy=busy)

    async def _until_done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            if self._ending is not None:
                await self._ending
            self._scrapy._stop_reactor()

    def _stop(self) -> None:
        self.stopping.set()
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end_crawls())

    async def _end_crawls(self) -> None:
        """Stop what is under way, also what is only being opened."""
        stopping: set[asyncio.Task[None]] = set()
        while self.running:
            stopping |= {asyncio.ensure_future(site.stop()) for site in self.running.values()}
            await asyncio.sleep(_STOP_SECONDS)
            stopping -= {task for task in stopping if task.done()}
        await asyncio.gather(*stopping, return_exceptions=True)


def _give_up(run: SiteRun, error: str | None) -> None:
    """End a run that Scrapy has dropped before its scheduler was there to end it."""
    run.problem = run.problem or error
    try:
        run.close("dropped")
    except ArchiveError as problem:
        run.session.fail(problem)
    finally:
        run.session.drop()
