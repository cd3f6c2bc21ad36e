"""How sites are, as pages show it: without restricted sites, and without addresses of restricted articles."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from archive import coverage, health
from archive.clock import stamp, utcnow
from archive.discretion import discreet, restricted_sites
from archive.health import Incident, figures
from archive.health.figures import SiteHealth
from archive.search.selection import QueryError
from archive.tables import has_tables
from archive.web.whole import ask_whole

if TYPE_CHECKING:
    from datasette.app import Datasette

Status = Literal["failing", "warning", "ok"]
#: Days that an incident is shown after it ended.
ENDED = timedelta(days=30)
#: Milliseconds that the figures of all sites may take.
PATIENCE = 8_000


@dataclass(frozen=True, slots=True)
class Wellness:
    """Sites at a moment, the worst first, and the incidents that are over. `is_kept`: whether the archive tells at all.

    A copy for readers does not, nor does an archive that no crawl has opened since it was of an older version.
    """

    at: datetime
    is_kept: bool = False
    sites: list[SiteHealth] = field(default_factory=list)
    """The active ones, with their open incidents."""
    ended: list[Incident] = field(default_factory=list)
    """The last ones first."""
    names: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    """Of every site, also of those that are not active: its name, its English name."""
    next_checks: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def open(self) -> list[Incident]:
        """What is wrong now, the worst first: what makes sites fail, what concerns whole sites, what is oldest."""
        found = [one for site in self.sites for one in site.incidents]
        return sorted(found, key=lambda one: (one.severity, bool(one.section), one.began_at, one.site, one.id))

    @property
    def status(self) -> Status:
        """How the worst site is."""
        found = {status_of(site) for site in self.sites}
        return "failing" if "failing" in found else "warning" if "warning" in found else "ok"


def status_of(site: SiteHealth) -> Status:
    """Return how a site is in one of three words; one that was never crawled has done nothing wrong."""
    if site.state == "failing":
        return "failing"
    return "warning" if site.state in ("warning", "unlooked") else "ok"


async def wellness(datasette: Datasette, site: str | None = None, *, ended: timedelta = ENDED) -> Wellness:
    """Return how sites are now, or one site, and what ended lately. Raises QueryError for an unknown site, TooSlow."""
    now = utcnow()
    return await ask_whole(datasette, lambda connection: read(connection, now, site, ended), PATIENCE)


def read(connection: sqlite3.Connection, now: datetime, site: str | None, ended: timedelta = ENDED) -> Wellness:
    """Do the same at a moment; a site that is restricted is not known."""
    hidden = restricted_sites(connection)
    if site in hidden:
        raise QueryError(f"site {site!r}: not in this archive", f"本档案没有站点“{site}”")
    if site is not None:
        coverage.require_site(connection, site)
    if not has_tables(connection, "incidents", "runs", "readings"):
        return Wellness(now)
    found = [one for one in figures.sites(connection, now, [site] if site else ()) if one.id not in hidden]
    over = health.ended_since(connection, stamp(now - ended))
    rows = [tuple(row) for row in connection.execute("SELECT id, name, name_en, next_check FROM sites")]
    return Wellness(
        now,
        is_kept=True,
        sites=[
            replace(one, incidents=tuple(discreet(connection, one.incidents))) if one.incidents else one
            for one in found
            if one.state not in ("paused", "unsupported")
        ],
        ended=discreet(
            connection, [one for one in reversed(over) if one.site not in hidden and site in (None, one.site)]
        ),
        names={row[0]: (row[1], row[2]) for row in rows},
        next_checks={row[0]: row[3] for row in rows},
    )
