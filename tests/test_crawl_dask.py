"""`crawl --dask`: real schedulers and workers on loopback, crawling into shards that are merged; some are killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import processes
import pytest
from crawls import finish, wait_until
from local_server import LocalSite, News, Reply
from rebuilt import START, Lived, differences, tables
from test_dask import own
from test_worker import is_running

from crawler.afar import work

pytest.importorskip("distributed")

NEWS = News(30, per_page=10)
CLOCK = "UNION_ARCHIVE_CLOCK"
#: Record ids are new in each crawl; which of two sites has the lower run, chance.
OWN = {"frontier": {"capture", "run"}, "looks": {"run"}, "revisions": {"capture"}, "incidents": {"capture"}}


class Archive(Lived):
    """An archive whose crawls go by the workers' clock, which stands still."""

    def start(self, *arguments, **environment):
        return super().start(*arguments, **{CLOCK: os.environ[CLOCK], **environment})


def crawling(cluster):
    """The workers that crawl, each with the process that it has for it."""
    return [(worker, pids[0]) for worker in cluster.workers if (pids := cluster.readers(worker))]


@pytest.fixture(scope="module", autouse=True)
def clock(tmp_path_factory):
    path = tmp_path_factory.mktemp("clock") / "clock"
    path.write_text(START.isoformat())
    with pytest.MonkeyPatch.context() as context:
        context.setenv(CLOCK, str(path))
        yield


