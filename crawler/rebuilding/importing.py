"""`import FILE`: what others kept of sites that this archive knows, taken in as history, with its own dates."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive import __version__, clock, store
from archive.attachments import keeping as attachments
from archive.database import transaction
from archive.decisions import read as read_decisions
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveBusy
from archive.foreign import Files, Foreign, Tally, size
from archive.lock import lock
from archive.progress import Progress
from archive.warc import StoredRecord, copy_member, warc_date
from archive.warcfile import WarcFile, recover
from crawler import urls
from crawler.keeping import fact_member, run_facts
from crawler.profile import SiteProfile
from crawler.rebuilding.folding import Fold
from crawler.rebuilding.hints import Hints
from crawler.rebuilding.history import History, Run
from crawler.rebuilding.rebuild import MakePool, fold_all, index_files, local_pool, room_in, telling_time
from crawler.rebuilding.session import Session
from crawler.rebuilding.telling import Telling
from crawler.registry import site_row
from crawler.session import software

#: Rounds in which what articles turn out to need (further pages, pictures) is looked for in the files again.
ROUNDS = 3
#: Records in memory before they are on the disk.
_SYNC = 200


@dataclass(slots=True)
class Imported:
    """What was taken in, and what was not."""

    responses: int = 0
    known: int = 0
    """Responses that the archive holds already."""
    articles_new: int = 0
    articles_changed: int = 0
    """With an earlier or later revision that was not known."""
    articles_unchanged: int = 0
    failed: int = 0
    """Pages that gave no article; they are kept."""
    sites: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """Profiles that `--generic` wrote."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Of the sites taken in, by reason."""
    hosts: dict[str, int] = field(default_factory=dict)
    """Responses of hosts without a profile."""
    passed: dict[str, int] = field(default_factory=dict)
    """Records of the files that nobody could take in, by reason."""
    problems: list[str] = field(default_factory=list)


class Intake:
    """One import. Records go into `warc/` first, then are told as history."""

    def __init__(
        self,
        directory: ArchiveDirectory,
        profiles: Mapping[str, SiteProfile],
        files: Sequence[str],
        stack: ExitStack,
    ) -> None:
        self._files = files
        self.imported = Imported()
        self.db = stack.enter_context(closing(directory.open_database()))
        recover(directory.warc, lambda _: 0)
        self.warc = WarcFile(directory.warc, software(directory.config()))
        stack.callback(self.warc.close)
        self.profiles = dict(profiles)
        self._stack = stack
        self._directory = directory
        self._hosts = {host: profile for profile in profiles.values() for host in profile.hosts}
        self._runs: dict[str, int] = {}
        self._busy: set[str] = set()
        self._facts: dict[int, Mapping[str, str | None]] = {}
        self._written: set[str] = set()
        self._said: set[tuple[str, str, str, str]] = set()
        """Of what was written: site, key, second, digest of the payload."""
        self._names: set[str] = set()
        self._left = Counter[str]()

    def profile_of(self, url: str) -> SiteProfile | None:
        """Return the profile that a URL belongs to."""
        host = urlsplit(url).netloc.lower().rpartition("@")[2]
        found = self._hosts.get(host) or self._hosts.get(host.removesuffix(":80").removesuffix(":443"))
        return found if found is not None and urls.on_site(url, found) else None

    def add(self, profile: SiteProfile) -> None:
        """Have a profile that was not in the registry."""
        self.profiles[profile.id] = profile
        self._hosts |= dict.fromkeys(profile.hosts, profile)
        self.imported.made.append(profile.id)

    def take(self, foreign: Foreign, profile: SiteProfile, fact: Mapping[str, Any]) -> None:
        """Write a response into `warc/`, where the archive lacks it."""
        record = self._to_keep(foreign, profile, str(fact["key"]))
        if record is None:
            return
        run = self._run(profile)
        if run is None:
            self._left["its site is being crawled"] += 1
            return
        info = self.warc.run_info(run, self._facts[run])
        id_ = record.headers["WARC-Record-ID"]
        members = [copy_member(one) for one in (record, foreign.request) if one is not None]
        members.append(fact_member(fact, record.headers["WARC-Target-URI"], info, foreign.date, of=id_))
        self._names.add(self.warc.append(*members)[0])
        self._written.add(id_)
        self.imported.responses += 1
        if self.imported.responses % _SYNC == 0:
            self.warc.sync()

    def _to_keep(self, foreign: Foreign, profile: SiteProfile, key: str) -> StoredRecord | None:
        """Return the record that is to be kept of a response; None where it is held, or says nothing by itself."""
        record: StoredRecord = foreign.response
        original = foreign.original.headers["WARC-Record-ID"] if foreign.original is not None else None
        if foreign.original is not None and original not in self._written and not self._holds(str(original)):
            record = foreign.original  # its record stands for both
        id_ = record.headers["WARC-Record-ID"]
        # The same answer may have come by another file, whose writer gave the record another id.
        said = (profile.id, key, warc_date(foreign.date)[:19])
        if id_ in self._written or (*said, foreign.digest) in self._said or self._holds(id_):
            self.imported.known += 1
            return None
        twin = (
            "SELECT 1 FROM captures WHERE site = ? AND key = ? AND substr(fetched_at, 1, 19) = ? AND digest IN (?, ?)"
        )
        digests = foreign.digest, record.headers["WARC-Payload-Digest"]
        if self.db.conn.execute(twin, [*said, *digests]).fetchone():
            self.imported.known += 1
            return None
        self._said.add((*said, foreign.digest))
        return record

    def _holds(self, record_id: str) -> bool:
        query = "SELECT 1 FROM captures WHERE record_id = ?"
        return self.db.conn.execute(query, [record_id]).fetchone() is not None

    def leave_out(self, why: str) -> None:
        """Count a response of a known site that is not taken in."""
        self._left[why] += 1

    def _run(self, profile: SiteProfile) -> int | None:
        """Return the run of this import for a site, locked; None where somebody else works on the site."""
        if profile.id in self._runs or profile.id in self._busy:
            return self._runs.get(profile.id)
        try:
            held = lock(self._directory.locks / f"{profile.id}.lock", f"{profile.id}: this site is being crawled")
        except ArchiveBusy as error:
            self._busy.add(profile.id)
            self.imported.problems.append(f"{error}; then import the file again")
            return None
        self._stack.enter_context(closing(held))
        with transaction(self.db) as connection:
            store.save_site(connection, site_row(profile))
            options = {"import": self._files}
            run = self._runs[profile.id] = store.start_run(connection, profile.id, options, __version__)
            self._facts[run] = run_facts(connection, profile, run)
        self.imported.sites.append(profile.id)
        return run

    def tell(self, jobs: int, make_pool: MakePool) -> None:
        """Tell what was written since the last time."""
        self.warc.sync()
        self.warc.close()
        names, self._names = sorted(self._names), set()
        if not names:
            return
        with room_in(self._directory) as room:
            paths = [self._directory.warc / name for name in names]
            index_files(self.db.conn, room / "records.db", paths, jobs, fresh=True)
            with closing(History(room / "records.db")) as history, telling_time() as at:
                fold = Fold(self._directory, self.db, self.profiles, read_decisions(self._directory.decisions)[0], at)
                with make_pool(self._directory.warc, self.profiles) as pool:
                    fold_all(fold, history, (), pool, self.db.conn, finish=fold.leave)
            self.imported.problems += fold.folded.problems

    def give_up(self) -> None:
        """Store the articles whose further pages are in none of the files, as far as they go."""
        with telling_time(), transaction(self.db):
            session = Session(self._directory, self.db)
            for site, number in self._runs.items():
                row = self.db.conn.execute("SELECT * FROM runs WHERE id = ?", [number]).fetchone()
                telling = Telling(session, self.profiles[site], number, Run(0, site, number, dict(row)))
                telling.give_up_parts()
                telling.leave()

    def end(self) -> None:
        """Write how each run ended, and sum up."""
        for site, run in self._runs.items():
            with transaction(self.db) as connection:
                now = clock.now()
                store.end_run(connection, run, now, "finished", None)
                row = dict(connection.execute("SELECT * FROM runs WHERE id = ?", [run]).fetchone())
                info = self.warc.run_info(run, self._facts[run])
                note = fact_member({"run": row}, self.profiles[site].home, info, clock.utcnow())
                self.warc.append(note)
                self.warc.sync()
            for name in ("articles_new", "articles_changed", "articles_unchanged", "failed"):
                setattr(self.imported, name, getattr(self.imported, name) + row[name])
        self.imported.left_out = dict(self._left.most_common())

    def wanted(self) -> dict[str, dict[str, sqlite3.Row]]:
        """Return what articles need of each site taken in and has not been read, by address."""
        found: dict[str, dict[str, sqlite3.Row]] = {}
        query = "SELECT * FROM frontier WHERE site = ? AND state = 'due' AND kind IN ('part', 'media')"
        for site in self._runs:
            rows = self.db.conn.execute(query, [site]).fetchall()
            found[site] = {urls.canonical(row["url"], self.profiles[site]): row for row in rows}
        return found


