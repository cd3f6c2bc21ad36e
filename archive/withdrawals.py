"""Withdrawals: articles that their sites no longer show. One visit proves little; two, a day apart, tell.

All of it goes where the article's rows are: of a restricted one, to restricted.db.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from archive import clock, hidden
from archive.revisions import last_change

#: The second visit that finds an article gone must be so long after the first one.
APART = timedelta(days=1)
#: So many articles gone at once, and more than this share of those visited, tell of the site, not of the articles.
MANY, SHARE = 10, 0.5
#: So few do where hardly anything else that was visited is there: small sites are visited little.
FEW, MOST = 3, 0.7
#: Visits so long before an article was found gone tell of it too.
LATELY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Gone:
    """An article that visits in a row found gone: since when (UTC), the last time, and how many visits did."""

    uid: str
    since: str
    seen_at: str
    visits: int
    confirmed: bool = False
    """Whether it counts as withdrawn already."""

    @property
    def is_proved(self) -> bool:
        """Whether two of the visits lie a day apart."""
        return self.visits > 1 and clock.moment(self.seen_at) - clock.moment(self.since) >= APART


def note_gone(
    connection: sqlite3.Connection, site: str, key: str, at: str, how: str, capture: int | None
) -> Gone | None:
    """Note that a visit found an article gone; return what is known of that, None where no article is held.

    `how` is what the site answered, `capture` that answer. Whether it is withdrawn, `confirm_run` decides.
    """
    with hidden.keeping(connection, site, key) as own:
        held = own.execute("SELECT uid FROM articles WHERE site = ? AND key = ?", [site, key]).fetchone()
        if held is None:
            return None
        own.execute(
            """
            UPDATE withdrawals SET seen_at = ?, visits = visits + 1
            WHERE uid = ? AND back_at IS NULL AND seen_at < ?
            """,
            [at, held["uid"], at],
        )
        query = "SELECT uid, since, seen_at, visits, confirmed_at FROM withdrawals WHERE uid = ? AND back_at IS NULL"
        row = own.execute(query, [held["uid"]]).fetchone()
        if row is not None:
            return Gone(row["uid"], row["since"], row["seen_at"], row["visits"], row["confirmed_at"] is not None)
        own.execute(
            "INSERT INTO withdrawals (uid, site, since, seen_at, how, capture) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (uid, since) DO NOTHING",
            [held["uid"], site, at, at, how, capture],
        )
        return Gone(held["uid"], at, at, 1)


def note_back(connection: sqlite3.Connection, site: str, key: str, at: str) -> bool:
    """Note that an article is there; return whether it had been withdrawn. One visit that missed it is forgotten."""
    with hidden.keeping(connection, site, key) as own:
        row = own.execute(
            "SELECT w.uid, w.since, w.confirmed_at FROM articles AS a JOIN withdrawals AS w ON w.uid = a.uid"
            " WHERE a.site = ? AND a.key = ? AND w.back_at IS NULL AND w.since < ?",
            [site, key, at],
        ).fetchone()
        if row is None:
            return False
        if row["confirmed_at"] is None:
            own.execute("DELETE FROM withdrawals WHERE uid = ? AND since = ?", [row["uid"], row["since"]])
            return False
        own.execute("UPDATE withdrawals SET back_at = ? WHERE uid = ? AND since = ?", [at, row["uid"], row["since"]])
        _mark(own, row["uid"], None)
        return True


def confirm_run(connection: sqlite3.Connection, site: str, gone: Sequence[Gone]) -> list[str]:
    """Make withdrawn what a run of a site found gone, and another visit a day before too; return the uids.

    Where most of the articles visited since are gone, the site has moved or is broken, and a person decides
    (`union-archive review`). A single run tells nothing of that: one that visits again what was gone may visit little
    else, and one of a small site visits few articles at all.
    """
    proved = [one for one in gone if one.is_proved and not one.confirmed]
    undecided = "SELECT 1 FROM incidents WHERE site = ? AND kind = 'vanished' AND ended_at IS NULL"
    if not proved or connection.execute(undecided, [site]).fetchone() is not None:
        return []
    first = min(clock.moment(one.since) for one in proved)
    lately = Lately.since(connection, site, clock.stamp(first - LATELY))
    return [
        one.uid for one in proved if not lately.is_suspicious(one.since) and confirm(connection, one.uid, one.seen_at)
    ]


def is_suspicious(gone: int, visited: int) -> bool:
    """Say whether so many of the articles visited are gone that it is the site that changed."""
    return (gone >= MANY and gone > SHARE * visited) or (gone >= FEW and gone > MOST * visited)


@dataclass(frozen=True, slots=True)
class Lately:
    """What visits of a site's articles found since a moment."""

    gone: Sequence[tuple[str, str]]
    """Of each that is gone: when the run began that found it so first, and the last visit."""
    there: Sequence[tuple[str, str]]
    """Of each that is there: the last visit, and when it was discovered."""

    @classmethod
    def since(cls, connection: sqlite3.Connection, site: str, moment: str) -> Lately:
        """Read it; `moment` as the archive writes times."""
        pending = "SELECT since, seen_at FROM withdrawals WHERE site = ? AND confirmed_at IS NULL AND seen_at >= ?"
        confirmed = "SELECT since, seen_at FROM withdrawals WHERE confirmed_at >= ? AND site = ? AND back_at IS NULL"
        there = """
            SELECT checked_at, discovered_at FROM frontier AS f
            WHERE site = ? AND kind = 'article' AND state = 'done' AND checked_at >= ? AND NOT EXISTS (
                SELECT 1 FROM articles AS a JOIN withdrawals AS w ON w.uid = a.uid
                WHERE a.site = f.site AND a.key = f.key AND w.back_at IS NULL
            )
        """
        gone = [*connection.execute(pending, [site, moment]), *connection.execute(confirmed, [moment, site])]
        runs = {since: run_of(connection, site, since) for since, _ in gone}
        return cls(
            [(runs[since], seen) for since, seen in gone],
            [(checked, discovered) for checked, discovered in connection.execute(there, [site, moment])],
        )

    def share(self, moment: str) -> tuple[int, int]:
        """Return how many articles known before a moment are gone since, and how many of all known were visited since.

        Those published since tell nothing of the others: a site that moved shows them, and them alone.
        """
        gone = sum(seen >= moment for _, seen in self.gone)
        return gone, gone + sum(checked >= moment > discovered for checked, discovered in self.there)

    def is_suspicious(self, since: str) -> bool:
        """Say whether an article that is gone since a moment went with most of those visited since then, or before."""
        return any(is_suspicious(*self.share(run)) for run in {run for run, _ in self.gone} if run <= since)


