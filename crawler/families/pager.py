"""Pagers: the further pages of a listing, as the links of its page name them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from crawler.families.links import Link, fold
from crawler.profile import SiteProfile
from crawler.urls import canonical, is_article

#: Words for the next page.
NEXT = r"下一?[页頁]|[后後]一?[页頁]|next(?: page)?"
_NEXT = re.compile(rf"\W*(?:{NEXT})\W*", re.I)
_ARROWS = frozenset({">", "\u203a", "\uff1e"})
_NUMBER = re.compile(r"[\[(（【]?\s*(?:(\d{1,4})|第\s*(\d{1,4})\s*[页頁])\s*[\])）】]?", re.ASCII)
_HERE = frozenset({"current", "active", "cur", "on", "now", "this", "selected", "thisclass"})
#: Pages named at once; each of them names further ones.
_MOST = 20
_MOST_NUMBERS = 100


def next_pages(links: Sequence[Link], url: str, profile: SiteProfile) -> tuple[str, ...]:
    """Return the further pages of the listing at `url`: the next one first, then higher page numbers, ascending.

    The words on the links count, never their addresses: some systems number their pages downwards.
    """
    here = canonical(url, profile)
    host = urlsplit(here).netloc
    targets = [link for link in links if urlsplit(link.url).netloc == host and not is_article(link.url, profile)]
    named = [link.url for link in targets if is_next(link)]
    arrows = [link.url for link in targets if link.text in _ARROWS]
    pages = dict.fromkeys([*(named or arrows)[:1], *_numbered(targets, here)])
    return tuple(page for page in pages if page != here)[:_MOST]


def page_number(text: str) -> int | None:
    """Return the page number that is all that `text` says: `2`, `[2]`, `【2】`, `第2页`; None for every other text."""
    found = _NUMBER.fullmatch(text)
    return int(found[1] or found[2]) if found else None


def is_next(link: Link) -> bool:
    """Tell whether a link says that it leads to the next page."""
    attributes = link.node.attributes
    if "next" in (attributes.get("rel") or "").lower().split():
        return True
    labels = (link.text, link.title, fold(attributes.get("aria-label")))
    return any(_NEXT.fullmatch(label) for label in labels)


def _numbered(links: Sequence[Link], here: str) -> list[str]:
    """Return the pages with a number above that of the page at `here`, from the first pager that shows it."""
    pagers: dict[int, tuple[LexborNode, dict[int, Link]]] = {}
    numbered = [(number, link) for link in links if (number := page_number(link.text)) is not None]
    for number, link in numbered[:_MOST_NUMBERS]:
        pager = _pager(link.node)
        if pager is not None:
            pagers.setdefault(pager.mem_id, (pager, {}))[1].setdefault(number, link)
    for pager, pages in pagers.values():
        current = _current(pager, pages, here)
        if current is not None:
            return [pages[number].url for number in sorted(pages) if number > current]
    return []


def _pager(node: LexborNode) -> LexborNode | None:
    """Return the element that holds a numbered link and its neighbours: the first with more text than the link."""
    own = fold(node.text(deep=True))
    parent = node.parent
    for _ in range(3):
        if parent is None or fold(parent.text(deep=True)) != own:
            return parent
        parent = parent.parent
    return None


def _current(pager: LexborNode, pages: dict[int, Link], here: str) -> int | None:
    """Return the number of the page one is on: linked to itself, marked, printed without a link, or left out."""
    for number, link in pages.items():
        if link.url == here or _HERE & set((link.node.attributes.get("class") or "").lower().split()):
            return number
    for child in pager.iter(include_text=True):
        printed = page_number(fold(child.text(deep=True)))
        if printed is not None and (printed not in pages or _marked(child)):
            return printed
    between = set(range(1, max(pages) + 1)) - set(pages)
    return min((number for number in between if number > min(pages) or min(pages) == 2), default=None)


def _marked(node: LexborNode) -> bool:
    return node.is_element_node and bool(_HERE & set((node.attributes.get("class") or "").lower().split()))