@pytest.fixture(scope="module")
def dask(tmp_path_factory, clock):
    with own(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def site():
    with LocalSite() as server:
        NEWS.put(server)
        yield server


def slow(site, seconds):
    """Make each page take a moment, so that a crawl lasts long enough to be killed."""
    for path, body in list(site.pages.items()):
        site.pages[path] = Reply(body, delay=seconds)


def crawl(archive, dask, *arguments, status=0):
    ended = archive.command("crawl", *arguments, "--dask", dask.address)
    assert ended.clean, ended.stderr
    assert ended.returncode == status, ended.stdout + ended.stderr
    return ended.stdout


def is_as(archive, other):
    """Whether two archives that were crawled at the same time hold the same."""
    ours, theirs = (numbered(tables(one.directory.database)) for one in (archive, other))
    assert differences(theirs, ours, OWN) == []
    assert archive.problems() == []
    assert list((archive.path / "shards").iterdir()) == []


def numbered(found):
    """The rows of an archive, its runs known by site and options, without captures, whose names are new."""
    runs = {(row["site"], row["options"]): row for row in found["runs"].values()}
    assert len(runs) == len(found["runs"])
    return {**found, "runs": runs, "captures": {}}


def test_two_sites_crawled_by_workers_are_as_if_crawled_here(tmp_path, dask, site):
    with LocalSite("127.0.0.3") as second:
        News(12, per_page=5).put(second)
        del site.pages[NEWS.path(3)]
        here, there = (Archive(tmp_path / name).profile(site).profile(second, "zwei") for name in ("here", "there"))
        said = here.command("crawl", "lokal", "zwei", "--limit", "20").stdout
        assert sorted(crawl(there, dask, "lokal", "zwei", "--limit", "20").splitlines()) == sorted(said.splitlines())
        said = here.command("crawl", "lokal", "zwei").stdout
        assert sorted(crawl(there, dask, "lokal", "zwei").splitlines()) == sorted(said.splitlines())
        is_as(there, here)


def start(archive, dask, *arguments):
    """Start a crawl by workers, and wait until pages come."""
    process = archive.start("crawl", "lokal", "--dask", dask.address, *arguments)
    wait_until(lambda: crawling(dask) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    worker, pid = crawling(dask)[0]
    return process, worker, pid


def wait_for_pages(site, number):
    wait_until(lambda: len(site.requests("/news/")) >= number)


def test_a_worker_that_is_killed_in_mid_crawl_loses_and_doubles_nothing(tmp_path, dask, site):
    here, there = (Archive(tmp_path / name).profile(site, concurrency=2) for name in ("here", "there"))
    here.command("crawl", "lokal")
    site.log.clear()
    slow(site, 0.15)
    process, worker, pid = start(there, dask)
    wait_for_pages(site, 12)
    worker.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_running(pid), 5, "a crawl outlives its worker")
    ended = finish(process)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "lokal: finished; " in ended.stdout
    assert there.articles == here.articles
    assert sum(count - 1 for path, count in site.requests("/news/").items()) <= 20
    assert [row["outcome"] for row in there.rows("SELECT outcome FROM runs ORDER BY id")] == ["interrupted", "finished"]
    theirs, ours = here.export(), there.export()
    own = {"captures", "revisions"}
    assert {uid: {name: row[name] for name in row.keys() - own} for uid, row in ours.items()} == {
        uid: {name: row[name] for name in row.keys() - own} for uid, row in theirs.items()
    }
    assert there.problems() == []
    assert list((there.path / "shards").iterdir()) == []
    dask.replace(worker)


def test_what_a_dead_client_left_is_merged_by_the_next_crawl(tmp_path, dask, site):
    slow(site, 0.15)
    archive = Archive(tmp_path / "archive").profile(site, concurrency=2)
    process, _, pid = start(archive, dask)
    wait_for_pages(site, 12)
    process.kill_group(signal.SIGKILL)
    process.communicate()
    wait_until(lambda: not is_running(pid), 30, "nobody waits for this crawl any more")
    assert archive.articles == set()
    assert [path.name for path in (archive.path / "shards").iterdir()] == ["lokal"]
    said = crawl(archive, dask, "lokal")
    assert said.startswith("lokal: finished; ")
    assert len(archive.articles) == NEWS.articles
    assert max(site.requests("/news/").values()) <= 2
    assert archive.problems() == []
    assert list((archive.path / "shards").iterdir()) == []


def test_merge_reads_with_the_workers(tmp_path, dask, site):
    shard, archive = (Archive(tmp_path / name).profile(site) for name in ("shard", "archive"))
    shard.command("crawl", "lokal")
    ended = archive.command("merge", str(shard.path), "--dask", dask.address)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("1 WARC files copied; 34 responses of 1 runs taken in, 0 were held already")
    assert archive.export() == shard.export()


def test_a_signal_ends_it_in_order_and_keeps_what_came(tmp_path, dask, site):
    slow(site, 0.15)
    archive = Archive(tmp_path / "archive").profile(site, concurrency=2)
    process, _, _ = start(archive, dask)
    wait_for_pages(site, 4)
    assert "lokal: this site is being crawled: in use by process" in archive.command("crawl", "lokal").stdout
    process.send_signal(signal.SIGINT)
    ended = finish(process)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.startswith("lokal: interrupted (stopped); ")
    assert 0 < len(archive.articles) < NEWS.articles
    assert archive.problems() == []
    assert list((archive.path / "shards").iterdir()) == []


def test_a_budget_holds_and_so_does_what_is_due(tmp_path, dask, site):
    said = []
    for name, options in (("here", []), ("there", ["--dask", dask.address])):
        archive = Archive(tmp_path / name).profile(site)
        archive.directory.config_file.write_text('contact = "crawls@example.org"\n[crawl]\nbudget = 9\n')
        crawls = [archive.command("crawl", "--due", "lokal", "--json", *options) for _ in range(2)]
        said.append([(one.returncode, one.stdout, one.stderr) for one in crawls])
    assert said[0] == said[1]
    assert said[0][0][0] == 0
    assert "the day's budget of 9 requests is spent" in said[0][0][1]
    assert len(site.requests("/robots.txt")) == 1


def test_a_scheduler_that_dies_is_told_in_one_line_and_what_was_crawled_is_merged_later(tmp_path, clock, site):
    """With real processes, and their imports."""
    slow(site, 0.15)
    archive = Archive(tmp_path / "archive").profile(site, concurrency=2)
    with own(tmp_path, workers=1, real=True) as cluster:
        process, _, pid = start(archive, cluster)
        wait_for_pages(site, 6)
        cluster.scheduler.send_signal(signal.SIGKILL)
        ended = finish(process)
        assert ended.returncode == 1
        assert "the Dask scheduler is gone" in ended.said
        wait_until(lambda: not is_running(pid), 30, "a crawl outlives its cluster")
    shard = archive.path / "shards" / "lokal"
    assert archive.command("merge", str(shard), "--jobs", "1").returncode == 0
    assert archive.articles == set(site.requests("/news/")), "what was on the wire is kept"
    assert len(archive.articles) < NEWS.articles
    assert archive.problems() == []


def test_what_cannot_be_is_told_in_one_line(tmp_path, site):
    archive = Archive(tmp_path / "archive").profile(site)
    ended = finish(
        processes.start(without_dask, "--archive", str(archive.path), "crawl", "lokal", "--dask", "tcp://x:1")
    )
    assert ended.returncode == 1
    assert ended.said.endswith("install union-news-archive[dask]")
    ended = archive.command("crawl", "lokal", "--replay", str(Path(__file__)), "--dask", "tcp://x:1")
    assert ended.returncode == 2
    assert ended.stderr.endswith("leave --dask out\n")


IGNORES = "import os, signal, sys, time; signal.signal(15, lambda *_: os.write(1, b'15\\n')); os.write(1, b'0\\n')"


def test_a_crawl_is_told_once_to_end_for_the_second_signal_would_cost_what_is_on_the_wire(monkeypatch):
    program = [sys.executable, "-c", IGNORES + "; sys.stdin.readline(); end = time.monotonic() + 0.4\n"
    "while time.monotonic() < end: time.sleep(0.01)"]  # fmt: skip
    monkeypatch.setattr(work, "_start", lambda _: subprocess.Popen(program, stdin=-1, stdout=-1))
    monkeypatch.setattr(work, "_is_wanted", lambda: False)
    monkeypatch.setattr(work, "_LOOK_SECONDS", 0.05)
    crawl = work._Crawl(None)
    assert crawl.process.stdout.read(2) == b"0\n"
    crawl.tell_to_end()  # by whoever asked for it, who then leaves
    assert work._wait(crawl, b"{}\n") == b"15\n"
    assert crawl.process.returncode == 0


def without_dask(*arguments):
    sys.modules["distributed"] = None
    processes.command(*arguments)
