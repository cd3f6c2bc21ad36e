"""SiteSpider: what is done with each response of a site, from listing pages to article pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin

from scrapy import Spider

from archive import __version__
from archive.directory import default_directory
from archive.errors import ArchiveError
from archive.payload import PayloadError
from crawler import facts, urls
from crawler import robots as robots_txt
from crawler.answers import REDIRECTS, Answers
from crawler.assembly import Assembly
from crawler.keeping import Kept
from crawler.options import options_from
from crawler.pictures import Pictures
from crawler.results import Results
from crawler.run import REPLAY_CONCURRENCY, SiteRun
from crawler.setbacks import MAX_REDIRECTS, Setbacks, reason
from crawler.stored import Stored

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.frontier import Row
    from crawler.profile import SiteProfile
    from crawler.scheduler import FrontierScheduler


class SiteSpider(Spider):
    """Crawls one site; `profile` is set by the spider loader. Options come as Scrapy arguments (`-a limit=5`)."""

    profile: ClassVar[SiteProfile]
    run: SiteRun

    def __init__(self, run: SiteRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.results = Results(run)
        self.setbacks = Setbacks(run, self.results)
        self.stored = Stored(run)
        self.pictures = Pictures(run)
        self.assembly = Assembly(run, self.results, self.stored, self.wake)
        self.answers = Answers(run, self.results, self.setbacks, self.stored, self.assembly)
        self._woken = 0.0
        contact = run.session.config.contact
        self.user_agent = f"union-archive/{__version__}" + (f" (+{contact})" if contact else "")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the run: lock the site, read the replayed files, seed the frontier. Raises ArchiveError."""
        options = kwargs.pop("options", None) or options_from(kwargs)
        opened = kwargs.pop("opened", None)
        profile = cls.profile
        concurrency, delay = profile.concurrency, profile.delay
        settings: dict[str, Any] = {}
        if options.replay:
            concurrency, delay = REPLAY_CONCURRENCY, 0.0
            handler = "crawler.replay.ReplayHandler"
            settings["DOWNLOAD_HANDLERS"] = {"http": handler, "https": handler}
        settings["DOWNLOAD_SLOTS"] = {profile.id: {"concurrency": concurrency, "delay": delay, "jitter": 0.0}}
        settings["CONCURRENT_REQUESTS"] = settings["CONCURRENT_REQUESTS_PER_DOMAIN"] = concurrency
        crawler.settings.setdict(settings, priority="cmdline")
        where = crawler.settings.get("UNION_ARCHIVE")
        run = SiteRun.open(profile, options, default_directory(Path(where) if where else None))
        if opened is not None:
            opened(run)
        return super().from_crawler(crawler, run, **kwargs)

    async def start(self) -> AsyncIterator[Any]:
        """Take up articles whose further pages were all fetched when an earlier run was killed; yield nothing."""
        for row in self.run.frontier.waiting():
            await self.assembly.finish(row.key)
        return
        yield

    # robots.txt

    async def robots_page(self, response: Response) -> None:
        """Read a host's robots.txt."""
        site = response.meta["robots"]
        try:
            wire = response.meta["wire"]
            kept = self.run.keeper.keep(response.url, response.url, wire, held=None, about=facts.ROBOTS)
            if kept is None:
                raise PayloadError("the response is no HTTP")
            self.results.robots(kept)
            if self._robots_moved(site, response, kept):
                return
            rules = robots_txt.answered(response.status, kept.http.content(), "union-archive")
        except PayloadError as error:
            rules = robots_txt.silent(str(error))
        except ArchiveError as error:
            self.run.session.fail(error)
            return
        except Exception as error:
            self.logger.exception("%s: %s", self.name, response.url)
            rules = robots_txt.silent(f"{type(error).__name__}: {error}")
        self._ruled(site, rules)

    def _robots_moved(self, site: str, response: Response, kept: Kept) -> bool:
        """Follow a redirect of robots.txt on the profile's hosts (RFC 9309 §2.3.1.2: five at least)."""
        target = urljoin(response.url, kept.http.header("Location") or "")
        redirects = response.meta.get("redirects", 0)
        if response.status not in REDIRECTS or redirects >= MAX_REDIRECTS:
            return False
        if not kept.http.header("Location") or not urls.on_site(target, self.run.profile):
            return False
        self._scheduler.robots_moved(site, target, redirects + 1)
        return True

    async def robots_failed(self, failure: Failure) -> None:
        """Note that a host's robots.txt cannot be had: the host waits. A replay allows what it lacks."""
        site = failure.request.meta["robots"]  # type: ignore[attr-defined]
        if self.run.replay is not None:
            self._ruled(site, robots_txt.Rules(True, "not replayed"))
        else:
            self._ruled(site, robots_txt.silent(reason(failure.value)))

    def _ruled(self, site: str, rules: robots_txt.Rules) -> None:
        self._scheduler.robots_answered(site, rules)
        if not rules.available and site == robots_txt.origin(self.run.profile.home):
            self.setbacks.give_up(f"{site}: {rules.note}; the site waits", "robots")

    # pages

    async def page(self, response: Response) -> None:
        """Keep a response, then read it; what goes wrong costs this URL."""
        row: Row = response.meta["row"]
        if row.kind == "media":
            await self.pictures.page(row, response)
            return
        self.run.counts.pages += 1
        try:
            wire, about = response.meta["wire"], self._about(row)
            kept = self.run.keeper.keep(row.key, row.url, wire, held=row.capture, about=about)
            self.run.session.store.count(self.run.id, bytes=len(response.body))
            if kept is None:
                self.results.failed(row, f"{row.url}: the response is no HTTP", None)
            else:
                await self.answers.answered(row, kept)
        except ArchiveError as error:
            self.run.session.fail(error)
        except asyncio.CancelledError:
            self.run.frontier.give_back(row)
        except Exception as error:
            self.logger.exception("%s: %s", self.name, row.url)
            self.results.failed(row, f"{row.url}: {type(error).__name__}: {error}", None)

    async def page_failed(self, failure: Failure) -> None:
        """Keep what arrived of a failed response; try again later, or write down why not."""
        meta = failure.request.meta  # type: ignore[attr-defined]
        row: Row = meta["row"]
        if row.kind == "media":
            await self.pictures.page_failed(row, failure)
            return
        wire = meta.get("wire")
        why = f"{row.url}: {reason(failure.value)}"
        try:
            kept = None
            if wire is not None and self.run.replay is None and wire.received:
                kept = self.run.keeper.keep(row.key, row.url, wire, held=None, about=self._about(row))
            if self.run.replay is not None or (wire is not None and wire.truncated == "length"):
                self.results.failed(row, why, kept)
            elif self.setbacks.silence(row, why, kept):
                return
            if row.kind == "part":
                await self.assembly.finish(row.part_of)
        except ArchiveError as error:
            self.run.session.fail(error)

    def wake(self, seconds: float) -> None:
        """Have the engine ask for the next request after a wait, rather than at its next heartbeat."""
        now = time.monotonic()
        if self._woken < now or now + seconds < self._woken:
            self._woken = now + seconds
            engine = self.crawler.engine
            assert engine is not None
            slot = engine._slot
            if slot is None:
                return  # the crawl has ended meanwhile
            asyncio.get_running_loop().call_later(seconds + 0.01, slot.nextcall.schedule)

    # The pieces.

    def _about(self, row: Row) -> dict[str, Any]:
        """Return what is known of a URL besides its response."""
        first = self.run.frontier.first_of(row) if row.part_of is not None else None
        return facts.of_row(row, urls.canonical(first.url, self.profile) if first is not None else None)

    @property
    def _scheduler(self) -> FrontierScheduler:
        engine = self.crawler.engine
        assert engine is not None
        return engine.scheduler  # type: ignore[return-value]
