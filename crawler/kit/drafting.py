"""Drafting: a first profile of a site that nobody has described yet, from its home page, a listing and two articles."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from archive.errors import ArchiveError
from crawler import urls
from crawler.extraction import ExtractionError
from crawler.extraction.page import Page
from crawler.extraction.refusal import check_page
from crawler.families import detect
from crawler.families.generic import sections
from crawler.families.links import site_links
from crawler.kit import guessing
from crawler.leads import MOST_SAMPLED
from crawler.options import Options
from crawler.profile import Evidence, SiteProfile, is_loopback
from crawler.urls import HOST
from crawler.values import SITE_ID

if TYPE_CHECKING:
    from archive.directory import ArchiveDirectory
    from crawler.crawling import Summary
    from crawler.kit.scratch import Fetched, Scratch

#: Articles that are read of each listing, and looks at the listings at most.
SAMPLE, MOST_LOOKS = 2, 3
_ANY = re.compile(r"^http")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of a draft go: a file of the registry, and two directories of saved pages."""

    profile: Path
    listings: Path
    pages: Path

    @classmethod
    def of(cls, directory: ArchiveDirectory, project: Path | None, id_: str) -> Places:
        """Return the places in an archive, or in a checkout. Raises ArchiveError for what is no checkout."""
        if project is None:
            sites = directory.sites
            return cls(sites / f"{id_}.toml", sites / "listings" / id_, sites / "pages" / id_)
        if not (project / "crawler" / "sites").is_dir():
            raise ArchiveError(f"{project}: is no checkout of union-archive; name its top directory")
        tests = project / "tests"
        return cls(project / "crawler" / "sites" / f"{id_}.toml", tests / "listings" / id_, tests / "pages" / id_)

    def require_free(self) -> None:
        """Raise ArchiveError when something of a draft is there already: nothing is overwritten."""
        for path in (self.profile, self.listings, self.pages):
            if path.exists():
                raise ArchiveError(f"{path}: is there already; remove it, or give another id with --id")


@dataclass(slots=True)
class Draft:
    """A profile to be looked at by a person, and the pages that it rests on."""

    profile: SiteProfile
    pages: list[Fetched]
    """The home page and a listing."""
    articles: list[tuple[Fetched, dict[str, Any]]]
    """Article pages, each with its row of `articles`."""
    notes: list[str]
    """What a person must check."""

    def write(self, places: Places) -> list[str]:
        """Write the profile, the pages and what was read from them; return lines that say where, and what to check.

        Raises ArchiveError when there is a file of that name already: nothing is overwritten.
        """
        written = [_write(places.profile, guessing.toml(self.profile).encode())]
        for number, page in enumerate(self.pages, 1):
            name = "home" if page.kind == "home" else f"listing-{number - 1}"
            written.append(_write(places.listings / f"{name}{_suffix(page)}", page.body))
        for number, (page, article) in enumerate(self.articles, 1):
            written.append(_write(places.pages / f"article-{number}.html", page.body))
            expected = json.dumps(_expected(self.profile, page, article), ensure_ascii=False, indent=1) + "\n"
            written.append(_write(places.pages / f"article-{number}.json", expected.encode()))
        told = [f"wrote {path}" for path in written]
        return [*told, *(f"check: {note}" for note in self.notes), f"then: union-archive check {self.profile.id}"]


