"""Rows against rows: media, owners, runs, the frontier; and what mends each problem, counted."""

import json
import sqlite3
from contextlib import closing

import pytest
from fastwarc.warc import WarcRecordType
from filled import START, Filler, article, filled, response, version_1
from test_verify import change, one_page, only_problem, problems, warc

from archive import hidden, restricting
from archive.article import Attachment, Image, uid
from archive.directory import ArchiveDirectory
from archive.payload import parse_response
from archive.problems import Problem, tally
from archive.search import index
from archive.verify import verify
from archive.warc import fields_member, payload_digest, record_id, response_member

PICTURE, FILE = "http://chengnan.example.org/a.png", "http://chengnan.example.org/a.pdf"
PNG = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n"
ONE = uid(article(1).url)


@pytest.fixture
def illustrated(tmp_path) -> ArchiveDirectory:
    """An archive of two articles; the first has a picture that is held, and a file that is not."""
    filler = Filler(tmp_path)
    filler.capture(PICTURE, PNG, site="chengnan")
    digest = payload_digest(parse_response(PNG).payload)
    images, attachments = (Image(PICTURE, "开班", digest),), (Attachment(FILE, "名单"),)
    filler.page(article(1, images=images, attachments=attachments))
    filler.page(article(1, images=images, attachments=attachments, title="第1期技能培训班延期"))
    filler.page(article(2))
    return filler.close()


def test_media_that_fit_are_no_problem(illustrated):
    assert problems(illustrated) == []


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM media WHERE url = '{FILE}'",
        f"UPDATE media SET kind = 'image' WHERE url = '{FILE}'",
        f"INSERT INTO media VALUES ('{ONE}', 'http://chengnan.example.org/b.png', 'chengnan', 'image')",
    ],
)
def test_rows_of_media_that_an_article_does_not_name_so_are_told(illustrated, statement):
    change(illustrated, statement)
    problem = only_problem(illustrated)
    assert (problem.where, problem.by) == (f"article {ONE}", "reparse")
    assert problem.what == "the rows of media are not the pictures and files that it names"


def test_an_article_of_an_older_version_has_no_rows_of_media_yet(illustrated):
    change(illustrated, "DELETE FROM media")
    found: list[Problem] = []
    summary = verify(illustrated, found.append)
    assert (found, summary.untied) == ([], 1)
    assert "1 articles were stored before media were kept" in str(summary)


def test_a_digest_that_no_capture_has_is_told_of_articles_and_of_what_they_said(illustrated):
    for table, column in (("articles", "images"), ("revisions", "content")):
        change(
            illustrated, f"UPDATE {table} SET {column} = replace({column}, 'sha256:', 'sha256:X') WHERE uid = '{ONE}'"
        )
    first, second = problems(illustrated)
    assert first.where == f"article {ONE}"
    assert f"its images name a digest of {PICTURE} that no capture has" in first.what
    assert (second.where, second.by) == (f"revision 1 of article {ONE}", "rebuild")


def test_what_was_read_in_attachments_must_be_of_a_capture(illustrated):
    attached = json.dumps([{"url": FILE, "digest": "sha256:A", "text": ""}])
    change(illustrated, f"UPDATE articles SET attached = '{attached}' WHERE uid = '{ONE}'")
    assert "its attached name a digest" in only_problem(illustrated).what


@pytest.mark.parametrize("broken", ["[", "[1]", "{}x", '[{"url": 1, "digest": null}]', "[{}]"])
def test_lists_that_cannot_be_read_are_told(illustrated, broken):
    change(illustrated, f"UPDATE articles SET images = '{broken}' WHERE uid = '{ONE}'")
    assert only_problem(illustrated).what == "its images cannot be read"


RUN = "INSERT INTO runs (id, site, started_at, ended_at, outcome, version)"
WITHDRAWN = "its withdrawn_at is not what its withdrawals say"
WITHDRAWAL = "INSERT INTO withdrawals (uid, site, since, seen_at, how, confirmed_at, back_at)"


