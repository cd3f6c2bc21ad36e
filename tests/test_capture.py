"""What crosses the wire is what the archive holds, byte for byte; other software reads and verifies it."""

import gzip
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from crawls import Crawls
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from local_server import News
from warcio.archiveiterator import ArchiveIterator

from archive.warc import NOT_MODIFIED, SAME_PAYLOAD, payload_digest
from crawler.capture import address_allowed
from crawler.profile import SiteProfile

NEWS = News(9)


@dataclass
class Exchange:
    """One request as the server read it, what it sent, and on which connection."""

    connection: int
    request: bytes
    response: bytes

    @property
    def path(self):
        return self.request.split(b" ", 2)[1].decode()


class WireServer:
    """Answers with bytes: `answers` maps a path to (bytes, keep the connection open), or to a list of them by turn."""

    def __init__(self):
        self.answers = {}
        self.log: list[Exchange] = []
        self.connections = 0
        self.host = "127.0.0.1"
        self._open = []
        self._listener = socket.create_server((self.host, 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://{self.host}:{self.port}"

    def serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection, self.connections), daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _answer(self, connection, number):
        with connection:
            while request := self._read(connection):
                path = request.split(b" ", 2)[1].decode()
                answer = self.answers.get(path, (plain(b"", status=b"404 Not Found"), True))
                response, stay = answer.pop(0) if isinstance(answer, list) else answer
                self.log.append(Exchange(number, request, response))
                connection.sendall(response)
                if not stay:
                    return

    def _read(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            try:
                more = connection.recv(65536)
            except OSError:
                return b""
            if not more:
                return b""
            data += more
        return data


def plain(body, *headers, status=b"200 OK"):
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@contextmanager
def serving():
    server = WireServer()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)


@pytest.fixture
def server():
    with serving() as found:
        found.answers["/list/"] = (plain(NEWS.listing(1)), True)
        for number in range(1, 10):
            found.answers[f"/news/{number}.html"] = (plain(NEWS.article(number)), True)
        yield found


@pytest.fixture
def crawls(tmp_path, server):
    return Crawls(tmp_path / "archive").profile(server)


def warc_records(crawls):
    """All records of the archive's WARC files: (type, headers, block), as warcio reads them, digests checked."""
    found = []
    for path in sorted(crawls.directory.warc.glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True, check_digests=False):
                headers = dict(record.rec_headers.headers)
                found.append((record.rec_type, headers, record.raw_stream.read()))
    return found


def check_digests(crawls, bare=None):
    """Both libraries find every digest right; FastWARC ends a head at CRLF alone, unlike that of the URL `bare`."""
    for path in crawls.directory.warc.glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                record.content_stream().read()
                assert record.digest_checker.passed is not False, record.digest_checker.problems
        with path.open("rb") as file:
            for record in FastIterator(file, parse_http=False):
                assert record.verify_block_digest(), record.headers
        with path.open("rb") as file:
            for record in FastIterator(file, parse_http=True, record_types=WarcRecordType.response):
                if record.headers["WARC-Target-URI"] != bare:
                    assert record.verify_payload_digest(), record.headers


def pair(crawls, url, types=("response", "revisit")):
    """The last response of a URL and its request: (headers, block) twice."""
    records = warc_records(crawls)
    headers, block = next(
        (h, block) for kind, h, block in reversed(records) if kind in types and h["WARC-Target-URI"] == url
    )
    request = next(
        (h, b) for kind, h, b in records if kind == "request" and h["WARC-Concurrent-To"] == headers["WARC-Record-ID"]
    )
    return (headers, block), request


def test_every_byte_is_kept_as_it_crossed_the_wire(server, crawls):
    packed = gzip.compress(NEWS.article(1))
    chunks = b"10;name=value\r\n" + packed[:16] + b"\r\n%X;x\r\n" % (len(packed) - 16) + packed[16:]
    odd = (
        b"HTTP/1.1 200 Fine Thanks\r\n"
        b"cOnTeNt-TyPe:text/html;  charset=utf-8\r\n"
        b"SET-cookie: a=1\r\n"
        b"Set-Cookie:  b=2 \r\n"
        b"X-Bytes: \xe5\xb7\xa5\xe4\xbc\x9a\r\n"
        b"x-folded: one\r\n two\r\n"
        b"Content-encoding: gzip\r\n"
        b"Transfer-Encoding: Chunked\r\n"
        b"\r\n" + chunks + b"\r\n0\r\nX-Trailer: last\r\n\r\n"
    )
    server.answers["/news/1.html"] = (odd, True)
    # A bare line feed ends the lines, and the end of the connection the body.
    bare = b"HTTP/1.0 200\nContent-Type: text/html; charset=utf-8\n\n" + NEWS.article(2)
    server.answers["/news/2.html"] = (bare, False)
    ended = crawls.crawl()
    assert (ended.returncode, len(crawls.articles)) == (0, 9), ended.stdout
    sent = {one.path: one for one in server.log}
    for path, wire in (("/news/1.html", odd), ("/news/2.html", bare), *((p, sent[p].response) for p in sent)):
        (headers, block), (request_headers, request) = pair(crawls, server.url + path)
        assert block == wire
        assert request == sent[path].request
        assert headers["WARC-IP-Address"] == "127.0.0.1"
        assert request_headers["WARC-Target-URI"] == server.url + path
        assert headers["WARC-Payload-Digest"] == payload_digest(
            wire.partition(b"\n\n" if wire is bare else b"\r\n\r\n")[2]
        )
        assert "WARC-Truncated" not in headers
    check_digests(crawls, bare=server.url + "/news/2.html")
    assert crawls.problems() == []


def test_requests_on_one_connection_are_kept_apart(server, crawls):
    crawls.profile(server, concurrency=1)
    assert crawls.crawl().returncode == 0
    assert server.connections == 1
    assert len(server.log) == 11
    for one in server.log:
        (_, block), (_, request) = pair(crawls, server.url + one.path)
        assert (block, request) == (one.response, one.request)
    assert request.count(b"GET ") == 1


def test_an_honest_request(server, crawls):
    assert crawls.crawl().returncode == 0
    head = server.log[-1].request.decode("ascii")
    assert "\r\nUser-Agent: union-archive/" in head
    assert "(+crawls@example.org)\r\n" in head
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in head
    assert "Mozilla" not in head
    assert "Cookie" not in head


def test_what_a_listing_said_is_kept_beside_the_page(server, crawls):
    assert crawls.crawl().returncode == 0
    url = server.url + "/news/3.html"
    (headers, _), _ = pair(crawls, url)
    (about,) = [
        (h, block)
        for kind, h, block in warc_records(crawls)
        if kind == "metadata" and h.get("WARC-Concurrent-To") == headers["WARC-Record-ID"]
    ]
    assert "section: 要闻\r\nlisting-title: 班组长的新本子（3）\r\n" in about[1].decode()
    infos = {h["WARC-Record-ID"]: block.decode() for kind, h, block in warc_records(crawls) if kind == "warcinfo"}
    assert "software: union-archive/" in infos[headers["WARC-Warcinfo-ID"]]
    assert "run 1 of lokal" in infos[headers["WARC-Warcinfo-ID"]]


def test_pages_that_did_not_change_are_revisits(server, crawls):
    tagged = plain(NEWS.article(1), b'ETag: "v1"', b"Last-Modified: Mon, 02 Mar 2026 08:00:00 GMT")
    not_modified = b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'
    server.answers["/news/1.html"] = [(tagged, True), (not_modified, True)]
    assert crawls.crawl().returncode == 0
    first = {path: pair(crawls, server.url + path)[0][0] for path in ("/news/1.html", "/news/2.html", "/list/")}
    (article,) = crawls.rows("SELECT revision, sha256 FROM articles WHERE url LIKE '%/news/1.html'")
    # What a later crawl looks at again.
    with_all_due(crawls)
    assert crawls.crawl().returncode == 0
    (unmodified, block), (_, request) = pair(crawls, server.url + "/news/1.html")
    assert b'If-None-Match: "v1"\r\n' in request
    assert b"If-Modified-Since: Mon, 02 Mar 2026 08:00:00 GMT\r\n" in request
    assert (unmodified["WARC-Type"], unmodified["WARC-Profile"]) == ("revisit", NOT_MODIFIED)
    assert block == not_modified
    (same, block), _ = pair(crawls, server.url + "/news/2.html")
    assert (same["WARC-Type"], same["WARC-Profile"]) == ("revisit", SAME_PAYLOAD)
    assert block == plain(NEWS.article(2)).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    for path, headers in (("/news/1.html", unmodified), ("/news/2.html", same)):
        assert headers["WARC-Refers-To"] == first[path]["WARC-Record-ID"]
        assert headers["WARC-Refers-To-Target-URI"] == server.url + path
        assert headers["WARC-Refers-To-Date"] == first[path]["WARC-Date"]
        assert headers["WARC-Payload-Digest"] == first[path]["WARC-Payload-Digest"]
    kinds = crawls.rows("SELECT DISTINCT kind FROM captures WHERE run = 2 AND key NOT LIKE '%robots.txt'")
    assert {row["kind"] for row in kinds} == {"same", "unmodified"}
    (after,) = crawls.rows("SELECT revision, sha256 FROM articles WHERE url LIKE '%/news/1.html'")
    assert after == article
    assert crawls.run["articles_unchanged"] == 9
    check_digests(crawls)
    assert crawls.problems() == []


def with_all_due(crawls):
    db = crawls.directory.open_database()
    db.execute("UPDATE frontier SET state = 'due'")
    db.conn.commit()
    db.close()


def test_a_body_that_is_cut_is_marked(server, crawls):
    cut = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4000\r\n\r\n<h1>"
    server.answers["/news/1.html"] = (cut, False)
    crawls.crawl()
    (headers, block), _ = pair(crawls, server.url + "/news/1.html")
    assert (headers["WARC-Type"], headers["WARC-Truncated"], block) == ("response", "disconnect", cut)
    check_digests(crawls)
    assert crawls.problems() == []


def test_a_connection_that_went_stale_is_tried_once_more(server, crawls):
    crawls.profile(server, concurrency=1)
    whole = plain(NEWS.article(1))
    # Read, and closed without an answer, as a server does whose keep-alive time ran out.
    server.answers["/news/1.html"] = [(b"", False), (whole, True)]
    ended = crawls.crawl(retry_seconds=30)
    assert (ended.returncode, ended.stdout.count("failed:")) == (0, 0)
    asked = [one for one in server.log if one.path == "/news/1.html"]
    assert [one.connection for one in asked] == [1, 2]
    assert crawls.run["requests"] == 11
    (_, block), (_, request) = pair(crawls, server.url + "/news/1.html")
    assert (block, request) == (whole, asked[1].request)
    rows = crawls.rows("SELECT * FROM captures WHERE url LIKE '%/news/1.html'")
    assert len(rows) == 1


def test_a_new_connection_that_closes_is_not_tried_at_once(server, crawls):
    server.answers["/robots.txt"] = [(b"", False), (plain(b""), True)]
    ended = crawls.crawl()
    assert ended.returncode == 1
    assert "the connection ended before an answer came" in ended.stdout
    assert [one.path for one in server.log] == ["/robots.txt"]


def test_interim_responses_are_not_the_response(server, crawls):
    final = plain(NEWS.article(1))
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    server.answers["/news/1.html"] = (b"HTTP/1.1 100 Continue\r\n\r\n" + early + final, True)
    assert crawls.crawl().returncode == 0
    (_, block), _ = pair(crawls, server.url + "/news/1.html")
    assert block == final
    assert "/news/1.html" in crawls.articles
    check_digests(crawls)
    assert crawls.problems() == []


def test_bytes_behind_a_response_go_nowhere_else(server, crawls):
    crawls.profile(server, concurrency=1)
    extra = plain(NEWS.article(1)) + b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsmuggled!"
    server.answers["/news/1.html"] = (extra, True)
    assert crawls.crawl().returncode == 0
    (_, block), _ = pair(crawls, server.url + "/news/2.html")
    assert block == plain(NEWS.article(2))
    assert crawls.rows("SELECT count(*) AS n FROM articles WHERE text LIKE '%smuggled%' OR html LIKE '%smuggled%'") == [
        {"n": 0}
    ]
    check_digests(crawls)
    assert crawls.problems() == []


@pytest.mark.parametrize(
    "wire",
    [
        b"<html>no head at all</html>",
        b"HTTP/1.1 abc What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: three\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
        b"\x00\x01\x02\x03" * 20,
    ],
    ids=["no head", "no status", "no colon", "no length", "lengths", "chunks", "upgrade", "long", "many", "binary"],
)
def test_what_is_hardly_http_costs_its_own_url(server, crawls, wire):
    server.answers["/news/1.html"] = (wire, False)
    ended = crawls.crawl(DOWNLOAD_TIMEOUT=2)
    assert ended.returncode == 0, ended.stdout
    (failed,) = crawls.rows("SELECT state, error FROM frontier WHERE url LIKE '%/news/1.html'")
    assert failed["state"] == "failed"
    assert "\n" not in failed["error"]
    assert len(crawls.articles) == 8
    assert crawls.problems() == []


HOME = SiteProfile("a", "a", "http://127.0.0.1:8000/", ("127.0.0.1:8000",))
PUBLIC = SiteProfile("b", "b", "http://gonghui.example/", ("gonghui.example",))


@pytest.mark.parametrize(
    ("profile", "host", "port", "allowed"),
    [
        (PUBLIC, "8.8.8.8", 80, True),
        (PUBLIC, "2606:4700:4700::1111", 443, True),
        (PUBLIC, "127.0.0.1", 80, False),
        (PUBLIC, "10.1.2.3", 80, False),
        (PUBLIC, "192.168.1.1", 80, False),
        (PUBLIC, "169.254.169.254", 80, False),
        (PUBLIC, "100.64.0.1", 80, False),
        (PUBLIC, "0.0.0.0", 80, False),
        (PUBLIC, "224.0.0.1", 80, False),
        (PUBLIC, "::1", 80, False),
        (PUBLIC, "fe80::1%eth0", 80, False),
        (PUBLIC, "fd00::1", 80, False),
        (PUBLIC, "ff02::1", 80, False),
        (PUBLIC, "::ffff:127.0.0.1", 80, False),
        (PUBLIC, "::ffff:8.8.8.8", 80, True),
        (PUBLIC, "64:ff9b::7f00:1", 80, False),
        (PUBLIC, "64:ff9b::808:808", 80, True),
        (PUBLIC, "2002:7f00:1::", 80, False),
        (PUBLIC, "::7f00:1", 80, False),
        (HOME, "127.0.0.1", 8000, True),
        (HOME, "127.0.0.1", 8001, False),
        (HOME, "127.0.0.2", 8000, False),
        (HOME, "::ffff:127.0.0.1", 8000, False),
        (HOME, "8.8.8.8", 80, True),
    ],
)
def test_addresses_that_a_site_may_lead_to(profile, host, port, allowed):
    assert address_allowed(profile, host, port) is allowed
