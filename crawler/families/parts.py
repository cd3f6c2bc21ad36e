"""Parts: the further pages of an article of several pages, as its counter, its script or its pager names them.

What a link says is not enough: 下一页 may lead to the next article, to a listing, to comments or to a picture. A
further page is one whose address is the first page's with a page number in it (`numbering.Addresses`). Where such an
address may also mean something else (`?page=2`, `/417/2`), its link has to stand in the article or close below it.
Pages are read one by one even where a link leads to a single page of the whole: the pager's addresses are known to be
pages of this article. That link is followed only where the page names nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.families.links import MOST_LINKS, Link, absolute, base_url, fold
from crawler.families.numbering import MAX_PARTS, WHOLE, Addresses, FirstPage, Numbered, Place, without_number
from crawler.families.pager import NEXT, is_next, page_number

#: What a further page's link ends with, or says of the whole: other links are not worth a second look.
_NUMBERED = re.compile(r"(?:^|[_/=-])(?:\d{1,2}|all|full|single|whole)(?:/|\.\w{3,5})?(?:[?&#]|$)", re.I)
_TITLED = re.compile(r"第\s*(\d{1,2}|[二三四五六七八九十])\s*[页頁](?:[\s:：].*)?")
_HAN = {han: number for number, han in enumerate("二三四五六七八九十", 2)}
#: Words on a link to page 2, or to the whole on one page; for the page before; for the first and the last page.
REST = (
    r"(?:阅读|查看|浏览|显示|閱讀)?(?:余下|剩余|餘下)?全文(?:阅读|显示|浏览|閱讀)?|[转接]下一?[页頁]|继续阅读|繼續閱讀"
    r"|单页(?:阅读|显示)|單頁閱讀|read on|continue(?: reading)?|(?:view )?(?:single page|all)|full (?:story|text)"
)
BACK = r"[上前]一?[页頁]|prev(?:ious)?(?: page)?"
ENDS = r"首[页頁]|第一[页頁]|[尾末][页頁]|最后一?[页頁]|first|last"
_NEXT, _REST, _BACK, _ENDS = (re.compile(rf"\W*(?:{words})\W*", re.I) for words in (NEXT, REST, BACK, ENDS))
#: Elements in which a pager is not the article's.
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|cmt|pinglun|reply|replies|gallery|album|slides?|slider|swiper|carousel|tuji)(?:$|[\s\d_-])",
    re.I,
)
_COMMENTS = re.compile(r"#.*(?:comment|pinglun|reply|respond)", re.I)
_COUNT = re.compile(r"\d{1,4}", re.ASCII)
_SCRIPTED = re.compile(
    r"createPageHTML\(\s*(?:['\"][\w-]*['\"]\s*,\s*)?(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*['\"]([\w-]+)['\"]\s*,"
    r"\s*['\"](\w+)['\"]"
)
_OWN_FILE = re.compile(r"(?P<stem>[^?#]*/[^/?#]+)_(?P<number>\d{1,2})(?P<suffix>\.s?html?)")
#: Scripts and counters that are looked at: each costs more, the more there are.
MOST_SCRIPTS = 500
#: Links with a pager's words that are looked at.
MOST_WORDS = 200
#: A pager's words, a page's title among them, are no longer.
_LONGEST = 60
#: Characters of text between an article and a pager that is still its own, and how far up they may part.
_FAR, _LEVELS = 300, 5


Said = int | Literal["next", "rest", "back", "end"]
"""What a pager's link says: a page's number, the next page, the rest of the text, the page before, first or last."""


@dataclass(frozen=True, slots=True)
class _PagerLink:
    """A link with a pager's words: what it says, and where it leads."""

    node: LexborNode
    said: Said
    url: str


def find_parts(
    tree: LexborHTMLParser, url: str, *, place: Place | None = None, body: Sequence[LexborNode] = ()
) -> tuple[str, ...]:
    """Return the absolute addresses of the article's pages after this one, in order, as far as this page names them.

    `place` says which page of which article this is, where it is not the first one; `body` are the elements that hold
    the text, in order (without them, a link may stand anywhere).
    """
    place = place or Place(url, 1)
    addresses = Addresses.of(place.first)
    if addresses is None:
        return ()
    total, script = _counted(tree)
    if total and addresses.named_file:
        return tuple(addresses.file(number) for number in range(place.number + 1, total + 1))
    if script and addresses.is_named(script[2], script[3]) and script[1] == place.number - 1:
        return tuple(addresses.file(number - 1) for number in range(place.number + 1, script[0] + 1))
    links = _pager_links(tree, url, body, like=_own_name(place.first))
    return _linked([*islice(links, MOST_WORDS)], addresses, url, place, body)


