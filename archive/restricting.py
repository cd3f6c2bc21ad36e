"""Restricting: an article or a site leaves archive.db for restricted.db, and comes back when that is lifted.

Each step can be done again: a kill between two of them leaves nothing lost, and the same command finishes the work.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive import hidden
from archive.article import uid as uid_of
from archive.clock import now
from archive.database import read_database, transaction
from archive.decisions import Decision, What, append, in_force, read
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.revisions import free_id, last_change

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be restricted: an article (its uid and what identifies it) or a whole site."""

    site: str
    uid: str | None = None
    key: str | None = None

    @property
    def name(self) -> str:
        """The uid or the site's id."""
        return self.uid or self.site

    def __str__(self) -> str:
        return f"{'article' if self.uid else 'site'} {self.name}"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: how many `articles` moved, how many `stay` hidden; `already` when nothing was to be done."""

    target: Target
    articles: int = 0
    stay: int = 0
    already: bool = False


def restrict(
    directory: ArchiveDirectory, name: str, reason: str, *, by: str | None = None, advance: Advance = lambda _: None
) -> Done:
    """Keep an article (uid or URL) or a site from readers; captures and WARC files stay.

    The reason goes to decisions.jsonl only. `advance` hears of articles that moved. Raises ArchiveError for a name
    that the archive does not know.
    """
    with _databases(directory) as (archive, restricted):
        target = _find(archive.conn, restricted.conn, name)
        if _in_force(archive.conn, target):
            return Done(target, already=True)
        append(directory, _decision(target, "restrict", reason, by))
        with transaction(archive) as shown:
            change = last_change(shown)
            uids = _articles(shown, target)
            with transaction(restricted) as own:
                for uid in uids:
                    _carry(shown, own, uid)
                    advance(1)
            for uid in uids:
                _drop(shown, uid)
            shown.execute(
                "INSERT INTO restrictions (site, uid, key, since, change) VALUES (?, ?, ?, ?, ?)",
                [target.site, target.uid, target.key, now(), change],
            )
        return Done(target, len(uids))


def lift(
    directory: ArchiveDirectory, name: str, reason: str, *, by: str | None = None, advance: Advance = lambda _: None
) -> Done:
    """Show again what was restricted, each article with a new `change`; those restricted otherwise too stay hidden."""
    with _databases(directory) as (archive, restricted):
        target = _find(archive.conn, restricted.conn, name)
        if not _in_force(archive.conn, target):
            return Done(target, already=True)
        append(directory, _decision(target, "lift", reason, by))
        with transaction(archive) as shown:
            shown.execute("DELETE FROM restrictions WHERE site = ? AND uid IS ?", [target.site, target.uid])
            uids = _articles(restricted.conn, target)
            back = [uid for uid in uids if not _still(shown, target, uid)]
            for uid in back:
                _carry(restricted.conn, shown, uid, mend=True)
                advance(1)
        with transaction(restricted) as own:
            for uid in back:
                _drop(own, uid)
        return Done(target, len(back), len(uids) - len(back))


def size(directory: ArchiveDirectory, name: str) -> int:
    """Return how many articles a name stands for, shown or restricted. Raises ArchiveError for an unknown one."""
    with _databases(directory) as (archive, restricted):
        target = _find(archive.conn, restricted.conn, name)
        return sum(len(_articles(db.conn, target)) for db in (archive, restricted))


def restrictions(directory: ArchiveDirectory) -> list[dict[str, Any]]:
    """Return what is restricted, each with `uid` (None: the whole site), `site`, `since`, `url`, `title`, `articles`.

    `reason` and `by` are those of decisions.jsonl.
    """
    told = in_force(read(directory.decisions)[0])
    path = directory.path / hidden.FILE
    found = []
    with closing(directory.read_database()) as archive:
        if not archive["restrictions"].exists():
            return []  # of an older version
        rows = archive.execute("SELECT site, uid, key, since FROM restrictions ORDER BY since, site, uid").fetchall()
    if not rows:
        return []
    with closing(read_database(path)) as restricted:
        for row in rows:
            target = Target(row["site"], row["uid"], row["key"])
            query = "SELECT url, title FROM articles WHERE uid = ?"
            article = restricted.conn.execute(query, [row["uid"]]).fetchone()
            decision = told.get(target.name)
            found.append(
                {
                    "uid": row["uid"],
                    "site": row["site"],
                    "since": row["since"],
                    "url": article and article["url"],
                    "title": article and article["title"],
                    "articles": len(_articles(restricted.conn, target)),
                    "reason": decision and decision.reason,
                    "by": decision and decision.by,
                }
            )
    return found


@contextmanager
def _databases(directory: ArchiveDirectory) -> Iterator[tuple[Database, Database]]:
    """Open archive.db and restricted.db, without what a killed command left in both."""
    directory.require()
    with (
        closing(directory.open_database()) as archive,
        closing(hidden.open_restricted(directory.path / hidden.FILE)) as restricted,
    ):
        # What leaves archive.db leaves no bytes behind in its pages.
        archive.conn.execute("PRAGMA secure_delete = ON")
        with transaction(archive) as shown, transaction(restricted) as own:
            for row in own.execute("SELECT uid FROM articles").fetchall():
                if shown.execute("SELECT 1 FROM articles WHERE uid = ?", [row["uid"]]).fetchone():
                    _drop(own, row["uid"])
        yield archive, restricted


def _find(shown: sqlite3.Connection, own: sqlite3.Connection, name: str) -> Target:
    """Return what a site's id, an article's uid or one of its addresses stands for."""
    if shown.execute("SELECT 1 FROM sites WHERE id = ?", [name]).fetchone():
        return Target(name)
    uids = [name] if re.fullmatch("[0-9a-f]{16}", name) else [uid_of(name)]
    if "://" in name:
        for connection in (shown, own):
            found = connection.execute("SELECT uid FROM aliases WHERE url = ?", [name])
            uids += [row["uid"] for row in found]
    for uid in uids:
        for connection in (shown, own):
            row = connection.execute("SELECT site, uid, key FROM articles WHERE uid = ?", [uid]).fetchone()
            if row is not None:
                return Target(row["site"], row["uid"], row["key"])
    raise ArchiveError(
        f"{name}: no article and no site of this archive; give the 16 characters of its uid, its URL as the archive "
        "names it, or the id of a site"
    )


def _in_force(shown: sqlite3.Connection, target: Target) -> bool:
    query = "SELECT 1 FROM restrictions WHERE site = ? AND uid IS ?"
    return shown.execute(query, [target.site, target.uid]).fetchone() is not None


def _articles(connection: sqlite3.Connection, target: Target) -> list[str]:
    """Return the uids of the target's articles that this database holds."""
    by = "uid = ?" if target.uid else "site = ?"
    found = connection.execute(f"SELECT uid FROM articles WHERE {by} ORDER BY id", [target.name])
    return [row["uid"] for row in found.fetchall()]


