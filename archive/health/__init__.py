"""Health: each site against its own past. What is wrong becomes an incident, and ends as one; docs/health.md says when.

Nothing here knows profiles or the network: rules read the tables that crawls write, bounded by their indexes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.clock import stamp
from archive.health import incidents, listings, pages, rhythm, visits
from archive.health.incidents import Changes, Finding, Incident, ended_since, open_incidents, severity, still
from archive.health.strands import Read
from archive.health.words import words

__all__ = [
    "Changes", "Expectation", "Incident", "Read", "assess", "ended_since", "open_incidents", "severity",
    "words",
]  # fmt: skip

#: Kinds of incident by which pages fail.
EXPLAIN_ERRORS = ("layout", "unread")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a profile says of a healthy site: the longest time without a new article; whether it has layouts."""

    max_days_between_articles: int | None = None
    layouts: bool = False
    """Whether the site has layouts of its own or of its family, so that the generic extractor is a failure."""


def assess(
    connection: sqlite3.Connection, site: str, now: datetime, expect: Expectation, *, read: Read | None = None
) -> Changes:
    """Compare a site with its own past, at the end of a run and inside its write transaction; write what changed.

    `read` is what the pages of the run yielded. Without it a change of a template is told by whole days only: that one
    run of a day read pages by a layout and the next one by none, as soon as the latter are a fifth of both.
    """
    runs = visits.recent_runs(connection, site)
    held = open_incidents(connection, site)
    found: dict[str, Mapping[str, Finding]] = dict(visits.failing(connection, site, runs))
    looks = listings.last_looks(connection, site)
    if runs and runs[0].good:
        unseen = listings.unseen(looks, runs[0])
        as_before = _still_of_sections([one for one in held if one.section in unseen])
        now_bad = listings.broken(connection, site, runs, looks)
        found = _of_listings(found, {kind: {**as_before[kind], **now_bad[kind]} for kind in as_before})
        found["vanished"] = visits.vanished(connection, site, runs, held)
    else:
        found = _of_listings(found, _still_of_sections(held))
    if runs and runs[0].outcome == "finished":
        found["silent"] = rhythm.silent(connection, site, now, expect.max_days_between_articles)
        found["quiet"] = {} if found["silent"] else rhythm.quiet_sections(connection, site, now, looks, held)
    if any(run.outcome == "finished" for run in runs):
        found |= pages.changed(connection, site, read, runs, held, has_layouts=expect.layouts)
        # Pages that give no article failed too; it is not told twice.
        is_told = any(found[kind] if kind in found else kind in {one.kind for one in held} for kind in EXPLAIN_ERRORS)
        found["errors"] = {} if is_told else visits.errors(runs)
    return incidents.settle(connection, site, stamp(now), found, held)


def _of_listings(
    of_runs: Mapping[str, Mapping[str, Finding]], of_sections: Mapping[str, Mapping[str, Finding]]
) -> dict[str, Mapping[str, Finding]]:
    """Put together what runs and what sections tell of a kind: what is true of the whole site stands alone."""
    return {kind: of_runs.get(kind) or of_sections.get(kind, {}) for kind in {*of_runs, *of_sections}}


def _still_of_sections(held: Sequence[Incident]) -> dict[str, dict[str, Finding]]:
    """Return what is wrong with sections, as it was: a run that failed, or looked at others, has not seen them."""
    own = [one for one in held if one.section and one.kind in listings.KINDS.values()]
    return {kind: {one.section: still(one) for one in own if one.kind == kind} for kind in listings.KINDS.values()}
