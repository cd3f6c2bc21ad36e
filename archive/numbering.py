"""Numbers of articles: ids in the order of publication, and `change`, which grows with every change to any."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

_BEIJING = timezone(timedelta(hours=8))


def last_change(connection: sqlite3.Connection) -> int:
    """Return the last change that was given out, 0 in an empty archive; a restricted article's is not given out again.

    A reader who pages by `change` would miss what got a number that is known already.
    """
    queries = "SELECT max(change) FROM articles", "SELECT max(change) FROM restrictions"
    return max(connection.execute(one).fetchone()[0] or 0 for one in queries)


def published_second(published_at: str | None) -> int:
    """Return the UTC second that an article sorts by: a day is its noon +08:00, a month its 15th, unknown is 0."""
    if published_at is None:
        return 0
    if len(published_at) == 7:
        published_at += "-15"
    if len(published_at) == 10:
        published_at += "T12:00:00"
    moment = datetime.fromisoformat(published_at)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_BEIJING)
    return int(moment.astimezone(UTC).timestamp())


def free_id(connection: sqlite3.Connection, published_at: str | None) -> int:
    """Return an unused id in publication order: 1,024 to a second, then a counter.

    A day without times can hold more than 1,024 articles; they spill into the seconds after its noon.
    """
    second = published_second(published_at)
    first = second * 1024
    step = 1024
    while True:
        last = connection.execute(
            "SELECT max(id) FROM articles WHERE id >= ? AND id < ?", [first, first + step]
        ).fetchone()[0]
        if last is None:
            return first
        if last + 1 < first + step:
            return int(last) + 1
        first += step
