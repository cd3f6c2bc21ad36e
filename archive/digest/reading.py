"""A digest read from the archive, in time that grows with the week and not with the archive.

No index tells when an article was first seen. But captures are numbered as they are made: those of a week lie between
two numbers, which are found by halving, and the first revision of the article tells whether it was new.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from heapq import nlargest
from typing import Any

from archive.clock import stamp
from archive.coverage import LOOKED
from archive.differences import Change, changes
from archive.digest.period import Period
from archive.discretion import discreet, restricted_sites
from archive.health import Incident
from archive.health.incidents import incident
from archive.tables import has_tables

#: Titles of new articles by site, and entries of every other list, that a digest names; the rest is counted.
TITLES, ENTRIES = 5, 40
#: Captures that are looked through for new articles, the last ones of the period: half a second. Where there are more,
#: numbers are those that runs counted.
MOST = 100_000
#: An archive of so few captures is looked through as a whole: those of a replay are not numbered in order of time.
SMALL = 20_000
#: What comparing the two states of an edited article may cost (archive.differences).
STEPS = 20_000

#: Columns of articles that hold JSON lists.
_LISTS = ("authors", "correspondents", "editors", "attachments")

# The indexes of uids hold all that is read of articles and the row numbers; a restricted article is in neither table.
_NEW = """
SELECT c.site, c.uid, a.id FROM captures AS c
    CROSS JOIN revisions AS r ON r.uid = c.uid AND r.revision = 1
    CROSS JOIN articles AS a ON a.uid = c.uid
WHERE c.id >= ? AND c.id < ? AND c.uid IS NOT NULL AND c.kind != 'unmodified' AND r.fetched_at >= ? AND r.fetched_at < ?
"""
_COUNTED = "SELECT site, sum(articles_new) AS new FROM runs WHERE id >= ? AND id < ? GROUP BY site HAVING new > 0"
_ARTICLE = "SELECT uid, url, site, section, title, published_at, language FROM articles WHERE id = ?"
# The plus keeps SQLite from walking all revisions by uid: it shall take the few of the index revisions_later.
_EDITED = """
SELECT r.uid, min(r.revision) AS first, max(r.revision) AS last, max(r.fetched_at) AS at FROM revisions AS r
WHERE r.revision > 1 AND r.fetched_at >= ? AND r.fetched_at < ? GROUP BY +r.uid ORDER BY at DESC, r.uid
"""
_GONE = """
SELECT w.uid, w.since, w.confirmed_at, w.back_at, w.how, a.id FROM withdrawals AS w JOIN articles AS a ON a.uid = w.uid
"""
_OF_INCIDENTS = ", ".join(part.name for part in fields(Incident))
_INCIDENTS = f"""
SELECT {_OF_INCIDENTS} FROM incidents WHERE ended_at IS NULL AND noticed_at < :until
UNION ALL SELECT {_OF_INCIDENTS} FROM incidents WHERE ended_at >= :since AND noticed_at < :until
"""
# From section to section by the primary key of `looks`, and in each the last day that showed what was listed.
_LAST_LOOK = f"""
WITH RECURSIVE named(section) AS (
    SELECT min(section) FROM looks WHERE site = :site UNION ALL
    SELECT (SELECT min(section) FROM looks WHERE site = :site AND section > named.section)
    FROM named WHERE section IS NOT NULL
)
SELECT max((SELECT day FROM looks WHERE site = :site AND section = named.section AND day <= :last
    AND outcome IN {LOOKED} ORDER BY day DESC LIMIT 1)) FROM named WHERE section IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Named:
    """An article: what a list of a digest says of it."""

    uid: str
    url: str
    site: str
    section: str | None
    title: str
    published_at: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class New:
    """A site's new articles: how many, and the latest published of them."""

    site: str
    number: int
    titles: list[Named]


@dataclass(frozen=True, slots=True)
class Edit:
    """An article that its site changed: when it was last found changed, how often, and what is other than before."""

    article: Named
    at: str
    times: int
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Gone:
    """An article that its site no longer showed: since when, what it answered; since when it is back, if it is."""

    article: Named
    since: str
    how: str
    back_at: str | None


@dataclass(frozen=True, slots=True)
class Unlooked:
    """A site that was not looked at: the day that it last was."""

    site: str
    day: str


@dataclass(slots=True)
class Digest:
    """What happened in a period. Lists name ENTRIES at most, `numbers` counts all, by the name of the list.

    `names`: of every site, its name and its English name. `open`: incidents that had not ended when the period had.
    `counted_by_runs`: new articles are as many as the runs of the period counted, restricted ones among them.
    """

    period: Period
    over: bool
    names: Mapping[str, tuple[str, str | None]]
    new: list[New] = field(default_factory=list)
    edited: list[Edit] = field(default_factory=list)
    withdrawn: list[Gone] = field(default_factory=list)
    back: list[Gone] = field(default_factory=list)
    open: list[Incident] = field(default_factory=list)
    ended: list[Incident] = field(default_factory=list)
    unlooked: list[Unlooked] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    counted_by_runs: bool = False


def read(connection: sqlite3.Connection, period: Period, now: datetime) -> Digest:
    """Return the digest of a period; of one that is not over, what has happened by `now`."""
    names = {row["id"]: (row["name"], row["name_en"]) for row in connection.execute("SELECT * FROM sites")}
    made = Digest(period, stamp(now) >= period.until, names)
    _read_new(connection, made)
    _read_edited(connection, made)
    if has_tables(connection, "withdrawals"):
        _read_gone(connection, made)
    if has_tables(connection, "incidents"):
        _read_incidents(connection, made)
    _read_unlooked(connection, made, now)
    return made


