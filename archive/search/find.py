"""Asking the archive: hits with excerpts, how many there are, and what they are made of."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from archive.search import index, single
from archive.search.match import Plan, id_bounds, plan, read_sites, words_match
from archive.search.query import Term
from archive.search.rank import ranked
from archive.search.selection import UNKNOWN, Selection
from archive.search.snippets import Pieces, excerpt, from_first, mark, stands

#: Hits that are counted, ranked and looked at for facets: what one request may cost is bounded by it.
NEWEST = 20_000
PAGE = 20

Order = Literal["newest", "relevance"]

#: The printed day; a month counts as its 15th, as in the order of articles.id.
DAY = "CASE length(a.published_at) WHEN 7 THEN a.published_at || '-15' ELSE substr(a.published_at, 1, 10) END"
_SHOWN = (
    "a.id, a.uid, a.url, a.site, a.section, a.title, a.kicker, a.subtitle, a.source, a.published_at, a.language,"
    " a.revision, a.withdrawn_at, a.fetched_at, a.first_seen_at, a.text"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that was found: its `row`, its headline and an excerpt in pieces.

    `attachment` is the name of the attachment that the excerpt is from, where the article itself has none of the words.
    """

    row: sqlite3.Row
    title: Pieces
    snippet: Pieces
    attachment: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many articles were found; with `more`, at least so many."""

    number: int
    more: bool


def find(
    connection: sqlite3.Connection,
    selection: Selection,
    *,
    order: Order = "newest",
    limit: int = PAGE,
    offset: int = 0,
) -> list[Hit]:
    """Return the articles of a selection, newest first, or the best of the newest 20,000 first.

    Raises QueryError for a selection that cannot be understood, ArchiveError when the index must be made again.
    """
    asked = prepare(connection, selection)
    if order == "relevance" and asked.words:
        hits = Hits(asked)
        chosen, more = ranked(connection, asked, f"{hits.sql()} LIMIT {NEWEST}")
    else:
        hits = _newest(connection, asked, single.COMMON)
        chosen, more = hits.sql(), []
    sql = (
        f"WITH hits AS MATERIALIZED ({chosen} LIMIT ? OFFSET ?) SELECT {_SHOWN} FROM hits JOIN articles AS a"
        " ON a.id = hits.id ORDER BY hits.place"
    )
    rows = connection.execute(sql, [*hits.values, *more, limit, offset]).fetchall()
    return [_hit(connection, row, asked.words) for row in rows]


def _hit(connection: sqlite3.Connection, row: sqlite3.Row, words: tuple[Term, ...]) -> Hit:
    title, snippet = mark(row["title"], words), excerpt(row["text"], words)
    if words and not any(marked for _, marked in (*title, *snippet)):
        found = in_attachment(connection, row, words)
        if found is not None:
            return Hit(row, title, excerpt(found[1], words), found[0])
    return Hit(row, title, snippet)


def in_attachment(connection: sqlite3.Connection, row: sqlite3.Row, words: tuple[Term, ...]) -> tuple[str, str] | None:
    """Return the name and the text of the first attachment with any of the words, where the article has none of them.

    `row` is the article's, with its id, headline and text. The text that is returned begins shortly before the word: an
    excerpt looks at the first characters only.
    """
    sql = "SELECT attachments, attached FROM articles WHERE id = ? AND attached != '[]'"
    held = connection.execute(sql, [row["id"]]).fetchone()
    if held is None or any(stands(row[name], words) for name in ("title", "kicker", "subtitle", "text")):
        return None
    try:
        named = {item["url"]: item.get("name") or item["url"] for item in json.loads(held["attachments"])}
        read = [(item["url"], str(item.get("text") or "")) for item in json.loads(held["attached"])]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # another program wrote it: it was found, and nothing can be shown of it
    for url, text in read:
        if url in named and stands(text, words):
            return named[url], from_first(text, words)
    return None


def count(connection: sqlite3.Connection, selection: Selection, limit: int = NEWEST) -> Count:
    """Return how many articles a selection has: exact up to `limit`."""
    asked = prepare(connection, selection)
    common = asked.single and single.look(connection, asked.single)
    if common and _number(connection, Hits(_with(asked, words_match(common.words))), limit + 1) > limit:
        return Count(limit, True)
    number = _number(connection, Hits(asked), limit + 1)
    return Count(min(number, limit), number > limit)


def _number(connection: sqlite3.Connection, hits: Hits, limit: int) -> int:
    return int(connection.execute(f"SELECT count(*) FROM ({hits.sql()} LIMIT ?)", [*hits.values, limit]).fetchone()[0])


def _with(asked: Plan, match: str) -> Plan:
    """Return the plan with another expression in place of its single character."""
    return replace(asked, match=f"({asked.rest}) AND {match}" if asked.rest else match)


def _newest(connection: sqlite3.Connection, asked: Plan, share: float) -> Hits:
    """Return the hits, by the quicker way where a single character is asked for (archive.search.single)."""
    common = asked.single and single.look(connection, asked.single)
    if not common or common.share < share:
        return Hits(asked)
    hits = Hits(replace(asked, match=asked.rest))
    condition, forms = common.condition
    hits.narrow(f"EXISTS (SELECT 1 FROM articles AS t WHERE t.id = {hits.key} AND ({condition}))", *forms)
    return hits


def facets(
    connection: sqlite3.Connection, selection: Selection, newest: int = NEWEST, top: int = 15
) -> dict[str, list[tuple[str, int]]]:
    """Return how often each site, level, region, section, source, year and language stands among the newest hits.

    The most frequent first, at most `top` of each; years newest first, all of them, `unknown` last.
    """
    hits = _newest(connection, prepare(connection, selection), single.EVERYWHERE)
    sql = (
        f"WITH hits AS MATERIALIZED ({hits.sql()} LIMIT ?)"
        " SELECT a.site, a.section, a.source, a.language, substr(a.published_at, 1, 4), count(*)"
        " FROM hits CROSS JOIN articles AS a INDEXED BY articles_facets ON a.id = hits.id GROUP BY 1, 2, 3, 4, 5"
    )
    names = ("site", "section", "source", "language", "year")
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for *cells, number in connection.execute(sql, [*hits.values, newest]):
        for name, value in zip(names, cells, strict=True):
            counts[name][value] += number
    counts["year"][UNKNOWN] = counts["year"].pop(None, 0)  # type: ignore[call-overload]
    for name, column in (("level", "level"), ("region", "region")):
        counts[name] = Counter()
        for site in read_sites(connection):
            if number := counts["site"].get(site.id):
                counts[name][getattr(site, column)] += number
    shown = {name: _top(counts[name], top) for name in ("site", "level", "region", "section", "source", "language")}
    years = sorted((year for year, number in counts["year"].items() if number), reverse=True)
    years.sort(key=lambda year: year == UNKNOWN)
    return shown | {"year": [(year, counts["year"][year]) for year in years]}


def _top(counts: Counter[str], top: int) -> list[tuple[str, int]]:
    held = [(value, number) for value, number in counts.items() if value]
    return sorted(held, key=lambda pair: (-pair[1], pair[0]))[:top]


def changes(connection: sqlite3.Connection, selection: Selection, since: int, until: int) -> Iterator[int]:
    """Yield the change numbers of a selection's articles after `since` and up to `until`, in no order."""
    hits = Hits(prepare(connection, selection))
    sql = (
        f"SELECT a.change FROM ({hits.sql(newest_first=False)}) AS hits"
        " CROSS JOIN articles AS a INDEXED BY articles_facets ON a.id = hits.id WHERE a.change > ? AND a.change <= ?"
    )
    for row in connection.execute(sql, [*hits.values, since, until]):
        yield row[0]


