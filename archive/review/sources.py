"""Where items come from: open incidents, withdrawals, articles that are damaged or undated, drafts of profiles."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive import health
from archive.clock import moment, stamp
from archive.health import Incident
from archive.plain import plain
from archive.review.item import DAMAGED, DRAFT, FAILING, SUSPICIOUS, UNDATED, WARNING, WITHDRAWN, Item, names
from archive.tables import has_tables
from archive.withdrawals import APART

#: Kinds of incident that pass by themselves, and after how long they need a person all the same.
PASSING = frozenset({"down", "failed", "robots", "waits", "errors"})
LASTING = timedelta(days=14)
#: A withdrawal can be looked at again for so long.
LATELY = timedelta(days=30)
#: A place usually dates its articles where this share of at least so many pages had a date.
USUAL, ENOUGH = 0.9, 10
#: Ids of articles without a date are below it (archive.revisions.free_id): they stand for a second near 1970.
_UNDATED_BELOW = 86_400 * 366 * 1024
#: What `new-site` writes into a draft, and whoever has checked it takes out.
_UNCHECKED = "what this look did not show: "

_GONE = """
SELECT w.uid, w.site, w.since, w.seen_at, w.visits, w.how, w.capture, w.confirmed_at, a.url, a.title, a.section
FROM withdrawals AS w JOIN articles AS a ON a.uid = w.uid
"""
_DAMAGED = "SELECT uid, site, section, url, title, first_seen_at FROM articles WHERE damaged = 1"
# Of the index articles_facets; ids of articles that have no date come first.
_UNDATED_PLACES = """
SELECT site, section, count(*) AS number FROM articles
WHERE id < ? AND published_at IS NULL GROUP BY site, section
"""
_UNDATED = """
SELECT uid, site, section, url, title, first_seen_at FROM articles
WHERE id < ? AND published_at IS NULL AND site = ? AND section IS ?
"""
_READ = "SELECT sum(dated), sum(pages) FROM readings WHERE site = ? AND section = ? AND layout != ''"
_HELD = "SELECT sum(CASE WHEN month != '' THEN articles END), sum(articles) FROM months WHERE site = ?"


def incidents(connection: sqlite3.Connection, now: datetime) -> Iterator[Item]:
    """Yield the open incidents that need a person."""
    if not has_tables(connection, "incidents"):
        return
    for one in health.open_incidents(connection):
        if one.kind in PASSING and now - moment(one.began_at) < LASTING:
            continue
        vanished = one.kind == "vanished"
        yield Item(
            id=":".join([one.kind, one.site, plain(one.section), one.began_at[:10]]),
            kind=one.kind,
            site=one.site,
            why=health.words(one, "en"),
            since=one.began_at,
            rank=FAILING if health.severity(one.kind) == "bad" else WARNING,
            question=(one.kind, one.site, one.section, ""),
            actions=("withdrawn", "not-withdrawn", "accept") if vanished else ("accept",),
            section=one.section,
            url=one.url,
            capture=one.capture,
            names=tuple(sorted(set(names(one.facts)))),
        )


def withdrawals(connection: sqlite3.Connection, now: datetime) -> Iterator[Item]:
    """Yield what two visits found gone and no run has believed, and what was withdrawn lately."""
    if not has_tables(connection, "withdrawals", "incidents"):
        return
    vanished = {one.site: one for one in health.open_incidents(connection) if one.kind == "vanished"}
    for row in connection.execute(f"{_GONE} WHERE w.confirmed_at IS NULL").fetchall():
        apart = moment(row["seen_at"]) - moment(row["since"]) >= APART
        if row["site"] in vanished or apart:
            yield _gone(row, SUSPICIOUS, _together(vanished.get(row["site"])))
    lately = stamp(now - LATELY)
    for row in connection.execute(f"{_GONE} WHERE w.confirmed_at >= ? AND w.back_at IS NULL", [lately]).fetchall():
        yield _gone(row, WITHDRAWN, "")


def _together(incident: Incident | None) -> str:
    return "" if incident is None else ", with many others of the site"


def _gone(row: sqlite3.Row, rank: int, together: str) -> Item:
    what = "may be withdrawn" if rank == SUSPICIOUS else "withdrawn"
    visits = "1 visit" if row["visits"] == 1 else f"{row['visits']} visits"
    return Item(
        id=f"withdrawn:{row['uid']}",
        kind="withdrawn",
        site=row["site"],
        why=f"{what}: gone since {row['since'][:10]} ({row['how']}, {visits}{together}): {row['title']}",
        since=row["since"],
        rank=rank,
        question=("withdrawn", row["uid"], "", row["since"]),
        actions=("withdrawn", "not-withdrawn"),
        section=row["section"] or "",
        uid=row["uid"],
        url=row["url"],
        capture=row["capture"],
    )


def damaged(connection: sqlite3.Connection, now: datetime) -> Iterator[Item]:
    """Yield the articles whose pages have lost characters."""
    for row in connection.execute(_DAMAGED).fetchall():
        yield _article(row, "damaged", DAMAGED, f"characters were lost in the source: {row['title']}")


def undated(connection: sqlite3.Connection, now: datetime) -> Iterator[Item]:
    """Yield the articles without a date of places that usually have one."""
    for place in connection.execute(_UNDATED_PLACES, [_UNDATED_BELOW]).fetchall():
        share = _dated(connection, place["site"], place["section"] or "")
        if share is None or share < USUAL:
            continue
        why = f"no date, which {share:.0%} of the pages beside it have: "
        for row in connection.execute(_UNDATED, [_UNDATED_BELOW, place["site"], place["section"]]).fetchall():
            yield _article(row, "undated", UNDATED, f"{why}{row['title']}")


def _dated(connection: sqlite3.Connection, site: str, section: str) -> float | None:
    """Return the share of a section's pages that had a date, or of the site's articles; None where few are known."""
    if has_tables(connection, "readings"):
        dated, pages = connection.execute(_READ, [site, section]).fetchone()
        if (pages or 0) >= ENOUGH:
            return float(dated / pages)
    dated, articles = connection.execute(_HELD, [site]).fetchone()
    return float((dated or 0) / articles) if (articles or 0) >= ENOUGH else None


def _article(row: sqlite3.Row, kind: Any, rank: int, why: str) -> Item:
    return Item(
        id=f"{kind}:{row['uid']}",
        kind=kind,
        site=row["site"],
        why=why,
        since=row["first_seen_at"],
        rank=rank,
        question=(kind, row["uid"], "", ""),
        actions=(kind,),
        section=row["section"] or "",
        uid=row["uid"],
        url=row["url"],
    )


def drafts(sites: Path) -> Iterator[Item]:
    """Yield the profiles of an archive's own sites that nobody has checked.

    Archives cannot read profiles by the registry's rules (it is the crawler's): a file that is no TOML is passed over
    here, and stops every crawl in one line.
    """
    for path in sorted(sites.glob("*.toml")):
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            continue
        evidence = values.get("evidence")
        seen, inferred = (
            str(evidence.get(name, "")) if isinstance(evidence, dict) else "" for name in ("seen", "inferred")
        )
        called = any(re.search(r"\bdraft\b|草稿", str(values.get(name, "")), re.I) for name in ("status", "reason"))
        if not called and not inferred.startswith(_UNCHECKED):
            continue
        day = found[0] if (found := re.search(r"\d{4}-\d{2}-\d{2}", seen)) else ""
        made = f" of {day}" if day else ""
        yield Item(
            id=":".join(["draft", path.stem, *([day] if day else [])]),
            kind="draft",
            site=path.stem,
            why=f"{path}: a draft{made}; check it, and rewrite its [evidence]",
            since=day,
            rank=DRAFT,
            question=("draft", path.stem, "", day),
            actions=("accept",),
            url=str(values.get("home") or "") or None,
        )


OF_ARCHIVE: tuple[Callable[[sqlite3.Connection, datetime], Iterator[Item]], ...] = (
    incidents,
    withdrawals,
    damaged,
    undated,
)
