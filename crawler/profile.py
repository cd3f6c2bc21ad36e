"""SiteProfile: what one federation's website looks like."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import asdict, dataclass, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.pace import Pace, duration
from archive.wanted import Wanted
from crawler.zones import zone_of

if TYPE_CHECKING:
    from crawler.families.base import Family


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
    """What a profile's values rest on: what was `seen`, and what was only `inferred` from it.

    `row` is the heading of the site in docs/survey.md, `examples` are article addresses that were seen.
    """

    seen: str | None = None
    inferred: str | None = None
    row: str | None = None
    examples: tuple[str, ...] = ()


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
    name_pinyin: str | None = None
    """The name in Hanyu Pinyin without tone marks."""
    parent: str | None = None
    """Id of the site of the body above it."""
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
    options: tuple[tuple[str, Any], ...] = ()
    """Values of [options] by key, as the family reads them."""
    schedule: tuple[tuple[str, str], ...] = ()
    """Values of [schedule] by key, as written: `("least", "1h")`; what is missing is the archive's."""
    media: tuple[tuple[str, Any], ...] = ()
    """Values of [media] by key, but `hosts`; what is missing is the archive's."""
    media_hosts: tuple[str, ...] = ()
    """Further hosts of pictures and files, as `hosts` has them; nothing else is fetched from them."""
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
    def english(self) -> str | None:
        """The name in English; a site that writes English has no other."""
        return self.name_en or (self.name if self.languages[0] == "en" else None)

    def option(self, name: str, default: Any) -> Any:
        """Return a family's option, or `default` where the profile does not say."""
        return next((value for key, value in self.options if key == name), default)

    def pace(self, archive: Pace) -> Pace:
        """Return how often the site's listings are looked at; `archive` is what archive.toml says."""
        own = {name: duration(text) for name, text in self.schedule}
        if "least" in own and "most" not in own:
            own["most"] = max(archive.most, own["least"])
        return replace(archive, **own)

    def wanted(self, archive: Wanted) -> Wanted:
        """Return which pictures and attachments are fetched; `archive` is what archive.toml says."""
        return replace(archive, **dict(self.media))

    @property
    def zone(self) -> tzinfo:
        """The zone of the times that the site prints; its days are counted in it."""
        return zone_of(self.timezone)

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
