"""robots.txt is asked first and obeyed to the letter; a site that does not answer it waits."""

import asyncio
import time
from itertools import pairwise

import pytest
from crawls import Crawls, failures
from local_server import LocalSite, News, Reply

from crawler import robots

PLAIN = (("Content-Type", "text/plain"),)
AGENT = "union-archive"
ALL = {f"/news/{number}.html" for number in (1, 2, 3)}


@pytest.fixture
def site():
    with LocalSite() as found:
        News(3).put(found)
        yield found


@pytest.fixture
def crawls(tmp_path, site):
    return Crawls(tmp_path / "archive").profile(site)


def rules(text, status=200):
    return Reply(text.encode() if isinstance(text, str) else text, status, "Status", PLAIN)


def states(crawls):
    return {path: state for path, (state, _) in crawls.frontier.items()}


def check_waits(site, crawls, ended, why):
    """Nothing but robots.txt was asked for, and everything is still due."""
    (line,) = ended.stdout.splitlines()
    assert line.startswith(f"lokal: failed ({site.url}: robots.txt")
    assert why in line
    assert ended.returncode == 1
    assert site.requests().keys() == {"/robots.txt"}
    assert states(crawls) == {"/list/": "due"}
    assert crawls.problems() == []


def test_what_is_forbidden_is_never_asked_for(site, crawls):
    site.pages["/robots.txt"] = rules("User-agent: *\nDisallow: /news/2\nDisallow: /private/\n")
    ended = crawls.crawl()
    assert ended.returncode == 0
    assert site.log[0].path == "/robots.txt"
    assert site.requests() == {"/robots.txt": 1, "/list/": 1, "/news/1.html": 1, "/news/3.html": 1}
    assert crawls.frontier["/news/2.html"] == ("disallowed", "robots.txt forbids it")
    assert crawls.run["disallowed"] == 1
    assert crawls.articles == ALL - {"/news/2.html"}
    assert crawls.problems() == []


def test_rules_for_us_come_before_rules_for_all(site, crawls):
    site.pages["/robots.txt"] = rules("User-agent: *\nDisallow:\n\nUser-agent: Union-Archive\nDisallow: /list/\n")
    assert crawls.crawl().returncode == 1
    assert site.requests().keys() == {"/robots.txt"}
    assert states(crawls) == {"/list/": "disallowed"}


def test_fifty_forbidden_urls_that_are_queued_already(tmp_path):
    with LocalSite() as site:
        News(50).put(site)
        crawls = Crawls(tmp_path / "archive").profile(site)
        assert crawls.crawl(options={"limit": 1}).returncode == 0
        assert list(states(crawls).values()).count("due") >= 42
        assert crawls.crawl().returncode == 0
        site.log.clear()
        site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/\n", headers=PLAIN, delay=0.3)
        crawls.crawl(options={"full": True})
        assert site.requests() == {"/robots.txt": 1, "/list/": 1}
        assert list(states(crawls).values()).count("disallowed") == 50
        assert len(crawls.articles) == 50
        assert crawls.problems() == []
        site.pages["/robots.txt"] = rules("User-agent: *\nDisallow: /list/2\n")
        assert crawls.crawl().returncode == 0
        assert set(states(crawls).values()) == {"done"}


def test_a_silent_robots_txt_keeps_the_site_waiting(site, crawls):
    async def hang(_, writer):
        await asyncio.sleep(60)

    site.raw["/robots.txt"] = hang
    started = time.monotonic()
    ended = crawls.crawl(DOWNLOAD_TIMEOUT=1)
    assert time.monotonic() - started < 15
    check_waits(site, crawls, ended, "took longer than 1.0 s")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failing_robots_txt_keeps_the_site_waiting(site, crawls, status):
    site.pages["/robots.txt"] = rules("User-agent: *\nDisallow: /\n", status)
    check_waits(site, crawls, crawls.crawl(), f"robots.txt answered {status}")


def test_a_delay_that_is_a_refusal_keeps_the_site_waiting(site, crawls):
    site.pages["/robots.txt"] = rules("User-agent: *\nCrawl-delay: 86400\n")
    check_waits(site, crawls, crawls.crawl(), "asks for 86400 s between requests")


def test_a_host_of_the_site_that_does_not_answer_costs_its_own_urls(site, tmp_path):
    with LocalSite() as other:
        hosts = [f"127.0.0.1:{site.port}", f"127.0.0.1:{other.port}"]
        gone = f"{other.url}/news/9.html"
    site.pages["/list/"] += f'<a href="{gone}">在别的主机上</a>'.encode()
    crawls = Crawls(tmp_path / "archive").profile(site, hosts=hosts)
    ended = crawls.crawl()
    assert ended.returncode == 0
    assert failures(ended).keys() == {"/news/9.html"}
    assert crawls.articles == ALL


