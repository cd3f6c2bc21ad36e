"""博达 VSB (Visual SiteBuilder), of universities, their unions (xgh.qut.edu.cn) and county unions.

Articles are `/info/{tree}/{id}.htm`, or `/content.jsp?urltype=news.NewsContentUrl&wbtreeid={tree}&wbnewsid={id}` (also
article.jsp, show.jsp, …). A listing is `{path}/{name}.htm`; its older pages are `{path}/{name}/{n}.htm`, numbered
downwards: page 2 of 11 is `10.htm`, the last one `1.htm`. What is on a page moves with every page that is added, so
that addresses are never counted: the pager's 下页 is followed. A dynamic listing is `list.jsp?…&PAGENUM=n&wbtreeid=…`.

Seen: article pages of several sites, one listing with its pager (`span.p_next.p_fun > a`), addresses in crawlers.
Not seen: how long a site answers for a page whose number has changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical, is_article

_STATIC = re.compile(r"^/info/(\d{1,12})/(\d{1,12})\.htm$")
_DYNAMIC = re.compile(r"^/\w+\.jsp$")


class VsbFamily(GenericFamily):
    """Sites of 博达 VSB."""

    name = "vsb"
    article_url = re.compile(
        r"^https?://[^?#]+(?:/info/\d+/\d+\.htm$"
        r"|/\w+\.jsp\?(?=[^#]*\burltype=news\.NewsContentUrl(?:&|$))(?=[^#]*\bwbnewsid=\d+(?:&|$)))"
    )
    url_signs = article_url
    html_signs = re.compile(
        r"Announced by Visual SiteBuilder|id=[\"']?vsb_content|_newscontent_fromname|_showDynClick(?:s|Batch)\("
        r"|class=[\"']?(?:v_news_content\b|pb_sys_common\b)"
    )
    # A folder's page, or the first one beside it: every .htm that is no article may be a listing.
    section_url = re.compile(r"^https?://[^?#]+/[\w-]+\.htm$|\burltype=tree\.TreeTempUrl(?:&|$)")
    layouts = numbered(
        "vsb",
        Layout("", body="[id^='vsb_content'] .v_news_content"),
        Layout("", body="[id^='vsb_content'], .v_news_content"),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `vsb:{host}:{tree}/{id}` for the static and the dynamic address of an article at the site's root."""
        parts = urlsplit(url)
        if found := _STATIC.match(parts.path):
            return url if parts.query else f"vsb:{parts.netloc}:{found[1]}/{found[2]}"
        if _DYNAMIC.match(parts.path) and is_article(url, profile):
            query = parse_qs(parts.query)
            tree, news = query.get("wbtreeid", []), query.get("wbnewsid", [])
            if len(tree) == len(news) == 1 and tree[0].isdigit():
                return f"vsb:{parts.netloc}:{tree[0]}/{news[0]}"
        return url

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return what the pager's 下页 leads to, none on the last page; where it has no such pager, what links name."""
        if tree.css_first(".p_pages, .pb_sys_common") is None:
            return super().next_pages(tree, links, url, profile)
        named = {node.mem_id for node in tree.css(".p_next a[href]")[:5]}
        here = canonical(url, profile)
        found = (link.url for link in links if link.node.mem_id in named and link.url != here)
        return tuple(dict.fromkeys(page for page in found if not is_article(page, profile)))
