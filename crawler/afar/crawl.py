"""`crawl --dask`: sites handed to the workers of a Dask cluster, and their shards merged, one after the other."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from archive import notify
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveBusy, ArchiveError
from archive.lock import lock
from archive.progress import Progress
from crawler import shards
from crawler.afar.work import Work, crawl_site, stop
from crawler.counts import Counts
from crawler.crawling import Summary
from crawler.options import Options
from crawler.pooling.connection import Cluster
from crawler.profile import SiteProfile
from crawler.reading import derived_with
from crawler.rebuilding.merging import merge

#: Seconds between two looks at what has come back.
_LOOK_SECONDS = 0.1


def crawl_afar(
    directory: ArchiveDirectory,
    profiles: Mapping[str, SiteProfile],
    chosen: Sequence[SiteProfile],
    options: Options,
    *,
    address: str,
    jobs: int | None,
    told: Callable[[Summary], str],
) -> list[Summary]:
    """Crawl sites by the workers of the Dask scheduler at `address`: up to `jobs` at a time, else one a thread.

    The workers see the archive under the same path. `told` makes of each site's summary what is printed on stdout when
    the site is merged. Raises ArchiveError where the cluster cannot be had, or has gone: what was crawled is in its
    shards then, and is merged by the next such crawl of each site.
    """
    cluster = Cluster(address)
    afar = _Afar(directory, profiles, chosen, options, cluster, jobs, told)
    try:
        with _signals(afar.stop):
            afar.run()
    finally:
        afar.close()
    notify.report(directory)
    return [afar.summaries[profile.id] for profile in chosen]


@dataclass(slots=True)
class _Site:
    """A site that a worker crawls."""

    profile: SiteProfile
    shard: ArchiveDirectory
    lock: BinaryIO
    future: Any
    before: int
    """The last run that the shard began with."""


class _Afar:
    def __init__(
        self,
        directory: ArchiveDirectory,
        profiles: Mapping[str, SiteProfile],
        chosen: Sequence[SiteProfile],
        options: Options,
        cluster: Cluster,
        jobs: int | None,
        told: Callable[[Summary], str],
    ) -> None:
        self._directory = ArchiveDirectory(directory.path.resolve())  # the workers are elsewhere
        self._profiles = profiles
        self._options = options
        self._cluster = cluster
        self._jobs = jobs
        self._told = told
        self._token = uuid.uuid4().hex
        self._waiting = deque(chosen)
        self._under_way: list[_Site] = []
        self._signals = 0
        self._stopped = False
        self._progress = Progress("crawl", len(chosen), "sites")
        self.summaries: dict[str, Summary] = {}

    def run(self) -> None:
        """Crawl all sites, or until a signal."""
        with self._progress:
            while self._waiting or self._under_way:
                if self._signals and not self._stopped:
                    self._stop_all()
                while self._waiting and len(self._under_way) < (self._jobs or self._cluster.threads):
                    self._begin(self._waiting.popleft())
                ended = [site for site in self._under_way if site.future.done()]
                for site in ended[:1]:  # merging takes a while, in which others may end, or a signal may come
                    self._take(site)
                if not ended:
                    time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Have all crawls end, what is on the wire first; when asked again, at once: shards are merged next time."""
        self._signals += 1
        if self._signals > 1:
            raise KeyboardInterrupt

    def close(self) -> None:
        """Leave the cluster, and let go of what is under way: its workers end it, its shards stay."""
        client = self._cluster.client
        self._cluster.close(lambda: client.run(stop, self._token, on_error="ignore"))
        for site in self._under_way:
            site.lock.close()

    def _stop_all(self) -> None:
        self._stopped = True
        for profile in self._waiting:
            self._done(Summary(profile.id, "interrupted", "was not begun"))
        self._waiting.clear()
        self._cluster.asked(lambda: self._cluster.client.run(stop, self._token, on_error="ignore"))

    def _begin(self, profile: SiteProfile) -> None:
        """Hand a site to the cluster. What an earlier crawl left of it is merged first."""
        site, shard = profile.id, shards.of(self._directory, profile.id)
        try:
            held = lock(self._directory.locks / f"{site}.lock", f"{site}: this site is being crawled")
        except ArchiveError as error:
            busy = self._options.due and isinstance(error, ArchiveBusy)
            self._done(Summary(site, "busy" if busy else "failed", str(error)))
            return
        try:
            if shard.path.exists():
                self._merge(site, shard)
                shards.remove(shard)
            shards.seed(self._directory, site, shard)
            before = shards.last_run(shard)
        except ArchiveError as error:
            held.close()
            self._done(Summary(site, "failed", str(error)))
            return
        asked = asdict(self._options)
        work = Work(self._token, str(shard.path), site, asked, derived_with(profile))
        try:
            future = self._cluster.asked(lambda: self._cluster.client.submit(crawl_site, work, pure=False))
        except ArchiveError:
            held.close()
            raise
        self._under_way.append(_Site(profile, shard, held, future, before))

    def _take(self, site: _Site) -> None:
        """Merge what came back of a site."""
        values = self._cluster.asked(site.future.result)
        summary = Summary(**values | {"counts": Counts(**values["counts"])})
        try:
            self._merge(site.profile.id, site.shard)
            self._settle(site, summary)
        except ArchiveError as error:
            summary.outcome, summary.resting = "failed", False
            summary.reason = f"{error}; it was crawled, and is merged by the next crawl --dask"
        finally:
            self._under_way.remove(site)
            site.future.release()
            site.lock.close()
        self._done(summary)

    def _settle(self, site: _Site, summary: Summary) -> None:
        """Leave nothing in the shard that is not here."""
        db = self._directory.open_database()
        try:
            shards.take_over(db, site.shard, site.profile.id)
        finally:
            db.close()
        shards.add_killed(site.shard, site.before, summary.counts)
        shards.remove(site.shard)

    def _merge(self, site: str, shard: ArchiveDirectory) -> None:
        jobs = os.cpu_count() or 1
        merged = merge(self._directory, self._profiles, [shard], jobs=jobs, locked=frozenset({site}))
        for problem in merged.problems:
            self._progress.note(problem, err=True)

    def _done(self, summary: Summary) -> None:
        self.summaries[summary.site] = summary
        self._progress.advance()
        if text := self._told(summary):
            self._progress.note(text)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C and a service manager's stop call `stop`."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, lambda *_: stop()) for name in names]
    try:
        yield
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
