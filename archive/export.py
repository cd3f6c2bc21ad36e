"""Articles out: streamed in order of `change`, as JSON Lines, JSON or CSV."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from sqlite_utils import Database

from archive.article import EXPORTED
from archive.errors import ArchiveError

#: Articles read in one short transaction: a crawl's WAL can be checkpointed between two of them.
PAGE = 200

#: Columns that hold JSON.
LISTS = ("authors", "correspondents", "editors", "images", "attachments")

_COLUMNS = ", ".join(name for name in EXPORTED if name != "captures")
# A month counts as its 15th, as in the order of articles.id.
_DAY = "CASE length(published_at) WHEN 7 THEN published_at || '-15' ELSE substr(published_at, 1, 10) END"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles to export; what is None or empty does not narrow.

    `after` (that day or later) and `before` (earlier than that day) compare the day that the page prints, in the
    zone it prints it in; with either, articles without a date are left out. `query` is a part of the title or the
    text as it stands. `since` is the number of the last change that the reader has.
    """

    sites: Sequence[str] = ()
    section: str | None = None
    language: str | None = None
    query: str | None = None
    after: date | None = None
    before: date | None = None
    since: int = 0

    def where(self) -> tuple[str, list[Any]]:
        """Return the SQL condition, `since` apart, and its parameters."""
        conditions, values = ["1"], list[Any]()
        if self.sites:
            # The + keeps SQLite on the index of `change`: a page is a range of it.
            conditions.append(f"+site IN ({', '.join('?' * len(self.sites))})")
            values += self.sites
        for column in ("section", "language"):
            if (value := getattr(self, column)) is not None:
                conditions.append(f"+{column} = ?")
                values.append(value)
        if self.query:
            conditions.append(r"(title LIKE ? ESCAPE '\' OR text LIKE ? ESCAPE '\')")
            values += [_pattern(self.query)] * 2
        if self.after:
            conditions.append(f"{_DAY} >= ?")
            values.append(self.after.isoformat())
        if self.before:
            conditions.append(f"{_DAY} < ?")
            values.append(self.before.isoformat())
        return " AND ".join(conditions), values


def _pattern(text: str) -> str:
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def last_change(db: Database) -> int:
    """Return the number of the newest change of any article, 0 in an empty archive: an export's next `since`."""
    return int(db.execute("SELECT coalesce(max(change), 0) FROM articles").fetchone()[0])


def count(db: Database, since: int, until: int) -> int:
    """Return how many articles last changed after `since` and up to `until`: the most that an export yields."""
    sql = "SELECT count(*) FROM articles WHERE change > ? AND change <= ?"
    return int(db.execute(sql, [since, until]).fetchone()[0])


def check(db: Database, filters: Filters) -> None:
    """Raise ArchiveError for a site that the archive does not hold, or a `since` it has not reached."""
    known = [row[0] for row in db.execute("SELECT id FROM sites ORDER BY id")]
    for site in filters.sites:
        if site not in known:
            raise ArchiveError(f"--site {site}: not in this archive; it holds {', '.join(known) or 'no site yet'}")
    if filters.since > last_change(db):
        raise ArchiveError(
            f"--since {filters.since}: the archive's last change is {last_change(db)}; it was rebuilt or is another, "
            "export it whole, without --since"
        )


