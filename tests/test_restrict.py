"""Restricting: what a person decides to hide leaves what readers see, and nothing of it is lost."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from filled import SITES, Filler, article, rows

from archive import hidden, restricting, verify
from archive.article import uid as uid_of
from archive.cli import cli
from archive.database import transaction
from archive.errors import ArchiveError
from archive.export import export, last_change
from archive.revisions import add_aliases, confirm_article, fill_section
from archive.search.selection import Selection
from archive.withdrawals import confirm, note_back, note_gone

ROOT = Path(__file__).parent.parent
ONE, TWO = uid_of(article(1).url), uid_of(article(2).url)
ALIAS = "http://chengnan.example.org/m/1.html"
#: What its site answered, the times that it was gone.
GONE = ["HTTP 404", "HTTP 410"]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """An archive of three articles, the first with two revisions and an alias; it came back once, and is gone again."""
    made = Filler(tmp_path_factory.mktemp("restrict"))
    for one in (article(1), article(2), article(1, title="第1期技能培训班延期"), article(1, site="yunhe")):
        made.page(one)
    add_aliases(made.db.conn, "chengnan", article(1).url, [ALIAS])
    answer = made.capture(article(1).url, b"HTTP/1.1 404 Not Found\r\n\r\n", site="chengnan")
    for day in (1, 2):
        note_gone(made.db.conn, "chengnan", article(1).url, f"2025-03-0{day}T05:00:00Z", "HTTP 404", answer)
    confirm(made.db.conn, ONE, "2025-03-02T05:00:00Z")
    note_back(made.db.conn, "chengnan", article(1).url, "2025-03-02T06:00:00Z")
    note_gone(made.db.conn, "chengnan", article(1).url, "2025-03-02T07:00:00Z", "HTTP 410", None)
    return made.close().path


@pytest.fixture
def filler(template, tmp_path):
    """That archive, in the middle of the next crawl."""
    made = Filler(shutil.copytree(template, tmp_path / "archive"))
    made.moment += timedelta(days=1)
    yield made
    made.close()


def restricted(filler: Filler, sql: str) -> list[dict]:
    """What a query on restricted.db gives."""
    with closing(sqlite3.connect(filler.directory.path / hidden.FILE)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def shown(filler: Filler) -> set[str]:
    """The uids that whatever reads archive.db can find, in any table that holds texts."""
    found = set()
    for table in ("articles", "revisions", "aliases", "withdrawals"):
        found |= {row["uid"] for row in rows(filler.directory, f"SELECT uid FROM {table}")}
    return found


def problems(filler: Filler) -> list[str]:
    filler.warc.sync()
    found = []
    verify.verify(filler.directory, lambda problem: found.append(str(problem)))
    return found


def run(filler: Filler, *args: str):
    return CliRunner().invoke(cli, ["--archive", str(filler.directory.path), "restrict", *args])


def story(rows_: list[dict]) -> list[dict]:
    """Rows of articles without the numbers that a way through restricted.db may change."""
    return [{name: value for name, value in row.items() if name not in ("id", "change")} for row in rows_]


def test_a_restricted_article_leaves_the_archive_with_its_history_and_keeps_its_captures(filler):
    before = rows(filler.directory, f"SELECT * FROM articles WHERE uid = '{ONE}'")
    captures = rows(filler.directory, "SELECT * FROM captures")
    done = restricting.restrict(filler.directory, ONE, "asked for")
    assert (done.articles, done.already) == (1, False)
    assert ONE not in shown(filler)
    assert TWO in shown(filler)
    assert rows(filler.directory, "SELECT * FROM articles_fts WHERE articles_fts MATCH '\"延期\"'") == []
    assert story(restricted(filler, "SELECT * FROM articles")) == story(before)
    assert [row["revision"] for row in restricted(filler, "SELECT revision FROM revisions ORDER BY 1")] == [1, 2]
    assert restricted(filler, "SELECT url FROM aliases") == [{"url": ALIAS}]
    assert [row["how"] for row in restricted(filler, "SELECT how FROM withdrawals ORDER BY since")] == GONE
    assert rows(filler.directory, "SELECT * FROM captures") == captures
    assert problems(filler) == []
    summary = verify.verify(filler.directory, print)
    assert (summary.articles, summary.revisions, summary.restricted) == (3, 4, 1)


@pytest.mark.parametrize("name", [ONE, article(1).url, ALIAS])
def test_an_article_is_named_by_its_uid_or_any_of_its_addresses(filler, name):
    restricting.restrict(filler.directory, name, "asked for")
    assert ONE not in shown(filler)
    assert restricting.lift(filler.directory, name, "settled").articles == 1


def test_an_export_lacks_what_is_restricted_and_no_change_is_given_out_twice(filler):
    last = last_change(filler.db)
    newest = rows(filler.directory, "SELECT uid FROM articles ORDER BY change DESC LIMIT 1")[0]["uid"]
    restricting.restrict(filler.directory, newest, "asked for")
    assert newest not in {one["uid"] for one in export(filler.db, Selection())}
    filler.page(article(9))
    (row,) = rows(filler.directory, f"SELECT change FROM articles WHERE url = '{article(9).url}'")
    assert row["change"] == last + 1


def test_lifting_brings_everything_back_with_a_new_change(filler):
    before = rows(filler.directory, "SELECT * FROM articles ORDER BY uid")
    history = rows(filler.directory, "SELECT * FROM revisions ORDER BY uid, revision")
    gone = rows(filler.directory, "SELECT * FROM withdrawals ORDER BY since")
    assert ([row["how"] for row in gone], gone[0]["capture"] is None) == (GONE, False)
    last = last_change(filler.db)
    restricting.restrict(filler.directory, ONE, "asked for")
    filler.page(article(12, published_at=article(1).published_at))  # takes the id that has become free
    assert restricting.lift(filler.directory, ONE, "settled").articles == 1
    after = rows(filler.directory, f"SELECT * FROM articles WHERE url != '{article(12).url}' ORDER BY uid")
    assert story(after) == story(before)
    assert next(row["change"] for row in after if row["uid"] == ONE) > last + 1
    assert rows(filler.directory, f"SELECT * FROM revisions WHERE uid = '{ONE}' ORDER BY revision") == [
        row for row in history if row["uid"] == ONE
    ]
    assert rows(filler.directory, "SELECT * FROM aliases") == [{"url": ALIAS, "uid": ONE}]
    assert rows(filler.directory, "SELECT * FROM withdrawals ORDER BY since") == gone
    assert restricted(filler, "SELECT * FROM articles") == []
    assert restricted(filler, "SELECT * FROM withdrawals") == []
    assert problems(filler) == []


def test_a_restricted_page_that_is_crawled_again_is_kept_out_of_sight(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    assert filler.page(article(1, title="第1期技能培训班延期")) == "unchanged"
    assert filler.page(article(1, title="第1期技能培训班取消")) == "changed"
    capture = filler.capture(article(1).url, b"HTTP/1.1 304 Not Modified\r\n\r\n", site="chengnan", same_as=1)
    assert confirm_article(filler.db.conn, "chengnan", article(1).url, "2025-04-01T00:00:00Z", [capture])
    add_aliases(filler.db.conn, "chengnan", article(1).url, ["http://chengnan.example.org/w/1.html"])
    assert ONE not in shown(filler)
    (held,) = restricted(filler, "SELECT title, revision, fetched_at FROM articles")
    assert held == {"title": "第1期技能培训班取消", "revision": 3, "fetched_at": "2025-04-01T00:00:00Z"}
    assert len(restricted(filler, "SELECT * FROM aliases")) == 2
    assert len(rows(filler.directory, f"SELECT * FROM captures WHERE uid = '{ONE}'")) == 5
    assert problems(filler) == []
    restricting.lift(filler.directory, ONE, "settled")
    assert rows(filler.directory, f"SELECT title FROM articles WHERE uid = '{ONE}'")[0]["title"] == held["title"]
    assert problems(filler) == []


def test_what_is_found_gone_while_it_is_restricted_comes_back_with_it(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    answer = filler.capture(article(1).url, b"HTTP/1.1 410 Gone\r\n\r\n", site="chengnan")
    note_gone(filler.db.conn, "chengnan", article(1).url, "2025-03-09T07:00:00Z", "HTTP 410", answer)
    assert confirm(filler.db.conn, ONE, "2025-03-09T07:00:00Z")
    assert ONE not in shown(filler)
    # A kill between the two commits leaves a row whose capture was not stored.
    with closing(hidden.open_restricted(filler.directory.path / hidden.FILE)) as db:
        db.execute("UPDATE withdrawals SET capture = 999 WHERE how = 'HTTP 404'")
    restricting.lift(filler.directory, ONE, "settled")
    first, second = rows(filler.directory, "SELECT * FROM withdrawals ORDER BY since")
    assert (first["how"], first["capture"]) == ("HTTP 404", None)
    assert (second["how"], second["visits"], second["confirmed_at"]) == ("HTTP 410", 2, "2025-03-09T07:00:00Z")
    assert rows(filler.directory, f"SELECT withdrawn_at FROM articles WHERE uid = '{ONE}'") == [
        {"withdrawn_at": "2025-03-02T07:00:00Z"}
    ]
    assert problems(filler) == []


def test_a_page_that_cannot_be_stored_leaves_a_restricted_article_as_it_was(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    before = restricted(filler, "SELECT * FROM articles")
    with pytest.raises(sqlite3.IntegrityError):
        filler.page(article(1, title=None))
    assert restricted(filler, "SELECT * FROM articles") == before


def test_a_restricted_site_is_hidden_with_what_is_crawled_of_it_later(filler):
    assert restricting.restrict(filler.directory, "chengnan", "asked for").articles == 2
    assert filler.page(article(3, section=None)) == "new"
    fill_section(filler.db.conn, "chengnan", article(3).url, "通知公告")
    assert {row["site"] for row in rows(filler.directory, "SELECT site FROM articles")} == {"yunhe"}
    assert (
        restricted(filler, f"SELECT section FROM articles WHERE url = '{article(3).url}'")[0]["section"] == "通知公告"
    )
    assert {row["id"] for row in rows(filler.directory, "SELECT id FROM sites")} == set(SITES)
    assert problems(filler) == []
    assert restricting.lift(filler.directory, "chengnan", "settled").articles == 3
    assert problems(filler) == []


def test_an_article_stays_hidden_as_long_as_anything_restricts_it(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    restricting.restrict(filler.directory, "chengnan", "asked for")
    restricting.restrict(filler.directory, TWO, "it was hidden with its site; now by itself too")
    done = restricting.lift(filler.directory, ONE, "settled")
    assert (done.articles, done.stay) == (0, 1)
    done = restricting.lift(filler.directory, "chengnan", "settled")
    assert (done.articles, done.stay) == (1, 1)
    assert ONE in shown(filler)
    assert TWO not in shown(filler)


def test_the_command_says_what_it_did(filler):
    assert run(filler, ONE, "--reason", "asked for", "--by", "李晓").output == (
        f"article {ONE}: restricted; 1 article hidden, captures and WARC files kept\n"
    )
    again = run(filler, ONE, "--reason", "asked for")
    assert (again.exit_code, again.output) == (0, f"article {ONE}: restricted already; nothing was changed\n")
    (listed,) = json.loads(run(filler, "--list", "--json").output)
    assert listed | {"since": ""} == {
        "uid": ONE, "site": "chengnan", "since": "", "url": article(1).url, "title": "第1期技能培训班延期",
        "articles": 1, "reason": "asked for", "by": "李晓",
    }  # fmt: skip
    assert f"{ONE} 第1期技能培训班延期" in run(filler, "--list").output
    assert run(filler, "--lift", ONE, "--reason", "settled").output == f"article {ONE}: lifted; 1 article shown again\n"
    assert "not restricted; nothing was changed" in run(filler, "--lift", ONE, "--reason", "settled").output
    assert run(filler, "--list", "--json").output == "[]\n"
    written = [json.loads(line) for line in filler.directory.decisions.read_text(encoding="utf-8").splitlines()]
    assert [(one["what"], one["uid"], one["reason"]) for one in written] == [
        ("restrict", ONE, "asked for"),
        ("lift", ONE, "settled"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([ONE], "give --reason TEXT"),
        ([ONE, "--reason", "  "], "give --reason TEXT"),
        (["0123456789abcdef", "--reason", "x"], "0123456789abcdef: no article and no site of this archive; give"),
        (["http://chengnan.example.org/none", "--reason", "x"], "no article and no site of this archive; give"),
        ([], "name the UID, URL or SITE, or give --list"),
        (["--list", ONE], "--list stands alone"),
    ],
)
def test_what_cannot_be_restricted_is_named_and_nothing_is_decided(filler, arguments, said):
    result = run(filler, *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert not filler.directory.decisions.exists()


def test_the_reason_stands_nowhere_but_in_the_decisions(filler):
    restricting.restrict(filler.directory, ONE, "PRIVATE-REASON")
    for path in filler.directory.path.rglob("*"):
        if path.is_file() and path != filler.directory.decisions:
            assert b"PRIVATE-REASON" not in path.read_bytes(), path


@pytest.mark.parametrize("work", [restricting.restrict, restricting.lift])
def test_a_command_that_dies_between_the_two_databases_is_finished_by_the_next(filler, monkeypatch, work):
    if work is restricting.lift:
        restricting.restrict(filler.directory, ONE, "asked for")
    drop, died = restricting._drop, []

    def die(connection, uid):
        # What is dropped last is what the other database has by then.
        has = connection.execute("SELECT 1 FROM articles WHERE uid = ?", [uid]).fetchone()
        if has and not died:
            died.append(uid)
            raise KeyboardInterrupt
        drop(connection, uid)

    monkeypatch.setattr(restricting, "_drop", die)
    with pytest.raises(KeyboardInterrupt):
        work(filler.directory, ONE, "asked for")
    assert ONE in shown(filler)
    assert [row["uid"] for row in restricted(filler, "SELECT uid FROM articles")] == [ONE]
    assert any("repeat the command" in problem for problem in problems(filler))
    work(filler.directory, ONE, "asked for")
    assert (ONE in shown(filler)) == (work is restricting.lift)
    assert problems(filler) == []
    revisions = f"SELECT count(*) AS n FROM revisions WHERE uid = '{ONE}'"
    assert restricted(filler, revisions)[0]["n"] + rows(filler.directory, revisions)[0]["n"] == 2


KILLED = """
import os, signal, sys
from archive import restricting
from archive.cli import cli
drop = restricting._drop
def die(connection, uid):
    if connection.execute("SELECT 1 FROM articles WHERE uid = ?", [uid]).fetchone():
        os.kill(os.getpid(), signal.SIGKILL)
    drop(connection, uid)