def first_moment(connection: sqlite3.Connection) -> str | None:
    """Return the moment of the first capture; None in an empty archive."""
    row = connection.execute("SELECT fetched_at FROM captures ORDER BY id LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def first_id(connection: sqlite3.Connection, table: str, column: str, at: str) -> int:
    """Return the number from which on the rows of a table are of `at` or later; its rows are numbered in that order."""
    low, high = _ids(connection, table)
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            f"SELECT id, {column} FROM {table} WHERE id >= ? ORDER BY id LIMIT 1", [middle]
        ).fetchone()
        if row[1] >= at:
            high = middle
        else:
            low = row[0] + 1
    return int(low)


def _ids(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    """Return the first number of a table, and the one after its last; asked for in one, SQLite reads all of them."""
    query = f"SELECT (SELECT min(id) FROM {table}), (SELECT max(id) FROM {table})"
    first, last = connection.execute(query).fetchone()
    return (0, 0) if first is None else (first, last + 1)


def _read_new(connection: sqlite3.Connection, made: Digest) -> None:
    since, until = made.period.since, made.period.until
    first, last = _ids(connection, "captures")
    if last - first > SMALL:
        first, last = (first_id(connection, "captures", "fetched_at", at) for at in (since, until))
    found: dict[str, dict[str, int]] = {}
    for site, uid, id_ in connection.execute(_NEW, [max(first, last - MOST), last, since, until]):
        found.setdefault(site, {})[uid] = id_
    numbers = {site: len(ids) for site, ids in found.items()}
    if last - first > MOST:
        made.counted_by_runs = True
        bounds = [first_id(connection, "runs", "started_at", at) for at in (since, until)]
        for site, number in connection.execute(_COUNTED, bounds):
            numbers[site] = max(number, numbers.get(site, 0))
    for site, number in sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0])):
        newest = nlargest(TITLES, found.get(site, {}).values())
        made.new.append(New(site, number, [_named(connection, id_) for id_ in newest]))
    made.numbers["new"] = sum(numbers.values())


def _named(connection: sqlite3.Connection, id_: int) -> Named:
    return Named(*connection.execute(_ARTICLE, [id_]).fetchone())


def _read_edited(connection: sqlite3.Connection, made: Digest) -> None:
    rows = connection.execute(_EDITED, [made.period.since, made.period.until]).fetchall()
    made.numbers["edited"] = len(rows)
    for row in rows[:ENTRIES]:
        id_ = connection.execute("SELECT id FROM articles WHERE uid = ?", [row["uid"]]).fetchone()[0]
        before, after = (_said(connection, row["uid"], number) for number in (row["first"] - 1, row["last"]))
        differ = changes(before, after, STEPS) if before and after else []
        times = row["last"] - row["first"] + 1
        made.edited.append(Edit(_named(connection, id_), row["at"], times, differ))


def _said(connection: sqlite3.Connection, uid: str, revision: int) -> dict[str, Any] | None:
    """Return what a revision said, lists as lists; None where that is not held, or cannot be read."""
    row = connection.execute("SELECT content FROM revisions WHERE uid = ? AND revision = ?", [uid, revision]).fetchone()
    try:
        if row is not None and row["content"] is not None:
            said = dict(json.loads(row["content"]))
        else:
            query = "SELECT * FROM articles WHERE uid = ? AND revision = ?"
            said = dict(connection.execute(query, [uid, revision]).fetchone() or {})
        return said | {name: json.loads(said[name]) for name in _LISTS} if said else None
    except (ValueError, TypeError, KeyError):
        return None


def _read_gone(connection: sqlite3.Connection, made: Digest) -> None:
    between = [made.period.since, made.period.until]
    for name, column in (("withdrawn", "confirmed_at"), ("back", "back_at")):
        # Few ever come back: those are looked for among all that went.
        query = f"{_GONE} WHERE w.{column} >= ? AND w.{column} < ? AND w.confirmed_at IS NOT NULL"
        rows = connection.execute(f"{query} ORDER BY w.{column} DESC, w.uid", between).fetchall()
        made.numbers[name] = len(rows)
        found = made.withdrawn if name == "withdrawn" else made.back
        for row in rows[:ENTRIES]:
            found.append(Gone(_named(connection, row["id"]), row["since"], row["how"], row["back_at"]))


def _read_incidents(connection: sqlite3.Connection, made: Digest) -> None:
    values = {"since": made.period.since, "until": made.period.until}
    whole = restricted_sites(connection)
    rows = discreet(connection, map(incident, connection.execute(_INCIDENTS, values)))
    for one in sorted((one for one in rows if one.site not in whole), key=lambda one: (one.site, one.began_at)):
        (made.ended if one.ended_at is not None and one.ended_at < made.period.until else made.open).append(one)
    made.numbers |= {"open": len(made.open), "ended": len(made.ended)}


def _read_unlooked(connection: sqlite3.Connection, made: Digest, now: datetime) -> None:
    """Tell the active sites that were looked at once, and not in the period; one with an incident is told already."""
    told = {one.site for one in (*made.open, *made.ended) if not one.section}
    for site, day in _last_looks(connection, made.period, stamp(now)):
        if day is not None and day < made.period.first.isoformat() and site not in told:
            made.unlooked.append(Unlooked(site, day))
    made.numbers["unlooked"] = len(made.unlooked)


def _last_looks(connection: sqlite3.Connection, period: Period, now: str) -> Iterator[tuple[str, str | None]]:
    for row in connection.execute("SELECT id, next_check FROM sites WHERE status = 'active' ORDER BY id").fetchall():
        # While a period lasts, a site may yet be looked at when it is due.
        if now < period.until and (row["next_check"] or "") > now:
            continue
        values = {"site": row["id"], "last": period.last.isoformat()}
        yield row["id"], connection.execute(_LAST_LOOK, values).fetchone()[0]
