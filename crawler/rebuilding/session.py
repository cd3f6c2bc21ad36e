"""What stands for a crawl's session, worker and keeper while history is told again: nothing waits or is fetched."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlite_utils import Database

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.store import RUN_COUNTERS
from crawler.keeping import Keeper
from crawler.profile import SiteProfile
from crawler.reading import Page, Reading, read

#: Readings of listings that are remembered.
_LISTINGS = 500
#: What SQLite refuses in one page's rows: that page is lost, not its neighbours.
_REFUSED = (sqlite3.IntegrityError, sqlite3.DataError, UnicodeError, OverflowError, ValueError)


class Told:
    """Takes writes at once, inside the caller's transaction; counts what runs do."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.counters: dict[int, dict[str, int]] = {}

    def count(self, run: int, **counts: int) -> None:
        """Add to the counters of a run, which its end writes."""
        totals = self.counters.setdefault(run, dict.fromkeys(RUN_COUNTERS, 0))
        for name, number in counts.items():
            totals[name] += number

    def flush(self) -> None:
        """Nothing waits."""

    def apply(self, write: Callable[[sqlite3.Connection], None]) -> Exception | None:
        """Apply one page's writes, all of them or none; return why they were refused."""
        self._connection.execute("SAVEPOINT page")
        try:
            write(self._connection)
        except _REFUSED as error:
            self._connection.execute("ROLLBACK TO page")
            self._connection.execute("RELEASE page")
            return error
        self._connection.execute("RELEASE page")
        return None


class StoredReader:
    """Gives readings that were made ahead, and makes those that turn out to be needed besides."""

    def __init__(self, content: Callable[[int], bytes]) -> None:
        self._content = content
        self._ahead: Reading | None = None
        self._next: tuple[str, str] = "", ""
        self._digest = ""
        self._payload: int | None = None
        self._listings: OrderedDict[tuple[str, str], Reading] = OrderedDict()
        """Of listings by URL and digest: the same ones are confirmed over and over."""

    def expect(self, page: tuple[str, str], digest: str, reading: Reading | None, payload: int | None) -> None:
        """Say what comes next: a page's URL and time, the digest of its payload, what was read of it ahead.

        `payload` is the capture that holds its bytes, where it is not its own.
        """
        self._next, self._digest, self._ahead, self._payload = page, digest, reading, payload
        if reading is not None and reading.listing is not None:
            self._remember((page[0], digest), reading)

    async def read(self, pages: Sequence[Page], profile: SiteProfile | None) -> Reading:
        """Return what pages yield."""
        first = pages[0]
        is_next = len(pages) == 1 and (first.url, first.fetched_at.isoformat()) == self._next
        if self._ahead is not None and is_next and not first.body:
            return self._ahead
        is_listing = first.kind in ("home", "listing") and first.url == self._next[0]
        listing = (first.url, self._digest) if is_listing else None
        if listing is not None and listing in self._listings:
            self._listings.move_to_end(listing)
            return self._listings[listing]
        if not first.body and self._payload is not None:
            pages = [replace(first, body=self._content(self._payload)), *pages[1:]]
        reading = read(pages, profile)
        if listing is not None:
            self._remember(listing, reading)
        return reading

    def _remember(self, listing: tuple[str, str], reading: Reading) -> None:
        self._listings[listing] = reading
        if len(self._listings) > _LISTINGS:
            self._listings.popitem(last=False)


class Session:
    """The session of a rebuild: crawler.session.Session as far as what writes results asks for it."""

    def __init__(self, directory: ArchiveDirectory, db: Database) -> None:
        self.directory = directory
        self.config = directory.config()
        self.db = db
        self.warc = None
        self.store = Told(db.conn)
        self.worker = StoredReader(self._content)
        self.runs: list[Any] = []
        self.keeper: Keeper | None = None
        self.fatal: ArchiveError | None = None

    def submit(
        self,
        write: Callable[[sqlite3.Connection], None],
        done: Callable[[Exception | None], None] | None = None,
        *,
        opens: bool = False,
    ) -> None:
        """Write now."""
        problem = self.store.apply(write)
        if done is not None:
            done(problem)
        elif problem is not None:
            raise problem

    def flush(self) -> None:
        """Nothing waits."""

    def fail(self, error: ArchiveError) -> None:
        """End the rebuild: a file of the archive cannot be read, or written."""
        raise error

    def _content(self, capture: int) -> bytes:
        assert self.keeper is not None
        return self.keeper.content(capture)[0].content()


class StoredKeeper(Keeper):
    """A keeper of what is kept already."""

    def note(self, fact: Mapping[str, Any], url: str) -> None:
        """Write nothing: what is told again was written down when it happened."""
