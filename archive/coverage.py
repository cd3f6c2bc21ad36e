"""The coverage ledger: for a site, a section and a day, whether it was looked at, how deep, and with what result.

So "nothing was published" (somebody looked, and no article bears the day) is told from "nobody looked". It is read from
`looks`, which crawls write, and from the printed dates of articles; nothing of it is stored.
"""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from difflib import get_close_matches
from itertools import groupby
from typing import Any, Literal

from archive import clock
from archive.search.match import id_bounds
from archive.search.selection import QueryError

State = Literal["looked", "failed", "nobody"]
#: How many articles bear a day, or a month where no day is printed, by section: see Ledger.
Articles = Mapping[str | None, Mapping[str, int]]

#: Outcomes of a look that saw what the site listed, and of one that did not; the better ones first.
LOOKED = ("read", "unchanged", "empty")
FAILED = ("blocked", "failed", "disallowed")
_RANK = {outcome: place for place, outcome in enumerate((*LOOKED, *FAILED))}
#: Keys of a day, for programs.
KEYS = ("day", "state", "outcome", "depth", "links", "links_new", "articles", "sections_looked", "sections_failed")

_DAY = timedelta(days=1)
_BEIJING = timezone(timedelta(hours=8))

# By the primary key of `looks`: from section to section, and in each only the days asked for.
_SECTIONS = """
WITH RECURSIVE named(section) AS (
    SELECT min(section) FROM looks WHERE site = :site UNION ALL
    SELECT (SELECT min(section) FROM looks WHERE site = :site AND section > named.section)
    FROM named WHERE section IS NOT NULL
)
"""
_LOOKS = f"""{_SECTIONS}
SELECT named.section, l.day, l.outcome, l.depth, l.articles, l.articles_new FROM named CROSS JOIN looks AS l
    ON l.site = :site AND l.section = named.section AND l.day BETWEEN :first AND :last
"""
_NAMES = f"{_SECTIONS} SELECT section FROM named WHERE section IS NOT NULL"
# The index covers it: a hundred bytes an article of these days, and none of the pages that hold their texts.
_ARTICLES = """
SELECT coalesce(section, ''), substr(published_at, 1, 10), count(*) FROM articles {index}
WHERE site = ? AND id >= ? AND id < ? AND published_at >= ? AND published_at < ? GROUP BY 1, 2
"""
_BOUNDS = f"""{_SECTIONS}
SELECT min((SELECT min(day) FROM looks WHERE site = :site AND section = named.section)),
    max((SELECT max(day) FROM looks WHERE site = :site AND section = named.section))
FROM named WHERE section IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at a section on a day: the best outcome, listing pages, article links on them, new ones."""

    outcome: str
    depth: int
    links: int
    new: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a section, or of a whole site: then the best outcome of its sections, and their sums.

    `outcome` is None when nobody looked. `articles` bear the day as printed, whenever they were found. `looked` and
    `failed` count sections.
    """

    day: date
    outcome: str | None = None
    depth: int = 0
    links: int = 0
    new: int = 0
    articles: int = 0
    looked: int = 0
    failed: int = 0

    @property
    def state(self) -> State:
        """Whether somebody looked and saw what was listed, looked in vain, or nobody looked."""
        return "nobody" if self.outcome is None else "looked" if self.outcome in LOOKED else "failed"

    @property
    def kind(self) -> str:
        """What days that follow each other have in common: `looked`, else the outcome, or `nobody`.

        `empty` stands alone: a listing without a single article is no proof that nothing was published.
        """
        return self.outcome or "nobody" if self.outcome not in ("read", "unchanged") else "looked"

    @property
    def partly(self) -> bool:
        """Whether some sections were seen and others were not to be had."""
        return bool(self.looked and self.failed)

    def row(self) -> dict[str, Any]:
        """Return the day as programs get it, by KEYS."""
        values = (self.day.isoformat(), self.state, self.outcome, self.depth, self.links, self.new, self.articles)
        return dict(zip(KEYS, (*values, self.looked, self.failed), strict=True))


@dataclass(frozen=True, slots=True)
class Tally:
    """Days counted by their state, and the articles that bear them. Days that are yet to come are in none."""

    looked: int = 0
    failed: int = 0
    nobody: int = 0
    articles: int = 0

    @property
    def days(self) -> int:
        """How many days were counted."""
        return self.looked + self.failed + self.nobody


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row of one kind, how many of them partly failed, and how many articles bear them."""

    first: date
    last: date
    state: State
    kind: str
    partly: int
    articles: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of a site from one day to another, both included.

    `sections` are those ever looked at; "" is the home page, or a section without a name. `articles` are counted by
    section ("" where they name none; None is all of them) and printed day, or month where no day is printed.
    """

    first: date
    last: date
    sections: tuple[str, ...]
    looks: Mapping[str, Mapping[str, Look]]
    articles: Articles

    def days(self, today: date, section: str | None = None, month: str = "") -> list[Day]:
        """Return the days of a section, or of the whole site (None); of one month (`2026-03`), or of all.

        They end before `today`, or with the last day that was looked at: a day that is not over is no gap.
        """
        looks = list(self.looks.values()) if section is None else [self.looks.get(section, {})]
        printed = self.articles.get(section, {})
        start, number = self._extent(today, looks, month)
        found = []
        for day in (start + place * _DAY for place in range(number)):
            name = day.isoformat()
            found.append(_day(day, [one[name] for one in looks if name in one], printed.get(name, 0)))
        return found

    def tally(self, days: Sequence[Day], section: str | None = None, month: str = "") -> Tally:
        """Count days, and the articles of the section and month that they are of.

        Also those that bear the month alone, or a day that is yet to come.
        """
        states = [day.state for day in days]
        articles = self._articles(section, month)
        return Tally(states.count("looked"), states.count("failed"), states.count("nobody"), articles)

    def by_section(self, today: date, month: str = "") -> dict[str, Tally]:
        """Count the days of every section, of one month or of all, as `tally` does: a site may have a hundred."""
        found = {}
        for section in self.sections:
            looks = self.looks.get(section, {})
            seen = [look.outcome in LOOKED for day, look in looks.items() if day.startswith(month)]
            _, number = self._extent(today, [looks], month)
            looked = sum(seen)
            articles = self._articles(section, month)
            found[section] = Tally(looked, len(seen) - looked, number - len(seen), articles)
        return found

    def require(self, section: str | None) -> None:
        """Raise QueryError for a section that was never looked at."""
        if section is None or section in self.sections:
            return
        names = [name for name in self.sections if name]
        near = get_close_matches(section, names, n=3, cutoff=0.4) or names[:10]
        choice, chinese = (
            (f"give one of {', '.join(near)}", f"可选 {'、'.join(near)}") if near else ("it has none", "没有栏目")
        )
        raise QueryError(
            f"section {section[:40]!r}: was never looked at by itself; {choice}, or leave it out for the whole site",
            f"栏目“{section[:40]}”从未单独巡查；{chinese}，不指定即为全站",
        )

    def _extent(self, today: date, looks: Sequence[Mapping[str, Look]], month: str) -> tuple[date, int]:
        """Return the first day to tell of, and how many there are. Days of a site east of +08:00 begin before ours."""
        seen = max((date.fromisoformat(max(one)) for one in looks if one), default=date.min)
        first, last = self.first, min(self.last, max(today - _DAY, seen))
        if month:
            start = date.fromisoformat(f"{month}-01")
            first, last = max(first, start), min(last, start.replace(day=monthrange(start.year, start.month)[1]))
        return first, max(0, (last - first).days + 1)

    def _articles(self, section: str | None, month: str) -> int:
        return sum(number for day, number in self.articles.get(section, {}).items() if day.startswith(month))


def read(
    connection: sqlite3.Connection, site: str, first: date, last: date, articles: Articles | None = None
) -> Ledger:
    """Read what is known of a site from one day to another, both included. Raises QueryError for an unknown site.

    `articles` are those that `count_articles` gave for the same days, where the caller has kept them.
    """
    require_site(connection, site)
    names = {"site": site, "first": first.isoformat(), "last": last.isoformat()}
    looks: dict[str, dict[str, Look]] = {}
    for section, day, *facts in connection.execute(_LOOKS, names):
        looks.setdefault(section, {})[day] = Look(*facts)
    sections = tuple(row[0] for row in connection.execute(_NAMES, names))
    if articles is None:
        articles = count_articles(connection, site, first, last)
    return Ledger(first, last, sections, looks, articles)


def count_articles(connection: sqlite3.Connection, site: str, first: date, last: date) -> Articles:
    """Count a site's articles from one printed day to another, by section and day (see Ledger)."""
    before = last + _DAY if last < date.max else last
    # An archive that was not opened for writing since version 4 lacks the index.
    has_index = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles_facets'").fetchone()
    sql = _ARTICLES.format(index="INDEXED BY articles_facets" if has_index else "")
    # A month without a day sorts before its first day.
    days = [first.isoformat().removesuffix("-01"), before.isoformat()]
    together: dict[str, int] = {}
    articles: dict[str | None, dict[str, int]] = {None: together}
    for section, day, number in connection.execute(sql, [site, *id_bounds(first, before), *days]):
        articles.setdefault(section, {})[day] = number
        together[day] = together.get(day, 0) + number
    return articles


