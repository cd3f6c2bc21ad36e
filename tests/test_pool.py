"""The reading pool: stored captures are read in order by several processes, and a bad one costs itself alone."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import forked
import pytest
from crawls import wait_until
from local_server import News
from processes import ROOT
from stored_pages import PROFILES, SEEN, Stored
from test_worker import is_running

from archive.errors import ArchiveError
from archive.warc import read_record
from crawler.families.numbering import Place
from crawler.pool import Done, Task, local
from crawler.pooling import processes as module
from crawler.reading import MAX_HTML, Page, read

NEWS = News(9)
STAND_IN = Path(__file__).with_name("pool_stand_in.py")


@pytest.fixture
def stored(tmp_path):
    return Stored(tmp_path)


@pytest.fixture
def started(monkeypatch):
    """Have pools start the stand-in; the ids of the processes that were."""
    pids = []

    def start_stand_in(command, **options):
        assert command[1:3] == ["-m", "crawler.pooling.process"]
        process = forked.Obedient(command, **options)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(module.subprocess, "Popen", start_stand_in)
    yield pids
    assert not [pid for pid in pids if is_running(pid)]


def errors(done):
    return [one.reading.error for one in done]


def titles(done):
    return [one.reading.article and one.reading.article.title for one in done]


def test_what_is_read_is_what_the_reader_makes_of_the_page_and_comes_in_order(stored, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    tasks = [stored.task(NEWS.article(number), warc=f"{number % 3}.warc.gz") for number in range(1, 10)]
    tasks.insert(4, stored.task(NEWS.listing(1), kind="listing"))
    expected = []
    for task in tasks:
        (spot,) = task.pages
        http = read_record(stored.path, spot.warc, spot.offset).http
        page = Page(spot.kind, http.content(), spot.url, SEEN, "text/html; charset=utf-8")
        expected.append(Done(replace(http, payload=b""), read([page], PROFILES["lokal"])))
    with local(stored.path, PROFILES, jobs=2) as pool:
        assert list(pool.read(iter(tasks))) == expected
        assert list(pool.read(tasks[:1])) == expected[:1]
    assert len(expected[4].reading.listing.entries) == NEWS.articles


def test_pages_of_an_article_are_joined_as_one_task(stored):
    pages = (
        stored.put(NEWS.article(1)),
        stored.put(NEWS.article(2), kind="part", place=Place("http://lokal.example.org/news/1.html", 2)),
    )
    with local(stored.path, PROFILES, jobs=1) as pool:
        (done,) = pool.read([Task("lokal", pages)])
    article = done.reading.article
    assert article.title == "夜校又开课了（1）"
    assert "第1号消息" in article.text
    assert "第2号消息" in article.text


@pytest.mark.parametrize(
    ("orders", "deadline", "says"),
    [
        ([b"hang x"], 1.0, ["took longer than 1 s to read"]),
        ([b"die x", b"grow x"], 60.0, ["crashed the reader (SIGSEGV)", "needs more than 1024 MB of memory to read"]),
    ],
    ids=["hangs", "dies, grows"],
)
def test_pages_that_end_their_process_cost_themselves(stored, started, orders, deadline, says):
    bodies = [body for number, order in enumerate(orders) for body in (NEWS.article(number), order)]
    with local(stored.path, PROFILES, jobs=2, deadline=deadline) as pool:
        done = list(pool.read([*map(stored.task, bodies), stored.task(NEWS.article(9))]))
        assert pool.restarts == 2 * len(orders), "each is tried again in a fresh process"
    assert [title is None for title in titles(done)] == [False, True] * len(orders) + [False]
    assert [one.split(": ")[1] for one in errors(done) if one] == says
    assert {one.head.status for one in done} == {200}, "the record of a page that is too costly can be read"


def test_a_page_whose_process_somebody_else_ended_is_read_after_all(stored, started, tmp_path):
    tasks = [stored.task(NEWS.article(1)), stored.task(f"once {tmp_path}/noted\n".encode() + NEWS.article(2))]
    with local(stored.path, PROFILES, jobs=1) as pool:
        done = list(pool.read(tasks))
        assert errors(done) == [None, None]
        assert (pool.restarts, len(started)) == (1, 2)


def test_a_process_that_ended_while_it_waited_costs_nothing(stored, started):
    task = stored.task(NEWS.article(1))
    with local(stored.path, PROFILES, jobs=1) as pool:
        before = list(pool.read([task]))
        os.kill(started[0], signal.SIGKILL)
        wait_until(lambda: not is_running(started[0]))
        assert list(pool.read([task])) == before
    assert len(started) == 2


def test_records_that_cannot_be_read_cost_themselves_and_say_where_they_lie(stored):
    broken = stored.task(b"\x1f\x8b\x08 cut", head=b"Content-Encoding: gzip\r\n")
    spot = stored.put(NEWS.article(1))
    tasks = [
        broken,
        Task("lokal", (replace(spot, offset=spot.offset + 7),)),
        Task("lokal", (replace(spot, warc="gone.warc.gz"),)),
        stored.task(b"x" * (MAX_HTML + 1)),
        Task("lokal", (spot,)),
    ]
    with local(stored.path, PROFILES, jobs=1) as pool:
        done = list(pool.read(tasks))
        assert pool.restarts == 0
    said = errors(done)
    assert said[0].startswith(f"{broken.pages[0].url}: Content-Encoding gzip: ")
    assert said[0].endswith("the record at 0 of a.warc.gz")
    assert said[1].startswith(f"{spot.url}: {stored.path}/a.warc.gz: ")
    assert (
        said[2]
        == f"{spot.url}: {stored.path}/gone.warc.gz: the file is missing; put it back from a copy of the archive"
    )
    assert said[3].endswith(f"{MAX_HTML + 1} bytes, over {MAX_HTML}; not a page of news")
    assert [one.head is not None for one in done] == [True, False, False, True, True]
    assert said[4] is None
    assert not [line for line in said if line and "\n" in line]


def test_only_a_few_tasks_are_taken_ahead_of_what_was_asked_for(stored, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    task, taken = stored.task(NEWS.article(1)), []

    def tasks():
        for number in range(1000):
            taken.append(number)
            yield task

    with local(stored.path, PROFILES, jobs=2) as pool:
        found = pool.read(tasks())
        for _ in range(3):
            next(found)
        assert len(taken) <= 3 + 2 * 2 * 4 + 2
        found.close()
        assert titles(pool.read([task])) == ["夜校又开课了（1）"], "what was under way is nobody's"


def test_a_pool_whose_processes_cannot_start_says_so(stored, monkeypatch):
    start = subprocess.Popen
    failing = [sys.executable, "-c", "import sys; sys.exit(9)"]
    monkeypatch.setattr(module.subprocess, "Popen", lambda command, **options: start(failing, **options))
    task = stored.task(NEWS.article(1))
    with (
        local(stored.path, PROFILES, jobs=2) as pool,
        pytest.raises(ArchiveError, match=r"before it was ready \(status 9\)"),
    ):
        list(pool.read([task]))


def test_processes_end_with_whoever_asked(stored):
    """SIGKILL leaves no time to end anything: the kernel has to."""
    stored.put(b"hang x")
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from stored_pages import SEEN
        from crawler.pool import Spot, Task, local
        from crawler.pooling import processes
        start = processes.subprocess.Popen
        def note(command, **options):
            process = start([command[0], {str(STAND_IN)!r}, *command[3:]], **options)
            print(process.pid, flush=True)
            return process
        processes.subprocess.Popen = note
        spot = Spot("a.warc.gz", 0, "article", "http://a.example.org/", SEEN)
        list(local(Path({str(stored.path)!r}), {{}}, jobs=1, deadline=60).read([Task("lokal", (spot,))]))
    """)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    asker = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        reader = int(asker.stdout.readline())
        busy = Path(f"/proc/{reader}/stat")
        wait_until(lambda: int(busy.read_text().rpartition(")")[2].split()[11]) > 100)  # a second of its own: it hangs
        asker.kill()
        asker.wait(10)
        wait_until(lambda: not is_running(reader), 5, f"process {reader} outlives whoever asked")
    finally:
        asker.kill()
        asker.communicate()


def test_importing_the_pool_imports_no_dask():
    program = "import sys, crawler.pool; print([m for m in ('distributed', 'dask') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