def find_first(tree: LexborHTMLParser, url: str, *, body: Sequence[LexborNode] = ()) -> FirstPage | None:
    """Return the article's first page where the page at `url` is a further one; else None.

    Page 4 whose links lead to page 3 and 5 alone gives a guess: articles of one day may be numbered like that, too.
    """
    if not _is_numbered(url):
        return None
    own = _OWN_FILE.fullmatch(url)
    number = int(own["number"]) if own is not None else 0
    if own is not None:
        name = own["stem"].rpartition("/")[2]
        total, script = _counted(tree)
        by_script = script is not None and script[1:] == (number, name, own["suffix"].removeprefix("."))
        if (by_script and number) or 2 <= number <= (total or 0):
            return FirstPage(f"{own['stem']}{own['suffix']}")
    links = [*islice(_pager_links(tree, url, body), MOST_WORDS)]
    for link in links:
        first = without_number(link.url)
        if link.said in (1, "back", "end") and link.url != url and _is_first(first, url, link, body):
            return FirstPage(first)
    if own is not None and number > 1:
        before = urlsplit(f"{own['stem']}_{number - 1}{own['suffix']}")
        if any(link.said == "back" and urlsplit(link.url)[1:4] == before[1:4] for link in links):
            return FirstPage(f"{own['stem']}{own['suffix']}", guessed=True)
    return None


def _is_first(first: str, url: str, link: _PagerLink, body: Sequence[LexborNode]) -> bool:
    """Tell whether `first`, which `link` leads to, is the first page of what the page at `url` is a further one of."""
    addresses = Addresses.of(first)
    found = addresses.read(url) if addresses is not None else None
    if found is None or found.number < 1 or found.form == "folder" or (found.form == "raised" and link.said != 1):
        return False
    return found.form == "file" or _is_near(link.node, body)


def _counted(tree: LexborHTMLParser) -> tuple[int | None, tuple[int, int, str, str] | None]:
    """Return how many pages the page says that there are; unlikely numbers are nobody's.

    First by the hidden `__totalpage` (the old workercn engine), then as `createPageHTML` of TRS is called: with the
    number of pages, that of this one from 0, name and ending of their files.
    """
    total, script = None, None
    for node in tree.css("input[name=__totalpage], script")[:MOST_SCRIPTS]:
        if node.tag == "input":
            value = (node.attributes.get("value") or "").strip()
            total = int(value) if _COUNT.fullmatch(value) and 1 < int(value) <= MAX_PARTS else total
        elif "createPageHTML" in (text := node.text() or ""):
            call = _SCRIPTED.search(text)
            if call is not None and 1 < int(call[1]) <= MAX_PARTS:
                script = (int(call[1]), int(call[2]), call[3], call[4])
    return total, script


def _own_name(url: str) -> str:
    """Return what the addresses of all pages of an article share: its file or folder, without a number at the end."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return name.rstrip("0123456789") or name


@lru_cache(maxsize=256)
def _may_be(like: str) -> str:
    """Select the links whose address may be a page's with a number: the parser tells most of them apart at no cost."""
    if not re.fullmatch(r"[\w.%-]+", like):
        return "a[href]"
    return f'a[href*="{like}"], a[href*="?"], a[href]:not([href^="/"]):not([href^="http"])'


def _pager_links(
    tree: LexborHTMLParser, url: str, body: Sequence[LexborNode], *, like: str | None = None
) -> Iterator[_PagerLink]:
    """Yield the links with a pager's words; with `like`, those alone whose address may be that page's with a number."""
    base: str | None = None
    for node in tree.css(_may_be(like) if like else "a[href]")[:MOST_LINKS]:
        href = node.attributes.get("href") or ""
        if like is not None and not _is_numbered(href):
            continue
        if (said := pager_word(node)) is None:
            continue
        base = base or base_url(tree, url)
        target = absolute(href, base, "utf-8")
        if target and not _COMMENTS.search(href) and not _is_beside(node, body):
            yield _PagerLink(node, said, target)


