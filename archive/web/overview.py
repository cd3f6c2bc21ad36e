"""What the index page shows: how much each site gives, and the newest articles."""

from __future__ import annotations

from typing import Any

from datasette.database import Database, QueryInterrupted

NEWEST = 12

# Both walk an index: articles_site counts, and its last entry of a site is the newest.
_SITES = """
SELECT s.id, s.name, s.name_en,
    (SELECT count(*) FROM articles WHERE site = s.id) AS articles,
    (SELECT published_at FROM articles WHERE site = s.id ORDER BY id DESC LIMIT 1) AS newest
FROM sites AS s ORDER BY articles DESC, s.id
"""
_NEWEST = """
SELECT a.id, a.title, a.published_at, a.source, a.section, s.name AS site
FROM articles AS a JOIN sites AS s ON s.id = a.site ORDER BY a.id DESC LIMIT ?
"""


async def overview(db: Database) -> dict[str, Any]:
    """Return `sites` (with counts; None when there are too many articles to count in time) and `newest`."""
    try:
        sites = (await db.execute(_SITES)).rows
    except QueryInterrupted:
        sites = None
    newest = (await db.execute(_NEWEST, [NEWEST])).rows
    return {"sites": sites, "newest": newest}
