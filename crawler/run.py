"""SiteRun: one crawl of one site, from its lock to the row of `runs` that says how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from archive import __version__, clock, health, store, withdrawals
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock
from archive.pace import Pace
from archive.withdrawals import Gone
from crawler import planning, urls
from crawler.choosing import require_contact
from crawler.counts import Counts
from crawler.frontier import REPLAY_PRIORITY, Found, Frontier
from crawler.keeping import Keeper
from crawler.options import Options
from crawler.reading import derived_with
from crawler.registry import site_row
from crawler.replay import Replay
from crawler.robots import Rules
from crawler.session import Session

if TYPE_CHECKING:
    import sqlite3

    from crawler.frontier import Row
    from crawler.profile import Layout, SiteProfile

#: Requests under way at a time while captures are replayed: there is nobody to be polite to.
REPLAY_CONCURRENCY = 8
#: Why a run rests while a site is to be left alone.
QUIET = "quiet hours"
#: An interrupted run is taken up where it stopped; after this long its listings are read again first.
RESUME = timedelta(hours=6)


@dataclass(slots=True)
class SiteRun:
    """One crawl of one site. `open` locks it; `close` writes how it ended."""

    profile: SiteProfile
    options: Options
    session: Session
    id: int
    frontier: Frontier
    keeper: Keeper
    derived_with: str
    pace: Pace
    lock: BinaryIO | None
    """Held while the site is crawled; None where its past is told again."""
    replay: Replay | None = None
    rules: dict[str, Rules | None] = field(default_factory=dict)
    """robots.txt by origin; None while it is being fetched."""
    counts: Counts = field(default_factory=Counts)
    problem: str | None = None
    """Why the run fails, once it does."""
    cause: str | None = None
    """The same in a word, as `runs.cause` has it."""
    rest: str | None = None
    """Why the run stops for now although more is due: the day's budget, quiet hours."""
    spent: int = 0
    """Requests to the site by earlier runs of this day (UTC)."""
    ended: datetime | None = None
    outcome: str | None = None
    """finished, interrupted or failed, once it has ended."""
    reason: str | None = None
    audited: set[str | None] = field(default_factory=set)
    """Sections that are being read deeper than usual."""
    read: health.Read = field(default_factory=health.Read)
    """What the article pages of this run yielded."""
    changes: health.Changes = field(default_factory=health.Changes)
    """What of the site's health changed with this run."""
    gone: list[Gone] = field(default_factory=list)
    """Articles held that are not there any more."""
    failures: list[str] = field(default_factory=list)
    """The URLs that failed, each in one line with its reason; read from the frontier at the end."""
    paused_until: float = 0.0

    @classmethod
    def open(cls, profile: SiteProfile, options: Options, directory: ArchiveDirectory) -> SiteRun:
        """Lock the site, record the run and seed the frontier. Raises ArchiveError, naming the site and the fix."""
        session = Session.acquire(directory)
        try:
            if not (session.config.contact or options.replay):
                require_contact(directory, [profile])
            replay = Replay.read([Path(name) for name in options.replay], profile) if options.replay else None
            held = lock(directory.locks / f"{profile.id}.lock", f"{profile.id}: this site is being crawled")
        except ArchiveError:
            session.drop()
            raise
        frontier = Frontier(session.db.conn, profile.id, section=options.section, limited=options.limit is not None)
        pace = profile.pace(session.config.pace)
        values = {name: value for name, value in asdict(options).items() if value not in (None, False, ())}

        def begin(connection: sqlite3.Connection) -> int:
            if _is_mended(connection, profile) and profile.sections:
                frontier.keep_listings(starts(profile))
            store.save_site(connection, site_row(profile))
            resumed = _resumable(connection, profile.id, values)
            run = store.start_run(connection, profile.id, values, __version__)
            if not resumed:
                until = planning.together(clock.utcnow(), pace)
                frontier.begin(until, full=options.full)
                frontier.add(starts(profile), again=not options.due, run=run)
            if replay is not None and options.sample is None:
                frontier.add(_replayed(replay, profile), again=True, run=run)
            return run

        try:
            run = session.store.write(begin)
        except ArchiveError:
            held.close()
            session.drop()
            raise
        keeper = Keeper(session, profile, run, replay)
        self = cls(profile, options, session, run, frontier, keeper, derived_with(profile), pace, held, replay)
        self.spent = store.requests_since(session.db.conn, profile.id, clock.now()[:10])
        session.runs.append(self)
        return self

    def close(self, reason: str) -> None:
        """Write how the run ended; `reason` is Scrapy's: finished, shutdown, cancelled."""
        self.outcome, self.reason = self._outcome(reason)
        try:
            if self.session.fatal is None:
                self.session.store.flush()
                self.session.store.flush()  # what the first one counted
                self._note_end(clock.utcnow())
                self.session.store.write(self.end)
        finally:
            self.session.runs.remove(self)
            self.session.refused.pop(self.profile.id, None)
            if self.lock is not None:
                self.lock.close()

    def _note_end(self, now: datetime) -> None:
        """Write how the run ended into the WARC file, as its row will have it."""
        self.ended = now
        row = dict(self.session.db.conn.execute("SELECT * FROM runs WHERE id = ?", [self.id]).fetchone())
        cause = self.cause if self.outcome == "failed" else None
        ended = {"ended_at": clock.stamp(now), "outcome": self.outcome, "reason": self.reason, "cause": cause}
        self.keeper.note({"run": row | ended}, self.profile.home)

    def end(self, connection: sqlite3.Connection) -> None:
        """Write how the run ended, what that makes withdrawn, and what it tells of the site's health."""
        now, site = self.ended or clock.utcnow(), self.profile.id
        cause = self.cause if self.outcome == "failed" else None
        store.end_run(connection, self.id, clock.stamp(now), self.outcome or "failed", self.reason, cause)
        withdrawals.confirm_run(connection, site, self.gone)
        if not self.options.replay and not self.options.sample and self.cause != "archive":
            expected = health.Expectation(self.profile.expect.max_days_between_articles, bool(self._layouts))
            self.changes = health.assess(connection, site, now, expected, read=self.read)
        moment = self._next_check(connection, now)
        connection.execute("UPDATE sites SET next_check = ? WHERE id = ?", [clock.stamp(moment), site])
        query = (
            "SELECT error FROM frontier WHERE site = ? AND run = ? AND state = 'failed' AND state != 'done'"
            " AND kind != 'media' LIMIT 20"
        )
        self.failures = [row["error"] for row in connection.execute(query, [self.profile.id, self.id])]

    def _next_check(self, connection: sqlite3.Connection, now: datetime) -> datetime:
        """Return when the site is due again."""
        if self.outcome == "failed":
            moment = now + planning.wait(self.cause, store.failures_in_a_row(connection, self.profile.id))
        elif self.rest is not None and self.rest != QUIET:
            moment = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        elif self.outcome != "finished":
            moment = now
        elif self.frontier.has_due():  # a limit was reached
            moment = now + self.pace.least
        else:
            moment = planning.next_run(now, self.pace, *self.frontier.next_checks())
        return planning.after_quiet_hours(moment, self.session.config.quiet_hours, self.profile.zone)

    def _outcome(self, reason: str) -> tuple[str, str | None]:
        if self.session.fatal is not None:
            self.cause = "archive"
            return "failed", str(self.session.fatal)
        if self.problem is not None:
            return "failed", self.problem
        if self.rest is not None:
            return "interrupted", self.rest
        if reason != "finished":
            return "interrupted", "stopped" if reason == "shutdown" else reason
        if self.replay is not None and not self.counts.pages:
            return "failed", "the replayed files hold nothing of this site"
        if self.replay is None and self.counts.looked and not self.counts.found and not self.counts.listings_unchanged:
            if self.counts.challenges:
                self.cause = "blocked"
                return "failed", "blocked: what it sends is a challenge to browsers; the site is left alone"
            if not self.counts.pages:
                self.cause = "down"
                return "failed", "the site does not answer"
            if not self.frontier.has_good_listing():
                self.cause = "nothing"
                return "failed", "no listing yields an article link; the site changed, or the profile is wrong"
        if self.limit_reached:
            return "finished", f"limit of {self.options.limit} articles reached"
        return "finished", None

    @property
    def _layouts(self) -> tuple[Layout, ...]:
        return self.profile.layouts or self.profile.behaviour.layouts

    @property
    def over(self) -> bool:
        """Whether no more requests are to be sent in this run."""
        return self.session.fatal is not None or self.problem is not None or self.rest is not None

    def may_ask(self) -> bool:
        """Say whether archive.toml lets another request go out now; if not, the run rests."""
        config = self.session.config
        if self.replay is not None or self.rest is not None:
            return self.rest is None
        if config.budget is not None and self.spent + self.counts.requests >= config.budget:
            self.rest = f"the day's budget of {config.budget} requests is spent"
        elif any(clock.utcnow().astimezone(self.profile.zone).time() in hours for hours in config.quiet_hours):
            self.rest = QUIET
        return self.rest is None

    @property
    def concurrency(self) -> int:
        """Requests to the site that may be on the wire at a time."""
        return REPLAY_CONCURRENCY if self.replay is not None else self.profile.concurrency

    @property
    def limit_reached(self) -> bool:
        """Whether as many articles as were asked for are stored."""
        return self.options.limit is not None and self.counts.articles >= self.options.limit

    def audits(self, row: Row) -> bool:
        """Say whether a listing is to be read deeper than to its first page that is known."""
        if row.kind != "listing":
            return False
        if row.depth == 0 and (row.next_audit is None or row.next_audit <= clock.now()):
            self.audited.add(row.section)
        return row.section in self.audited

    def too_old(self, date: str | None) -> bool:
        """Whether an article of this date (ISO, or None) is to be left out."""
        after = self.options.after
        return after is not None and date is not None and date[: len(after)] < after[: len(date)]


