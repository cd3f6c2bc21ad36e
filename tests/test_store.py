"""The one writer: many pages to a transaction, WARC on the disk first, bad rows cost their page alone."""

import sqlite3
import subprocess
import sys

import pytest
from processes import ROOT

from archive.database import open_database, read_database, transaction
from archive.errors import ArchiveBusy, ArchiveError
from archive.lock import lock
from archive.store import BATCH_PAGES, Store, end_run, save_look, save_site, start_run
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
    store.write(lambda connection: end_run(connection, 2, "finished", None))
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
