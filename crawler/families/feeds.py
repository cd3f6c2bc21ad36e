"""Feeds: RSS and Atom as listings of any site, read by feedparser."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import datetime
from html import unescape
from typing import Any

from crawler.families.base import Entry, Listing
from crawler.families.links import LONGEST_TEXT, fold, site_url
from crawler.profile import SiteProfile
from crawler.urls import canonical, is_article
from crawler.urls import key as key_of

#: What may stand before a root element: declarations, comments, a document type without entities of its own.
PROLOG = rb"(?:\xef\xbb\xbf)?\s*+(?:(?:<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)\s*+)*+"
#: The root element of a feed: many sites answer for their feed with a page of HTML.
_ROOT = re.compile(PROLOG + rb"<(?:rss|feed|rdf:RDF)(?:\s[^>]*)?>", re.S)
#: Where the root element is looked for.
_HEAD = 4096
#: Rows and links of a feed that are read.
_MOST, _MOST_LINKS = 2000, 100
_TAGS = re.compile(r"<[^<>]{0,300}>")
_CLOCK = re.compile(r"\d:\d\d")
_ZONED = re.compile(r"\d(?:\s*Z|\s*[+-]\d\d:?\d\d|\s+[A-Z]{2,4})\s*$")


def is_feed(body: bytes) -> bool:
    """Tell whether a response is RSS or Atom, by its root element."""
    return _ROOT.match(body[:_HEAD]) is not None


def read_feed(body: bytes, url: str, profile: SiteProfile) -> Listing:
    """Return the articles of a feed, with the title and the time that it gives each, and its next page (RFC 5005).

    Times are told in the profile's zone, and are taken to be in it where the feed does not name one.
    """
    # Only what follows is read of it: its HTML is not stored.
    import feedparser  # it loads much that no other listing needs

    feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    # In RSS, `updated` is Dublin Core's date, which SPIP writes alone; in Atom it is the time of a change.
    names = ("published", "created", "updated" if feed.version.startswith("rss") else "issued")
    found: dict[str, Entry] = {}
    for row in feed.entries[:_MOST]:
        if (target := _target(row, url, profile)) is not None:
            found.setdefault(key_of(target, profile), Entry(target, _title(row), _date(row, names, profile)))
    links = feed.feed.get("links", ())[:_MOST_LINKS]
    following = [site_url(link.get("href", ""), url, profile) for link in links if link.get("rel") == "next"]
    here = canonical(url, profile)
    return Listing(tuple(found.values()), tuple(page for page in following if page and page != here))


def _target(row: Any, url: str, profile: SiteProfile) -> str | None:
    """Return the article that a row is about: its link, or what a link through a counting service stands for."""
    for name in ("link", "feedburner_origlink", "id"):
        link = row.get(name) or ""
        if name == "id" and not link.startswith("http"):
            continue
        target = site_url(link, url, profile)
        if target and is_article(target, profile):
            return target
    return None


def _title(row: Any) -> str | None:
    """Return a row's title as plain text: many are escaped twice."""
    text = unescape(_TAGS.sub(" ", (row.get("title") or "")[: 4 * LONGEST_TEXT]))
    return fold(text)[:LONGEST_TEXT] or None


def _date(row: Any, names: tuple[str, ...], profile: SiteProfile) -> str | None:
    """Return when a row says that its article was published, ISO 8601; None where it does not say."""
    # Extraction reads the families' layouts, so it is imported after them.
    from crawler.extraction.dates import stamp

    for name in names:
        if name not in row:
            continue
        text, parsed = row[name], row.get(f"{name}_parsed")
        if parsed is not None and _CLOCK.search(text) and _ZONED.search(text):
            try:
                return datetime.fromtimestamp(timegm(parsed), profile.zone).isoformat()
            except (ValueError, OverflowError):
                continue
        # feedparser takes a time without a zone for UTC, and a day without a time for midnight.
        if told := stamp(text, profile.timezone):
            return told
    return None
