"""`merge SHARD…`: archives that others crawled, taken into this one: their WARC files first, then what they tell."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from archive import decisions, packing
from archive.attachments import keeping as attachments
from archive.database import transaction
from archive.decisions import RESTRICTING, Decision, in_force
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock
from archive.progress import Progress
from archive.store import save_site
from crawler.pool import Pool
from crawler.profile import SiteProfile
from crawler.rebuilding.copying import Copies, hold
from crawler.rebuilding.folding import Fold, restrict_sites
from crawler.rebuilding.history import History, Note
from crawler.rebuilding.rebuild import MakePool, index_files, local_pool, read_ahead, room_in, telling_time
from crawler.rebuilding.telling import lead_on
from crawler.registry import site_row

#: A run is told in one transaction, so that a kill leaves all of it or nothing, unless it takes longer than this: other
#: crawls of the archive wait meanwhile, and give up after 30 s.
_SECONDS = 15.0


@dataclass(slots=True)
class Merged:
    """What was taken over from shards."""

    files: int = 0
    """WARC files that this archive lacked."""
    responses: int = 0
    known: int = 0
    """Responses that this archive held already."""
    runs: int = 0
    sites: list[str] = field(default_factory=list)
    """Of which something was taken over."""
    problems: list[str] = field(default_factory=list)


def merge(
    directory: ArchiveDirectory,
    profiles: Mapping[str, SiteProfile],
    shards: Sequence[ArchiveDirectory],
    *,
    jobs: int,
    pool: MakePool | None = None,
    locked: frozenset[str] = frozenset(),
) -> Merged:
    """Take the crawls of other archive directories into this one, as if they had been made here.

    Nothing of them is altered, but that what dead crawls left open is closed. It can be done again: what is held
    already is left out, and what a kill interrupted is finished. `locked`: sites whose locks the caller holds. Raises
    ArchiveError for a shard that is none, is being crawled, or keeps from readers what is shown here.
    """
    merged = Merged()
    with ExitStack() as stack:
        for shard in shards:
            hold(shard, directory, stack)
        db = stack.enter_context(closing(directory.open_database()))
        stack.enter_context(packing.held(directory))
        room = stack.enter_context(room_in(directory))
        _decide(directory, db.conn, shards)
        paths = _copied(directory, shards, merged)
        contents = index_files(db.conn, room / "records.db", paths, jobs, fresh=True)
        merged.known, merged.problems = contents.doubled, contents.problems
        history = stack.enter_context(closing(History(room / "records.db")))
        merged.sites = history.sites()
        for site in merged.sites:
            if site not in locked:
                what = f"{site}: this site is being crawled"
                stack.enter_context(closing(lock(directory.locks / f"{site}.lock", what)))
        try:
            _tell(directory, db, profiles, history, pool or local_pool(jobs), merged)
        except sqlite3.Error as error:
            raise ArchiveError(f"{directory.database}: {error}; mend the cause, then merge again") from error
    if merged.sites:
        attachments.update_shown(directory, merged.sites)
    return merged


def _decide(directory: ArchiveDirectory, connection: sqlite3.Connection, shards: Sequence[ArchiveDirectory]) -> None:
    """Keep from readers what shards keep from them, where nobody decided about it here, before any of it is written."""
    own = decisions.read(directory.decisions)[0]
    settled = {one.about for one in own if one.what in RESTRICTING}
    taken: list[Decision] = []
    for shard in shards:
        for about, decision in in_force(decisions.read(shard.decisions)[0]).items():
            if about in settled:
                continue
            shown = "SELECT 1 FROM articles WHERE uid = ? OR site = ? LIMIT 1"
            if connection.execute(shown, [decision.uid, decision.site]).fetchone() is not None:
                raise ArchiveError(
                    f"{shard.decisions}: {about} is kept from readers there and shown here; decide about it here "
                    "(`union-archive restrict`), then merge again"
                )
            settled.add(about)
            taken.append(decision)
    if taken:
        decisions.append(directory, *taken)


def _copied(directory: ArchiveDirectory, shards: Sequence[ArchiveDirectory], merged: Merged) -> list[Path]:
    """Copy the WARC files of shards; return the files here that hold what they held."""
    copies = Copies(directory.warc)
    for shard in shards:
        copies.take(shard.warc)
    merged.files = copies.copied
    return [directory.warc / name for name in copies.names]


def _tell(
    directory: ArchiveDirectory,
    db: Database,
    profiles: Mapping[str, SiteProfile],
    history: History,
    make_pool: MakePool,
    merged: Merged,
) -> None:
    """Tell what this archive lacks of a history, and say what came of it."""
    if not merged.sites:
        return
    here = {site: profiles[site] for site in merged.sites if site in profiles}
    decided = decisions.read(directory.decisions)[0]
    with transaction(db) as connection:
        _know(connection, here, decided)
    with telling_time() as at, make_pool(directory.warc, profiles) as pool:
        fold = Fold(directory, db, profiles, decided, at)
        _tell_all(fold, history, pool, db.conn)
    with transaction(db) as connection:
        for profile in here.values():
            lead_on(connection, profile)
    merged.responses, merged.runs = fold.folded.captures, fold.folded.runs
    merged.problems += fold.folded.problems
    for site, count in fold.folded.no_profile.items():
        fix = f"copy sites/{site}.toml from the shard, then merge again"
        merged.problems.append(f"{site}: has no profile here, so {count:,} responses are in warc/ alone; {fix}")


def _know(connection: sqlite3.Connection, here: Mapping[str, SiteProfile], decided: Sequence[Decision]) -> None:
    """Write the rows of sites, and which new ones are kept from readers."""
    for site, profile in here.items():
        row = site_row(profile)
        del row["profile_sha256"]
        save_site(connection, row)
        if connection.execute("SELECT 1 FROM articles WHERE site = ? LIMIT 1", [site]).fetchone() is None:
            restrict_sites(connection, decided, [site])


def _tell_all(fold: Fold, history: History, pool: Pool, connection: sqlite3.Connection) -> None:
    """Tell a history; what is committed ends between runs, but for long ones."""
    with Progress("telling what was merged", history.responses(), "responses") as progress:
        connection.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for event, done in read_ahead(fold, history.events(()), pool):
            fold.tell(event, done)
            progress.advance(not isinstance(event, Note))
            if not fold.is_under_way or time.monotonic() - began > _SECONDS:
                fold.leave()
                connection.execute("COMMIT")
                connection.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
        fold.leave()
        connection.execute("COMMIT")
