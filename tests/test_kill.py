"""SIGKILL in mid-crawl: nothing is lost, nothing is stored twice, and little is fetched again."""

import io
import random
import time
from pathlib import Path

import pytest
from commands import add_profile, crawl, kill, rows, run, start
from fastwarc.warc import ArchiveIterator as FastIterator
from local_server import LocalSite, News, Reply, profile
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.store import BATCH_PAGES
from archive.warc import last_whole_member, read_record

ARTICLES = 120
KILLS = 4


def slow(site, seconds):
    """Make each page take a moment, so that a crawl lasts long enough to be killed."""
    for path, body in list(site.pages.items()):
        site.pages[path] = Reply(body, delay=seconds)


def crawl_with_kills(archive, names, servers, seed):
    """Start the crawl and kill its whole process group a few times; then let it end. Returns the restart times."""
    chance = random.Random(seed)
    waits = []
    for _ in range(KILLS):
        seen = [len(server.log) for server in servers]
        begun = time.monotonic()
        process = start(archive, "crawl", *names)
        while all(len(server.log) == before for server, before in zip(servers, seen, strict=True)):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        waits.append(time.monotonic() - begun)
        time.sleep(chance.uniform(0.05, 0.4))
        assert process.poll() is None, "the crawl ended before it could be killed"
        kill(process)
        process.communicate()
    crawl(archive, *names, timeout=120)
    return waits


def check_archive(archive, articles):
    assert rows(archive, "SELECT count(*) AS n, count(DISTINCT key) AS keys FROM articles") == [
        {"n": articles, "keys": articles}
    ]
    assert not list(Path(archive, "warc").glob("*.open"))
    check_records(archive)
    run(archive, "verify")
    outcomes = [row["outcome"] for row in rows(archive, "SELECT outcome FROM runs ORDER BY id")]
    assert set(outcomes[:-1]) >= {"interrupted"}
    assert "running" not in outcomes


def check_records(archive):
    """Every capture opens at its offset, in FastWARC and in warcio, to the record with its id and digest."""
    directory = Path(archive, "warc")
    for capture in rows(archive, "SELECT warc, offset, record_id, digest FROM captures"):
        with (directory / capture["warc"]).open("rb") as file:
            file.seek(capture["offset"])
            fast = next(iter(FastIterator(file, parse_http=False)))
            assert (fast.record_id, fast.headers["WARC-Payload-Digest"]) == (capture["record_id"], capture["digest"])
            assert fast.verify_block_digest()
            file.seek(capture["offset"])
            record = next(WarcioIterator(file, check_digests="raise"))
            record.content_stream().read()
            assert record.rec_headers.get_header("WARC-Record-ID") == capture["record_id"]
            assert record.rec_headers.get_header("WARC-Payload-Digest") == capture["digest"]
        assert read_record(directory, capture["warc"], capture["offset"]).headers["WARC-Record-ID"]


def fetched_again(server):
    """How many fetches of article and listing pages were repetitions."""
    return sum(count - 1 for path, count in server.requests().items() if path != "/robots.txt")


def test_killed_crawl_loses_nothing(tmp_path):
    with LocalSite() as site:
        News(ARTICLES, per_page=40).put(site)
        slow(site, 0.12)
        add_profile(tmp_path, "local", profile(site))
        run(tmp_path, "--version")  # the first process of a test run waits for the server of the others
        waits = crawl_with_kills(tmp_path, ["local"], [site], seed=1)
        assert max(waits) < 5
        assert fetched_again(site) <= KILLS * BATCH_PAGES
        check_archive(tmp_path, ARTICLES)


def test_killed_crawl_of_several_sites_loses_nothing(tmp_path):
    with LocalSite("127.0.0.2") as one, LocalSite("127.0.0.3") as two, LocalSite("127.0.0.4") as three:
        servers = [one, two, three]
        names = ["one", "two", "three"]
        for name, server in zip(names, servers, strict=True):
            News(ARTICLES // 3, per_page=20).put(server)
            slow(server, 0.12)
            add_profile(tmp_path, name, profile(server).replace("concurrency = 8", "concurrency = 2"))
        crawl_with_kills(tmp_path, names, servers, seed=2)
        assert sum(map(fetched_again, servers)) <= KILLS * (BATCH_PAGES + len(servers))
        check_archive(tmp_path, ARTICLES)


@pytest.mark.parametrize("torn", [1, 700])
def test_torn_tail_of_a_dead_process_is_cut(tmp_path, torn):
    """Half a record at the end of a file that nobody closed is cut; the whole records before it stay."""
    with LocalSite() as site:
        News(10).put(site)
        add_profile(tmp_path, "local", profile(site))
        crawl(tmp_path, "local", "--limit", 3)
        closed = next(Path(tmp_path, "warc").glob("*.warc.gz"))
        whole = closed.read_bytes()
        tail = whole[:torn]
        closed.with_name(closed.name + ".open").write_bytes(whole + tail)
        closed.unlink()
        crawl(tmp_path, "local")
        assert closed.read_bytes() == whole + tail[: last_whole_member(io.BytesIO(tail))]
        assert not list(Path(tmp_path, "warc").glob("*.open"))
        check_records(tmp_path)
        run(tmp_path, "verify")
