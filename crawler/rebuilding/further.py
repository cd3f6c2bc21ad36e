"""Further pages of articles that were taken for articles of their own, as a replay or an import takes them by address.

Their records lie in `warc/` once, under the page's own address. When an article turns out to name them they are told
again, as what they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from crawler import urls
from crawler.frontier import Frontier, Row
from crawler.keeping import Keeper, Kept
from crawler.profile import SiteProfile

_ASKED = """
    SELECT key, url FROM frontier WHERE site = ? AND state = 'due' AND part_of IS NOT NULL AND (part_of = ? OR key = ?)
"""
_HELD = """
    SELECT * FROM captures WHERE site = ? AND key = ? AND run = ? AND status = 200 AND truncated IS NULL
    ORDER BY id DESC LIMIT 1
"""


def further_pages(
    connection: sqlite3.Connection, profile: SiteProfile, keeper: Keeper, frontier: Frontier, row: Row, run: int
) -> Iterator[tuple[Row, Kept]]:
    """Yield, leased, the pages that are asked for and that a run captured as articles of their own, as they were kept.

    Looked for are those of the article `row`, and `row` itself where it is one. What comes of each is to be written
    before the next is taken: it may name further ones.
    """
    values = [profile.id, row.key, f"part:{urls.canonical(row.url, profile)}"]
    seen: set[str] = set()
    while True:
        asked = [one for one in connection.execute(_ASKED, values).fetchall() if one["key"] not in seen]
        if not asked:
            return
        seen.add(asked[0]["key"])
        held = connection.execute(_HELD, [profile.id, urls.key(asked[0]["url"], profile), run]).fetchone()
        if held is None:
            continue
        part = frontier.lease(asked[0]["key"])
        assert part is not None
        http = keeper.content(held["id"])[0]
        columns = {**dict(held), "known": held["id"]}
        yield part, Kept(columns, http, datetime.fromisoformat(held["fetched_at"]), unchanged=False)
