"""Answers that no site should give: each costs its own URL, in one line, and never its neighbours."""

import asyncio
import gzip
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
import pytest
from crawls import Crawls, failures
from local_server import LocalSite, News, Reply

from archive.database import transaction
from archive.store import save_site
from crawler.frontier import Found, Frontier

HTML = ("Content-Type", "text/html; charset=utf-8")
MAXSIZE = 100_000
#: Articles 1 to 3 of every site here are as they should be.
GOOD = {f"/news/{number}.html" for number in (1, 2, 3)}


@pytest.fixture
def site():
    with LocalSite() as found:
        News(3).put(found)
        yield found


@pytest.fixture
def crawls(tmp_path, site):
    return Crawls(tmp_path / "archive").profile(site)


def link(site, names):
    """Put URLs behind the good articles of the listing; return their paths in order."""
    paths = [f"/news/{number}.html" for number in range(100, 100 + len(names))]
    rows = "".join(f'<li><a href="{path}">{name}</a></li>' for path, name in zip(paths, names, strict=True))
    site.pages["/list/"] += f"<ul>{rows}</ul>".encode()
    return paths


def raw(*pieces, wait=0.0):
    """Write pieces to the socket, then close it; `wait` seconds pass before each but the first."""

    async def write(_, writer):
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(wait)
            writer.write(piece)
            await writer.drain()

    return write


