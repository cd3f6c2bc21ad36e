"""Crawling several sites side by side in one process, and how each of them went."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from archive import notify
from archive.attachments import keeping as attachments
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler.counts import Counts
from crawler.options import Options
from crawler.showing import Show

if TYPE_CHECKING:
    from crawler.process import CrawlProcess
    from crawler.profile import SiteProfile

Then = Callable[["SiteProfile"], "tuple[SiteProfile, Options] | None"]
logger = logging.getLogger(__name__)

#: Failed URLs that are named at the end of a site's crawl.
NAMED_FAILURES = 5


@dataclass(slots=True)
class Summary:
    """How the crawl of one site went."""

    site: str
    outcome: str
    """finished, interrupted or failed; busy where another process crawls it and only what is due was asked for."""
    reason: str | None = None
    resting: bool = False
    """Whether it stopped because archive.toml says so (budget, quiet hours)."""
    counts: Counts = field(default_factory=Counts)
    failures: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """Whether the site failed, or was stopped by a person."""
        return self.outcome not in ("finished", "busy") and not self.resting

    def lines(self) -> list[str]:
        """Return the summary for a person: one line, and one for each of the first failures. None for a busy site."""
        if self.outcome == "busy":
            return []
        counts = self.counts
        reason = f" ({self.reason})" if self.reason else ""
        first = (
            f"{self.site}: {self.outcome}{reason}; {counts.new} new, {counts.changed} changed, "
            f"{counts.unchanged} unchanged, {counts.failed} failed, {counts.requests} requests{self._media()}"
        )
        named = [f"  failed: {failure}" for failure in self.failures[:NAMED_FAILURES]]
        more = counts.failed - len(named)
        return [first, *named, *([f"  and {more} more, in table frontier"] if named and more > 0 else [])]

    def _media(self) -> str:
        """Return what came of pictures and attachments, where there was any of it."""
        counts = self.counts
        told = {"came": counts.media, "missing": counts.media_failed, "on other hosts": counts.media_elsewhere}
        said = ", ".join(f"{number} {what}" for what, number in told.items() if number)
        return f"; pictures and files: {said}" if said else ""

    def text(self) -> str:
        """Return the summary for a person."""
        return "\n".join(self.lines())

    def json(self) -> str:
        """Return the summary for a program, in one line."""
        return json.dumps(self.to_json(), ensure_ascii=False)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as `json` writes it."""
        return {**asdict(self), "counts": asdict(self.counts)}


def crawl_sites(
    directory: ArchiveDirectory,
    profiles: Sequence[SiteProfile],
    options: Options,
    *,
    jobs: int,
    settings: dict[str, Any] | None = None,
    then: Then | None = None,
    told: Callable[[Summary], str] | None = None,
    report: bool = True,
) -> list[Summary]:
    """Crawl sites, up to `jobs` at a time, until all are done or a signal stops them. Once a process.

    `then` is asked, when a site is done, what is to be crawled after it (None: nothing more). `told` makes of each
    site's summary what is printed on stdout when it is done; `report`: whether word of it is sent (`[notify]`).
    """
    from crawler.process import CrawlProcess  # Scrapy takes half a second to import

    crawl = _Crawl(directory, CrawlProcess(directory, settings), profiles, options, jobs, then, told)
    with crawl.show:
        summaries = crawl.run()
    if report and crawl.in_order and not options.replay and options.sample is None:
        notify.report(directory)
    return summaries


class _Crawl:
    def __init__(
        self,
        directory: ArchiveDirectory,
        process: CrawlProcess,
        profiles: Sequence[SiteProfile],
        options: Options,
        jobs: int,
        then: Then | None,
        told: Callable[[Summary], str] | None,
    ) -> None:
        self._directory = directory
        self._process = process
        self._profiles = [*profiles]
        self._options = options
        self._jobs = asyncio.Semaphore(jobs)
        self._then = then
        self._told = told
        self._summaries: dict[str, Summary] = {}
        self.in_order = False
        self.show = Show(process.running, self._outlook)

    def run(self) -> list[Summary]:
        self.in_order = self._process.run(self._all())
        for profile in self._profiles:
            if profile.id not in self._summaries:
                site = self._process.running.get(profile.id)
                self._done(site.summary() if site else self._not_begun(profile))
        return [self._summaries[profile.id] for profile in self._profiles]

    async def _all(self) -> None:
        async with self.show.kept_up():
            await asyncio.gather(*(self._one_after_another(profile) for profile in self._profiles))

    async def _one_after_another(self, profile: SiteProfile) -> None:
        await self._one(profile, self._options)
        stopping = self._process.stopping
        while self._then is not None and not stopping.is_set() and (following := self._then(profile)) is not None:
            profile, options = following
            self._profiles.append(profile)
            await self._one(profile, options)

    async def _one(self, profile: SiteProfile, options: Options) -> None:
        async with self._jobs:
            if not self._process.stopping.is_set() and self._process.fatal is None:
                summary = await self._process.crawl(profile, options)
                if summary.counts.media:
                    is_stopping = self._process.stopping.is_set
                    await asyncio.to_thread(read_attachments, self._directory, summary.site, is_stopping)
                self._done(summary)

    def _not_begun(self, profile: SiteProfile) -> Summary:
        return Summary(profile.id, "interrupted", "was not begun")

    def _done(self, summary: Summary) -> None:
        self._summaries[summary.site] = summary
        if summary.outcome == "busy":
            logger.info("%s", summary.reason)
        self.show.done(summary, self._told(summary) if self._told else "")

    def _outlook(self) -> list[str]:
        done, sites = len(self._summaries), len(self._profiles)
        to_come = sites - done - len(self._process.running)
        return [f"{done}/{sites} sites done, {to_come} to come"]


class _Stopped(Exception):
    """The crawl was stopped while attachments were read."""


def read_attachments(directory: ArchiveDirectory, site: str, is_stopping: Callable[[], bool]) -> None:
    """Read what a site's attachments say, file by file until the crawl is stopped.

    What is not read now, and what cannot be written, is read after the next crawl, or by `reindex`.
    """

    def go_on(_: int) -> None:
        if is_stopping():
            raise _Stopped

    try:
        go_on(0)
        attachments.update(directory, sites=[site], begin=lambda _: go_on)
    except _Stopped:
        return
    except (ArchiveError, sqlite3.Error, OSError) as error:
        logger.error("%s: its attachments are not read (%s); `union-archive reindex` reads them", site, error)
