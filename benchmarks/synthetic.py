"""A synthetic archive of many articles for the reading room's benchmarks: the same seed makes the same one."""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from synthetic_index import ALONE, BATCH, ahead, is_current, reindex
from synthetic_rows import Plan, Rows, batch, looks, plan, site_rows
from synthetic_text import Texts

from archive.directory import ArchiveDirectory
from archive.store import save_site

#: Raised when the same parameters make other rows: archives of before are then made again.
GENERATION = 1
_MARK = "synthetic.json"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a synthetic archive is made from."""

    articles: int
    seed: int = 1
    generation: int = GENERATION

    @property
    def words(self) -> int:
        """Words of its vocabulary: it grows with the archive, as that of real texts does."""
        return min(200_000, max(5_000, self.articles))


def synthetic(parent: Path, parameters: Parameters, *, jobs: int = 2, say=print) -> ArchiveDirectory:
    """Return the archive of these parameters below `parent`; made where it is not whole. Takes 25 KB an article."""
    directory = ArchiveDirectory(parent / f"articles-{parameters.articles}-{parameters.seed}")
    mark = directory.path / _MARK
    whole = mark.exists() and json.loads(mark.read_text(encoding="utf-8")) == asdict(parameters)
    if not whole:
        if directory.path.exists():
            shutil.rmtree(directory.path)
        directory.open_database().close()
    with closing(sqlite3.connect(directory.database, isolation_level=None)) as connection:
        if whole and is_current(connection):
            return directory
        mark.unlink(missing_ok=True)
        # Nobody reads it yet, and what a crash tears is made again: no journal, no waiting for the disk.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {setting}")
        started = time.monotonic()
        if not whole:
            _fill(connection, parameters, jobs)
            say(f"{parameters.articles:,} articles written in {time.monotonic() - started:.0f} s")
            started = time.monotonic()
        reindex(connection, jobs, say)
        connection.execute("PRAGMA journal_mode = WAL")
        say(f"index made in {time.monotonic() - started:.0f} s")
    mark.write_text(json.dumps(asdict(parameters)), encoding="utf-8")
    return directory


def _fill(connection: sqlite3.Connection, parameters: Parameters, jobs: int) -> None:
    later = _put_off(connection)
    made = plan(parameters.articles, parameters.seed)
    connection.execute("BEGIN")
    for site in site_rows(made.sites):
        save_site(connection, site)
    connection.executemany(
        "INSERT INTO looks (site, section, day, depth, outcome, articles) VALUES (?, ?, ?, 1, ?, 20)",
        looks(made.sites, parameters.seed),
    )
    for rows in _batches(made, parameters, jobs):
        rows.insert(connection)
    connection.execute("DELETE FROM search_index")
    for statement in later:
        connection.execute(statement)
    connection.execute("COMMIT")


def _put_off(connection: sqlite3.Connection) -> list[str]:
    """Drop the triggers and the indexes that can be made at the end; return what makes them."""
    held = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')").fetchall()
    own = [row for row in held if row[2] and not row[2].startswith("CREATE VIRTUAL")]
    for kind, name, _ in own:
        connection.execute(f"DROP {kind} {name}")
    return [sql for kind, _, sql in sorted(own)]


def _batches(made: Plan, parameters: Parameters, jobs: int) -> Iterator[Rows]:
    """Yield the rows of all articles in order, made by `jobs` processes some batches ahead of the writer."""
    starts = range(0, parameters.articles, BATCH)
    if parameters.articles < ALONE:
        _start(parameters)
        yield from (_batch(made.slice(start, start + BATCH)) for start in starts)
        return
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(parameters,)) as pool:
        yield from ahead(pool, _batch, (made.slice(start, start + BATCH) for start in starts), jobs)


_state: dict[str, object] = {}


def _start(parameters: Parameters) -> None:
    _state["texts"] = Texts(parameters.words, parameters.seed)
    _state["seed"] = parameters.seed


def _batch(part: Plan) -> Rows:
    return batch(part, _state["texts"], _state["seed"])
