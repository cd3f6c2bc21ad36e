"""Proof that an archive is whole: a sound one passes, and each way of harming it is named."""

import gzip
import sqlite3
from pathlib import Path

import pytest
from filled import Filler, article, filled, response, rows

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.members import digest_fits
from archive.payload import parse_response
from archive.search import index
from archive.verify import Problem, Summary, size, verify
from archive.warc import payload_digest, record_id, response_member


def problems(directory: ArchiveDirectory) -> list[Problem]:
    found = []
    verify(directory, found.append)
    return found


def only_problem(directory: ArchiveDirectory) -> Problem:
    (found,) = problems(directory)
    assert "\n" not in str(found)
    assert found.fix
    return found


def change(directory: ArchiveDirectory, *statements: str) -> None:
    """Harm the database behind the archive's back."""
    connection = sqlite3.connect(directory.database)
    index.register(connection)
    with connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
    connection.close()


def warc(directory: ArchiveDirectory) -> Path:
    (path,) = directory.warc.glob("union-*")
    return path


def offsets(directory: ArchiveDirectory) -> list[int]:
    return [row["offset"] for row in rows(directory, "SELECT offset FROM captures ORDER BY id")]


def test_a_sound_archive_has_no_problem(tmp_path):
    filler = Filler(tmp_path)
    for number in range(1, 4):
        filler.page(article(number))
    filler.page(article(2, title="第2期技能培训班延期"))
    filler.capture(article(1).url, response(article(1)), site="chengnan", same_as=1)
    filler.capture(article(1).url, b"HTTP/1.1 304 Not Modified\r\n\r\n", site="chengnan", same_as=1)
    directory = filler.close()
    found: list[Problem] = []
    # Six responses and revisits, a request each, and the file's warcinfo.
    whole = Summary(warc_files=1, records=13, captures=6, articles=3, revisions=4, indexed=3)
    assert verify(directory, found.append) == whole
    assert found == []


def test_progress_adds_up_to_the_bytes_of_the_files(tmp_path):
    directory = filled(tmp_path)
    read: list[int] = []
    verify(directory, lambda problem: None, read.append)
    held = warc(directory).stat().st_size + 2 * directory.database.stat().st_size
    assert sum(read) == size(directory) == held


def test_there_must_be_an_archive(tmp_path):
    with pytest.raises(ArchiveError, match=r"holds no archive\.db"):
        verify(ArchiveDirectory(tmp_path), print)


def test_a_missing_file_is_named_once(tmp_path):
    directory = filled(tmp_path)
    path = warc(directory)
    path.unlink()
    problem = only_problem(directory)
    assert problem.where == str(path)
    assert problem.what == "the file is missing, 6 captures lie in it"


def test_a_flipped_byte_names_its_record_and_the_rest_is_still_checked(tmp_path):
    directory = filled(tmp_path)
    data = bytearray(warc(directory).read_bytes())
    third = offsets(directory)[2]
    data[third + 60] ^= 0xFF
    warc(directory).write_bytes(data)
    found: list[Problem] = []
    summary = verify(directory, found.append)
    assert {problem.where for problem in found} == {f"{warc(directory)} at {third}"}
    assert "the gzip member is damaged" in found[0].what
    assert f"the capture of {article(3).url} is not there" in found[1].what
    # Of 13 records one cannot be read.
    assert summary.records == 12


@pytest.mark.parametrize("lost", [1, 20])
def test_a_cut_file_is_named_with_the_offset(tmp_path, lost):
    directory = filled(tmp_path)
    data = warc(directory).read_bytes()
    warc(directory).write_bytes(data[:-lost])
    problem = only_problem(directory)
    assert "the file ends inside a record" in problem.what
    assert problem.where.startswith(f"{warc(directory)} at ")


def repacked(directory: ArchiveDirectory, offset: int, edit) -> None:
    """Rewrite the record at an offset without changing the length of its gzip member's place: the last one only."""
    data = warc(directory).read_bytes()
    warc(directory).write_bytes(data[:offset] + gzip.compress(edit(gzip.decompress(data[offset:]))))


def one_page(tmp_path) -> tuple[ArchiveDirectory, int]:
    """An archive whose WARC file ends with the response of its one article."""
    filler = Filler(tmp_path)
    filler.page(article(1))
    directory = filler.close()
    (offset,) = offsets(directory)
    data = warc(directory).read_bytes()
    warc(directory).write_bytes(data[: data.index(b"\x1f\x8b\x08", offset + 1)])
    (directory.warc / "manifest.jsonl").unlink()  # which would tell that it was cut
    assert problems(directory) == []
    return directory, offset


