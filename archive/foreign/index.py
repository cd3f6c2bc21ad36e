"""Where requests and responses lie in the files that are read, so that their order does not matter.

It is kept in a temporary SQLite database, which goes to the disk when it grows: a file may hold millions of records.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.foreign.walk import Place, Raw

_TABLE = """
CREATE TABLE records (
    container INTEGER, offset INTEGER, inner INTEGER, type TEXT,
    id INTEGER, concurrent INTEGER, url INTEGER, moment INTEGER, digest INTEGER
)
"""
#: Each ends with the place, so that the nearest is found without sorting all that have the same key.
_INDEXES = """
CREATE INDEX by_id ON records (id, type, container, offset, inner) WHERE id IS NOT NULL;
CREATE INDEX by_concurrent ON records (concurrent, container, offset, inner) WHERE type = 'request';
CREATE INDEX by_moment ON records (moment, url, container, offset, inner) WHERE type = 'response';
CREATE INDEX by_digest ON records (digest, container, offset, inner) WHERE type = 'response';
CREATE INDEX by_digest_and_url ON records (digest, url, container, offset, inner) WHERE type = 'response';
"""
#: So many records on either side are looked at to find a request or an original.
_MOST = 4
_TYPES = ("request", "response", "revisit")


@dataclass(frozen=True, slots=True)
class Spot:
    """A record's container, by its number, and its place there."""

    container: int
    place: Place


class Index:
    """Finds requests by their response and originals by their revisit. Names and addresses are held as hashes."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(_TABLE)
        self._db.executescript(_INDEXES)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Free it."""
        self._db.close()

    def add(self, container: int, raw: Raw) -> None:
        """Note a request, response or revisit."""
        if raw.type not in _TYPES:
            return
        get = raw.head.get
        keys = [
            _key(get(name))
            for name in ("WARC-Record-ID", "WARC-Concurrent-To", "WARC-Target-URI", "WARC-Date", "WARC-Payload-Digest")
        ]
        row = [container, raw.place.offset, raw.place.inner, raw.type, *keys]
        self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def requests(self, spot: Spot, raw: Raw) -> list[Spot]:
        """Return the requests that a response or revisit names, or that name it, nearest first."""
        id_, concurrent = _key(raw.head.get("WARC-Record-ID")), _key(raw.head.get("WARC-Concurrent-To"))
        found = self._find(spot, "type = 'request' AND concurrent = ?", id_)
        return found + self._find(spot, "id = ? AND type = 'request'", concurrent)

    def originals(self, spot: Spot, raw: Raw) -> Iterator[Spot]:
        """Yield the responses that a revisit may stand for: those it names first, then by digest, nearest first."""
        get = raw.head.get
        yield from self._find(spot, "id = ? AND type = 'response'", _key(get("WARC-Refers-To")))
        url, moment = _key(get("WARC-Refers-To-Target-URI")), _key(get("WARC-Refers-To-Date"))
        yield from self._find(spot, "type = 'response' AND moment = ? AND url = ?", moment, url)
        digest, url = _key(get("WARC-Payload-Digest")), _key(get("WARC-Target-URI"))
        yield from self._find(spot, "type = 'response' AND digest = ? AND url = ?", digest, url)
        yield from self._find(spot, "type = 'response' AND digest = ?", digest)

    def before(self, spot: Spot, raw: Raw) -> Spot | None:
        """Return a record before this one that has its WARC-Record-ID, the last of its own type if there is one."""
        id_ = _key(raw.head.get("WARC-Record-ID"))
        for type_ in sorted(_TYPES, key=lambda one: one != raw.type):
            if found := self._beside(spot, f"id = ? AND type = '{type_}'", [id_], "<", 1):
                return found[0]
        return None

    def count_requests(self, container: int) -> int:
        """Return how many requests a container holds."""
        query = "SELECT count(*) FROM records WHERE type = 'request' AND container = ?"
        return int(self._db.execute(query, [container]).fetchone()[0])

    def _find(self, spot: Spot, condition: str, *values: int | None) -> list[Spot]:
        """Return the records of a condition around a spot, nearest first."""
        if None in values:
            return []
        found = self._beside(spot, condition, values, "<", _MOST) + self._beside(spot, condition, values, ">", _MOST)
        return sorted(
            found, key=lambda one: (one.container != spot.container, abs(one.place.offset - spot.place.offset))
        )

    def _beside(self, spot: Spot, condition: str, values: Sequence[int | None], side: str, most: int) -> list[Spot]:
        down = "DESC" if side == "<" else ""
        query = (
            f"SELECT container, offset, inner FROM records WHERE {condition} AND (container, offset, inner) {side}"
            f" (?, ?, ?) ORDER BY container {down}, offset {down}, inner {down} LIMIT {most}"
        )
        found = self._db.execute(query, [*values, spot.container, spot.place.offset, spot.place.inner])
        return [Spot(container, Place(offset, inner)) for container, offset, inner in found]


def _key(value: str) -> int | None:
    """Return a hash of a header's value, of 63 bits; None for an empty one, which equals no other."""
    value = value.strip().removeprefix("<").removesuffix(">")
    if not value:
        return None
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
