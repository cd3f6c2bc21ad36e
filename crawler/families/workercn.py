"""The engine of workercn.cn (中工网, 工人日报) and its sibling hosts, in its three eras.

* A, until 2021: `/{column}/{YYYYMM}/{DD}/{id}.shtml` with an id of 12 to 18 digits that begins with the time of
  creation; lists `/{column}/{column}.shtml`, page n `{column}_{n}.shtml`.
* B, December 2021 and 2022: the same articles, lists as JSON: `/json/{channel}/{column}_{n}.json`.
* C, since 2022: `/c/{YYYY-MM-DD}/{id}.shtml`, also `/cms/ui/content/show?ID={id}`; lists `/{section}/`.

Beside them the paper: `/papers/grrb/{YYYY}/{MM}/{DD}/{page}/news-{n}.html`. Seen in public crawlers, in addresses of
stored pages and in one saved list of era C. No article's HTML of era C was seen, nor a pager of its lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, Listing, numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link, fold, site_url
from crawler.families.rows import printed_date
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical, is_article
from crawler.urls import key as key_of

_DATED = r"/\d+/20\d{4}/\d{2}/(?P<created>\d{12,18})"
_NEW = r"/c/20\d\d-\d\d-\d\d/(?P<id>\d{6,8})\.shtml"
_PAPER = r"/papers/grrb/(?P<paper>\d{4}/\d{2}/\d{2}/\d+/news-\d+)\.html"
_SHOW = r"/cms/ui/content/show\?(?:[^#]*&)?ID=(?P<shown>\d{6,8})(?:&[^#]*)?"
_KEY = re.compile(rf"(?:{_DATED}(?:_\d+)?\.shtml|{_NEW}|{_PAPER})(?:\?.*)?|{_SHOW}")
_GATEWAY = re.compile(r"https?://(?:big5\.workercn\.cn/big5/)+([\w.:-]+)([/?][^#]*)?")
_OLD_LIST = re.compile(r"/(\d+)/\1(?:_(\d+))?\.shtml$")
_JSON_LIST = re.compile(r"/json/[\w-]+/\d+_(\d+)\.json$")
_PAPER_PAGE = re.compile(r"/papers/grrb/\d{4}/\d{2}/\d{2}/\d+/page\.html$")

# What rows are in: eras A (two templates), C, and a page of the paper.
_LISTS = 'ul#leftList, ul.imgtxt1, ul.list > li[id^="li_"], ul#pageTitle'
_ROW_LINKS = 'ul#leftList a[href], ul.imgtxt1 h3 a[href], ul.list > li[id^="li_"] h3 > a[href], ul#pageTitle li a[href]'


class WorkercnFamily(GenericFamily):
    """workercn.cn, acftu.workercn.cn, xz.workercn.cn, …"""

    name = "workercn"
    counts_pages = True
    # Page k of an article (`_k`) is no article of its own: it is reached through `parts`.
    article_url = re.compile(rf"^https?://[^/?#]+(?:(?:{_DATED}\.shtml|{_NEW}|{_PAPER})(?:\?[^#]*)?|{_SHOW})$")
    url_signs = re.compile(
        r"^https?://(?:[\w-]+\.)*workercn\.cn/"
        rf"|^https?://[^/?#]+(?:{_DATED}(?:_\d+)?\.shtml|{_NEW}|{_PAPER}|{_SHOW})"
    )
    layouts = numbered(
        "workercn",
        # The paper's web edition.
        Layout("", body="#ccontent", kicker="#pretitle", title="#ctitle"),
        # Era A, main template (div.signdate), and era B (span.time).
        Layout(
            "",
            body="div.ccontent",
            date="div.signdate, span.time",
            source="div.from > span, div.signdate > span:nth-of-type(2)",
        ),
        # Era A, template of auto.workercn.cn.
        Layout(
            "",
            body="div.article",
            date="div.from.mt10 > span.font-black1-12",
            source="div.from.mt10 > span.font-black_12",
        ),
        # Era A, template of cq.workercn.cn: two spans of one class, the date and the source.
        Layout(
            "",
            body="div.detail_con > div.font-black_16.hangao",
            date="span.font-black1_12",
            source="span.font-black1_12 ~ span.font-black1_12",
        ),
        # xz.workercn.cn (西藏工会新闻网).
        Layout(
            "",
            body="div.list_left > div:nth-of-type(2) > div:nth-of-type(3)",
            title="div.list_left > div:nth-of-type(2) > div:nth-of-type(1) > span",
            date="div.list_left > div:nth-of-type(2) > div:nth-of-type(2) > span:nth-of-type(1)",
            source="div.list_left > div:nth-of-type(2) > div:nth-of-type(2) > span:nth-of-type(2)",
        ),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `workercn:{host}:{article id}`: one article under all its addresses, columns and pages.

        Hosts count, because siblings (job.workercn.cn) may number their articles by themselves.
        """
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        found = _KEY.fullmatch(target)
        if not found:
            return url
        return f"workercn:{parts.netloc}:{next(group for group in found.groups() if group)}"

    def original(self, url: str, profile: SiteProfile) -> str:
        """Return what an address of the big5 gateway, `…/big5/{host}/{path}`, stands for."""
        found = _GATEWAY.fullmatch(url)
        return f"http://{found[1]}{found[2] or '/'}" if found else url

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a list of any era: JSON by its address, HTML otherwise. Raises ValueError for broken JSON."""
        if _JSON_LIST.search(urlsplit(url).path):
            found = _json_entries(body, url, profile)
            return Listing(found, _counted(url, profile) if found else ())
        return super().listing(body, url, profile, content_type=content_type)

    def entries(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[Entry, ...]:
        """Return the rows of the list, with the time beside an era C row; where no list is known, all articles."""
        rows = _rows(tree, links, url, profile)
        times = _row_times(tree, rows, profile)
        found = super().entries(tree, rows, url, profile)
        return tuple(replace(entry, date=times.get(entry.url, entry.date)) for entry in found)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the next list by the number in this one's address (eras A, B); else what its pager names."""
        if not _OLD_LIST.search(urlsplit(url).path):
            pages = [link.url for link in links if _PAPER_PAGE.search(urlsplit(link.url).path)]
            here = canonical(url, profile)
            if here in pages:
                return tuple(dict.fromkeys(pages[pages.index(here) + 1 :]))
            return super().next_pages(tree, links, url, profile)
        listed = any(is_article(link.url, profile) for link in _rows(tree, links, url, profile))
        return _counted(url, profile) if listed else ()


