"""The Scrapy scheduler over the frontier: robots.txt first, then what is due, no faster than the site allows."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from twisted.internet.defer import Deferred

from archive.errors import ArchiveError
from archive.store import BATCH_PAGES
from crawler.robots import Rules, origin, robots_url
from crawler.run import SiteRun

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler

    from crawler.frontier import Row
    from crawler.spiders.site import SiteSpider


class FrontierScheduler(BaseScheduler):
    """Hands out requests for one site. Redirects and retries go through the frontier too, never through Scrapy."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._parked: dict[str, list[Row]] = {}
        self._robots: list[Request] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the scheduler of one crawl."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Take the spider's run, which holds the site's lock and frontier."""
        self._spider: SiteSpider = spider  # type: ignore[assignment]
        self._run: SiteRun = self._spider.run

    def close(self, reason: str) -> Deferred[None]:
        """Write how the run ended; the last run of the process closes the archive."""
        return Deferred.fromFuture(asyncio.ensure_future(self._close(reason)))

    async def _close(self, reason: str) -> None:
        try:
            self._run.close(reason)
        except ArchiveError as error:
            self._run.session.fail(error)
        finally:
            await self._run.session.release()

    def enqueue_request(self, request: Request) -> bool:
        """Refuse: every URL of ours is in the frontier before it is a request."""
        raise RuntimeError(f"{request.url}: was not handed out by the frontier; yield no requests, add frontier rows")

    def has_pending_requests(self) -> bool:
        """Say whether there is more to do. The engine asks when nothing is being downloaded or read."""
        run = self._run
        if run.over:
            return False
        try:
            run.session.flush()
            if run.limit_reached and not run.frontier.has_due(articles=False) and not self._spider.assembly.take_up():
                return False
            if any(rules is None for rules in run.rules.values()):
                return True
            for row in run.frontier.take_back_leases():
                # Handed out, yet nobody works on it: the request ended in neither callback nor errback.
                owner = self._spider.pictures if row.kind == "media" else self._spider.setbacks
                owner.lost(row)
            return run.frontier.has_due() or self._spider.assembly.take_up()
        except ArchiveError as error:
            run.session.fail(error)
            return False

    def next_request(self) -> Request | None:
        """Return the next request, robots.txt of a host before any other; None when there is none now."""
        run = self._run
        if run.over or not run.may_ask():
            return None
        try:
            return self._next()
        except ArchiveError as error:
            run.session.fail(error)
            return None

    def _next(self) -> Request | None:
        run = self._run
        if self._robots:
            return self._robots.pop()
        wait = run.paused_until - time.monotonic()
        if wait > 0:
            self._spider.wake(wait)
            return None
        while True:
            row = self._take()
            if row is None:
                wait_for = run.frontier.next_wait()
                if wait_for is not None:
                    self._spider.wake(wait_for)
                return None
            site = origin(row.url)
            if site not in run.rules:
                run.rules[site] = None
                self._parked.setdefault(site, []).append(row)
                return self._request(robots_url(site), None, {"robots": site})
            rules = run.rules[site]
            if rules is None:
                self._parked.setdefault(site, []).append(row)
            elif self._admit(row, rules):
                limits = self._spider.pictures.limits(row) if row.kind == "media" else {}
                return self._request(row.url, row, {"row": row, **limits})

    def _take(self) -> Row | None:
        """Lease the next row that the options want; what is queued is committed first when nothing seems due.

        No more is under way in the process than one batch, so that a kill costs no more than that; but every site
        may have one request, or it would wait for the others.
        """
        run, session = self._run, self._run.session
        if self._spider.setbacks.wary and run.frontier.leased:
            session.refused[run.profile.id] = self._spider.wake
            return None
        if self._full():
            if session.store.pending < BATCH_PAGES // 2:
                session.refused[run.profile.id] = self._spider.wake
                return None  # the rest is on the wire or being read: more of it would only wait there
            session.flush()
        ahead = run.options.limit is None
        row = run.frontier.take(articles=self._wants_articles(), ahead=ahead)
        if row is None and session.opening:
            session.flush()
            row = run.frontier.take(articles=self._wants_articles(), ahead=ahead)
        return row if row is not None else run.frontier.take_media()

    def _full(self) -> bool:
        session = self._run.session
        # Twice what is on the wire, so that a commit is worth its two writes to the disk.
        most = max(BATCH_PAGES, 2 * sum(run.concurrency for run in session.runs))
        return self._run.frontier.leased > 0 and session.leased >= most

    def _wants_articles(self) -> bool:
        """Say whether more articles may be begun; those under way count towards the limit."""
        run = self._run
        under_way = run.frontier.leased_pages + self._spider.assembly.under_way
        return run.options.limit is None or run.counts.articles + under_way < run.options.limit

    def _admit(self, row: Row, rules: Rules) -> bool:
        """Say whether a row may be fetched; one that may not is written down as what it is."""
        if row.kind == "media":
            return self._spider.pictures.admit(row, rules)
        if not rules.available:
            self._spider.results.failed(row, f"{row.url}: {rules.note}", None)
            return False
        if not rules.allows(row.url):
            self._spider.results.disallowed(row)
            return False
        if row.kind == "article" and self._run.too_old(row.listing.date if row.listing else None):
            self._spider.results.excluded(row)
            return False
        return True

    def robots_moved(self, site: str, url: str, redirects: int) -> None:
        """Ask for a host's robots.txt where it redirected to."""
        self._robots.append(self._request(url, None, {"robots": site, "redirects": redirects}))

    def robots_answered(self, site: str, rules: Rules) -> None:
        """Note a host's rules, slow down as it asks, and free the rows that waited for it."""
        self._run.rules[site] = rules
        if rules.delay is not None:
            self._slow_down(rules.delay)
        for row in self._parked.pop(site, []):
            self._run.frontier.give_back(row)

    def _slow_down(self, delay: float) -> None:
        downloader = self._crawler.engine.downloader
        settings = downloader.per_slot_settings[self._run.profile.id]
        settings["delay"] = max(delay, settings["delay"])
        slot = downloader.slots.get(self._run.profile.id)
        if slot is not None:
            slot.delay = settings["delay"]

    def _request(self, url: str, row: Row | None, meta: dict[str, Any]) -> Request:
        spider = self._spider
        headers: dict[str, str | None] = {"User-Agent": spider.user_agent}
        if row is not None and row.capture is not None and not self._run.options.full:
            headers |= {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified}
        form = row.form if row is not None else None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._run.counts.requests += 1
        self._run.session.store.count(self._run.id, requests=1)
        return Request(
            url,
            method="GET" if form is None else "POST",
            body=form or "",
            callback=spider.robots_page if row is None else spider.page,
            errback=spider.robots_failed if row is None else spider.page_failed,
            headers={name: value for name, value in headers.items() if value},
            meta={**meta, "download_slot": self._run.profile.id},
            dont_filter=True,
        )