def _still(shown: sqlite3.Connection, target: Target, uid: str) -> bool:
    """Say whether an article stays restricted when the target no longer is."""
    query = "SELECT 1 FROM restrictions WHERE uid = ? OR site = ? AND uid IS NULL"
    return shown.execute(query, [uid, target.site]).fetchone() is not None


def _carry(source: sqlite3.Connection, to: sqlite3.Connection, uid: str, *, mend: bool = False) -> None:
    """Copy an article with what is known of it, in place of an earlier copy; `mend` its captures on the way."""
    _drop(to, uid)
    article = dict(source.execute("SELECT * FROM articles WHERE uid = ?", [uid]).fetchone())
    _insert(to, "articles", article | {"id": free_id(to, article["published_at"]), "change": last_change(to) + 1})
    for row in source.execute("SELECT * FROM revisions WHERE uid = ?", [uid]).fetchall():
        _insert(to, "revisions", dict(row) | ({"capture": hidden.sound_capture(to, uid, row)} if mend else {}))
    for row in source.execute("SELECT * FROM withdrawals WHERE uid = ?", [uid]).fetchall():
        _insert(to, "withdrawals", dict(row) | ({"capture": _if_held(to, row["capture"])} if mend else {}))
    for row in source.execute("SELECT * FROM aliases WHERE uid = ?", [uid]).fetchall():
        _insert(to, "aliases", dict(row), "OR IGNORE")
    for row in source.execute("SELECT * FROM media WHERE uid = ?", [uid]).fetchall():
        _insert(to, "media", dict(row))


def _if_held(connection: sqlite3.Connection, capture: int | None) -> int | None:
    row = connection.execute("SELECT id FROM captures WHERE id = ?", [capture]).fetchone()
    return None if row is None else int(row["id"])


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any], conflict: str = "") -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT {conflict} INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _drop(connection: sqlite3.Connection, uid: str) -> None:
    for table in ("media", "withdrawals", "aliases", "revisions", "articles"):
        connection.execute(f"DELETE FROM {table} WHERE uid = ?", [uid])


def _decision(target: Target, what: What, reason: str, by: str | None) -> Decision:
    site = target.site if target.uid is None else None
    return Decision(now(), what, reason, uid=target.uid, site=site, by=by)
