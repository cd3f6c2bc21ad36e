"""The coverage of a site as pages show it: a year of the ledger, and its calendar.

Only the articles are kept until the archive changes, since they take long to count: the looks of a year are read in
milliseconds, and those of hundreds of sites would fill the memory.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

from archive import coverage
from archive.coverage import Day, Ledger
from archive.search.selection import QueryError
from archive.web import calendar
from archive.web.asking import ask
from archive.web.holdings import counted
from archive.web.language import Interface
from archive.web.terms import term

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Kinds of days in the order of the key.
KINDS = (*coverage.LOOKED, *coverage.FAILED, "nobody")


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a site's ledger, and the years before and after it that pages lead to."""

    year: int
    today: date
    ledger: Ledger
    previous: int | None
    next: int | None

    @property
    def ever(self) -> bool:
        """Whether anybody has ever looked at the site."""
        return bool(self.ledger.sections)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The picture, and what its key explains: kinds of days, whether there are dots, and cut corners."""

    picture: Markup
    kinds: tuple[str, ...]
    dots: bool
    corners: bool


def read_year(text: str) -> int | None:
    """Read a year of an address; None where none is given. Raises QueryError."""
    if not text:
        return None
    if not re.fullmatch(r"[12][0-9]{3}", text):
        raise QueryError(
            f"year: {text[:40]!r} is no year; write four digits, such as 2025",
            f"year：“{text[:40]}”不是年份，请写四位数字，如 2025",
        )
    return int(text)


async def year_of(datasette: Datasette, site: str, asked: int | None = None) -> Year:
    """Return a year of a site: the one asked for, else the last in which anybody looked at it, else this one.

    Raises QueryError for a site that the archive does not know.
    """
    today = coverage.today()
    looked = await ask(datasette, lambda connection: _bounds(connection, site))
    earliest, latest = (today.year, today.year) if looked is None else (looked[0].year, looked[1].year)
    shown = asked or min(latest, today.year)
    days = (date(shown, 1, 1), date(shown, 12, 31))

    def count(connection: sqlite3.Connection) -> coverage.Articles:
        return coverage.count_articles(connection, site, *days)

    articles = await counted(datasette, ("articles by day", site, shown), count)
    ledger = await ask(datasette, lambda connection: coverage.read(connection, site, *days, articles))
    return Year(
        shown,
        today,
        ledger,
        min(shown - 1, today.year) if shown > earliest else None,
        max(shown + 1, earliest) if shown < today.year else None,
    )


def calendar_of(ui: Interface, year: Year, days: Sequence[Day], link: Callable[[str], str]) -> Calendar:
    """Draw the days of a year; `link` makes the address of a month."""
    squares = [
        calendar.Square(day.day, day.outcome or "nobody", tooltip(ui, day), bool(day.articles), day.partly)
        for day in days
    ]
    tally = year.ledger.tally(days)
    counts = {"looked": tally.looked, "failed": tally.failed, "nobody": tally.nobody}
    picture = calendar.year(
        squares,
        title=str(ui.t("coverage.calendar", year=year.year)),
        description=str(ui.t("coverage.calendar_text", year=year.year, days=tally.days, **counts)),
        months=str(ui.t("coverage.month_names")).split(),
        weekdays=str(ui.t("coverage.weekdays")).split(),
        links={number: link(f"{year.year:04}-{number:02}") for number in {day.day.month for day in days}},
    )
    shown = {square.kind for square in squares}
    return Calendar(
        picture,
        tuple(kind for kind in KINDS if kind in shown),
        any(square.dot for square in squares),
        any(square.corner for square in squares),
    )


def tooltip(ui: Interface, day: Day) -> str:
    """Return what a day says: its date, what came of looking, and what bears it."""
    said = [term(ui, "look", day.outcome or "nobody")]
    if day.articles:
        said.append(str(ui.t("coverage.articles_one" if day.articles == 1 else "coverage.articles_n", n=day.articles)))
    elif day.kind == "looked" and not day.partly:
        said.append(str(ui.t("coverage.silent")))
    if day.partly:
        said.append(str(ui.t("coverage.sections_partly", n=day.failed, all=day.looked + day.failed)))
    weekday = str(ui.t("coverage.weekdays")).split()[day.day.weekday()]
    return str(ui.t("coverage.day_said", day=day.day, weekday=weekday, said=str(ui.t("coverage.and")).join(said)))


def _bounds(connection: sqlite3.Connection, site: str) -> tuple[date, date] | None:
    coverage.require_site(connection, site)
    return coverage.bounds(connection, site)
