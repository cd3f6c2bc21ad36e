"""Family: what the sites of one CMS share: article addresses, listings, pagination, layouts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from crawler.families.numbering import FirstPage, Place
from crawler.families.parts import find_first, find_parts

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from crawler.profile import Layout, Section, SiteProfile
    from crawler.values import Reader


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a listing page: an article's absolute URL and what the row says about it.

    `title` and `date` are as the row prints them (`date` ISO 8601, a day or a time), None where it prints none.
    """

    url: str
    title: str | None = None
    date: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A listing page that is asked for by POST: its absolute URL, and the form as it is sent (urlencoded)."""

    url: str
    form: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing page (列表页) leads to.

    `entries` are articles in page order, `next_pages` absolute URLs of further pages of the same listing (the next
    one first), `sections` other listings found on it (only looked for on a home page), `parts` absolute URLs of the
    listings that an index of listings (a sitemap's) names: all of them belong to it.
    """

    entries: tuple[Entry, ...] = ()
    next_pages: tuple[str | Post, ...] = ()
    sections: tuple[Section, ...] = ()
    parts: tuple[str, ...] = ()


def numbered(family: str, *layouts: Layout) -> tuple[Layout, ...]:
    """Return a family's layouts, named `family:1`, `family:2`, … as articles tell which of them read a page."""
    return tuple(replace(layout, name=f"{family}:{number}") for number, layout in enumerate(layouts, 1))


class Family:
    """The behaviour of a CMS family; a subclass replaces what differs. Pure: no network, no database, no clock."""

    name = "generic"
    article_url: re.Pattern[str] | None = None
    """What an article's URL looks like, where the profile does not say."""
    layouts: tuple[Layout, ...] = ()
    """Tried after the profile's own layouts."""
    url_signs: re.Pattern[str] | None = None
    """Searched in a page's address: what only this CMS calls its pages."""
    html_signs: re.Pattern[str] | None = None
    """Searched in a page's HTML: what only this CMS writes."""
    counts_pages = False
    """Whether listings are counted on without knowing their last page: then one that is not there ends a listing."""
    options: ClassVar[Mapping[str, Reader]] = {}
    """Keys of a profile's [options] table that the family knows, and what reads their values."""

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return the identity of what a canonical URL names: frontier and articles are unique by it."""
        return url

    def original(self, url: str, profile: SiteProfile) -> str:
        """Return the address that a gateway's or a mirror's URL (BIG5, big5.host) stands for; else `url` itself."""
        return url

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a listing page: HTML, or whatever the family lists with (JSON, XML)."""
        raise NotImplementedError

    def parts(
        self,
        tree: LexborHTMLParser,
        url: str,
        profile: SiteProfile | None,
        *,
        place: Place | None = None,
        body: Sequence[LexborNode] = (),
    ) -> tuple[str, ...]:
        """Return the absolute URLs of the article's pages after this one, in order, as far as this page names them.

        `place` says which page of which article the page is, where it is not the first; `body` are the elements
        that hold its text.
        """
        return find_parts(tree, url, place=place, body=body)

    def first_page(
        self, tree: LexborHTMLParser, url: str, profile: SiteProfile | None, *, body: Sequence[LexborNode] = ()
    ) -> FirstPage | None:
        """Return the article's first page where the page at `url` is a further one; else None."""
        return find_first(tree, url, body=body)