def draft_sites(
    scratch: Scratch, firsts: Sequence[SiteProfile], *, jobs: int, replay: tuple[str, ...] = ()
) -> dict[str, Draft | ArchiveError]:
    """Look at sites, up to `jobs` at a time; return by id a draft of each one's profile, or why there is none.

    `firsts` are of `unknown_site`.
    """
    looks = {first.id: [first] for first in firsts}
    problems: dict[str, ArchiveError] = {}
    look = Options(replay=replay, sample=SAMPLE, full=True)

    def then(done: SiteProfile) -> tuple[SiteProfile, Options] | None:
        """Return what is to be looked at next: the home page first, its listings, and again what these correct."""
        known = looks[done.id]
        try:
            following = _home_read(scratch, done) if len(known) == 1 else _listing_read(scratch, done)
        except ArchiveError as error:
            problems[done.id] = error
            return None
        if following is None or len(known) > MOST_LOOKS or any(_same(following, other) for other in known[1:]):
            return None
        known.append(following)
        return following, look

    summaries = scratch.crawl(firsts, replace(look, sample=0), jobs=jobs, then=then)
    drafts: dict[str, Draft | ArchiveError] = {}
    for id_, known in looks.items():
        try:
            drafts[id_] = problems.get(id_) or _concluded(scratch, known[-1], summaries[id_])
        except ArchiveError as error:
            drafts[id_] = error
    return drafts


def _concluded(scratch: Scratch, profile: SiteProfile, last: Summary) -> Draft:
    """Return the draft that a look ends with. Raises ArchiveError in one line where the site could not be read."""
    if last.outcome == "interrupted":
        raise ArchiveError(
            f"{profile.home}: the look was {last.reason or 'stopped'}; nothing is written, start it again"
        )
    home = next(iter(scratch.fetched(profile.id, "home")), None)
    if home is None or not home.body:
        empty = "an empty page" if home is not None and home.status == 200 else None
        why = (home.error if home else None) or empty or last.reason or "no answer"
        why = why.replace(f"{profile.home}: ", "")
        raise ArchiveError(f"{profile.home}: cannot be looked at ({why}); check the address")
    return _drafted(scratch, profile, home)


def unknown_site(url: str, id_: str | None, profiles: Mapping[str, SiteProfile]) -> SiteProfile:
    """Return a profile that knows a home page and nothing more.

    Raises ArchiveError for what is no site's address or id, and for a site or an id that has a profile.
    """
    try:
        parts = urlsplit(url.strip())
        host, local = parts.netloc.lower().rpartition("@")[2], is_loopback(parts.hostname or "")
    except ValueError:
        raise ArchiveError(f"{url}: has no usable host; give the home page's address") from None
    if parts.scheme not in ("http", "https"):
        raise ArchiveError(f"{url}: is no address; give the home page's, with http:// or https://")
    if not HOST.fullmatch(host):
        raise ArchiveError(f"{url}: has no usable host; give the home page's address")
    home = parts._replace(netloc=host, path=parts.path or "/", fragment="").geturl()
    known = urls.site_of(home, profiles.values())
    if known is not None:
        raise ArchiveError(f"{url}: is a page of {known.id}, which has a profile; run `union-archive check {known.id}`")
    bare = host.removeprefix("www.")
    name = guessing.site_id(bare) if id_ is None else id_
    if not SITE_ID.fullmatch(name):
        raise ArchiveError(f"{name!r} cannot be a site's id; use lower-case letters, digits, - and _")
    if name in profiles:
        raise ArchiveError(f"{name}: the registry has a site of that id; give another with --id")
    hosts = (host,) if local or bare != host else (host, f"www.{host}")
    return SiteProfile(name, bare, home, (*hosts, bare) if bare != host else hosts, delay=0.0 if local else 1.0)


def _same(one: SiteProfile, other: SiteProfile) -> bool:
    return (one.family, one.article_pattern, one.sections) == (other.family, other.article_pattern, other.sections)


def _home_read(scratch: Scratch, done: SiteProfile) -> SiteProfile | None:
    """Return the profile that a home page suggests: its family, its name, what its articles' addresses look like."""
    home = next(iter(scratch.fetched(done.id, "home")), None)
    if home is None or not home.body:
        return None
    text, url = home.text(done), urls.canonical(home.url, done)
    try:
        check_page(Page.parse(text, url))
    except ExtractionError as error:
        if "empty page" not in str(error):
            raise ArchiveError(str(error)) from error
    return guessing.from_pages(done, [(text, url)])


