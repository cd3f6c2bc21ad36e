"""The engine of people.com.cn (人民网), of acftu.people.com.cn (中国工会新闻) and of sites that bought it.

Articles are `/n1/{YYYY}/{MMDD}/c{column}-{id}.html`, before 2016 `/n/…`, their further pages `…-2.html`; each is there
once more in traditional characters below `/BIG5/`. Lists are `/GB/{column}/index.html`, then `index2.html`, …, which
the pager of the page before links to.

Seen: addresses of articles and mirrors; the page's template with `#rwb_zw` in a saved page; the pager's class, the
names of list pages, `.rm_txt_con` and `.show_text` in crawlers. Not seen: a list page whole. `/n/` and the articles of
before 2012, `/GB/{column}/{id}.html`, are known from their addresses alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical

_ARTICLE = r"/n[12]?/20\d\d/\d{4}/c\d+-\d+"
_MIRROR = re.compile(rf"^(https?://[^/?#]+)/BIG5({_ARTICLE}(?:-\d{{1,2}})?\.html)$")
_LIST = re.compile(r"^(https?://[^?#]+/)(?:index(\d{0,5})\.html)?$")


class PeopleFamily(GenericFamily):
    """people.com.cn and its clones."""

    name = "people"
    article_url = re.compile(rf"^https?://[^/?#]+(?:{_ARTICLE}|/GB/(?:\d+/)+\d{{6,9}})\.html$")
    url_signs = re.compile(
        rf"^https?://(?:[\w-]+\.)*people\.com\.cn/|^https?://[^/?#]+(?:/BIG5)?{_ARTICLE}(?:-\d{{1,2}})?\.html$"
    )
    html_signs = re.compile(r"""id=["']?rwb_(?:zw|navpath|bbstop)\b|class=["']?rm_txt_con\b""")
    layouts = numbered(
        "people",
        Layout("", body="#rwb_zw"),
        Layout("", body=".rm_txt_con, .show_text"),
    )

    def original(self, url: str, profile: SiteProfile) -> str:
        """Return the article that a page in traditional characters, `/BIG5/n1/…`, is a copy of."""
        return _MIRROR.sub(r"\1\2", url)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the list page with the next number, where the page links to it; other pagers are read as any."""
        here = _LIST.match(canonical(url, profile))
        if here is not None:
            following = f"{here[1]}index{int(here[2] or 1) + 1}.html"
            if any(link.url == following for link in links):
                return (following,)
        return super().next_pages(tree, links, url, profile)
