"""The one writer: many pages to a transaction, WARC on the disk first, bad rows cost their page alone."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from filled import article, reading, version_1
from processes import ROOT
from sqlite_utils import Database

from archive import schema
from archive.article import Credit
from archive.database import open_database, read_database, transaction
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveBusy, ArchiveError
from archive.export import export
from archive.lock import lock
from archive.revisions import save_article
from archive.schema import VERSION
from archive.store import BATCH_PAGES, Store, end_run, save_look, save_site, start_run
from archive.verify import verify
from archive.warcfile import WarcFile

SITE = {"id": "gh", "name": "示例工会", "home": "http://gh.example/", "family": "generic", "status": "active"}


class Order(WarcFile):
    """A WARC file that notes when it is synced."""

    def __init__(self, directory, events):
        super().__init__(directory, {"software": "test"})
        self.events = events

    def sync(self):
        self.events.append("sync")
        super().sync()


@pytest.fixture
def store(tmp_path):
    (tmp_path / "warc").mkdir()
    db = open_database(tmp_path / "archive.db")
    store = Store(db, Order(tmp_path / "warc", []))
    store.write(lambda connection: save_site(connection, SITE))
    store.warc.events.clear()
    yield store
    store.warc.close()
    db.close()


def put(key):
    def write(connection):
        connection.execute(
            "INSERT INTO frontier (site, key, url, kind, state, discovered_at)"
            " VALUES ('gh', ?, 'u', 'article', 'due', 'n')",
            [key],
        )

    return write


def keys(store):
    return [row[0] for row in store.db.conn.execute("SELECT key FROM frontier ORDER BY id")]


def test_batch_is_committed_when_it_is_full(store):
    done = []
    for number in range(BATCH_PAGES - 1):
        store.submit(put(str(number)), done.append)
    assert (keys(store), done) == ([], [])
    store.submit(put("last"), done.append)
    assert len(keys(store)) == BATCH_PAGES
    assert done == [None] * BATCH_PAGES


def test_warc_is_synced_before_the_commit(store):
    store.submit(lambda connection: store.warc.events.append("commit"))
    store.flush()
    assert store.warc.events == ["sync", "commit"]


def test_bad_rows_cost_their_page_alone(store):
    problems = []
    store.submit(put("a"))
    store.submit(put("a"), problems.append)  # the same key again
    store.submit(put("\ud800"), problems.append)  # half a character cannot be stored
    store.submit(put("b"))
    store.flush()
    assert keys(store) == ["a", "b"]
    assert [type(problem) for problem in problems] == [sqlite3.IntegrityError, UnicodeEncodeError]


def test_failed_commit_is_one_line_and_writes_nothing(store):
    def broken(connection):
        connection.execute("INSERT INTO nowhere VALUES (1)")

    store.submit(put("a"))
    store.submit(broken)
    with pytest.raises(ArchiveError, match=r"archive\.db: no such table: nowhere; nothing of this batch was written"):
        store.flush()
    assert keys(store) == []


def test_counters_are_written_with_the_pages(store):
    run = store.write(lambda connection: start_run(connection, "gh", {}, "0"))
    store.count(run, requests=3, failed=1)
    store.submit(put("a"))
    store.flush()
    row = store.db.conn.execute("SELECT requests, failed, outcome FROM runs").fetchone()
    assert tuple(row) == (3, 1, "running")
    store.write(lambda connection: start_run(connection, "gh", {}, "0"))
    store.write(lambda connection: end_run(connection, 2, "2026-03-01T00:00:00Z", "finished", None))
    rows = [tuple(row) for row in store.db.conn.execute("SELECT outcome, reason FROM runs ORDER BY id")]
    assert rows == [("interrupted", "killed"), ("finished", None)]


def test_looks_keep_the_deepest_page_and_the_best_outcome(store):
    run = store.write(lambda connection: start_run(connection, "gh", {}, "0"))

    def look(depth, outcome, articles, new):
        store.write(
            lambda connection: save_look(
                connection,
                "gh",
                "要闻",
                "2026-03-01",
                depth=depth,
                outcome=outcome,
                articles=articles,
                new=new,
                run=run,
            )
        )

    look(1, "read", 20, 3)
    look(2, "read", 20, 0)
    look(1, "failed", 0, 0)
    row = store.db.conn.execute("SELECT depth, outcome, articles, articles_new FROM looks").fetchone()
    assert tuple(row) == (2, "read", 40, 3)


def test_two_processes_make_one_schema(tmp_path):
    program = (
        "import sys; from pathlib import Path; from archive.database import open_database as o; o(Path(sys.argv[1]))"
    )
    for turn in range(3):
        path = tmp_path / f"{turn}.db"
        both = [subprocess.Popen([sys.executable, "-c", program, path], cwd=ROOT, stderr=subprocess.PIPE) for _ in "ab"]
        assert [(process.communicate(timeout=30)[1], process.returncode) for process in both] == [(b"", 0)] * 2
        assert "articles" in read_database(path).table_names()


def test_archive_of_version_1_is_upgraded_in_place(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    with reading(directory) as db:
        before = [dict(row) for row in db.execute("SELECT * FROM articles ORDER BY id")]
        assert (len(before), "credits" in before[0]) == (2, False)
        exported = list(export(db, revisions=True))
    for _ in range(2):
        directory.open_database().close()
        with reading(directory) as db:
            assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION == 6
            assert [dict(row) for row in db.execute("SELECT * FROM articles ORDER BY id")] == [
                row | {"credits": "[]", "attached": "[]"} for row in before
            ]
            assert list(export(db, revisions=True)) == exported
    problems = []
    verify(directory, problems.append)
    # The dump has no WARC files beside it; whatever else is wrong would be the upgrade's.
    assert {problem.where.rpartition(".")[2] for problem in problems} == {"gz"}


def test_upgrade_that_was_killed_half_way_is_finished(tmp_path):
    path = tmp_path / "archive.db"
    version_1(path)
    db = sqlite3.connect(path, isolation_level=None)
    schema.migrations.apply(Database(db))  # killed before the version is noted
    db.close()
    db = open_database(path)
    assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION
    db.close()


def test_article_of_version_1_gets_its_credits_when_it_is_read_again(tmp_path):
    version_1(tmp_path / "archive.db")
    db = open_database(tmp_path / "archive.db")
    before = dict(db.execute("SELECT * FROM articles ORDER BY id").fetchone())
    again = article(1, editors=("王五",), credits=(Credit("责任编辑", ("王五",)), Credit("终审", ("赵六",))))
    with transaction(db) as connection:
        outcome = save_article(
            connection, again, key=again.url, fetched_at=before["fetched_at"], captures=[1], derived_with="code2"
        )
    after = dict(db.execute("SELECT * FROM articles ORDER BY id").fetchone())
    db.close()
    assert outcome == "unchanged"
    assert json.loads(after["credits"])[1] == {"role": "终审", "names": ["赵六"]}
    assert after == before | {"credits": after["credits"], "derived_with": "code2"}


def test_two_processes_upgrade_one_archive(tmp_path):
    program = (
        "import sys; from pathlib import Path; from archive.database import open_database as o; o(Path(sys.argv[1]))"
    )
    path = tmp_path / "archive.db"
    version_1(path)
    both = [subprocess.Popen([sys.executable, "-c", program, path], cwd=ROOT, stderr=subprocess.PIPE) for _ in "ab"]
    assert [(process.communicate(timeout=30)[1], process.returncode) for process in both] == [(b"", 0)] * 2


def test_writers_wait_for_each_other(tmp_path):
    one, two = (open_database(tmp_path / "archive.db") for _ in "ab")
    for turn in range(20):
        for db in (one, two):
            with transaction(db) as connection:
                connection.execute("SELECT count(*) FROM sites").fetchone()
                save_site(connection, {**SITE, "id": f"{turn}-{id(db)}"})
    assert one.execute("SELECT count(*) FROM sites").fetchone()[0] == 40
    one.close()
    two.close()


def test_lock_names_its_holder(tmp_path):
    held = lock(tmp_path / "locks" / "gh.lock", "gh: this site is being crawled")
    program = (
        "from archive.lock import lock; from pathlib import Path; import sys\n"
        "try: lock(Path(sys.argv[1]), 'gh')\nexcept Exception as error: print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", program, tmp_path / "locks" / "gh.lock"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    assert said.startswith(f"{ArchiveBusy.__name__} gh: in use by process ")
    held.close()
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout == ""


@pytest.mark.parametrize(
    ("outcomes", "kept"),
    [
        (("failed", "empty"), "empty"),
        (("failed", "blocked"), "failed"),
        (("disallowed", "blocked", "failed"), "failed"),
        (("unchanged", "read", "failed"), "read"),
        (("read", "unchanged"), "read"),
    ],
)
def test_a_days_look_keeps_its_best_outcome(tmp_path, outcomes, kept):
    with closing(open_database(tmp_path / "archive.db")) as db:
        site = {"id": "a", "name": "甲", "home": "http://a.example.org/", "family": "generic", "status": "active"}
        save_site(db.conn, site)
        run = start_run(db.conn, "a", {}, "1")
        for outcome in outcomes:
            save_look(db.conn, "a", "要闻", "2026-03-01", depth=1, outcome=outcome, articles=0, new=0, run=run)
        assert [row[0] for row in db.execute("SELECT outcome FROM looks")] == [kept]
