"""The reading process: a page that hangs it, kills it or fills its memory costs that page alone."""

import asyncio
import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import processes
import pytest
import stand_in
from crawls import Crawls, failures, finish, wait_until
from local_server import LocalSite, News
from processes import ROOT

from crawler import worker as module
from crawler.profile import SiteProfile
from crawler.reading import MAX_HTML, Page
from crawler.worker import Worker

SEEN = datetime(2026, 3, 1, tzinfo=UTC)
NEWS = News(9)

#: Started instead of the worker: it does what a page says.
STAND_IN = Path(__file__).with_name("stand_in.py")


def page(body, number=1, kind="article"):
    return Page(kind, body, f"http://lokal.example.org/news/{number}.html", SEEN, "text/html; charset=utf-8")


@pytest.fixture
def started(monkeypatch):
    """Have workers start the stand-in; the ids of the processes that were."""
    pids = []
    start = asyncio.create_subprocess_exec

    async def start_stand_in(program, dash_m, name, *arguments, **options):
        assert (dash_m, name) == ("-m", "crawler.worker")
        process = await start(program, STAND_IN, *arguments, **options)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(module.asyncio, "create_subprocess_exec", start_stand_in)
    yield pids
    assert not [pid for pid in pids if is_running(pid)]


@pytest.fixture
def read(tmp_path):
    """Read pages with stand-ins; returns the readings, how often one was started anew, and the ids of all of them.

    That happens in a process of its own, which forks the stand-ins: each starts in no time.
    """

    def read(*bodies, deadline=30.0):
        ended = finish(processes.start(_read_with_forked, bodies, deadline, tmp_path / "readings"))
        assert ended.returncode == 0, ended.stderr
        readings, restarts, pids = pickle.loads((tmp_path / "readings").read_bytes())
        assert not [pid for pid in pids if is_running(pid)]
        return readings, restarts, pids

    return read


def _read_with_forked(bodies, deadline, out):
    fork, pids = asyncio.create_subprocess_exec, []

    async def fork_and_note(*arguments, **options):
        process = await fork(*arguments, **options)
        pids.append(process.pid)
        return process

    module.read = stand_in.obey
    module.asyncio.create_subprocess_exec = fork_and_note
    out.write_bytes(pickle.dumps((*asyncio.run(read_all(bodies, deadline)), pids)))


async def read_all(bodies, deadline):
    reader = Worker(deadline=deadline)
    try:
        jobs = [reader.read([page(body, number)], None) for number, body in enumerate(bodies)]
        return await asyncio.gather(*jobs), reader.restarts
    finally:
        await reader.close()


def is_running(pid):
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (b"hang", "took longer than 2 s to read"),
        (b"sleep", "took longer than 2 s to read"),
        (b"die", "crashed the reader (SIGSEGV)"),
        (b"exit", "crashed the reader (exit 7)"),
        (b"grow", "needs more than 1024 MB of memory to read"),
    ],
    ids=["hangs", "sleeps", "dies", "exits", "grows"],
)
def test_a_page_that_ends_the_process_costs_itself(read, order, says):
    deadline = 2.0 if "took longer" in says else 30.0  # a slow machine needs its time to fill the memory
    bodies = NEWS.article(1), order + b" x", NEWS.article(2), NEWS.article(3)
    readings, restarts, pids = read(*bodies, deadline=deadline)
    first, bad, *others = readings
    assert bad.error == f"http://lokal.example.org/news/1.html: {says}"
    assert [reading.article.title for reading in (first, *others)] == [
        "夜校又开课了（1）",
        "食堂的意见簿（2）",
        "班组长的新本子（3）",
    ]
    assert (restarts, len(pids)) == (1, 2)


def test_a_page_that_raises_costs_itself_and_no_process(read):
    bodies = [b"raise x", b"recurse x", b"print " + NEWS.article(1), NEWS.article(2)]
    (raised, recursed, printed, last), restarts, pids = read(*bodies)
    assert raised.error == "http://lokal.example.org/news/0.html: LookupError while it was read: no such thing"
    assert "RecursionError" in recursed.error
    assert printed.article.title == "夜校又开课了（1）"
    assert last.article.title == "食堂的意见簿（2）"
    assert (restarts, len(pids)) == (0, 1)


def test_several_bad_pages_in_a_row(read):
    readings, restarts, _ = read(b"die x", b"exit x", b"die x", NEWS.article(1))
    assert [reading.article is not None for reading in readings] == [False, False, False, True]
    assert restarts == 3


def test_a_process_that_ended_while_it_waited_costs_no_page(started):
    async def read():
        reader = Worker(deadline=30)
        try:
            first = await reader.read([page(NEWS.article(1))], None)
            os.kill(started[0], signal.SIGKILL)
            await asyncio.wait_for(reader._process.wait(), 10)
            return first, await reader.read([page(NEWS.article(2))], None)
        finally:
            await reader.close()

    first, second = asyncio.run(read())
    assert first.article is not None
    assert second.article is not None
    assert len(started) == 2