def import_files(
    directory: ArchiveDirectory,
    profiles: Mapping[str, SiteProfile],
    paths: Sequence[Path],
    *,
    jobs: int,
    generic: bool = False,
    pool: MakePool | None = None,
) -> Imported:
    """Take in what WARC, ARC and WACZ files hold of the sites of the registry; of others too with `generic`.

    Raises ArchiveError for a file that is nothing of the kind, before anything is written.
    """
    tally = Tally()
    with ExitStack() as stack:
        files = stack.enter_context(Files())
        total = 4 * sum(size(path) for path in paths)
        progress = stack.enter_context(Progress("reading files", total, "B", scale=True))
        for path in paths:
            files.add(path, tally, progress.advance)
        intake = Intake(directory, profiles, [path.name for path in paths], stack)
        hints = Hints(intake, directory, generic=generic)
        for path in paths:
            for foreign in files.read(path, Tally(), progress.advance):
                hints.look(foreign)
        for path in paths:
            for foreign in files.read(path, tally, progress.advance):
                hints.take(foreign)
        make_pool = pool or local_pool(jobs)
        intake.tell(jobs, make_pool)
        for _ in range(ROUNDS):
            if not _takes_wanted(intake, hints, files, paths):
                break
            intake.tell(jobs, make_pool)
        intake.give_up()
        intake.end()
    if intake.imported.sites:
        attachments.update_shown(directory, intake.imported.sites)
    intake.imported.passed = dict(tally.passed.most_common())
    intake.imported.hosts = hints.hosts()
    intake.imported.problems = [*tally.problems, *intake.imported.problems]
    return intake.imported


def _takes_wanted(intake: Intake, hints: Hints, files: Files, paths: Sequence[Path]) -> bool:
    """Take in the further pages, pictures and files that articles turned out to need; say whether there were any."""
    wanted = intake.wanted()
    if not any(wanted.values()):
        return False
    before = intake.imported.responses
    for path in paths:
        for foreign in files.read(path, Tally()):
            hints.take_wanted(foreign, wanted)
    return intake.imported.responses > before
