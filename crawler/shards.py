"""Shards: `shards/SITE/` of an archive, a directory that a site is crawled into elsewhere, until it is merged.

A shard begins with what the archive holds of its site, so that a crawl of it goes on from there. It has its own WARC
files; those of the archive are looked into (archive.locating). It is searched by nobody, so its index stays empty.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from archive import hidden
from archive.database import open_database, transaction
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.locating import ALSO
from archive.search.index import TRIGGERS
from crawler.counts import Counts

ROOM = "shards"
#: What came of a shard's crawl, once it has ended.
ENDED = "ended.json"
_SEEDING, _REMOVING = ".seeding", ".removing"

_SITE = "site = :site"
_UID = "uid IN (SELECT uid FROM source.articles WHERE site = :site)"
_CAPTURES = f"{_SITE} OR id IN (SELECT payload FROM source.captures WHERE site = :site)"
#: What a crawl of a site reads, by table: which rows.
_ROWS: Mapping[str, str] = {
    "sites": "true",
    "runs": _SITE,
    "captures": _CAPTURES,
    "articles": _SITE,
    "revisions": _UID,
    "aliases": _UID,
    "media": _SITE,
    "withdrawals": _SITE,
    "restrictions": _SITE,
    "frontier": _SITE,
    "looks": _SITE,
    "readings": _SITE,
    "incidents": _SITE,
}
#: Of these, what restricted.db has.
_HIDDEN = ("articles", "revisions", "aliases", "media", "withdrawals")


def of(directory: ArchiveDirectory, site: str) -> ArchiveDirectory:
    """Return the shard of a site, whether it is there or not. Of one that is there, all is there."""
    return ArchiveDirectory(directory.path / ROOM / site)


def seed(directory: ArchiveDirectory, site: str, shard: ArchiveDirectory) -> None:
    """Make a shard with what the archive holds of a site. The caller holds the site's lock. Raises ArchiveError."""
    made = ArchiveDirectory(shard.path.with_name(shard.path.name + _SEEDING))
    try:
        shutil.rmtree(made.path, ignore_errors=True)
        made.warc.mkdir(parents=True)
        made.sites.mkdir()
        (made.warc / ALSO).write_text(f"{directory.warc.resolve()}\n", encoding="utf-8")
        for path in directory.sites.glob("*.toml"):
            shutil.copy(path, made.sites)
        if directory.config_file.exists():
            shutil.copy(directory.config_file, made.config_file)
        _fill(made.database, directory.database, site, tuple(_ROWS))
        own = directory.path / hidden.FILE
        if own.exists():
            _fill(made.path / hidden.FILE, own, site, _HIDDEN)
        made.path.rename(shard.path)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"{shard.path}: cannot be made ({error}); mend that and crawl again") from error


def remove(shard: ArchiveDirectory) -> None:
    """Remove a shard that is merged; one that is removed in part is none."""
    away = shard.path.with_name(shard.path.name + _REMOVING)
    shutil.rmtree(away, ignore_errors=True)
    try:
        shard.path.rename(away)
    except OSError as error:
        raise ArchiveError(f"{shard.path}: cannot be removed ({error.strerror}); it is merged, remove it") from error
    shutil.rmtree(away, ignore_errors=True)


def _fill(path: Path, source: Path, site: str, tables: tuple[str, ...]) -> None:
    """Make a database with a site's rows of another one. Its triggers would fill the index, so it has none."""
    with closing(open_database(path)) as db:
        for name in TRIGGERS:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA foreign_keys = OFF")  # payloads may be other sites', and refer to their runs
        db.execute("ATTACH ? AS source", [str(source)])
        with transaction(db) as connection:
            for table in tables:
                columns = ", ".join(_columns(connection, table))
                copy = f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM source.{table} WHERE {_ROWS[table]}"
                connection.execute(copy, {"site": site})
        db.execute("DETACH source")


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row["name"] for row in connection.execute(f"PRAGMA main.table_info({table})")]


_CAPTURE = """
    (SELECT own.id FROM main.captures AS own JOIN shard.captures AS c USING (record_id) WHERE c.id = f.capture)
"""
_RUN = """
    (SELECT own.id FROM main.runs AS own JOIN shard.runs AS r USING (site, started_at, options)
     WHERE r.id = f.run ORDER BY own.id = r.id DESC LIMIT 1)
"""


def take_over(db: Database, shard: ArchiveDirectory, site: str) -> None:
    """Leave the frontier as the crawl of a shard left it: what gave no answer, too, and when what is visited again.

    The shard is merged, and the site was locked since it was seeded. Raises ArchiveError.
    """
    try:
        db.execute("ATTACH ? AS shard", [str(shard.database)])
        with transaction(db) as connection:
            _take_frontier(connection, site)
            planned = "(SELECT next_check FROM shard.sites WHERE id = :site)"
            connection.execute(f"UPDATE main.sites SET next_check = {planned} WHERE id = :site", {"site": site})
        db.execute("DETACH shard")
    except sqlite3.Error as error:
        raise ArchiveError(f"{shard.database}: cannot be taken over ({error}); mend the cause, crawl again") from error


def _take_frontier(connection: sqlite3.Connection, site: str) -> None:
    columns = [name for name in _columns(connection, "frontier") if name != "id"]
    values = ", ".join({"capture": _CAPTURE, "run": _RUN}.get(name, f"f.{name}") for name in columns)
    names, new = ", ".join(columns), ", ".join(f"excluded.{name}" for name in columns)
    gone = "key NOT IN (SELECT key FROM shard.frontier WHERE site = :site)"
    connection.execute(f"DELETE FROM main.frontier WHERE site = :site AND {gone}", {"site": site})
    connection.execute(
        f"INSERT INTO main.frontier ({names}) SELECT {values} FROM shard.frontier AS f WHERE site = :site ORDER BY id"
        f" ON CONFLICT (site, key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)}"
        f" WHERE ({names}) IS NOT ({new})",
        {"site": site},
    )


def last_run(shard: ArchiveDirectory) -> int:
    """Return the number of a shard's last run, 0 where it has none."""
    with closing(shard.read_database()) as db:
        return int(db.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()[0])


def add_killed(shard: ArchiveDirectory, before: int, counts: Counts) -> None:
    """Add to the counts of a shard's last run those of runs that were killed; `before`: its last when it was seeded."""
    names = {"new": "articles_new", "changed": "articles_changed", "unchanged": "articles_unchanged"}
    names["requests"] = "requests"
    sums = ", ".join(f"coalesce(sum({column}), 0)" for column in names.values())
    query = f"SELECT {sums} FROM runs WHERE id > ? AND id < (SELECT max(id) FROM runs)"
    with closing(shard.read_database()) as db:
        for name, count in zip(names, db.execute(query, [before]).fetchone(), strict=True):
            setattr(counts, name, getattr(counts, name) + count)
