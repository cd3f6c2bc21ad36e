"""Merging shards: what others crawled, as if it had been crawled here; done again, overlapping, killed, refused."""

import json
import os
import pkgutil
import shutil
import signal
from contextlib import closing, contextmanager

import forked
import processes
import pytest
from crawls import finish, wait_until
from local_server import LocalSite, News, Reply
from rebuilt import Lived, differences, silence, tables, validated

from archive.manifest import closed_files
from crawler.rebuilding import merging
from crawler.registry import registry

NEWS = News(8, per_page=4)
MORE = '[[section]]\nname = "副刊"\nurl = "{}/silent/"\n'


@pytest.fixture(scope="module", autouse=True)
def forks():
    """Have this process fork its readers, as the commands do."""
    with pytest.MonkeyPatch.context() as context:
        context.setattr("crawler.pooling.processes.subprocess", forked.Namespace())
        yield


@pytest.fixture(scope="module")
def site():
    with LocalSite() as server:
        NEWS.put(server)
        server.pages[NEWS.path(1)] = validated(NEWS.article(1), '"1"')
        yield server


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, site):
    """An archive that was crawled once, and a copy of it that was crawled further: edits, a page that is gone."""
    path = tmp_path_factory.mktemp("crawled")
    archive = Lived(path / "archive").profile(site)
    archive.on(0, "crawl", "lokal", "--limit", "5")
    shard = copy(archive, path / "shard")
    shard.on(3, "crawl", "lokal")
    site.pages[NEWS.path(2)] = NEWS.article(2).replace("食堂".encode(), "饭堂".encode())
    site.pages[NEWS.path(3)] = NEWS.article(3).replace("月底前".encode(), "年底前".encode())
    del site.pages[NEWS.path(4)]
    shard.on(40, "crawl", "lokal", "--full")
    shard.on(42, "crawl", "lokal", "--full")
    return archive, shard


@pytest.fixture
def archive(tmp_path, crawled):
    return copy(crawled[0], tmp_path / "archive")


@pytest.fixture
def shard(tmp_path, crawled):
    return copy(crawled[1], tmp_path / "shard")


def copy(archive, to):
    shutil.copytree(archive.path, to)
    return Lived(to)


def merge(archive, *shards, status=0):
    arguments = [str(one.path) for one in shards]
    ended = archive.command("merge", *arguments, "--jobs", "1", "--json")
    assert ended.clean, ended.stderr
    assert ended.returncode == status, ended.stdout + ended.stderr
    return json.loads(ended.stdout) if ended.stdout else ended.said


def held(archive):
    return tables(archive.directory.database)


def is_as(archive, shard):
    assert differences(held(shard), held(archive)) == []
    assert archive.problems() == []


def test_what_a_shard_crawled_is_as_if_it_had_been_crawled_here(archive, shard):
    merged = merge(archive, shard)
    assert (merged["files"], merged["sites"], merged["problems"]) == (3, ["lokal"], [])
    assert merged["runs"] == 3
    is_as(archive, shard)
    ours, theirs = archive.export(), shard.export()
    assert ours == theirs
    assert sorted(one["revision"] for one in ours.values()) == [1] * 6 + [2] * 2
    assert sum(one["withdrawn_at"] is not None for one in ours.values()) == 1


def test_merging_again_changes_nothing(archive, shard):
    merge(archive, shard)
    before, exported = held(archive), archive.on(99, "export", "--revisions")
    merged = merge(archive, shard)
    assert (merged["files"], merged["responses"], merged["sites"]) == (0, 0, [])
    assert differences(before, held(archive)) == []
    assert archive.on(99, "export", "--revisions") == exported


def test_looks_without_an_answer_are_taken_over_once(tmp_path, archive, site):
    path = archive.directory.sites / "lokal.toml"
    path.write_text(path.read_text() + MORE.format(site.url))
    site.raw["/silent/"] = silence
    shard = copy(archive, tmp_path / "further")
    shard.crawl()
    merge(archive, shard)
    # What gave no answer is in no WARC file: it is asked for again.
    error = {"frontier": {"error", "tries", "state", "run", "next_check"}, "sites": {"next_check"}}
    assert differences(held(shard), held(archive), error) == []
    assert [row["outcome"] for row in archive.rows("SELECT outcome FROM looks WHERE section = '副刊'")] == ["failed"]
    merge(archive, shard)
    assert differences(held(shard), held(archive), error) == []