def _listing_read(scratch: Scratch, done: SiteProfile) -> SiteProfile | None:
    """Return the profile as the pages read so far correct it; None where they agree with it."""
    pages = [page for page in scratch.fetched(done.id, "article", "listing") if page.body]
    if not done.sections and not any(page.kind == "listing" for page in pages):
        # Nothing in the home page's menu has a listing's address: its words have to do.
        home = scratch.fetched(done.id, "home")[0]
        links = site_links(LexborHTMLParser(home.text(done)), home.url, done)
        if named := sections(links, done, _ANY)[:MOST_SAMPLED]:
            return replace(done, sections=named)
    if done.article_pattern is None or not scratch.articles(done.id):
        texts = [(page.text(done), urls.canonical(page.url, done)) for page in pages if page.kind == "listing"]
        return guessing.from_pages(done, texts) if texts else None
    told = [family for page in pages if (family := detect(page.text(done), page.url)) != "generic"]
    if told and done.family == "generic":
        family = max(set(told), key=told.count)
        return replace(done, family=family)
    return None


def _drafted(scratch: Scratch, profile: SiteProfile, home: Fetched) -> Draft:
    """Return the draft that the pages of a scratch archive make."""
    listings = [
        (page, listing)
        for page in scratch.fetched(profile.id, "listing")
        if page.depth == 0
        and not isinstance(listing := page.listing(profile), str)
        and (listing.entries or listing.parts)
    ]
    rows = {row["key"]: row for row in scratch.articles(profile.id)}
    read = [
        (page, rows[key])
        for page in scratch.fetched(profile.id, "article")
        if (key := urls.key(page.url, profile)) in rows and page.body
    ][:SAMPLE]
    if not read:
        failed = [page.error for page in scratch.fetched(profile.id, "article", "listing", "home") if page.error]
        why = failed[0] if failed else "no listing yields links that look like articles"
        raise ArchiveError(f"{profile.home}: no article could be read ({why}); write the profile by hand")
    told = guessing.named(profile, home.text(profile))
    evidence = Evidence(
        seen=f"page: the home page, listings ({len(listings)}) and articles ({len(read)}), looked at on "
        f"{datetime.now(UTC):%Y-%m-%d}",
        inferred="what this look did not show: " + guessing.UNSEEN,
        examples=tuple(row["url"] for _, row in read),
    )
    told = replace(told, sections=guessing.sections([page for page, _ in listings]), evidence=evidence)
    return Draft(told, [home, *(page for page, _ in listings[:1])], read, guessing.notes(told, read))


def _write(path: Path, data: bytes) -> Path:
    """Write a new file. Raises ArchiveError when it is there already or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise ArchiveError(f"{path}: is there already; remove it, or give another id with --id") from error
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be written ({error.strerror}); check its permissions") from error
    return path


def _suffix(page: Fetched) -> str:
    path = urlsplit(page.url).path
    suffix = re.search(r"\.(?:json|xml)$", path)
    return suffix[0] if suffix else ".html"


def _expected(profile: SiteProfile, page: Fetched, article: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON file of a saved page, as tests/pages/README.md describes it: a draft, to be read by a person."""
    names = (
        "title", "kicker", "subtitle", "section", "source", "authors", "correspondents", "editors", "dateline",
        "credits", "published_at", "published_from", "language", "text", "images", "attachments",
    )  # fmt: skip
    lists = ("authors", "correspondents", "editors", "credits", "images", "attachments")
    told = json.loads(page.told) if page.told else {}
    listing = {"url": article["url"], "title": told.get("title"), "date": told.get("date"), "section": page.section}
    return {
        "url": article["url"],
        "content_type": page.content_type,
        "encoding": article["charset"],
        "body": guessing.body_tag(page.text(profile), profile, article["layout"]),
        "site": profile.id,
        "fetched_at": article["fetched_at"],
        "listing": listing,
        "expected": {name: json.loads(article[name]) if name in lists else article[name] for name in names},
    }
