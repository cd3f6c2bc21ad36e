"""Whether the search index holds the words of the articles, all of them, each at its place, and no others.

FTS5's own `integrity-check` says nothing of that: the index is contentless, so there is no text that it could compare
with. Here today's words of the articles are indexed anew in memory, some thousand articles at a time, and both sides
are compared: the words of each article by their number, and all words by a sum over (word, article, column, place).
SQLite adds it up word by word, so that a million articles take as much memory as a thousand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from archive.problems import REINDEX, Problem, Report
from archive.search import index, tokens

#: Articles indexed in memory at once: more of them have more words in common.
_CHUNK = 4_000
_PAGE = 200
#: Articles are named one by one up to so many: a broken index has a million of them.
_NAMED = 8

_COLUMNS = "text, title, tags, attached"
_PRIME = 2_147_483_629
# Where a word stands, as one number; its parts are multiplied, so that no swap of places leaves their sum as it was.
# SQLite's integers overflow where a factor is not kept small.
_PLACE = "(doc % 2147483647 + (doc % 8191 + 40503) * offset + {column} * 131) % 2147483629"
_COLUMN = "CASE col WHEN 'text' THEN 1 WHEN 'title' THEN 2 WHEN 'tags' THEN 3 ELSE 4 END"
_PLACED = _PLACE.format(column=f"({_COLUMN})")
_SUM = f"SELECT term, count(*), sum({_PLACED}) FROM temp.{{words}} GROUP BY term"
_ALL = f"SELECT term, doc, {_PLACED} FROM temp.{{words}}"
#: Sums of single articles are kept in 64 bits.
_MASK = 2**64 - 1
#: Which articles have other words is looked for, word by word, where there are so many at most: for a million it would
#: take an hour, and the index is made again as a whole anyway.
_SEARCHED = 50_000

#: What SQLite says of an index that is not there, or of which parts are lost.
_BROKEN = ("vtable constructor failed", "no such")

Advance = Callable[[int], object]


def check(connection: sqlite3.Connection, report: Report, advance: Advance = lambda _: None) -> int:
    """Check the index and `months` of archive.db, as of one moment; return how many articles were compared.

    `advance` hears of articles. A crawl may write meanwhile, its WAL is not emptied until this has ended.
    """
    if not index.is_current(connection):
        report(Problem(index.INDEX, "was made by other rules than today's", REINDEX))
        return 0
    told = _Told(report)
    try:
        with _moment(connection):
            _check_months(connection, report)
            _check_strangers(connection, told)
            number, today = _compare(connection, told, advance)
            if not told.number and today != _total(connection, "index_words"):
                if number <= _SEARCHED:
                    _search(connection, told)
                if not told.number:
                    told.all("holds other words than the articles, or at other places")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not any(words in str(error) for words in _BROKEN):
            raise  # locked, interrupted: not the index's fault
        report(Problem(index.INDEX, f"cannot be read ({error})", REINDEX))
        return 0
    told.finish()
    return number


@contextmanager
def _moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Have all that is read be of one moment, the words of the index (`temp.index_words`) too."""
    connection.execute(f"CREATE VIRTUAL TABLE temp.index_words USING fts5vocab(main, {index.INDEX}, 'instance')")
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.execute("DROP TABLE temp.index_words")


class _Told:
    """Reports what is wrong with single articles: the first few by name, all others by their number."""

    def __init__(self, report: Report) -> None:
        self.number = 0
        self._report = report

    def __call__(self, where: str, what: str) -> None:
        self.number += 1
        if self.number <= _NAMED:
            self._report(Problem(f"{index.INDEX}: {where}", what, REINDEX))

    def all(self, what: str) -> None:
        """Report what is wrong with the index as a whole."""
        self._report(Problem(index.INDEX, what, REINDEX))

    def finish(self) -> None:
        """Say how many there are besides those that were named."""
        if self.number > _NAMED:
            self.all(f"so it is with {self.number - _NAMED:,} more rows")


def _check_months(connection: sqlite3.Connection, report: Report) -> None:
    sql = """
        SELECT site, month, sum(held) AS held, sum(counted) AS counted FROM (
            SELECT site, month, articles AS held, 0 AS counted FROM main.months
            UNION ALL SELECT site, coalesce(substr(published_at, 1, 7), ''), 0, 1 FROM main.articles
        ) GROUP BY 1, 2 HAVING sum(held) != sum(counted)
    """
    for site, month, held, counted in connection.execute(sql):
        what = f"says {held:,} articles, there are {counted:,}"
        report(Problem(f"months: {site}, {month or 'no date'}", what, REINDEX))