def prepare(connection: sqlite3.Connection, selection: Selection) -> Plan:
    """Return what to ask SQLite for a selection. Raises QueryError and ArchiveError, as `find`."""
    index.require(connection)
    return plan(selection, read_sites(connection))


class Hits:
    """SQL for the ids of what was asked for."""

    def __init__(self, asked: Plan) -> None:
        self.values: list[Any] = []
        self.key = "a.id" if asked.match is None else "f.rowid"
        self._conditions: list[str] = []
        dated = asked.after or asked.before
        self._from = "articles AS a INDEXED BY articles_facets" if dated else "articles AS a"
        if asked.match is not None:
            self._from = f"{index.INDEX} AS f"
            self.narrow(f"f.{index.INDEX} MATCH ?", asked.match)
        if dated:
            self.narrow(f"{self.key} BETWEEN ? AND ?", *id_bounds(asked.after, asked.before))
            days, bounds = _days(asked)
            if asked.match is not None:
                days = (
                    f"EXISTS (SELECT 1 FROM articles AS a INDEXED BY articles_facets WHERE a.id = f.rowid AND {days})"
                )
            self.narrow(days, *bounds)

    def narrow(self, condition: str, *values: Any) -> None:
        """Add a condition and its parameters."""
        self._conditions.append(condition)
        self.values += values

    def sql(self, *, newest_first: bool = True) -> str:
        """Return a SELECT of `id` and `place`, the order; its parameters are `values`."""
        where = f" WHERE {' AND '.join(self._conditions)}" if self._conditions else ""
        ordered = f" ORDER BY {self.key} DESC" if newest_first else ""
        return f"SELECT {self.key} AS id, -{self.key} AS place FROM {self._from}{where}{ordered}"


def _days(asked: Plan) -> tuple[str, list[str]]:
    pairs = [(">=", asked.after), ("<", asked.before)]
    held = [(sign, day.isoformat()) for sign, day in pairs if day is not None]
    return " AND ".join(f"{DAY} {sign} ?" for sign, _ in held), [day for _, day in held]
