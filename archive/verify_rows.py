"""Whether the rows of archive.db fit each other: every reference, what articles say and its digests, their media."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import media
from archive.article import COMPARED, Attachment, digest
from archive.problems import REBUILD, REINDEX, REPARSE, Problem, Report

_PAGE = 500
_CRAWL = "crawl its site again with --full"
_ARTICLE = "SELECT 'article ' || a.uid || ' (' || a.url || ')' FROM articles AS a"
_CAPTURE = "SELECT 'capture ' || c.id || ' (' || c.url || ')' FROM captures AS c"

#: SQL that finds rows (its first column says which), what is wrong with them, the fix.
_REFERENCES = (
    (f"{_ARTICLE} WHERE NOT EXISTS (SELECT 1 FROM captures WHERE uid = a.uid)", "has no capture", _CRAWL),
    (
        f"{_ARTICLE} LEFT JOIN revisions AS r ON r.uid = a.uid GROUP BY a.uid"
        " HAVING count(r.uid) != a.revision OR min(r.revision) != 1 OR max(r.revision) != a.revision",
        "its revisions are not numbered from 1 to its own",
        REBUILD,
    ),
    (
        f"{_ARTICLE} JOIN revisions AS r ON r.uid = a.uid AND r.revision = a.revision WHERE r.sha256 != a.sha256",
        "its digest is not that of its last revision",
        REPARSE,
    ),
    (
        "SELECT 'revision ' || r.revision || ' of article ' || r.uid FROM revisions AS r"
        " JOIN articles AS a ON a.uid = r.uid WHERE r.revision < a.revision AND r.content IS NULL",
        "what it said is missing",
        REPARSE,
    ),
    (
        f"{_CAPTURE} WHERE uid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM articles WHERE uid = c.uid)",
        "belongs to an article that is not there",
        REBUILD,
    ),
    (
        f"{_CAPTURE} LEFT JOIN captures AS p ON p.id = c.payload"
        " WHERE c.kind != 'response' AND (p.kind IS NOT 'response' OR c.kind = 'same' AND p.digest != c.digest)",
        "stands for an earlier response that is not there, or has another digest",
        REBUILD,
    ),
    (f"{_CAPTURE} JOIN runs AS r ON r.id = c.run WHERE r.site != c.site", "its run is of another site", REBUILD),
    (
        "SELECT 'revision ' || r.revision || ' of article ' || r.uid FROM main.revisions AS r"
        " JOIN captures AS c ON c.id = r.capture WHERE c.uid IS NOT r.uid",
        "the capture it was read from is not its article's",
        REBUILD,
    ),
    (
        "SELECT 'run ' || id || ' (' || site || ')' FROM runs WHERE (outcome = 'running') != (ended_at IS NULL)",
        "its outcome does not fit when it ended",
        REBUILD,
    ),
    (
        "SELECT 'frontier ' || f.id || ' (' || f.url || ')' FROM frontier AS f JOIN captures AS c ON c.id = f.capture"
        " WHERE c.site != f.site",
        "its capture is of another site",
        REBUILD,
    ),
)

#: The same, of tables and columns that older versions have not.
_LATER = (
    (
        # A site that no run has crawled has no frontier.
        f"{_ARTICLE} WHERE NOT EXISTS (SELECT 1 FROM frontier WHERE site = a.site AND key = a.key)"
        " AND EXISTS (SELECT 1 FROM runs WHERE site = a.site)",
        "no row of the frontier has its key, so it is not visited any more",
        REBUILD,
    ),
    (
        f"{_ARTICLE} WHERE a.withdrawn_at IS NOT (SELECT max(since) FROM withdrawals"
        " WHERE uid = a.uid AND confirmed_at IS NOT NULL AND back_at IS NULL)",
        "its withdrawn_at is not what its withdrawals say",
        REBUILD,
    ),
)
#: Tables whose rows belong to an article of the same database; of those without a foreign key, archive.db's too.
_OWNED = {"main": ("withdrawals", "media"), "restricted": ("revisions", "aliases", "withdrawals", "media")}

Advance = Callable[[int], object]


def check_database(db: Database, path: Path, report: Report, *, current: bool) -> None:
    """Check the file as such, then every reference; `current`: its tables are those of this version."""
    for row in db.execute("PRAGMA main.integrity_check"):
        if row[0] != "ok":
            report(Problem(str(path), row[0], REBUILD))
    for table, rowid, parent, key in db.execute("PRAGMA main.foreign_key_check").fetchall():
        columns = [row[3] for row in db.execute(f"PRAGMA main.foreign_key_list([{table}])") if row[0] == key]
        what = f"{', '.join(columns)} refers to a row of {parent} that is not there"
        report(Problem(f"{path}: {table}, row {rowid}", what, REBUILD))
    for sql, what, fix in (*_REFERENCES, *(_LATER if current else ())):
        for row in db.execute(sql):
            report(Problem(row[0], what, fix))
    if current:
        _check_owners(db, report)


def _check_owners(db: Database, report: Report) -> None:
    """Look for rows about an article that lies in the other database, or nowhere."""
    for schema in (row[1] for row in db.execute("PRAGMA database_list").fetchall()):
        for table in _OWNED.get(schema, ()):
            if not columns_of(db, schema, table):
                continue  # of an older version
            sql = (
                f"SELECT uid, count(*) FROM {schema}.{table} AS t"
                f" WHERE NOT EXISTS (SELECT 1 FROM {schema}.articles WHERE uid = t.uid) GROUP BY uid"
            )
            for uid, count in db.execute(sql):
                name = "" if schema == "main" else f"{schema}.db: "
                report(Problem(f"{name}{table}", f"{count:,} rows are of article {uid}, which is not there", REBUILD))


def check_articles(db: Database, report: Report, advance: Advance, *, current: bool) -> tuple[int, int]:
    """Check what articles say, now and earlier, and their media; return how many articles, and without media's rows.

    `advance` hears of articles.
    """
    columns = ["sha256", *COMPARED, *(("images", "attached") if current else ())]
    number = untied = 0
    for row in _pages(db, "articles", ["uid"], columns):
        number += 1
        where = f"article {row['uid']}"
        if not _has_digest(dict(row), row["sha256"]):
            report(Problem(where, "what it says does not have its digest", REPARSE))
        elif current:
            untied += _check_media(db, dict(row), where, report)
        advance(1)
    return number, untied


def check_revisions(db: Database, report: Report, *, current: bool) -> int:
    """Check what articles said earlier; return how many revisions there are."""
    number = 0
    for row in _pages(db, "revisions", ["uid", "revision"], ["sha256", "content"]):
        number += 1
        if row["content"] is None:
            continue
        where = f"revision {row['revision']} of article {row['uid']}"
        if not _has_digest(row["content"], row["sha256"]):
            report(Problem(where, "what it said does not have its digest", REPARSE))
        elif current:
            _check_digests(db, json.loads(row["content"]), where, report)
    return number


def _check_media(db: Database, row: Mapping[str, Any], where: str, report: Report) -> bool:
    """Check what an article names and what is held of that; say whether no row of `media` is there yet.

    One that was stored by an older version, and not visited since, has none.
    """
    if not _check_digests(db, row, where, report):
        return False
    found = _tied(db, row["uid"])
    if media.named(row) == found:
        return False
    # A crawl may have written it between the two looks: look again, at both at once.
    db.execute("BEGIN")
    try:
        sql = "SELECT uid, images, attachments FROM articles WHERE uid = ?"
        again, found = db.execute(sql, [row["uid"]]).fetchone(), _tied(db, row["uid"])
    finally:
        db.execute("ROLLBACK")
    wrong = again is not None and media.named(again) != found
    if wrong and found:
        report(Problem(where, "the rows of media are not the pictures and files that it names", REPARSE))
    return wrong and not found


def _tied(db: Database, uid: str) -> dict[str, str]:
    return dict(tuple(row) for row in db.execute("SELECT url, kind FROM media WHERE uid = ?", [uid]))


def _check_digests(db: Database, row: Mapping[str, Any], where: str, report: Report) -> bool:
    """Check that what an article has a digest of was captured; False where its lists cannot be read."""
    for column, fix in (("images", REBUILD), ("attachments", REBUILD), ("attached", REINDEX)):
        try:
            named = [(item["url"] + "", item["digest"]) for item in json.loads(row.get(column) or "[]")]
        except (ValueError, TypeError, KeyError):
            report(Problem(where, f"its {column} cannot be read", REINDEX if column == "attached" else REPARSE))
            return False
        for url, label in named:
            query = "SELECT 1 FROM captures WHERE digest = ? AND kind = 'response' LIMIT 1"
            if label is not None and db.execute(query, [label]).fetchone() is None:
                report(Problem(where, f"its {column} name a digest of {url} that no capture has", fix))
    return True


def _pages(db: Database, table: str, key: Sequence[str], columns: Sequence[str]) -> Iterator[sqlite3.Row]:
    """Yield the rows of a table in short read transactions, so that a crawl's WAL stays small."""
    order, marks = ", ".join(key), ", ".join("?" * len(key))
    select = f"SELECT {', '.join([*key, *columns])} FROM {table}"
    rows = db.execute(f"{select} ORDER BY {order} LIMIT {_PAGE}").fetchall()
    while rows:
        yield from rows
        last = [rows[-1][name] for name in key]
        sql = f"{select} WHERE ({order}) > ({marks}) ORDER BY {order} LIMIT {_PAGE}"
        rows = db.execute(sql, last).fetchall()


def _has_digest(content: str | Mapping[str, Any], sha256: str) -> bool:
    """Say whether stored fields (lists as JSON) have this digest; fields that cannot be read have none."""
    try:
        values = dict(json.loads(content) if isinstance(content, str) else content)
        for name in ("authors", "correspondents", "editors", "attachments"):
            values[name] = json.loads(values[name])
        values["attachments"] = [Attachment(**item) for item in values["attachments"]]
        return digest(values) == sha256
    except (ValueError, TypeError, KeyError):
        return False


def columns_of(db: Database, schema: str, table: str) -> list[str]:
    """Return the columns of a table; none where it is not there."""
    return [row[1] for row in db.execute(f"PRAGMA {schema}.table_info([{table}])")]
