"""PHPCMS v9 and its successor 迅睿CMS (XunRuiCMS), of qhszgh.com (青海) among others.

* v9: articles `index.php?m=content&c=index&a=show&catid={c}&id={i}`, rewritten `show-{c}-{i}-1.html` (the last number
  is the page of the article) or `/html/{folder}/{YYYY}/{MMDD}/{i}.html`; lists `index.php?m=content&c=index&a=lists
  &catid={c}&page={n}`.
* 迅睿: articles `index.php?c=show&id={i}`, lists `index.php?c=category&id={c}&page={n}`; `s={module}` stands before
  where a module has a sequence of its own.

Parameters besides those name the same page. On the last page of a v9 list, 下一页 leads to that page itself.

Seen: one article's address of 迅睿; the form of v9's lists in crawlers, and a saved article page of v9. Not seen: a
list page whole, 迅睿's HTML. The rewritten and generated addresses are known from the CMS itself.
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
from crawler.urls import canonical


def _has(*pairs: str) -> str:
    """Return a pattern of a query that has all of some parameters, in any order."""
    return "".join(rf"(?=(?:[^#]*&)?{pair}(?:&|$))" for pair in pairs)


# A further page of an article is no article of its own.
_FIRST = r"(?!(?:[^#]*&)?page=(?!1(?:&|$)))"
_V9 = r"index\.php\?" + _FIRST + _has("m=content", "c=index", "a=show", r"catid=\d{1,9}", r"id=\d{1,9}")
_XUNRUI = r"(?:index\.php)?\?" + _FIRST + _has("c=show", r"id=\d{1,9}")
_REWRITTEN = r"show-(\d{1,9})-(\d{1,9})-1\.html$"
_SHOW = re.compile(rf"^(https?://[^?#]+/)(?:{_V9}|{_XUNRUI}|{_REWRITTEN})")
_LIST = re.compile(r"/list-\d+-(\d{1,6})\.html$")


class PhpcmsFamily(GenericFamily):
    """Sites of PHPCMS v9 and of 迅睿."""

    name = "phpcms"
    article_url = re.compile(
        rf"^https?://[^?#]+/(?:{_V9}|{_XUNRUI}|{_REWRITTEN}|html/(?:[\w-]+/)+20\d\d/\d{{4}}/\d+\.html$)"
    )
    url_signs = re.compile(
        r"^https?://[^?#]+/(?:index\.php)?\?(?:[^#]*&)?(?:m=content&c=index&a=(?:show|lists)|c=(?:show|category)&id=\d)"
        r"|^https?://[^?#]+/show-\d+-\d+-\d+\.html$"
    )
    html_signs = re.compile(
        r"\?m=content&(?:amp;)?c=index&(?:amp;)?a=(?:show|lists)|[?&;]c=(?:show|category)&(?:amp;)?id=\d"
        r"|Powered by (?:<[^>]{0,200}>)*(?:PHPCMS|XunRui)"
    )
    layouts = numbered("phpcms", Layout("", body="#Article > .content"))

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `phpcms:{folder}:{column}-{id}` or `xunrui:{folder}:{module}-{id}` for an article."""
        found = _SHOW.match(url)
        if found is None:
            return url
        folder = found[1].partition("://")[2]
        if found[2]:
            return f"phpcms:{folder}:{found[2]}-{found[3]}"
        given = dict(parse_qsl(urlsplit(url).query))
        if "catid" in given and given["c"] == "index":
            return f"phpcms:{folder}:{given['catid']}-{given['id']}"
        return f"xunrui:{folder}:{given.get('s', '')}-{given['id']}"

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return what the pager names of pages after this one."""
        here = _number(canonical(url, profile)) or 1
        found = super().next_pages(tree, links, url, profile)
        return tuple(page for page in found if (_number(page) or here + 1) > here)


def _number(url: str) -> int | None:
    """Return a list page's number as its address gives it; None where it gives none."""
    parts = urlsplit(url)
    found = _LIST.search(parts.path)
    number = found[1] if found else dict(parse_qsl(parts.query)).get("page", "")
    return int(number) if re.fullmatch(r"\d{1,6}", number, re.ASCII) else None
