"""Articles out: streamed in order of `change`, as JSON Lines, JSON or CSV."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import orjson
from sqlite_utils import Database

from archive import history
from archive.article import EXPORTED
from archive.errors import ArchiveError
from archive.revisions import last_change as last_given
from archive.search import find
from archive.search.selection import QueryError, Selection

#: Articles read in one short transaction: a crawl's WAL can be checkpointed between two of them.
PAGE = 200

#: Columns that hold JSON.
LISTS = ("authors", "correspondents", "editors", "images", "attachments")

#: The last keys of an article that is exported with its revisions.
HISTORY = ("revisions", "withdrawals")

#: In the order of EXPORTED; captures stand before the last key, `change`.
_COLUMNS = ", ".join(name for name in EXPORTED if name != "captures")


def last_change(db: Database) -> int:
    """Return the number of the newest change of any article, 0 in an empty archive: an export's next `since`."""
    if not db.table("restrictions").exists():  # before version 4
        return int(db.execute("SELECT coalesce(max(change), 0) FROM articles").fetchone()[0])
    return last_given(db.conn)


def count(db: Database, selection: Selection, since: int, until: int) -> int:
    """Return how many articles an export yields that runs from `since` to `until`."""
    if selection:
        return sum(1 for _ in find.changes(db.conn, selection, since, until))
    sql = "SELECT count(*) FROM articles WHERE change > ? AND change <= ?"
    return int(db.execute(sql, [since, until]).fetchone()[0])


def check(db: Database, selection: Selection, since: int = 0) -> None:
    """Raise QueryError for a selection that cannot be understood, or a `since` that the archive has not reached."""
    if selection:
        find.prepare(db.conn, selection)
    if since > last_change(db):
        last = last_change(db)
        raise QueryError(
            f"since {since}: the archive's last change is {last}; it was rebuilt or is another, "
            "export it whole, without since",
            f"since {since}：本档案的最后变更序号是 {last}，它已重建或并非原来的档案，请去掉 since 完整导出",
        )


