"""Plans: when what was just visited is to be visited again, as columns of its row in the frontier."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive import hidden
from archive.clock import moment as read_moment
from archive.revisions import published_second
from crawler import planning

if TYPE_CHECKING:
    from archive.withdrawals import Gone
    from crawler.frontier import Row
    from crawler.run import SiteRun

#: Visits are spread by up to a fifth of this, so that what was found together is not due together.
_SPREAD = timedelta(days=1)


def listing(run: SiteRun, row: Row, at: datetime, *, new: bool, links: bool = True) -> dict[str, Any]:
    """Return what is written of a listing's first page that was looked at; nothing of the pages after it.

    One without `links` is read again, also where it is as it was: that it leads nowhere is a failure each time.
    """
    if row.depth or row.kind not in ("home", "listing"):
        return {}
    pace = run.pace
    before = None if row.interval is None else timedelta(hours=row.interval)
    quiet_for = None if row.changed_at is None else at - read_moment(row.changed_at)
    interval = planning.next_look(pace, before, new=new, quiet_for=quiet_for)
    columns: dict[str, Any] = {
        "interval": interval / timedelta(hours=1),
        "next_check": planning.at(at, interval),
        "read_with": run.derived_with if links else None,
    }
    if new or row.changed_at is None:
        columns["changed_at"] = planning.at(at, timedelta())
    if row.section in run.audited or row.next_audit is None:
        columns["next_audit"] = planning.at(at, pace.audit + planning.spread(row.key, pace.audit))
    return columns


def article(connection: sqlite3.Connection, run: SiteRun, row: Row, at: datetime, outcome: str) -> dict[str, Any]:
    """Return what is written of an article's page that was visited; `outcome` is that of `save_article`."""
    site = run.profile.id
    with hidden.keeping(connection, site, row.key) as own:
        held = own.execute(_HELD, [site, row.key]).fetchone()
    if held is None:
        return {}
    published = held["published_at"]
    first_seen = read_moment(held["first_seen_at"])
    old = published is not None and first_seen.timestamp() - published_second(published) > planning.OLD.total_seconds()
    # One that flips between two versions is not edited anew each time.
    since = read_moment(held["changed_at"]) if held["revision"] > 1 and held["times"] == 1 else first_seen
    after = planning.next_visit(at - since, old=old and held["revision"] == 1)
    after += planning.spread(row.key, after if after > _SPREAD else _SPREAD / 4)
    visits = 0 if outcome in ("new", "changed") else row.visits + 1
    return {"next_check": planning.at(at, after), "visits": visits}


_HELD = """
    SELECT a.published_at, a.first_seen_at, a.revision, r.fetched_at AS changed_at,
        (SELECT count(*) FROM revisions AS o WHERE o.uid = a.uid AND o.sha256 = a.sha256) AS times
    FROM articles AS a LEFT JOIN revisions AS r ON r.uid = a.uid AND r.revision = a.revision
    WHERE a.site = ? AND a.key = ?
"""


def gone(run: SiteRun, row: Row, at: datetime, gone: Gone | None) -> dict[str, Any]:
    """Return what is written of an article that was found gone."""
    after = planning.next_try(0 if gone is None else gone.visits, run.pace)
    return {"next_check": planning.at(at, after), "visits": row.visits + 1}
