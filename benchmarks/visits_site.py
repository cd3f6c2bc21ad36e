"""The site that is visited for years, on a loopback port: what it shows can be changed from visit to visit."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import visits_pages
from measuring import ROOT
from visits_pages import Dress
from visits_stories import KINDS, Edit, Story, edited, story

#: The server of the tests.
sys.path.append(str(ROOT / "tests"))

from local_server import LocalSite, Reply, Request

SECTIONS = ("要闻", "基层", "维权", "通知")
PER_LISTING = 50
#: How a site answers for what it has removed.
REMOVALS = (
    Reply(b"<h1>404 Not Found</h1>", 404, "Not Found"),
    Reply(b"", 410, "Gone"),
    Reply(b"", 302, "Found", (("Location", "/"),)),
    Reply("<meta charset=utf-8><title>提示</title><p>您访问的页面不存在或已被删除</p>".encode()),
)
_HTML = ("Content-Type", "text/html; charset=utf-8")


@dataclass
class Site:
    """A site of stories. Whoever changes it sets `dress`, `template`, `removed`, or calls `edit` and `publish`."""

    server: LocalSite
    articles: int
    validators: bool = True
    """Whether pages have an ETag, and are not sent to who has them."""
    template: str | None = None
    """Of all pages; None: articles of two ages, in two templates."""
    dress: Dress = field(default_factory=lambda: Dress(0))
    stories: dict[int, Story] = field(default_factory=dict)
    edits: dict[str, Edit] = field(default_factory=dict)
    """By path."""
    removed: dict[str, Reply] = field(default_factory=dict)
    """By path, what is answered instead."""
    sent: int = 0
    """Bytes of bodies."""

    def __post_init__(self) -> None:
        self.publish(self.articles)

    def publish(self, count: int) -> list[Story]:
        """Put further stories on the site; return them."""
        first = len(self.stories) + 1
        new = {number: story(number) for number in range(first, first + count)}
        self.stories |= new
        paths = ["/", "/robots.txt", *(one.path for one in self.stories.values())]
        for section in range(len(SECTIONS)):
            paths += [_listing_path(section, page) for page in range(1, self._listings(section) + 1)]
        self.server.pages |= dict.fromkeys(paths, self._answer)
        return list(new.values())

    def edit(self, count: int, seed: int) -> None:
        """Edit stories: each kind of edit in turn, of stories that chance chooses."""
        chance = random.Random(f"edits {seed}")
        kinds = list(KINDS)
        for place, number in enumerate(chance.sample(sorted(self.stories), count)):
            edit = edited(self.stories[number], kinds[place % len(kinds)], chance)
            self.stories[number] = edit.after
            self.edits[edit.after.path] = edit

    def remove(self, count: int, seed: int) -> None:
        """Remove stories that are not edited, in each of the ways in turn; listings show them no more."""
        chance = random.Random(f"removals {seed}")
        left = [one.path for one in self.stories.values() if one.path not in {*self.edits, *self.removed}]
        for place, path in enumerate(chance.sample(left, count)):
            self.removed[path] = REMOVALS[place % len(REMOVALS)]

    @property
    def listings(self) -> list[str]:
        """The addresses of the sections' first pages."""
        return [f"{self.server.url}{_listing_path(section, 1)}" for section in range(len(SECTIONS))]

    @property
    def requests(self) -> int:
        """Requests so far, those for robots.txt too."""
        return len(self.server.log)

    def _answer(self, request: Request) -> Reply:
        if request.path in self.removed:
            return self.removed[request.path]
        body = self._page(request.path)
        if body is None:
            return Reply(b"<h1>404</h1>", 404, "Not Found")
        headers = (_HTML,)
        if self.validators:
            etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
            headers += (("ETag", etag),)
            if request.headers.get("if-none-match") == etag:
                return Reply(b"", 304, "Not Modified", headers)
        self.sent += len(body)
        return Reply(body, headers=headers)

    def _page(self, path: str) -> bytes | None:
        if path == "/robots.txt":
            return b"User-agent: *\nDisallow: /admin/\n"
        if path == "/":
            return "<meta charset=utf-8><title>本地工会网</title><h1>本地工会网</h1>".encode()
        if path.startswith("/news/"):
            one = self.stories[int(path[6:].removesuffix(".html"))]
            return visits_pages.page(one, self.template or ("table" if one.number % 3 == 0 else "news"), self.dress)
        section, page = (int(part or 1) for part in path.strip("/").partition("/")[::2])
        stories = self._of(section - 1)[(page - 1) * PER_LISTING : page * PER_LISTING]
        following = _listing_path(section - 1, page + 1) if page < self._listings(section - 1) else None
        return visits_pages.listing(SECTIONS[section - 1], stories, following, self.dress)

    def _of(self, section: int) -> Sequence[Story]:
        """Return the stories of a section, the newest first."""
        own = [one for one in self.stories.values() if one.number % len(SECTIONS) == section]
        return sorted((one for one in own if one.path not in self.removed), key=lambda one: -one.number)

    def _listings(self, section: int) -> int:
        return max(1, -(-len(self._of(section)) // PER_LISTING))


def _listing_path(section: int, page: int) -> str:
    return f"/{section + 1}/" if page == 1 else f"/{section + 1}/{page}"
