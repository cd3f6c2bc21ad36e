"""Leads: what a listing page leads to, as rows for the frontier: articles, sections, its next page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler import urls
from crawler.families.base import Listing, Post
from crawler.frontier import NEXT_PAGE_PRIORITY, Found, Row

if TYPE_CHECKING:
    from crawler.profile import SiteProfile
    from crawler.run import SiteRun

#: Listing pages of one section that a run reads at most: a calendar or a trap has no end.
MAX_DEPTH = 1000
#: Pages of a section that an audit reads: articles are put below the first page, or moved there, now and then.
AUDIT_PAGES = 10
#: Listings taken from an index of them: a sitemap a month for forty years.
MOST_PARTS = 500
#: Sections of a home page, and parts of an index, that a look at the site takes up.
MOST_SAMPLED = 8


def entries(profile: SiteProfile, row: Row, listing: Listing) -> list[Found]:
    """Return the articles that a listing shows, on the site's hosts."""
    found = []
    for entry in listing.entries:
        url = urls.canonical(entry.url, profile)
        if urls.on_site(url, profile):
            section = row.section or entry.section
            about = replace(entry, url=url, section=section)
            found.append(Found(profile.behaviour.key(url, profile), url, "article", section=section, listing=about))
    return found


def sections(run: SiteRun, row: Row, listing: Listing) -> list[Found]:
    """Return the sections that a home page leads to, where the profile names none."""
    if row.kind != "home" or run.profile.sections:
        return []
    only = run.options.section
    wanted = [section for section in listing.sections if only is None or section.name == only]
    if run.options.sample is not None:
        wanted = wanted[:MOST_SAMPLED] if run.options.sample else []
    return [
        Found(urls.canonical(section.url, run.profile), section.url, "listing", section=section.name)
        for section in wanted
    ]


def next_page(profile: SiteProfile, row: Row, listing: Listing) -> list[Found]:
    """Return the listing's next page, if it has one."""
    for page in listing.next_pages[:1]:
        form = page.form if isinstance(page, Post) else None
        found = urls.canonical(page.url if isinstance(page, Post) else page, profile)
        if urls.on_site(found, profile):
            key = found if form is None else f"POST {found} {form}"
            return [Found(key, found, "listing", row.section, row.depth + 1, priority=NEXT_PAGE_PRIORITY, form=form)]
    return []


def parts(run: SiteRun, row: Row, listing: Listing) -> list[Found]:
    """Return the listings that an index of listings names, on the site's hosts."""
    if row.depth > 1:
        return []  # indexes of indexes may have no end
    profile, most = run.profile, MOST_PARTS if run.options.sample is None else MOST_SAMPLED
    found = (urls.canonical(url, profile) for url in listing.parts[:most])
    return [
        Found(url, url, "listing", row.section, row.depth + 1, priority=NEXT_PAGE_PRIORITY)
        for url in found
        if urls.on_site(url, profile)
    ]


def read_on(run: SiteRun, row: Row, listing: Listing, new: int) -> bool:
    """Say whether the listing's next page is wanted: not behind a page that is known, or too old, all over."""
    if row.kind != "listing" or row.depth + 1 >= MAX_DEPTH or run.options.sample is not None:
        return False
    if listing.entries and all(run.too_old(entry.date) for entry in listing.entries):
        return False
    return new > 0 or run.options.full or (row.depth + 1 < AUDIT_PAGES and run.audits(row))