def run_of(connection: sqlite3.Connection, site: str, moment: str) -> str:
    """Return when the run began that a moment lies in."""
    query = "SELECT started_at FROM runs WHERE site = ? AND started_at <= ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(query, [site, moment]).fetchone()
    return moment if row is None else str(row[0])


def _own(connection: sqlite3.Connection, uid: str) -> AbstractContextManager[sqlite3.Connection]:
    """Return the connection to write the rows of an article with, restricted or not."""
    site = connection.execute("SELECT site FROM captures WHERE uid = ? LIMIT 1", [uid]).fetchone()
    return hidden.keeping(connection, site and site["site"], "", uid)


def confirm(connection: sqlite3.Connection, uid: str, at: str) -> bool:
    """Make an article that was found gone withdrawn since it was first found so; False when none waits for that."""
    with _own(connection, uid) as own:
        row = own.execute("SELECT since FROM withdrawals WHERE uid = ? AND confirmed_at IS NULL", [uid]).fetchone()
        if row is None:
            return False
        own.execute("UPDATE withdrawals SET confirmed_at = ? WHERE uid = ? AND since = ?", [at, uid, row["since"]])
        _mark(own, uid, row["since"])
        return True


def reject(connection: sqlite3.Connection, uid: str) -> bool:
    """Forget that an article was found gone, or that it is withdrawn; False when neither is so.

    The next visits begin anew.
    """
    with _own(connection, uid) as own:
        deleted = own.execute("DELETE FROM withdrawals WHERE uid = ? AND back_at IS NULL", [uid]).rowcount
        if deleted:
            _mark(own, uid, None)
        return bool(deleted)


def _mark(own: sqlite3.Connection, uid: str, since: str | None) -> None:
    """Set `withdrawn_at`, which exports and feeds hear of by a new `change`."""
    own.execute(
        "UPDATE articles SET withdrawn_at = ?, change = ? WHERE uid = ? AND withdrawn_at IS NOT ?",
        [since, last_change(own) + 1, uid, since],
    )
