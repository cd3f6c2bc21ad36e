"""The family of sites whose CMS is not known: a listing is read by what every listing has in common.

Other families begin with it: a subclass replaces `entries` or `next_pages` where its CMS has a way of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, Family, Listing
from crawler.families.feeds import is_feed, read_feed
from crawler.families.links import Link, fold, site_links
from crawler.families.pager import next_pages
from crawler.families.rows import entries
from crawler.families.sitemaps import is_sitemap, read_sitemap, unpacked
from crawler.profile import Section, SiteProfile
from crawler.urls import canonical, is_article

#: Sections taken from one home page: more is no navigation.
MOST_SECTIONS = 60

_HAN = re.compile(r"[\u3400-\u9fff]")
_MORE = re.compile(r"\W*(?:更多|more)\W*", re.I)
_LISTING_PATH = re.compile(
    r"/$"
    r"|/(?:index|list|col|column|node|channel|category|class|news)[\w-]*(?:\.(?:s?html?|jspx?|php|aspx?))?$"
    r"|/([\w-]+)/\1\.s?html?$",
    re.I,
)
_LISTING_QUERY = re.compile(r"(?:^|&)(?:cat|cat_?id|cid|col|col_?id|column_?id|class_?id|channel_?id|tid)=\w", re.I)
_NO_SECTION_URL = re.compile(
    r"login|logon|register|passport|search|sitemap|about|contact|copyright|mailto|guestbook|feedback", re.I
)
_NO_SECTION_TEXT = re.compile(
    r"(?:网站|本站)?首\s*页|返回.*|登\s*[录陆]|注册|搜索|检索|网站地图|关于我们|联系我们|联系方式|版权\w*|隐私\w*|设为首页"
    r"|加入收藏|收藏本站|无障碍\w*|手机版|移动版|English|home|login|search|about.*|contact.*",
    re.I,
)


class GenericFamily(Family):
    """Reads any HTML listing: links that look like articles, a pager, and the sections that a home page links to."""

    name = "generic"
    section_url: re.Pattern[str] | None = None
    """Searched in the address of a home page's link: what else this CMS calls its listings."""

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a listing page: HTML, a feed or a sitemap; `sections` is filled on the site's home page alone."""
        body = unpacked(body, url)
        if is_feed(body):
            return read_feed(body, url, profile)
        if is_sitemap(body):
            return read_sitemap(body, url, profile)
        tree, charset = self.parse(body, profile, content_type)
        links = site_links(tree, url, profile, charset)
        at_home = canonical(url, profile) == canonical(profile.home, profile)
        return Listing(
            self.entries(tree, links, url, profile),
            self.next_pages(tree, links, url, profile),
            sections(links, profile, self.section_url) if at_home else (),
        )

    def parse(self, body: bytes, profile: SiteProfile, content_type: str | None) -> tuple[LexborHTMLParser, str]:
        """Return a page's tree and its charset."""
        # Extraction reads the families' layouts, so it is imported after them.
        from crawler.extraction.charset import decode

        text, charset = decode(body, content_type, profile.languages)
        return LexborHTMLParser(text), charset

    def entries(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[Entry, ...]:
        """Return the articles that the page lists."""
        return entries(links, profile)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the listing's further pages, the next one first."""
        return next_pages(links, url, profile)


def sections(links: Sequence[Link], profile: SiteProfile, own: re.Pattern[str] | None = None) -> tuple[Section, ...]:
    """Return the listings that a home page links to, in document order, named by the words of their links.

    `own` is searched in an address: what else a listing is called. One that only a 更多 link leads to has no name.
    """
    home = canonical(profile.home, profile)
    found: dict[str, str | None] = {}
    for link in links:
        name = link.text or link.title or _pictured(link)
        more = _MORE.fullmatch(name) is not None
        if link.url == home or not (more or _is_section_name(name)):
            continue
        if found.get(link.url) is None and _is_listing_url(link.url, own) and not is_article(link.url, profile):
            found[link.url] = None if more else name
    return tuple(Section(name, url) for url, name in found.items())[:MOST_SECTIONS]


def _pictured(link: Link) -> str:
    """Return what the picture of a menu's link says."""
    image = link.node.css_first("img")
    return fold(image.attributes.get("alt") or image.attributes.get("title")) if image is not None else ""


def _is_section_name(name: str) -> bool:
    longest = 10 if _HAN.search(name) else 30
    return 2 <= len(name) <= longest and not name.isdigit() and not _NO_SECTION_TEXT.fullmatch(name)


def _is_listing_url(url: str, own: re.Pattern[str] | None) -> bool:
    parts = urlsplit(url)
    if _NO_SECTION_URL.search(parts.path) or _NO_SECTION_URL.search(parts.query):
        return False
    if own is not None and own.search(url):
        return True
    return bool(_LISTING_PATH.search(parts.path) or _LISTING_QUERY.search(parts.query))
