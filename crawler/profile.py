"""SiteProfile: what one federation's website looks like, read strictly from a TOML file."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import ArchiveError
from crawler import values
from crawler.urls import canonical, on_site

if TYPE_CHECKING:
    from crawler.families.base import Family

#: The registry that ships with the package.
PACKAGE_SITES = Path(__file__).parent / "sites"

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class ProfileError(ArchiveError, ValueError):
    """A profile cannot be used: the message names the file and the key, then the fix."""


@dataclass(frozen=True, slots=True)
class Section:
    """A column (栏目) of a site and the address of its first listing page."""

    name: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Layout:
    """CSS selectors of one article template; the first layout whose `body` matches a page reads it."""

    name: str
    """`1`, `2`, … by order in the profile; a family's are `workercn:1`, `workercn:2`, …"""
    body: str
    title: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    section: str | None = None
    remove: tuple[str, ...] = ()
    """Selectors of what is inside the body and not of it."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What a healthy site shows. `required` names Article fields that every article of the site must have."""

    required: tuple[str, ...] = ()
    max_days_between_articles: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a profile's values rest on: what was `seen`, and what was only `inferred` from it."""

    seen: str | None = None
    inferred: str | None = None


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """One federation's website: values only, never logic. Keys and defaults: crawler/sites/README.md.

    Hashable, and it can be pickled: profiles go to the worker process that extracts.
    """

    id: str
    """The file's name without `.toml`."""
    name: str
    home: str
    hosts: tuple[str, ...]
    """Hosts in lower case, with a port where it is not the default one."""
    family: str = "generic"
    name_en: str | None = None
    level: str | None = None
    region: str | None = None
    status: str = "active"
    reason: str | None = None
    article_url: re.Pattern[str] | None = None
    """Searched in a canonical URL; None when the family says it (`article_pattern`)."""
    delay: float = 1.0
    """Seconds between two requests."""
    concurrency: int = 1
    languages: tuple[str, ...] = ("zh-Hans",)
    """BCP 47 tags the site writes in: they choose the charsets tried when a page declares none."""
    timezone: str = "+08:00"
    evidence: Evidence = Evidence()
    sections: tuple[Section, ...] = ()
    layouts: tuple[Layout, ...] = ()
    expect: Expect = Expect()
    digest: str | None = None
    """SHA-256 (hex) of the file's bytes, for "derived with"; None when the profile was not read from a file."""

    @property
    def behaviour(self) -> Family:
        """The family's code."""
        # Families are written in terms of Layout and SiteProfile, so they are imported after them.
        from crawler.families import FAMILIES

        return FAMILIES[self.family]

    @property
    def article_pattern(self) -> re.Pattern[str] | None:
        """What an article's URL looks like: the profile's own pattern, else its family's."""
        return self.article_url or self.behaviour.article_url

    @property
    def loopback(self) -> bool:
        """Whether the site lives on this machine, as the sites of tests and of the demo do."""
        return is_loopback(urlsplit(self.home).hostname or "")

    def to_json(self) -> dict[str, Any]:
        """Return the profile as JSON values; the article pattern as its source."""
        pattern = self.article_pattern
        return asdict(self) | {"article_url": pattern.pattern if pattern else None}


def is_loopback(hostname: str) -> bool:
    """Say whether a host name or literal address (without port and brackets) is this machine's own."""
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost"


def _family(value: object) -> str:
    from crawler.families import FAMILIES  # see SiteProfile.behaviour

    read: str = values.one_of(*FAMILIES)(value)
    return read


#: Table → key → reader. "" is the site itself; keys and readers of [[section]] and [[layout]] are those of one item.
KEYS: dict[str, dict[str, values.Reader]] = {
    "": {
        "name": values.text,
        "name_en": values.text,
        "level": values.one_of(*values.LEVELS),
        "region": values.region,
        "home": values.address,
        "hosts": values.hosts,
        "family": _family,
        "status": values.one_of(*values.STATUSES),
        "reason": values.text,
        "article_url": values.regex,
        "delay": values.seconds,
        "concurrency": values.count,
        "languages": values.languages,
        "timezone": values.timezone,
    },
    "evidence": {"seen": values.text, "inferred": values.text},
    "section": {"name": values.text, "url": values.address},
    "layout": {
        **dict.fromkeys(
            ("body", "title", "kicker", "subtitle", "date", "source", "author", "editor", "section"), values.css
        ),
        "remove": values.selectors,
    },
    "expect": {"required": values.article_fields, "max_days_between_articles": values.count},
}
#: Tables written [[…]], any number of them.
REPEATED = ("section", "layout")
NEEDED = {"": ("name", "home", "hosts"), "section": ("url",), "layout": ("body",)}


