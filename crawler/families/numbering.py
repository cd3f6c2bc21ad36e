"""Numbering: the addresses of an article's pages, which are its first page's with a page number in them.

Seen: `417_2.html` (dedecms, old workercn; TRS calls page 2 `_1`), `417-2.html` (people.com.cn), `417/2.html`,
`/417/2` and `/417/2/` (WordPress), `?id=417&page=2` and the like (PHPCMS), `show-3-417-1.html` with `-2` after it,
`417_0.shtml` with `_1`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

#: More pages than any article was seen with: a pager that claims them is a listing's, or a trap.
MAX_PARTS = 60
#: The number of an address that is the whole article on one page.
WHOLE = -1

_FILE = re.compile(r"(?P<stem>.*/[^/]+?)(?P<suffix>\.(?:s?html?|jspx?|aspx?|php))", re.I)
#: Files that are a listing's, whose further pages are numbered alike.
_LISTING = re.compile(r"/(?:index|list|default|main|home)(?:[_-]\w*)?$", re.I)
_IN_FILE = re.compile(r"([_-])(?:(\d{1,2})|(all|full|single|whole))", re.I)
_IN_FOLDER = re.compile(r"/(?:page/)?(\d{1,2})/?")
_PARAMETER = re.compile(r"(?:page|p|pn|page_?(?:no|num|number|index)|cur(?:rent)?_?page)", re.I)
_ALL = re.compile(r"(?:(?:page|view|show)=(?:all|full|single)|(?:all|full|single|showall)=(?:1|true|yes))", re.I)
_NUMBER = re.compile(r"\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of which article a page is: the address of the article's first page, and its number from 1."""

    first: str
    number: int


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first page of the article that a page is a further one of; `guessed` where no link of it leads there."""

    url: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Numbered:
    """The page number in an address (`WHOLE`: all on one page), and in which form it stands there.

    A number beside a file's own name means a page. The other forms may mean something else: `folder` and `query`, and
    `raised` where the first page's own name ends with 0 or 1.
    """

    number: int
    form: Literal["file", "folder", "query", "raised"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the pages of one article, by that of its first page."""

    first: SplitResult
    stem: str
    suffix: str

    @classmethod
    def of(cls, first: str) -> Addresses | None:
        """Return the addresses that belong to a first page; None where it may as well be a listing."""
        parts = urlsplit(first)
        file = _FILE.fullmatch(parts.path)
        stem, suffix = (file["stem"], file["suffix"]) if file else (parts.path.rstrip("/"), "")
        if not parts.query and (not stem or _LISTING.search(stem)):
            return None
        return cls(parts, stem, suffix)

    @property
    def named_file(self) -> bool:
        """Whether the first page is a file whose name is not a listing's."""
        return bool(self.suffix) and not _LISTING.search(self.stem)

    def file(self, number: int) -> str:
        """Return the address with a number beside the file's name."""
        return urlunsplit(self.first._replace(path=f"{self.stem}_{number}{self.suffix}", fragment=""))

    def is_named(self, name: str, ending: str) -> bool:
        """Tell whether the first page's file has this name and ending."""
        return self.named_file and self.stem.endswith(f"/{name}") and self.suffix == f".{ending}"

    def is_first(self, url: str) -> bool:
        """Tell whether `url` is the first page's own address."""
        other = urlsplit(url)
        return self._is_here(other) and (other.path, other.query) == (self.first.path, self.first.query)

    def read(self, url: str) -> Numbered | None:
        """Return the page number in an address of this article; None for every other address, the first page's too."""
        other = urlsplit(url)
        if not self._is_here(other):
            return None
        if other.path == self.first.path:
            return self._in_query(other.query)
        if other.query != self.first.query or _LISTING.search(self.stem):
            return None
        path = other.path
        if self.suffix and path.endswith(self.suffix):
            path = path[: -len(self.suffix)]
            if path.startswith(self.stem) and (found := _IN_FILE.fullmatch(path, len(self.stem))):
                return Numbered(int(found[2]) if found[2] else WHOLE, "file")
            if self.stem[-2:] in ("_0", "_1", "-0", "-1") and path.startswith(self.stem[:-1]):
                number = path[len(self.stem) - 1 :]
                return Numbered(int(number), "raised") if _NUMBER.fullmatch(number) else None
        if path.startswith(self.stem) and (found := _IN_FOLDER.fullmatch(path, len(self.stem))):
            return Numbered(int(found[1]), "folder")
        return None

    def _is_here(self, other: SplitResult) -> bool:
        return other.netloc.removeprefix("www.") == self.first.netloc.removeprefix("www.")

    def _in_query(self, query: str) -> Numbered | None:
        """Return the page number that a query has besides what the first page's has."""
        own, pairs = _pairs(self.first.query), _pairs(query)
        added = [pair for pair in pairs if pair not in own]
        gone = [pair for pair in own if pair not in pairs]
        if len(added) != 1:
            return None
        name, _, value = added[0].partition("=")
        if not gone and _ALL.fullmatch(added[0]):
            return Numbered(WHOLE, "query")
        if not (_PARAMETER.fullmatch(name) and _NUMBER.fullmatch(value)):
            return None
        # `?p=417` is the article itself in WordPress: another number there is another article.
        counted = gone in ([f"{name}=1"], [f"{name}=0"]) and name.lower() != "p"
        return Numbered(int(value), "query") if counted or not gone else None


def without_number(url: str) -> str:
    """Return the address of a first page as other pages link to it: without `page=1`."""
    parts = urlsplit(url)
    kept = [
        pair
        for pair in _pairs(parts.query)
        if not (_PARAMETER.fullmatch(pair.partition("=")[0]) and pair.partition("=")[2] in ("0", "1"))
        or pair.lower().startswith("p=")
    ]
    return urlunsplit(parts._replace(query="&".join(kept), fragment=""))


def _pairs(query: str) -> list[str]:
    return [pair for pair in query.split("&") if pair]