restricting._drop = die
cli(prog_name="union-archive")
"""


def test_a_command_killed_between_the_two_databases_loses_nothing(filler):
    arguments = ["--archive", str(filler.directory.path), "restrict", "chengnan", "--reason", "asked for"]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert {ONE, TWO} <= shown(filler)
    assert any("was to be restricted and is not" in problem for problem in problems(filler))
    assert run(filler, "chengnan", "--reason", "asked for").exit_code == 0
    assert not {ONE, TWO} & shown(filler)
    assert problems(filler) == []


def test_a_crawl_killed_before_its_commit_has_the_text_and_takes_the_page_again(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    changed = article(1, title="第1期技能培训班取消")
    with suppress(KeyboardInterrupt), transaction(filler.db):
        filler.page(changed)
        raise KeyboardInterrupt
    assert restricted(filler, "SELECT revision FROM articles") == [{"revision": 3}]
    filler.page(article(5))  # takes the number that the lost capture had
    assert filler.page(changed) == "unchanged"
    restricting.lift(filler.directory, ONE, "settled")
    (found,) = rows(filler.directory, f"SELECT capture FROM revisions WHERE uid = '{ONE}' AND revision = 3")
    (capture,) = rows(filler.directory, f"SELECT uid, url FROM captures WHERE id = {found['capture']}")
    assert capture == {"uid": ONE, "url": article(1).url}
    assert problems(filler) == []


def test_a_restricted_database_that_cannot_be_written_stops_the_crawl_in_one_line(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    path = filler.directory.path / hidden.FILE
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.mkdir()
    with pytest.raises(ArchiveError, match=r"restricted\.db: unable to open"), transaction(filler.db):
        filler.page(article(1, title="第1期技能培训班取消"))


def test_verify_finds_damage_in_what_is_restricted(filler):
    restricting.restrict(filler.directory, ONE, "asked for")
    with closing(hidden.open_restricted(filler.directory.path / hidden.FILE)) as db:
        db.execute("UPDATE articles SET text = text || '!'")
        db.execute("DELETE FROM revisions WHERE revision = 1")
    found = problems(filler)
    assert any("does not have its digest" in problem for problem in found)
    assert any("revisions are not numbered" in problem for problem in found)