def test_an_altered_body_is_found_by_every_digest(tmp_path):
    directory, offset = one_page(tmp_path)
    repacked(directory, offset, lambda raw: raw.replace("职工之家".encode(), "老地方见".encode()))
    whats = [problem.what for problem in problems(directory)]
    assert whats == [
        "its block digest does not hold",
        "its payload digest does not hold",
        "its payload does not have the digest of capture 1",
    ]


def test_an_alteration_that_mends_its_own_digests_is_found_by_the_row(tmp_path):
    directory, offset = one_page(tmp_path)

    def forge(raw: bytes) -> bytes:
        head, block = raw.split(b"\r\n\r\n", 1)
        block = block[:-4]
        forged = block.replace("职工之家".encode(), "老地方见".encode())
        for part in (bytes, lambda whole: whole.split(b"\r\n\r\n", 1)[1]):
            head = head.replace(payload_digest(part(block)).encode(), payload_digest(part(forged)).encode())
        return head + b"\r\n\r\n" + forged + b"\r\n\r\n"

    repacked(directory, offset, forge)
    assert only_problem(directory).what == "its payload does not have the digest of capture 1"


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (lambda raw: raw.replace(b"Content-Length: ", b"Content-Length: 1", 1), "where its Content-Length says 1"),
        (lambda raw: raw.replace(b"Content-Length: ", b"Content-Length: x", 1), "the record's Content-Length is 'x"),
        (lambda raw: raw[:-2], "bytes long where its Content-Length says"),
        (lambda raw: raw + raw, "bytes long where its Content-Length says"),
        (lambda raw: b"GIF89a" + raw, "no WARC record begins there"),
        (
            lambda raw: raw.replace(b"Block-Digest: sha256:", b"Block-Digest: crc99:"),
            "digest algorithm 'crc99' is not known",
        ),
    ],
)
def test_a_record_that_does_not_parse_is_named(tmp_path, edit, what):
    directory, offset = one_page(tmp_path)
    repacked(directory, offset, edit)
    first = problems(directory)[0]
    assert first.where == f"{warc(directory)} at {offset}"
    assert what in first.what


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE captures SET record_id = 'x' WHERE id = 2", "WARC-Record-ID is <urn:uuid:"),
        ("UPDATE captures SET url = 'http://other.example.org/' WHERE id = 2", "WARC-Target-URI is http://chengnan"),
        ("UPDATE captures SET digest = 'sha256:AAAA' WHERE id = 2", "capture 2"),
        ("UPDATE captures SET offset = offset + 1 WHERE id = 2", f"the capture of {article(2).url} is not there"),
        (
            "UPDATE captures SET kind = 'same', payload = 1 WHERE id = 2",
            "WARC-Type is response, capture 2 says revisit",
        ),
    ],
)
def test_a_row_that_does_not_fit_its_record_is_named(tmp_path, statement, what):
    directory = filled(tmp_path)
    change(directory, statement)
    assert any(what in problem.what for problem in problems(directory))


FIRST = "(SELECT uid FROM articles WHERE change = 1)"
FRONTIER = "INSERT INTO frontier (site, key, url, kind, state, discovered_at, capture)"
DIGEST = "what it says does not have its digest"
NUMBERS = "its revisions are not numbered from 1 to its own"
NO_CAPTURE = "capture refers to a row of captures that is not there"


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("UPDATE articles SET title = 'x' WHERE change = 1", "article ", DIGEST),
        ("UPDATE articles SET authors = '[' WHERE change = 1", "article ", DIGEST),
        ("UPDATE articles SET revision = 2 WHERE change = 1", "article ", NUMBERS),
        (f"DELETE FROM revisions WHERE uid = {FIRST}", "article ", NUMBERS),
        (f"UPDATE revisions SET revision = 3 WHERE uid = {FIRST}", "article ", NUMBERS),
        (f"UPDATE revisions SET sha256 = 'x' WHERE uid = {FIRST}", "article ", "not that of its last revision"),
        ("UPDATE captures SET uid = NULL WHERE id = 1", "article ", "has no capture"),
        ("UPDATE captures SET uid = 'x' WHERE id = 1", "capture 1", "belongs to an article that is not there"),
        ("UPDATE revisions SET capture = 99 WHERE capture = 1", "revisions, row 1", NO_CAPTURE),
        ("INSERT INTO aliases VALUES ('x', 'x')", "aliases, row 1", "uid refers to a row of articles"),
        (f"{FRONTIER} VALUES ('yunhe', 'a', 'a', 'article', 'done', '', 99)", "frontier, row 1", NO_CAPTURE),
    ],
)
def test_a_broken_reference_is_named(tmp_path, statement, where, what):
    directory = filled(tmp_path)
    change(directory, statement)
    found = problems(directory)
    assert any(where in problem.where and what in problem.what for problem in found), found