def _rows(tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile) -> Sequence[Link]:
    """Return the links that are rows of a known list; all links where none is known, and on the home page."""
    at_home = canonical(url, profile) == canonical(profile.home, profile)
    if at_home or tree.css_first(_LISTS) is None:
        return links
    rows = {node.mem_id for node in tree.css(_ROW_LINKS)}
    return [link for link in links if link.node.mem_id in rows]


def _counted(url: str, profile: SiteProfile) -> tuple[str, ...]:
    """Return the list page after the one at `url`, by the number in its address; pages have rows until they end."""
    here = canonical(url, profile)
    found = _OLD_LIST.search(here)
    if found:
        return (f"{here[: found.start()]}/{found[1]}/{found[1]}_{int(found[2] or 1) + 1}.shtml",)
    found = _JSON_LIST.search(here)
    if not found:
        return ()
    return (f"{here[: found.start(1)]}{int(found[1]) + 1}.json",)


def _json_entries(body: bytes, url: str, profile: SiteProfile) -> tuple[Entry, ...]:
    """Return the articles of a JSON list, an array of objects with a site-relative `href`."""
    fix = "check the section's address"
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{url}: no JSON list ({error}); {fix}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{url}: the JSON is no array of objects; {fix}")
    found: dict[str, Entry] = {}
    for row in rows:
        href = row.get("href")
        target = site_url(href, urljoin(url, "/"), profile) if isinstance(href, str) else None
        if target and is_article(target, profile):
            found.setdefault(key_of(target, profile), Entry(target))
    return tuple(found.values())


def _row_times(tree: LexborHTMLParser, links: Sequence[Link], profile: SiteProfile) -> dict[str, str]:
    """Return the times that the rows of an era C list (`ul.list > li[id^=li_]`) print in `div.info2`, by URL."""
    urls = {link.node.mem_id: link.url for link in links}
    times = {}
    for row in tree.css('ul.list > li[id^="li_"]'):
        info = row.css_first("div.info2")
        anchor = row.css_first("h3 > a[href]")
        if info is None or anchor is None or anchor.mem_id not in urls:
            continue
        printed = printed_date(fold(info.text(deep=True)), profile.timezone)
        if printed:
            times[urls[anchor.mem_id]] = printed
    return times