def export(
    db: Database,
    selection: Selection = Selection(),  # noqa: B008 (frozen)
    *,
    since: int = 0,
    until: int | None = None,
    revisions: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield articles in order of `change`, each a dict with the keys of `archive.article.EXPORTED` in their order.

    From `since` (exclusive) to `until`, or the number at the start: what changes meanwhile is left for the next export,
    whose `since` that number is. With `revisions` two last keys hold the article's revisions, oldest first, each with
    its `content`, or None where it is the article itself; and when its site withdrew it and brought it back. Memory is
    constant, but for eight bytes an article of a selection.
    """
    for page in export_pages(db, selection, since=since, until=until, revisions=revisions):
        yield from page


def export_pages(
    db: Database,
    selection: Selection = Selection(),  # noqa: B008 (frozen)
    *,
    since: int = 0,
    until: int | None = None,
    revisions: bool = False,
) -> Iterator[list[dict[str, Any]]]:
    """Yield what `export` does in lists, each read in one go; between two of them nothing is held of the database."""
    last = last_change(db) if until is None else until
    # Without a selection a page is a range of changes. With one, what it selects is settled at the start: an article
    # that changes later has a number beyond `last`, and is left for the next export.
    chosen = array("q", sorted(find.changes(db.conn, selection, since, last))) if selection else None
    for where, values in _ranges(db, since, last) if chosen is None else _lists(chosen):
        rows = db.execute(f"SELECT {_COLUMNS} FROM articles WHERE {where} ORDER BY change", values).fetchall()
        uids = [row["uid"] for row in rows]
        captures = _group(db, _CAPTURES, uids, _capture)
        page = [_article(row, captures.get(row["uid"], [])) for row in rows]
        if revisions:
            for name, groups in zip(HISTORY, _histories(db, uids), strict=True):
                for article in page:
                    article[name] = groups.get(article["uid"], [])
        yield page


def keys(*, revisions: bool) -> tuple[str, ...]:
    """Return the keys of an exported article in their order."""
    return (*EXPORTED, *HISTORY) if revisions else EXPORTED


def _histories(db: Database, uids: list[str]) -> tuple[dict[str, list[dict[str, Any]]], ...]:
    withdrawn = _group(db, _WITHDRAWALS, uids, _withdrawal) if history.holds_withdrawals(db.conn) else {}
    return _group(db, _REVISIONS, uids, _revision), withdrawn


def _ranges(db: Database, since: int, until: int) -> Iterator[tuple[str, list[int]]]:
    """Yield conditions that select a page each, until nothing is left up to `until`."""
    end = (
        "SELECT max(change) FROM (SELECT change FROM articles WHERE change > ? AND change <= ? ORDER BY change LIMIT ?)"
    )
    at: int | None = since
    while (start := at) is not None:
        at = db.execute(end, [start, until, PAGE]).fetchone()[0]
        if at is not None:
            yield "change > ? AND change <= ?", [start, at]


def _lists(changes: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    for first in range(0, len(changes), PAGE):
        page = list(changes[first : first + PAGE])
        yield f"change IN ({', '.join('?' * len(page))})", page


_CAPTURES = "SELECT uid, warc, record_id, offset, digest FROM captures WHERE uid IN ({}) ORDER BY fetched_at, id"
_REVISIONS = (
    "SELECT uid, revision, sha256, fetched_at, seen_until, content FROM revisions WHERE uid IN ({})"
    " ORDER BY uid, revision"
)
_WITHDRAWALS = (
    "SELECT uid, since, how, confirmed_at, back_at FROM withdrawals"
    " WHERE uid IN ({}) AND confirmed_at IS NOT NULL ORDER BY uid, since"
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


def _withdrawal(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in ("since", "how", "confirmed_at", "back_at")}


def _article(row: sqlite3.Row, captures: list[dict[str, Any]]) -> dict[str, Any]:
    return _decode(row["uid"], dict(zip(EXPORTED, (*row[:-1], captures, row[-1]), strict=True)))


def _decode(uid: str, values: dict[str, Any]) -> dict[str, Any]:
    """Turn the columns of a row into what is exported: JSON to lists, 0 and 1 to booleans."""
    for name in LISTS:
        try:
            values[name] = [] if values[name] == "[]" else _loads(values[name])
        except ValueError as error:
            raise ArchiveError(
                f"article {uid}: its {name} are no JSON ({error}); derive it again with `union-archive reparse`"
            ) from error
    values["damaged"] = bool(values["damaged"])
    return values


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # broken, which the other says as well, or with a lone surrogate
        return json.loads(text)


def _json(value: Any) -> str:
    """Return compact JSON, the same text from either writer: a million articles take half a minute less with orjson."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # a lone surrogate, which a list of names can hold
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_jsonl(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
    """Write one JSON object a line, UTF-8."""
    for article in articles:
        out.write(_json(article) + "\n")


def write_json(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
    """Write one JSON array, an article a line."""
    separator = "[\n"
    for article in articles:
        out.write(separator + _json(article))
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")


def write_csv(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
    """Write CSV with a header line: lists of names joined by "; ", lists of objects as JSON, None as nothing.

    A spreadsheet may run a cell that starts with `=`, `+`, `-`, `@` (or its full-width form), a tab or the end of a
    line as a formula. Such a text gets a leading `'`; so does one that starts so after apostrophes of its own. To have
    the text back, take one `'` away where apostrophes are followed by one of these characters, and nowhere else.
    """
    writer = csv.writer(out)
    writer.writerow(keys)
    for article in articles:
        writer.writerow([_cell(article[key]) for key in keys])


#: What a spreadsheet takes for a formula, behind any number of apostrophes: one more can then always be taken away.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        names = all(isinstance(item, str) for item in value)
        value = "; ".join(value) if names else _json(value)
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
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
    with _whole(path, "", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def whole_binary(path: Path) -> Iterator[BinaryIO]:
    """Open a file of bytes as `whole_file` does."""
    with _whole(path, "b") as file:
        yield file


@contextmanager
def _whole(path: Path, kind: str, **how: str) -> Iterator[Any]:
    try:
        if path.exists() and not path.is_file():
            with path.open("w" + kind, **how) as direct:  # type: ignore[call-overload]
                yield direct
            return
        target = path.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with beside.open("x" + kind, **how) as file:  # type: ignore[call-overload]
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
