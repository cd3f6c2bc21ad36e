"""Folding: history told again, each response through the code that a crawl writes with. One site's run at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlite_utils import Database

from archive import review
from archive.article import uid as uid_of
from archive.decisions import Decision, in_force
from archive.directory import ArchiveDirectory
from archive.revisions import last_change
from archive.store import save_look, save_site
from crawler import urls
from crawler.families.base import Entry
from crawler.families.numbering import Place
from crawler.pool import Done, Spot, Task
from crawler.profile import SiteProfile
from crawler.rebuilding.history import Decided, Event, Note, Response, Run
from crawler.rebuilding.session import Session
from crawler.rebuilding.telling import Telling, entry_of, kind_of, lead_on, url_of
from crawler.registry import site_row

#: Runs that are not crawls of their day: what they took over is older than they are.
_OF_OLD = ("replay", "import")
_READ = ("home", "listing", "article", "part")


@dataclass(slots=True)
class Folded:
    """What became of history."""

    captures: int = 0
    pages: int = 0
    """Of these read."""
    runs: int = 0
    no_profile: dict[str, int] = field(default_factory=dict)
    """Responses of sites that have no profile any more, by site."""
    problems: list[str] = field(default_factory=list)


class Fold:
    """Writes history into a database. `task` is asked first what a response needs to be read by, then `tell` it."""

    def __init__(
        self,
        directory: ArchiveDirectory,
        db: Database,
        profiles: Mapping[str, SiteProfile],
        decisions: Iterable[Decision],
        at: Callable[[datetime], None],
    ) -> None:
        self.folded = Folded()
        self._session = Session(directory, db)
        self._connection: sqlite3.Connection = db.conn
        self._profiles = profiles
        self._restricted = {name: one for name, one in in_force(decisions).items() if one.uid}
        self._at = at
        self._numbers: dict[int, int] = {}
        """Of each run told here, the id of its row."""
        self._open: dict[int, Telling] = {}
        self._crawling: dict[str, int] = {}
        """By site, the run of the crawl that was under way."""
        self._payloads: dict[int, int] = {}
        """By a hash of site and key, a hash of the payload's digest."""

    def task(self, event: Event) -> Task | None:
        """Return how a response is to be read; None for what is not read."""
        if not isinstance(event, Response) or event.run.site not in self._profiles:
            return None
        profile, fact = self._profiles[event.run.site], event.fact
        if event.http.status != 200 or event.truncated is not None:
            return None
        url = url_of(event, profile)
        known = self._is_as_it_was(profile.id, fact.get("key") or url, event.digest)
        kind = kind_of(event, profile)
        where = event.payload
        if kind not in _READ or where is None or (event.is_revisit and known):
            return None
        place = Place(fact["first"], fact["part"]) if "first" in fact and "part" in fact else None
        about = replace(entry_of(event, url) or Entry(url), section=fact.get("section"))
        page = urls.canonical(url, profile)
        return Task(profile.id, (Spot(*where, kind, page, event.fetched_at, about, place),))  # type: ignore[arg-type]

    def _is_as_it_was(self, site: str, key: str, digest: str) -> bool:
        """Say whether an address had the same payload the last time: then it is hardly read."""
        place, now = hash((site, key)), hash(digest)
        before, self._payloads[place] = self._payloads.get(place), now
        return before == now

    def tell(self, event: Event, done: Done | None) -> None:
        """Write what came of an event; `done` is what was read of it."""
        self._at(datetime.fromisoformat(event.at))
        if isinstance(event, Decided):
            review.carry_out(self._connection, [event.decision])
            return
        if event.run.site not in self._profiles:
            if isinstance(event, Response):
                lost = self.folded.no_profile
                lost[event.run.site] = lost.get(event.run.site, 0) + 1
            return
        telling = self._telling(event.run)
        if isinstance(event, Note):
            if not telling.is_over:
                self._note(telling, event)
        else:
            self.folded.captures += 1
            self.folded.pages += done is not None
            self._restrict(telling, event)
            if not telling.run.options.replay:
                telling.run.session.store.count(telling.run.id, requests=1)
            telling.response(event, done)
            self.folded.problems += telling.problems
            telling.problems.clear()

    def leave(self) -> None:
        """Write what runs that have not ended counted so far."""
        for telling in self._open.values():
            telling.leave()

    @property
    def is_under_way(self) -> bool:
        """Whether a run has begun and not ended."""
        return bool(self._open)

    def finish(self) -> None:
        """Have the frontier of each site lead on from here: the listings that its profile names today."""
        self.leave()
        for (site,) in self._connection.execute("SELECT DISTINCT site FROM runs ORDER BY site").fetchall():
            lead_on(self._connection, self._profiles[site])
        # Word of what is long over is not sent again.
        self._connection.execute("UPDATE incidents SET told = CASE WHEN ended_at IS NULL THEN 1 ELSE 2 END")

    def _telling(self, run: Run) -> Telling:
        """Return what tells a run; one that was killed ends when the next one of its site begins."""
        telling = self._open.get(run.id)
        if telling is not None:
            return telling
        profile = self._profiles[run.site]
        telling = self._open[run.id] = Telling(self._session, profile, self._begin(run, profile), run)
        if not any(name in telling.options for name in _OF_OLD):
            before = self._crawling.get(run.site)
            if before is not None and before in self._open:
                self._open.pop(before).leave()
            self._crawling[run.site] = run.id
        self.folded.runs += 1
        return telling

    def _begin(self, run: Run, profile: SiteProfile) -> int:
        """Return the id of a run's row, written under its number, or the next one where another run has that."""
        if run.id in self._numbers:
            return self._numbers[run.id]
        execute = self._connection.execute
        save_site(self._connection, site_row(profile))
        started = run.fact["started_at"]
        same = "SELECT id FROM runs WHERE site = ? AND started_at = ? AND options = ? ORDER BY id = ? DESC, id"
        options = run.fact.get("options", "{}")
        # Of one that was killed, and the next in the same second, each has its row.
        others = set(self._numbers.values())
        for held in execute(same, [run.site, started, options, run.number]).fetchall():
            if held["id"] not in others:
                self._numbers[run.id] = held["id"]
                return int(held["id"])  # some of its records were told before
        killed = "outcome = 'interrupted', reason = 'killed', ended_at = ?"
        running = "site = ? AND outcome = 'running' AND started_at <= ?"
        execute(f"UPDATE runs SET {killed} WHERE {running}", [started, run.site, started])
        taken = execute("SELECT 1 FROM runs WHERE id = ?", [run.number]).fetchone()
        cursor = execute(
            "INSERT INTO runs (id, site, started_at, outcome, options, version) VALUES (?, ?, ?, 'running', ?, ?)",
            [None if taken else run.number, run.site, started, options, _version(run)],
        )
        assert cursor.lastrowid is not None
        self._numbers[run.id] = cursor.lastrowid
        return cursor.lastrowid

    def _note(self, telling: Telling, note: Note) -> None:
        if "look" in note.fact:
            look = note.fact["look"]
            where = telling.run.profile.id, look["section"], look["day"]
            save_look(
                self._connection, *where, depth=look["depth"], outcome=look["outcome"], articles=0, new=0,
                run=telling.run.id,
            )  # fmt: skip
            telling.run.session.store.count(telling.run.id, listings=1)
        elif "run" in note.fact:
            telling.end(note.fact["run"])
            self._open.pop(note.run.id, None)

    def _restrict(self, telling: Telling, response: Response) -> None:
        """Keep an article from readers from its first page on, where that is what was decided about it."""
        if not self._restricted or response.fact.get("kind") == "robots":
            return
        profile = telling.run.profile
        url = urls.canonical(url_of(response, profile), profile)
        decision = self._restricted.pop(uid_of(url), None)
        if decision is not None:
            key = response.fact.get("key") or urls.key(url, profile)
            self._connection.execute(
                "INSERT OR IGNORE INTO restrictions (site, uid, key, since, change) VALUES (?, ?, ?, ?, ?)",
                [profile.id, decision.uid, key, decision.at, last_change(self._connection)],
            )

    @property
    def undecided(self) -> list[str]:
        """The articles whose restriction was decided, and that history did not show."""
        return sorted(self._restricted)


def restrict_sites(connection: sqlite3.Connection, decisions: Iterable[Decision], sites: Iterable[str]) -> None:
    """Keep whole sites from readers, as was decided, before any article of theirs is written."""
    known = set(sites)
    for decision in in_force(decisions).values():
        if decision.site in known:
            connection.execute(
                "INSERT OR IGNORE INTO restrictions (site, uid, key, since, change) VALUES (?, NULL, NULL, ?, 0)",
                [decision.site, decision.at],
            )


def _version(run: Run) -> str:
    return str(run.fact.get("version", ""))
