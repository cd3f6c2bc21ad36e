"""What an article said over time: its revisions, what each of them changed, and when its site withdrew it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.differences import SAME, Change, Line, changes
from archive.errors import ArchiveError

#: Columns that hold JSON lists.
LISTS = ("authors", "correspondents", "editors", "credits", "images", "attachments")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """An article, its revisions and withdrawals, each in the order of time.

    `article`: the columns of `articles`, lists read from JSON. `revisions`: `revision`, `sha256`, `fetched_at` (first
    seen), `seen_until`, `capture`, its `record_id`, and `size`, the characters of what it said (None: the present one).
    `withdrawals`: `since`, `seen_at`, `visits`, `how`, `confirmed_at`, `back_at`.
    """

    article: Row
    revisions: list[Row]
    withdrawals: list[Row]

    def newest(self, most: int, characters: int) -> list[int]:
        """Return the newest revisions, so many at most, that have no more characters than that together."""
        found: list[int] = []
        for row in self.revisions[:0:-1]:
            characters -= len(self.article["text"]) if row["size"] is None else row["size"]
            if len(found) == most or (found and characters < 0):
                break
            found.append(row["revision"])
        return found


_REVISIONS = """
SELECT r.revision, r.sha256, r.fetched_at, r.seen_until, r.capture, c.record_id, length(r.content) AS size
FROM revisions AS r LEFT JOIN captures AS c ON c.id = r.capture WHERE r.uid = ? ORDER BY r.revision
"""
_WITHDRAWALS = """
SELECT since, seen_at, visits, how, capture, confirmed_at, back_at FROM withdrawals WHERE uid = ? ORDER BY since
"""


def history(connection: sqlite3.Connection, uid: str, *, waiting: bool = False) -> History | None:
    """Return the history of the article `uid`; None when the archive does not hold it. Raises ArchiveError.

    With `waiting` the withdrawals are told too that only one visit has seen so far.
    """
    row = connection.execute("SELECT * FROM articles WHERE uid = ?", [uid]).fetchone()
    if row is None:
        return None
    gone = withdrawals(connection, uid, waiting=waiting)
    return History(decoded(dict(row)), revisions(connection, uid), gone)


def revisions(connection: sqlite3.Connection, uid: str) -> list[Row]:
    """Return the rows of an article's revisions, oldest first."""
    return [dict(row) for row in connection.execute(_REVISIONS, [uid])]


def withdrawals(connection: sqlite3.Connection, uid: str, *, waiting: bool = False) -> list[Row]:
    """Return when an article was withdrawn, oldest first; with `waiting`, also when it may have been."""
    if not holds_withdrawals(connection):
        return []
    return [dict(row) for row in connection.execute(_WITHDRAWALS, [uid]) if waiting or row["confirmed_at"]]


def holds_withdrawals(connection: sqlite3.Connection) -> bool:
    """Say whether an archive notes them: those before version 5 do not."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'withdrawals'"
    return connection.execute(query).fetchone() is not None


def said(connection: sqlite3.Connection, uid: str, revision: int) -> Row | None:
    """Return what any revision says, by column: the article itself for the present one; None where there is none."""
    found = connection.execute("SELECT * FROM articles WHERE uid = ? AND revision = ?", [uid, revision]).fetchone()
    return content(connection, uid, revision) if found is None else decoded(dict(found))


def compare(connection: sqlite3.Connection, uid: str, old: int, new: int) -> list[Change]:
    """Return what differs between two revisions that the archive holds. Raises ArchiveError."""
    before, after = said(connection, uid, old), said(connection, uid, new)
    if before is None or after is None:
        missing = old if before is None else new
        raise ArchiveError(f"article {uid}: revision {missing} has no content; run `union-archive verify`")
    return changes(before, after)


def content(connection: sqlite3.Connection, uid: str, revision: int) -> Row | None:
    """Return what an earlier revision said, by column, lists read from JSON; None when there is none of that number."""
    row = connection.execute("SELECT content FROM revisions WHERE uid = ? AND revision = ?", [uid, revision]).fetchone()
    return None if row is None or row["content"] is None else said_then(row["content"])


def said_then(text: str) -> Row:
    """Read what an earlier revision said, from its JSON. Raises ArchiveError for no JSON."""
    try:
        return decoded(json.loads(text))
    except ValueError as error:
        raise ArchiveError(f"a revision's content is no JSON ({error}); run `union-archive reparse`") from error


def decoded(row: Row) -> Row:
    """Read a row's lists from JSON; credits that an older archive lacks are none. Raises ArchiveError for no JSON."""
    try:
        return row | {name: json.loads(row.get(name) or "[]") for name in LISTS}
    except ValueError as error:
        raise ArchiveError(
            f"article {row.get('uid')}: a list is no JSON ({error}); run `union-archive reparse`"
        ) from error


def as_json(held: History, compared: Mapping[int, list[Change]], *, whole: bool = False) -> Row:
    """Return a history as an object: `uid`, `url`, `site`, `title`, `withdrawn_at`, `revisions`, `withdrawals`.

    Each revision has `changes` against the one before, null where `compared` lacks them, as for the first one.
    """
    article = {name: held.article[name] for name in ("uid", "url", "site", "title", "withdrawn_at")}
    said = [
        {name: row[name] for name in ("revision", "sha256", "fetched_at", "seen_until", "record_id")}
        | {"changes": changes_json(compared[row["revision"]], whole=whole) if row["revision"] in compared else None}
        for row in held.revisions
    ]
    gone = [{name: value for name, value in row.items() if name != "capture"} for row in held.withdrawals]
    return article | {"revisions": said, "withdrawals": gone}


def changes_json(found: Iterable[Change], *, whole: bool = False) -> list[Row]:
    """Return changes as objects: `field` and `lines`, each with its `kind`, `pieces` (pairs) and whether it `moved`.

    Lines that stayed are only counted (`{"kind": "same", "lines": 3}`), unless `whole`.
    """
    return [{"field": change.field, "lines": list(_lines_json(change.lines, whole))} for change in found]


def _lines_json(lines: Iterable[Line], whole: bool) -> Iterator[Row]:
    for run in runs(lines):
        if run[0].kind == SAME and not whole:
            yield {"kind": SAME, "lines": len(run)}
            continue
        for line in run:
            pieces = [[piece.kind, piece.text] for piece in line.pieces]
            yield {"kind": line.kind, "pieces": pieces, "moved": line.moved}


def runs(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield lines that stayed together with those that stayed beside them, and every other line alone."""
    run: list[Line] = []
    for line in lines:
        if run and not (line.kind == SAME == run[-1].kind):
            yield run
            run = []
        run.append(line)
    if run:
        yield run
