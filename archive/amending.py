"""What today's code reads of a page whose revision stays: our reading is mended, the site has changed nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from archive.article import Article
from archive.numbering import free_id, last_change

#: Columns of `articles` that hold what the page says.
PAGE_COLUMNS = (
    "site", "section", "published_at", "title", "kicker", "subtitle", "source", "authors", "correspondents",
    "editors", "dateline", "text", "html", "images", "attachments", "language", "translation_of",
    "published_from", "layout", "damaged", "charset", "credits",
)  # fmt: skip

#: Left out when two derivations are compared for the sake of `change`: stored, but no reader of exports sees them.
UNEXPORTED = ("charset", "credits")


def article_row(article: Article) -> dict[str, Any]:
    """Return what a page says as the columns of `articles` have it."""
    row: dict[str, Any] = {name: getattr(article, name) for name in PAGE_COLUMNS}
    for name in ("authors", "correspondents", "editors"):
        row[name] = json.dumps(row[name], ensure_ascii=False)
    for name in ("images", "attachments", "credits"):
        row[name] = json.dumps([asdict(item) for item in row[name]], ensure_ascii=False)
    row["damaged"] = int(article.damaged)
    return row


def amend(
    connection: sqlite3.Connection,
    held: sqlite3.Row,
    row: Mapping[str, Any],
    *,
    fetched_at: str,
    capture: int | None,
    derived_with: str,
) -> bool:
    """Write what today's code reads of an article whose revision stays; say whether a reader of exports sees it.

    `row` is as `article_row` returns it, with `sha256`; `capture` is what the revision was read from.
    """
    if all(held[name] == value for name, value in row.items() if name not in UNEXPORTED):
        values = {name: row[name] for name in UNEXPORTED} | {"derived_with": derived_with}
        if any(held[name] != value for name, value in values.items()):
            settings = ", ".join(f"{name} = ?" for name in values)
            connection.execute(f"UPDATE articles SET {settings} WHERE uid = ?", [*values.values(), held["uid"]])
        return False
    connection.execute(
        "UPDATE revisions SET sha256 = ?, capture = ? WHERE uid = ? AND revision = ?",
        [row["sha256"], capture, held["uid"], held["revision"]],
    )
    rewrite(connection, held, row, fetched_at, derived_with, revision=held["revision"])
    return True


def amend_earlier(connection: sqlite3.Connection, uid: str, revision: int, row: Mapping[str, Any], sha256: str) -> None:
    """Write what today's code reads of an earlier revision; `row` is as `article_row` returns it."""
    connection.execute(
        "UPDATE revisions SET content = ?, sha256 = ? WHERE uid = ? AND revision = ?",
        [json.dumps(row, ensure_ascii=False), sha256, uid, revision],
    )


def note_change(connection: sqlite3.Connection, uid: str) -> None:
    """Give an article a new `change`: something of it that exports show is another, if only an earlier revision."""
    connection.execute("UPDATE articles SET change = ? WHERE uid = ?", [last_change(connection) + 1, uid])


def rewrite(
    connection: sqlite3.Connection,
    held: sqlite3.Row,
    row: Mapping[str, Any],
    fetched_at: str,
    derived_with: str,
    *,
    revision: int,
) -> None:
    """Replace what an article says; its id moves with its date (what refers to it refers by uid)."""
    values = {
        **row,
        "fetched_at": fetched_at,
        "revision": revision,
        "derived_with": derived_with,
        "change": last_change(connection) + 1,
    }
    if row["published_at"] != held["published_at"]:
        values["id"] = free_id(connection, row["published_at"])
    settings = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE articles SET {settings} WHERE uid = ?", [*values.values(), held["uid"]])