def registry(archive_sites: Path | None = None) -> dict[str, SiteProfile]:
    """Return every known profile by id: the package's, and those of an archive's own `sites` directory.

    A directory that is not there holds no profiles. Raises ProfileError at the first profile that cannot be used,
    and when an archive's profile has the id of another: a profile is never skipped.
    """
    profiles = dict(_package_profiles())
    for path in sorted(archive_sites.glob("*.toml")) if archive_sites else ():
        if path.stem in profiles:
            raise ProfileError(
                f"{path}: the package has a site {path.stem!r} already; rename the file, its name is the site's id"
            )
        profiles[path.stem] = read_profile(path)
    return dict(sorted(profiles.items()))


@cache
def _package_profiles() -> dict[str, SiteProfile]:
    return {path.stem: read_profile(path) for path in sorted(PACKAGE_SITES.glob("*.toml"))}


def read_profile(path: Path) -> SiteProfile:
    """Read one profile. Raises ProfileError in one line: unreadable, unknown or missing key, wrong value."""
    try:
        data = path.read_bytes()
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror}); give the path of a profile") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path.name}: {error}; mend the TOML there") from error
    if not _ID.fullmatch(path.stem):
        raise ProfileError(f"{path.name}: the file's name is the site's id; use lower-case letters, digits, - and _")
    top = {key: value for key, value in tables.items() if key not in KEYS}
    profile = SiteProfile(
        id=path.stem,
        evidence=Evidence(**_one(path.name, tables, "evidence")),
        sections=tuple(Section(item.pop("name", None), **item) for item in _items(path.name, tables, "section")),
        layouts=tuple(
            Layout(str(number), **item) for number, item in enumerate(_items(path.name, tables, "layout"), 1)
        ),
        expect=Expect(**_one(path.name, tables, "expect")),
        digest=hashlib.sha256(data).hexdigest(),
        **_table(path.name, "", top),
    )
    for fault in _faults(profile):
        raise ProfileError(f"{path.name}: {fault}")
    return profile


def _one(file: str, tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the checked values of the table [name]; none when the file has no such table."""
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise ProfileError(f"{file}: {name} is a table; write [{name}] on a line of its own")
    return _table(f"{file}: [{name}]", name, table)


def _items(file: str, tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the checked values of each [[name]], in order."""
    items = tables.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProfileError(f"{file}: {name} is a list of tables; write [[{name}]] on a line of its own")
    return [_table(f"{file}: [[{name}]] {number}", name, item) for number, item in enumerate(items, 1)]


def _table(where: str, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values of one table; `where` begins the message of an error."""
    readers = KEYS[name]
    for key in table:
        if key not in readers:
            known = [*readers, *(_header(other) for other in KEYS if other and not name)]
            misplaced = name and key in KEYS[""]
            fix = "move it above the first [table]" if misplaced else f"expected one of {', '.join(known)}"
            raise ProfileError(f"{where}: unknown key {key!r}; {fix}")
    for key in NEEDED.get(name, ()):
        if key not in table:
            raise ProfileError(f"{where}: missing key {key!r}; add it")
    read = {}
    for key, value in table.items():
        try:
            read[key] = readers[key](value)
        except ValueError as error:
            raise ProfileError(f"{where}: {key} = {value!r}: {error}") from error
    return read


def _header(name: str) -> str:
    return f"[[{name}]]" if name in REPEATED else f"[{name}]"


def _faults(profile: SiteProfile) -> list[str]:
    """Return what is wrong between values that are right by themselves, each with its fix."""
    faults = []
    if not on_site(profile.home, profile):
        faults.append(f"home {profile.home!r} is not on a host of the site; add its host to hosts")
    if profile.status != "active" and not profile.reason:
        faults.append(f'status {profile.status!r} needs a reason; add reason = "…"')
    if profile.delay == 0 and not profile.loopback:
        faults.append("delay = 0 is for sites on this machine; give the seconds between two requests")
    pattern = profile.article_pattern
    if pattern is None and profile.status == "active":
        faults.append(f"missing key 'article_url', which family {profile.family!r} does not supply; add it")
    starts = [canonical(profile.home, profile)]
    for number, section in enumerate(profile.sections, 1):
        where, url = f"[[section]] {number}: url {section.url!r}", canonical(section.url, profile)
        if not on_site(url, profile):
            faults.append(f"{where} is not on a host of the site; add its host to hosts")
        elif url in starts[1:]:
            faults.append(f"{where} is listed twice; remove one")
        starts.append(url)
    for url in starts:
        if pattern and pattern.search(url):
            faults.append(f"article_url matches {url!r}, which is a listing; say what only an article's URL has")
    return faults