def endless(piece, pause=0.0, head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"):
    async def write(_, writer):
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return write


def packed(coding, body):
    return Reply(body, headers=(HTML, ("Content-Encoding", coding)))


def moved(to, status=302):
    return Reply(status=status, reason="Found", headers=(("Location", to),))


def check(crawls, ended, expected):
    """Each URL of `expected` (path -> part of its reason) failed and is named; the good articles are stored."""
    named = failures(ended)
    for path, reason in expected.items():
        state, error = crawls.frontier[path]
        assert (path, state) == (path, "failed")
        assert reason in error
        assert "\n" not in error
        assert error.endswith(named[path])
    assert set(named) == set(expected), ended.stdout
    assert crawls.articles == GOOD
    assert (ended.returncode, crawls.run["outcome"]) == (0, "finished"), ended.stdout
    assert crawls.problems() == []


def truncated(crawls, path):
    rows = crawls.rows("SELECT truncated FROM captures WHERE url LIKE ?", "%" + path)
    return {row["truncated"] for row in rows}


def test_too_long_and_cut_bodies(site, crawls):
    announced, endless_body, chunks, cut, slow, cut_chunk, nothing = link(
        site, ["announced", "endless", "chunks", "cut", "slow", "cut chunk", "nothing"]
    )
    site.raw[announced] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n" + b"x" * 1000)
    site.raw[endless_body] = endless(b"x" * 10_000)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    site.raw[chunks] = endless(b"2710\r\n" + b"x" * 10_000 + b"\r\n", head=chunked)
    site.raw[cut] = raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n<p>")
    site.raw[slow] = endless(b"<p>", pause=0.05)
    site.raw[cut_chunk] = raw(chunked + b"10\r\n<p>")
    site.raw[nothing] = raw(b"")
    ended = crawls.crawl(retry_seconds=0.2, DOWNLOAD_TIMEOUT=0.6, DOWNLOAD_MAXSIZE=MAXSIZE)
    too_long = "over 100,000 bytes"
    reasons = {
        announced: too_long,
        endless_body: too_long,
        chunks: too_long,
        cut: "the connection ended before the body did",
        slow: "took longer than 0.6 s",
        cut_chunk: "the connection ended before the body did",
        nothing: "the connection ended before an answer came",
    }
    check(crawls, ended, reasons)
    requests = site.requests("/news/1")
    assert [requests[path] for path in (announced, endless_body, chunks)] == [1, 1, 1]
    assert [requests[path] for path in (cut, slow, cut_chunk)] == [3, 3, 3]
    assert 3 <= requests[nothing] <= 6  # a kept-alive connection that closes is asked again on a new one
    assert truncated(crawls, announced) <= {"length"}
    assert truncated(crawls, endless_body) == truncated(crawls, chunks) == {"length"}
    assert truncated(crawls, cut) == truncated(crawls, cut_chunk) == {"disconnect"}
    assert truncated(crawls, slow) == {"time"}
    assert truncated(crawls, nothing) == set()


def test_bombs_and_broken_codings(site, crawls):
    page = site.pages["/news/1.html"]
    bomb = bytes(40 << 20)
    cases = {
        "gzip bomb": (packed("gzip", gzip.compress(bomb, 9)), "unpacks to more than 33554432 bytes"),
        "brotli bomb": (packed("br", brotli.compress(bomb, quality=5)), "unpacks to more than 33554432 bytes"),
        "cut gzip": (packed("gzip", gzip.compress(page)[:-20]), "cut short"),
        "no gzip": (packed("gzip", page), "broken data"),
        "unknown": (packed("zstd", page), "'zstd' is not known"),
        "cut deflate": (packed("deflate", zlib.compress(page)[:-20]), "cut short"),
    }
    paths = link(site, list(cases))
    expected = {}
    for path, (reply, reason) in zip(paths, cases.values(), strict=True):
        assert len(reply.body) < MAXSIZE
        site.pages[path] = reply
        expected[path] = reason
    check(crawls, crawls.crawl(DOWNLOAD_MAXSIZE=MAXSIZE), expected)


def test_redirects_that_lead_nowhere(site, crawls):
    names = ["itself", "there", "and back", "off", "file", "javascript", "nowhere", "chain", "no host"]
    paths = dict(zip(names, link(site, names), strict=True))
    for name, to in {
        "itself": paths["itself"],
        "there": paths["and back"],
        "and back": paths["there"],
        "off": "http://other.example/news/1.html",
        "file": "file:///etc/passwd",
        "javascript": "javascript:alert(1)",
        "nowhere": "",
        "chain": "/news/chain-1.html",
        "no host": "http://[::1/news/1.html",
    }.items():
        site.pages[paths[name]] = moved(to)
    for number in range(1, 12):
        site.pages[f"/news/chain-{number}.html"] = moved(f"/news/chain-{number + 1}.html")
    ended = crawls.crawl()
    last = next(path for path in (paths["there"], paths["and back"]) if crawls.frontier[path][0] == "failed")
    expected = {
        paths["itself"]: "redirects in a circle",
        last: "redirects in a circle",
        paths["off"]: "redirects off the profile's hosts, to http://other.example/news/1.html",
        paths["file"]: "without a web address to go to (Location: 'file:///etc/passwd')",
        paths["javascript"]: "without a web address",
        paths["nowhere"]: "without a web address",
        "/news/chain-5.html": "more than 5 redirects",
        paths["no host"]: "without a web address",
    }
    check(crawls, ended, expected)
    assert max(site.requests("/news/").values()) == 1


def test_a_location_of_raw_bytes_is_followed(site, crawls):
    (path,) = link(site, ["raw"])
    site.pages["/news/%E5%B7%A5%E4%BC%9A/4.html"] = News(4).article(4)
    site.raw[path] = raw("HTTP/1.1 302 Found\r\nLocation: /news/工会/4.html\r\n\r\n".encode())
    ended = crawls.profile(site, article="/news/.*\\d+\\.html$").crawl()
    assert ended.stdout.startswith("lokal: finished; 4 new"), ended.stdout
    assert crawls.problems() == []


def test_a_name_that_leads_to_this_machine(site, tmp_path):
    crawls = Crawls(tmp_path / "archive")
    crawls.profile(site, "home", home=f"http://site.example:{site.port}", hosts=[f"site.example:{site.port}"], delay=1)
    ended = crawls.crawl("home", resolve={"site.example": "127.0.0.1"})
    assert ended.returncode == 1
    assert f"127.0.0.1:{site.port} is not a public address" in ended.stdout
    assert len(ended.stdout.splitlines()) == 1
    assert (site.log, site.connections) == ([], 0)
    assert (crawls.run["outcome"], crawls.frontier["/list/"][0]) == ("failed", "due")


def test_redirects_and_links_to_this_machine(site, tmp_path):
    with LocalSite() as inner:
        hosts = [f"127.0.0.1:{site.port}", f"site.example:{inner.port}", f"127.0.0.1:{inner.port}"]
        crawls = Crawls(tmp_path / "archive").profile(site, hosts=hosts)
        by_name, by_address, _ = link(site, ["by name", "by address", "file"])
        site.pages["/list/"] += (
            f'<a href="file:///etc/passwd">密码</a><a href="http://127.0.0.1:{inner.port}/news/7.html">内部网站</a>'
            f'<a href="file:///news/8.html">文件里的消息</a>'.encode()
        )
        site.pages[by_name] = moved(f"http://site.example:{inner.port}/news/5.html")
        site.pages[by_address] = moved(f"http://127.0.0.1:{inner.port}/news/6.html")
        ended = crawls.crawl(resolve={"site.example": "127.0.0.1"})
        assert (inner.log, inner.connections) == ([], 0)
    refused = f"127.0.0.1:{inner.port} is not a public address"
    assert failures(ended).keys() == {"/news/5.html", "/news/6.html", "/news/7.html", "/news/102.html"}
    for path in ("/news/5.html", "/news/6.html", "/news/7.html"):
        assert refused in crawls.frontier[path][1]
    assert not [path for path in crawls.frontier if "passwd" in path or "/8." in path]
    assert crawls.articles == GOOD
    assert crawls.problems() == []


def test_statuses(site, crawls):
    cases = {
        "empty": (Reply(b""), "empty page"),
        "missing": (Reply(b"", 404, "Not Found"), "HTTP 404"),
        "gone": (Reply(b"", 410, "Gone"), "HTTP 410"),
        "server": (Reply(b"", 500, "Internal Server Error"), "HTTP 500, 3 times"),
        "teapot": (Reply(b"", 418, "I'm a teapot"), "HTTP 418"),
        "challenge": (Reply(b"", 412, "Precondition Failed"), "HTTP 412, a challenge to browsers"),
        "nothing changed": (Reply(b"", 304, "Not Modified"), "HTTP 304"),
    }
    paths = link(site, list(cases))
    for path, (reply, _) in zip(paths, cases.values(), strict=True):
        site.pages[path] = reply
    expected = {path: reason for path, (_, reason) in zip(paths, cases.values(), strict=True)}
    check(crawls, crawls.crawl(retry_seconds=0.2), expected)
    requests = site.requests("/news/1")
    assert [requests[path] for path in paths] == [1, 1, 1, 3, 1, 1, 1]
    later = crawls.rows(
        "SELECT status FROM frontier WHERE state = 'failed' AND next_check > strftime('%Y-%m-%d', 'now', '+20 days')"
    )
    assert {row["status"] for row in later} == {404, 410}


@pytest.mark.parametrize("status", [412, 521])
def test_three_challenges_in_a_row_end_the_run(site, crawls, status):
    paths = link(site, [f"{number}" for number in range(12)])
    challenge = Reply(b"<script>location.reload()</script>", status, "Challenge")
    for path in [*paths, *GOOD]:
        site.pages[path] = challenge
    crawls.profile(site, concurrency=1)
    ended = crawls.crawl()
    assert ended.returncode == 1
    assert f"blocked: HTTP {status}, a challenge to browsers, 3 times in a row" in ended.stdout
    assert sum(site.requests("/news/").values()) == 3
    states = [state for state, _ in crawls.frontier.values()]
    assert (states.count("failed"), states.count("due")) == (3, 12)
    assert crawls.articles == set()
    assert crawls.problems() == []


@pytest.mark.parametrize(("status", "as_date"), [(429, False), (503, True)], ids=["seconds", "date"])
def test_the_whole_site_waits_as_long_as_it_asks(site, crawls, status, as_date):
    asked = []

    def overloaded(request):
        if asked:
            return News(3).article(1)
        asked.append(request.at)
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        return Reply(status=status, reason="Slow Down", headers=(("Retry-After", date if as_date else "1"),))

    site.pages["/news/1.html"] = overloaded
    crawls.profile(site, concurrency=1)
    check(crawls, crawls.crawl(), {})
    after = [one for one in site.log if one.at > asked[0]]
    gap = after[0].at - asked[0]
    assert 0.9 <= gap < 3
    assert {one.path for one in after} == GOOD


def test_a_site_that_asks_for_an_hour_is_left_alone(site, crawls):
    busy = Reply(status=503, reason="Busy", headers=(("Retry-After", "3600"),))
    site.pages["/news/1.html"] = busy
    crawls.profile(site, concurrency=1)
    started = time.monotonic()
    ended = crawls.crawl()
    assert time.monotonic() - started < 20
    assert ended.returncode == 1
    assert "/news/1.html: HTTP 503 asks to wait 3600 s" in ended.stdout
    assert {path: state for path, (state, _) in crawls.frontier.items()} == {
        "/list/": "done", "/news/1.html": "due", "/news/2.html": "due", "/news/3.html": "due",
    }  # fmt: skip
    assert crawls.problems() == []
    News(3).put(site)
    check(crawls, crawls.crawl(), {})


def test_a_site_that_is_down(tmp_path):
    with LocalSite() as site:
        crawls = Crawls(tmp_path / "archive").profile(site)
    started = time.monotonic()
    ended = crawls.command("crawl", "lokal")
    assert time.monotonic() - started < 20
    assert (ended.returncode, ended.stderr.count("Traceback")) == (1, 0)
    (line,) = ended.stdout.splitlines()
    assert line.startswith(f"lokal: failed ({site.url}: robots.txt: ")
    assert "refused" in line
    assert crawls.run["outcome"] == "failed"
    assert crawls.frontier == {"/list/": ("due", None)}


def test_a_site_that_goes_down_in_mid_crawl(site, crawls):
    link(site, [f"{number}" for number in range(40)])
    for path in [*GOOD, *(f"/news/{number}.html" for number in range(100, 140))]:
        site.raw[path] = raw(b"")
    ended = crawls.crawl()
    assert ended.returncode == 1
    assert "the site does not answer" in ended.stdout
    assert sum(site.requests("/news/").values()) <= 24
    assert [state for state, _ in crawls.frontier.values()].count("due") > 30


def test_a_url_that_failed_for_the_last_time_is_not_handed_out_again(crawls):
    db = crawls.directory.open_database()
    try:
        with transaction(db) as connection:
            save_site(connection, {"id": "a", "name": "a", "home": "a", "family": "generic", "status": "active"})
            frontier = Frontier(connection, "a")
            frontier.add([Found("http://a.example.org/1", "http://a.example.org/1", "article")])
        for left in (True, True, False):
            row = frontier.take()
            assert frontier.give_back(row, failed=True) is left
        assert frontier.take() is None
        assert frontier.leased == 1
        frontier.release(row)
        assert frontier.leased == 0
    finally:
        db.close()


def test_an_error_of_ours_is_told(crawls):
    ended = crawls.crawl(modules={"crawler.run": {"Frontier": None}}, clean=False)
    assert ended.returncode == 1
    assert "TypeError" in ended.stdout + ended.stderr


def test_a_failure_that_cannot_be_written_stops_the_crawl(crawls, site):
    """The next one could not be written either: it is said once, and what is due stays due."""
    (gone,) = link(site, ["gone"])
    modules = {
        "crawler.writing": {"GONE": (timedelta.max, timedelta.max)},
        "scrapy.core.engine:ExecutionEngine": {"_SLOT_HEARTBEAT_INTERVAL": 0.2},  # what a stopped engine waits for
    }
    ended = crawls.crawl(modules=modules)
    assert ended.returncode == 1
    assert "its failure cannot be written" in ended.stdout
    assert crawls.frontier[gone][0] == "due"
    assert crawls.problems() == []
