"""What the page of one article is made of, read from the archive in one go."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from sqlite_utils import Database

from archive.article import uid as uid_of
from archive.errors import ArchiveError
from archive.export import export
from archive.history import Row, content, decoded, revisions, withdrawals
from archive.search.selection import Selection
from archive.web import media

#: Captures that the page names; the table has all.
CAPTURES = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as one of its revisions tells it.

    `row`: the columns of `articles`, lists read from JSON, with what the revision said in place of the present words.
    `present`: the number of the present revision; `before`: what the one before it said, None where an earlier one is
    read. `revisions`, `withdrawals`: newest first. `captures`: the newest of `captures_held`. `pictures`, `files`:
    captures (ids) by address. `original`: the uid of the article that it is a translation of, where that is held.
    """

    row: Row
    site: Row
    revision: int
    present: int
    before: Row | None
    revisions: list[Row]
    withdrawals: list[Row]
    aliases: list[str]
    captures: list[Row]
    captures_held: int
    pictures: dict[str, int]
    files: dict[str, int]
    original: str | None

    @property
    def is_earlier(self) -> bool:
        """Whether it is what the page said once, and not what it says now."""
        return self.revision != self.present


def read(connection: sqlite3.Connection, uid: str, revision: int | None = None) -> Reading | None:
    """Return the article `uid` as its present or another revision; None when the archive does not hold it."""
    found = connection.execute("SELECT * FROM articles WHERE uid = ?", [uid]).fetchone()
    if found is None:
        return None
    row = decoded(dict(found))
    now = row["revision"]
    known = revisions(connection, uid)[::-1]
    if revision is not None and revision != now:
        then = content(connection, uid, revision)
        if then is None:
            return None
        row |= then | next({"sha256": one["sha256"]} for one in known if one["revision"] == revision)
    captures = [dict(each) for each in connection.execute(_CAPTURES, [uid, CAPTURES])]
    count = connection.execute("SELECT count(*) FROM captures WHERE uid = ?", [uid]).fetchone()[0]
    aliases = [each[0] for each in connection.execute("SELECT url FROM aliases WHERE uid = ? ORDER BY url", [uid])]
    return Reading(
        row=row,
        site=site(connection, row["site"]),
        revision=revision or now,
        present=now,
        before=_before(connection, uid, now) if revision in (None, now) else None,
        revisions=known,
        withdrawals=withdrawals(connection, uid)[::-1],
        aliases=aliases,
        captures=captures,
        captures_held=count,
        pictures=media.held(connection, row, pictures=True),
        files=media.held(connection, row, pictures=False),
        original=find(connection, row["translation_of"]) if row["translation_of"] else None,
    )


def _before(connection: sqlite3.Connection, uid: str, revision: int) -> Row | None:
    try:
        return content(connection, uid, revision - 1) if revision > 1 else None
    except ArchiveError:
        return None  # the page of revisions tells; what the article says now can be read all the same


_CAPTURES = (
    "SELECT id, url, part, fetched_at, status, kind FROM captures WHERE uid = ?"
    " ORDER BY fetched_at DESC, id DESC LIMIT ?"
)


def site(connection: sqlite3.Connection, id_: str) -> Row:
    """Return the names of a site."""
    return dict(connection.execute("SELECT id, name, name_en FROM sites WHERE id = ?", [id_]).fetchone())


def present(connection: sqlite3.Connection, uid: str) -> int | None:
    """Return the number of an article's present revision; None when the archive does not hold it."""
    row = connection.execute("SELECT revision FROM articles WHERE uid = ?", [uid]).fetchone()
    return None if row is None else int(row["revision"])


def exported(connection: sqlite3.Connection, uid: str, *, revisions: bool = False) -> Row | None:
    """Return the article as an export gives it, None when it is not held. Raises ArchiveError as an export does."""
    db = Database(connection, recursive_triggers=False)
    # Its number moves when it is stored anew between the two questions; a second time in a row is no accident.
    for _ in range(3):
        row = connection.execute("SELECT change FROM articles WHERE uid = ?", [uid]).fetchone()
        if row is None:
            return None
        change = row["change"]
        for article in export(db, Selection(), since=change - 1, until=change, revisions=revisions):
            return article
    return None


def find(connection: sqlite3.Connection, url: str) -> str | None:
    """Return the uid of the article that an address names, in any form that the archive knows; None if none."""
    for form in _forms(url):
        for sql, value in (
            ("SELECT uid FROM articles WHERE uid = ?", uid_of(form)),
            ("SELECT uid FROM aliases WHERE url = ?", form),
            ("SELECT uid FROM articles WHERE site IN (SELECT id FROM sites) AND key = ?", form),
        ):
            row = connection.execute(sql, [value]).fetchone()
            if row is not None:
                return str(row["uid"])
    return None


def _forms(url: str) -> Iterator[str]:
    """Yield an address as given, then without its fragment, with either scheme, with and without `www.`."""
    yield url
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    host = parts.netloc.lower()
    bare = host.removeprefix("www.")
    path = parts.path or "/"
    for scheme in dict.fromkeys((parts.scheme.lower(), "http", "https")):
        for netloc in dict.fromkeys((host, bare, f"www.{bare}")):
            yield urlunsplit((scheme, netloc, path, parts.query, ""))


@dataclass(frozen=True, slots=True)
class AliasUids:
    """The uids that articles would have under their other addresses, and the rows of `aliases` they are of.

    An archive that was built in another order knows an article under the uid of another of its addresses.
    """

    uids: array[int]
    rows: array[int]

    def find(self, connection: sqlite3.Connection, uid: str) -> str | None:
        """Return the uid of the article that has an address with the uid `uid`; None if none has."""
        try:
            at = self.uids.index(int(uid, 16))
        except ValueError:
            return None
        # The row may be gone since, or another's.
        row = connection.execute("SELECT url, uid FROM aliases WHERE rowid = ?", [self.rows[at]]).fetchone()
        return str(row["uid"]) if row is not None and uid_of(row["url"]) == uid else None


def alias_uids(connection: sqlite3.Connection) -> AliasUids:
    """Read them all: 16 bytes an address, some seconds for a million of them."""
    found = AliasUids(array("Q"), array("q"))
    for row, url in connection.execute("SELECT rowid, url FROM aliases"):
        found.uids.append(int(uid_of(url), 16))
        found.rows.append(row)
    return found
