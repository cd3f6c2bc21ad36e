"""Which captures go with articles: theirs, those whose payload theirs repeat, those of their pictures and files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

#: Values in one statement.
_AT_ONCE = 500

_COLUMNS = (
    "c.id, c.uid, c.part, c.kind, c.status, c.content_type, c.payload, c.warc, c.offset, c.record_id, c.digest, c.run"
)
#: Only of articles that are held: captures of a restricted one lie in archive.db too.
_OWN = f"SELECT {_COLUMNS} FROM captures AS c JOIN articles AS a ON a.uid = c.uid WHERE c.uid IN ({{}})"
_BY_ID = f"SELECT {_COLUMNS} FROM captures AS c WHERE c.id IN ({{}})"
#: The same bytes may have come first from a page that is kept from readers: its address tells that it is there.
_SHOWN = """
 AND NOT EXISTS (SELECT 1 FROM restrictions AS r WHERE r.site = c.site AND (r.uid IS NULL OR r.key = c.key))
 AND NOT EXISTS (SELECT 1 FROM restrictions AS r WHERE r.uid = c.uid)
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of `captures`, in the order in which they lie; and by uid, the ids of those that show the article.

    Of these the best comes first: its first page, as it was seen last.
    """

    rows: list[sqlite3.Row]
    pages: dict[str, list[int]]


def choose(connection: sqlite3.Connection, articles: Sequence[Mapping[str, Any]]) -> Chosen:
    """Return the captures that go with articles, which are as `archive.export` yields them with their revisions."""
    has_restrictions = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'restrictions'").fetchone()
    by_id = _BY_ID + (_SHOWN if has_restrictions else "")
    rows = {row["id"]: row for row in _select(connection, _OWN, [article["uid"] for article in articles])}
    pages = _pages(rows.values())
    media = {id_ for article in articles for id_ in _held(connection, article)}
    rows |= {row["id"]: row for row in _select(connection, by_id, sorted(media - rows.keys()))}
    # Last, since captures of pictures may be repetitions too.
    repeated = {row["payload"] for row in rows.values() if row["payload"] is not None}
    rows |= {row["id"]: row for row in _select(connection, by_id, sorted(repeated - rows.keys()))}
    return Chosen(sorted(rows.values(), key=lambda row: (row["warc"], row["offset"])), pages)


def _pages(rows: Iterable[sqlite3.Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in sorted(rows, key=lambda row: (row["part"] or 1, -row["id"])):
        if row["kind"] != "unmodified" and row["status"] == 200:
            found.setdefault(row["uid"], []).append(row["id"])
    return found


def _held(connection: sqlite3.Connection, article: Mapping[str, Any]) -> Iterator[int]:
    """Yield the captures of an article's pictures and files, as it is and as it was."""
    from archive.web import media  # its package takes Datasette's half a second to import

    contents = [article, *(one["content"] for one in article["revisions"] if one["content"] is not None)]
    for name in ("images", "attachments"):
        items = {(item["url"], item.get("digest")): item for said in contents for item in said.get(name) or ()}
        given = {"uid": article["uid"], "site": article["site"], name: list(items.values())}
        yield from media.held(connection, given, pictures=name == "images").values()


def _select(connection: sqlite3.Connection, sql: str, values: Iterable[object]) -> Iterator[sqlite3.Row]:
    rest = iter(values)
    while some := list(islice(rest, _AT_ONCE)):
        yield from connection.execute(sql.format(", ".join("?" * len(some))), some)
