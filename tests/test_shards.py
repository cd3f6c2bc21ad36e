"""Shards: a site's part of an archive, crawled elsewhere as the archive itself would be; no cluster needed for that."""

import os
import sqlite3
from contextlib import closing

import forked
import pytest
from local_server import LocalSite, News
from rebuilt import Lived, differences, tables, validated

from archive import hidden, manifest
from archive.errors import ArchiveError
from archive.locating import locate
from crawler import shards
from crawler.rebuilding.merging import merge
from crawler.registry import registry

NEWS = News(6)


@pytest.fixture(scope="module", autouse=True)
def forks():
    """Have this process fork its readers, as the commands do."""
    with pytest.MonkeyPatch.context() as context:
        context.setattr("crawler.pooling.processes.subprocess", forked.Namespace())
        yield


@pytest.fixture
def site():
    with LocalSite() as server:
        NEWS.put(server)
        server.pages[NEWS.path(1)] = validated(NEWS.article(1), '"1"')
        yield server


@pytest.fixture
def archive(tmp_path, site):
    one = Lived(tmp_path / "archive").profile(site)
    one.on(0, "crawl", "lokal", "--limit", "4")
    return one


def seeded(archive):
    shard = shards.of(archive.directory, "lokal")
    shards.seed(archive.directory, "lokal", shard)
    return Lived(shard.path)


def taken(archive, shard):
    """Merge a shard in this process, and leave the frontier as it left it."""
    merged = merge(archive.directory, registry(archive.directory.sites), [shard.directory], jobs=1)
    with closing(archive.directory.open_database()) as db:
        shards.take_over(db, shard.directory, "lokal")
    return merged


def other_code(path):
    """Have articles be read by other code, so that their stored captures are read again."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE articles SET derived_with = 'other code'")
        db.commit()


def test_a_crawl_of_a_shard_goes_on_from_what_the_archive_holds(tmp_path, archive, site):
    uid = archive.uid(NEWS.path(2))
    archive.on(1, "restrict", uid, "--reason", "asked for")
    other_code(archive.directory.database)
    shard = seeded(archive)
    archive.on(2, "crawl", "lokal", "--limit", "4")
    files = [*archive.directory.warc.glob("*.gz")]
    for file in files:
        os.utime(file, (0, 0))
    assert archive.command("pack").returncode == 0  # what the shard's rows name is now in another file
    assert not any(file.exists() for file in files)
    site.pages[NEWS.path(2)] = NEWS.article(2).replace("月底前".encode(), "年底前".encode())
    site.pages[NEWS.path(3)] = NEWS.article(3).replace("月底前".encode(), "年底前".encode())
    site.log.clear()
    said = shard.on(3, "crawl", "lokal", "--full")
    assert said.startswith("lokal: finished; 2 new, 2 changed, 2 unchanged, 0 failed")
    files = {path.name for path in shard.directory.warc.iterdir()}
    assert files == {"also", "manifest.jsonl", *(row["warc"] for row in shard.rows(OWN))}
    merged = taken(archive, shard)
    assert (merged.files, merged.runs, merged.problems) == (1, 1, [])
    assert archive.problems() == []
    assert archive.articles == {NEWS.path(number) for number in (1, 3, 4, 5, 6)}
    with closing(hidden.open_restricted(archive.path / hidden.FILE)) as db:
        assert [row["revision"] for row in db.execute("SELECT revision FROM articles")] == [2]


OWN = "SELECT DISTINCT warc FROM captures WHERE run = (SELECT max(id) FROM runs)"


def test_a_merged_shard_leaves_the_archive_as_it_is_itself(archive, site):
    shard = seeded(archive)
    del site.pages[NEWS.path(4)]
    shard.on(3, "crawl", "lokal", "--full")
    taken(archive, shard)
    ours, theirs = (tables(one.directory.database) for one in (archive, shard))
    assert differences({**theirs, "months": {}}, {**ours, "months": {}}) == []
    assert sum(row["articles"] for row in ours["months"].values()) == 6
    assert archive.command("search", "工会干部").stdout.count("\n") >= 6


def test_a_shard_is_whole_or_not_there(archive, monkeypatch):
    shard = shards.of(archive.directory, "lokal")

    def breaks(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(shards, "_fill", breaks)
        with pytest.raises(ArchiveError, match=r"shards/lokal: cannot be made .*mend that and crawl again"):
            shards.seed(archive.directory, "lokal", shard)
    assert not shard.path.exists()
    shards.seed(archive.directory, "lokal", shard)
    shards.remove(shard)
    assert list(shard.path.parent.iterdir()) == []


def test_another_directory_is_looked_into_and_taken_for_no_own(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for path in (here, there):
        path.mkdir()
    (there / "a.warc.gz").write_bytes(b"x")
    with pytest.raises(ArchiveError, match=r"here/a\.warc\.gz: the file is missing"):
        locate(here, "a.warc.gz")
    (here / "also").write_text(f"{there}\n", encoding="utf-8")
    assert locate(here, "a.warc.gz") == there / "a.warc.gz"
    assert manifest.closed_files(here) == []
    with pytest.raises(ArchiveError, match=r"there/b\.warc\.gz: the file is missing"):
        locate(here, "b.warc.gz")
    (there / "also").write_text(f"{here}\n", encoding="utf-8")
    with pytest.raises(ArchiveError, match="must name another directory"):
        locate(here, "b.warc.gz")