def test_an_earlier_revision_must_have_kept_what_it_said(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(1, title="第1期技能培训班延期"))
    directory = filler.close()
    change(directory, "UPDATE revisions SET content = replace(content, '技能', '技术') WHERE revision = 1")
    assert only_problem(directory).what == "what it said does not have its digest"
    change(directory, "UPDATE revisions SET content = NULL WHERE revision = 1")
    assert only_problem(directory).what == "what it said is missing"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE captures SET payload = NULL WHERE kind != 'response'",
        "UPDATE captures SET payload = 2 WHERE kind = 'same'",
        "UPDATE captures SET payload = 4 WHERE kind = 'same'",
    ],
)
def test_a_revisit_must_stand_for_a_response_of_its_digest(tmp_path, statement):
    filler = Filler(tmp_path)
    for number in (1, 2):
        filler.page(article(number))
    filler.capture(article(1).url, response(article(1)), site="chengnan", same_as=1)
    filler.capture(article(1).url, b"HTTP/1.1 304 Not Modified\r\n\r\n", site="chengnan", same_as=1)
    directory = filler.close()
    assert problems(directory) == []
    change(directory, statement)
    assert any("stands for an earlier response" in problem.what for problem in problems(directory))


def test_a_torn_database_is_named_with_the_fix(tmp_path):
    directory = filled(tmp_path, 40)
    data = bytearray(directory.database.read_bytes())
    data[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    directory.database.write_bytes(data)
    found = problems(directory)
    assert found
    assert "import --rebuild" in found[0].fix


def test_records_without_a_row_are_counted_and_are_no_problem(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    lost = filler.exchange(article(2).url, response(article(2)))
    filler.warc.append(response_member(lost, parse_response(lost.response), id_=record_id(), warcinfo=None))
    found: list[Problem] = []
    summary = verify(filler.close(), found.append)
    assert (summary.unreferenced, found) == (1, [])
    assert "1 responses are in no row" in str(summary)


def test_a_file_that_is_being_written_is_checked_up_to_its_last_whole_record(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(2))
    name, end = filler.warc.append(b"\x1f\x8b\x08\x00")  # a record half-way to the disk
    found: list[Problem] = []
    summary = verify(filler.directory, found.append)
    assert found == []
    assert (summary.being_written, summary.records) == (1, 5)
    # Before that end, damage is damage.
    path = filler.directory.warc / f"{name}.open"
    data = bytearray(path.read_bytes())
    data[offsets(filler.directory)[0] + 60] ^= 0xFF
    path.write_bytes(data)
    assert any("damaged" in problem.what for problem in problems(filler.directory))
    filler.close()
    assert end


def test_a_file_left_by_a_killed_crawl_is_reported_with_what_mends_it(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.warc.append(b"\x1f\x8b\x08\x00")
    directory = filler.leave_open()
    problem = only_problem(directory)
    assert problem.where.endswith(".warc.gz.open")
    assert (problem.what, problem.fix) == ("was left open by a killed crawl", "the next crawl closes it")


def test_a_row_whose_record_a_killed_crawl_lost_is_named(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(2))
    directory = filler.leave_open()
    path = warc(directory)
    path.write_bytes(path.read_bytes()[: offsets(directory)[1] + 30])
    whats = [problem.what for problem in problems(directory)]
    assert f"the capture of {article(2).url} is not there" in whats


@pytest.mark.parametrize(
    ("label", "fits"),
    [
        (payload_digest(b"x"), True),
        ("sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", True),
        ("SHA-256:2D711642B726B04401627CA9FBAC32F5C8530FB1903CC4DB02258717921A4881", True),
        ("sha1:CH3EVVQPAUUMXF5BXLL2UC54KJ55V3HS", False),
        ("sha1:CH3K2UGB7WQRI65TPIMZTC6DBFEMVUH3", False),
        ("md5:9dd4e461268c8034f5c8564e155c67a6", True),
        (payload_digest(b"y"), False),
    ],
)
def test_digests_are_read_in_base32_and_hexadecimal(label, fits):
    assert digest_fits(label, b"x") is fits
