"""The reading pool on a Dask cluster: real schedulers and workers on loopback, some of which are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import forked
import processes
import pytest
from commands import add_profile, crawl, rows, run
from crawls import wait_until
from local_server import LocalSite, News, profile
from processes import ROOT
from stored_pages import PROFILES, Stored
from test_worker import is_running

from archive.clock import VARIABLE
from archive.errors import ArchiveError
from crawler.pool import distributed, local
from crawler.pooling import cluster

pytest.importorskip("distributed")

NEWS = News(9)
STAND_IN = Path(__file__).with_name("pool_stand_in.py")
#: A worker whose reading processes do what a page says.
WORKER = """
import subprocess, sys
from crawler.pooling import processes
start = subprocess.Popen
def stand_in(command, **options):
    reads = command[1:3] == ["-m", "crawler.pooling.process"]
    return start([command[0], {stand_in!r}, *command[3:]] if reads else command, **options)
processes.subprocess.Popen = stand_in
from distributed.cli.dask_worker import main
main()
"""


class Cluster:
    """A scheduler and its workers, each a process of its own session; only `real` ones import all that they need."""

    def __init__(self, directory, workers=2, real=False):
        self._directory = directory
        self._real = real
        self.processes = []
        file = directory / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        if real:
            self.scheduler = self._start("-m", "distributed.cli.dask_scheduler", *options)
        else:
            self.scheduler = self._kept(processes.start(schedule, options, **_clock()))
        self.address = json.loads(wait_until(lambda: (file.exists() and file.read_text()) or None))["address"]
        self.workers = [self._start_worker() for _ in range(workers)]

    def _start_worker(self):
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        options = [self.address, *options, "--local-directory", str(self._directory)]
        if self._real:
            worker = self._start("-c", WORKER.format(stand_in=str(STAND_IN)), *options)
            # Before that it asks processes what machine this is.
            wait_until(lambda: b"Registered to:" in (self._directory / "said").read_bytes())
            return worker
        return self._kept(processes.start(work, options, **_clock()))

    def _start(self, *arguments):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
        with (self._directory / "said").open("ab") as said:
            return self._kept(
                subprocess.Popen(
                    [sys.executable, *arguments],
                    env=environment,
                    cwd=ROOT,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
            )

    def _kept(self, process):
        self.processes.append(process)
        return process

    def readers(self, worker):
        """The ids of the processes of ours that a worker has."""
        children = Path(f"/proc/{worker.pid}/task").glob("*/children")
        return [int(pid) for file in children for pid in file.read_text().split() if is_running(int(pid))]

    def replace(self, worker):
        """Have a worker in the place of one that was killed."""
        self.workers[self.workers.index(worker)] = self._start_worker()

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate(timeout=10)


def _clock():
    """The archive's clock, which the server of tests' processes does not know."""
    return {VARIABLE: os.environ[VARIABLE]} if VARIABLE in os.environ else {}


def schedule(options):
    from distributed.cli.dask_scheduler import main

    main(args=options)


def work(options):
    from distributed.cli.dask_worker import main

    forked.fork_them(obedient=True)
    main(args=options)


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    one = Cluster(tmp_path_factory.mktemp("dask"))
    yield one
    one.close()


def own(path, **options):
    """A cluster of a test's own, which is closed with the block."""
    (path / "dask").mkdir()
    return closing(Cluster(path / "dask", **options))


@pytest.fixture
def stored(tmp_path):
    (tmp_path / "warc").mkdir()
    return Stored(tmp_path / "warc")


def pool(dask, stored):
    return distributed(dask.address, stored.path, PROFILES, wait=20.0)


