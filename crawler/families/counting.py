"""Counting: the next page of a listing by the number in its address, for pagers whose words are in any language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit, urlunsplit

from crawler.families.links import Link
from crawler.profile import SiteProfile
from crawler.urls import canonical

#: Reads an address: that of the listing without the number of the page, and the number; None where it has no place.
Place = Callable[[str], tuple[str, int] | None]
#: A page number: listings have thousands of pages, traps have more.
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


def page_after(links: Sequence[Link], url: str, profile: SiteProfile, place: Place) -> tuple[str, ...] | None:
    """Return the page that comes next among the linked pages of the listing at `url`: (), where this is the last one.

    None where no link leads to a numbered page of this listing.
    """
    here = place(canonical(url, profile))
    if here is None:
        return None
    listing, number = here
    placed = [(found[1], link.url) for link in links if (found := place(link.url)) and found[0] == listing]
    if all(other == number for other, _ in placed):
        return None
    following = [(other, address) for other, address in placed if other > number]
    return (min(following)[1],) if following else ()


def by_parameter(names: re.Pattern[str], first: int) -> Place:
    """Return a reader of addresses whose page number is a parameter, by `names`; the page without it is `first`."""

    def place(url: str) -> tuple[str, int] | None:
        listing, value = without(url, names)
        if value is None:
            return listing, first
        return (listing, int(value)) if _NUMBER.fullmatch(value) else None

    return place


def without(url: str, names: re.Pattern[str]) -> tuple[str, str | None]:
    """Return an address without the parameters called by `names`, and the value of the first of them."""
    parts = urlsplit(url)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    values = [value for name, _, value in pairs if names.fullmatch(name)]
    kept = "&".join(f"{name}{sign}{value}" for name, sign, value in pairs if not names.fullmatch(name))
    return urlunsplit(parts._replace(query=kept)), values[0] if values else None


def numbered_page(url: str, name: str, number: int) -> str:
    """Return an address with the page number in parameter `name`."""
    bare, _ = without(url, re.compile(re.escape(name)))
    return f"{bare}{'&' if urlsplit(bare).query else '?'}{name}={number}"
