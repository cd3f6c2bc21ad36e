"""What the article pages read tell: templates that changed, fields that are missing, texts cut short, lost characters.

A change is told of the sections that changed, or once of the whole site where none of the others is as it was. What a
changed template explains is not told besides.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archive.health import drops, lengths, listings, strands
from archive.health.drops import DAMAGED, FIELDS, LAYOUT, UNREAD, Days, Drop, Measure
from archive.health.incidents import Finding, Found, Incident
from archive.health.strands import ARTICLES, PAGES, RUN, Counts, Read, Strand
from archive.health.visits import Run, failed_pages

KINDS = ("layout", "unread", "damaged", "fields", "length")
#: What stands for the past of a site that has layouts and was never read: nearly every page matches one. A first crawl
#: finds old templates too, so only less than half of that is told.
EXPECTED, FIRST_RATIO = 0.95, 0.5


def changed(
    connection: sqlite3.Connection,
    site: str,
    read: Read | None,
    runs: Sequence[Run],
    held: Sequence[Incident],
    *,
    has_layouts: bool,
) -> Found:
    """Return what is wrong with the pages of a site, as the last run (which read `read`) left them.

    `held` are the site's open incidents. Nothing is looked into when that run has read no page.
    """
    last_days = listings.last_days(connection, site)
    run = read.sections if read is not None else {}
    if not run and (read is not None or max(last_days.values(), default="") < runs[0].started_at[:10]):
        return {}
    if not any(one.kind in KINDS for one in held):
        glance = strands.read(connection, site, last_days, run, strands.GLANCE)
        if all(map(drops.is_usual, [Days(glance), *_fresh(glance).values()])) and all(map(lengths.is_usual, glance)):
            return {kind: {} for kind in KINDS}
    own = strands.read(connection, site, last_days, run)
    return Pages(connection, site, own, runs, held).findings(has_layouts=has_layouts)


def _fresh(strands: Sequence[Strand]) -> dict[str, Days]:
    """Return the sections that have the newest pages: in the others nothing has changed."""
    newest = max(strand.days[0][0] for strand in strands).removesuffix(RUN)
    return {strand.section: Days([strand]) for strand in strands if strand.days[0][0] >= newest}


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one site, as its last run left them; `held` are the site's open incidents."""

    connection: sqlite3.Connection
    site: str
    strands: Sequence[Strand]
    runs: Sequence[Run]
    held: Sequence[Incident]
    days: Mapping[str | None, Days] = field(init=False)
    """Of the whole site (None), and of the sections that have its newest pages: in the others nothing has changed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", {None: Days(self.strands), **_fresh(self.strands)})

    def findings(self, *, has_layouts: bool) -> Found:
        """Return what is wrong with them, for every kind that pages tell of."""
        layout = self._layout(has_layouts)
        found = {
            "unread": self._shares("unread", UNREAD),
            "fields": self._fields(),
            "length": self._lengths(),
        }
        for kind, findings in found.items():
            # The whole site's figures are those of the sections that changed, too.
            hidden = layout.keys() | {""} if layout else set()
            everywhere = "" in layout
            found[kind] = {
                one: finding
                for one, finding in findings.items()
                if not everywhere and one not in hidden and not self._is_of_old_template(one, finding)
            }
        return {"layout": layout, "damaged": self._shares("damaged", DAMAGED), **found}

    def _is_of_old_template(self, section: str, finding: Finding) -> bool:
        """Say whether a changed template was told since something began: also one that is over explains it."""
        query = """
            SELECT 1 FROM incidents WHERE site = ? AND kind = 'layout' AND (section IN ('', ?) OR ? = '')
            AND (ended_at IS NULL OR ended_at >= ?) LIMIT 1
        """
        values = [self.site, section, section, finding.facts["day"]]
        return self.connection.execute(query, values).fetchone() is not None

    def _layout(self, has_layouts: bool) -> dict[str, Finding]:
        past = sum(strand.past(strand.days[0][0])[PAGES] for strand in self.strands)
        measure = LAYOUT if past >= drops.PAST else replace(LAYOUT, ratio=FIRST_RATIO)
        findings = {}
        for section, drop in self._judge("layout", measure, EXPECTED if has_layouts else None).items():
            names = self._facts("layout", section).get("layout")
            if names is None:
                own = [strand.section for strand in self._of(section)]
                names = ", ".join(strands.layouts(self.connection, self.site, own, drop.day))
            counts = self._since(section, drop.day)
            facts = _figures(drop, "matched") | {"layout": names, "unread": counts[PAGES] - counts[ARTICLES]}
            findings[section] = self._finding("layout", section, facts)
        return findings

    def _shares(self, kind: str, measure: Measure) -> dict[str, Finding]:
        findings = {}
        for section, drop in self._judge(kind, measure).items():
            facts = _figures(drop, "good")
            findings[section] = self._finding(kind, section, facts | {kind: drop.pages - facts.pop("good")})
        return findings

    def _fields(self) -> dict[str, Finding]:
        fields: dict[str, list[dict[str, Any]]] = {}
        for measure in FIELDS:
            for section, drop in self._judge("fields", measure).items():
                fields.setdefault(section, []).append({"field": measure.name, **_figures(drop, "with")})
        return {
            section: self._finding("fields", section, {"day": min(one["day"] for one in told), "fields": told})
            for section, told in fields.items()
        }

    def _lengths(self) -> dict[str, Finding]:
        held = {one.section: one.facts for one in self.held if one.kind == "length"}
        found = lengths.changed(self.strands, held)
        return {section: self._finding("length", section, facts) for section, facts in found.items()}

    def _judge(self, kind: str, measure: Measure, expected: float | None = None) -> Mapping[str, Drop]:
        """Return the sections where a share has fallen; "" for all of them where none of the others is as it was."""
        going = {}
        for section in {one.section for one in self.held if one.kind == kind}:
            drop = self._held_drop(kind, section, measure)
            # A template that changed never becomes usual; what is printed does.
            fixed = drop.before if drop is not None and measure.name == "layout" else None
            own = self.days.get(section or None) or Days(self._of(section))
            if drop is not None and drops.lasts(own, measure, drop.day, fixed):
                going[section] = drop
        site = going.pop("", None)
        each = dict(going)
        for name, days in self.days.items():
            if name is not None and name not in going and (fallen := drops.drop(days, measure, expected)):
                each[name] = fallen
        if site is not None:
            newest = max(strand.days[0][0] for strand in self.strands)
            is_mended = each and drops.differ(self.strands, measure, newest, list(each))
            return each if is_mended else {"": site}
        whole = drops.drop(self.days[None], measure, expected)
        if whole is None or (each and drops.differ(self.strands, measure, whole.day, list(each))):
            return each
        return {"": whole}

    def _held_drop(self, kind: str, section: str, measure: Measure) -> Drop | None:
        """Return what an open incident tells of a measure, with the figures of today."""
        facts = self._facts(kind, section)
        if kind == "fields":
            facts = next((one for one in facts["fields"] if one["field"] == measure.name), {})
        if not facts:
            return None
        counts = self._since(section, facts["day"])
        pages, good = facts.get("earlier", (0, 0))
        day, earlier = (facts["day"] + RUN, (pages, good)) if "earlier" in facts else (facts["day"], None)
        return Drop(day, counts[measure.base] - pages, counts[measure.good] - good, facts["before"], earlier)

    def _since(self, section: str, day: str) -> Counts:
        own = [strand.section for strand in self._of(section)]
        return strands.since(self.connection, self.site, own, day.removesuffix(RUN))

    def _of(self, section: str) -> Sequence[Strand]:
        return [strand for strand in self.strands if section in ("", strand.section)]

    def _facts(self, kind: str, section: str) -> dict[str, Any]:
        return next((one.facts for one in self.held if (one.kind, one.section) == (kind, section)), {})

    def _finding(self, kind: str, section: str, facts: dict[str, Any]) -> Finding:
        """Return a finding; a new one with a page that shows it: one that failed in the last run, else the newest."""
        began = f"{facts['day']}T00:00:00Z"
        if self._facts(kind, section):
            return Finding(began, facts)
        if kind in ("layout", "unread") and self.runs and self.runs[0].failed:
            for page in failed_pages(self.connection, self.site, self.runs[0].id):
                if not page.first and section in ("", page.section):
                    return Finding(began, facts, page.url, page.capture)
        where, values = ("AND section = ?", [self.site, section]) if section else ("", [self.site])
        query = f"SELECT url, uid FROM articles WHERE site = ? {where} ORDER BY id DESC LIMIT 1"
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            return Finding(began, facts)
        capture = self.connection.execute("SELECT max(id) FROM captures WHERE uid = ?", [row[1]]).fetchone()[0]
        return Finding(began, facts, row[0], capture)


def _figures(drop: Drop, name: str) -> dict[str, Any]:
    """Return a drop as facts; its good pages are called `name`."""
    facts = {"day": drop.day.removesuffix(RUN), "pages": drop.pages, name: drop.good, "before": round(drop.before, 3)}
    return facts | ({"earlier": list(drop.earlier)} if drop.earlier else {})
