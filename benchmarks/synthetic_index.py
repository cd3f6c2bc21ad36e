"""The search index of a synthetic archive, its words made by several processes: the one that the archive makes.

`archive.search.index.fill` does the same in one process, which takes twice as long for a million articles.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from archive.search import index, tokens

BATCH = 500
#: Fewer articles are left to one process: starting others would take longer.
ALONE = 5_000
_PAGE = f"SELECT {', '.join(index.INDEXED)} FROM articles WHERE id > ? ORDER BY id LIMIT ?"
_INSERT = f"INSERT INTO {index.INDEX} (rowid, title, text, tags) VALUES (?, ?, ?, ?)"


def is_current(connection: sqlite3.Connection) -> bool:
    """Say whether the index is the one that today's code makes, its columns included."""
    held = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [index.INDEX]).fetchone()
    return index.is_current(connection) and held is not None and held[0] == index.TABLE


def reindex(connection: sqlite3.Connection, jobs: int, say) -> None:
    """Make the index again as `fill` does, and what it keeps beside it. Not safe against a crash: start again."""
    for trigger in index.TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    connection.execute(f"DROP TABLE IF EXISTS {index.INDEX}")
    connection.execute(index.TABLE)
    for trigger, body in index.TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER {trigger} {body}")
    if connection.execute("SELECT count(*) FROM articles").fetchone()[0] < ALONE:
        index.fill(connection)
    else:
        _fill(connection, jobs, say)


def _fill(connection: sqlite3.Connection, jobs: int, say) -> None:
    connection.execute("BEGIN")
    index.begin(connection)
    started, done = time.monotonic(), 0
    with ProcessPoolExecutor(jobs) as pool:
        for rows in ahead(pool, words, pages(connection), jobs):
            connection.executemany(_INSERT, rows)
            done += len(rows)
            if done % (100 * BATCH) == 0:
                say(f"{done:,} articles indexed, {done / (time.monotonic() - started):.0f}/s")
    started = time.monotonic()
    index.finish(connection)
    connection.execute("COMMIT")
    say(f"segments merged in {time.monotonic() - started:.0f} s")


def pages(connection: sqlite3.Connection) -> Iterator[list[tuple]]:
    """Yield what the index is made of, some hundred articles at a time, by id."""
    at = -1
    while rows := [tuple(row) for row in connection.execute(_PAGE, [at, BATCH])]:
        yield rows
        at = rows[-1][0]


def words(rows: list[tuple]) -> list[tuple[int, str, str, str]]:
    """Return the index's rows of articles."""
    made = []
    for id_, title, kicker, subtitle, text, *tags in rows:
        made.append(
            (id_, tokens.index_title(title, kicker, subtitle), tokens.index_text(text), tokens.index_tags(*tags))
        )
    return made


def ahead(pool: ProcessPoolExecutor, work, tasks: Iterable, jobs: int) -> Iterator:
    """Yield what comes of the tasks, in order; only some are handed out before their turn."""
    waiting: deque[Future] = deque()
    for task in tasks:
        waiting.append(pool.submit(work, task))
        if len(waiting) > 4 * jobs:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
