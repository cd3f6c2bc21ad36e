"""Founder e-papers (方正数字报): 浙江工人日报 (epaper.zjgrrb.com), 劳动午报 (ldwb.workerbj.cn), many others.

Below `/html/` or `/content/`, a day's issue is the folder `{YYYY-MM}/{DD}/`: `node_{n}.htm` are its pages (版),
`content_{id}.htm` its articles, linked with `?div=-1` as well. Each page lists its own articles and links to all pages
of the issue. The paper's home page only leads on to the newest issue; a profile names no section, so that the issue is
found there and all its pages are read, those without an article among them.

There is no layout: an article's pictures stand beside its text, `#ozoom` holds the headline and the author as well, and
the generic extractor tells them apart.

Seen: addresses of articles and of pages, a saved article page. Not seen: a page (版) whole, the home page; how they
lead on is known from crawlers of other papers and from the CMS itself, 上一期 as a plain link from its words alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, Listing
from crawler.families.generic import GenericFamily
from crawler.families.links import Link, base_url, site_url
from crawler.profile import Section, SiteProfile
from crawler.urls import canonical

_ISSUE = r"https?://[^?#]+/(20\d\d)-(\d\d)/(\d\d)/"
_ARTICLE = re.compile(rf"^{_ISSUE}content_\d+\.htm(?:\?div=-?\d)?$")
_PAGE = re.compile(rf"^({_ISSUE})node_\d+\.htm$")
_NAMED = re.compile(r"(?:第?\s*\w{1,5}\s*版)\s*[：:]\s*(\S.{0,29})")
_REFRESH = re.compile(r"^\s*\d+\s*[;,]\s*url\s*=\s*['\"]?([^'\"\s]{1,500})", re.I)
_NEIGHBOUR = re.compile(r"[上下]一[版期]")
#: Pages of one issue.
_MOST = 200


class FounderFamily(GenericFamily):
    """Papers published with Founder's e-paper system."""

    name = "founder"
    article_url = _ARTICLE
    url_signs = re.compile(rf"^{_ISSUE}(?:content|node)_\d+\.htm(?:\?div=-?\d)?$")
    html_signs = re.compile(r"""<founder-\w+>|id=["']?ozoom\b""")

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return an article's address without `?div=-1`, which only says how its page is laid out."""
        return url.partition("?")[0] if _ARTICLE.match(url) else url

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a page (版), which is also the index of its issue, or a home page that leads on to one."""
        found = super().listing(body, url, profile, content_type=content_type)
        if _PAGE.match(canonical(url, profile)):
            pages = (page for page in found.next_pages if isinstance(page, str))
            return replace(found, parts=tuple(page for page in pages if _folder(page) == _folder(url)))
        if found.entries:
            return found
        tree, charset = self.parse(body, profile, content_type)
        target = _refreshed(tree, url, profile, charset)
        if target is None or not _PAGE.match(target):
            return found
        return replace(found, sections=(Section(None, target),), parts=(target,))

    def entries(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[Entry, ...]:
        """Return the articles of the page (版), dated by its issue and with the page's name for a section."""
        found = super().entries(tree, links, url, profile)
        here = canonical(url, profile)
        page = _PAGE.match(here)
        if page is None:
            return found
        names = (_NAMED.fullmatch(link.text) for link in links if link.url == here)
        section = next((name[1].strip() for name in names if name), None)
        try:
            day = date(int(page[2]), int(page[3]), int(page[4])).isoformat()
        except ValueError:
            day = None
        return tuple(replace(entry, date=day or entry.date, section=section) for entry in found)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the pages (版) after this one in the issue's table of them; after the last one, the issue before."""
        here = canonical(url, profile)
        if not _PAGE.match(here):
            return super().next_pages(tree, links, url, profile)
        pages = [link for link in links if _PAGE.match(link.url)]
        # 上一版 and 下一版 stand before the table.
        named = [link.url for link in pages if link.text and not _NEIGHBOUR.search(link.text)]
        table = list(dict.fromkeys(page for page in named if _folder(page) == _folder(here)))[:_MOST]
        after = table[table.index(here) + 1 :] if here in table else table
        before = [link.url for link in pages if "上一期" in link.text and _folder(link.url) < _folder(here)]
        return (*after, *before[:1])


def _folder(url: str) -> str:
    return url.rpartition("/")[0]


def _refreshed(tree: LexborHTMLParser, url: str, profile: SiteProfile, charset: str) -> str | None:
    """Return where a page leads on to by itself: `<meta http-equiv=refresh content="0; url=…">`."""
    for node in tree.css("meta[http-equiv]")[:20]:
        attributes = node.attributes
        found = _REFRESH.match(attributes.get("content") or "")
        if found and (attributes.get("http-equiv") or "").lower() == "refresh":
            return site_url(found[1], base_url(tree, url), profile, charset)
    return None