def require_site(connection: sqlite3.Connection, site: str) -> None:
    """Raise QueryError for a site that the archive does not know."""
    if connection.execute("SELECT 1 FROM sites WHERE id = ?", [site]).fetchone():
        return
    near = get_close_matches(site, [row[0] for row in connection.execute("SELECT id FROM sites")], n=3)
    raise QueryError(
        f"site {site[:40]!r}: not in this archive; "
        + (f"did you mean {', '.join(near)}?" if near else "`union-archive sites` lists them"),
        f"本档案没有站点“{site[:40]}”，" + (f"是否指 {'、'.join(near)}？" if near else "请查看站点列表"),
    )


def bounds(connection: sqlite3.Connection, site: str) -> tuple[date, date] | None:
    """Return the first and the last day on which anybody looked at a site; None for never."""
    first, last = connection.execute(_BOUNDS, {"site": site}).fetchone()
    return None if first is None else (date.fromisoformat(first), date.fromisoformat(last))


def spans(days: Sequence[Day]) -> Iterator[Span]:
    """Yield days in a row of one kind as spans, in their order."""
    for kind, group in groupby(days, key=lambda day: day.kind):
        held = list(group)
        partly = sum(day.partly for day in held)
        yield Span(held[0].day, held[-1].day, held[0].state, kind, partly, sum(day.articles for day in held))


def today() -> date:
    """Return the day that it is at +08:00."""
    return clock.utcnow().astimezone(_BEIJING).date()


def _day(day: date, looks: Sequence[Look], articles: int) -> Day:
    """Put the looks of a day together."""
    if not looks:
        return Day(day, articles=articles)
    return Day(
        day,
        min((look.outcome for look in looks), key=lambda outcome: _RANK.get(outcome, len(_RANK))),
        max(look.depth for look in looks),
        sum(look.links for look in looks),
        sum(look.new for look in looks),
        articles,
        looked=sum(look.outcome in LOOKED for look in looks),
        failed=sum(look.outcome not in LOOKED for look in looks),
    )
