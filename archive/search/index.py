"""The full-text index of `articles`, and what keeps it: triggers that call the functions of archive.search.tokens.

A program that writes articles without these functions fails instead of leaving the index stale. Readers need none of
them: stock SQLite opens the file and answers MATCH.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from archive.errors import ArchiveError
from archive.search import tokens

INDEX = "articles_fts"

#: The body comes first: words of the first column take two bytes less each, a quarter of the index.
#: Stock Datasette and sqlite-utils find the index by the words in the comment. `contentless_delete` would make the
#: file unreadable for SQLite before 3.43.
TABLE = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5(text, title, tags, attached,"
    f" content='' /* content=\"articles\" */, tokenize='{tokens.TOKENIZE}')"
)
_TITLE = ("title", "kicker", "subtitle")
_TAGS = ("site", "section", "source", "authors", "correspondents", "language", "published_at")
_ATTACHED = ("attachments", "attached")
#: Columns that the index is made of, but for those of attachments, which few articles have.
INDEXED = ("id", *_TITLE, "text", *_TAGS)
_WATCHED = (*INDEXED, *_ATTACHED)


def _row(of: str) -> str:
    """Return SQL for the row of the index that an article has; `of` is `new.`, `old.` or nothing."""
    title = ", ".join(of + name for name in _TITLE)
    tags = ", ".join(of + name for name in _TAGS)
    attached = ", ".join(of + name for name in _ATTACHED)
    return f"{of}id, index_text({of}text), index_title({title}), index_tags({tags}), index_attached({attached})"


_INSERT = f"INSERT INTO {INDEX} (rowid, text, title, tags, attached) "
_ADD = f"{_INSERT}VALUES ({_row('new.')});"
_REMOVE = f"INSERT INTO {INDEX} ({INDEX}, rowid, text, title, tags, attached) VALUES ('delete', {_row('old.')});"
_CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _WATCHED)
_MONTH = "coalesce(substr({0}.published_at, 1, 7), '')"
_COUNT = (
    f"INSERT INTO months (site, month, articles) VALUES (new.site, {_MONTH.format('new')}, 1)"
    " ON CONFLICT (site, month) DO UPDATE SET articles = articles + 1;"
)
_UNCOUNT = (
    f"UPDATE months SET articles = articles - 1 WHERE site = old.site AND month = {_MONTH.format('old')};"
    " DELETE FROM months WHERE site = old.site AND articles = 0;"
)

TRIGGERS = {
    "articles_fts_insert": f"AFTER INSERT ON articles BEGIN {_ADD} END",
    "articles_fts_delete": f"AFTER DELETE ON articles BEGIN {_REMOVE} END",
    "articles_fts_update": (
        f"AFTER UPDATE OF {', '.join(_WATCHED)} ON articles WHEN {_CHANGED} BEGIN {_REMOVE} {_ADD} END"
    ),
    "months_insert": f"AFTER INSERT ON articles BEGIN {_COUNT} END",
    "months_delete": f"AFTER DELETE ON articles BEGIN {_UNCOUNT} END",
    "months_update": (
        "AFTER UPDATE OF site, published_at ON articles"
        " WHEN old.site IS NOT new.site OR old.published_at IS NOT new.published_at"
        f" BEGIN {_UNCOUNT} {_COUNT} END"
    ),
}


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the triggers call. Every connection that writes articles needs them."""
    connection.create_function("index_title", 3, tokens.index_title, deterministic=True)
    connection.create_function("index_text", 1, tokens.index_text, deterministic=True)
    connection.create_function("index_tags", len(_TAGS), tokens.index_tags, deterministic=True)
    connection.create_function("index_attached", len(_ATTACHED), tokens.index_attached, deterministic=True)


def create(connection: sqlite3.Connection) -> None:
    """Make the index and its triggers, and fill them; part of the upgrade to version 6."""
    connection.execute(TABLE)
    for name, body in TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER {name} {body}")
    fill(connection)


def drop(connection: sqlite3.Connection) -> None:
    """Take away the index and triggers of an older version, where there are any: their columns are others."""
    for name in TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    connection.execute(f"DROP TABLE IF EXISTS {INDEX}")


def is_current(connection: sqlite3.Connection) -> bool:
    """Say whether the index was made by this version of the rules. An archive of an older version has none."""
    try:
        row = connection.execute("SELECT version FROM search_index").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return False
        raise
    return row is not None and row[0] == tokens.version()


def require(connection: sqlite3.Connection) -> None:
    """Raise ArchiveError when the archive cannot be searched until its index is made again."""
    if not is_current(connection):
        raise ArchiveError(
            "archive.db: its search index is missing or was made by other rules; run `union-archive reindex`"
        )


def fill(connection: sqlite3.Connection, advance: Callable[[int], object] = lambda _: None) -> int:
    """Make the index again, and the counts of `months`; return how many articles it holds.

    In one transaction, the caller's or its own: whoever reads meanwhile sees the old index, and a program that is
    killed leaves it. `advance` hears how many articles were added.
    """
    register(connection)
    connection.execute("SAVEPOINT fill")
    try:
        total = _fill(connection, advance)
    except BaseException:
        connection.execute("ROLLBACK TO fill")
        connection.execute("RELEASE fill")
        raise
    connection.execute("RELEASE fill")
    return total


#: Articles between two words of progress.
_STEP = 1_000
#: While the index is filled: bytes of words that are sorted in memory before they are written as a part, and no merging
#: of parts before the end. FTS5's hash of Chinese words is a bad one: 16 MB took 1.4 ms an article, 64 MB 1.8, and 1 MB
#: 1.0, but with twenty times as many parts; there may be 2,000.
_FILLING = {"hashsize": 32 * 2**20, "automerge": 0, "crisismerge": 1_999}
#: A crawl adds a small part with every batch; merging eight of them at a time, not SQLite's four, costs a tenth less.
_USUAL = {"hashsize": 2**20, "automerge": 8, "crisismerge": 16}


def _fill(connection: sqlite3.Connection, advance: Callable[[int], object]) -> int:
    begin(connection)
    copy = f"{_INSERT}SELECT {_row('')} FROM articles WHERE id > ? AND id <= ? ORDER BY id"
    at, total = -1, 0
    while True:
        end = connection.execute(
            "SELECT max(id), count(*) FROM (SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?)", [at, _STEP]
        ).fetchone()
        if end[0] is None:
            break
        connection.execute(copy, [at, end[0]])
        at, total = end[0], total + end[1]
        advance(end[1])
    finish(connection)
    return total


def begin(connection: sqlite3.Connection) -> None:
    """Empty the index, and have it take many rows one after the other; `finish` ends that."""
    connection.execute("DELETE FROM search_index")
    connection.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('delete-all')")
    _configure(connection, _FILLING)


def finish(connection: sqlite3.Connection) -> None:
    """Merge the index's parts into one, count `months`, and note the rules that the index was made by."""
    connection.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('optimize')")
    _configure(connection, _USUAL)
    connection.execute("DELETE FROM months")
    connection.execute(
        "INSERT INTO months (site, month, articles)"
        f" SELECT site, {_MONTH.format('articles')}, count(*) FROM articles GROUP BY 1, 2"
    )
    connection.execute("INSERT INTO search_index (version) VALUES (?)", [tokens.version()])


def _configure(connection: sqlite3.Connection, values: dict[str, int]) -> None:
    connection.executemany(f"INSERT INTO {INDEX}({INDEX}, rank) VALUES (?, ?)", values.items())
