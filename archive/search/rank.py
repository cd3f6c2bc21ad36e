"""The best of the newest hits first.

SQLite's bm25 first counts, for each word and each filter of a query, the articles of the whole archive that hold it:
among a million articles a tenth of a second and more for a word that stands in most of them. By the same count such a
word tells next to nothing (its weight is the logarithm of the articles without it by those with it), and a filter tells
nothing at all. So only the words that tell something are handed to bm25. Where none does, a word counts when it stands
in the headline.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from archive.search import index
from archive.search.match import Plan, word

#: Share of the articles from which a word tells little: a weight of 2.2 and less, where a rare one has 7 to 13.
COMMON = 0.1
#: Newest articles that tell in how many a word stands.
SAMPLE = 2_000
#: In a smaller archive every word is counted: that takes milliseconds.
MANY = 50_000
#: What a word of the headline is worth, in words of the body.
HEADLINE = 8.0
#: What a word of an attachment is worth: an article that is found by an attachment alone comes after all others.
ATTACHED = 0.0


def ranked(connection: sqlite3.Connection, asked: Plan, newest: str) -> tuple[str, list[Any]]:
    """Return a SELECT of `id` and `place` over the hits of `newest`, best first, and the parameters that follow its.

    `newest` is a SELECT of `id`; its parameters come first.
    """
    words = [expression for term in dict.fromkeys(asked.words) if (expression := word(term))]
    values: list[Any]
    telling = _telling(connection, words)
    if telling:
        match = " OR ".join(telling)
        scored = _SCORED.format(index=index.INDEX, headline=HEADLINE, attached=ATTACHED, within=_WITHIN)
        values = [match]
    else:
        one = f"SELECT rowid AS id, ? AS score FROM {index.INDEX} WHERE {index.INDEX} MATCH ? {_WITHIN}"
        pairs = list(_plainly(connection, words))
        scored = f"SELECT id, sum(score) AS score FROM ({' UNION ALL '.join([one] * len(pairs))}) GROUP BY id"
        values = [value for pair in pairs for value in pair]
    sql = (
        f"WITH newest AS MATERIALIZED ({newest}), scored AS MATERIALIZED ({scored})"
        " SELECT newest.id, row_number() OVER (ORDER BY coalesce(scored.score, 0), newest.id DESC) AS place"
        " FROM newest LEFT JOIN scored ON scored.id = newest.id ORDER BY place"
    )
    return sql, values


def _plainly(connection: sqlite3.Connection, words: Sequence[str]) -> Iterator[tuple[float, str]]:
    """Yield what an article's score is, the less the better, and the expression for it, where no word is telling.

    A word of the headline takes one off, a word that stands in an attachment alone puts less on; few archives have any.
    """
    yield from ((-1.0, f"{{title}} : {expression}") for expression in words)
    if connection.execute("SELECT 1 FROM articles WHERE attached != '[]' LIMIT 1").fetchone():
        small = 0.5 / len(words)
        yield from ((small, f"({{attached}} : {one}) NOT ({{text title}} : {one})") for one in words)


_WITHIN = "AND rowid >= (SELECT min(id) FROM newest)"
_SCORED = (
    "SELECT rowid AS id, bm25({index}, 1.0, {headline}, 0.0, {attached}) AS score FROM {index}"
    " WHERE {index} MATCH ? {within} AND +rowid IN (SELECT id FROM newest)"
)


def _telling(connection: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """Return the words that stand in few of the newest articles; all of them in a small archive."""
    if (connection.execute("SELECT sum(articles) FROM months").fetchone()[0] or 0) < MANY:
        return list(words)
    last = "SELECT id FROM articles INDEXED BY articles_facets ORDER BY id DESC LIMIT 1 OFFSET ?"
    sql = f"SELECT count(*) FROM {index.INDEX} WHERE {index.INDEX} MATCH ? AND rowid >= ({last})"
    held = {one: connection.execute(sql, [one, SAMPLE - 1]).fetchone()[0] for one in words}
    return [one for one in words if held[one] < COMMON * SAMPLE]
