"""Joomla, of local unions of the Spanish UGT and others.

Articles are wherever the site's menus put them, often `/{menu}/{id}-{alias}`: the profile says. Without such addresses
an article is `index.php?option=com_content&view=article&id={id}:{alias}`, with further parameters of menu and category.
Page n of a listing is `?start={rows before}`, in old versions `limitstart=`. Any listing is a feed with
`?format=feed&type=rss`, which has one page.

Seen: feeds of this form in a crawler; the templates of articles and pagers in Joomla's own code, heads of pages in
public code. Not seen: a listing of a union's site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.counting import by_parameter, page_after, without
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile

_place = by_parameter(re.compile(r"start|limitstart"), 0)
_ID = re.compile(r"([1-9]\d{0,8})(?:[:-].*)?", re.S | re.ASCII)
_PRINTED = re.compile(r"[?&](?:tmpl=component|print=1)(?=&|$)")
#: What makes the address that of one page of an article.
_PARTS = frozenset({"start", "limitstart", "showall"})
_PRINTING = re.compile(r"tmpl|print|layout|page")


class JoomlaFamily(GenericFamily):
    """Sites of Joomla."""

    name = "joomla"
    url_signs = re.compile(r"[?&]option=com_content&")
    html_signs = re.compile(
        r"<meta\s+name=\"generator\"\s+content=\"Joomla!|class=\"(?:joomla-script-options|com-content-)"
        r"|(?:src|href)=\"[^\"]*/media/(?:jui|vendor/joomla-custom-elements)/",
        re.I,
    )
    layouts = numbered(
        "joomla",
        Layout(
            "",
            body=".com-content-article__body, .item-page [itemprop='articleBody']",
            author=".createdby [itemprop='name'], .createdby > span:not([class])",
        ),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `joomla:{site}{id}` where the address names the article by its number; every other URL itself."""
        parts = urlsplit(url)
        query = parse_qs(parts.query, max_num_fields=50) if parts.query.count("&") < 50 else {}
        if query.get("option") != ["com_content"] or query.get("view") != ["article"] or _PARTS & query.keys():
            return url
        found = _ID.fullmatch(query.get("id", [""])[0])
        return f"joomla:{parts.netloc}{parts.path.removesuffix('index.php')}{found[1]}" if found else url

    def original(self, url: str, profile: SiteProfile) -> str:
        """Return the article's own address for the page that prints it."""
        return without(url, _PRINTING)[0] if _PRINTED.search(url) else url

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the linked page with the next number of rows before it; else what the pager names."""
        counted = page_after(links, url, profile, _place)
        return super().next_pages(tree, links, url, profile) if counted is None else counted