def export(
    db: Database, filters: Filters, *, until: int | None = None, revisions: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield articles in order of `change`, each a dict with the keys of `archive.article.EXPORTED` in their order.

    From `filters.since` (exclusive) to `until`, or the number at the start: what changes meanwhile is left for the
    next export, whose `since` that number is. With `revisions` a last key holds the article's revisions, oldest
    first, each with its `content`, or None where it is the article itself. Memory is constant.
    """
    last = last_change(db) if until is None else until
    where, values = filters.where()
    at = filters.since
    while (end := _page_end(db, at, last)) is not None:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM articles WHERE change > ? AND change <= ? AND {where} ORDER BY change",
            [at, end, *values],
        ).fetchall()
        at = end
        uids = [row["uid"] for row in rows]
        captures = _group(db, _CAPTURES, uids, _capture)
        history = _group(db, _REVISIONS, uids, _revision) if revisions else None
        for row in rows:
            article = _article(row, captures.get(row["uid"], []))
            if history is not None:
                article["revisions"] = history.get(row["uid"], [])
            yield article


def _page_end(db: Database, at: int, last: int) -> int | None:
    """Return the change that ends the page after `at`, None when nothing is left up to `last`."""
    sql = (
        "SELECT max(change) FROM (SELECT change FROM articles WHERE change > ? AND change <= ? ORDER BY change LIMIT ?)"
    )
    end = db.execute(sql, [at, last, PAGE]).fetchone()[0]
    return None if end is None else int(end)


_CAPTURES = "SELECT uid, warc, record_id, offset, digest FROM captures WHERE uid IN ({}) ORDER BY id"
_REVISIONS = (
    "SELECT uid, revision, sha256, fetched_at, seen_until, content FROM revisions WHERE uid IN ({})"
    " ORDER BY uid, revision"
)


def _group(
    db: Database, sql: str, uids: list[str], convert: Callable[[sqlite3.Row], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in db.execute(sql.format(", ".join("?" * len(uids))), uids):
        groups.setdefault(row["uid"], []).append(convert(row))
    return groups


def _capture(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in ("warc", "record_id", "offset", "digest")}


def _revision(row: sqlite3.Row) -> dict[str, Any]:
    revision = {name: row[name] for name in ("revision", "sha256", "fetched_at", "seen_until")}
    content = None if row["content"] is None else json.loads(row["content"])
    if content is not None:
        content.pop("credits", None)  # no key of an exported article
    return revision | {"content": content and _decode(row["uid"], content)}


def _article(row: sqlite3.Row, captures: list[dict[str, Any]]) -> dict[str, Any]:
    values = _decode(row["uid"], dict(row))
    values["captures"] = captures
    return {name: values[name] for name in EXPORTED}


def _decode(uid: str, values: dict[str, Any]) -> dict[str, Any]:
    """Turn the columns of a row into what is exported: JSON to lists, 0 and 1 to booleans."""
    for name in LISTS:
        try:
            values[name] = json.loads(values[name])
        except ValueError as error:
            raise ArchiveError(
                f"article {uid}: its {name} are no JSON ({error}); derive it again with `union-archive reparse`"
            ) from error
    values["damaged"] = bool(values["damaged"])
    return values


def write_jsonl(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
    """Write one JSON object a line, UTF-8."""
    for article in articles:
        out.write(json.dumps(article, ensure_ascii=False) + "\n")


def write_json(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
    """Write one JSON array, an article a line."""
    separator = "[\n"
    for article in articles:
        out.write(separator + json.dumps(article, ensure_ascii=False))
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")


def write_csv(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
    """Write CSV with a header line: lists of names joined by "; ", lists of objects as JSON, None as nothing."""
    writer = csv.writer(out)
    writer.writerow(keys)
    for article in articles:
        writer.writerow([_cell(article[key]) for key in keys])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return "; ".join(value)
        return json.dumps(value, ensure_ascii=False)
    return value


FORMATS: dict[str, Callable[[Iterable[dict[str, Any]], TextIO, Sequence[str]], None]] = {
    "jsonl": write_jsonl,
    "json": write_json,
    "csv": write_csv,
}


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 file beside `path` that takes its place at the end; when the work fails, `path` stays as it was.

    Raises ArchiveError when it cannot be written. A device or a pipe is written directly.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as direct:
                yield direct
            return
        target = path.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with beside.open("x", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise ArchiveError(f"{path}: cannot be written ({error.strerror}); name another file with -o") from error
