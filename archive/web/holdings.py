"""What the archive holds, counted: by site and month, by section, and when sites were looked at.

Counts are kept until the archive changes (archive.web.cache); titles and texts are always read.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from archive.coverage import LOOKED
from archive.web.cache import cached
from archive.web.metadata import DATABASE

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")

# Walks the names in the index articles_section, the last of them NULL, and counts in it.
_SECTIONS = """
WITH RECURSIVE named(section) AS (
    SELECT min(section) FROM articles UNION ALL
    SELECT (SELECT min(section) FROM articles WHERE section > named.section) FROM named WHERE section IS NOT NULL
)
SELECT coalesce(section, '') AS section,
    (SELECT count(*) FROM articles WHERE section IS named.section AND site = :site) AS articles,
    (SELECT published_at FROM articles WHERE section IS named.section AND site = :site ORDER BY id DESC LIMIT 1)
        AS newest
FROM named WHERE articles > 0 ORDER BY articles DESC
"""
_MONTHS = "SELECT site, month, articles FROM months"
# An archive that was not opened for writing since version 4 lacks the table and the index.
_MONTHS_BEFORE_4 = "SELECT site, coalesce(substr(published_at, 1, 7), ''), count(*) FROM articles GROUP BY 1, 2"
# Of each site, the last entry of the index articles_site.
_NEWEST = """
SELECT s.id, (SELECT published_at FROM articles WHERE site = s.id ORDER BY id DESC LIMIT 1) AS newest FROM sites AS s
WHERE newest IS NOT NULL
"""
_LOOKS = "SELECT site, max(day) FROM looks GROUP BY site"
_WITHDRAWN = "SELECT count(*) FROM articles WHERE withdrawn_at IS NOT NULL"
_LOOKED = f"""
SELECT DISTINCT substr(day, 1, 7) FROM looks WHERE site = ? AND outcome IN {LOOKED}
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a site: how many articles it holds, and the date of the newest; "" where articles name none."""

    name: str
    articles: int
    newest: str | None


async def counted(datasette: Datasette, key: object, count: Callable[[sqlite3.Connection], T]) -> T:
    """Return what `count` gives for the archive's database, kept until it changes."""
    db = datasette.get_database(DATABASE)

    async def compute() -> T:
        counts: T = await db.execute_fn(count)
        return counts

    return await cached(datasette, key, compute)


async def months(datasette: Datasette) -> Mapping[str, Mapping[str, int]]:
    """Return, by site, the number of articles by month (`2024-05`); "" is for those without a date."""

    def count(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for site, month, articles in connection.execute(_MONTHS if _version_4(connection) else _MONTHS_BEFORE_4):
            found.setdefault(site, {})[month] = articles
        return found

    return await counted(datasette, "months", count)


async def sections(datasette: Datasette, site: str) -> list[Section]:
    """Return the sections of a site that hold articles, those with the most first."""

    def count(connection: sqlite3.Connection) -> list[Section]:
        return [Section(*row) for row in connection.execute(_SECTIONS, {"site": site})]

    return await counted(datasette, ("sections", site), count)


async def last_looks(datasette: Datasette) -> Mapping[str, str]:
    """Return, by site, the day (+08:00) of the last look at any of its sections."""
    return await counted(datasette, "looks", lambda connection: dict(connection.execute(_LOOKS).fetchall()))


async def newest(datasette: Datasette) -> Mapping[str, str | None]:
    """Return, by site that holds articles, the date of the newest as printed."""

    def count(connection: sqlite3.Connection) -> dict[str, str | None]:
        return dict(connection.execute(_NEWEST).fetchall())

    return await counted(datasette, "newest", count)


async def looked_months(datasette: Datasette, site: str) -> frozenset[str]:
    """Return the months in which somebody saw what a site listed."""

    def count(connection: sqlite3.Connection) -> frozenset[str]:
        return frozenset(row[0] for row in connection.execute(_LOOKED, [site]))

    return await counted(datasette, ("looked", site), count)


async def earlier_versions(datasette: Datasette) -> int:
    """Return how many versions are held that pages no longer say."""
    sql = "SELECT (SELECT count(*) FROM revisions) - (SELECT count(*) FROM articles)"
    return await counted(datasette, "versions", lambda connection: int(connection.execute(sql).fetchone()[0]))


async def withdrawn(datasette: Datasette) -> int:
    """Return how many articles their sites have withdrawn."""
    return await counted(datasette, "withdrawn", lambda connection: int(connection.execute(_WITHDRAWN).fetchone()[0]))


def total(by_site: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """Add up the months of sites."""
    together: Counter[str] = Counter()
    for by_month in by_site.values():
        together.update(by_month)
    return together


def _version_4(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'months'").fetchone() is not None
