"""The scratch database of a rebuild: what the WARC files hold, indexed, so that it can be taken in order of time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from crawler.rebuilding.indexing import Indexed, index

#: Files that are indexed before the one whose turn it is, besides those under way.
_AHEAD = 2

_TABLES = """
CREATE TABLE scratch.responses (
    record_id TEXT PRIMARY KEY, offset INTEGER, revisit INTEGER, url TEXT, fetched_at TEXT, truncated TEXT,
    digest TEXT, refers_to TEXT, info TEXT, head BLOB, warc TEXT
);
CREATE TABLE scratch.abouts (of TEXT PRIMARY KEY, info TEXT, fact TEXT);
CREATE TABLE scratch.infos (id TEXT PRIMARY KEY, run INTEGER);
CREATE TABLE scratch.runs (
    id INTEGER PRIMARY KEY, site TEXT, number INTEGER, began TEXT, fact TEXT, UNIQUE (site, number, began)
);
CREATE TABLE scratch.notes (at TEXT, info TEXT, url TEXT, fact TEXT, UNIQUE (at, info, url, fact))
"""

_RUN_OF = """
    SELECT i.run, r.fetched_at, r.record_id FROM scratch.responses AS r
    LEFT JOIN scratch.abouts AS a ON a.of = r.record_id JOIN scratch.infos AS i ON i.id = coalesce(a.info, r.info)
"""
_HELD = """
    SELECT i.id FROM scratch.runs AS r JOIN scratch.infos AS i ON i.run = r.id JOIN main.runs AS m ON m.site = r.site
    AND m.started_at = json_extract(r.fact, '$.started_at')
    AND m.options = coalesce(json_extract(r.fact, '$.options'), '{}')
"""
#: By run: the last of its responses that the archive holds.
_TOLD = f"""
CREATE TABLE scratch.told AS SELECT run, max(fetched_at) AS until FROM ({_RUN_OF})
WHERE record_id IN (SELECT record_id FROM main.captures) GROUP BY run
"""
_FORGET_LOOKS = f"""
DELETE FROM scratch.notes WHERE json_extract(fact, '$.look') IS NOT NULL AND info IN ({_HELD}) AND (
    at <= (SELECT until FROM scratch.told JOIN scratch.infos USING (run) WHERE id = info)
    OR NOT EXISTS (SELECT 1 FROM scratch.infos AS own JOIN ({_RUN_OF}) AS rest USING (run)
        WHERE own.id = info)
)
"""
_FORGET_ENDS = f"""
DELETE FROM scratch.notes WHERE json_extract(fact, '$.run') IS NOT NULL
AND info IN ({_HELD} WHERE m.ended_at IS NOT NULL)
"""


@dataclass(slots=True)
class Contents:
    """How much was indexed, and what could not be."""

    files: int = 0
    records: int = 0
    doubled: int = 0
    """Responses that another file holds too."""
    problems: list[str] = field(default_factory=list)


class Scratch:
    """The tables of a scratch database that is attached to a connection of the archive as `scratch`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        connection.execute("ATTACH ? AS scratch", [str(path)])
        connection.execute("PRAGMA scratch.journal_mode = OFF")
        connection.execute("PRAGMA scratch.synchronous = OFF")
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)

    def fill(self, paths: Sequence[Path], jobs: int, advance: Callable[[int], object]) -> Contents:
        """Index WARC files, `jobs` at a time; `advance` hears of the bytes read."""
        contents = Contents()
        for path, found in _indexed(paths, jobs):
            self._add(path.name.removesuffix(".open"), found, contents)
            contents.files += 1
            contents.records += found.records
            contents.problems += found.problems
            advance(path.stat().st_size)
        return contents

    def _add(self, warc: str, found: Indexed, contents: Contents) -> None:
        execute, many = self._connection.execute, self._connection.executemany
        execute("BEGIN")
        for id_, site, run, fact, date in found.infos:
            began = fact.get("started_at")
            # Files of older versions do not say when a run began: their first record of it does.
            key = [site, run, began or ""]
            execute(
                "INSERT OR IGNORE INTO scratch.runs (site, number, began, fact) VALUES (?, ?, ?, ?)",
                [*key, json.dumps(fact if began else {"started_at": date[:19] + "Z"})],
            )
            execute(
                "INSERT OR IGNORE INTO scratch.infos SELECT ?, id FROM scratch.runs"
                " WHERE site = ? AND number = ? AND began = ?",
                [id_, *key],
            )
        rows = [(*row, warc) for row in found.responses]
        added = many(f"INSERT OR IGNORE INTO scratch.responses VALUES ({', '.join('?' * 11)})", rows).rowcount
        contents.doubled += len(rows) - max(added, 0)
        abouts = [(*row, json.dumps(fact)) for *row, fact in found.abouts]
        many("INSERT OR IGNORE INTO scratch.abouts VALUES (?, ?, ?)", abouts)
        notes = [(*row, json.dumps(fact)) for *row, fact in found.notes]
        many("INSERT OR IGNORE INTO scratch.notes VALUES (?, ?, ?, ?)", notes)
        execute("COMMIT")

    def forget_known(self) -> int:
        """Leave out what the archive holds already; return how many responses these are.

        A run was told in order of time: looks without an answer before the last response that is held are known too.
        """
        execute = self._connection.execute
        execute(_TOLD)
        known = "DELETE FROM scratch.responses WHERE record_id IN (SELECT record_id FROM main.captures)"
        doubled = execute(known).rowcount
        execute(_FORGET_LOOKS)
        execute(_FORGET_ENDS)
        return doubled

    def close(self) -> None:
        """Index what is asked for in order of time, and let go of the file."""
        self._connection.execute("CREATE INDEX scratch.responses_date ON responses(fetched_at, warc, offset)")
        self._connection.execute("DETACH scratch")


def _indexed(paths: Sequence[Path], jobs: int) -> Iterator[tuple[Path, Indexed]]:
    """Yield what each file holds, in order; a few files are read ahead."""
    if jobs < 2 or len(paths) < 2:
        yield from ((path, index(path)) for path in paths)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as pool:
        waiting: list[Any] = []
        left = iter(paths)
        for path in left:
            waiting.append((path, pool.submit(index, path)))
            if len(waiting) >= jobs + _AHEAD:
                first, future = waiting.pop(0)
                yield first, future.result()
        for path, future in waiting:
            yield path, future.result()
