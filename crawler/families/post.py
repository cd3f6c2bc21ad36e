"""The platform of 南方网 (NFCMS, 数字广东): gdftu.org.cn, nfgb.com.cn and the government sites of Guangdong.

Articles are `{section}/content/post_{id}.html`, on some sites `mpost_{id}.html`; a listing is the section's folder,
its page n `index_{n}.html` (`index_2.html` is the second one). The directory of public information, `/gkmlpt/`, lists
by JSON: `/gkmlpt/api/all/{category}?page={n}&sid={site}`, 100 documents a page, category 0 for all; its page holds the
site's number, `SID: '…'`, and the documents are `/gkmlpt/content/{n}/{n}/post_{id}.html`.

Seen: article addresses and the words around articles; the JSON, its fields and its pages in crawlers of 2022 to 2026.
Not seen: the markup of a listing or of its pager, but that 尾页 names the last page's number; a union's directory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, Listing, numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link, fold, site_url
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical, is_article
from crawler.urls import key as key_of

_API = re.compile(r"/gkmlpt/api/all/\d{1,9}$")
_DIRECTORY = re.compile(r"/gkmlpt(?:/|$)")
_PAGE = re.compile(r"([?&]page=)(\d{1,9})(?=&|$)")
_SID = re.compile(r"\bSID:\s*['\"](\d{1,12})['\"]")
_FILE = re.compile(r"(/index)(?:_(\d{1,6}))?\.html$")
_LAST = re.compile(r"\W*(?:尾页|末页|最后一页)\W*")
_MOST_SCRIPTS, _MOST_ROWS = 200, 2_000


class PostFamily(GenericFamily):
    """Sites whose articles are `content/post_{id}.html`."""

    name = "post"
    article_url = re.compile(r"^https?://[^?#]+/(?:content/(?:\d+/\d+/)?m?post|mpost)_\d+\.html$")
    url_signs = re.compile(rf"{article_url.pattern}|^https?://[^?#]+/gkmlpt/")
    html_signs = re.compile(r"\bNFCMS_(?:SITE|CAT|POST|PAGE)_ID\b|//statistics\.gd\.gov\.cn/visit/")
    layouts = numbered(
        "post",
        Layout("", body=".news_cont_d_wrap"),
        Layout("", body=".article-content"),
    )

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a listing; the directory's JSON by its address. Raises ValueError for JSON that is broken."""
        path = urlsplit(url).path
        if _API.search(path):
            return _directory(body, url, profile)
        found = super().listing(body, url, profile, content_type=content_type)
        if not _DIRECTORY.search(path):
            return found
        tree, _ = self.parse(body, profile, content_type)
        scripts = (script.text() or "" for script in tree.css("script")[:_MOST_SCRIPTS])
        numbers = (number[1] for script in scripts if (number := _SID.search(script)))
        start = path[: path.index("/gkmlpt")]
        parts = (canonical(urljoin(url, f"{start}/gkmlpt/api/all/0?page=1&sid={sid}"), profile) for sid in numbers)
        return replace(found, parts=tuple(parts)[:1])

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return what the pager names; where it names only the last page, the one after this one."""
        if named := super().next_pages(tree, links, url, profile):
            return named
        own = _numbered(canonical(url, profile))
        lasts = (_numbered(link.url) for link in links if _LAST.fullmatch(link.text))
        if own and any(last and last[0] == own[0] and last[1] > own[1] for last in lasts):
            return (f"{own[0]}_{own[1] + 1}.html",)
        return ()


def _numbered(url: str) -> tuple[str, int] | None:
    """Return the name without its number and the number of a listing's file; None for other addresses."""
    if url.endswith("/"):
        return f"{url}index", 1
    found = _FILE.search(url)
    return (url[: found.end(1)], int(found[2] or 1)) if found else None


def _directory(body: bytes, url: str, profile: SiteProfile) -> Listing:
    """Return the documents of a page of the directory, and the page after it while there are any."""
    fix = "check the section's address"
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{url}: no JSON ({error}); {fix}") from error
    rows = answer.get("articles") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ValueError(f"{url}: the JSON has no list of articles; {fix}")
    found: dict[str, Entry] = {}
    for row in rows[:_MOST_ROWS]:
        entry = _entry(row, url, profile) if isinstance(row, dict) else None
        if entry is not None:
            found.setdefault(key_of(entry.url, profile), entry)
    here = canonical(url, profile)
    page = _PAGE.search(here)
    total = answer.get("total")
    last = isinstance(total, int) and page is not None and int(page[2]) * len(rows) >= total
    if not found or page is None or last:
        return Listing(tuple(found.values()))
    return Listing(tuple(found.values()), (_PAGE.sub(rf"\g<1>{int(page[2]) + 1}", here, count=1),))


def _entry(row: dict[str, Any], url: str, profile: SiteProfile) -> Entry | None:
    """Return the article of a row; `display_publish_time`, else `first_publish_time`, are seconds since 1970."""
    target = next((row[name] for name in ("url", "post_url") if isinstance(row.get(name), str) and row[name]), "")
    found = site_url(target, urljoin(url, "/"), profile)
    if not found or not is_article(found, profile):
        return None
    title = fold(row["title"]) if isinstance(row.get("title"), str) else ""
    times = (row.get(name) for name in ("display_publish_time", "first_publish_time"))
    seconds = next((time for time in times if isinstance(time, int) and 0 < time < 2**32), None)
    date = datetime.fromtimestamp(seconds, profile.zone).isoformat() if seconds else None
    return Entry(found, title or None, date)
