"""Due: which sites are to be crawled now, and when the next one is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from archive import clock
from crawler.planning import FAR

if TYPE_CHECKING:
    from crawler.profile import SiteProfile


def due_sites(connection: sqlite3.Connection, profiles: Iterable[SiteProfile], now: datetime) -> list[SiteProfile]:
    """Return the active sites that are due, those that have waited longest first; a site never crawled is."""
    checks = _checks(connection, now)
    due = [one for one in profiles if one.status == "active" and (checks.get(one.id) or "") <= clock.stamp(now)]
    return sorted(due, key=lambda one: checks.get(one.id) or "")


def next_due(connection: sqlite3.Connection, profiles: Iterable[SiteProfile], now: datetime) -> datetime | None:
    """Return when the next active site is due (`now` where one is already); None where there is no active site."""
    checks = _checks(connection, now)
    moments = [checks.get(one.id) for one in profiles if one.status == "active"]
    if not moments:
        return None
    return max(now, min(clock.moment(one) if one else now for one in moments))


def _checks(connection: sqlite3.Connection, now: datetime) -> Mapping[str, str | None]:
    """Return when each site is due; None where it never was crawled, or a clock that was ahead has planned it."""
    rows = connection.execute("SELECT id, iif(next_check <= ?, next_check, NULL) FROM sites", [clock.stamp(now + FAR)])
    return {row[0]: row[1] for row in rows}
