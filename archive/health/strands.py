"""What the pages of each section yielded: the last days one by one, what came before them in sums."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from itertools import accumulate

from archive.article import Article

#: Counts of a day, by their place: pages read, of these articles, of these read by a layout of the site's own; articles
#: with a date, a source, authors, editors, images; articles without lost characters; characters of their texts.
PAGES, ARTICLES, MATCHED, DATED, SOURCED, SIGNED, EDITED, ILLUSTRATED, WHOLE, CHARACTERS = range(10)
Counts = tuple[int, ...]
NOTHING: Counts = (0,) * 10

#: Days of a section that are looked at one by one, and rows of `readings` before them that tell what is usual; the
#: few days that tell whether all of that is worth reading.
DAYS, ROWS, GLANCE = 30, 80, 5
#: How far back anything is looked at.
YEAR = timedelta(days=400)
#: A section whose last page was read so long before the site's last one has nothing to tell.
LEFT = timedelta(days=60)

SUMS = """
sum(pages), sum(iif(layout != '', pages, 0)), sum(iif(layout NOT IN ('', 'generic'), pages, 0)), sum(dated),
sum(sourced), sum(signed), sum(edited), sum(illustrated), sum(iif(layout != '', pages - damaged, 0)), sum(characters)
"""
_DAYS = f"""
SELECT day, {SUMS} FROM readings WHERE site = ? AND section = ? AND day >= ? GROUP BY day ORDER BY day DESC LIMIT ?
"""
_BEFORE = f"""
SELECT {SUMS} FROM (
    SELECT * FROM readings WHERE site = ? AND section = ? AND day < ? AND day >= ? ORDER BY day DESC LIMIT {ROWS}
)
"""


#: Behind a day: the part of it that the last run read. It sorts after the day, and before the next one.
RUN = "~"


@dataclass(slots=True)
class Read:
    """What the pages of one run yielded, by section: tells them from those of earlier runs of the same day."""

    sections: dict[str, Counts] = field(default_factory=dict)

    def note(self, section: str | None, article: Article | None) -> None:
        """Count a page that was read, as `archive.readings.note_reading` does; `article` is None where it gave none."""
        counts = (1, *NOTHING[1:])
        if article is not None:
            values = (
                article.layout != "generic", article.published_at is not None, article.source is not None,
                article.authors or article.correspondents, article.editors, article.images, not article.damaged,
            )  # fmt: skip
            counts = (1, 1, *map(int, map(bool, values)), len(article.text))
        self.sections[section or ""] = add(self.sections.get(section or "", NOTHING), counts)


@dataclass(frozen=True, slots=True)
class Strand:
    """One section: its last days with pages, the newest first, and the sums of what was read before each of them."""

    section: str
    days: Sequence[tuple[str, Counts]]
    pasts: Sequence[Counts]
    """Before each of the days, in their order; as far back as is looked at."""

    @classmethod
    def of(cls, section: str, days: Sequence[tuple[str, Counts]], before: Counts) -> Strand:
        """Return a section by its days, and the sums of what was read before all of them."""
        sums = list(accumulate((counts for _, counts in reversed(days)), add, initial=before))
        return cls(section, days, sums[-2::-1])

    def since(self, day: str) -> Counts:
        """Return the sums of the days from one on, of those that are held one by one."""
        found = NOTHING
        for held, counts in self.days:
            if held >= day:
                found = add(found, counts)
        return found

    def past(self, day: str) -> Counts:
        """Return the sums of what was read before a day."""
        found = NOTHING
        for (held, counts), before in zip(self.days, self.pasts, strict=True):
            if held < day:
                return add(before, counts)
            found = before
        return found


def add(one: Counts, other: Counts) -> Counts:
    """Return the sums of counts."""
    return tuple(map(operator.add, one, other))


def read(
    connection: sqlite3.Connection, site: str, last_days: Mapping[str, str], run: Mapping[str, Counts], days: int = DAYS
) -> list[Strand]:
    """Return the sections of a site that pages were read of lately, with so many days.

    `last_days` are those of all its sections; `run` is what the last run read of them, {} where that is not known.
    """
    newest = max(last_days.values(), default="")
    if not newest:
        return []
    oldest = (date.fromisoformat(newest) - YEAR).isoformat()
    lately = (date.fromisoformat(newest) - LEFT).isoformat()
    strands = []
    for section, last in last_days.items():
        if last < lately:
            continue
        held = [(row[0], tuple(row)[1:]) for row in connection.execute(_DAYS, [site, section, oldest, days])]
        before = tuple(connection.execute(_BEFORE, [site, section, held[-1][0], oldest]).fetchone())
        held[:1] = _split(*held[0], run.get(section, NOTHING))
        strands.append(Strand.of(section, held, NOTHING if before[0] is None else before))
    return strands


def _split(day: str, counts: Counts, run: Counts) -> list[tuple[str, Counts]]:
    """Return a day as what the last run read of it and what earlier ones did, where it was both."""
    earlier = tuple(one - other for one, other in zip(counts, run, strict=True))
    if not run[PAGES] or not earlier[PAGES] or min(earlier) < 0:
        return [(day, counts)]
    return [(day + RUN, run), (day, earlier)]


def since(connection: sqlite3.Connection, site: str, sections: Iterable[str], day: str) -> Counts:
    """Return the sums of sections from a day on, however long ago."""
    query = f"SELECT {SUMS} FROM readings WHERE site = ? AND section = ? AND day >= ?"
    rows = [tuple(connection.execute(query, [site, section, day]).fetchone()) for section in sections]
    return reduce(add, (row for row in rows if row[0] is not None), NOTHING)


def layouts(connection: sqlite3.Connection, site: str, sections: Iterable[str], before: str) -> list[str]:
    """Return the site's own layouts that read most pages of sections before a day, the most used first."""
    oldest = (date.fromisoformat(before.removesuffix(RUN)) - YEAR).isoformat()
    query = """
        SELECT layout, sum(pages) FROM readings
        WHERE site = ? AND section = ? AND day >= ? AND day < ? AND layout NOT IN ('', 'generic') GROUP BY layout
    """
    pages: dict[str, int] = {}
    for section in sections:
        for layout, number in map(tuple, connection.execute(query, [site, section, oldest, before])):
            pages[layout] = pages.get(layout, 0) + number
    ordered = sorted(pages, key=lambda layout: -pages[layout])
    return [layout for layout in ordered if pages[layout] * 10 > sum(pages.values())]
