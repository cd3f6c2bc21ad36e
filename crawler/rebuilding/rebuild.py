"""`import --rebuild`: archive.db and restricted.db made anew beside their places, and put there when they are whole."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from archive import clock, hidden, packing
from archive.attachments import keeping as attachments
from archive.database import open_database, read_database
from archive.decisions import Decision, in_force, read
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock, try_flock
from archive.manifest import closed_files, fsync, sync_directory
from archive.progress import Progress
from archive.store import save_site
from archive.warc import OPEN_SUFFIX
from archive.warcfile import recover
from crawler.pool import Done, Pool, Task, local
from crawler.profile import SiteProfile
from crawler.rebuilding.folding import Fold, Folded, restrict_sites
from crawler.rebuilding.history import Event, History
from crawler.rebuilding.scratch import Contents, Scratch
from crawler.registry import site_row

#: Where the new databases are made.
ROOM = "rebuilding"
#: Events in one transaction.
_BATCH = 100

MakePool = Callable[[Path, Mapping[str, SiteProfile]], Pool]


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild read and wrote."""

    contents: Contents
    folded: Folded
    articles: int = 0
    revisions: int = 0
    withdrawals: int = 0
    restricted: int = 0
    nobodys: int = 0
    """Responses in `warc/` that no run of this archive made."""
    undecided: list[str] = field(default_factory=list)
    """Articles that were to be restricted and that the files do not hold."""


def rebuild(
    directory: ArchiveDirectory, profiles: Mapping[str, SiteProfile], *, jobs: int, pool: MakePool | None = None
) -> Rebuilt:
    """Make the databases of an archive again from `warc/` and decisions.jsonl.

    `pool` gives what reads pages, by default `jobs` processes of this machine. Raises ArchiveError, with the archive as
    it was, when archive.db is there, a crawl runs, or what a person restricted would be shown.
    """
    decisions = read(directory.decisions)[0]
    with ExitStack() as held:
        _prepare(directory, profiles, decisions, held)
        room = held.enter_context(room_in(directory))
        rebuilt = _make(directory, room, profiles, decisions, jobs, pool or local_pool(jobs))
        _put_in_place(directory, room)
    attachments.update_shown(directory)
    return rebuilt


@contextmanager
def room_in(directory: ArchiveDirectory) -> Iterator[Path]:
    """Yield an empty directory in the archive, which is gone afterwards. One process at a time has it."""
    with closing(lock(directory.locks / "rebuild.lock", f"{directory.path}: history is being told again")):
        room = directory.path / ROOM
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


def local_pool(jobs: int) -> MakePool:
    """Return what makes a pool of processes of this machine."""
    return lambda warc, profiles: local(warc, profiles, jobs=jobs)


def _prepare(
    directory: ArchiveDirectory, profiles: Mapping[str, SiteProfile], decisions: list[Decision], held: ExitStack
) -> None:
    """See that nothing is lost or shown by what follows, and that no crawl begins meanwhile."""
    if directory.database.exists():
        raise ArchiveError(
            f"{directory.database}: is there, and a rebuild makes it anew; put it aside (rename it), then do this again"
        )
    if not directory.warc.is_dir():
        raise ArchiveError(f"{directory.warc}: is not there; choose the archive with --archive DIR")
    held.enter_context(packing.held(directory))
    for id_ in profiles:
        held.enter_context(closing(lock(directory.locks / f"{id_}.lock", f"{id_}: this site is being crawled")))
    recover(directory.warc, lambda _: 0)
    for path in sorted(directory.warc.glob("*" + OPEN_SUFFIX)):
        with path.open("r+b") as file:
            if not try_flock(file):
                raise ArchiveError(f"{path}: is being written; stop the crawl that writes it")
    _keep_hidden(directory, decisions)


def _keep_hidden(directory: ArchiveDirectory, decisions: list[Decision]) -> None:
    """Refuse to show what restricted.db keeps from readers, where decisions.jsonl does not say so any more."""
    path = directory.path / hidden.FILE
    if not path.exists():
        return
    try:
        with closing(read_database(path)) as db:
            rows = db.execute("SELECT uid, site FROM articles").fetchall()
    except sqlite3.Error as error:
        raise ArchiveError(
            f"{path}: cannot be read ({error}); put it back from a copy, or remove it: what {directory.decisions.name} "
            "restricts stays hidden"
        ) from error
    decided = in_force(decisions)
    for row in rows:
        if row["uid"] not in decided and row["site"] not in decided:
            raise ArchiveError(
                f"{path}: holds article {row['uid']}, which no line of {directory.decisions.name} restricts; "
                f"put that file back from a copy, or remove {path.name} to have the article shown"
            )


