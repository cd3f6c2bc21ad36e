"""Figures of sites, as `union-archive status` and the health page show them: read, never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from archive import clock
from archive.health import listings, rhythm, strands
from archive.health.incidents import Incident, open_incidents
from archive.health.strands import NOTHING, Counts, add

#: `unlooked`: it is not looked at as often as it was. `never`: no run of it yet. The other two are its profile's.
State = Literal["failing", "unlooked", "warning", "ok", "never", "paused", "unsupported"]
ORDER: tuple[State, ...] = ("failing", "unlooked", "warning", "ok", "never", "paused", "unsupported")
#: A site is not looked at any more after so many times its usual interval, and so many days.
TIMES, LEAST = 3, timedelta(days=2)
#: Days that count as lately; the days before them tell what is usual.
LATELY, BEFORE = 30, 90

_SITES = """
SELECT s.id, s.name, s.name_en, s.status, s.reason, s.next_check, (
    SELECT ended_at FROM runs WHERE site = s.id AND outcome = 'finished' ORDER BY id DESC LIMIT 1
) AS success, (SELECT published_at FROM articles WHERE id = (
    SELECT max(id) FROM articles WHERE site = s.id AND id < :until AND id >= :dated
)) AS newest FROM sites AS s ORDER BY s.id
"""
_RUNS = "SELECT started_at, outcome, reason FROM runs WHERE site = ? ORDER BY id DESC LIMIT 20"


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """How a site is now; times as the archive writes them."""

    id: str
    name: str
    name_en: str | None
    state: State
    reason: str | None
    """Why it is not active."""
    last_run: str | None
    last_outcome: str | None
    last_success: str | None
    unlooked_days: int | None
    """Days without a run, where these are too many."""
    newest: str | None
    """Date of its newest article, as printed."""
    week: int
    """Articles of the last seven days, by the days they bear (found then, where the site prints none)."""
    median_week: float | None
    incidents: tuple[Incident, ...]

    @property
    def is_bad(self) -> bool:
        """Whether it fails."""
        return self.state == "failing"


@dataclass(frozen=True, slots=True)
class Yield:
    """What pages yielded in some days: shares between 0 and 1, None where nothing was read."""

    pages: int
    articles: int
    unread: float | None
    date: float | None
    source: float | None
    authors: float | None
    editors: float | None
    images: float | None
    damaged: float | None
    generic: float | None
    """Articles that the generic extractor read."""
    characters: int | None
    """Mean length of a text."""

    @classmethod
    def of(cls, counts: Counts) -> Yield:
        """Return counts as shares."""
        pages, articles, matched, *fields, whole, characters = counts
        date_, source, authors, editors, images = (_share(one, articles) for one in fields)
        return cls(
            pages, articles, _share(pages - articles, pages), date_, source, authors, editors, images,
            damaged=_share(articles - whole, articles), generic=_share(articles - matched, articles),
            characters=round(characters / articles) if articles else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """What pages of a section, or of a whole site, yielded in the last LATELY days, and in the BEFORE days before."""

    lately: Yield
    before: Yield
    layouts: Mapping[str, int]
    """Pages read lately, by the layout that read them; "" for those that gave no article."""


@dataclass(frozen=True, slots=True)
class SectionHealth:
    """How a section is now; "" is the home page, or articles of no section."""

    section: str
    looked: str | None
    """Day of the last look."""
    outcome: str | None
    """What came of it."""
    newest: str | None
    """Day of its newest article."""
    pages: Part


def sites(connection: sqlite3.Connection, now: datetime, only: Iterable[str] = ()) -> list[SiteHealth]:
    """Return how sites are (all of them without `only`), the worst first."""
    chosen = set(only)
    held: dict[str, list[Incident]] = {}
    for incident in open_incidents(connection):
        held.setdefault(incident.site, []).append(incident)
    names = {"until": (int(now.timestamp()) + 86_400) * rhythm.SECOND, "dated": rhythm.YEAR * rhythm.DAY}
    rows = [dict(row) for row in _rows(connection, _SITES, names)]
    found = [_site(connection, row, now, held.get(row["id"], [])) for row in rows if not chosen or row["id"] in chosen]
    return sorted(found, key=lambda site: (ORDER.index(site.state), site.id))


def sections(connection: sqlite3.Connection, site: str, now: datetime) -> tuple[Part, list[SectionHealth]]:
    """Return what a site's pages yielded, and how each of its sections is, by name."""
    looks = listings.last_looks(connection, site)
    tallies, found = [], []
    for section in sorted({*looks, *listings.last_days(connection, site)}):
        look = looks.get(section)
        newest = rhythm.newest_day(connection, site, now, section) if section else None
        day = None if newest is None else date.fromordinal(newest + rhythm.EPOCH).isoformat()
        tally = _tally(connection, site, section, now.date())
        tallies.append(tally)
        looked, outcome = (look.day, look.outcome) if look else (None, None)
        found.append(SectionHealth(section, looked, outcome, day, _part([tally])))
    return _part(tallies), found