def test_copies_of_copies_and_packed_files_are_taken_once(tmp_path, archive, shard):
    packed = copy(shard, tmp_path / "packed")
    for file in packed.directory.warc.glob("*.gz"):
        os.utime(file, (0, 0))
    assert packed.command("pack").returncode == 0
    assert len(closed_files(packed.directory.warc)) == 1
    merged = merge(archive, shard, copy(shard, tmp_path / "other"), packed)
    assert merged["files"] == 3
    is_as(archive, shard)
    # The other way round: what was packed here since is known by its bytes.
    merged = merge(packed, shard)
    assert (merged["files"], merged["responses"]) == (0, 0)
    assert len(closed_files(packed.directory.warc)) == 1


def test_two_machines_with_the_same_names_and_numbers(tmp_path):
    with LocalSite("127.0.0.2") as one, LocalSite("127.0.0.3") as two:
        shards = []
        for name, server in (("one", one), ("two", two)):
            NEWS.put(server)
            shard = Lived(tmp_path / name).profile(server, name)
            shard.on(0, "crawl", name)
            (file,) = shard.directory.warc.glob("*.gz")
            rename(shard, file.name, "union-20261001000000-7-00001.warc.gz")
            shards.append(shard)
        archive = Lived(tmp_path / "archive").profile(one, "one").profile(two, "two")
        assert merge(archive, *shards)["files"] == 2
        assert archive.problems() == []
        assert archive.rows(
            "SELECT count(*) AS n, count(DISTINCT run) AS runs, count(DISTINCT warc) AS w FROM captures"
        )
        assert archive.export() == {
            uid: renamed(row, archive) for shard in shards for uid, row in shard.export().items()
        }
        assert [row["site"] for row in archive.rows("SELECT site FROM runs ORDER BY site")] == ["one", "two"]
        merged = merge(archive, *shards)
        assert (merged["files"], merged["responses"]) == (0, 0)


def rename(shard, before, after):
    """Give a file the name that another machine's has."""
    (shard.directory.warc / before).rename(shard.directory.warc / after)
    (shard.directory.warc / "manifest.jsonl").unlink()
    with closing(shard.directory.open_database()) as db:
        db.conn.execute("UPDATE captures SET warc = ?", [after])


def renamed(row, archive):
    """A row of an export whose captures lie where this archive has them."""
    names = {one["record_id"]: one["warc"] for one in archive.rows("SELECT record_id, warc FROM captures")}
    return json.loads(
        json.dumps(row), object_hook=lambda one: one | ({"warc": names[one["record_id"]]} if "warc" in one else {})
    )


@pytest.mark.parametrize("seconds", [merging._SECONDS, 0.0], ids=["between runs", "anywhere"])
def test_a_merge_that_breaks_off_anywhere_is_finished_by_the_next(tmp_path, archive, shard, monkeypatch, seconds):
    monkeypatch.setattr(merging, "_SECONDS", seconds)
    tell, left = merging.Fold.tell, 0

    def breaks(fold, event, done):
        nonlocal left
        left -= 1
        if not left:
            raise Broken
        tell(fold, event, done)

    monkeypatch.setattr(merging.Fold, "tell", breaks)
    for number in (1, 14, 27):
        one = copy(archive, tmp_path / str(number))
        left = number
        with pytest.raises(Broken):
            take(one, shard)
        take(one, shard)
        is_as(one, shard)


class Broken(Exception):
    pass


def take(archive, shard):
    """Merge in this process."""
    return merging.merge(archive.directory, registry(archive.directory.sites), [shard.directory], jobs=1)


@pytest.mark.parametrize(
    "where",
    [
        "crawler.rebuilding.copying.manifest.fsync",
        "crawler.rebuilding.merging.index_files",
        "archive.attachments.keeping.update",
    ],
    ids=["a copy half written", "all copied", "all told"],
)
def test_a_merge_that_is_killed_is_finished_by_the_next(archive, shard, where):
    process = processes.start(dies, archive.path, shard.path, where)
    assert finish(process).returncode == -signal.SIGKILL
    merge(archive, shard)
    is_as(archive, shard)
    assert not [*archive.directory.warc.glob("*.merging"), *archive.path.glob("rebuilding")]


def dies(path, shard, where):
    """Merge, and be killed where a function is called."""
    module, name = where.rsplit(".", 1)
    owner = pkgutil.resolve_name(module)

    def killed(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, killed)
    take(Lived(path), Lived(shard))


