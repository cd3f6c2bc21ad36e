"""Pictures and files of an article that the archive holds: found in `captures` by digest or address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from archive.firstbytes import raster as raster

# A capture that repeats or confirms an earlier one stands for its payload.
_HELD = """
SELECT c.id FROM captures AS c JOIN captures AS p ON p.id = coalesce(c.payload, c.id)
WHERE p.status = 200 AND p.truncated IS NULL AND c.id IN (
    SELECT id FROM captures WHERE digest = :digest AND kind = 'response'
    UNION ALL SELECT id FROM captures WHERE site = :site AND key = :url
    UNION ALL SELECT id FROM captures WHERE uid = :uid AND url = :url
) AND (p.content_type LIKE 'image/%' OR NOT :picture)
ORDER BY p.digest IS :digest DESC, c.id DESC LIMIT 1
"""


def held(connection: sqlite3.Connection, article: Mapping[str, Any], *, pictures: bool) -> dict[str, int]:
    """Return the captures (ids) of an article's images, or of its attachments, by address, as far as they are held.

    `article` has `uid`, `site`, and the list (already read from JSON). The newest capture with the digest that the
    article names is taken, else the newest of the address.
    """
    found: dict[str, int] = {}
    for item in article["images" if pictures else "attachments"]:
        values = {
            "site": article["site"],
            "uid": article["uid"],
            "url": item["url"],
            "digest": item.get("digest"),
            "picture": pictures,
        }
        row = connection.execute(_HELD, values).fetchone()
        if row is not None:
            found[item["url"]] = row[0]
    return found


def belongs(capture: Mapping[str, Any], article: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether a capture is of one of an article's images and attachments, by the rules of `held`."""
    for item in items:
        if item.get("digest") is not None and item["digest"] == capture["digest"]:
            return True
        if capture["site"] == article["site"] and capture["key"] == item["url"]:
            return True
        if capture["uid"] == article["uid"] and capture["url"] == item["url"]:
            return True
    return False
