"""How often a site, or a section, publishes by its own past, and whether it has fallen silent.

Days are those that articles bear: a first crawl brings years of them, and tells of every summer and Spring Festival. Of
a site that dates nothing, they are the days on which new articles were found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import Any

from archive.clock import stamp
from archive.health.incidents import Finding, Incident
from archive.health.listings import Look, last_days

#: What an article's id grows by in a second, and in a day: it is the order of publication (docs/data-model.md).
SECOND = 1024
DAY = 86_400 * SECOND
#: The first of those days, as `date.toordinal` counts.
EPOCH = date(1970, 1, 1).toordinal()
#: Days back that tell what is usual.
YEAR = 365
#: Days with articles that a rhythm can be read from: of a site, and of a section, of which less is expected.
ENOUGH, ENOUGH_OF_SECTION = 8, 12
#: Nothing is silent before so many days.
LEAST, LEAST_OF_SECTION = 21, 28
#: Longer than so many times the longest gap of the year, and beyond the mean gap by so many spreads: a gap of chance is
#: that long once in a thousand.
TIMES, TIMES_OF_SECTION, SPREADS = 3, 4, 7
#: After so many days a silent section has ended, and is no news.
ENDED = 180
#: A section that was not looked at for so many days before the site's last look is no longer looked at.
LOOKED = 15

# From day to day, each found by the index; an article of a day costs nothing more.
_DAYS = """
WITH RECURSIVE published(day) AS (
    SELECT min(id) / {day} FROM articles WHERE {where} AND id >= :first AND id < :last UNION ALL
    SELECT (SELECT min(id) / {day} FROM articles WHERE {where} AND id >= (published.day + 1) * {day} AND id < :last)
    FROM published WHERE published.day IS NOT NULL
)
SELECT day FROM published WHERE day IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Days on which articles came in the year before the newest one, as numbers of days since 1970."""

    days: Sequence[int]

    @property
    def longest(self) -> int:
        """The longest gap between two of them, in days."""
        return max((later - one for one, later in pairwise(self.days)), default=0)

    def limit(self, times: int, least: int) -> float:
        """Return after how many days without an article it is silent."""
        gaps = [later - one for one, later in pairwise(self.days)]
        return max(least, times * max(gaps), fmean(gaps) + SPREADS * pstdev(gaps))


def newest_day(connection: sqlite3.Connection, site: str, now: datetime, section: str = "") -> int | None:
    """Return the day of the newest article that bears a date which is not yet to come; None when none does."""
    query = f"SELECT max(id) FROM articles WHERE {_where(section)} AND id >= :first AND id < :last"
    names = {"site": site, "section": section, "first": YEAR * DAY, "last": _id(now + timedelta(days=1))}
    found = connection.execute(query, names).fetchone()[0]
    return None if found is None else int(found) // DAY


def published(connection: sqlite3.Connection, site: str, newest: int, section: str = "") -> Rhythm:
    """Return the rhythm of the year before a day, by the days that articles bear."""
    names = {"site": site, "section": section, "first": (newest - YEAR) * DAY, "last": (newest + 1) * DAY}
    rows = connection.execute(_DAYS.format(day=DAY, where=_where(section)), names)
    return Rhythm([row[0] for row in rows])


def last_found(connection: sqlite3.Connection, site: str, *, undated: bool) -> int | None:
    """Return the last day on which new articles were found; with `undated`, such as bear no date."""
    query = f"SELECT max(day) FROM readings WHERE site = ? AND section = ? AND {_NEW[undated]}"
    days = [connection.execute(query, [site, section]).fetchone()[0] for section in last_days(connection, site)]
    return max((_number(day) for day in days if day), default=None)


def found(connection: sqlite3.Connection, site: str, newest: int) -> Rhythm:
    """Return the rhythm of the year before a day, by the days on which new articles were found."""
    days: set[str] = set()
    query = "SELECT day FROM readings WHERE site = ? AND section = ? AND day BETWEEN ? AND ? AND new > 0"
    for section in last_days(connection, site):
        rows = connection.execute(query, [site, section, _day(newest - YEAR), _day(newest)])
        days.update(row[0] for row in rows)
    return Rhythm(sorted(map(_number, days)))


#: Which rows of `readings` hold articles that were new: any, or such as bear no date.
_NEW = {False: "new > 0", True: "new > dated"}


def silent(connection: sqlite3.Connection, site: str, now: datetime, expected: int | None) -> dict[str, Finding]:
    """Return whether a site that was looked at just now has had no new article for longer than its past explains.

    `expected` is the longest time in days that its profile allows.
    """
    today, guard = _id(now) // DAY, min(LEAST, expected or LEAST)
    newest = newest_day(connection, site, now)
    if newest is not None and today - newest <= guard:
        return {}
    # A site whose dates are not read any more is not silent.
    other = last_found(connection, site, undated=newest is not None)
    last = max((day for day in (newest, other) if day is not None), default=today)
    if today - last <= guard:
        return {}
    rhythm = (published if last == newest else found)(connection, site, last)
    if expected is not None:
        limit: float = expected
    elif len(rhythm.days) < ENOUGH:
        return {}
    else:
        limit = rhythm.limit(TIMES, LEAST)
    if today - last <= limit:
        return {}
    facts = {} if expected is None else {"expected": expected}
    return {"": _finding(last, today - last, rhythm.longest, facts)}


def quiet_sections(
    connection: sqlite3.Connection, site: str, now: datetime, looks: Mapping[str, Look], held: Sequence[Incident]
) -> dict[str, Finding]:
    """Return the sections that published regularly, and do not any more while they are looked at.

    `looks` are the last ones of the site's sections.
    """
    today = _id(now) // DAY
    last_look = max((_number(look.day) for look in looks.values()), default=0)
    known = {one.section: one for one in held if one.kind == "quiet"}
    findings = {}
    for section, look in looks.items():
        is_looked_at = section and _number(look.day) >= last_look - LOOKED
        newest = newest_day(connection, site, now, section) if is_looked_at else None
        if newest is None or not LEAST_OF_SECTION < today - newest <= ENDED:
            continue
        began = _day(newest)
        if section in known and known[section].facts["last"] == began:
            findings[section] = Finding(known[section].began_at, known[section].facts | {"days": today - newest})
            continue
        query = "SELECT 1 FROM looks WHERE site = ? AND section = ? AND day <= ? LIMIT 1"
        if connection.execute(query, [site, section, began]).fetchone() is None:
            continue  # it had ended before anybody looked
        rhythm = published(connection, site, newest, section)
        if len(rhythm.days) >= ENOUGH_OF_SECTION:
            limit = rhythm.limit(TIMES_OF_SECTION, LEAST_OF_SECTION)
            if today - newest > limit:
                findings[section] = _finding(newest, today - newest, rhythm.longest, {})
    return findings


def weeks(connection: sqlite3.Connection, site: str, now: datetime) -> tuple[int, float | None]:
    """Return the articles of the last seven days, today included, and the median of the weeks before, up to a year."""
    until = (_id(now) // DAY + 1) * DAY - 1
    names = {"site": site, "until": until, "first": until - 53 * 7 * DAY, "week": 7 * DAY}
    query = """
        SELECT (:until - id) / :week, count(*) FROM articles
        WHERE site = :site AND id > :first AND id <= :until GROUP BY 1
    """
    counts: dict[int, int] = {row[0]: row[1] for row in connection.execute(query, names)}
    if not counts:
        counts = _found_weeks(connection, site, now)
    first = max(counts, default=0)
    return counts.get(0, 0), median(counts.get(week, 0) for week in range(1, first + 1)) if first else None


def _found_weeks(connection: sqlite3.Connection, site: str, now: datetime) -> dict[int, int]:
    today, counts = _id(now) // DAY, dict[int, int]()
    query = (
        "SELECT day, sum(new) FROM readings WHERE site = ? AND section = ? AND day > ? GROUP BY day HAVING sum(new) > 0"
    )
    for section in last_days(connection, site):
        for day, number in map(tuple, connection.execute(query, [site, section, _day(today - 53 * 7)])):
            week = max(today - _number(day), 0) // 7
            counts[week] = counts.get(week, 0) + number
    return counts


def _finding(last: int, days: int, longest: int, facts: dict[str, Any]) -> Finding:
    began = stamp(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=last))
    return Finding(began, {"last": _day(last), "days": days, "longest": longest, **facts})


def _where(section: str) -> str:
    return "site = :site AND section = :section" if section else "site = :site"


def _id(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal() - EPOCH


def _day(number: int) -> str:
    return date.fromordinal(number + EPOCH).isoformat()