def test_workers_read_what_this_machine_reads_and_a_bad_page_costs_itself(dask, stored, monkeypatch):
    monkeypatch.setattr(cluster, "CHUNK", 3)
    bodies = [*map(NEWS.article, range(1, 8)), b"die x", b"raise x", NEWS.article(8)]
    tasks = [stored.task(body, warc=f"{number // 4}.warc.gz") for number, body in enumerate(bodies)]
    with local(stored.path, PROFILES, jobs=1) as here:
        expected = list(here.read(tasks))
    with pool(dask, stored) as there:
        done = list(there.read(tasks))
        assert any(map(dask.readers, dask.workers))
    assert [one for number, one in enumerate(done) if number not in (7, 8)] == [
        one for number, one in enumerate(expected) if number not in (7, 8)
    ]
    assert done[7].reading.error.endswith("crashed the reader (SIGSEGV)")
    assert done[8].reading.error.endswith("LookupError while it was read: no such thing")
    assert [worker.poll() for worker in dask.workers] == [None, None]
    wait_until(lambda: not any(map(dask.readers, dask.workers)), 10, "processes outlive the pool that asked for them")


def test_a_worker_that_is_killed_costs_nothing(dask, stored, monkeypatch):
    monkeypatch.setattr(cluster, "CHUNK", 2)
    tasks = [stored.task(NEWS.article(number % 9 + 1)) for number in range(60)]
    with local(stored.path, PROFILES, jobs=1) as here:
        expected = list(here.read(tasks))
    with pool(dask, stored) as there:
        found = there.read(tasks)
        done = [next(found) for _ in range(5)]
        (reader,) = wait_until(lambda: dask.readers(dask.workers[0]))
        dask.workers[0].send_signal(signal.SIGKILL)
        done += found
        wait_until(lambda: not is_running(reader), 5, "a reading process outlives its worker")
    dask.replace(dask.workers[0])
    assert done == expected


def kill_when_all_read(dask):
    """Kill the scheduler once its workers have something to do; return when that was, by time.monotonic()."""
    wait_until(lambda: all(map(dask.readers, dask.workers)))
    dask.scheduler.send_signal(signal.SIGKILL)
    return time.monotonic()


def test_a_scheduler_that_dies_is_told_in_one_line(tmp_path, stored, monkeypatch, capfd):
    monkeypatch.setattr(cluster, "CHUNK", 1)
    tasks = [stored.task(b"sleep x")] * 8
    with own(tmp_path) as dask, pool(dask, stored) as there, ThreadPoolExecutor(1) as meanwhile:
        killed = meanwhile.submit(kill_when_all_read, dask)
        with pytest.raises(ArchiveError, match="the Dask scheduler is gone") as raised:
            list(there.read(tasks))
        began = killed.result()
    assert time.monotonic() - began < 15
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_what_a_worker_lacks_is_told_before_it_costs_a_page(dask, stored, tmp_path):
    task = stored.task(NEWS.article(1))
    unseen = r"/elsewhere: a Dask worker on \S+ does not see this directory"
    elsewhere = distributed(dask.address, tmp_path / "elsewhere", PROFILES, wait=20.0)
    with elsewhere as there, pytest.raises(ArchiveError, match=unseen):
        list(there.read([task]))
    with pool(dask, stored) as there:
        portion = there._work([task])
        portion.code["lokal"] = "0" * 16
        with pytest.raises(ArchiveError, match="runs another version of union-archive"):
            there._asked(there._submit(portion).result)


def test_no_scheduler_and_no_worker_are_told_with_the_fix(stored, tmp_path):
    with pytest.raises(ArchiveError, match=r"no Dask scheduler answers .*start one with `dask scheduler`"):
        distributed("tcp://127.0.0.1:9", stored.path, PROFILES, wait=0.2)


def test_reparse_reads_with_the_workers(tmp_path):
    """All of them real, with their imports."""
    archive = tmp_path / "archive"
    with LocalSite() as site:
        NEWS.put(site)
        add_profile(archive, "local", profile(site))
        crawl(archive, "local")
    before = rows(archive, "SELECT * FROM articles ORDER BY uid")
    with own(tmp_path, workers=1, real=True) as dask:
        done = run(archive, "reparse", "--dask", dask.address)
    assert done.stdout == "local: 9 articles, 9 revisions derived again; 0 read otherwise, 0 not read\n"
    assert rows(archive, "SELECT * FROM articles ORDER BY uid") == before
