"""What the crawls of one process share: the archive, its one writer, its WARC file, the reading process."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from archive import __version__, warcfile
from archive.config import ArchiveConfig
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.store import BATCH_SECONDS, Store
from crawler.worker import Worker

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from crawler.run import SiteRun

logger = logging.getLogger(__name__)

_sessions: dict[str, Session] = {}


class Session:
    """One archive, open for crawling. `acquire` and `release` count its users; the last one closes it."""

    def __init__(self, directory: ArchiveDirectory) -> None:
        self.directory = directory
        self.config = directory.config()
        self.db = directory.open_database()
        for name in warcfile.recover(directory.warc, self._last_offset):
            logger.info("%s: closed; the process that wrote it had ended", directory.warc / name)
        self.warc = warcfile.WarcFile(directory.warc, software(self.config))
        self.store = Store(self.db, self.warc)
        self.worker = Worker()
        self.runs: list[SiteRun] = []
        self.fatal: ArchiveError | None = None
        self._users = 0
        self._closed = False
        self.opening = False
        self._timer: asyncio.TimerHandle | None = None
        self.refused: dict[str, Callable[[float], None]] = {}
        """By site: how to wake a crawl that was refused a URL because enough is under way."""

    @property
    def leased(self) -> int:
        """How many URLs of all sites are handed out and not yet committed."""
        return sum(run.frontier.leased for run in self.runs)

    def configure(self, config: ArchiveConfig) -> None:
        """Go by a changed archive.toml from the next request on."""
        self.config = config
        self.warc.software = software(config)

    @classmethod
    def acquire(cls, directory: ArchiveDirectory) -> Session:
        """Return this process's session on `directory`, opened by its first user. Raises ArchiveError."""
        key = str(directory.path.resolve())
        session = _sessions.get(key)
        if session is None:
            session = _sessions[key] = cls(directory)
        session._users += 1
        return session

    async def release(self) -> None:
        """Give the session back; the last user closes it."""
        if self._users == 1:
            await self.worker.close()
        self.drop()

    def drop(self) -> None:
        """Give back a session whose worker was not used."""
        self._users -= 1
        if self._users <= 0:
            self.close()

    def close(self) -> None:
        """Commit what is queued (unless the disk or database failed) and close WARC file and database."""
        if self._closed:
            return
        self._closed = True
        _sessions.pop(str(self.directory.path.resolve()), None)
        try:
            if self.fatal is None:
                self.store.flush()
            self.warc.close()
        finally:
            self.db.close()

    def submit(
        self,
        write: Callable[[sqlite3.Connection], None],
        done: Callable[[Exception | None], None] | None = None,
        *,
        opens: bool = False,
    ) -> None:
        """Queue one page's writes; they are committed with a full batch, or a moment later.

        `opens` says that they make URLs due: a scheduler that has none left commits them at once.
        """
        self.opening |= opens
        self.store.submit(write, done)
        if not self.store.pending:
            self._wake_refused()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BATCH_SECONDS, self._commit)

    def flush(self) -> None:
        """Commit what is queued. Raises ArchiveError when the disk or the database fails."""
        self.opening = False
        self.store.flush()
        self._wake_refused()

    def _wake_refused(self) -> None:
        refused, self.refused = self.refused, {}
        for wake in refused.values():
            wake(0.0)

    def _commit(self) -> None:
        self._timer = None
        if self._closed or self.fatal is not None:
            return
        try:
            self.flush()
        except ArchiveError as error:
            self.fail(error)

    @staticmethod
    def close_all() -> None:
        """Close what is still open when the reactor has stopped at once."""
        for session in list(_sessions.values()):
            session.worker.kill()
            session.close()

    def fail(self, error: ArchiveError) -> None:
        """Stop all crawls of this process: the archive itself cannot be written."""
        if self.fatal is None:
            self.fatal = error
            logger.error("%s", error)

    def _last_offset(self, name: str) -> int:
        """Return the offset of the last record of a WARC file that the database knows; 0 if it knows none."""
        row = self.db.execute("SELECT max(offset) FROM captures WHERE warc = ?", [name]).fetchone()
        return int(row[0] or 0)


def software(config: ArchiveConfig) -> dict[str, str]:
    """Return what a warcinfo record says of the archive and who keeps it."""
    facts = {
        "software": f"union-archive/{__version__}",
        "isPartOf": " ".join(config.name.split()),
        "operator": config.contact,
        "robots": "obey",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    return {name: fact for name, fact in facts.items() if fact is not None}
