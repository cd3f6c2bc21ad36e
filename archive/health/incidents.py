"""Incidents: what is wrong with a site or a section, from the run that found it to the one that found it over.

Only this module writes the table `incidents`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["bad", "warning"]

#: Kinds that do not make a site fail; everything else does.
WARNINGS = frozenset({"waits", "fields", "length", "damaged", "quiet", "errors"})


@dataclass(frozen=True, slots=True)
class Finding:
    """That something is wrong now: since when, its figures, and a page that shows it (the capture's row, if held)."""

    began_at: str
    facts: dict[str, Any]
    url: str | None = None
    capture: int | None = None


#: Findings by kind, then by section ("" is the whole site). A kind that is missing was not looked into.
Found = Mapping[str, Mapping[str, Finding]]


@dataclass(frozen=True, slots=True)
class Incident:
    """A row of `incidents`; docs/health.md says which facts a kind has."""

    id: int
    site: str
    section: str
    kind: str
    began_at: str
    noticed_at: str
    seen_at: str
    ended_at: str | None
    facts: dict[str, Any]
    url: str | None
    capture: int | None

    @property
    def severity(self) -> Severity:
        """Whether the site fails by it."""
        return severity(self.kind)


@dataclass(frozen=True, slots=True)
class Changes:
    """Incidents that began to be noticed, and those that are over."""

    opened: list[Incident] = field(default_factory=list)
    ended: list[Incident] = field(default_factory=list)


def severity(kind: str) -> Severity:
    """Return `bad` for what makes a site fail, `warning` for what a person should know."""
    return "warning" if kind in WARNINGS else "bad"


def open_incidents(connection: sqlite3.Connection, site: str | None = None) -> list[Incident]:
    """Return what is wrong now, with one site or with all, the oldest first."""
    where, values = ("AND site = ?", [site]) if site is not None else ("", [])
    rows = connection.execute(f"SELECT {_COLUMNS} FROM incidents WHERE ended_at IS NULL {where}", values)
    return sorted(map(incident, rows), key=lambda one: (one.began_at, one.id))


def ended_since(connection: sqlite3.Connection, since: str) -> list[Incident]:
    """Return the incidents of all sites that ended at `since` (as the archive writes times) or later."""
    query = f"SELECT {_COLUMNS} FROM incidents WHERE ended_at >= ? ORDER BY ended_at, id"
    return [incident(row) for row in connection.execute(query, [since])]


_COLUMNS = "id, site, section, kind, began_at, noticed_at, seen_at, ended_at, facts, url, capture"


def incident(row: Sequence[Any]) -> Incident:
    """Read a row of `incidents`, its columns in their order."""
    values = list(row)
    values[8] = json.loads(values[8])
    return Incident(*values)


def still(one: Incident) -> Finding:
    """Return the finding that an incident is as it was."""
    return Finding(one.began_at, one.facts, one.url, one.capture)


def settle(connection: sqlite3.Connection, site: str, now: str, found: Found, held: Sequence[Incident]) -> Changes:
    """Write what was found: open what is new, update what is still so, end what is not; return the changes.

    `held` are the site's open incidents. One whose kind was not looked into stays as it is. What was told of a section
    and now concerns the whole site, or the other way round, goes on as the same incident.
    """
    changes = Changes()
    for kind, findings in found.items():
        before = {one.section: one for one in held if one.kind == kind}
        for section, finding in findings.items():
            one = before.pop(section, None) or _heir(before, section, findings)
            if one is not None:
                _update(connection, one, section, now, finding)
            else:
                changes.opened.append(_open(connection, site, section, kind, now, finding))
        for one in before.values():
            if _absorbed(one, findings):
                connection.execute("DELETE FROM incidents WHERE id = ?", [one.id])
            else:
                connection.execute("UPDATE incidents SET ended_at = ? WHERE id = ?", [now, one.id])
                changes.ended.append(replace(one, ended_at=now))
    return changes


def _heir(before: dict[str, Incident], section: str, findings: Mapping[str, Finding]) -> Incident | None:
    """Take out of `before` the incident that a finding of another scope goes on with, if there is one."""
    for other, one in before.items():
        if other not in findings and (not section or not other):
            del before[other]
            return one
    return None


def _absorbed(one: Incident, findings: Mapping[str, Finding]) -> bool:
    """Say whether a section's incident is now told as the whole site's."""
    return bool(one.section) and "" in findings


def _open(connection: sqlite3.Connection, site: str, section: str, kind: str, now: str, finding: Finding) -> Incident:
    began = min(finding.began_at, now)
    values = (site, section, kind, began, now, now, None, finding.facts, finding.url, finding.capture)
    cursor = connection.execute(
        f"INSERT INTO incidents ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [json.dumps(one, ensure_ascii=False) if isinstance(one, dict) else one for one in values],
    )
    assert cursor.lastrowid is not None
    return Incident(cursor.lastrowid, *values)


def _update(connection: sqlite3.Connection, one: Incident, section: str, now: str, finding: Finding) -> None:
    connection.execute(
        "UPDATE incidents SET section = ?, seen_at = ?, facts = ?, url = coalesce(?, url),"
        " capture = coalesce(?, capture) WHERE id = ?",
        [section, now, json.dumps(finding.facts, ensure_ascii=False), finding.url, finding.capture, one.id],
    )
