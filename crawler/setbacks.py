"""Refusals, silences and redirects: what a site's answer means for the URL, and for the rest of the run."""

from __future__ import annotations

import logging
import re
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy.exceptions import ResponseDataLossError
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from archive import clock, hidden
from archive.payload import HTTPResponse
from crawler import urls

if TYPE_CHECKING:
    from crawler.frontier import Row
    from crawler.keeping import Kept
    from crawler.profile import SiteProfile
    from crawler.results import Results
    from crawler.run import SiteRun

logger = logging.getLogger(__name__)

#: Redirects in a row before a URL counts as a loop.
MAX_REDIRECTS = 5
#: Seconds before a URL that got no answer is tried again; doubled each time.
RETRY_SECONDS = 2.0
#: A site that asks for a longer wait (Retry-After) is left alone for the run.
MAX_WAIT = 600.0
#: 瑞数 and 加速乐 answer plain clients with these (a survey of 1,432 media sites, 2026).
BLOCKED = (412, 521)
#: Answers after which nothing more is asked until they are dealt with.
HELD = (*BLOCKED, 429, 503)
#: Seconds that the site is left alone meanwhile: the engine asks for the next request before the page is read.
HOLD_SECONDS = 1.0
_ROOT = re.compile(r"/?(?:(?:index|default|main|home)\.\w{2,5})?")
#: Refusals in a row before a site counts as blocked.
BLOCKED_LIMIT = 3
#: Requests in a row that get no answer before a site counts as down.
SILENT_LIMIT = 8


class Setbacks:
    """Decides, for one run, whether a URL is tried again, the site paused, or the run ended."""

    def __init__(self, run: SiteRun, results: Results) -> None:
        self._run = run
        self._results = results
        self._silent = 0
        self._blocked = 0
        self._stopped = False

    def stop(self) -> None:
        """Note that a person stopped the crawl: what fails from now on is still due."""
        self._stopped = True

    def answered(self) -> None:
        """Note that the site answers."""
        self._silent = 0

    @property
    def wary(self) -> bool:
        """Whether the last page shut us out: then one is asked for at a time."""
        return self._blocked > 0

    def read(self) -> None:
        """Note that a page of the site was what it should be."""
        self._blocked = 0

    def hold(self, status: int) -> None:
        """Hand out nothing for a moment when an answer may concern the whole site."""
        if status in HELD:
            self._run.paused_until = max(self._run.paused_until, time.monotonic() + HOLD_SECONDS)

    def silence(self, row: Row, reason: str, kept: Kept | None) -> bool:
        """Handle a request that failed on the way. Returns whether the URL will be tried again in this run.

        `kept` is what arrived before it failed, if anything did.
        """
        if self._stopped:
            self._run.frontier.give_back(row)
            return True
        self._silent += kept is None
        if self._silent >= SILENT_LIMIT:
            self.give_up(f"the site does not answer: {reason}", "down")
        if self._try_again(row):
            if kept is not None:
                self._results.keep_only(row, kept)
            return True
        self._results.failed(row, reason, kept)
        return False

    def back_off(self, row: Row, kept: Kept) -> None:
        """Handle 429 and 5xx: wait as the site asks, with the whole site where it is overloaded, then try again."""
        status = kept.http.status
        wait = retry_after(kept.http, clock.utcnow())
        if wait is not None and wait > MAX_WAIT:
            self._results.keep_only(row, kept)
            self._run.frontier.give_back(row)
            self.give_up(f"{row.url}: HTTP {status} asks to wait {wait:.0f} s; crawl again after that", "waits")
        elif self._try_again(row):
            self._results.keep_only(row, kept)
            if status in (429, 503):
                pause = wait if wait is not None else RETRY_SECONDS * 2**row.tries
                self._run.paused_until = max(self._run.paused_until, time.monotonic() + pause)
        else:
            self._results.failed(row, f"{row.url}: HTTP {status}, {row.tries + 1} times", kept)

    def blocked(self, row: Row, kept: Kept, what: str) -> None:
        """Handle what shuts crawlers out: never evaded; after a few the site is left alone.

        `what` it is: `HTTP 412, a challenge to browsers`, `login page`, …
        """
        self._results.failed(row, f"{row.url}: {what}", kept, look="blocked")
        self._blocked += 1
        self._run.counts.challenges += 1
        if self._blocked >= BLOCKED_LIMIT:
            self.give_up(f"blocked: {what}, {self._blocked} times in a row; the site is left alone", "blocked")

    def gone(self, row: Row, kept: Kept, how: str) -> None:
        """Handle an article's address that has no article any more: one that is held may be withdrawn."""
        if hidden.held(self._run.session.db.conn, self._run.profile.id, row.key) is not None:
            self._results.gone(row, kept, how)
        else:
            self._results.failed(row, f"{row.url}: {how}", kept, gone=True)

    def redirected(self, row: Row, kept: Kept) -> None:
        """Follow a redirect on the profile's hosts, a few times."""
        location = kept.http.header("Location") or ""
        target = redirect_target(row.url, location, self._run.profile)
        if target is None:
            why = f"HTTP {kept.http.status} without a web address to go to"
            self._results.failed(row, f"{row.url}: {why} (Location: {location[:100]!r})", kept)
        else:
            self.leads_to(row, kept, target)

    def leads_to(self, row: Row, kept: Kept, target: str) -> None:
        """Take up the address that a page stands for, a few times in a row: a redirect's, or an article's first page's.

        A further page of an article that leads elsewhere is not there: sites send such requests to their home page.
        """
        if row.kind == "article" and not urls.is_article(target, self._run.profile) and self._is_lead(target):
            self.gone(row, kept, f"redirects to {target}")
        elif not urls.on_site(target, self._run.profile):
            self._results.failed(row, f"{row.url}: redirects off the profile's hosts, to {target}", kept)
        elif row.kind == "part" and urlsplit(target)[2:4] != urlsplit(row.url)[2:4]:
            self._results.failed(row, f"{row.url}: redirects away from its article, to {target}", kept)
        elif row.redirects >= MAX_REDIRECTS:
            self._results.failed(row, f"{row.url}: more than {MAX_REDIRECTS} redirects, the last to {target}", kept)
        elif self._in_a_circle(row, target):
            self._results.failed(row, f"{row.url}: redirects in a circle, by way of {target}", kept)
        else:
            self._results.redirected(row, kept, target, redirect_key(row, target, self._run.profile))

    def _is_lead(self, target: str) -> bool:
        """Say whether an address is the home page or a listing: sites send there who asks for what is gone."""
        profile = self._run.profile
        if not urls.on_site(target, profile):
            return False
        found = urls.canonical(target, profile)
        query = "SELECT 1 FROM frontier WHERE site = ? AND key = ? AND kind IN ('home', 'listing')"
        known = self._run.session.db.conn.execute(query, [profile.id, found]).fetchone()
        return known is not None or _ROOT.fullmatch(urlsplit(found).path) is not None

    def _in_a_circle(self, row: Row, target: str) -> bool:
        """Say whether a redirect leads back to its URL, by itself or through other redirects."""
        if target == row.url:
            return True
        self._run.session.store.flush()
        key = redirect_key(row, target, self._run.profile)
        query = "SELECT redirect_to FROM frontier WHERE site = ? AND key = ? AND state = 'redirected'"
        for _ in range(MAX_REDIRECTS):
            found = self._run.session.db.conn.execute(query, [self._run.profile.id, key]).fetchone()
            if found is None:
                return False
            key = found["redirect_to"]
            if key == row.key:
                return True
        return False

    def lost(self, row: Row) -> None:
        """Take back a lease that nobody works on; after a few times the URL has failed."""
        if not self._run.frontier.give_back(row, failed=True):
            self._results.failed(row, f"{row.url}: was handed out several times and nothing came of it", None)

    def give_up(self, problem: str, cause: str) -> None:
        """End the run as failed, for `cause` (as `runs.cause` has it); what is due stays due."""
        if self._run.problem is None and not self._stopped:
            self._run.problem, self._run.cause = problem, cause
            logger.warning("%s: %s", self._run.profile.id, problem)

    def _try_again(self, row: Row) -> bool:
        return self._run.frontier.give_back(row, wait=RETRY_SECONDS * 2**row.tries, failed=True)