def _check_strangers(connection: sqlite3.Connection, told: _Told) -> None:
    """Look for rows of the index that are of no article."""
    sql = f"SELECT id FROM main.{index.INDEX}_docsize WHERE id NOT IN (SELECT id FROM main.articles)"
    for row in connection.execute(sql):
        told(f"row {row[0]}", "is of no article")


def _compare(connection: sqlite3.Connection, told: _Told, advance: Advance) -> tuple[int, int]:
    """Compare the number of each article's words; return how many articles, and the sum over today's words."""
    number = today = 0
    with _memory() as memory:
        for first, last, names in _chunks(connection, memory, advance):
            number += len(names)
            sizes = f"SELECT id, sz FROM main.{index.INDEX}_docsize WHERE id BETWEEN ? AND ?"
            held = {row[0]: row[1] for row in connection.execute(sizes, [first, last])}
            for id_, size in memory.execute(f"SELECT id, sz FROM {index.INDEX}_docsize"):
                if id_ not in held:
                    told(f"article {names[id_]}", "is not in it")
                elif held[id_] != size:
                    told(f"article {names[id_]}", "has another number of words there than its text has")
            if not told.number:
                today += _total(memory, "today")
    return number, today


def _search(connection: sqlite3.Connection, told: _Told) -> None:
    """Name the articles whose words are others than those of the index, though as many."""
    held: dict[int, int] = {}
    _add_up(connection, "index_words", held)
    with _memory() as memory:
        for _, _, names in _chunks(connection, memory, lambda _: None):
            today: dict[int, int] = {}
            _add_up(memory, "today", today)
            for id_, uid in names.items():
                if held.pop(id_, 0) != today.get(id_, 0):
                    told(f"article {uid}", "has other words there than its text has, or at other places")
    for id_ in held:
        told(f"row {id_}", "has words, and is of no article")


def _add_up(connection: sqlite3.Connection, words: str, sums: dict[int, int]) -> None:
    for term, id_, place in connection.execute(_ALL.format(words=words)):
        sums[id_] = (sums.get(id_, 0) + hash(term) * (place * _PRIME + 1)) & _MASK


@contextmanager
def _memory() -> Iterator[sqlite3.Connection]:
    """Yield an empty index in memory, its words as the table `today`."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(index.TABLE)
        memory.execute(f"CREATE VIRTUAL TABLE temp.today USING fts5vocab(main, {index.INDEX}, 'instance')")
        yield memory


def _chunks(
    connection: sqlite3.Connection, memory: sqlite3.Connection, advance: Advance
) -> Iterator[tuple[int, int, dict[int, str]]]:
    """Index articles in memory, chunk by chunk; yield the first and last id of each, and its uids by id."""
    columns = ", ".join(dict.fromkeys(("id", "uid", *index.INDEXED, "attachments", "attached")))
    sql = f"SELECT {columns} FROM main.articles ORDER BY id"
    insert = f"INSERT INTO {index.INDEX} (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)"
    names: dict[int, str] = {}
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_PAGE):
            memory.executemany(insert, map(_words, rows))
            names |= {row["id"]: row["uid"] for row in rows}
            advance(len(rows))
            if len(names) >= _CHUNK:
                yield min(names), max(names), names
                memory.execute(f"INSERT INTO {index.INDEX}({index.INDEX}) VALUES ('delete-all')")
                names = {}
    if names:
        yield min(names), max(names), names


def _words(row: sqlite3.Row) -> tuple[int, str, str, str, str]:
    """Return the row of the index that an article has, as its triggers write it."""
    return (
        row["id"],
        tokens.index_text(row["text"]),
        tokens.index_title(row["title"], row["kicker"], row["subtitle"]),
        tokens.index_tags(
            row["site"], row["section"], row["source"], row["authors"], row["correspondents"], row["language"],
            row["published_at"],
        ),
        tokens.index_attached(row["attachments"], row["attached"]),
    )  # fmt: skip


def _total(connection: sqlite3.Connection, words: str) -> int:
    """Return the sum over all words of an index and their places; hash() is the same for a word in one process."""
    total = 0
    for term, count, places in connection.execute(_SUM.format(words=words)):
        total += hash(term) * (places * _PRIME + count)
    return total