@pytest.mark.parametrize(
    ("statements", "what"),
    [
        ((f"{RUN} VALUES (1, 'yunhe', '', NULL, 'failed', '')",), "its outcome does not fit when it ended"),
        ((f"{RUN} VALUES (1, 'yunhe', '', 'x', 'running', '')",), "its outcome does not fit when it ended"),
        (
            (f"{RUN} VALUES (1, 'yunhe', '', 'x', 'finished', '')", "UPDATE captures SET run = 1 WHERE id = 1"),
            "its run is of another site",
        ),
        ((f"{RUN} VALUES (1, 'yunhe', '', 'x', 'finished', '')",), "no row of the frontier has its key"),
        (("UPDATE revisions SET capture = 2 WHERE capture = 1",), "the capture it was read from is not its article's"),
        (
            (
                "INSERT INTO frontier (site, key, url, kind, state, discovered_at, capture)"
                " VALUES ('yunhe', 'a', 'a', 'article', 'done', '', 1)",
            ),
            "its capture is of another site",
        ),
        (("UPDATE articles SET withdrawn_at = 'x' WHERE change = 1",), WITHDRAWN),
        ((f"{WITHDRAWAL} SELECT uid, site, 'a', 'b', '', 'c', NULL FROM articles WHERE change = 1",), WITHDRAWN),
        ((f"{WITHDRAWAL} VALUES ('x', 'yunhe', 'a', 'b', '', NULL, NULL)",), "1 rows are of article x, which is not"),
        (("INSERT INTO media VALUES ('x', 'y', 'yunhe', 'image')",), "1 rows are of article x, which is not there"),
    ],
)
def test_rows_that_do_not_fit_each_other_are_named(tmp_path, statements, what):
    directory = filled(tmp_path)
    change(directory, *statements)
    (found,) = [problem for problem in problems(directory) if what in problem.what]
    assert found.by == "rebuild"


def test_withdrawals_that_fit_are_no_problem(tmp_path):
    directory = filled(tmp_path)
    insert = f"{WITHDRAWAL} SELECT uid, site, 'a', 'b', '', {{}}, {{}} FROM articles WHERE change = {{}}"
    change(
        directory,
        insert.format("'confirmed'", "NULL", 1),
        insert.format("'confirmed'", "'back'", 2),
        insert.format("NULL", "NULL", 3),
        "UPDATE articles SET withdrawn_at = 'a' WHERE change = 1",
    )
    assert problems(directory) == []


def test_what_is_restricted_is_checked_in_its_own_database(illustrated):
    restricting.restrict(illustrated, ONE, "asked for")
    assert problems(illustrated) == []
    with closing(hidden.open_restricted(illustrated.path / hidden.FILE)) as db:
        db.execute(f"DELETE FROM media WHERE url = '{FILE}'")
        db.execute("INSERT INTO aliases VALUES ('x', 'y')")
        db.execute("UPDATE articles SET withdrawn_at = 'x'")
    whats = {(problem.where, problem.what) for problem in problems(illustrated)}
    assert whats == {
        ("restricted.db: aliases", "1 rows are of article y, which is not there"),
        (f"article {ONE} ({article(1).url})", WITHDRAWN),
        (f"article {ONE}", "the rows of media are not the pictures and files that it names"),
    }


def test_a_restricted_database_of_an_older_version_is_read_too(illustrated):
    restricting.restrict(illustrated, uid(article(2).url), "asked for")
    path = illustrated.path / hidden.FILE
    with closing(sqlite3.connect(path)) as db:
        for trigger in index.TRIGGERS:
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DROP INDEX articles_attached")
        db.execute("ALTER TABLE articles DROP COLUMN attached")
        db.execute("DROP TABLE media")
    summary = verify(illustrated, print)
    assert (summary.articles, summary.restricted) == (2, 1)


def by(directory: ArchiveDirectory, what: str) -> str:
    (found,) = [problem for problem in problems(directory) if what in problem.what]
    return found.by


def test_a_row_that_differs_from_a_file_that_is_whole_is_mended_by_a_rebuild(tmp_path):
    directory = filled(tmp_path)
    change(
        directory,
        "UPDATE captures SET digest = 'sha256:AAAA' WHERE id = 2",
        "UPDATE captures SET url = 'x' WHERE id = 3",
    )
    assert by(directory, "the digest of capture 2") == by(directory, "capture 3 says x") == "rebuild"
    change(directory, "UPDATE captures SET offset = 99999999 WHERE id = 4")
    assert by(directory, "is not there") == "rebuild"