def test_a_crawl_that_was_killed_is_merged_as_far_as_it_came_and_then_the_rest(tmp_path, archive, site):
    shard = copy(archive, tmp_path / "further")
    with wait_at(site, NEWS.path(7)):
        process = shard.start("crawl", "lokal", "--full", **shard.at(50))
        wait_until(lambda: len(shard.rows("SELECT id FROM captures")) > 10)
        process.kill_group(signal.SIGKILL)
        process.communicate()
    merge(archive, shard)
    assert [row["outcome"] for row in archive.rows("SELECT outcome FROM runs ORDER BY id")] == ["finished", "running"]
    before = held(archive)
    merge(archive, shard)
    assert differences(before, held(archive)) == []
    shard.on(51, "crawl", "lokal", "--full")
    merge(archive, shard)
    # Responses that lay in a WARC file when the crawl was killed, and in no row yet, are history too.
    assert held(shard)["captures"].keys() <= held(archive)["captures"].keys()
    ours, theirs = archive.export(), shard.export()
    assert {uid: row["text"] for uid, row in ours.items()} == {uid: row["text"] for uid, row in theirs.items()}
    outcomes = ["finished", "interrupted", "finished"]
    assert [row["outcome"] for row in archive.rows("SELECT outcome FROM runs ORDER BY id")] == outcomes
    assert archive.problems() == []


@contextmanager
def wait_at(site, path):
    """Have a page of a site never come, until the block ends."""
    page = site.pages[path]
    site.pages[path] = Reply(b"", delay=60)
    try:
        yield
    finally:
        site.pages[path] = page


def test_older_crawls_find_their_place_in_time(tmp_path, archive, shard, site):
    """The archive went on by itself meanwhile; what the shard saw lies before and between."""
    late = copy(archive, tmp_path / "late")
    site.pages[NEWS.path(2)] = NEWS.article(2).replace("食堂".encode(), "餐厅".encode())
    late.on(80, "crawl", "lokal", "--full")
    merge(late, shard)
    assert late.problems() == []
    query = """
        SELECT coalesce(json_extract(content, '$.title'), title) AS title
        FROM revisions AS r JOIN articles AS a USING (uid) WHERE uid = ? ORDER BY r.revision
    """
    said = [row["title"] for row in late.rows(query, late.uid(NEWS.path(2)))]
    assert [title[:2] for title in said] == ["食堂", "饭堂", "餐厅"]
    assert merge(late, shard)["responses"] == 0


def test_what_is_no_shard_or_is_being_crawled_is_told_in_one_line(tmp_path, archive, shard, site):
    assert merge(archive, Lived(tmp_path / "empty"), status=1).endswith("name the directory of a crawl")
    assert merge(archive, archive, status=1).endswith("is this archive itself; name another one")
    with wait_at(site, NEWS.path(5)):
        process = shard.start("crawl", "lokal", "--full")
        wait_until(lambda: [*shard.directory.warc.glob("*.open")])
        said = merge(archive, shard, status=1)
        process.kill_group(signal.SIGKILL)
        process.communicate()
    assert (
        said
        == f"Error: {shard.path}: lokal is being worked on there; wait until that ends, or stop it, then merge again"
    )
    merge(archive, shard)
    assert archive.problems() == []


def test_a_site_without_a_profile_here_is_named_and_merged_later(archive, shard):
    profile = archive.directory.sites / "lokal.toml"
    text = profile.read_text()
    profile.unlink()
    ended = archive.command("merge", str(shard.path), "--jobs", "1")
    assert ended.returncode == 1
    assert "copy sites/lokal.toml from the shard, then merge again" in ended.said
    profile.write_text(text)
    merge(archive, shard)
    is_as(archive, shard)


def test_what_a_shard_keeps_from_readers_is_kept_from_them_here(tmp_path, archive, shard, site):
    uid = shard.uid(NEWS.path(8))
    shard.on(43, "restrict", uid, "--reason", "asked for")
    held_before = archive.rows("SELECT uid FROM articles WHERE uid = ?", uid)
    assert held_before == []
    merge(archive, shard)
    assert uid not in archive.export()
    assert archive.rows("SELECT uid FROM restrictions") == [{"uid": uid}]
    assert uid in archive.directory.decisions.read_text()
    assert archive.problems() == []
    known = archive.uid(NEWS.path(1))
    shard.on(44, "restrict", known, "--reason", "asked for")
    assert merge(archive, shard, status=1).endswith("decide about it here (`union-archive restrict`), then merge again")
