"""Checking: what a site's listings and three articles of each give today, held against what its profile says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from crawler.families import detect
from crawler.families.base import Listing
from crawler.options import Options

if TYPE_CHECKING:
    from crawler.crawling import Summary
    from crawler.kit.scratch import Fetched, Scratch
    from crawler.profile import SiteProfile

Read = tuple["Fetched", "Listing | str"]
"""A listing page, and what it lists or why it cannot be read."""

#: What the home page is called among the sections.
HOME = "home"
#: Articles that are read of each listing.
SAMPLE = 3
#: What an article may have, in the order of the table.
FIELDS = ("title", "text", "published_at", "source", "authors", "editors", "section", "images")


@dataclass(slots=True)
class SectionCheck:
    """One listing: its rows, and how many of them name a title and a date."""

    name: str | None
    url: str
    rows: int = 0
    titled: int = 0
    dated: int = 0
    next_page: bool = False
    problem: str | None = None


@dataclass(slots=True)
class Check:
    """What was seen of one site. `shortfalls` is empty where nothing is wrong."""

    site: str
    name: str
    family: str
    detected: dict[str, int] = field(default_factory=dict)
    """Family that the pages show -> pages."""
    sections: list[SectionCheck] = field(default_factory=list)
    articles: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    """Field -> articles that have it."""
    dates_from: dict[str, int] = field(default_factory=dict)
    layouts: dict[str, int] = field(default_factory=dict)
    charsets: dict[str, int] = field(default_factory=dict)
    newest: str | None = None
    inferred: str | None = None
    """What the profile only infers, as it says it."""
    holds: list[str] = field(default_factory=list)
    fails: list[str] = field(default_factory=list)
    """Facts that could be tried, by how that went."""
    shortfalls: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the check for a program."""
        return asdict(self)


def check_sites(
    scratch: Scratch, profiles: Sequence[SiteProfile], *, jobs: int, replay: tuple[str, ...] = ()
) -> list[Check]:
    """Look at sites, up to `jobs` at a time, and return what was seen of each."""
    summaries = scratch.crawl(profiles, Options(replay=replay, sample=SAMPLE), jobs=jobs)
    return [_check(scratch, profile, summaries[profile.id]) for profile in profiles]


def _check(scratch: Scratch, profile: SiteProfile, summary: Summary) -> Check:
    check = Check(profile.id, profile.name, profile.family, inferred=profile.evidence.inferred)
    pages = scratch.fetched(profile.id, "home", "listing")
    listed = [(page, page.listing(profile)) for page in pages]
    for page, listing in listed:
        if page.depth == 0 and (page.kind == "listing" or not profile.sections):
            check.sections.append(_section(page, listing, listed))
    fetched = scratch.fetched(profile.id, "article")
    _read_articles(check, scratch.articles(profile.id))
    shown = [page for page in (*pages, *fetched) if page.body]
    check.detected = dict(Counter(_family(page, profile) for page in shown).most_common())
    _try_facts(check, profile, listed)
    check.shortfalls += _shortfalls(check, profile, summary, [page for page in fetched if page.state == "failed"])
    return check


def _section(page: Fetched, listing: Listing | str, listed: Sequence[Read]) -> SectionCheck:
    section = SectionCheck(page.section or (HOME if page.kind == "home" else None), page.url)
    if page.state in ("failed", "disallowed") or isinstance(listing, str):
        section.problem = page.error or (listing if isinstance(listing, str) else page.state)
        return section
    named = set(listing.parts)
    entries = [*listing.entries, *chain.from_iterable(part.entries for part in _parts(listed, named))]
    section.rows = len(entries)
    section.titled = sum(entry.title is not None for entry in entries)
    section.dated = sum(entry.date is not None for entry in entries)
    section.next_page = bool(listing.next_pages) or any(part.next_pages for part in _parts(listed, named))
    if not section.rows and not listing.sections:
        section.problem = "no article link: look whether `article_url` fits, or leave the section out"
    return section


def _parts(listed: Sequence[Read], named: set[str]) -> list[Listing]:
    """Return the listings that were read of those that an index names."""
    return [listing for page, listing in listed if page.depth and page.url in named and not isinstance(listing, str)]


def _family(page: Fetched, profile: SiteProfile) -> str:
    return detect(page.text(profile), page.url)


def _read_articles(check: Check, articles: Sequence[dict[str, Any]]) -> None:
    check.articles = len(articles)
    for name in FIELDS:
        check.fields[name] = sum(article[name] not in (None, "", "[]") for article in articles)
    check.dates_from = dict(Counter(one["published_from"] for one in articles if one["published_from"]).most_common())
    check.layouts = dict(Counter(one["layout"] for one in articles).most_common())
    check.charsets = dict(Counter(one["charset"] for one in articles if one["charset"]).most_common())
    check.newest = max((one["published_at"] for one in articles if one["published_at"]), default=None)


def _try_facts(check: Check, profile: SiteProfile, listed: Sequence[Read]) -> None:
    """Note which of a profile's facts turned out true: those that a look at the site can tell."""
    answered = [page for page, _ in listed if page.body]
    _note(check, bool(answered), f"the host answers ({profile.home})")
    if not profile.sections:
        found = sum(
            page.kind == "listing" and isinstance(read, Listing) and bool(read.entries) for page, read in listed
        )
        _note(check, found > 0, f"sections are found from the home page ({found} with articles)")
    else:
        read = [section for section in check.sections if section.problem is None]
        _note(check, len(read) == len(check.sections), f"{len(read)} of {len(check.sections)} listings are read")
    if check.sections and any(section.rows for section in check.sections):
        _note(check, any(section.next_page for section in check.sections), "a listing names its next page")
    told = {name: count for name, count in check.detected.items() if name != "generic"}
    if profile.family != "generic" or told:
        shown = ", ".join(f"{name} {count}" for name, count in check.detected.items())
        _note(check, profile.family in told or (not told and profile.family == "generic"), f"family ({shown})")
    layouts = profile.layouts + profile.behaviour.layouts
    if layouts and check.articles:
        used = sum(count for name, count in check.layouts.items() if name != "generic")
        _note(check, used > 0, f"a layout reads {used} of {check.articles} articles")
    if check.articles:
        _note(check, check.fields["published_at"] > 0, f"{check.fields['published_at']} of {check.articles} are dated")


def _note(check: Check, held: bool, fact: str) -> None:
    (check.holds if held else check.fails).append(fact)


def _shortfalls(check: Check, profile: SiteProfile, summary: Summary, failed: Sequence[Fetched]) -> list[str]:
    """Return what a person must look at: a site that has any of it is not read as its profile says."""
    found = [
        problem if problem.startswith(section.url) else f"{section.url}: {problem}"
        for section in check.sections
        if (problem := section.problem)
    ]
    if summary.outcome != "finished" and summary.reason:
        found.append(summary.reason)
    if not profile.sections and not any(section.rows for section in check.sections if section.name != HOME):
        found.append("no section is found from the home page; name the sections that are wanted")
    if not check.articles:
        found.append("no article was read")
    found += [page.error or f"{page.url}: failed" for page in failed]
    return list(dict.fromkeys(found))
