"""What the runs of a site tell: whether it answers, refuses, shows nothing, or answers with errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from archive import withdrawals
from archive.health.incidents import Finding, Found, Incident

#: Runs that are looked at, the newest first.
RUNS = 40
#: What `runs.cause` says of a site; a failure for another cause, or for none, is of kind `failed`.
CAUSES = ("blocked", "down", "robots", "waits", "nothing")
#: Failed requests are told where, of this many requests of the last runs, so many failed: this share of them, and this
#: many times the share of the runs before.
REQUESTS, FAILED, SHARE, TIMES = 20, 5, 0.2, 4.0
#: The share of failed requests that is taken for usual where the runs before were few.
USUAL_FAILED = 0.05
#: Withdrawals that wait in a site whose articles vanished: with fewer, it is over.
PENDING = withdrawals.MANY

_COLUMNS = (
    "id, started_at, outcome, reason, cause, requests, failed, disallowed, links, articles_new, articles_changed,"
    " articles_unchanged, options"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a site that is over, as `runs` has it."""

    id: int
    started_at: str
    outcome: str
    reason: str | None
    cause: str | None
    requests: int
    failed: int
    disallowed: int
    links: int
    new: int
    changed: int
    unchanged: int

    @property
    def good(self) -> bool:
        """Whether the site showed what it has: also in a run that rests, or was stopped, after some of it."""
        seen = self.links or self.new or self.changed or self.unchanged
        return self.outcome == "finished" or (self.outcome == "interrupted" and bool(seen))

    @property
    def bad(self) -> bool:
        """Whether it failed by the site; a disk that is full is no fault of the site."""
        return self.outcome == "failed" and self.cause != "archive"

    @property
    def kind(self) -> str:
        """The kind of incident that a bad run is of."""
        return self.cause if self.cause in CAUSES else "failed"


def recent_runs(connection: sqlite3.Connection, site: str) -> list[Run]:
    """Return the last runs of a site, the newest first; without replays, which say nothing of the site today."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE site = ? ORDER BY id DESC LIMIT {RUNS}", [site])
    return [Run(*row[:-1]) for row in map(tuple, rows) if row[2] != "running" and '"replay"' not in row[-1]]


def failing(connection: sqlite3.Connection, site: str, runs: Sequence[Run]) -> Found:
    """Return, for every kind that runs fail by, whether the newest ones do: each kind with a finding or without."""
    told = [run for run in runs if run.good or run.bad]
    found: dict[str, dict[str, Finding]] = {kind: {} for kind in (*CAUSES, "failed")}
    if told and told[0].bad:
        kind = told[0].kind
        row = list(takewhile(lambda run: run.bad and run.kind == kind, told))
        page = failed_page(connection, site, told[0].id)
        facts: dict[str, Any] = {"day": row[-1].started_at[:10], "visits": len(row), "reason": told[0].reason or ""}
        if page is not None and page.error not in facts["reason"]:
            facts["error"] = page.error
        found[kind][""] = Finding(row[-1].started_at, facts, page.url if page else None, page.capture if page else None)
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """A page that failed: where, why, and its last capture."""

    url: str
    section: str
    state: str
    first: bool
    """Whether it is the first page of a listing, or the home page."""
    status: int | None
    error: str
    capture: int | None


# Its third condition lets SQLite take the index of what is not done.
_FAILED = """
SELECT url, section, state, kind IN ('home', 'listing') AND depth = 0, status, error, key FROM frontier
WHERE site = ? AND state IN ('failed', 'disallowed') AND state != 'done' AND run = ? AND kind != 'media'
ORDER BY kind IN ('home', 'listing') DESC, id DESC LIMIT 100
"""


def failed_page(connection: sqlite3.Connection, site: str, run: int) -> Page | None:
    """Return the page that shows best why a run failed: a listing page before articles, the last one first."""
    pages = failed_pages(connection, site, run)
    return next(pages, None)


def failed_pages(connection: sqlite3.Connection, site: str, run: int) -> Iterator[Page]:
    """Yield up to 100 pages that failed in a run, listing pages first."""
    rows = connection.execute(_FAILED, [site, run]).fetchall()
    for url, section, state, first, status, error, key in map(tuple, rows):
        query = "SELECT max(id) FROM captures WHERE site = ? AND key = ?"
        capture = connection.execute(query, [site, key]).fetchone()[0]
        yield Page(url, section or "", state, bool(first), status, error or "", capture)


def errors(runs: Sequence[Run]) -> dict[str, Finding]:
    """Return whether far more requests fail than before, in a site that answers."""
    told = [run for run in runs if run.good]
    requests = failed = taken = 0
    for run in told[:5]:
        requests, failed, taken = requests + run.requests, failed + run.failed, taken + 1
        if requests >= REQUESTS:
            break
    if requests < REQUESTS or failed < FAILED or failed < SHARE * requests:
        return {}
    before = sum(run.requests for run in told[taken:])
    usual = max(sum(run.failed for run in told[taken:]) / before, 0.01) if before >= REQUESTS else USUAL_FAILED
    if failed < TIMES * usual * requests:
        return {}
    first = told[taken - 1].started_at
    return {"": Finding(first, {"day": first[:10], "requests": requests, "failed": failed, "before": round(usual, 3)})}


def vanished(
    connection: sqlite3.Connection, site: str, runs: Sequence[Run], held: Sequence[Incident]
) -> dict[str, Finding]:
    """Return whether most of what was visited is gone at once: the site may have moved, or be broken."""
    query = "SELECT seen_at, since FROM withdrawals WHERE site = ? AND confirmed_at IS NULL"
    pending = [tuple(row) for row in connection.execute(query, [site])]
    if len(pending) < PENDING or not runs:
        return {}
    one = next((one for one in held if one.kind == "vanished"), None)
    # A run that visits again what is gone may visit little else; one of a small site visits few articles at all.
    tenth = sorted((since for _, since in pending), reverse=True)[PENDING - 1]
    begun = withdrawals.run_of(connection, site, tenth)
    gone, visited = withdrawals.Lately.since(connection, site, begun).share(begun)
    last = sum(seen >= runs[0].started_at for seen, _ in pending) + runs[0].changed + runs[0].unchanged
    if withdrawals.is_suspicious(gone, max(visited, last)):
        since = min(since for _, since in pending)
        visited = max(visited, last, len(pending))
        return {"": Finding(since, {"day": since[:10], "gone": len(pending), "visited": visited})}
    # Later runs visit few of them; until these are decided or back, it is not over.
    return {"": Finding(one.began_at, one.facts | {"gone": len(pending)})} if one is not None else {}
