"""Stopping a crawl, and starting another beside it: nothing is lost, nothing is left open, somebody is told."""

import asyncio
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from crawls import Crawls, finish, wait_until
from local_server import LocalSite, News, Reply

from archive.lock import lock
from archive.store import BATCH_PAGES

ARTICLES = 120


@pytest.fixture
def site():
    with LocalSite() as found:
        News(ARTICLES, per_page=40).put(found)
        yield found


@pytest.fixture
def crawls(tmp_path, site):
    found = Crawls(tmp_path / "archive").profile(site)
    yield found
    found.end()


@pytest.fixture
def gate(site):
    """Article 5 is answered when the gate is opened."""
    opened = threading.Event()

    async def wait(_, writer):
        while not opened.is_set():
            await asyncio.sleep(0.02)
        body = News(9).article(5)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    site.raw["/news/5.html"] = wait
    yield opened
    opened.set()


def slowly(site, seconds=0.02):
    """Have every article take a while, so that a signal arrives in mid-crawl."""
    for path, page in list(site.pages.items()):
        if "/news/" in path:
            site.pages[path] = Reply(page, delay=seconds)


def started(crawls, site, pages, *arguments):
    """A crawl that has asked for some articles."""
    process = crawls.start("crawl", "lokal", *arguments)
    wait_until(lambda: process.poll() is not None or len(site.log) > pages, 30)
    assert process.poll() is None, process.communicate()
    return process


def children(process):
    """The processes that a process started."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()]


def stop(process, *signals, seconds):
    """Send signals to every process, as a terminal or a service manager does; all of them end soon."""
    readers = children(process)
    assert len(readers) == 1
    at = time.monotonic()
    for number in signals:
        os.killpg(process.pid, number)
        for reader in readers:
            os.kill(reader, number)
        time.sleep(0.05)
    ended = finish(process, 30)
    assert time.monotonic() - at < seconds
    assert ended.clean, ended.stderr
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in readers), 5, f"{readers} are still running")
    return ended


def check_resumes(crawls, site, *, again):
    """The next start completes; at most `again` URLs are fetched a second time."""
    ended = crawls.command("crawl", "lokal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(crawls.articles) == ARTICLES
    twice = [path for path, times in site.requests("/news/").items() if times > 1]
    assert len(twice) <= again
    assert max(site.requests("/news/").values()) <= 2
    assert {state for state, _ in crawls.frontier.values()} == {"done"}
    assert crawls.problems() == []
    runs = crawls.rows("SELECT outcome FROM runs ORDER BY id")
    assert runs[-1]["outcome"] == "finished"
    assert len(site.requests("/list/")) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_one_signal_stops_a_crawl_cleanly(site, crawls, number):
    slowly(site)
    process = started(crawls, site, 30)
    ended = stop(process, number, seconds=5)
    assert ended.returncode == 1
    assert ended.stdout.startswith("lokal: interrupted (stopped); ")
    assert (crawls.run["outcome"], crawls.run["reason"]) == ("interrupted", "stopped")
    assert crawls.run["ended_at"]
    assert 0 < len(crawls.articles) < ARTICLES
    assert crawls.problems() == []
    check_resumes(crawls, site, again=0)


def test_a_signal_while_a_page_hangs(site, crawls, gate):
    slowly(site)
    process = started(crawls, site, 30)
    ended = stop(process, signal.SIGINT, seconds=6)
    assert ended.returncode == 1
    assert crawls.run["outcome"] == "interrupted"
    assert crawls.frontier["/news/5.html"][0] == "due"
    assert crawls.problems() == []


def test_a_signal_while_the_site_waits(site, crawls):
    site.pages["/news/1.html"] = Reply(status=503, reason="Busy", headers=(("Retry-After", "300"),))
    crawls.profile(site, concurrency=1)
    process = crawls.start("crawl", "lokal")
    wait_until(lambda: "/news/1.html" in site.requests(), 30)
    time.sleep(0.5)
    ended = stop(process, signal.SIGINT, seconds=5)
    assert ended.returncode == 1
    assert crawls.run["outcome"] == "interrupted"
    assert crawls.frontier["/news/1.html"][0] == "due"
    assert crawls.problems() == []


def test_a_signal_during_a_long_delay(site, crawls):
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 60\n")
    process = crawls.start("crawl", "lokal")
    wait_until(lambda: site.log, 30)
    time.sleep(1)
    at = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    ended = finish(process, 30)
    assert time.monotonic() - at < 6
    assert (ended.returncode, ended.clean) == (1, True)
    assert crawls.frontier["/list/"][0] == "due"
    assert crawls.problems() == []


def test_two_signals_stop_a_crawl_at_once(site, crawls, gate):
    slowly(site)
    process = started(crawls, site, 40)
    ended = stop(process, signal.SIGINT, signal.SIGINT, seconds=3)
    assert ended.returncode == 1
    assert "lokal: interrupted" in ended.stdout
    assert crawls.problems() == []
    gate.set()
    # What was in flight or not committed is fetched again: a batch, and one page a connection.
    check_resumes(crawls, site, again=BATCH_PAGES + 8)


def test_a_signal_before_anything_is_fetched(site, crawls):
    process = crawls.start("crawl", "lokal")
    wait_until(lambda: (crawls.path / "archive.db").exists() or process.poll() is not None, 30)
    os.killpg(process.pid, signal.SIGINT)
    ended = finish(process, 30)
    assert ended.returncode in (1, 130, -signal.SIGINT)
    ended = crawls.command("crawl", "lokal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(crawls.articles) == ARTICLES
    assert crawls.problems() == []


def test_a_site_that_is_being_crawled_is_left_to_who_crawls_it(site, crawls):
    held = lock(crawls.directory.locks / "lokal.lock", "lokal")
    try:
        ended = crawls.command("crawl", "lokal")
    finally:
        held.close()
    assert (ended.returncode, ended.clean) == (1, True)
    (line,) = (ended.stdout + ended.stderr).splitlines()
    assert f"in use by process {os.getpid()}; wait until it ends, or stop it" in line
    assert site.log == []
    assert crawls.command("crawl", "lokal", "--limit", "1").returncode == 0


def test_two_crawls_of_one_site(site, crawls, gate):
    first = started(crawls, site, 5)
    second = crawls.command("crawl", "lokal")
    assert second.returncode == 1
    (line,) = (second.stdout + second.stderr).splitlines()
    assert f"lokal: this site is being crawled: in use by process {first.pid}" in line
    gate.set()
    ended = finish(first)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert set(site.requests("/news/").values()) == {1}
    assert len(crawls.articles) == ARTICLES
    assert len(crawls.rows("SELECT * FROM runs")) == 1
    assert crawls.problems() == []


def test_two_crawls_of_two_sites_in_a_new_archive(crawls):
    with LocalSite() as other:
        News(30).put(other)
        crawls.profile(other, "andere")
        processes = [crawls.start("crawl", id_) for id_ in ("lokal", "andere")]
        for ended in map(finish, processes):
            assert (ended.returncode, ended.clean) == (0, True), ended.stdout + ended.stderr
    counts = {row["site"]: row["n"] for row in crawls.rows("SELECT site, count(*) AS n FROM articles GROUP BY site")}
    assert counts == {"lokal": ARTICLES, "andere": 30}
    assert [row["outcome"] for row in crawls.rows("SELECT outcome FROM runs")] == ["finished"] * 2
    assert len(list(crawls.directory.warc.glob("*.warc.gz"))) == 2
    assert crawls.problems() == []
