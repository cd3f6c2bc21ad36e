"""WARC records: readable by other software, digests that hold there too, and files that were torn."""

import gzip
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from archive.errors import ArchiveError
from archive.payload import parse_response
from archive.warc import (
    NOT_MODIFIED,
    SAME_PAYLOAD,
    Exchange,
    Reference,
    copy_member,
    fields_member,
    last_whole_member,
    locate,
    parse_fields,
    payload_digest,
    read_record,
    record_id,
    request_member,
    response_member,
    warc_date,
)
from archive.warcfile import WarcFile, recover

MOMENT = datetime(2025, 3, 1, 9, 30, 0, 125, tzinfo=timezone(timedelta(hours=8)))
URL = "http://yunhe.example.org/col/col12/index.html?page=2"
BODY = "<html><title>运河市总工会</title>女职工读书会在图书馆举行。</html>".encode("gb18030")
REQUEST = b"GET /col/col12/index.html?page=2 HTTP/1.1\r\nHost: yunhe.example.org\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nServer: nginx\r\ncontent-TYPE: text/html\r\n\r\n" + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(BODY, mtime=0)
EMPTY = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def exchange(wire: bytes, **changes) -> Exchange:
    return Exchange(**{"url": URL, "fetched_at": MOMENT, "request": REQUEST, "response": wire, **changes})


def response(wire: bytes, **changes) -> bytes:
    return response_member(exchange(wire, **changes), parse_response(wire), id_=record_id(), warcinfo=None)


def revisit(wire: bytes) -> bytes:
    reference = Reference("<urn:uuid:1>", URL, warc_date(MOMENT), payload_digest(BODY))
    return response_member(exchange(wire), parse_response(wire), id_=record_id(), warcinfo=None, same_as=reference)


def everything() -> bytes:
    info = fields_member(WarcRecordType.warcinfo, {"software": "x"}, {}, id_=record_id(), date=MOMENT)
    request = request_member(exchange(PLAIN), response_id="<urn:uuid:1>", warcinfo=None)
    members = [
        info,
        *map(response, (PLAIN, CHUNKED, PACKED, EMPTY)),
        request,
        revisit(PLAIN),
        revisit(b"HTTP/1.1 304 X\r\n\r\n"),
    ]
    return b"".join(members)


TYPES = ["warcinfo", *["response"] * 4, "request", "revisit", "revisit"]


def test_warcio_reads_every_record_and_finds_every_digest_right():
    iterator = ArchiveIterator(io.BytesIO(everything()), check_digests="raise")
    seen = []
    for record in iterator:
        record.content_stream().read()
        seen.append(record.rec_type)
    assert seen == TYPES


def test_fastwarc_reads_every_record_and_finds_every_digest_right():
    seen = []
    for record in FastIterator(io.BytesIO(everything()), parse_http=False):
        assert record.verify_block_digest()
        if record.record_type == WarcRecordType.response:
            record.parse_http()
            assert record.verify_payload_digest()
        seen.append(record.headers["WARC-Type"])
    assert seen == TYPES


def test_both_find_an_altered_body():
    plain = gzip.decompress(response(PLAIN)).replace(b"</title>", b"</TITLE>")
    with pytest.raises(Exception, match=r"[Dd]igest"):
        next(ArchiveIterator(io.BytesIO(gzip.compress(plain)), check_digests="raise")).content_stream().read()
    for record in FastIterator(io.BytesIO(gzip.compress(plain)), parse_http=False):
        assert not record.verify_block_digest()


@pytest.mark.parametrize("wire", [PLAIN, CHUNKED, PACKED, EMPTY], ids=["plain", "chunked", "gzip", "empty"])
def test_the_block_is_what_crossed_the_wire(tmp_path, wire):
    (tmp_path / "a.warc.gz").write_bytes(response(wire))
    record = read_record(tmp_path, "a.warc.gz", 0)
    assert record.block == wire
    assert record.headers["WARC-Payload-Digest"] == payload_digest(wire.split(b"\r\n\r\n", 1)[1])
    assert (record.type, record.headers["WARC-Target-URI"]) == ("response", URL)
    assert record.headers["WARC-Date"] == "2025-03-01T01:30:00.000125Z"


