"""DedeCMS (织梦), of the Qingdao federation (qdszgh.cn, 2019) and of many county sites; GBK or UTF-8.

Articles are `/a/{column}/{YYYY}/{MMDD}/{aid}.html` unless the site renames the folder, their further pages
`{aid}_2.html`; where nothing is generated, `/plus/view.php?aid={aid}`. Lists are `/a/{column}/`, then
`list_{tid}_{n}.html` beside it, or `/plus/list.php?tid={tid}&PageNo={n}`.

Seen: an article's address, a saved article page of the default template. Not seen: a list page whole; its files, the
marks of its pager and both scripts are known from the CMS itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile

_STATIC = r"/20\d\d/\d{4}/(\d{1,9})\.html"
_VIEW = r"/plus/view\.php\?aid=(\d{1,9})"
_ARTICLE = re.compile(rf"^https?://[^?#]+(?:{_STATIC}|{_VIEW})$")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


class DedecmsFamily(GenericFamily):
    """Sites of DedeCMS."""

    name = "dedecms"
    article_url = _ARTICLE
    url_signs = re.compile(
        r"^https?://[^/?#]+/(?:[^?#]*/)?"
        r"(?:a/(?:[\w-]+/)+20\d\d/\d{4}/\d+(?:_\d+)?\.html$|plus/(?:view|list)\.php\?|list_\d+_\d+\.html$)"
    )
    html_signs = re.compile(r"/templets/\w+/|dedeajax2?\.js|/plus/count\.php\?|Powered by (?:<[^>]{0,200}>)*DedeCMS")
    layouts = numbered(
        "dedecms",
        # Older templates put the text into a table of one cell.
        Layout("", body=".viewbox > .content > table:only-child > tbody > tr:only-child > td:only-child"),
        Layout("", body=".viewbox > .content"),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `dedecms:{host}:{aid}` for an article: its number is one sequence over all columns of the site."""
        found = _ARTICLE.match(url)
        return f"dedecms:{urlsplit(url).netloc}:{found[1] or found[2]}" if found else url

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return what the pager names, `list.php` without the number of articles, which changes with each of them."""
        found = super().next_pages(tree, links, url, profile)
        return tuple(dict.fromkeys(page for page in map(_counted, found) if page != _counted(url)))


def _counted(url: str) -> str:
    """Return a page of `list.php` by the two parameters that say which one it is."""
    parts = urlsplit(url)
    if not parts.path.endswith("/plus/list.php"):
        return url
    given = dict(parse_qsl(parts.query))
    column, number = given.get("tid", ""), given.get("PageNo", "1")
    if not (_NUMBER.fullmatch(column) and _NUMBER.fullmatch(number)):
        return url
    return parts._replace(query=f"tid={column}" + (f"&PageNo={number}" if number != "1" else "")).geturl()
