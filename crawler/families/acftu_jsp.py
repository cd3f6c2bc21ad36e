"""The JSP engine of old.acftu.org (全国总工会, until 2013) and of bjzgh12351.org: `/template/{1000x}/…`, GBK.

Columns are `column.jsp?cid={c}`, whose further pages are asked for by POST with `pgno={n}`: a form named `jumpform`
holds the number of rows and that of pages in `.pagenote_left`. Articles are linked with their number last,
`file.jsp?cid={c}&aid={a}`, one number in all columns.

Seen: a crawler of the columns (form, totals, rows), links to templates of other numbers, a saved article page. Not
seen: a column whole, nor whether its pages print their own number.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Listing, Post, numbered
from crawler.families.generic import GenericFamily
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical

_ARTICLE = re.compile(r"^https?://[^?#]+(/template/\d{4,6}/)\w+\.jsp\?(?:cid=\d{1,9}&)?aid=(\d{1,9})$")
_COLUMN = re.compile(r"^(https?://[^?#]+/template/\d{4,6}/column\.jsp\?cid=\d{1,9})(?:&pgno=(\d{1,6}))?$")
_NUMBER = re.compile(r"\d+", re.ASCII)
_HERE = re.compile(r"第\s*(\d{1,6})\s*[页頁]", re.ASCII)


class AcftuJspFamily(GenericFamily):
    """Sites of the union federation's JSP engine of the 2000s."""

    name = "acftu_jsp"
    article_url = _ARTICLE
    url_signs = re.compile(r"^https?://[^?#]+/template/1\d{4}/(?:\w+\.jsp\?(?:cid|aid)=\d|index\.jsp)")
    html_signs = re.compile(r"pagenote_left|/template/1\d{4}/css\.css")
    layouts = numbered(
        "acftu_jsp",
        # Where an element of the name holds another one, the inner one is the text.
        Layout("", body="#ArticleBody #ArticleBody"),
        Layout("", body="#ArticleBody"),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `acftu_jsp:{host}{template}{aid}` for an article, whichever column leads to it."""
        found = _ARTICLE.match(url)
        return f"acftu_jsp:{urlsplit(url).netloc}{found[1]}{found[2]}" if found else url

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a column's page; its next page is a Post."""
        found = super().listing(body, url, profile, content_type=content_type)
        column = _COLUMN.match(canonical(url, profile))
        if column is None:
            return found
        tree, _ = self.parse(body, profile, content_type)
        following = _following(tree, column) if found.entries else None
        return replace(found, next_pages=(following,) if following else ())


def _following(tree: LexborHTMLParser, column: re.Match[str]) -> Post | None:
    """Return the page after this one; None on the last one and where nothing counts the pages."""
    note = tree.css_first("form[name=jumpform] .pagenote_left")
    text = note.text(deep=True)[:200] if note is not None else ""
    totals = _NUMBER.findall(text)
    if len(totals) < 2:
        return None
    said = _HERE.search(text)
    here = int(said[1] if said else column[2] or 1)
    if here >= int(totals[1]):
        return None
    # The answer to a POST need not say which page it is: then the number stands in the address, too.
    address = column[1] if said else f"{column[1]}&pgno={here + 1}"
    return Post(address, f"pgno={here + 1}")