@lru_cache(maxsize=16_384)  # the links of a site's menus come again on every page
def _is_numbered(href: str) -> bool:
    return _NUMBERED.search(href) is not None


def pager_word(node: LexborNode) -> Said | None:
    """Return what the words of a link say of an article's pages; None where they are no pager's."""
    text = fold(node.text(deep=True))
    if len(text) > _LONGEST:
        return None
    said = _said(text)
    if said is None and not any(map(str.isalnum, text)) and is_next(Link(node, "", text)):
        return "next"  # an arrow
    return said


@lru_cache(maxsize=16_384)
def _said(text: str) -> Said | None:
    number = page_number(text)
    if number is not None:
        return number if number <= MAX_PARTS else None
    if titled := _TITLED.fullmatch(text):
        return _HAN.get(titled[1]) or int(titled[1])
    words: dict[Said, re.Pattern[str]] = {"next": _NEXT, "rest": _REST, "back": _BACK, "end": _ENDS}
    return next((said for said, pattern in words.items() if pattern.fullmatch(text)), None)


def _linked(
    links: list[_PagerLink], addresses: Addresses, url: str, place: Place, body: Sequence[LexborNode]
) -> tuple[str, ...]:
    """Return the pages after `place` that links name without a gap.

    The number in an address is the printed one, or one less: page 2 is called `_1` or `_2`, by engine.
    """
    read = [(link, found) for link in links if (found := addresses.read(link.url)) is not None]
    read = [(link, found) for link, found in read if found.form == "file" or _is_near(link.node, body)]
    own = addresses.read(url) if place.number > 1 else None
    shifts = {place.number - own.number} if own is not None else _printed_shifts(read)
    if not shifts:
        shifts = {place.number + 1 - found.number for link, found in read if link.said in ("next", "rest")} & {0, 1}
    pages: dict[int, str] = {}
    if len(shifts) == 1 and shifts <= {0, 1}:
        shift = shifts.pop()
        for link, found in read:
            number = found.number + shift
            leads_on = link.said in ("next", "rest") and number == place.number + 1 and found.form != "raised"
            if link.said == number or leads_on:
                pages.setdefault(number, link.url)
    run: list[str] = []
    while (number := place.number + 1 + len(run)) <= MAX_PARTS and number in pages:
        run.append(pages[number])
    if not run and place.number == 1:
        return tuple(link.url for link, found in read if link.said == "rest" and found.number in (WHOLE, 0))[:1]
    return tuple(run)


def _printed_shifts(read: list[tuple[_PagerLink, Numbered]]) -> set[int]:
    """Return by how much printed page numbers exceed those of the addresses."""
    return {
        link.said - found.number
        for link, found in read
        if isinstance(link.said, int) and link.said > 1 and link.said - found.number in (0, 1)
    }


def _is_beside(node: LexborNode, body: Sequence[LexborNode]) -> bool:
    """Tell whether a link stands in an element that is named for comments or a gallery, and does not hold the body."""
    holder: LexborNode | None = node
    for _ in range(_LEVELS):
        holder = holder.parent if holder is not None else None
        if holder is None or any(holder.mem_id == each.mem_id for each in body):
            return False
        attributes = holder.attributes
        if _BESIDE.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return True
    return False


def _is_near(node: LexborNode, body: Sequence[LexborNode]) -> bool:
    """Tell whether a link stands in the body, or below it with little text between."""
    if not body:
        return True
    holders: set[int] = set()
    holder: LexborNode | None = node
    while holder is not None:
        holders.add(holder.mem_id)
        holder = holder.parent
    if any(each.mem_id in holders for each in body):
        return True
    passed, at = 0, body[-1]
    for _ in range(_LEVELS):
        while (at_next := at.next) is not None:
            at = at_next
            if at.mem_id in holders:
                return True
            passed += len(fold(at.text(deep=True)))
            if passed > _FAR:
                return False
        if at.parent is None:
            return False
        at = at.parent
    return False
