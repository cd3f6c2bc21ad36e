"""What health told of the troubles of the simulated year, and when, beside when it could be known."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import fmean, pstdev

from year_stories import BEIJING, Story
from year_troubles import Trouble
from year_visit import Visit, utc
from year_web import Site

from archive.health import ended_since, open_incidents, words
from archive.withdrawals import MANY

#: Pages of a new template that tell it.
PAGES = 5


@dataclass(slots=True)
class Told:
    """A trouble, and what the archive told of it."""

    kind: str
    site: str
    began: datetime
    due: Visit | None = None
    """The first visit at which it could be seen; None: no visit met it."""
    late: int | None = None
    """How many visits later it was in health; None: never."""
    over_due: Visit | None = None
    over_late: int | None = None


def told(site: Site, trouble: Trouble, visits: Sequence[Visit], held: dict[int, sqlite3.Row]) -> Told:
    """Return what health told of a trouble; `held` are the site's articles by number."""
    found = Told(trouble.kind.name, site.id, trouble.begins, _due(site, trouble, visits))
    if found.due is not None:
        found.late = _late(found.due, visits, trouble.kind.fits, told=True)
        found.over_due = _over(site, trouble, visits, held)
    if found.over_due is not None:
        found.over_late = _late(found.over_due, visits, trouble.kind.fits, told=False)
    return found


def _late(due: Visit, visits: Sequence[Visit], fits: frozenset[str], *, told: bool) -> int | None:
    """Return how many visits after the due one incidents of some kinds are, or are no more, in health; None: never."""
    after = visits[visits.index(due) :]
    return next((late for late, one in enumerate(after) if bool(fits & set(one.open)) == told), None)


def _due(site: Site, trouble: Trouble, visits: Sequence[Visit]) -> Visit | None:
    """Return the first visit at which a trouble could be seen."""
    name = trouble.kind.name
    if name == "silent":
        return _silent(site, trouble, visits)
    if name.startswith("template"):
        return _containing(visits, trouble.served[PAGES - 1 :])
    if name.startswith("articles"):
        gone = sorted(min(moments) for _, moments in vanished(site, trouble) if moments)
        return _containing(visits, gone[MANY - 1 :])
    for visit in visits:
        whole = visit.began >= trouble.begins and (trouble.ends is None or visit.ended <= trouble.ends)
        if whole and any(visit.began <= moment <= visit.ended for moment in trouble.served):
            return visit
    return None


def _containing(visits: Sequence[Visit], moments: Sequence[datetime]) -> Visit | None:
    """Return the visit that was under way at the first of some moments."""
    return next((one for one in visits if moments and one.began <= moments[0] <= one.ended), None)


def vanished(site: Site, trouble: Trouble) -> Iterator[tuple[Story, list[datetime]]]:
    """Yield the articles held before a mass move, each with the visits that found it gone by that."""
    for story in site.stories:
        if any(seen >= 0 and at < trouble.begins for at, seen, _ in story.seen):
            yield story, [at for at, seen, _ in story.seen if seen < 0 and trouble.holds(at) and not story.is_gone(at)]


def _silent(site: Site, trouble: Trouble, visits: Sequence[Visit]) -> Visit | None:
    """Return the first visit at which the silence is longer than the site's past explains, as docs/health.md has it."""
    days = sorted({one.published.date() for one in site.stories if one.published < trouble.begins and one.seen})
    gaps = [(later - day).days for day, later in pairwise(days)]
    limit = site.expected or max(21.0, 3.0 * max(gaps), fmean(gaps) + 7 * pstdev(gaps))
    for visit in visits:
        if visit.outcome == "finished" and (visit.ended.date() - days[-1]).days > limit and trouble.holds(visit.ended):
            return visit
    return None


def _over(site: Site, trouble: Trouble, visits: Sequence[Visit], held: dict[int, sqlite3.Row]) -> Visit | None:
    """Return the first visit at which it could be seen that a trouble is over."""
    if trouble.ends is None:
        return None
    ends, name = trouble.ends, trouble.kind.name
    if name.startswith("template"):
        # Pages are counted by the day: those of the day itself are of both kinds.
        midnight = datetime.combine(ends.astimezone(BEIJING).date() + timedelta(days=1), time(), BEIJING)
        pages = [[at for at in trouble.pages.get(one, ()) if at >= midnight][PAGES - 1 :] for one in trouble.broken]
        return _containing(visits, [max(at[0] for at in pages)]) if pages and all(pages) else None
    if name == "silent":
        seen = [utc(held[one.number]["first_seen_at"]) for one in site.stories
                if one.published >= ends and one.number in held]  # fmt: skip
        return next((one for one in visits if seen and one.began <= min(seen) <= one.ended), None)
    if name.startswith("articles"):
        back = [min((at for at, version, _ in story.seen if version >= 0 and at >= ends), default=None)
                for story, moments in vanished(site, trouble) if moments]  # fmt: skip
        known = sorted(at for at in back if at is not None)
        left = len(back) - MANY
        return _containing(visits, known[left:]) if len(known) > left >= 0 else None
    if name.startswith("listing"):
        moments = [trouble.good.get(section) for section in range(site.sections if not trouble.kind.section else 1)]
        return None if None in moments else _containing(visits, [max(filter(None, moments))])
    return next((one for one in visits if one.began >= ends and one.outcome == "finished"), None)


def alarms(site: Site, told: Sequence[Told], connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Return the incidents that no trouble explains, and those of other kinds than fit while there was trouble."""
    false: list[str] = []
    other: list[str] = []
    ended = [one for one in ended_since(connection, "") if one.site == site.id]
    for one in sorted([*ended, *open_incidents(connection, site.id)], key=lambda one: one.noticed_at):
        noticed, said = utc(one.noticed_at), f"{site.id} ({site.rhythm.name}) {one.kind} {one.noticed_at[:16]}"
        fits = aside = False
        for trouble, one_told in zip(site.troubles, told, strict=True):
            last = one_told.over_due.ended if one_told.over_due else None
            within = noticed >= trouble.begins and (last is None or noticed <= last)
            fits = fits or (within and one.kind in trouble.kind.fits)
            aside = aside or within
        if not fits:
            (other if aside else false).append(f"{said}: {words(one, 'en')}")
    return false, other
