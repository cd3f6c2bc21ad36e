"""A visit to a simulated site by the real run, scheduler, spider, frontier and store.

Simulated are Scrapy's engine (a loop), HTTP (the simulated web), the WARC file (captures name an invented one) and
extraction (the body of an answer says what the page is). Waits between requests pass on the simulated clock.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from year_stories import BEIJING
from year_web import Answer, Silent, Site

from archive import clock
from archive.article import Article, Image
from archive.directory import ArchiveDirectory
from archive.payload import HTTPResponse
from archive.warc import Exchange, payload_digest, record_id
from crawler.families.base import Entry, Listing
from crawler.keeping import Keeper, Kept
from crawler.options import Options
from crawler.profile import Section, SiteProfile
from crawler.reading import Page, Reading
from crawler.run import SiteRun
from crawler.scheduler import FrontierScheduler
from crawler.session import Session
from crawler.spiderloader import spider_class

_SENTENCES = (
    "职代会听取了食堂改进的报告。", "代表们提出提案十二件，当场答复七件。", "夜班宿舍的热水改为全天供应。",
    "驿站新添了雨伞和药箱。", "集体合同续签三年，工资每年协商一次。", "法律援助站接待来访四十人次。",
    "技能竞赛设焊工、钳工两个项目。", "女职工委员会走访了托管班。", "帮扶金在月底前发到本人。",
    "新建会企业有十七家。", "安全检查查出隐患五处，已全部整改。", "劳模讲述了带徒弟的经过。",
)  # fmt: skip
_NAMES = ("王宁远", "李海明", "张秀安", "刘立志", "陈晓平", "周建和")
#: A loop that asks so often in vain is one without an end.
_PATIENCE = 10_000


class Clock:
    """The simulated time."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time, as the archive asks for it."""
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """Return the time as `time.monotonic` does."""
        return self.now.timestamp()


@contextmanager
def simulated(time: Clock) -> Iterator[None]:
    """Have the archive and the crawler go by the simulated time, also where they wait between requests."""
    with ExitStack() as stack:
        stack.enter_context(clock.using(time))
        for module in ("frontier", "scheduler", "setbacks", "spiders.site"):
            stack.enter_context(patch(f"crawler.{module}.time", time))
        yield


class Extraction:
    """In place of the reading process: reads what the bodies of the simulated web say."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = {site.id: site for site in sites}

    async def read(self, pages: Sequence[Page], profile: SiteProfile) -> Reading:
        """Return the listing or article that a page holds."""
        page = pages[0]
        kind, *said = json.loads(page.body)
        if kind == "missing":
            return Reading(error=f"{page.url}: says that there is no such page", refusal="missing page")
        site = self._sites[profile.id]
        if kind == "article":
            return Reading(article=_article(site, page, profile, *said[:3]))
        entries = tuple(_entry(site, number, version) for number, version in said[0])
        if kind == "home":
            return Reading(listing=Listing(entries, sections=tuple(Section(*one) for one in said[1])))
        base = page.url[: page.url.rindex("/") + 1]
        return Reading(listing=Listing(entries, (base + said[1],) if said[1] else ()))


def _title(site: Site, number: int, version: int) -> str:
    return f"{_SENTENCES[(number * 7 + site.number) % 12][:6]}（{number}）{'更正' * version}"


def _entry(site: Site, number: int, version: int) -> Entry:
    story = site.stories[number - 1]
    day = story.published.astimezone(BEIJING).date().isoformat()
    return Entry(f"{site.home}news/{number}.html", _title(site, number, version), day)


def _article(site: Site, page: Page, profile: SiteProfile, number: int, version: int, template: int) -> Article:
    story = site.stories[number - 1]
    chance = hashlib.blake2b(f"{site.id}/{number}".encode(), digest_size=16).digest()
    count = 3 + story.section + chance[0] % 6
    sentences = [_SENTENCES[chance[at] % 12] for at in range(1, count + 1)]
    sentences[version % count : version % count] = [f"（第{version}次修改）"] * min(version, 1)
    own = template < len(profile.layouts)
    printed = story.published.astimezone(BEIJING)
    return Article(
        page.url, _title(site, number, version if story.retitled else 0), "".join(sentences),
        f"<p>{''.join(sentences)}</p>", site=profile.id, section=page.listing.section if page.listing else None,
        source="虚构工人报" if own and chance[12] < 220 else None,
        authors=(_NAMES[chance[13] % 6],) if own and chance[13] < 170 else (),
        editors=(_NAMES[chance[14] % 6],) if own and chance[14] < 230 else (),
        published_at=printed.isoformat(timespec="seconds") if site.minutes else printed.date().isoformat(),
        published_from="label", language="zh-Hans",
        images=(Image(f"{page.url}.jpg"),) if chance[15] < 110 else (),
        layout=profile.layouts[template].name if own else "generic", charset="utf-8",
    )  # fmt: skip


class Bodies(Keeper):
    """In place of the keeper: gives answers the columns of captures, and remembers the bodies instead of a file."""

    held: dict[str, HTTPResponse]

    def keep(
        self, key: str, url: str, source: Any, *, held: int | None, about: Mapping[str, str | None]
    ) -> Kept | None:
        """Return what the keeper does; `source` is the answer, and when it came."""
        answer, moment = source
        http = HTTPResponse(answer.status, "", answer.headers, b"", answer.body)
        digest = payload_digest(answer.body)
        same_as = self._earlier(http, digest, Exchange(url, moment, b"", b""), held)
        columns = self._columns(key, url, http, moment, record_id(), same_as["digest"] if same_as else digest, same_as)
        columns |= {"truncated": None, "warc": f"simulated-{moment:%Y%m%d}.warc.gz", "offset": int(moment.timestamp())}
        if same_as is None:
            self.held[digest] = http
        return Kept(columns, http, moment, self._is_held(columns, held))

    def content(self, capture: int) -> tuple[HTTPResponse, Any]:
        """Return the answer that a capture stands for, and its row."""
        row = self._payload_row(capture)
        assert row is not None
        return self.held[row["digest"]], row


@dataclass(slots=True)
class Visit:
    """What a visit was: when, how it ended, and which incidents were open after it."""

    site: str
    run: int
    began: datetime
    ended: datetime
    outcome: str
    cause: str | None
    open: tuple[str, ...]
    """Kinds of the site's open incidents after it."""