@pytest.mark.parametrize(
    "reply",
    [
        rules("User-agent: *\nDisallow: /\n", 404),
        rules("User-agent: *\nDisallow: /\n", 403),
        Reply("<!doctype html><html><body><p>找不到页面</p><a href=/>首页</a></body></html>".encode()),
        rules(b""),
        rules(bytes(range(256)) * 40),
        rules(b"\x1f\x8b" + b"\xff" * 500),
        rules(b"\xef\xbb\xbfUser-agent: *\r\nDisallow:\r\n"),
        rules("User-agent: *\nCrawl-delay: soon\nRequest-rate: x/y\nRequest-rate: 0/0\nSitemap: :\n"),
        rules("User-agent: *\nCrawl-delay: nan\nCrawl-delay: -5\n"),
        rules("Disallow: /\n" * 10),
    ],
    ids=["404", "403", "HTML", "empty", "bytes", "no gzip", "mark", "no numbers", "nan", "no agent"],
)
def test_answers_that_forbid_nothing(reply):
    read = robots.answered(reply.status, reply.body, AGENT)
    assert read.available
    assert read.delay is None or 0 <= read.delay <= robots.MAX_DELAY
    assert read.allows("http://lokal.example.org/news/1.html")


def test_a_crawl_of_a_site_whose_robots_txt_is_a_page(site, crawls):
    site.pages["/robots.txt"] = "<!doctype html><html><body>首页</body></html>".encode()
    assert crawls.crawl().returncode == 0
    assert crawls.articles == ALL


def test_a_mark_at_the_start_hides_no_rule():
    read = robots.answered(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /news/\n", AGENT)
    assert not read.allows("http://lokal.example.org/news/1.html")


def test_a_long_robots_txt_is_read_as_far_as_it_must_be(site, crawls):
    start = "User-agent: *\nDisallow: /news/2\n"
    site.pages["/robots.txt"] = rules(start + "# nothing here\n" * 200_000 + "Disallow: /news/3\n")
    assert len(site.pages["/robots.txt"].body) > 3_000_000
    assert crawls.crawl().returncode == 0
    assert crawls.articles == {"/news/1.html", "/news/3.html"}
    assert crawls.problems() == []


def test_a_line_cut_at_the_limit_forbids_nothing_more_than_it_said():
    start = b"User-agent: *\n" + b"#" * (robots.MAX_BYTES - 30) + b"\n"
    read = robots.answered(200, start + b"Disallow: /news/2024/archive\n", AGENT)
    assert len(start) < robots.MAX_BYTES < len(start) + 28
    assert read.allows("http://lokal.example.org/news/1.html")


def test_robots_txt_that_has_moved(site, crawls):
    site.pages["/robots.txt"] = Reply(status=301, reason="Moved", headers=(("Location", "/rules/robots.txt"),))
    site.pages["/rules/robots.txt"] = rules("User-agent: *\nDisallow: /news/2\n")
    assert crawls.crawl().returncode == 0
    assert [one.path for one in site.log[:2]] == ["/robots.txt", "/rules/robots.txt"]
    assert states(crawls)["/news/2.html"] == "disallowed"
    assert "/news/2.html" not in site.requests()


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 0.5\n", 0.5),
        ("User-agent: *\nRequest-rate: 2/1s\n", 0.5),
        ("User-agent: *\nCrawl-delay: 0.1\nRequest-rate: 2/1s\n", 0.5),
        ("User-agent: *\nDisallow: /x\n", None),
    ],
)
def test_delays_that_are_asked_for(text, delay):
    assert robots.answered(200, text.encode(), AGENT).delay == delay


@pytest.mark.parametrize(
    ("asked", "own", "least"),
    [("Crawl-delay: 0.5", 0, 0.5), ("Request-rate: 2/1s", 0, 0.5), ("Crawl-delay: 0.1", 0.4, 0.4)],
)
def test_the_longer_of_two_delays_is_kept(site, tmp_path, asked, own, least):
    crawls = Crawls(tmp_path / "archive").profile(site, delay=own)
    site.pages["/robots.txt"] = rules(f"User-agent: *\n{asked}\n")
    assert crawls.crawl().returncode == 0
    times = [one.at for one in site.log]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 4
    # The clock of the server starts a little after that of the crawl.
    # Measured where requests arrive: a busy machine delivers one later and the next in time.
    assert min(gaps) >= 0.75 * least, gaps
