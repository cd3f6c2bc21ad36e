"""XpressEngine, of the KCTU (민주노총, nodong.org) and other Korean sites.

A document has one number on the whole site: `/{mid}/{document_srl}`, `/{document_srl}`, `index.php?mid=&document_srl=`.
The rows of page n of a board carry the parameters of the board (`&page={n}`), and are not the short form. Lists are
`/{mid}`, page n `index.php?mid={mid}&page={n}`. Feeds are `/{mid}/atom`; its page n is only at
`index.php?mid={mid}&act=atom&page={n}`, and names itself. A profile's own `article_url` must match the long form too.

Seen: addresses of documents and the feeds of nodong.org in stored pages; addresses, feeds, templates of lists and
documents in XpressEngine's own code. Not seen: the HTML of a union's site, which may be of another skin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Listing, numbered
from crawler.families.counting import by_parameter, page_after, without
from crawler.families.feeds import is_feed, read_feed
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical

_SHORT = r"/(?:[A-Za-z]\w{0,60}/){0,3}(?P<short>[1-9]\d{0,11})"
_LONG = r"/(?:index\.php)?\?(?:[mv]id=\w{1,60}&)*document_srl=(?P<long>[1-9]\d{0,11})(?:&[mv]id=\w{1,60})*"
_ARTICLE = re.compile(rf"^https?://[^/?#]+(?:{_SHORT}|(?:/[A-Za-z]\w{{0,60}})?{_LONG})$", re.ASCII)
_DOCUMENT = re.compile(rf"[?&]document_srl=[1-9]|^https?://[^/?#]+{_SHORT}\?", re.ASCII)
_ACTS = re.compile(r"[?&](?:act|module)=")
# Parameters that say from which page of a list one came, and which page of comments is shown.
_WAY = re.compile(
    r"page|cpage|list_?style|category|search_(?:target|keyword)|sort_index|order_type|comment_srl|division"
    r"|last_division",
    re.I,
)
_FEED = re.compile(r"^(https?://[^/?#]+/(?:[A-Za-z]\w{0,60}/)?)([A-Za-z]\w{0,60})/atom$", re.ASCII)
_PAGED_FEED = re.compile(r"^https?://[^?#]+/index\.php\?mid=\w{1,60}&act=atom&page=([1-9]\d{0,5})$", re.ASCII)
_MID = re.compile(r"^(https?://[^/?#]+)/(?:index\.php)?\?(?:[^#]*&)?mid=(\w{1,60})(?=&|$)", re.ASCII)
_by_page = by_parameter(re.compile("page"), 1)
#: Where a feed names its own page.
_HEAD = 4096


class XpressengineFamily(GenericFamily):
    """Sites of XpressEngine."""

    name = "xpressengine"
    article_url = _ARTICLE
    url_signs = re.compile(r"^https?://[^?#]+/(?:index\.php)?\?(?:[^#]*&)?document_srl=\d")
    html_signs = re.compile(
        r"<meta\s+name=\"generator\"\s+content=\"XpressEngine\"|<!--BeforeDocument\(\d+,\d+\)-->"
        r"|class=\"document_\d+_\d+ (?:rhymix_content )?xe_content",
        re.I,
    )
    section_url = re.compile(r"^https?://[^/?#]+/(?:[A-Za-z]\w{1,60}|(?:index\.php)?\?mid=\w{1,60})$", re.ASCII)
    layouts = numbered(
        "xpressengine", Layout("", body="div[class^='document_'].xe_content", author=".read_header .author")
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `xe:{host}:{document_srl}` for a document, under all its addresses."""
        found = _ARTICLE.search(url)
        return f"xe:{urlsplit(url).netloc}:{found['short'] or found['long']}" if found else url

    def original(self, url: str, profile: SiteProfile) -> str:
        """Return a document's address without the way through the list that led to it."""
        if not _DOCUMENT.search(url) or _ACTS.search(url):
            return url
        return without(url, _WAY)[0]

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a list, or a feed with its next page; that is asked for until a feed is empty or is another page."""
        if not is_feed(body):
            return super().listing(body, url, profile, content_type=content_type)
        found = read_feed(body, url, profile)
        following = _next_feed(canonical(url, profile), body) if found.entries else ()
        return Listing(found.entries, found.next_pages or following)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the linked page of the same board with the next number; else what the pager names."""
        counted = page_after(links, url, profile, _place)
        return super().next_pages(tree, links, url, profile) if counted is None else counted


def _place(url: str) -> tuple[str, int] | None:
    """Return the board, whichever form its address has, and the page."""
    if _DOCUMENT.search(url) or _ACTS.search(url) or (place := _by_page(url)) is None:
        return None
    found = _MID.search(place[0])
    return (f"{found[1]}/{found[2]}" if found else place[0].rstrip("/")), place[1]


def _next_feed(here: str, body: bytes) -> tuple[str, ...]:
    if (found := _FEED.search(here)) is not None:
        return (f"{found[1]}index.php?mid={found[2]}&act=atom&page=2",)
    if (paged := _PAGED_FEED.search(here)) is None:
        return ()
    number = int(paged[1])
    named = re.search(rb"[?&;]page=%d\b" % number, body[:_HEAD]) is not None
    return (here.removesuffix(paged[1]) + str(number + 1),) if named else ()
