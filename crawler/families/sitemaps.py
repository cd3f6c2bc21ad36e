"""Sitemaps: `<urlset>` and `<sitemapindex>` as listings of any site, read by Scrapy's own parser (sitemaps.org)."""

from __future__ import annotations

import re

from archive.payload import PayloadError, decode_content
from crawler.families.base import Entry, Listing
from crawler.families.feeds import PROLOG
from crawler.families.links import site_url
from crawler.profile import SiteProfile
from crawler.urls import canonical, is_article, on_site

_ROOT = re.compile(PROLOG + rb"<(?:\w+:)?(?:urlset|sitemapindex)(?:\s[^>]*)?>", re.S)
_HEAD = 4096
#: Addresses that a sitemap may hold (sitemaps.org), and the bytes that it may have unpacked.
_MOST, _MOST_BYTES = 50_000, 50 * 2**20
#: Addresses of it that are taken, the lately changed ones: more of them cannot be told in time.
_MOST_TAKEN = 20_000
_GZIP = b"\x1f\x8b"


def unpacked(body: bytes, url: str) -> bytes:
    """Return a body without the gzip that sitemaps are kept in (`sitemap.xml.gz`). Raises ValueError if broken."""
    if not body.startswith(_GZIP):
        return body
    try:
        return decode_content(body, "gzip", _MOST_BYTES)
    except PayloadError as error:
        raise ValueError(f"{url}: no sitemap ({error}); check the section's address") from error


def is_sitemap(body: bytes) -> bool:
    """Tell whether a response is a sitemap, by its root element."""
    return _ROOT.match(body[:_HEAD]) is not None


def read_sitemap(body: bytes, url: str, profile: SiteProfile) -> Listing:
    """Return the articles of a sitemap, or the sitemaps of an index, the lately changed ones first, as far as it says.

    `lastmod` is when a page was changed, not when it was published: it dates nothing.
    """
    # It loads Scrapy, which the reading process needs for nothing else.
    from scrapy.utils.sitemap import Sitemap

    sitemap = Sitemap(body)
    rows = [row for _, row in zip(range(_MOST), sitemap, strict=False)]
    rows.sort(key=lambda row: row.get("lastmod") or "", reverse=True)
    del rows[_MOST_TAKEN:]
    if sitemap.type == "sitemapindex":
        here = canonical(url, profile)
        parts = (_target(row["loc"], url, profile) for row in rows)
        return Listing(parts=tuple(dict.fromkeys(part for part in parts if part and part != here)))
    found: dict[str, Entry] = {}
    for row in rows:
        target = _target(row["loc"], url, profile)
        if target and is_article(target, profile):
            found.setdefault(profile.behaviour.key(target, profile), Entry(target))
    return Listing(tuple(found.values()))


def _target(loc: str, url: str, profile: SiteProfile) -> str | None:
    """Return the page of the site that a row names. Full addresses are not joined: there are tens of thousands."""
    if not loc.startswith(("http://", "https://")):
        return site_url(loc, url, profile)
    try:
        found = canonical(loc, profile)
    except ValueError:
        return None
    return found if on_site(found, profile) else None
