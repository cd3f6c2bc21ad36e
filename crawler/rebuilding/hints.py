"""What a response of a file made elsewhere is to this archive: an article, a listing that tells of some, or nothing."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.directory import ArchiveDirectory
from archive.foreign import Foreign
from archive.payload import PayloadError
from crawler import urls
from crawler.families.base import Entry
from crawler.profile import SiteProfile
from crawler.profile_reader import read_profile
from crawler.reading import Page, read

if TYPE_CHECKING:
    from crawler.rebuilding.importing import Intake

#: Hosts without a profile that are named.
NAMED = 20
#: Pages that are no articles and are read for what they say of some.
MOST_LISTINGS = 5_000
#: What a profile that nobody has looked at takes for articles: no home page, no picture, style or file.
_ARTICLE = (
    r"//[^/]+/(?!(?:index|default)\.\w+$)(?!.*\.(?:css|js|json|xml|txt|ico|svg|png|jpe?g|gif|webp|bmp|pdf|docx?|xlsx?"
    r"|pptx?|zip|rar|7z|mp[34]|woff2?|ttf)(?:[?#]|$)).*[^/]$"
)
_HTML = re.compile(r"text/html|application/xhtml", re.I)


class Hints:
    """Decides about each response; `look` at all of them first, then `take` them."""

    def __init__(self, intake: Intake, directory: ArchiveDirectory, *, generic: bool) -> None:
        self._intake = intake
        self._directory = directory
        self._generic = generic
        self._entries: dict[tuple[str, str], Entry] = {}
        """What listings say of articles, by site and key."""
        self._listings = 0
        self._unknown = Counter[str]()

    def look(self, foreign: Foreign) -> None:
        """Learn what a page says of articles, where it is a listing."""
        profile = self._profile(foreign)
        if profile is None or foreign.http.status != 200 or not _is_html(foreign):
            return
        if urls.is_article(foreign.url, profile) or self._listings >= MOST_LISTINGS:
            return
        self._listings += 1
        section = _sections(profile).get(urls.canonical(foreign.url, profile))
        try:
            page = Page(
                "listing", foreign.http.content(), foreign.url, foreign.date, foreign.http.header("Content-Type")
            )
        except PayloadError:
            return  # it is named when it is taken
        listing = read([page], profile).listing
        for entry in listing.entries if listing is not None else ():
            if urls.on_site(entry.url, profile):
                url = urls.canonical(entry.url, profile)
                about = replace(entry, url=url, section=section or entry.section)
                key = (profile.id, urls.key(url, profile))
                if key not in self._entries or (section and not self._entries[key].section):
                    self._entries[key] = about

    def take(self, foreign: Foreign) -> None:
        """Have an article or a listing of the profile kept; count what else it is."""
        profile = self._profile(foreign)
        if profile is None:
            self._unknown[urlsplit(foreign.url).netloc.lower()] += 1
            return
        why = _unfit(foreign)
        if why is not None:
            self._intake.leave_out(why)
            return
        url = urls.canonical(foreign.url, profile)
        section = _sections(profile).get(url)
        if urls.is_article(foreign.url, profile):
            key = urls.key(url, profile)
            entry = self._entries.get((profile.id, key))
            fact: dict[str, Any] = {"kind": "article", "key": key, "url": url}
            if entry is not None:
                fact |= _named(entry.section) | {"listing": asdict(entry)}
            self._intake.take(foreign, profile, fact)
        elif section is not None or url == urls.canonical(profile.home, profile):
            kind = "home" if section is None else "listing"
            self._intake.take(foreign, profile, {"kind": kind, "key": url, "url": url} | _named(section))
        else:
            self._intake.leave_out("no article, by its address")

    def take_wanted(self, foreign: Foreign, wanted: Mapping[str, Mapping[str, sqlite3.Row]]) -> None:
        """Have a further page, a picture or a file kept that an article needs."""
        profile = self._profile(foreign)
        if profile is None or _unfit(foreign) is not None:
            return
        url = urls.canonical(foreign.url, profile)
        row = wanted.get(profile.id, {}).get(url)
        if row is None:
            return
        names = ("kind", "key", "url", "section", "part_of", "part")
        fact = {name: row[name] for name in names if row[name] is not None}
        if row["part_of"] is not None:
            query = "SELECT url FROM frontier WHERE site = ? AND key = ?"
            first = self._intake.db.conn.execute(query, [profile.id, row["part_of"]]).fetchone()
            fact["first"] = urls.canonical(first["url"], profile)
        self._intake.take(foreign, profile, fact)

    def hosts(self) -> dict[str, int]:
        """Return the hosts without a profile, and how many responses each has; the most frequent ones by name."""
        named = dict(self._unknown.most_common(NAMED))
        rest = self._unknown.total() - sum(named.values())
        return named | ({"others": rest} if rest else {})

    def _profile(self, foreign: Foreign) -> SiteProfile | None:
        try:
            profile = self._intake.profile_of(foreign.url)
        except ValueError:
            return None
        if profile is None and self._generic and foreign.http.status == 200 and _is_html(foreign):
            profile = _generic_profile(self._directory, foreign.url)
            if profile is not None:
                self._intake.add(profile)
        return profile


def _unfit(foreign: Foreign) -> str | None:
    """Say why a response is not taken in."""
    if foreign.method != "GET":
        return f"asked for by {foreign.method}"
    if foreign.http.status != 200:
        return f"HTTP {foreign.http.status}"
    if foreign.response.headers.get("WARC-Truncated"):
        return "cut off"
    return None


def _is_html(foreign: Foreign) -> bool:
    return _HTML.search(foreign.http.header("Content-Type") or "text/html") is not None


def _named(section: str | None) -> dict[str, str]:
    return {} if section is None else {"section": section}


def _sections(profile: SiteProfile) -> dict[str, str]:
    """Return the sections that a profile names, by the addresses of their listings."""
    return {urls.canonical(one.url, profile): one.name for one in profile.sections if one.name is not None}


def _generic_profile(directory: ArchiveDirectory, url: str) -> SiteProfile | None:
    """Write a profile for a host without one, which the generic extractor reads; a person may mend it later."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    id_ = re.sub(r"[^a-z0-9]+", "_", host.removeprefix("www.")).strip("_")
    if parts.scheme not in ("http", "https") or not urls.HOST.fullmatch(host) or not id_:
        return None
    id_ = f"imported_{id_}"
    path = directory.sites / f"{id_}.toml"
    if not path.exists():
        path.write_text(
            "# Written by `union-archive import --generic`; nobody has looked at the site yet. Mend article_url, add\n"
            "# sections and layouts, then `union-archive reparse`.\n"
            f'name = "{host}"\nhome = "{parts.scheme}://{host}/"\nhosts = ["{host}"]\n'
            'family = "generic"\nstatus = "paused"\nreason = "taken in from files made elsewhere"\n'
            f"article_url = '{_ARTICLE}'\n"
            '\n[evidence]\ninferred = "everything: from the addresses in the files"\n',
            encoding="utf-8",
        )
    return read_profile(path)
