"""What befalls the sites of the simulated year, and what a healthy archive is to say of it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from year_stories import START


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of trouble: how many days it lasts (None: for good), and the kinds of incident that fit it."""

    name: str
    days: tuple[float, float] | None
    fits: frozenset[str]
    section: bool = False
    """Whether it befalls the first section alone."""


def _kind(name: str, days: tuple[float, float] | None, *fits: str, section: bool = False) -> Kind:
    return Kind(name, days, frozenset(fits), section)


KINDS = (
    _kind("challenge", (3, 12), "blocked"),
    _kind("refuses for weeks", (9, 24), "down", "robots"),
    _kind("listing 404, one section", (12, 25), "listing", "nothing", section=True),
    _kind("template, mended", (10, 20), "layout"),
    _kind("503, Retry-After", (1.5, 4), "waits"),
    _kind("listing moved, all", (8, 15), "listing", "nothing"),
    _kind("refuses for hours", (0.2, 0.5), "down", "robots"),
    _kind("silent", (110, 120), "silent"),
    _kind("articles 404, back", (8, 12), "vanished"),
    _kind("no answer to pages", (3, 5), "down"),
    _kind("listing empty, all", (6, 12), "nothing"),
    _kind("robots.txt 503", (2, 4), "robots"),
    _kind("listing moved, one section", (8, 15), "listing", "nothing", section=True),
    _kind("template, rolled back", (10, 20), "layout"),
    _kind("dead", None, "down", "robots"),
    _kind("listing empty, one section", (10, 16), "nothing", section=True),
    _kind("articles 404, for good", None, "vanished"),
)


@dataclass(slots=True)
class Trouble:
    """One trouble of one site: `ends` is when the site is as before, or when a person mends the profile."""

    kind: Kind
    begins: datetime
    ends: datetime | None
    served: list[datetime] = field(default_factory=list)
    """When an answer was other than it would have been."""
    pages: dict[int, list[datetime]] = field(default_factory=dict)
    """By section: when an article page was sent that the profile's layouts can read."""
    broken: set[int] = field(default_factory=set)
    """Sections of which a page was sent that they cannot read."""
    good: dict[int, datetime] = field(default_factory=dict)
    """By section: when its listing was sent as it should be, first after the end."""

    def holds(self, moment: datetime) -> bool:
        """Say whether it is so at a moment."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)

    def began(self, moment: datetime) -> bool:
        """Say whether it has begun, over or not."""
        return self.begins <= moment


def is_troubled(site: int) -> bool:
    """Say whether a site, by its number from 0, is one that something befalls: every other of a dozen, in turns."""
    return (site + site // 12) % 2 == 1


def troubles(draw: random.Random, site: int, days: int) -> Sequence[Trouble]:
    """Return what befalls a site."""
    if not is_troubled(site):
        return ()
    kind = KINDS[(site // 2) % len(KINDS)]
    begins = START + timedelta(days=days * draw.uniform(0.3, 0.55))
    if kind.days is None:
        return (Trouble(kind, begins, None),)
    lasts = timedelta(days=min(draw.uniform(*kind.days), days * 0.35))
    first = Trouble(kind, begins, begins + lasts)
    if lasts > timedelta(days=1):
        return (first,)
    # Hours are easily missed: it comes three times.
    steps = (timedelta(days=days * 0.1 * step, hours=7 * step) for step in (1, 2))
    return (first, *(Trouble(kind, begins + step, begins + step + lasts) for step in steps))
