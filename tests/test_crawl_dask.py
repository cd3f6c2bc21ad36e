"""`crawl --dask`: real schedulers and workers on loopback, crawling into shards that are merged; some are killed."""

import os
import signal
import sys
from pathlib import Path

import processes
import pytest
from crawls import finish, wait_until
from local_server import LocalSite, News, Reply
from rebuilt import START, Lived, differences, tables
from test_dask import Cluster
from test_worker import is_running

pytest.importorskip("distributed")

NEWS = News(30, per_page=10)
CLOCK = "UNION_ARCHIVE_CLOCK"
#: Record ids are new in each crawl; which of two sites has the lower run, chance.
OWN = {"frontier": {"capture", "run"}, "looks": {"run"}, "revisions": {"capture"}, "incidents": {"capture"}}


class Archive(Lived):
    """An archive whose crawls go by the workers' clock, which stands still."""

    def start(self, *arguments, **environment):
        return super().start(*arguments, **{CLOCK: os.environ[CLOCK], **environment})


class Workers(Cluster):
    """A scheduler and two workers that start what they are told to."""

    def _start_worker(self):
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        place = ["--local-directory", str(self._directory)]
        return self._start("-m", "distributed.cli.dask_worker", self.address, *options, *place)

    def crawling(self):
        """The workers that crawl, each with the process that it has for it."""
        return [(worker, pids[0]) for worker in self.workers if (pids := self.readers(worker))]


@pytest.fixture(scope="module", autouse=True)
def clock(tmp_path_factory):
    path = tmp_path_factory.mktemp("clock") / "clock"
    path.write_text(START.isoformat())
    with pytest.MonkeyPatch.context() as context:
        context.setenv(CLOCK, str(path))
        yield


@pytest.fixture(scope="module")
def dask(tmp_path_factory, clock):
    cluster = Workers(tmp_path_factory.mktemp("dask"))
    yield cluster
    cluster.close()


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
    (worker, pid) = wait_until(lambda: (process.poll() is None and None) or dask.crawling())[0]
    return process, worker, pid


def wait_for_pages(site, number):
    wait_until(lambda: len(site.requests("/news/")) >= number)


def test_a_worker_that_is_killed_in_mid_crawl_loses_and_doubles_nothing(tmp_path, dask, site):
    slow(site, 0.15)
    here, there = (Archive(tmp_path / name).profile(site, concurrency=2) for name in ("here", "there"))
    here.command("crawl", "lokal")
    site.log.clear()
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
    dask.workers.remove(worker)
    dask.workers.append(dask._start_worker())


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


def test_a_scheduler_that_dies_is_told_in_one_line_and_what_was_crawled_is_merged_later(tmp_path, site):
    (tmp_path / "dask").mkdir()
    cluster = Workers(tmp_path / "dask")
    try:
        slow(site, 0.15)
        archive = Archive(tmp_path / "archive").profile(site, concurrency=2)
        process, _, pid = start(archive, cluster)
        wait_for_pages(site, 6)
        cluster.scheduler.send_signal(signal.SIGKILL)
        ended = finish(process)
        assert ended.returncode == 1
        assert "the Dask scheduler is gone" in ended.said
        wait_until(lambda: not is_running(pid), 30, "a crawl outlives its cluster")
    finally:
        cluster.close()
    shard = archive.path / "shards" / "lokal"
    assert archive.command("merge", str(shard), "--jobs", "1").returncode == 0
    assert archive.articles
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


def without_dask(*arguments):
    sys.modules["distributed"] = None
    processes.command(*arguments)
