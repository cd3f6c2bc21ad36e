"""Content of responses: chunks, gzip, deflate both ways, brotli; bombs and cut bodies are refused."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest

from archive.payload import PayloadError, dechunk, decode_content, parse_response

TEXT = "各县区总工会开展送清凉活动。".encode() * 40


def size(value):
    """Name a case by the length of its bytes: they differ from run to run, gzip notes the time."""
    return f"{len(value)}B" if isinstance(value, bytes) else None


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def response(body: bytes, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *headers, "", ""]).encode("latin-1") + body


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_headers_keep_their_order_and_case():
    http = parse_response(response(b"x", "X-Two: 2", "content-type: text/html", "X-Two: zwei"))
    assert (http.status, http.reason) == (200, "OK")
    assert http.headers == (("X-Two", "2"), ("content-type", "text/html"), ("X-Two", "zwei"))
    assert http.header("CONTENT-TYPE") == "text/html"
    assert http.header("x-two") == "2"
    assert http.header("ETag") is None
    assert (http.head + http.payload, http.payload) == (response(b"x", *map(": ".join, http.headers)), b"x")


@pytest.mark.parametrize(
    ("wire", "status", "reason", "payload"),
    [
        (b"HTTP/1.1 404 Not Found\nServer: x\n\nbody\r\n\r\n", 404, "Not Found", b"body\r\n\r\n"),
        (b"HTTP/1.1 200\r\n\r\n", 200, "", b""),
        (b"HTTP/1.1 304 Not Modified\r\nETag: a", 304, "Not Modified", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\nx", 201, "Created", b"x"),
    ],
    ids=size,
)
def test_servers_write_responses_in_several_ways(wire, status, reason, payload):
    http = parse_response(wire)
    assert (http.status, http.reason, http.payload) == (status, reason, payload)
    assert wire.endswith(http.head + http.payload)


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"\r\n\r\n",
        b"<html>no head</html>",
        b"HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 ²²²\r\n\r\n".encode("latin-1"),
    ],
    ids=size,
)
def test_what_is_no_response_is_refused(wire):
    with pytest.raises(PayloadError, match="no HTTP status line"):
        parse_response(wire)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (None, TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\0\0\0\0"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
        ("br,identity , gzip", gzip.compress(brotli.compress(TEXT), mtime=0)),
    ],
    ids=size,
)
def test_codings_are_undone(coding, body):
    assert decode_content(body, coding) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_an_empty_body_has_no_coding(coding):
    assert decode_content(b"", coding) == b""


@pytest.mark.parametrize(
    ("coding", "body", "says"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)[:-9], "cut short"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:40], "cut short"),
        ("deflate", zlib.compress(TEXT)[:-6], "cut short"),
        ("deflate", raw_deflate(TEXT)[:-2], "cut short"),
        ("br", brotli.compress(TEXT)[:-3], "cut short"),
        ("gzip", b"<html>not packed</html>", "broken data"),
        ("deflate", b"<html>not packed</html>", "broken data"),
        ("br", b"<html>not packed at all</html>", "broken data"),
        ("zstd", TEXT, "'zstd' is not known"),
    ],
    ids=size,
)
def test_cut_broken_and_unknown_codings_are_named(coding, body, says):
    with pytest.raises(PayloadError, match=f"Content-Encoding .*{says}"):
        decode_content(body, coding)


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(8 << 20), mtime=0)),
        ("gzip", gzip.compress(bytes(1 << 18), mtime=0) * 32),
        ("deflate", zlib.compress(bytes(8 << 20))),
        ("deflate", raw_deflate(bytes(8 << 20))),
        ("br", brotli.compress(bytes(8 << 20), quality=5)),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(8 << 20), mtime=0))),
    ],
    ids=size,
)
def test_a_bomb_is_refused_before_it_goes_off(coding, bomb):
    limit = 1 << 19
    tracemalloc.start()
    try:
        with pytest.raises(PayloadError, match=f"more than {limit} bytes"):
            decode_content(bomb, coding, limit)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * limit


def test_content_of_just_the_limit_passes_and_one_more_byte_does_not():
    for body, coding in [(TEXT, None), (gzip.compress(TEXT, mtime=0), "gzip"), (brotli.compress(TEXT), "br")]:
        assert decode_content(body, coding, len(TEXT)) == TEXT
        with pytest.raises(PayloadError, match=f"{len(TEXT) - 1} bytes"):
            decode_content(body, coding, len(TEXT) - 1)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (chunked(b"abc", b"de"), b"abcde"),
        (b"3;name=value\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", b"0123456789"),
        (b"3\nabc\n0\n\n", b"abc"),
        (b"5\r\nab\r\n!\r\n0\r\n\r\n", b"ab\r\n!"),
        (b"0\r\n\r\n", b""),
        (b"", b""),
    ],
    ids=size,
)
def test_chunks_are_joined(body, content):
    assert dechunk(body) == content


def test_chunks_that_stop_give_what_came():
    assert dechunk(b"3\r\nabc\r\n8\r\ndef") == b"abcdef"
    assert dechunk(b"3\r\nabc\r\n8") == b"abc"


@pytest.mark.parametrize("size", ["<html>", "", "-1", "+3", "0x3", "1_0", "٣"])
def test_a_chunk_size_that_is_no_hexadecimal_number_is_named(size):
    with pytest.raises(PayloadError, match=r"chunk size .* is no number"):
        dechunk(size.encode() + b"\r\nabc\r\n0\r\n\r\n")


def test_a_response_gives_its_content_through_chunks_and_codings():
    packed = gzip.compress(TEXT, mtime=0)
    body = chunked(packed[:10], packed[10:])
    http = parse_response(response(body, "Transfer-Encoding: Chunked", "content-encoding: gzip"))
    assert http.payload == body
    assert http.content() == TEXT
    with pytest.raises(PayloadError):
        http.content(limit=len(TEXT) - 1)