def redirect_target(url: str, location: str, profile: SiteProfile) -> str | None:
    """Return where a Location header (its bytes as latin-1) leads from `url`; None when to no http(s) address."""
    if not location:
        return None
    try:
        # A path in raw UTF-8 or GBK means these bytes, whatever charset they are in.
        safe = "".join(one if one.isascii() else f"%{ord(one):02X}" for one in location)
        target = urljoin(url, safe).partition("#")[0]
        urls.canonical(target, profile)
    except ValueError:
        return None
    return target


def redirect_key(row: Row, target: str, profile: SiteProfile) -> str:
    """Return under which key the frontier knows what a URL redirects to."""
    if row.kind == "article":
        return urls.key(target, profile)
    canonical = urls.canonical(target, profile)
    return f"part:{canonical}" if row.kind == "part" else canonical


def retry_after(http: HTTPResponse, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks to wait (RFC 9110 §10.2.3): a number, or until a date."""
    value = (http.header("Retry-After") or "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds()) if value else None
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None


def reason(error: BaseException | None) -> str:
    """Say in one line why a download failed."""
    if error is None:
        return "no reason given"
    cause = error.__cause__ or error
    if isinstance(error, ResponseDataLossError):
        return "the connection ended before the body did"
    if isinstance(cause, ResponseNeverReceived):
        return f"the connection ended before an answer came ({_text(cause.reasons[0].value)})"
    if isinstance(cause, ResponseFailed):
        cause = cause.reasons[0].value
        return f"no whole answer came ({type(cause).__name__}: {_text(cause)})"
    return f"{type(error).__name__.removesuffix('Error')}: {_text(cause) or _text(error)}"


def _text(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