_Tally = dict[tuple[bool, str], Counts]
"""Counts of readings, by whether they are lately, and by layout."""


def _tally(connection: sqlite3.Connection, site: str, section: str, today: date) -> _Tally:
    query = f"SELECT day >= ?, layout, {strands.SUMS} FROM readings"
    query += " WHERE site = ? AND section = ? AND day >= ? GROUP BY 1, 2"
    lately, before = (today - timedelta(days=days) for days in (LATELY, LATELY + BEFORE))
    rows = connection.execute(query, [lately.isoformat(), site, section, before.isoformat()])
    return {(bool(row[0]), row[1]): tuple(row)[2:] for row in rows}


def _part(tallies: Iterable[_Tally]) -> Part:
    sums, layouts = {True: NOTHING, False: NOTHING}, dict[str, int]()
    for tally in tallies:
        for (is_lately, layout), counts in tally.items():
            sums[is_lately] = add(sums[is_lately], counts)
            if is_lately:
                layouts[layout] = layouts.get(layout, 0) + counts[strands.PAGES]
    return Part(Yield.of(sums[True]), Yield.of(sums[False]), layouts)


def _site(connection: sqlite3.Connection, row: Mapping[str, Any], now: datetime, held: list[Incident]) -> SiteHealth:
    runs = list(_rows(connection, _RUNS, [row["id"]]))
    unlooked = _unlooked([run["started_at"] for run in runs], row["next_check"], now)
    is_bad = any(one.severity == "bad" for one in held)
    state: State = "ok"
    if row["status"] != "active":
        state = "paused" if row["status"] == "paused" else "unsupported"
    elif not runs:
        state = "never"
    elif is_bad:
        state = "failing"
    elif unlooked is not None:
        state = "unlooked"
    elif held:
        state = "warning"
    week, usual = rhythm.weeks(connection, row["id"], now) if runs else (0, None)
    held.sort(key=lambda one: (one.severity, one.began_at, one.id))
    return SiteHealth(
        id=row["id"], name=row["name"], name_en=row["name_en"], state=state, reason=row["reason"],
        last_run=runs[0]["started_at"] if runs else None, last_outcome=runs[0]["outcome"] if runs else None,
        last_success=row["success"], unlooked_days=unlooked, newest=row["newest"], week=week, median_week=usual,
        incidents=tuple(held),
    )  # fmt: skip


def _unlooked(started: list[str], next_check: str | None, now: datetime) -> int | None:
    """Return the days without a run, where they are many for a site that was looked at as often as it was."""
    if not started:
        return None
    moments = [clock.moment(one) for one in started]
    gaps = [(later - one).total_seconds() for later, one in pairwise(moments)]
    usual = timedelta(seconds=median(gaps)) if len(gaps) > 1 else timedelta(days=1)
    # A site that is left alone for long is not due yet.
    due = max(moments[0] + usual, clock.moment(next_check) if next_check else moments[0])
    late = now - max(moments[0] + max(TIMES * usual, LEAST), due + LEAST)
    return (now - moments[0]).days if late > timedelta() else None


def _rows(connection: sqlite3.Connection, query: str, values: Any) -> Iterable[Mapping[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in map(tuple, cursor))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
