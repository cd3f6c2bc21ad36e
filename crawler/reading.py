"""One fetched page to what it yields: an article, or the links of a listing. Pure; runs in the worker process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Literal

from archive.article import Article
from crawler.families.base import Entry, Listing
from crawler.families.numbering import Place
from crawler.profile import SiteProfile

#: A longer page is refused before a parser sees it (design §4).
MAX_HTML = 2 * 2**20
#: Listings of JSON and XML may be longer: a sitemap holds 50,000 addresses.
MAX_DATA = 16 * 2**20

#: Refusals that shut crawlers out of a site.
SHUT_OUT = ("challenge page", "login page", "script page", "maintenance page")

Kind = Literal["home", "listing", "article", "part", "media"]


@dataclass(frozen=True, slots=True)
class Page:
    """The content of one response, and what is known of it.

    `listing` is the row that led to an article, `place` says which page of an article it is, if not the first.
    """

    kind: Kind
    body: bytes
    url: str
    fetched_at: datetime
    content_type: str | None = None
    listing: Entry | None = None
    place: Place | None = None


def too_long(page: Page) -> int | None:
    """Return how many bytes a page may have when it has more; None when it may be read."""
    data = page.kind == "listing" and page.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"{", b"["))
    most = MAX_DATA if data else MAX_HTML
    return most if len(page.body) > most else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page yields: one of an article, a listing, or the reason why it is neither."""

    article: Article | None = None
    listing: Listing | None = None
    error: str | None = None
    refusal: str | None = None
    """What the page is where it is none of ours: `challenge page`, `error page`, `login page`, `script page`, …"""


def read(pages: Sequence[Page], profile: SiteProfile | None) -> Reading:
    """Read a listing page, or the pages of one article in order."""
    from crawler.extraction import ExtractionError, extract, join

    first = pages[0]
    if first.kind in ("home", "listing") and profile is not None:
        listing = profile.behaviour.listing(first.body, first.url, profile, content_type=first.content_type)
        if listing == Listing():
            refused = _refused(first, profile)
            if refused is not None:
                return refused
        return Reading(listing=listing)
    try:
        articles = [
            extract(
                page.body,
                page.url,
                content_type=page.content_type,
                profile=profile,
                fetched_at=page.fetched_at,
                listing=page.listing,
                place=page.place,
            )
            for page in pages
        ]
        return Reading(article=articles[0] if len(articles) == 1 else join(articles))
    except ExtractionError as error:
        return Reading(error=str(error), refusal=error.refusal)


def _refused(page: Page, profile: SiteProfile) -> Reading | None:
    """Return what a listing page without a link of ours is instead, if it says so: a challenge, a login, an error."""
    from crawler.extraction import ExtractionError, extract

    try:
        extract(page.body, page.url, content_type=page.content_type, profile=profile, fetched_at=page.fetched_at)
    except ExtractionError as error:
        # A listing that a script fills is one that this family cannot read, and no challenge.
        if error.refusal in (*SHUT_OUT, "error page", "missing page") and error.refusal != "script page":
            return Reading(error=str(error), refusal=error.refusal)
    return None


def code_files() -> list[Path]:
    """Return the files that say how a page is read: code, and the words that it knows."""
    here = Path(__file__).parent
    rooms = (here.glob(pattern) for pattern in ("extraction/**/*.py", "extraction/**/*.toml", "families/*.py"))
    return sorted([*chain.from_iterable(rooms), here / "urls.py"])


@cache
def _code_digest() -> str:
    """Digest of what articles are derived with."""
    digest = hashlib.sha256()
    for path in code_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def derived_with(profile: SiteProfile) -> str:
    """Name the code and the profile that an article is derived with: 16 hex digits, other ones after any change."""
    return hashlib.sha256(f"{_code_digest()} {profile.digest}".encode()).hexdigest()[:16]
