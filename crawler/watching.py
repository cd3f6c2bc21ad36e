"""Watching: what is due is crawled when it is due, in one process, until a person stops it."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive import clock
from archive.errors import ArchiveError
from archive.notify import Notifier
from crawler.due import due_sites, next_due
from crawler.options import Options
from crawler.process import CrawlProcess
from crawler.session import Session
from crawler.showing import Show
from crawler.sources import Sources

if TYPE_CHECKING:
    from archive.directory import ArchiveDirectory
    from crawler.crawling import Summary
    from crawler.profile import SiteProfile

#: Seconds of this machine between two looks at the clock, which may jump; and where a file holds it, it does jump.
POLL_SECONDS, CLOCK_FILE_SECONDS = 30.0, 0.2
#: Seconds between plain progress lines.
PLAIN_SECONDS = 300.0
#: Seconds without work after which the reading process is ended.
IDLE_SECONDS = 60.0
#: Seconds that a site is left alone that is still due after its crawl; longer each time.
REST_SECONDS = (5.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
#: The same for a site that another process crawls.
BUSY_SECONDS = 60.0
#: Seconds before the archive is tried again when it cannot be written; longer each time.
TROUBLE_SECONDS = (60.0, 120.0, 300.0, 600.0, 1800.0)
#: Sites that are named as the next ones.
NAMED = 3

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Rest:
    """A site that is left alone although it is due: until when (time.monotonic()), and how often in a row."""

    until: float
    times: int = 1


def watch(directory: ArchiveDirectory, sources: Sources, *, jobs: int | None, told: Callable[[Summary], str]) -> bool:
    """Crawl what is due, whenever it is, until a signal comes. Returns False when a second one cut it short.

    `jobs` is how many sites are crawled side by side (None: as archive.toml says); `told` makes of each site's summary
    what is printed on stdout.
    """
    watching = Watch(CrawlProcess(directory), directory, sources, jobs, told)
    with watching.show:
        return watching.process.run(watching.run())


class Watch:
    """The loop of `watch`. One session is held while it goes well: one writer, one WARC file."""

    def __init__(
        self,
        process: CrawlProcess,
        directory: ArchiveDirectory,
        sources: Sources,
        jobs: int | None,
        told: Callable[[Summary], str],
    ) -> None:
        self.process = process
        self.show = Show(process.running, self._outlook, plain_seconds=PLAIN_SECONDS)
        self._directory = directory
        self._sources = sources
        self._jobs = jobs
        self._told = told
        self._notifier = Notifier(directory, lambda: sources.config, self._say_from_thread)
        self._session: Session | None = None
        self._crawls: dict[str, asyncio.Task[Summary]] = {}
        self._rests: dict[str, _Rest] = {}
        self._wake = asyncio.Event()
        self._troubles = 0
        self._idle_since: float | None = None
        self._waiting = 0
        self._coming: list[tuple[datetime, str]] = []

    async def run(self) -> None:
        """Crawl and wait until the process is stopped; then end in order."""
        self._loop = asyncio.get_running_loop()
        async with self.show.kept_up():
            try:
                while not self.process.stopping.is_set():
                    await self._pause(await self._turn(), self.process.stopping, self._wake)
                    self._wake.clear()
            finally:
                await self._end()

    async def _end(self) -> None:
        """Wait for the crawls, which the process stops; close the archive."""
        if self._crawls:
            await asyncio.wait(self._crawls.values())
        try:
            self._tell_ended()
        finally:
            await self._close()
            await asyncio.to_thread(self._notifier.end)  # what is being sent may say so still

    async def _turn(self) -> float:
        """Begin what is due; return the seconds until there is reason to look again."""
        try:
            self._sources.refresh(self._session, self.show.say)
            session = self._session = self._session or self._open()
            for summary in self._tell_ended():
                self._consider(session, summary)
            if session.fatal is not None:
                raise session.fatal
            self._begin_due(session.db.conn)
            seconds = self._seconds_to_next(session.db.conn)
            await self._idle(session)
            return seconds
        except (ArchiveError, sqlite3.Error) as error:
            await self._trouble(error)
            return 0.0

    def _open(self) -> Session:
        try:
            return Session.acquire(self._directory)
        except OSError as error:
            raise ArchiveError(f"{error.filename or self._directory.path}: {error.strerror}; mend that") from error

    def _begin_due(self, connection: sqlite3.Connection) -> None:
        resting = {site for site, rest in self._rests.items() if rest.until > time.monotonic()}
        able = [one for one in self._sources.profiles if one.id not in self._crawls and one.id not in resting]
        due = due_sites(connection, able, clock.utcnow())
        free = max((self._jobs or self._sources.config.jobs) - len(self._crawls), 0)
        for profile in due[:free]:
            self._crawls[profile.id] = asyncio.ensure_future(self._crawl(profile))
        self._waiting = len(due[free:])

    async def _crawl(self, profile: SiteProfile) -> Summary:
        try:
            return await self.process.crawl(profile, Options(due=True))
        finally:
            self._wake.set()

    def _tell_ended(self) -> list[Summary]:
        """Print what came of the crawls that have ended; return it."""
        ended = [site for site, task in self._crawls.items() if task.done()]
        summaries = [self._crawls.pop(site).result() for site in ended]
        for summary in summaries:
            self.show.done(summary, self._told(summary))
        if any(summary.outcome != "busy" for summary in summaries):
            self._notifier.wake()
        return summaries

    def _say_from_thread(self, text: str) -> None:
        with suppress(RuntimeError):  # the loop is over
            self._loop.call_soon_threadsafe(self.show.say, text)

    def _consider(self, session: Session, summary: Summary) -> None:
        """Leave a site alone for a while that is due still: it must not be crawled over and over."""
        if session.fatal is not None:
            return
        if summary.outcome == "finished":
            self._troubles = 0
        profile = [one for one in self._sources.profiles if one.id == summary.site]
        if not due_sites(session.db.conn, profile, clock.utcnow()):
            self._rests.pop(summary.site, None)
        elif summary.outcome == "busy":
            self._rests[summary.site] = _Rest(time.monotonic() + BUSY_SECONDS, 0)
        else:
            times = self._rests[summary.site].times if summary.site in self._rests else 0
            seconds = REST_SECONDS[min(times, len(REST_SECONDS) - 1)]
            self._rests[summary.site] = _Rest(time.monotonic() + seconds, times + 1)

    async def _idle(self, session: Session) -> None:
        """Let go what is not needed while nothing is crawled: yesterday's WARC file, the reading process."""
        if self._crawls:
            self._idle_since = None
            return
        session.warc.roll()
        now = time.monotonic()
        if self._idle_since is None:
            self._idle_since = now
            self.show.note("; ".join(self._outlook()))
        elif now - self._idle_since > IDLE_SECONDS:
            await session.worker.close()

    def _seconds_to_next(self, connection: sqlite3.Connection) -> float:
        """Return the seconds until a site is due or has rested, but not so many that a clock that jumps is missed."""
        now, profiles = clock.utcnow(), self._sources.profiles
        self._coming = _coming(connection, profiles, now)
        most = CLOCK_FILE_SECONDS if clock.VARIABLE in os.environ else POLL_SECONDS
        rests = [rest.until - time.monotonic() for rest in self._rests.values()]
        moment = next_due(connection, [one for one in profiles if one.id not in self._rests], now)
        waits = [wait for wait in rests if wait > 0]
        if moment is not None and moment > now:
            waits.append((moment - now).total_seconds())
        return min([most, *waits])

    async def _trouble(self, error: Exception) -> None:
        """Say that the archive cannot be used; wait, longer each time. A session that cannot write is closed first."""
        seconds = TROUBLE_SECONDS[min(self._troubles, len(TROUBLE_SECONDS) - 1)]
        self._troubles += 1
        if self._session is not None and self._session.fatal is not None:
            if self._crawls:
                await asyncio.wait(self._crawls.values())  # each of them ends: it is asked nothing more
            self._tell_ended()
            await self._close()
        why = " ".join(str(error).split())
        self.show.say(f"{why}; trying again in {_about(timedelta(seconds=seconds))}")
        await self._pause(seconds, self.process.stopping)

    async def _close(self) -> None:
        """Close the session, also where its last bytes cannot be written any more."""
        session, self._session = self._session, None
        if session is None:
            return
        await session.worker.close()
        for _ in range(2):  # what fails to be written is cut off, and the file can be closed without it
            try:
                session.close()
                session.warc.close()
                return
            except (ArchiveError, sqlite3.Error, OSError) as error:
                logger.error("%s", error)

    async def _pause(self, seconds: float, *events: asyncio.Event) -> None:
        """Wait so long, or until one of the events happens."""
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()

    def _outlook(self) -> list[str]:
        watched = sum(one.status == "active" for one in self._sources.profiles)
        first = f"{watched} sites watched, {len(self._crawls)} under way"
        if self._waiting:
            first += f", {self._waiting} wait for their turn"
        coming = [f"{site} {_when(moment)}" for moment, site in self._coming if site not in self._crawls]
        return [first, *(["next: " + ", ".join(coming[:NAMED])] if coming else [])]


def _coming(connection: sqlite3.Connection, profiles: list[SiteProfile], now: datetime) -> list[tuple[datetime, str]]:
    """Return when the active sites are due that are not yet, the next ones first."""
    active = {one.id for one in profiles if one.status == "active"}
    query = "SELECT id, next_check FROM sites WHERE next_check > ? ORDER BY next_check"
    rows = connection.execute(query, [clock.stamp(now)])
    return [(clock.moment(row["next_check"]), row["id"]) for row in rows if row["id"] in active]


def _when(moment: datetime) -> str:
    """Return a moment by this machine's zone, and how far it is off."""
    away = max(moment - clock.utcnow(), timedelta(0))
    local = moment.astimezone()
    return f"{local:%H:%M} (in {_about(away)})" if away < timedelta(hours=20) else f"{local:%m-%d %H:%M}"


def _about(span: timedelta) -> str:
    """Return a span in one unit: 40 s, 25 min, 3 h."""
    seconds = span.total_seconds()
    for size, unit in ((7200, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / (3600 if unit == 'h' else 60):.0f} {unit}"
    return f"{seconds:.0f} s"
