"""Pictures and attachments of articles: which are asked for, and what is done with each answer.

They go through the frontier and the scheduler as pages do, when no page is due, under the same robots.txt, delay,
budget and quiet hours. What fails costs itself. A host that does not answer, or shuts crawlers out, is asked for no
more of them in this run; the rest of the run goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from archive import clock, firstbytes, media
from archive.errors import ArchiveError
from archive.payload import PayloadError
from archive.wanted import size_text
from crawler import facts, media_urls, setbacks
from crawler.answers import REDIRECTS
from crawler.capture import CrawlStopped
from crawler.reading import SHUT_OUT, Page
from crawler.robots import Rules, origin
from crawler.shelf import Shelf
from crawler.writing import GONE

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.frontier import Row
    from crawler.keeping import Kept
    from crawler.run import SiteRun

logger = logging.getLogger(__name__)

#: Seconds that one may take; a page has a minute.
TIMEOUT = 180


class Pictures:
    """The media of one run."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run
        self._shelf = Shelf(run)
        self._left: dict[str, str] = {}
        """Origins that are asked for no more of them, and why."""
        self._silent: Counter[str] = Counter()
        self._shut: Counter[str] = Counter()

    # Before they are asked for.

    def admit(self, row: Row, rules: Rules) -> bool:
        """Say whether one may be asked for; what may not is written down as what it is."""
        place = origin(row.url)
        if not self._most(row) or self._is_lacking(row):
            self._shelf.excluded(row)
        elif not rules.available:
            self._shelf.put_off(row, f"{row.url}: {rules.note}")
        elif not rules.allows(row.url):
            self._shelf.disallowed(row)
        elif place in self._left:
            self._shelf.put_off(row, f"{row.url}: not asked for, {self._left[place]}")
        else:
            return True
        return False

    def limits(self, row: Row) -> dict[str, Any]:
        """Return what a request is bound by, as Scrapy's `meta`: bytes and seconds."""
        return {"download_maxsize": self._most(row), "download_timeout": TIMEOUT}

    def _most(self, row: Row) -> int:
        """Return how many bytes it may have; 0 where none is wanted, or no article names it any more."""
        wanted = self._run.profile.wanted(self._run.session.config.media)
        kinds = [kind for kind in self._kinds(row) if wanted.wants(kind, row.key)]
        return max((wanted.most(kind) for kind in kinds), default=0)

    def _kinds(self, row: Row) -> set[media.Kind]:
        return media.kinds(self._run.session.db.conn, self._run.profile.id, row.key)

    def _is_lacking(self, row: Row) -> bool:
        """Say whether replayed files lack it, which is no failure of theirs."""
        return self._run.replay is not None and not self._run.replay.holds(row.url)

    # What came of it.

    async def page(self, row: Row, response: Response) -> None:
        """Keep an answer, then see what it is."""
        run = self._run
        try:
            wire, about = response.meta["wire"], facts.of_row(row)
            kept = run.keeper.keep(row.key, row.url, wire, held=row.capture, about=about)
            run.session.store.count(run.id, bytes=len(response.body))
            if kept is None:
                self._shelf.missing(row, f"{row.url}: the response is no HTTP", None)
            else:
                await self.answered(row, kept)
        except ArchiveError as error:
            run.session.fail(error)
        except asyncio.CancelledError:
            run.frontier.give_back(row)
        except Exception as error:
            logger.exception("%s: %s", run.profile.id, row.url)
            self._shelf.missing(row, f"{row.url}: {type(error).__name__}: {error}", None)

    async def page_failed(self, row: Row, failure: Failure) -> None:
        """Try again later what got no whole answer, or write down why not; what arrived of it is not kept."""
        wire = failure.request.meta.get("wire")  # type: ignore[attr-defined]
        try:
            if isinstance(failure.value, CrawlStopped):
                self._run.frontier.give_back(row)
            elif self._run.replay is not None:
                self._shelf.excluded(row)
            elif wire is not None and wire.truncated == "length":
                self._shelf.missing(row, f"{row.url}: over {size_text(self._most(row))}", None, GONE)
            else:
                self._no_answer(row, setbacks.reason(failure.value))
        except ArchiveError as error:
            self._run.session.fail(error)

    def lost(self, row: Row) -> None:
        """Take back a lease that nobody works on; after a few times it has failed."""
        if not self._run.frontier.give_back(row, failed=True):
            self._shelf.missing(row, f"{row.url}: was handed out several times and nothing came of it", None)

    async def answered(self, row: Row, kept: Kept) -> None:
        """Say what an answer is, and write what comes of it."""
        status, place = kept.http.status, origin(row.url)
        if status < 500:
            self._silent[place] = 0
        if kept.unchanged and status in (200, 304):
            self._shelf.held(row, kept)
        elif status in REDIRECTS:
            self._redirected(row, kept)
        elif status in (429, 500, 502, 503, 504):
            self._back_off(row, kept)
        elif status in setbacks.BLOCKED:
            self._shut_out(row, kept, f"HTTP {status}, a challenge to browsers")
        elif status != 200:
            waits = {"waits": GONE} if status in (404, 410) else {}
            self._shelf.missing(row, f"{row.url}: HTTP {status}", kept, **waits)
        else:
            await self._look_at(row, kept)

    async def _look_at(self, row: Row, kept: Kept) -> None:
        """Store what is a picture or a file by its first bytes; anything else is kept as what the site answered."""
        try:
            content = kept.http.content()
        except PayloadError as error:
            self._shelf.missing(row, f"{row.url}: {error}", kept)
            return
        kinds = self._kinds(row) or {"image", "attachment"}
        if kept.columns["truncated"]:
            self._shelf.missing(row, f"{row.url}: it was cut off", kept)
        elif any(firstbytes.is_right(kind, content) for kind in kinds):
            self._shut[origin(row.url)] = 0
            self._shelf.held(row, kept)
        elif firstbytes.is_page(content) and (refusal := await self._refusal(row, kept, content)) in SHUT_OUT:
            self._shut_out(row, kept, str(refusal))
        else:
            what = "a page" if firstbytes.is_page(content) else "something else" if content else "empty"
            name = "picture" if "image" in kinds else "file"
            self._shelf.missing(row, f"{row.url}: no {name}, by its first bytes it is {what}", kept, GONE)

    async def _refusal(self, row: Row, kept: Kept, content: bytes) -> str | None:
        """Return what a page that came instead is, where it is none of ours: `challenge page`, `error page`, …"""
        page = Page("article", content, row.url, kept.fetched_at, kept.http.header("Content-Type"))
        return (await self._run.session.worker.read([page], self._run.profile)).refusal

    def _redirected(self, row: Row, kept: Kept) -> None:
        """Follow a redirect on hosts that are allowed, a few times."""
        profile = self._run.profile
        target = setbacks.redirect_target(row.url, kept.http.header("Location") or "", profile)
        if target is None:
            problem = "redirects to no web address"
        elif not media_urls.is_allowed(target, profile):
            problem = f"redirects off the site's hosts, to {target}"
        elif row.redirects >= setbacks.MAX_REDIRECTS or target == row.url:
            problem = f"more than {setbacks.MAX_REDIRECTS} redirects, or a circle; the last to {target}"
        else:
            self._shelf.moved(row, kept, target)
            return
        self._shelf.missing(row, f"{row.url}: {problem}", kept, GONE)

    def _back_off(self, row: Row, kept: Kept) -> None:
        """Wait as the host asks, then try again; where it asks for too long, nothing more is asked of it."""
        status, place = kept.http.status, origin(row.url)
        wait = setbacks.retry_after(kept.http, clock.utcnow())
        if wait is not None and wait > setbacks.MAX_WAIT:
            self._leave(place, f"HTTP {status} asks to wait {wait:.0f} s")
            self._shelf.keep_only(row, kept)
            self._shelf.put_off(row, f"{row.url}: {self._left[place]}")
        elif self._try_again(row):
            self._shelf.keep_only(row, kept)
            if status in (429, 503):
                pause = wait if wait is not None else setbacks.RETRY_SECONDS * 2**row.tries
                self._run.paused_until = max(self._run.paused_until, time.monotonic() + pause)
        else:
            self._count_silence(place, f"HTTP {status}")
            self._shelf.missing(row, f"{row.url}: HTTP {status}, {row.tries + 1} times", kept)

    def _no_answer(self, row: Row, reason: str) -> None:
        self._count_silence(origin(row.url), "it does not answer")
        if not self._try_again(row):
            self._shelf.missing(row, f"{row.url}: {reason}", None)

    def _count_silence(self, place: str, why: str) -> None:
        self._silent[place] += 1
        if self._silent[place] >= setbacks.SILENT_LIMIT:
            self._leave(place, f"{why}, {self._silent[place]} times in a row")

    def _shut_out(self, row: Row, kept: Kept, what: str) -> None:
        """Write down what shuts crawlers out: never evaded; after a few the host is left alone."""
        place = origin(row.url)
        self._shut[place] += 1
        self._shelf.missing(row, f"{row.url}: {what}", kept)
        if self._shut[place] >= setbacks.BLOCKED_LIMIT:
            self._leave(place, f"{what}, {self._shut[place]} times in a row")

    def _leave(self, place: str, why: str) -> None:
        if place not in self._left:
            logger.warning(
                "%s: no more pictures and files of %s are asked for now: %s", self._run.profile.id, place, why
            )
            self._left[place] = why

    def _try_again(self, row: Row) -> bool:
        return self._run.frontier.give_back(row, wait=setbacks.RETRY_SECONDS * 2**row.tries, failed=True)
