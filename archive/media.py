"""Media: which articles name a picture or a file, and the digests that they bear of it once its capture is held.

What is held of an address is the capture of its row in the frontier (kind `media`), whose key is the address as
articles name it. Only content that is what it should be becomes the capture of that row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from archive import hidden
from archive.numbering import last_change

Kind = Literal["image", "attachment"]
Said = Mapping[str, Any] | sqlite3.Row

#: The columns of an article that name media, and the kind of each.
COLUMNS: Mapping[str, Kind] = {"images": "image", "attachments": "attachment"}

_HELD = """
    SELECT c.digest FROM frontier AS f JOIN captures AS c ON c.id = f.capture
    WHERE f.site = ? AND f.key = ? AND f.kind = 'media'
"""


def named(row: Said) -> dict[str, Kind]:
    """Return the addresses of an article's pictures and files, in order, each with its kind; a picture's goes first.

    `row` has the columns `images` and `attachments` as `articles` has them.
    """
    found: dict[str, Kind] = {}
    for column, kind in COLUMNS.items():
        for item in json.loads(row[column]):
            if item["url"].startswith(("http://", "https://")):
                found.setdefault(item["url"], kind)
    return found


def tie(own: sqlite3.Connection, site: str, uid: str, row: Said) -> None:
    """Write which media an article names, instead of those that it named before; `own` is where its rows lie."""
    now = named(row)
    held = {one["url"]: one["kind"] for one in own.execute("SELECT url, kind FROM media WHERE uid = ?", [uid])}
    for url in held.keys() - now.keys():
        own.execute("DELETE FROM media WHERE uid = ? AND url = ?", [uid, url])
    for url, kind in now.items():
        if held.get(url) != kind:
            own.execute(
                "INSERT INTO media (uid, url, site, kind) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (uid, url) DO UPDATE SET kind = excluded.kind",
                [uid, url, site, kind],
            )


def fill(connection: sqlite3.Connection, site: str | None, row: Said) -> dict[str, Any]:
    """Return an article's row with the digest of each of its media that is held; `connection` is archive.db's."""
    digests = {}
    for url in named(row):
        found = connection.execute(_HELD, [site, url]).fetchone()
        if found is not None:
            digests[url] = found["digest"]
    return _with(row, digests)


def carry(row: Said, held: Said) -> dict[str, Any]:
    """Return an article's row with the digests that another row of it has, where its own has none."""
    digests = {item["url"]: item["digest"] for column in COLUMNS for item in json.loads(held[column])}
    own = {item["url"]: item["digest"] for column in COLUMNS for item in json.loads(row[column])}
    return _with(row, {url: digest for url, digest in digests.items() if digest and own.get(url) is None})


def note(connection: sqlite3.Connection, site: str, url: str, digest: str) -> int:
    """Write the digest of what is held of an address into every article that names it, shown or restricted.

    Returns how many articles that changed, each with a new `change`. Earlier revisions stay as they are.
    """
    changed = _note_all(connection, site, url, digest)
    with _restricted(connection, site) as own:
        return changed + (_note_all(own, site, url, digest) if own is not None else 0)


def _note_all(own: sqlite3.Connection, site: str, url: str, digest: str) -> int:
    uids = own.execute("SELECT uid FROM media WHERE site = ? AND url = ?", [site, url]).fetchall()
    return sum(_note(own, one["uid"], {url: digest}) for one in uids)


def _note(own: sqlite3.Connection, uid: str, digests: Mapping[str, str]) -> bool:
    row = own.execute("SELECT images, attachments FROM articles WHERE uid = ?", [uid]).fetchone()
    if row is None:
        return False
    filled = _with(dict(row), digests)
    if filled == dict(row):
        return False
    own.execute(
        "UPDATE articles SET images = ?, attachments = ?, change = ? WHERE uid = ?",
        [filled["images"], filled["attachments"], last_change(own) + 1, uid],
    )
    return True


def kinds(connection: sqlite3.Connection, site: str, url: str) -> set[Kind]:
    """Return as what articles, shown or restricted, name an address; empty where none does any more."""
    query = "SELECT DISTINCT kind FROM media WHERE site = ? AND url = ?"
    found = {one["kind"] for one in connection.execute(query, [site, url])}
    if found:
        return found
    with _restricted(connection, site) as own:
        return {one["kind"] for one in own.execute(query, [site, url])} if own is not None else found


@contextmanager
def _restricted(connection: sqlite3.Connection, site: str) -> Iterator[sqlite3.Connection | None]:
    """Yield the connection to write restricted.db with; None where nothing of the site is restricted."""
    one = connection.execute("SELECT key FROM restrictions WHERE site = ? LIMIT 1", [site]).fetchone()
    if one is None:
        yield None
        return
    with hidden.keeping(connection, site, one["key"] or "") as own:
        yield own


def _with(row: Said, digests: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with these digests by address."""
    filled = dict(row)
    if not digests:
        return filled
    for column in COLUMNS:
        items = json.loads(row[column])
        for item in items:
            item["digest"] = digests.get(item["url"], item["digest"])
        filled[column] = json.dumps(items, ensure_ascii=False)
    return filled
