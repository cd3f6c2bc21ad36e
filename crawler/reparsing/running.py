"""A reparse: site by site, each locked while it is written; what was derived is kept in batches."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import __version__, clock, hidden
from archive.database import read_database, transaction
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveBusy, ArchiveError
from archive.lock import lock
from crawler.pool import Pool, Task
from crawler.profile import SiteProfile
from crawler.reading import derived_with
from crawler.reparsing.comparing import Reread, reread
from crawler.reparsing.report import SiteReport
from crawler.reparsing.sources import Derived, Sources
from crawler.reparsing.writing import write

#: Articles to a transaction.
BATCH = 50

Advance = Callable[[int], object]
_Read = tuple[Derived, list[Reread]]


@dataclass(slots=True)
class Reparse:
    """One run over an archive. With `dry`, nothing at all is written, not even a lock taken."""

    directory: ArchiveDirectory
    pool: Pool
    dry: bool = False
    advance: Advance = lambda _: None

    def run(self, profiles: Sequence[SiteProfile], asked: Sequence[str]) -> Iterator[SiteReport]:
        """Derive the articles of these sites again; yield what came of each. `asked`: the sites named, for the record.

        Raises ArchiveError when the database or the pool fails; what was written by then is kept.
        """
        opened = self.directory.read_database() if self.dry else self.directory.open_database()
        with closing(opened) as db:
            record = None if self.dry else _begin(db, asked)
            reports = []
            for profile in profiles:
                reports.append(self._site(db, profile))
                if record is not None:
                    _note(db, record, reports, ended=profile is profiles[-1])
                yield reports[-1]

    def _site(self, db: Database, profile: SiteProfile) -> SiteReport:
        report = SiteReport(profile.id)
        with ExitStack() as stack:
            if not self.dry:
                path = self.directory.locks / f"{profile.id}.lock"
                try:
                    stack.enter_context(lock(path, f"{profile.id}: this site is being crawled"))
                except ArchiveBusy as error:
                    report.skipped = str(error)
                    return report
            try:
                self._all(db, Sources(db.conn, self._restricted(stack), profile), profile, report)
            except sqlite3.Error as error:
                raise ArchiveError(
                    f"{self.directory.database}: {error}; mend the cause and run this again: what was written stays"
                ) from error
        return report

    def _all(self, db: Database, sources: Sources, profile: SiteProfile, report: SiteReport) -> None:
        batch: list[_Read] = []
        for derived in self._derived(sources):
            found, errors = reread(derived)
            report.add(derived, found, errors)
            batch.append((derived, found))
            if len(batch) == BATCH:
                self._write(db, profile, batch)
            self.advance(1)
        self._write(db, profile, batch)

    def _restricted(self, stack: ExitStack) -> sqlite3.Connection | None:
        """Return a connection that reads restricted.db, where there is one."""
        path = self.directory.database.with_name(hidden.FILE)
        return stack.enter_context(closing(read_database(path))).conn if path.exists() else None

    def _derived(self, sources: Sources) -> Iterator[Derived]:
        """Yield the articles of a site when all that can be read of them has been read."""
        waiting: deque[Derived] = deque()

        def tasks() -> Iterator[Task]:
            for restricted, uid in sources.uids():
                found = sources.article(uid, restricted)
                if found is not None:
                    waiting.append(found)
                    yield from found.tasks.values()

        for done in self.pool.read(tasks()):
            while waiting[0].complete:  # nothing of it can be read
                yield waiting.popleft()
            waiting[0].take_in(done)
            if waiting[0].complete:
                yield waiting.popleft()
        yield from waiting

    def _write(self, db: Database, profile: SiteProfile, batch: list[_Read]) -> None:
        """Write a batch, and empty it."""
        if not self.dry and batch:
            code = derived_with(profile)
            with transaction(db) as connection:
                for derived, found in batch:
                    write(connection, derived, found, code)
        batch.clear()


def count(directory: ArchiveDirectory, profiles: Sequence[SiteProfile]) -> int:
    """Return how many articles these sites have, restricted ones too."""
    total = 0
    for path in (directory.database, directory.database.with_name(hidden.FILE)):
        if path.exists():
            total += _count(path, [profile.id for profile in profiles])
    return total


def _count(path: Path, sites: list[str]) -> int:
    query = "SELECT count(*) FROM articles WHERE site IN (SELECT value FROM json_each(?))"
    with closing(read_database(path)) as db:
        return int(db.conn.execute(query, [json.dumps(sites)]).fetchone()[0])


def _begin(db: Database, asked: Sequence[str]) -> int:
    with transaction(db) as connection:
        row = connection.execute(
            "INSERT INTO reparses (started_at, sites, version) VALUES (?, ?, ?)",
            [clock.now(), json.dumps(list(asked)), __version__],
        )
        assert row.lastrowid is not None
        return row.lastrowid


def _note(db: Database, record: int, reports: Sequence[SiteReport], *, ended: bool) -> None:
    """Write what the reports so far say."""
    sums = {name: sum(getattr(one, name) for one in reports) for name in ("articles", "revisions", "changed", "failed")}
    said = json.dumps({one.site: one.as_json() for one in reports}, ensure_ascii=False)
    values = {**sums, "report": said, "ended_at": clock.now() if ended else None}
    settings = ", ".join(f"{name} = ?" for name in values)
    with transaction(db) as connection:
        connection.execute(f"UPDATE reparses SET {settings} WHERE id = ?", [*values.values(), record])
