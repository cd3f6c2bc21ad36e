"""WordPress, of many unions outside China (ACTU, UNI Global Union, COSATU's Mediadon).

Articles are wherever the site's permalinks put them: the profile says. A section is one of three listings:

* HTML: `/{column}/`, page n `/{column}/page/{n}/` (without permalinks `?paged={n}`, in block themes `?query-page={n}`);
* a feed: `/feed/`, `/{column}/feed/`, page n `?paged={n}`;
* JSON: `/wp-json/wp/v2/posts?per_page=100`, page n `&page={n}`; other types of posts beside `posts`.

A feed does not say which page is its last: the one after it is answered with 404. So is JSON whose last page is full
(with 400). An article is also at `…/embed/`, `…/amp/`, `…/comment-page-{n}/` and with parameters of sharing buttons.

Seen: addresses of HTML pages and their page n, in stored pages; heads of pages in public code; the REST interface and
its answer to a page that does not exist, in public code. Not seen: page n of a union site's feed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, Listing, numbered
from crawler.families.counting import by_parameter, numbered_page, page_after, without
from crawler.families.feeds import is_feed, read_feed
from crawler.families.generic import GenericFamily
from crawler.families.links import Link, fold, site_url
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical, is_article
from crawler.urls import key as key_of

_REST = re.compile(r"/wp-json/wp/v2/[\w-]+/?(?:\?|$)|[?&]rest_route=(?:/|%2F)wp(?:/|%2F)v2(?:/|%2F)[\w-]+(?:&|$)", re.I)
_ENDPOINT = re.compile(
    r"^(https?://[^/?#]+/(?:[^/?#]+/)*?(?!(?:category|tag|author)/)[^/?#]+)"
    r"(?:/(?:embed|amp|trackback|comment-page-\d{1,6}))+(/?)(?=\?|$)"
)
_SHARED = re.compile(r"amp|noamp|share|nb|replytocom|like_comment|preview")
_PAGE, _PER_PAGE, _PAGED = re.compile("page"), re.compile("per_page"), re.compile("paged")
_PATH_PAGE = re.compile(r"/page/(\d{1,6})/?$")
_SHARING = (".sharedaddy", ".jp-relatedposts")
_by_parameter = by_parameter(re.compile(r"paged|query-(?:\d{1,4}-)?page"), 1)
#: Posts of a REST answer that are read: WordPress gives 100 at most.
_MOST = 500
#: Posts of a page where its address does not say.
_POSTS = 10


class WordpressFamily(GenericFamily):
    """Sites of WordPress."""

    name = "wordpress"
    counts_pages = True
    url_signs = re.compile(r"^https?://[^?#]+/wp-json/wp/v2/")
    html_signs = re.compile(
        r"<meta\s+name=[\"']generator[\"']\s+content=[\"']WordPress\b|<link\s+rel=[\"']https://api\.w\.org/[\"']"
        r"|(?:src|href)=[\"'][^\"']*/wp-(?:content/themes|includes/js|includes/css)/",
        re.I,
    )
    layouts = numbered(
        "wordpress",
        Layout("", body="article .entry-content, .single-post .entry-content", remove=_SHARING),
        Layout("", body="main .wp-block-post-content", remove=_SHARING),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `url` without the slash at its end: WordPress redirects one form to the other."""
        return url if "?" in url or not urlsplit(url).path.strip("/") else url.rstrip("/")

    def original(self, url: str, profile: SiteProfile) -> str:
        """Return the article's own address for its embedded, AMP and comment pages, and for links that share it."""
        if _REST.search(url):
            return url
        return without(_ENDPOINT.sub(r"\1\2", url), _SHARED)[0]

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a listing: JSON by its address, else a feed, a sitemap or HTML. Raises ValueError for broken JSON."""
        here = canonical(url, profile)
        if _REST.search(here):
            rows = _rows(body, url)
            full = len(rows) >= _number(without(here, _PER_PAGE)[1], _POSTS)
            return Listing(_entries(rows, url, profile), _counted(here, "page") if full else ())
        if not is_feed(body):
            return super().listing(body, url, profile, content_type=content_type)
        found = read_feed(body, url, profile)
        counted = _counted(here, "paged") if found.entries else ()
        return Listing(found.entries, found.next_pages or counted)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the linked page with the next number, whatever its words (Older posts, Suivant); else the pager's."""
        counted = page_after(links, url, profile, _place)
        return super().next_pages(tree, links, url, profile) if counted is None else counted


def _place(url: str) -> tuple[str, int] | None:
    parts = urlsplit(url)
    found = _PATH_PAGE.search(parts.path)
    if found is None:
        place = _by_parameter(url)
        return (place[0].rstrip("/"), place[1]) if place else None
    return parts._replace(path=parts.path[: found.start()]).geturl(), int(found[1])


def _counted(here: str, name: str) -> tuple[str, ...]:
    """Return the address of the page after the one at `here`, whose number is parameter `name`."""
    number = _number(without(here, _PAGE if name == "page" else _PAGED)[1], 1)
    return (numbered_page(here, name, number + 1),)


def _number(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"[1-9]\d{0,5}", value, re.ASCII) else default


def _rows(body: bytes, url: str) -> list[dict[str, Any]]:
    """Return the posts of a REST answer."""
    fix = "check the section's address, or take its feed"
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{url}: no JSON ({error}); {fix}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{url}: the JSON is no array of posts; {fix}")
    return rows[:_MOST]


def _entries(rows: Sequence[dict[str, Any]], url: str, profile: SiteProfile) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for row in rows:
        link = row.get("link")
        target = site_url(link, urljoin(url, "/"), profile) if isinstance(link, str) else None
        if target and is_article(target, profile):
            found.setdefault(key_of(target, profile), Entry(target, _title(row.get("title")), _date(row, profile)))
    return tuple(found.values())


def _title(title: object) -> str | None:
    rendered = title.get("rendered") if isinstance(title, dict) else title
    if not isinstance(rendered, str):
        return None
    body = LexborHTMLParser(rendered[:2000]).body
    return fold(body.text(deep=True)) or None if body is not None else None


def _date(row: dict[str, Any], profile: SiteProfile) -> str | None:
    """Return when a post was published: `date_gmt` in the profile's zone, else `date`, which is the site's own time."""
    for name, zone in (("date_gmt", UTC), ("date", profile.zone)):
        value = row.get(name)
        try:
            told = datetime.fromisoformat(value).replace(tzinfo=zone) if isinstance(value, str) else None
            if told is not None:
                return told.astimezone(profile.zone).isoformat()
        except (ValueError, OverflowError):
            continue  # 0000-00-00T00:00:00: a draft's
    return None
