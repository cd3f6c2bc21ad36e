"""Writing: captures, articles, revisions and runs, many pages to a transaction, WARC on the disk first."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.clock import now
from archive.database import transaction
from archive.errors import ArchiveError
from archive.warcfile import WarcFile

#: A transaction is committed after so many pages, or so many seconds (design §4: measured).
BATCH_PAGES = 20
BATCH_SECONDS = 1.0

RUN_COUNTERS = (
    "requests",
    "bytes",
    "articles_new",
    "articles_changed",
    "articles_unchanged",
    "failed",
    "disallowed",
    "listings",
    "links",
)


@dataclass(slots=True)
class _Write:
    """One page's writes: all of them happen, or none."""

    apply: Callable[[sqlite3.Connection], None]
    done: Callable[[Exception | None], None]


class Store:
    """The one writer of a process. `submit` queues what a page needs written; `flush` commits what is queued.

    What a commit refers to lies in the WARC file on the disk before the commit begins, so whatever the database
    names can be opened, and whatever it does not name yet is crawled again.
    """

    def __init__(self, db: Database, warc: WarcFile) -> None:
        self.db = db
        self.warc = warc
        self._queue: list[_Write] = []
        self._since = time.monotonic()
        self._counters: dict[int, dict[str, int]] = {}

    @property
    def pending(self) -> int:
        """How many pages wait for a commit."""
        return len(self._queue)

    def submit(
        self,
        apply: Callable[[sqlite3.Connection], None],
        done: Callable[[Exception | None], None] | None = None,
    ) -> None:
        """Queue one page's writes; `done` is called after the commit, with the error when the page's rows were bad."""
        if not self._queue:
            self._since = time.monotonic()
        self._queue.append(_Write(apply, done or _raise))
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Commit when a batch is full or old enough."""
        if len(self._queue) >= BATCH_PAGES or (self._queue and time.monotonic() - self._since >= BATCH_SECONDS):
            self.flush()

    def flush(self) -> None:
        """Commit what is queued. Raises ArchiveError, with nothing written, when the disk or the database fails."""
        if not self._queue and not self._counters:
            return
        queue, self._queue = self._queue, []
        counters, self._counters = self._counters, {}
        self.warc.sync()
        outcomes: list[tuple[_Write, Exception | None]] = []
        try:
            with transaction(self.db) as connection:
                for write in queue:
                    outcomes.append((write, _apply(connection, write)))
                for run, counts in counters.items():
                    _add_counts(connection, run, counts)
        except sqlite3.Error as error:
            raise ArchiveError(
                f"{database_file(self.db)}: {error}; nothing of this batch was written, mend the cause and crawl again"
            ) from error
        for write, problem in outcomes:
            write.done(problem)

    def count(self, run: int, **counts: int) -> None:
        """Add to the counters of a run; they are written with the next commit."""
        totals = self._counters.setdefault(run, dict.fromkeys(RUN_COUNTERS, 0))
        for name, number in counts.items():
            totals[name] += number

    def write(self, apply: Callable[[sqlite3.Connection], Any]) -> Any:
        """Commit what is queued, then `apply` in a transaction of its own; return its result."""
        self.flush()
        self.warc.sync()
        try:
            with transaction(self.db) as connection:
                return apply(connection)
        except sqlite3.Error as error:
            raise ArchiveError(f"{database_file(self.db)}: {error}; mend the cause and crawl again") from error


def _raise(problem: Exception | None) -> None:
    if problem is not None:
        raise problem


def _apply(connection: sqlite3.Connection, write: _Write) -> Exception | None:
    """Apply one page's writes under a savepoint: rows that SQLite refuses cost this page, not its neighbours."""
    connection.execute("SAVEPOINT page")
    try:
        write.apply(connection)
    except (sqlite3.IntegrityError, sqlite3.DataError, UnicodeError, OverflowError, ValueError) as error:
        connection.execute("ROLLBACK TO page")
        connection.execute("RELEASE page")
        return error
    connection.execute("RELEASE page")
    return None


