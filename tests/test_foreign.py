"""Files made elsewhere are read into exchanges that the archive may keep, whoever wrote them and in whatever order."""

import gzip
import os
import shutil
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime

import brotli
import pytest
from foreign_files import (
    DATE,
    PAGE,
    URL,
    arc,
    copies,
    http,
    id_of,
    packed,
    read_by_others,
    record,
    request,
    revisit,
    sha1,
    take,
    wacz,
    warcio_file,
)
from local_server import LocalSite, Reply
from warcio.archiveiterator import ArchiveIterator

from archive import clock
from archive.foreign import Files, Tally, read, size
from archive.leftovers import is_chunked
from archive.members import record_faults, walk
from archive.payload import parse_response
from archive.warc import copy_member, payload_digest

MOMENT = datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "hewan.warc.gz"


# Writers


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("packs", [True, False])
def test_a_file_of_warcio_gives_its_exchange_and_its_revisit(file, version, packs):
    found, tally = take(file, warcio_file(version=version, gzip=packs))
    first, again = found
    assert (first.url, first.date, first.method, first.http.payload) == (URL, MOMENT, "GET", PAGE)
    assert first.request.headers["WARC-Concurrent-To"] == first.response.headers["WARC-Record-ID"]
    assert again.original == first.response
    assert again.http.payload == PAGE
    assert again.digest == first.digest == payload_digest(PAGE)
    assert tally.passed == {"warcinfo": 1, "resource": 1}
    assert not tally.problems
    assert [kind for kind, _ in read_by_others(copies(found))] == ["response", "request", "revisit"]


def test_chunks_stay_as_they_were_sent(file):
    found, _ = take(file, warcio_file(chunked=True))
    assert found[0].http.payload.endswith(b"\r\n0\r\n\r\n")
    assert found[0].http.content() == PAGE


@pytest.mark.parametrize("packs", [True, False])
def test_a_crawl_of_wget_is_read_with_its_requests(tmp_path, packs):
    if shutil.which("wget") is None and not os.environ.get("UNION_ARCHIVE_WGET_REQUIRED"):
        pytest.skip("wget is not installed")
    with LocalSite() as site:
        site.pages["/"] = b'<a href="/a.html">a</a> <a href="/b.html">b</a> <a href="/none.html">c</a>'
        site.pages["/a.html"] = site.pages["/b.html"] = PAGE
        site.pages["/robots.txt"] = Reply(b"User-agent: *\n", headers=(("Content-Type", "text/plain"),))
        options = ["--warc-file=hewan", "--recursive", "--level=1", "--quiet", "--no-proxy", "--tries=1"]
        command = ["wget", *options, *([] if packs else ["--no-warc-compression"]), site.url + "/"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=20, check=False)
    assert done.returncode == 8, done.stderr  # one page was not there
    found, tally = take(tmp_path / ("hewan.warc.gz" if packs else "hewan.warc"))
    told = {one.url.removeprefix(site.url): (one.http.status, one.method, one.http.content()) for one in found}
    assert told["/a.html"] == (200, "GET", PAGE)
    assert told["/none.html"][0] == 404
    assert set(told) == {"/", "/robots.txt", "/a.html", "/b.html", "/none.html"}
    assert all(one.request.block.startswith(b"GET ") for one in found)
    assert tally.passed["warcinfo"] == 1
    assert not tally.problems
    kinds = [kind for kind, _ in read_by_others(copies(found))]
    assert kinds.count("response") == kinds.count("request") == 5


def test_common_crawl_s_decoded_bodies_can_be_read_and_are_counted(file):
    lines = ["Content-Encoding: gzip", "Transfer-Encoding: chunked", "X-Crawler-Content-Length: 70"]
    found, tally = take(file, packed(record(http(PAGE, *lines), f"WARC-Payload-Digest: {sha1(PAGE)}")))
    assert found[0].http.content() == PAGE
    assert found[0].http.header("X-Crawler-Content-Encoding") == "gzip"
    assert found[0].response.block == http(PAGE, *lines)
    assert found[0].response.headers["WARC-Payload-Digest"] == sha1(PAGE)
    assert tally.remarks == {"decoded body": 1}


