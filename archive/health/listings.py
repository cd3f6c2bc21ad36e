"""What the last look at each section tells: a listing that shows no article any more, or is not to be had."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any

from archive.health.incidents import Finding, Found
from archive.health.visits import Page, Run, failed_pages

#: The kind of incident that the outcome of a section's last look is of.
KINDS = {"empty": "nothing", "failed": "listing", "disallowed": "robots", "blocked": "blocked"}
GOOD = ("read", "unchanged")
#: A section that was not looked at for so many days before the site's last look has left it; its last look is past.
LEFT = 45
#: Looks of a section that are read; a listing that has been bad for longer began to be before.
LOOKS = 30
#: A listing that the site says is not there; any other failure may pass, and is told when the next look fails too.
GONE = (401, 403, 404, 410)

# From section to section, each found by the primary key, and its last day.
_SECTIONS = """
WITH RECURSIVE named(section) AS (
    SELECT min(section) FROM {table} WHERE site = :site UNION ALL
    SELECT (SELECT min(section) FROM {table} WHERE site = :site AND section > named.section)
    FROM named WHERE section IS NOT NULL
), lasts(section, day) AS (
    SELECT section, (SELECT max(day) FROM {table} WHERE site = :site AND section = named.section)
    FROM named WHERE section IS NOT NULL
)
"""
_LAST_LOOKS = f"""{_SECTIONS.format(table="looks")}
SELECT lasts.section, l.day, l.outcome, l.articles, l.run FROM lasts CROSS JOIN looks AS l
ON l.site = :site AND l.section = lasts.section AND l.day = lasts.day
"""


@dataclass(frozen=True, slots=True)
class Look:
    """A row of `looks`."""

    day: str
    outcome: str
    articles: int
    run: int | None


def last_days(connection: sqlite3.Connection, site: str) -> dict[str, str]:
    """Return the sections of a site that `readings` know, each with its last day."""
    rows = connection.execute(f"{_SECTIONS.format(table='readings')} SELECT section, day FROM lasts", {"site": site})
    return {row[0]: row[1] for row in rows}


def last_looks(connection: sqlite3.Connection, site: str) -> dict[str, Look]:
    """Return the sections of a site that were ever looked at, each with its last look."""
    return {row[0]: Look(*tuple(row)[1:]) for row in connection.execute(_LAST_LOOKS, {"site": site})}


def broken(connection: sqlite3.Connection, site: str, runs: Sequence[Run], lasts: Mapping[str, Look]) -> Found:
    """Return the sections whose listings are bad since their last look (of `lasts`), of those that were good before.

    Where all of the site's are, and they are several, it is the whole site.
    """
    found: dict[str, dict[str, Finding]] = {kind: {} for kind in KINDS.values()}
    newest = max((look.day for look in lasts.values()), default="")
    pages = _first_pages(connection, site, runs)
    good = False
    for section, last in lasts.items():
        page = pages.get(section)
        outcome = _outcome(last, runs, page)
        good = good or outcome in GOOD
        if outcome in GOOD or _has_left(last, newest):
            continue
        bad = _since(connection, site, section, outcome)
        if bad is None or (outcome == "failed" and len(bad) < 2 and (page is None or page.status not in GONE)):
            continue
        facts: dict[str, Any] = {"day": bad[-1].day, "looks": len(bad)}
        if page is not None:
            facts["error"] = page.error
        found[KINDS[outcome]][section] = Finding(
            f"{bad[-1].day}T00:00:00Z", facts, page.url if page else None, page.capture if page else None
        )
    return found if good else {kind: _together(one) for kind, one in found.items()}


def unseen(lasts: Mapping[str, Look], last: Run) -> set[str]:
    """Return the sections that the last run did not look at, and that have not left the site."""
    newest = max((look.day for look in lasts.values()), default="")
    return {name for name, look in lasts.items() if look.run != last.id and not _has_left(look, newest)}


def _has_left(look: Look, newest: str) -> bool:
    return (date.fromisoformat(newest) - date.fromisoformat(look.day)).days > LEFT


def _since(connection: sqlite3.Connection, site: str, section: str, outcome: str) -> list[Look] | None:
    """Return the last looks of a section that had an outcome, the newest first; None where none before was good."""
    query = "SELECT day, outcome, articles, run FROM looks WHERE site = ? AND section = ? ORDER BY day DESC LIMIT ?"
    looks = [Look(*row) for row in connection.execute(query, [site, section, LOOKS])]
    bad = [looks[0], *takewhile(lambda look: look.outcome == outcome, looks[1:])]
    # The last day may have begun well.
    if looks[0].outcome in GOOD or any(look.outcome in GOOD for look in looks[len(bad) :]):
        return bad
    query = "SELECT 1 FROM looks WHERE site = ? AND section = ? AND day < ? AND outcome IN ('read', 'unchanged')"
    return bad if connection.execute(query, [site, section, bad[-1].day]).fetchone() else None


def _first_pages(connection: sqlite3.Connection, site: str, runs: Sequence[Run]) -> dict[str, Page]:
    """Return the first pages of listings that failed in the last run, by section."""
    if not runs or not (runs[0].failed or runs[0].disallowed):
        return {}
    return {page.section: page for page in failed_pages(connection, site, runs[0].id) if page.first}


def _outcome(look: Look, runs: Sequence[Run], page: Page | None) -> str:
    """Return what came of the last look of a day, where the row says the best one.

    Its links are the last look's: none of them where a page was read is a later look that found none.
    """
    if look.outcome not in GOOD or not runs or look.run != runs[0].id:
        return look.outcome
    if page is not None:
        return "failed" if page.state == "failed" else "disallowed"
    return "empty" if look.outcome == "read" and look.articles == 0 else look.outcome


def _together(found: Mapping[str, Finding]) -> dict[str, Finding]:
    """Return one finding for the site instead of those of several sections."""
    if len(found) < 2:
        return dict(found)
    first = min(found.values(), key=lambda one: one.began_at)
    return {"": Finding(first.began_at, first.facts | {"sections": len(found)}, first.url, first.capture)}
