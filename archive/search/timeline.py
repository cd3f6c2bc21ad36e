"""Hits per month, beside what the same sites published then, and the months in which nobody looked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from archive.search.find import Hits, prepare
from archive.search.selection import Selection


@dataclass(frozen=True, slots=True)
class Month:
    """A month, `2024-05`, by the printed date.

    `hits` are the articles of the selection, `published` all articles of the sites it is narrowed to. `looked` is False
    when none of these sites was looked at in the month: then silence says nothing.
    """

    month: str
    hits: int
    published: int
    looked: bool

    @property
    def share(self) -> float | None:
        """Hits among what was published, 0 to 1; None where nothing was."""
        return self.hits / self.published if self.published else None


def timeline(connection: sqlite3.Connection, selection: Selection) -> list[Month]:
    """Return the months from the first article to the last, without holes; undated articles are in none.

    The months are those between the first and the last that the sites published in, or looked at.
    Raises QueryError and ArchiveError, as `archive.search.find.find`.
    """
    asked = prepare(connection, selection)
    hits = Hits(asked)
    # A month's articles lie together in the index of ids, so the second table is walked beside the first.
    sql = (
        f"SELECT substr(a.published_at, 1, 7) AS month, count(*) FROM ({hits.sql(newest_first=False)}) AS hits"
        " CROSS JOIN articles AS a INDEXED BY articles_facets ON a.id = hits.id GROUP BY month"
    )
    if asked.match is None and not (asked.after or asked.before):
        found = _published(connection, None)
    else:
        found = {row[0]: row[1] for row in connection.execute(sql, hits.values) if row[0]}
    published = _published(connection, asked.sites)
    looked = _looked(connection, asked.sites)
    every = [*published, *looked]
    if not every:
        return []
    return [
        Month(month, found.get(month, 0), published.get(month, 0), month in looked)
        for month in _months(min(every), max(every))
    ]


def _published(connection: sqlite3.Connection, sites: tuple[str, ...] | None) -> dict[str, int]:
    where, values = _of_sites(sites)
    sql = f"SELECT month, sum(articles) FROM months WHERE month != ''{where} GROUP BY month"
    return {row[0]: row[1] for row in connection.execute(sql, values)}


def _looked(connection: sqlite3.Connection, sites: tuple[str, ...] | None) -> set[str]:
    """Return the months in which a listing was read, whatever stood on it."""
    where, values = _of_sites(sites)
    sql = f"SELECT DISTINCT substr(day, 1, 7) FROM looks WHERE outcome IN ('read', 'unchanged', 'empty'){where}"
    return {row[0] for row in connection.execute(sql, values)}


def _of_sites(sites: tuple[str, ...] | None) -> tuple[str, tuple[str, ...]]:
    if sites is None:
        return "", ()
    return f" AND site IN ({', '.join('?' * len(sites))})", sites


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:7])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