def test_a_digest_of_the_body_before_it_was_decoded_is_told_and_replaced(file):
    wire = http(PAGE, "Content-Encoding: gzip")
    given = sha1(gzip.compress(PAGE))
    found, tally = take(file, packed(record(wire, f"WARC-Payload-Digest: {given}")))
    assert found[0].response.headers["WARC-Payload-Digest"] == payload_digest(PAGE)
    assert found[0].response.headers["X-Payload-Digest-Given"] == given
    assert tally.remarks == {"decoded body": 1, "coded digest": 1}
    assert "stored decoded" in tally.problems[0]
    assert read_by_others(copies(found))


@pytest.mark.parametrize("named", ["", "sha1:", "SHA-1:", "sha1: "])
def test_a_sha1_may_be_labelled_or_not(file, named):
    found, tally = take(file, packed(record(http(), f"WARC-Payload-Digest: {named.strip()}{sha1(PAGE)[5:]}")))
    assert len(found) == 1
    assert not tally.passed
    assert not record_faults(found[0].response)


def test_a_digest_of_the_decoded_body_holds(file):
    wire = http(gzip.compress(PAGE), "Content-Encoding: gzip")
    found, tally = take(file, packed(record(wire, f"WARC-Payload-Digest: {sha1(PAGE)}")))
    assert found[0].digest == payload_digest(found[0].http.payload)
    assert not tally.remarks
    assert not record_faults(found[0].response)


@pytest.mark.parametrize("first", ["HTTP/2.0 200", "HTTP/2 200 OK", "HTTP/1.0 200 OK"])
def test_browsertrix_writes_other_status_lines_and_brotli(file, first):
    wire = http(brotli.compress(PAGE), "content-encoding: br", first=first)
    text = record(b"text", number=2, type_="resource", url="urn:text:" + URL)
    found, tally = take(file, packed(record(wire, "WARC-Page-ID: 7f", version="WARC/1.1"), text))
    assert (found[0].http.status, found[0].http.content()) == (200, PAGE)
    assert found[0].response.headers["WARC-Page-ID"] == "7f"
    assert tally.passed == {"resource": 1}


def test_heritrix_s_revisits_name_only_a_digest(file):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    other = "http://hewan.example.org/print/7.html"
    data = packed(record(http(), digest), revisit(digest, number=2), revisit(digest, number=3, block=b"", url=other))
    found, tally = take(file, data)
    assert [one.original and one.original.headers["WARC-Record-ID"] for one in found] == [None, id_of(1), id_of(1)]
    assert [one.http.header("Server") for one in found] == [None, "later", None]
    assert {one.digest for one in found} == {payload_digest(PAGE)}
    assert found[2].response.headers["WARC-Refers-To"] == id_of(1)
    assert not tally.problems
    assert read_by_others(copies(found[:2]))


def test_a_304_stands_for_the_response_that_it_names(file):
    lines = [
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        f"WARC-Refers-To: {id_of(1)}",
        f"WARC-Payload-Digest: {sha1(b'')}",
    ]
    later = record(b"HTTP/1.1 304 Not Modified\r\n\r\n", *lines, number=2, type_="revisit")
    found, _ = take(file, packed(record(http(), f"WARC-Payload-Digest: {sha1(PAGE)}"), later))
    assert (found[1].http.status, found[1].http.payload) == (304, PAGE)
    assert found[1].response.headers["WARC-Payload-Digest"] == sha1(PAGE)