def _add_counts(connection: sqlite3.Connection, run: int, counts: Mapping[str, int]) -> None:
    sums = ", ".join(f"{name} = {name} + ?" for name in RUN_COUNTERS)
    connection.execute(f"UPDATE runs SET {sums} WHERE id = ?", [*(counts[name] for name in RUN_COUNTERS), run])


def database_file(db: Database) -> str:
    """Return the path of a database, for messages."""
    return str(db.execute("PRAGMA database_list").fetchone()[2])


def save_site(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """Insert or update a row of `sites` (keys as its columns; `next_check` is left alone)."""
    columns = [name for name in row if name != "next_check"]
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
    connection.execute(
        f"INSERT INTO sites ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {updates}",
        [row[name] for name in columns],
    )


def start_run(connection: sqlite3.Connection, site: str, options: Mapping[str, Any], version: str) -> int:
    """Record that a crawl of `site` begins; return the run's id. Runs that never ended were killed: they say so."""
    connection.execute(
        "UPDATE runs SET outcome = 'interrupted', reason = 'killed', ended_at = ?"
        " WHERE id = (SELECT max(id) FROM runs WHERE site = ?) AND outcome = 'running'",
        [now(), site],
    )
    cursor = connection.execute(
        "INSERT INTO runs (site, started_at, outcome, options, version) VALUES (?, ?, 'running', ?, ?)",
        [site, now(), json.dumps(options, ensure_ascii=False, sort_keys=True), version],
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_run(
    connection: sqlite3.Connection, run: int, at: str, outcome: str, reason: str | None, cause: str | None = None
) -> None:
    """Record when and how a run ended: finished, interrupted or failed, and why: in words, and for a failure in one."""
    connection.execute(
        "UPDATE runs SET ended_at = ?, outcome = ?, reason = ?, cause = ? WHERE id = ?",
        [at, outcome, reason, cause, run],
    )


def requests_since(connection: sqlite3.Connection, site: str, day: str) -> int:
    """Return the requests of the runs of a site that began on a day (UTC) or later."""
    query = """
        SELECT coalesce(sum(requests), 0) FROM runs WHERE site = ? AND started_at >= ?
        AND id > (SELECT coalesce(max(id), 0) FROM runs WHERE site = ? AND started_at < ?)
    """
    return int(connection.execute(query, [site, day, site, day]).fetchone()[0])


def failures_in_a_row(connection: sqlite3.Connection, site: str) -> int:
    """Return how many runs of a site have failed since the last one that did not."""
    query = """
        SELECT count(*) FROM runs WHERE site = ? AND outcome = 'failed'
        AND id > (SELECT coalesce(max(id), 0) FROM runs WHERE site = ? AND outcome = 'finished')
    """
    return int(connection.execute(query, [site, site]).fetchone()[0])


def save_capture(connection: sqlite3.Connection, row: Mapping[str, Any]) -> int:
    """Insert a row of `captures` (keys as its columns); return its id."""
    cursor = connection.execute(
        f"INSERT INTO captures ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values())
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


#: Outcomes of a look, the best first.
BEST = "read unchanged empty failed blocked disallowed"


def save_look(
    connection: sqlite3.Connection,
    site: str,
    section: str,
    day: str,
    *,
    depth: int,
    outcome: str,
    articles: int,
    new: int,
    run: int,
) -> None:
    """Note that a section was looked at on a day: the deepest page, the best outcome, the articles of the last run."""
    connection.execute(
        f"""
        INSERT INTO looks (site, section, day, depth, outcome, articles, articles_new, run) VALUES (?,?,?,?,?,?,?,?)
        ON CONFLICT (site, section, day) DO UPDATE SET
            depth = max(depth, excluded.depth),
            outcome = CASE WHEN instr('{BEST}', outcome) <= instr('{BEST}', excluded.outcome)
                           THEN outcome ELSE excluded.outcome END,
            articles = CASE WHEN run = excluded.run THEN articles + excluded.articles
                            WHEN excluded.outcome = 'unchanged' THEN articles ELSE excluded.articles END,
            articles_new = articles_new + excluded.articles_new,
            run = excluded.run
        """,
        [site, section, day, depth, outcome, articles, new, run],
    )