def starts(profile: SiteProfile) -> list[Found]:
    """Return where a crawl begins: the listings of the profile's sections, or its home page to discover them."""
    if not profile.sections:
        home = urls.canonical(profile.home, profile)
        return [Found(home, home, "home")]
    return [
        Found(urls.canonical(section.url, profile), section.url, "listing", section=section.name)
        for section in profile.sections
    ]


def _replayed(replay: Replay, profile: SiteProfile) -> list[Found]:
    """Return what a replay starts from besides: the home page, and every article that the file holds."""
    home = urls.canonical(profile.home, profile)
    found = [Found(home, home, "home")] if replay.has(home) else []
    for url in replay.urls():
        if urls.is_article(url, profile):
            found.append(
                Found(urls.key(url, profile), urls.canonical(url, profile), "article", priority=REPLAY_PRIORITY)
            )
    return found


def _is_mended(connection: sqlite3.Connection, profile: SiteProfile) -> bool:
    """Say whether a site's profile is another one than at its last run."""
    row = connection.execute("SELECT profile_sha256 FROM sites WHERE id = ?", [profile.id]).fetchone()
    return row is not None and row["profile_sha256"] != profile.digest


def _resumable(connection: sqlite3.Connection, site: str, options: dict[str, Any]) -> bool:
    """Say whether the last run of the site was cut off lately, asked the same, and left something to do."""
    last = connection.execute(
        "SELECT outcome, started_at, options FROM runs WHERE site = ? ORDER BY id DESC LIMIT 1", [site]
    ).fetchone()
    if last is None or last["outcome"] not in ("running", "interrupted") or json.loads(last["options"]) != options:
        return False
    if clock.utcnow() - clock.moment(last["started_at"]) > RESUME:
        return False
    due = "SELECT 1 FROM frontier WHERE site = ? AND state IN ('due', 'waiting') AND state != 'done' LIMIT 1"
    return connection.execute(due, [site]).fetchone() is not None