# ARC and WACZ


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("packs", [True, False])
def test_an_arc_file_gives_the_responses_that_warcio_finds_in_it(tmp_path, version, packs):
    lines = arc((URL, "20040102030405", http()), ("dns:hewan.example.org", "20040102030405", b"x"), version=version)
    path = tmp_path / "hewan.arc.gz"
    found, tally = take(path, packed(*lines) if packs else b"".join(lines))
    with path.open("rb") as stream:
        theirs = [
            (one.rec_headers.get_header("WARC-Target-URI"), one.content_stream().read())
            for one in ArchiveIterator(stream, arc2warc=True)
            if one.rec_type == "response"
        ]
    assert [(one.url, one.http.payload) for one in found] == [(URL, PAGE)]
    # warcio takes the further fields of version 2 for a part of the address.
    assert theirs[:1] == [(URL, PAGE)] or version == 2
    assert found[0].date == datetime(2004, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert tally.passed == {"warcinfo": 1, "dns": 1}
    record = found[0].response
    offset = len(gzip.compress(lines[0], mtime=0)) if packs else len(lines[0])
    assert record.headers["WARC-Source-URI"] == f"file:hewan.arc.gz#offset={offset}"
    assert record.headers["WARC-IP-Address"] == "192.0.2.7"
    assert read_by_others(copies(found)) == [("response", record.headers["WARC-Record-ID"])]


def test_an_arc_file_gives_the_same_record_ids_again_wherever_it_lies(tmp_path):
    data = packed(*arc((URL, "20040102030405", http()), (URL, "20050102030405", http())))
    ids = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        found, _ = take(tmp_path / name / "hewan.arc.gz", data)
        ids.append([one.response.headers["WARC-Record-ID"] for one in found])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_the_length_of_an_arc_record_that_is_wrong_costs_that_record(tmp_path):
    lines = arc(*((URL, f"200{year}0102030405", http()) for year in range(3)))
    lines[2] = lines[2].replace(b" %d\n" % len(http()), b" %d\n" % (len(http()) + 30))
    for data in (packed(*lines), b"".join(lines)):
        found, tally = take(tmp_path / "a.arc", data)
        assert [one.date.year for one in found] == [2000, 2002]
        assert tally.passed == {"warcinfo": 1, "length": 1}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wacz_is_read_without_being_unpacked_by_its_names(tmp_path, method):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    files = {
        "archive/b.warc.gz": packed(revisit(digest)),
        "archive/a.warc.gz": packed(record(http(), digest), request()),
        "pages/pages.jsonl": b"{}",
    }
    found, tally = take(wacz(tmp_path / "hewan.wacz", files, method=method))
    where = {one.url: one.where for one in found if one.response.type == "response"}
    assert where == {URL: f"{tmp_path / 'hewan.wacz'}!archive/a.warc.gz at 0"}
    assert found[0].original == found[1].response
    assert found[1].request is not None
    assert not tally.problems
    assert [one.name for one in tmp_path.iterdir()] == ["hewan.wacz"]


def test_a_file_whose_digest_in_datapackage_does_not_hold_is_passed_over(tmp_path):
    path = wacz(tmp_path / "hewan.wacz", {"archive/a.warc": record(http()), "archive/b.warc": record(http(), number=2)})
    data = path.read_bytes()
    # The first in the zip; its records have no digests of their own.
    path.write_bytes(data.replace("充电桩".encode(), "充电椿".encode(), 1))
    found, tally = take(path)
    assert [one.response.headers["WARC-Record-ID"] for one in found] == [id_of(2)]
    assert tally.passed == {"digest": 1}
    assert "archive/a.warc: its digest in datapackage.json does not hold" in tally.problems[0]


# Order, ids and dates


@pytest.mark.parametrize("order", ["request first", "response first", "far away"])
def test_a_request_is_found_wherever_it_lies(file, order):
    others = [record(http(), number=number, url=f"{URL}?{number}") for number in range(10, 40)]
    parts = {
        "request first": [request(method="POST"), record(http())],
        "response first": [record(http()), request(method="POST")],
        "far away": [request(method="POST"), *others, record(http())],
    }
    found, tally = take(file, packed(*parts[order]))
    assert {one.method for one in found if one.url == URL} == {"POST"}
    assert not tally.passed


def test_a_response_may_name_its_request_as_wget_s_do(file):
    asked = record(b"HEAD / HTTP/1.1\r\n\r\n", number=5, type_="request")
    found, _ = take(file, packed(asked, record(http(), f"WARC-Concurrent-To: {id_of(5)}")))
    assert found[0].method == "HEAD"
    assert found[0].request.headers["WARC-Concurrent-To"] == id_of(1)


def test_a_request_of_another_address_is_not_taken_for_it(file):
    found, tally = take(file, packed(record(http()), request(url=URL + "?other")))
    assert found[0].request is None
    assert tally.passed == {"request alone": 1}


def test_an_original_that_comes_later_is_found_and_one_that_is_nowhere_is_told(file):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    lost = revisit(f"WARC-Payload-Digest: {sha1(b'lost')}", number=3)
    found, tally = take(file, packed(revisit(digest), lost, record(http(), digest)))
    assert [one.response.type for one in found] == ["revisit", "response"]
    assert found[0].http.payload == PAGE
    assert tally.passed == {"revisit": 1}
    assert "give the file that holds it too" in tally.problems[0]


def test_an_original_in_another_file_is_found_when_both_are_added(tmp_path):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    paths = [tmp_path / "1.warc", tmp_path / "2.warc.gz"]
    paths[0].write_bytes(revisit(digest))
    paths[1].write_bytes(packed(record(http(), digest)))
    tally = Tally()
    with Files() as files:
        for path in paths:
            files.add(path, tally)
        found = [one for path in paths for one in files.read(path, tally)]
    assert [one.http.payload for one in found] == [PAGE, PAGE]
    assert not tally.passed


def test_an_original_with_another_payload_is_not_put_in(file):
    lines = [f"WARC-Refers-To: {id_of(1)}", f"WARC-Payload-Digest: {sha1(b'other')}"]
    found, tally = take(file, packed(record(http()), revisit(*lines)))
    assert len(found) == 1
    assert "another payload digest" in tally.problems[0]


def test_what_is_there_twice_is_kept_once_and_one_id_never_names_two_records(file):
    data = packed(record(http()), record(http()), record(http(b"other")), record(http(b"other")))
    found, tally = take(file, data)
    assert [one.http.payload for one in found] == [PAGE, b"other"]
    assert tally.passed == {"repeated": 2}
    ids = [one.response.headers["WARC-Record-ID"] for one in found]
    assert ids[0] == id_of(1) != ids[1]
    assert ids == [one.response.headers["WARC-Record-ID"] for one in take(file)[0]]


def test_a_record_without_an_id_gets_one_that_is_the_same_again(file):
    data = packed(record(http(), number=None), record(http(), "WARC-Record-ID: urn:uuid:7", number=None))
    ids = [[one.response.headers["WARC-Record-ID"] for one in take(file, data)[0]] for _ in range(2)]
    assert ids[0] == ids[1]
    assert ids[0][0].startswith("<urn:uuid:")
    assert ids[0][1] == "<urn:uuid:7>"


@pytest.mark.parametrize(
    ("date", "kept"),
    [
        (DATE, DATE),
        ("2019-03-04T05:06:07.25Z", "2019-03-04T05:06:07.25Z"),
        ("2019-03-04T05:06:07.123456789Z", "2019-03-04T05:06:07.123456789Z"),
        ("2019-03-04T13:06:07+08:00", "2019-03-04T05:06:07.000000Z"),
        ("2019-03-04T05:06:07", "2019-03-04T05:06:07.000000Z"),
        ("2019-03-04T05:06Z", "2019-03-04T05:06:00.000000Z"),
    ],
)
def test_dates_are_read_with_and_without_fractions_and_zones(file, date, kept):
    found, _ = take(file, packed(record(http(), date=date)))
    assert found[0].response.headers["WARC-Date"] == kept
    assert found[0].date.replace(microsecond=0, second=0) == MOMENT.replace(second=0)
    assert read_by_others(copies(found))


@pytest.mark.parametrize("date", [None, "", "2019", "2019-13-04T05:06:07Z", "yesterday", "1970-01-01T00:00:00Z"])
def test_a_record_without_a_time_is_passed_over_and_named(file, date):
    found, tally = take(file, packed(record(http(), date=date), record(http(), number=2)))
    assert len(found) == 1
    assert tally.passed == {"date": 1}
    assert f"{file} at 0: its WARC-Date" in tally.problems[0]


def test_what_was_fetched_after_tomorrow_is_passed_over(file):
    dates = ["2019-03-05T00:00:00Z", "2019-03-06T00:00:00Z"]
    data = packed(*(record(http(), number=number, date=date) for number, date in enumerate(dates)))
    with clock.using(lambda: MOMENT):
        found, tally = take(file, data)
    assert [one.date.day for one in found] == [5]
    assert tally.passed == {"future": 1}


# What is kept


@pytest.mark.parametrize("url", ["<" + URL + ">", URL])
def test_addresses_lose_the_marks_that_some_writers_put_around_them(file, url):
    found, _ = take(file, packed(record(http(), url=url)))
    assert found[0].url == found[0].response.headers["WARC-Target-URI"] == URL


@pytest.mark.parametrize("url", ["http://", "http:///x", "http://a b/", "http://a:99999/", "http://[::1", "x", ""])
def test_an_address_that_is_none_costs_its_record(file, url):
    found, tally = take(file, packed(record(http(), url=url)))
    assert not found
    assert tally.passed == {"address": 1}


def test_other_schemes_are_counted_and_not_named(file):
    urls = ["dns:hewan.example.org", "ftp://hewan.example.org/a", "urn:pageinfo:" + URL]
    found, tally = take(file, packed(*(record(b"x", url=url, number=at) for at, url in enumerate(urls))))
    assert not found
    assert tally.passed == {"dns": 1, "not http": 2}
    assert not tally.problems


def test_records_of_ours_are_kept_as_they_are_but_for_spelling(file):
    plain = record(http(), "warc-ip-address: 192.0.2.9", f"Warc-Payload-Digest: {sha1(PAGE)}", version="WARC/1.1")
    found, _ = take(file, packed(plain))
    headers = found[0].response.headers
    assert headers["WARC-IP-Address"] == "192.0.2.9"
    assert headers["WARC-Payload-Digest"] == sha1(PAGE)
    assert found[0].response.block == http()


def test_what_is_kept_passes_the_archive_s_own_reader(file, tmp_path):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    odd = record(http(b"odd"), "WARC-Payload-Digest: shake_128:", "WARC-Block-Digest: sha9:x", number=4)
    data = packed(record(http(), digest), request(), revisit(digest), odd, record(http(b""), number=5))
    found, _ = take(file, data)
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(copies(found))
    with copy.open("rb") as stream:
        records = [one for one, _ in walk(stream)]
    assert len(records) == 5
    assert not [fault for one in records for fault in record_faults(one)]
    # And it can be read as a file made elsewhere again, which changes nothing.
    again, tally = take(copy)
    assert [copy_member(one.response) for one in again] == [copy_member(one.response) for one in found]
    assert not tally.passed


def test_old_versions_are_read(file):
    data = b"".join(
        record(http(), number=at, version=f"WARC/{v}") for at, v in enumerate(["0.17", "0.18", "1.1", "2.0"])
    )
    found, tally = take(file, data)
    assert len(found) == 3
    assert tally.passed == {"version": 1}


def test_a_file_packed_as_a_whole_is_read_record_by_record(file):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    parts = [record(http(), digest), request(), revisit(digest), record(http(b"x"), number=9, length=10**6)]
    whole = gzip.compress(b"".join([*parts, record(http(), number=8)]))
    found, tally = take(file, whole)
    assert [one.response.type for one in found] == ["response", "revisit", "response"]
    assert tally.passed == {"torn": 1}
    assert list(file.parent.iterdir()) == [file]


def test_members_of_several_records_are_read_in_the_midst_of_others(file):
    digest = f"WARC-Payload-Digest: {sha1(PAGE)}"
    several = gzip.compress(record(http(b"x"), number=7) + revisit(digest) + record(http(), digest, number=4))
    found, _ = take(file, packed(record(http(b"y"), number=6)) + several)
    assert [one.http.payload for one in found] == [b"y", b"x", PAGE, PAGE]
    assert found[2].where.endswith("unpacked)")


def test_progress_adds_up_to_the_size(file):
    data = packed(*(record(http(os.urandom(500)), number=number) for number in range(50)))
    file.write_bytes(data)
    told = []
    assert len(list(read(file, Tally(), told.append))) == 50
    assert sum(told) == size(file) == len(data)
    assert len(told) > 50


@pytest.mark.parametrize(
    ("body", "chunked"),
    [
        (b"5\r\nabcde\r\n0\r\n\r\n", True),
        (b"5;x=y\r\nabcde\r\n3\r\nab", True),
        (b"5\nabcde\n0\n\n", True),
        (b"<html>", False),
        (b"5\r\nabcdefgh\r\n0\r\n", False),
        (b"abc", False),
    ],
)
def test_chunks_are_told_from_bodies_without_them(body, chunked):
    assert is_chunked(body) is chunked


def test_a_body_is_not_taken_for_decoded_when_it_is_coded(file):
    bodies = {"gzip": gzip.compress(PAGE), "br": brotli.compress(PAGE), "deflate": zlib.compress(PAGE)}
    data = packed(*(record(http(body, f"Content-Encoding: {name}"), number=len(name)) for name, body in bodies.items()))
    found, tally = take(file, data)
    assert [one.http.content() for one in found] == [PAGE] * 3
    assert [one.http for one in found] == [parse_response(one.response.block) for one in found]
    assert not tally.remarks