def _make(
    directory: ArchiveDirectory,
    room: Path,
    profiles: Mapping[str, SiteProfile],
    decisions: list[Decision],
    jobs: int,
    make_pool: MakePool,
) -> Rebuilt:
    db = open_database(room / directory.database.name)
    with closing(db):
        for name, value in (("journal_mode", "MEMORY"), ("synchronous", "OFF"), ("foreign_keys", "OFF")):
            db.conn.execute(f"PRAGMA {name} = {value}")
        contents = index_files(db.conn, room / "records.db", closed_files(directory.warc), jobs)
        _put_sites(db.conn, profiles, decisions)
        with closing(History(room / "records.db")) as history:
            rebuilt = Rebuilt(contents, Folded(), nobodys=history.nobodys())
            with make_pool(directory.warc, profiles) as pool, telling_time() as at:
                fold = Fold(directory, db, profiles, decisions, at)
                fold_all(fold, history, decisions, pool, db.conn, finish=fold.finish)
            rebuilt.folded, rebuilt.undecided = fold.folded, fold.undecided
        _count(db, room, rebuilt)
        db.conn.execute("PRAGMA optimize")
        db.conn.execute("PRAGMA journal_mode = WAL")
    return rebuilt


def index_files(
    connection: sqlite3.Connection, scratch: Path, paths: list[Path], jobs: int, *, fresh: bool = False
) -> Contents:
    """Index WARC files into a scratch database; with `fresh`, only the responses that the archive lacks."""
    tables = Scratch(connection, scratch)
    with Progress("reading warc/", sum(path.stat().st_size for path in paths), "B", scale=True) as progress:
        contents = tables.fill(paths, jobs, progress.advance)
    if fresh:
        contents.doubled += tables.forget_known()
    tables.close()
    return contents


def _put_sites(
    connection: sqlite3.Connection, profiles: Mapping[str, SiteProfile], decisions: Iterable[Decision]
) -> None:
    connection.execute("BEGIN")
    for profile in profiles.values():
        save_site(connection, site_row(profile) | {"profile_sha256": None})
    restrict_sites(connection, decisions, profiles)
    connection.execute("COMMIT")


@contextmanager
def telling_time() -> Iterator[Callable[[datetime], None]]:
    """Have the archive's clock tell the time of what is being told; what is said of sites then is not news."""
    moment = [clock.utcnow()]
    logger = logging.getLogger("crawler")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with clock.using(lambda: moment[0]):
            yield lambda time: moment.__setitem__(0, time.astimezone(UTC))
    finally:
        logger.setLevel(level)


def fold_all(
    fold: Fold,
    history: History,
    decisions: Iterable[Decision],
    pool: Pool,
    connection: sqlite3.Connection,
    *,
    finish: Callable[[], None],
) -> None:
    """Tell all of a history, in transactions of many events; `finish` writes the last of it."""
    with Progress("telling history again", history.responses(), "responses") as progress:
        connection.execute("BEGIN IMMEDIATE")
        for number, (event, done) in enumerate(read_ahead(fold, history.events(decisions), pool), 1):
            fold.tell(event, done)
            if number % _BATCH == 0:
                connection.execute("COMMIT")
                connection.execute("BEGIN IMMEDIATE")
                progress.advance(_BATCH)
        finish()
        connection.execute("COMMIT")


def read_ahead(fold: Fold, events: Iterable[Event], pool: Pool) -> Iterator[tuple[Event, Done | None]]:
    """Yield each event with what was read of it; the pool is given what comes next meanwhile."""
    waiting: deque[tuple[Event, bool]] = deque()

    def tasks() -> Iterator[Task]:
        for event in events:
            task = fold.task(event)
            waiting.append((event, task is not None))
            if task is not None:
                yield task

    for done in pool.read(tasks()):
        while not waiting[0][1]:
            yield waiting.popleft()[0], None
        yield waiting.popleft()[0], done
    while waiting:
        yield waiting.popleft()[0], None


def _count(db: Database, room: Path, rebuilt: Rebuilt) -> None:
    for table in ("articles", "revisions", "withdrawals"):
        setattr(rebuilt, table, db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    if (room / hidden.FILE).exists():
        with closing(read_database(room / hidden.FILE)) as restricted:
            rebuilt.restricted = restricted.execute("SELECT count(*) FROM articles").fetchone()[0]


def _put_in_place(directory: ArchiveDirectory, room: Path) -> None:
    """Move the databases to their places, archive.db last: without it, all of this is begun anew."""
    if directory.database.exists():
        raise ArchiveError(f"{directory.database}: has come up meanwhile; put it aside, then do this again")
    own = directory.path / hidden.FILE
    for suffix in ("-wal", "-shm"):
        own.with_name(own.name + suffix).unlink(missing_ok=True)
        directory.database.with_name(directory.database.name + suffix).unlink(missing_ok=True)
    for made in (room / hidden.FILE, room / directory.database.name):
        if made.exists():
            with made.open("r+b") as file:  # they were written without waiting for the disk
                fsync(file)
    if (room / hidden.FILE).exists():
        (room / hidden.FILE).replace(own)
    else:
        own.unlink(missing_ok=True)
    (room / directory.database.name).replace(directory.database)
    sync_directory(directory.path)
