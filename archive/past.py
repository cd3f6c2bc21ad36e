"""Past revisions: what a page said before the archive first saw it, or between two visits, by captures made elsewhere.

An older capture finds its place among an article's revisions by its date. It makes one where it says something else
than those before and after it; the revisions after it then have higher numbers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Literal

from archive import hidden, media
from archive.amending import PAGE_COLUMNS, article_row
from archive.article import Article
from archive.numbering import last_change
from archive.revisions import is_read_better

Outcome = Literal["changed", "unchanged"]


def is_past(connection: sqlite3.Connection, site: str, key: str, fetched_at: str) -> bool:
    """Say whether an article is held under `key` that was seen at a later time than `fetched_at`."""
    with hidden.keeping(connection, site, key) as own:
        held = own.execute("SELECT fetched_at FROM articles WHERE site = ? AND key = ?", [site, key]).fetchone()
    return held is not None and held["fetched_at"] > fetched_at


def save_past(connection: sqlite3.Connection, article: Article, *, key: str, fetched_at: str, capture: int) -> Outcome:
    """Store what a page said at an earlier time than an article was last seen, and the revision that it makes, if any.

    `capture` is the row that it was read from. Raises KeyError when no article is held under `key`.
    """
    row = media.fill(connection, article.site, article_row(article))
    sha256 = article.sha256
    with hidden.keeping(connection, article.site, key) as own:
        held = own.execute("SELECT * FROM articles WHERE site = ? AND key = ?", [article.site, key]).fetchone()
        if held is None:
            raise KeyError(key)
        # Told in order of time, it would have got its section from the listing that told it later.
        row = {**row, "section": row["section"] or held["section"]}
        outcome = _place(connection, own, held, row, sha256, fetched_at, capture)
        if held["section"] is None and row["section"] is not None:
            own.execute("UPDATE articles SET section = ? WHERE uid = ?", [row["section"], held["uid"]])
        settings = "first_seen_at = min(first_seen_at, ?), change = ?"
        own.execute(f"UPDATE articles SET {settings} WHERE uid = ?", [fetched_at, last_change(own) + 1, held["uid"]])
    connection.execute("UPDATE captures SET uid = ? WHERE id = ?", [held["uid"], capture])
    return outcome


def _place(
    connection: sqlite3.Connection,
    own: sqlite3.Connection,
    held: sqlite3.Row,
    row: Mapping[str, Any],
    sha256: str,
    at: str,
    capture: int,
) -> Outcome:
    """Find the place of a content in time among an article's revisions, and put it there."""
    revisions = own.execute("SELECT * FROM revisions WHERE uid = ? ORDER BY revision", [held["uid"]]).fetchall()
    before = next((one for one in reversed(revisions) if one["fetched_at"] <= at), None)
    after = next((one for one in revisions if one["fetched_at"] > at), None)
    within = before is not None and at <= before["seen_until"]
    if before is not None and (before["sha256"] == sha256 or is_read_better(_content(held, before), row)):
        _set(own, before, "seen_until", max(at, before["seen_until"]))
        return "unchanged"
    if not within and after and (after["sha256"] == sha256 or is_read_better(row, _content(held, after))):
        _set(own, after, "fetched_at", at)
        _set(own, after, "capture", capture)
        return "unchanged"
    number = 1 if before is None else before["revision"] + 1
    if within and before is not None:
        _split(connection, own, held, before, at)
    _make_room(own, held["uid"], number)
    own.execute(
        "INSERT INTO revisions (uid, revision, sha256, fetched_at, seen_until, capture, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [held["uid"], number, sha256, at, at, capture, json.dumps(dict(row), ensure_ascii=False)],
    )
    return "changed"


def _content(held: sqlite3.Row, revision: sqlite3.Row) -> dict[str, Any]:
    if revision["content"] is None:
        return {name: held[name] for name in PAGE_COLUMNS}
    content: dict[str, Any] = json.loads(revision["content"])
    return content


def _split(
    connection: sqlite3.Connection, own: sqlite3.Connection, held: sqlite3.Row, revision: sqlite3.Row, at: str
) -> None:
    """Make two of a revision that was seen before and after a moment at which the page said something else."""
    seen = "SELECT {} FROM captures WHERE uid = ? AND part = 1 AND fetched_at {} ?"
    last = connection.execute(seen.format("max(fetched_at)", "<"), [held["uid"], at]).fetchone()[0]
    query = seen.format("id, fetched_at", ">") + " ORDER BY fetched_at LIMIT 1"
    following = connection.execute(query, [held["uid"], at]).fetchone()
    again = following["fetched_at"] if following is not None else revision["seen_until"]
    _make_room(own, held["uid"], revision["revision"] + 1)
    own.execute(
        "INSERT INTO revisions (uid, revision, sha256, fetched_at, seen_until, capture, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            held["uid"], revision["revision"] + 1, revision["sha256"], _seconds(again), revision["seen_until"],
            following["id"] if following is not None else revision["capture"], revision["content"],
        ],
    )  # fmt: skip
    _set(own, revision, "seen_until", _seconds(last) if last is not None else revision["fetched_at"])
    if revision["content"] is None:
        _set(own, revision, "content", json.dumps(_content(held, revision), ensure_ascii=False))


def _make_room(own: sqlite3.Connection, uid: str, number: int) -> None:
    """Give the revisions from a number on the next higher one, and the article with them."""
    later = "SELECT revision FROM revisions WHERE uid = ? AND revision >= ? ORDER BY revision DESC"
    for (revision,) in own.execute(later, [uid, number]).fetchall():
        own.execute("UPDATE revisions SET revision = ? WHERE uid = ? AND revision = ?", [revision + 1, uid, revision])
    own.execute("UPDATE articles SET revision = revision + 1 WHERE uid = ?", [uid])


def _set(own: sqlite3.Connection, revision: sqlite3.Row, column: str, value: Any) -> None:
    where = [revision["uid"], revision["revision"]]
    own.execute(f"UPDATE revisions SET {column} = ? WHERE uid = ? AND revision = ?", [value, *where])


def _seconds(date: str) -> str:
    return date if "." not in date else date[:19] + "Z"