def test_a_closed_worker_leaves_what_it_did_not_read(started):
    async def close():
        reader = Worker(deadline=30)
        jobs = [asyncio.ensure_future(reader.read([page(b"sleep x", number)], None)) for number in range(3)]
        while not started:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await asyncio.wait_for(reader.close(), 5)
        return await asyncio.gather(*jobs, return_exceptions=True)

    assert [type(result) for result in asyncio.run(close())] == [asyncio.CancelledError] * 3


def test_a_page_over_the_limit_is_refused_before_a_process_is_started(started):
    (reading,), _ = asyncio.run(read_all([b"x" * (MAX_HTML + 1)], 30.0))
    assert (
        reading.error
        == f"http://lokal.example.org/news/0.html: {MAX_HTML + 1} bytes, over {MAX_HTML}; not a page of news"
    )
    assert started == []


@pytest.mark.parametrize("busy", [False, True], ids=["waiting", "in mid-parse"])
def test_the_process_ends_with_its_crawl(busy):
    """SIGKILL leaves the crawl no time to end anything: the kernel has to."""
    crawl = textwrap.dedent(f"""
        import asyncio, sys
        from datetime import UTC, datetime
        from crawler import worker
        from crawler.reading import Page
        start = asyncio.create_subprocess_exec
        worker.asyncio.create_subprocess_exec = lambda program, m, name, *rest, **options: start(
            program, {str(STAND_IN)!r}, *rest, **options)
        async def main():
            reader = worker.Worker(deadline=60)
            page = Page("article", sys.argv[1].encode(), "http://a.example.org/", datetime.now(UTC))
            job = asyncio.ensure_future(reader.read([page], None))
            while reader._sent == 0 and not job.done():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            print(reader._process.pid, flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
    """)
    order = "hang x" if busy else "raise x"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", crawl, order], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        reader = int(process.stdout.readline())
        assert is_running(reader)
        process.kill()
        process.wait(10)
        wait_until(lambda: not is_running(reader), 5, f"process {reader} outlives its crawl")
    finally:
        process.kill()
        process.communicate()
        with suppress(NameError, ProcessLookupError):
            os.kill(reader, signal.SIGKILL)


def test_pages_that_break_parsers(tmp_path):
    """Real parsers, real limits: what cannot be read fails, what can is stored, and the others are as ever."""
    with LocalSite() as site:
        News(3).put(site)
        story = site.pages["/news/1.html"].decode().replace("（1）", "（9）")
        body, _, foot = story.partition("</div><p class=foot>")
        cases = {
            100: body.encode() + b"<div>" * 100_000 + b"x",
            101: body.encode() + b"<b>x</b>" * 150_000,
            102: story.replace("</p>", "\0</p>").encode(),
            103: b"<html><title>" + b"x" * (10 << 20) + b"</title>",
            104: b"\0" * 5000,
            105: b"<!doctype html><h1>" + b"<" * 300_000,
            106: b"\xff\xfe" + b"\xd8\x00" * 5000,
            107: (body + "<p>" + "长" * 400_000 + "</div>" + foot).encode(),
        }
        links = "".join(f'<li><a href="/news/{number}.html">坏页面{number}</a></li>' for number in cases)
        site.pages["/list/"] += links.encode()
        site.pages.update({f"/news/{number}.html": content for number, content in cases.items()})
        crawls = Crawls(tmp_path / "archive").profile(site)
        ended = crawls.crawl()
    assert ended.returncode == 0, ended.stdout
    assert {f"/news/{number}.html" for number in (1, 2, 3)} <= crawls.articles
    assert "over 2097152" in failures(ended)["/news/103.html"]
    states = {path: state for path, (state, _) in crawls.frontier.items()}
    assert set(states.values()) <= {"done", "failed"}
    assert "/news/102.html" in crawls.articles
    texts = crawls.rows("SELECT text, html, title FROM articles")
    assert not [row for row in texts if "\0" in row["text"] + row["html"] + row["title"]]
    assert crawls.problems() == []


def test_a_profile_that_changed_is_sent_again():
    """A look at a site reads its pages again with what it learned, under the same id."""
    before = SiteProfile("lokal", "a", "http://lokal.example.org/", ("lokal.example.org",))
    after = replace(before, article_url=re.compile(r"/news/\d+\.html$"))
    listing = Page("listing", NEWS.listing(1), "http://lokal.example.org/list/", SEEN)

    async def read():
        reader = Worker(deadline=30)
        try:
            return [(await reader.read([listing], profile)).listing.entries for profile in (before, after, before)]
        finally:
            await reader.close()

    found = asyncio.run(read())
    assert [len(entries) for entries in found] == [0, NEWS.articles, 0]
