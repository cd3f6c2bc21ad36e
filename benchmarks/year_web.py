"""The simulated web: sites that answer requests at a moment of the simulated year. No network, no HTML.

The body of an answer is JSON that names what the page is; `year_visit` makes of it what extraction would.
"""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import islice

from year_stories import RHYTHMS, START, Rhythm, Story, stories
from year_troubles import Trouble, troubles

from archive.config import Hours
from crawler.profile import Expect, Layout, Section, SiteProfile

ARTICLE = re.compile(r"/news/(\d+)\.html$")
_LISTING = re.compile(r"/(new)?(\d+)/(?:index_(\d+)\.html)?$")
#: Articles of a listing page; those of each section that were there before the year began.
PER_PAGE, BACKLOG = 15, 60
#: Share of requests that fail by chance, in half of them without an answer.
NOISE = 0.003
#: Sites, of each dozen, without sections in their profile, and with quiet hours.
_DISCOVERED, _QUIET = (6, 9), (0, 4, 9)
QUIET_HOURS = Hours(time(8), time(10))
_NAMES = ("要闻", "基层动态", "通知公告", "权益保障", "职工文化")
_LAYOUT = Layout("1", "div.content", title="h1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site sends."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Silent(Exception):
    """No answer comes; the cause is what the machine says of it."""


@dataclass(slots=True)
class Site:
    """One site: its stories, its troubles, and how its server behaves."""

    number: int
    rhythm: Rhythm
    sections: int
    stories: Sequence[Story]
    troubles: Sequence[Trouble]
    draw: random.Random
    validators: str
    """`etag`, `date`, `none`; `never`: its pages differ in something each time."""
    minutes: bool
    """Whether it prints the time of an article, or the day alone."""
    expected: int | None = None
    """The profile's `max_days_between_articles`."""
    requests: Counter[str] = field(default_factory=Counter)
    """By day (UTC)."""
    answers: int = 0

    @property
    def id(self) -> str:
        """The profile's id."""
        return f"site{self.number:02}"

    @property
    def home(self) -> str:
        """The home page's address."""
        return f"http://{self.id}.example.org/"

    @property
    def quiet_hours(self) -> tuple[Hours, ...]:
        """When the archive leaves the site alone."""
        return (QUIET_HOURS,) if self.number % 12 in _QUIET else ()

    @property
    def is_discovered(self) -> bool:
        """Whether the profile names no sections: they are found on the home page."""
        return self.number % 12 in _DISCOVERED

    def profile(self, moment: datetime) -> SiteProfile:
        """Return the site's profile, as a person has mended it by then."""
        layouts = 2 if any(one.kind.name == "template, mended" and _over(one, moment) for one in self.troubles) else 1
        sections = tuple(Section(_NAMES[at], self._address(at, moment)) for at in range(self.sections))
        digest = hashlib.sha256(repr((self.id, layouts, sections)).encode()).hexdigest()
        return SiteProfile(
            self.id, f"虚构总工会（{self.number}）", self.home, (f"{self.id}.example.org",),
            article_url=ARTICLE, delay=1.0, sections=() if self.is_discovered else sections,
            layouts=tuple(replace(_LAYOUT, name=str(number + 1)) for number in range(layouts)),
            schedule=self.rhythm.schedule, digest=digest, media=(("images", False), ("attachments", False)),
            expect=Expect(max_days_between_articles=self.expected),
        )  # fmt: skip

    def _address(self, section: int, moment: datetime) -> str:
        moved = any(self._has_moved(one, section) and _over(one, moment) for one in self.troubles)
        return f"{self.home}{'new' if moved else ''}{section}/"

    def _has_moved(self, trouble: Trouble, section: int) -> bool:
        return trouble.kind.name.startswith("listing moved") and (section == 0 or not trouble.kind.section)

    def template(self, moment: datetime) -> int:
        """Return the number of the template that article pages have."""
        for one in self.troubles:
            if (one.kind.name == "template, mended" and one.began(moment)) or (
                one.kind.name == "template, rolled back" and one.holds(moment)
            ):
                return 1
        return 0

    def answer(self, url: str, moment: datetime, held: tuple[str | None, str | None], layouts: int) -> Answer:
        """Answer a request; `held` are the ETag and the date that it says are held. Raises Silent.

        `layouts` is how many templates its profile can read: it is noted with what the visit saw.
        """
        self.requests[moment.date().isoformat()] += 1
        path = "/" + url.removeprefix(self.home)
        answer = self._refusal(path, moment) or self._page(path, moment, layouts)
        self.answers += 1
        if answer.status != 200 or self.validators in ("none", "never") or path == "/robots.txt":
            return answer
        tag = hashlib.sha256(answer.body).hexdigest()[:16]
        name, value = ("ETag", f'"{tag}"') if self.validators == "etag" else ("Last-Modified", tag)
        if value in held:
            return Answer(304, headers=((name, value),))
        return replace(answer, headers=((name, value),))

    def _refusal(self, path: str, moment: datetime) -> Answer | None:
        """Return the answer of a site in trouble, or that of chance. Raises Silent."""
        robots = path == "/robots.txt"
        for one in self.troubles:
            refused = _refused(one, robots) if one.holds(moment) else None
            if refused is None:
                continue
            if not ARTICLE.search(path):
                one.served.append(moment)  # of one article alone nobody can tell that it is the site
            if isinstance(refused, Answer):
                return refused
            raise Silent from refused
        if self.draw.random() >= NOISE or robots:
            return None
        if self.draw.random() < 0.5:
            raise Silent from TimeoutError("took longer than 60 s")
        return Answer(500)

    def _page(self, path: str, moment: datetime, layouts: int) -> Answer:
        if path == "/robots.txt":
            return Answer(404) if self.number % 2 else Answer(200, b"User-agent: *\nDisallow: /admin/\n")
        if path == "/":
            return self._listed(None, 0, moment)
        if match := ARTICLE.search(path):
            return self._article(int(match[1]), moment, layouts)
        match = _LISTING.search(path)
        assert match, path
        section, page = int(match[2]), int(match[3] or 0)
        for one in self.troubles:
            if not one.kind.name.startswith("listing") or (one.kind.section and section):
                continue
            moved = self._has_moved(one, section) and one.began(moment) and match[1] is None
            if moved or (one.kind.name.startswith("listing 404") and one.holds(moment)):
                one.served.append(moment)
                return Answer(404)
            if one.kind.name.startswith("listing empty") and one.holds(moment):
                one.served.append(moment)
                return self._body(["listing", [], None])
            if _over(one, moment):
                one.good.setdefault(section, moment)
        return self._listed(section, page, moment)

    def _article(self, number: int, moment: datetime, layouts: int) -> Answer:
        story = self.stories[number - 1]
        vanished = any(
            one.kind.name.startswith("articles 404") and one.holds(moment) and story.published < one.begins
            for one in self.troubles
        )
        how = "404" if vanished else story.how if story.is_gone(moment) else None
        if how is not None:
            story.seen.append((moment, -1, True))
            for one in self.troubles:
                if vanished:
                    one.served.append(moment)
            return {
                "404": Answer(404),
                "410": Answer(410),
                "home": Answer(302, headers=(("Location", "/"),)),
                "missing": self._body(["missing"]),
            }[how]
        template = self.template(moment)
        story.seen.append((moment, story.version(moment), template < layouts))
        for one in self.troubles:
            if one.kind.name.startswith("template"):
                if template >= layouts:
                    one.served.append(moment)
                    one.broken.add(story.section)
                else:
                    one.pages.setdefault(story.section, []).append(moment)
        return self._body(["article", number, story.version(moment), template])

    def _listed(self, section: int | None, page: int, moment: datetime) -> Answer:
        """Return a page of a listing; that of the home page has the newest of all sections, and these."""
        shown = list(islice(self._visible(section, moment), page * PER_PAGE, (page + 1) * PER_PAGE + 1))
        rows = [[story.number, story.version(moment) if story.retitled else 0] for story in shown[:PER_PAGE]]
        if section is None:
            addresses = [[_NAMES[at], self._address(at, moment)] for at in range(self.sections)]
            return self._body(["home", rows, addresses])
        return self._body(["listing", rows, f"index_{page + 1}.html" if len(shown) > PER_PAGE else None])

    def _visible(self, section: int | None, moment: datetime) -> Iterator[Story]:
        low, high = 0, len(self.stories)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.stories[middle].published <= moment else (low, middle)
        for at in range(low - 1, -1, -1):
            story = self.stories[at]
            if section in (None, story.section) and not story.is_gone(moment):
                yield story

    def _body(self, values: list) -> Answer:
        if self.validators == "never":
            values = [*values, self.draw.randrange(10**6)]
        return Answer(200, json.dumps(values).encode(), (("Content-Type", "text/html; charset=utf-8"),))


def _refused(trouble: Trouble, robots: bool) -> Answer | OSError | None:
    """Return the answer to a page, or to robots.txt, of a site that refuses; None where the trouble is another one."""
    name = trouble.kind.name
    if name.startswith("refuses") or name == "dead":
        return ConnectionRefusedError(111, "Connection refused")
    if name == "robots.txt 503" or (name == "503, Retry-After" and not robots):
        return Answer(503, headers=(("Retry-After", "7200"),))
    if name == "no answer to pages" and not robots:
        return TimeoutError("took longer than 60 s")
    return Answer(412, b"<script>$_ts</script>") if name == "challenge" and not robots else None


def _over(trouble: Trouble, moment: datetime) -> bool:
    return trouble.ends is not None and trouble.ends <= moment


def made(sites: int, days: int, seed: int) -> list[Site]:
    """Return the sites of a year; the same for the same numbers."""
    return [_site(number, days, random.Random(f"{seed}/{number}")) for number in range(sites)]


def _site(number: int, days: int, draw: random.Random) -> Site:
    rhythm = RHYTHMS[number % len(RHYTHMS)]
    sections = draw.choice(rhythm.sections)
    befall = troubles(draw, number, days)
    written = stories(draw, rhythm, sections, days, BACKLOG)
    for one in befall:
        if one.kind.name == "silent":
            written = [story for story in written if not one.holds(story.published)]
    for place, story in enumerate(written, 1):
        story.number = place
    return Site(
        number, rhythm, sections, written, befall, draw,
        validators=("etag", "none", "date", "etag", "none", "date", "never", "etag")[number % 8],
        minutes=number % 3 > 0,
        expected=45 if number % 7 == 0 and rhythm.name != "monthly" else None,
    )  # fmt: skip


def end(days: int) -> datetime:
    """Return when the simulated time is over."""
    return START + timedelta(days=days)