def test_a_row_that_differs_from_a_file_that_was_altered_needs_a_copy(tmp_path):
    directory = filled(tmp_path)
    change(directory, "UPDATE captures SET url = 'x' WHERE id = 3")
    path = warc(directory)
    path.write_bytes(path.read_bytes() + fields_member(WarcRecordType.metadata, {}, {}, id_=record_id(), date=START))
    assert by(directory, "is not the file that line 1 of the manifest lists") == "copy"
    assert by(directory, "capture 3 says x") == "copy"


def test_what_only_the_manifest_could_tell_needs_a_copy_where_there_is_no_line(tmp_path):
    directory, offset = one_page(tmp_path)
    change(directory, "UPDATE captures SET url = 'x'")
    assert by(directory, "capture 1 says x") == "rebuild"
    change(directory, "UPDATE captures SET digest = 'sha256:AAAA'")
    assert by(directory, "the digest of capture 1") == "copy"
    path = warc(directory)
    path.write_bytes(path.read_bytes()[:offset])
    assert by(directory, "is not there") == "copy"


def test_a_response_in_no_row_is_a_rebuilds_where_a_run_of_ours_made_or_took_it(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    info = filler.warc.run_info(7, {"description": "run 7 of chengnan (城南区总工会)"})
    for number, warcinfo in ((2, info), (3, "<urn:uuid:another>"), (4, "<urn:uuid:another>")):
        lost, id_ = filler.exchange(article(number).url, response(article(number))), record_id()
        filler.warc.append(response_member(lost, parse_response(lost.response), id_=id_, warcinfo=warcinfo))
        if number == 3:
            links = {"WARC-Concurrent-To": id_, "WARC-Warcinfo-ID": info}
            filler.warc.append(
                fields_member(WarcRecordType.metadata, {"a": "b"}, links, id_=record_id(), date=lost.fetched_at)
            )
    found: list[Problem] = []
    summary = verify(filler.close(), found.append)
    assert (summary.unreferenced, summary.rebuilt, found) == (3, 2, [])
    assert "2 of them `union-archive import --rebuild` would take in" in str(summary)


def test_a_record_that_a_row_names_elsewhere_is_not_counted(tmp_path):
    directory = filled(tmp_path)
    path = warc(directory)
    (directory.warc / "union-copy.warc.gz").write_bytes(path.read_bytes())
    summary = verify(directory, print)
    assert (summary.unreferenced, summary.records) == (0, 26)


def test_records_are_checked_where_the_rows_cannot_be_read(tmp_path):
    directory = filled(tmp_path, 40)
    with closing(sqlite3.connect(directory.database)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'captures'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray(directory.database.read_bytes())
    data[size * (page - 1) : size * page] = b"\xff" * size
    directory.database.write_bytes(data)
    file = bytearray(warc(directory).read_bytes())
    file[2000] ^= 0xFF
    warc(directory).write_bytes(file)
    found: list[Problem] = []
    summary = verify(directory, found.append)
    assert {problem.by for problem in found} == {"rebuild", "copy"}
    assert summary.records == 82


def test_problems_are_counted_by_what_mends_them():
    assert tally({}) == ""
    assert tally({"copy": 1}) == "1 problem: 1 needs a copy of a file"
    assert tally({"rebuild": 9, "copy": 3}) == (
        "12 problems: 3 need a copy of a file, 9 are mended by `union-archive import --rebuild`;"
        " put the copies back first, a rebuild leaves out what is damaged"
    )
    assert Problem("a", "b", "check its permissions").by == "by hand"


def test_an_archive_of_an_older_version_is_checked_as_far_as_it_goes(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    directory.create()
    version_1(directory.database)
    found: list[Problem] = []
    summary = verify(directory, found.append)
    assert (summary.articles, summary.revisions, summary.indexed, summary.older) == (2, 3, 0, 1)
    assert "archive.db is of version 1: media and the search index were not checked" in str(summary)
    assert {problem.by for problem in found} <= {"copy"}  # its WARC files are not there