class Visitor:
    """Visits sites of the simulated web for one archive. Needs a running event loop, and never waits for it."""

    def __init__(self, directory: ArchiveDirectory, sites: Sequence[Site], time: Clock) -> None:
        self.session = Session.acquire(directory)
        self.session.worker = Extraction(sites)  # type: ignore[assignment]
        self._directory, self._time = directory, time
        self._config = self.session.config
        self._bodies: dict[str, HTTPResponse] = {}

    def close(self) -> None:
        """Close the archive."""
        self.session.drop()

    def visit(self, site: Site) -> Visit:
        """Visit a site that is due, from the simulated time on; return what it was."""
        self.session.config = replace(self._config, quiet_hours=site.quiet_hours)
        began, profile = self._time.now, site.profile(self._time.now)
        run = SiteRun.open(profile, Options(due=True), self._directory)
        run.keeper = Bodies(self.session, profile, run.id, None)
        run.keeper.held = self._bodies
        Crawl(run, site, self._time).to_the_end()
        run.close("finished")
        self.session.drop()
        if self.session.fatal is not None:
            raise self.session.fatal
        query = "SELECT kind FROM incidents WHERE site = ? AND ended_at IS NULL"
        kinds = tuple(row[0] for row in self.session.db.conn.execute(query, [site.id]))
        return Visit(site.id, run.id, began, self._time.now, run.outcome or "", run.cause, kinds)


class Crawl:
    """In place of Scrapy's engine: asks the scheduler for requests, one at a time, and calls the spider back."""

    def __init__(self, run: SiteRun, site: Site, time: Clock) -> None:
        self._run, self._site, self._time = run, site, time
        self._wait: float | None = None
        engine = SimpleNamespace(_slot=None)
        crawler: Any = SimpleNamespace(engine=engine)
        self._spider = _spider_class(run.profile)(run)
        self._spider.crawler = crawler
        self._spider.wake = self._wake  # type: ignore[method-assign]
        self._scheduler = engine.scheduler = FrontierScheduler(crawler)
        self._scheduler.open(self._spider)

    def _wake(self, seconds: float) -> None:
        self._wait = seconds if self._wait is None else min(self._wait, seconds)

    def to_the_end(self) -> None:
        """Go on until the run is over, or nothing is due."""
        patience = _PATIENCE
        while patience:
            self._wait = None
            request = self._scheduler.next_request()
            if request is not None:
                self._ask(request)
                patience = _PATIENCE
            elif not self._scheduler.has_pending_requests():
                return
            else:
                self._time.pass_(0.0 if self._wait is None else self._wait + 0.01)
                patience -= 1
        raise RuntimeError(f"{self._site.id}: something is due, and the scheduler never hands it out")

    def _ask(self, request: Any) -> None:
        held = (_header(request, b"If-None-Match"), _header(request, b"If-Modified-Since"))
        moment = self._time.now
        try:
            answer = self._site.answer(request.url, moment, held, len(self._run.profile.layouts))
        except Silent as silence:
            self._time.pass_(self._run.profile.delay)
            _finish(request.errback(SimpleNamespace(request=request, value=silence.__cause__)))
            return
        meta = {**request.meta, "wire": (answer, moment)}
        response = SimpleNamespace(url=request.url, status=answer.status, body=answer.body, meta=meta)
        _finish(request.callback(response))
        self._time.pass_(self._run.profile.delay)


@cache
def _spider_class(profile: SiteProfile) -> type:
    return spider_class(profile)


def _header(request: Any, name: bytes) -> str | None:
    value = request.headers.get(name)
    return value.decode() if value else None


def _finish(step: Any) -> None:
    """Run a coroutine that waits for nothing to its end."""
    try:
        step.send(None)
    except StopIteration:
        return
    raise RuntimeError("a step of the visit waits for something that never comes")


def utc(text: str) -> datetime:
    """Read a moment that the archive wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


__all__ = ["Answer", "Clock", "Visit", "Visitor", "simulated", "utc"]