def test_a_response_says_from_where_and_why_it_was_cut(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(response(PLAIN, ip="192.0.2.7", truncated="length"))
    headers = read_record(tmp_path, "a.warc.gz", 0).headers
    assert (headers["WARC-IP-Address"], headers["WARC-Truncated"]) == ("192.0.2.7", "length")
    (tmp_path / "b.warc.gz").write_bytes(response(PLAIN))
    assert "WARC-Truncated" not in read_record(tmp_path, "b.warc.gz", 0).headers


@pytest.mark.parametrize(
    ("wire", "profile"),
    [(PLAIN, SAME_PAYLOAD), (b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n", NOT_MODIFIED)],
    ids=["same", "unmodified"],
)
def test_a_revisit_keeps_the_head_and_names_what_it_stands_for(tmp_path, wire, profile):
    (tmp_path / "a.warc.gz").write_bytes(revisit(wire))
    record = read_record(tmp_path, "a.warc.gz", 0)
    assert record.type == "revisit"
    assert record.block == wire.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
    assert record.headers["WARC-Profile"] == profile
    assert record.headers["WARC-Refers-To"] == "<urn:uuid:1>"
    assert record.headers["WARC-Refers-To-Target-URI"] == URL
    assert record.headers["WARC-Payload-Digest"] == payload_digest(BODY)


def test_fields_are_one_line_each_and_read_back():
    fields = {"title": "培训班\r\n开班: 通知", "date": None, "section": "工会要闻"}
    member = fields_member(WarcRecordType.metadata, fields, {}, id_=record_id(), date=MOMENT)
    record = next(ArchiveIterator(io.BytesIO(member)))
    assert record.content_type == "application/warc-fields"
    assert parse_fields(record.content_stream().read()) == {"title": "培训班 开班: 通知", "section": "工会要闻"}


def test_a_copied_record_keeps_its_headers_and_its_block(tmp_path):
    for number, member in enumerate((response(PLAIN, ip="192.0.2.7"), revisit(PLAIN), response(CHUNKED))):
        (tmp_path / f"{number}.warc.gz").write_bytes(member)
        record = read_record(tmp_path, f"{number}.warc.gz", 0)
        (tmp_path / "copy.warc.gz").write_bytes(copy_member(record))
        assert read_record(tmp_path, "copy.warc.gz", 0) == record


def test_records_are_found_by_their_offset(tmp_path):
    first, second = response(PLAIN), response(CHUNKED)
    (tmp_path / "a.warc.gz.open").write_bytes(first + second)
    assert locate(tmp_path, "a.warc.gz").name == "a.warc.gz.open"
    record = read_record(tmp_path, "a.warc.gz", len(first))
    assert (record.block, record.offset) == (CHUNKED, len(first))
    assert record.http.content() == b"abcde"


@pytest.mark.parametrize("offset", [5, 10**6])
def test_an_offset_without_a_record_is_named(tmp_path, offset):
    (tmp_path / "a.warc.gz").write_bytes(response(PLAIN))
    with pytest.raises(ArchiveError, match=rf"a\.warc\.gz: .*{offset}"):
        read_record(tmp_path, "a.warc.gz", offset)


def test_a_damaged_record_is_never_read_as_its_neighbour(tmp_path):
    first, second = response(PLAIN), response(CHUNKED)
    damaged = first[:20] + bytes(20) + first[40:]
    (tmp_path / "a.warc.gz").write_bytes(damaged + second)
    with pytest.raises(ArchiveError, match=r"a\.warc\.gz"):
        read_record(tmp_path, "a.warc.gz", 0)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ArchiveError, match=r"a\.warc\.gz: the file is missing"):
        read_record(tmp_path, "a.warc.gz", 0)


MEMBERS = [response(PLAIN), response(CHUNKED), response(EMPTY)]
ENDS = [0, len(MEMBERS[0]), len(MEMBERS[0] + MEMBERS[1]), len(b"".join(MEMBERS))]


@pytest.mark.parametrize(
    ("members", "more", "whole"),
    [(0, 0, 0), (0, 1, 0), (1, -1, 0), (1, 0, 1), (1, 5, 1), (2, -8, 1), (3, -1, 2), (3, 0, 3)],
)
def test_a_torn_file_is_whole_up_to_its_last_complete_member(members, more, whole):
    data = b"".join(MEMBERS)[: ENDS[members] + more]
    assert last_whole_member(io.BytesIO(data)) == ENDS[whole]


def test_looking_from_a_known_record_gives_the_same_end():
    data = b"".join(MEMBERS)
    assert last_whole_member(io.BytesIO(data[:-3]), ENDS[1]) == ENDS[2]
    assert last_whole_member(io.BytesIO(data + b"garbage"), ENDS[2]) == ENDS[3]


def test_members_larger_than_what_is_read_at_once(tmp_path):
    big = gzip.compress(bytes(range(256)) * 9000, compresslevel=0)
    assert len(big) > 2 << 20
    assert last_whole_member(io.BytesIO(big + big[:-1])) == len(big)


def test_a_file_left_by_a_killed_process_is_cut_and_named(tmp_path):
    warc = WarcFile(tmp_path, {"software": "test"})
    name, offset = warc.append(response(PLAIN))
    assert recover(tmp_path, lambda name: 0) == []  # its writer lives
    warc.append(response(CHUNKED)[:-7])
    warc.sync()
    warc._file.close()  # as the kernel does for the dead
    assert recover(tmp_path, lambda name: offset) == [name]
    assert [path.name for path in tmp_path.glob("*.warc.gz*")] == [name]
    assert read_record(tmp_path, name, offset).block == PLAIN
    with (tmp_path / name).open("rb") as file:
        assert [record.rec_type for record in ArchiveIterator(file)] == ["warcinfo", "response"]


def test_a_file_rolls_when_it_is_full_and_each_begins_with_its_warcinfo(tmp_path):
    warc = WarcFile(tmp_path, {"software": "test"}, max_bytes=1)
    places = [warc.append(response(PLAIN)) for _ in range(3)]
    warc.close()
    assert len({name for name, _ in places}) == 3
    for name, offset in places:
        assert read_record(tmp_path, name, 0).type == "warcinfo"
        assert parse_fields(read_record(tmp_path, name, 0).block)["software"] == "test"
        assert read_record(tmp_path, name, offset).block == PLAIN
    assert not list(tmp_path.glob("*.open"))


def test_a_file_that_was_closed_within_this_second_is_not_written_over(tmp_path):
    """Sites that are crawled one after another open a file each; two short crawls end within one second."""
    written = []
    for _ in range(5):
        warc = WarcFile(tmp_path, {"software": "test"})
        written.append(warc.append(response(PLAIN)))
        warc.close()
    assert len({name for name, _ in written}) == 5
    for name, offset in written:
        assert read_record(tmp_path, name, offset).type == "response"


def test_dates_are_utc_and_sort_as_text():
    assert warc_date(datetime(2025, 3, 1, tzinfo=UTC)) == "2025-03-01T00:00:00.000000Z"
    assert warc_date(MOMENT) < warc_date(MOMENT + timedelta(microseconds=1))
