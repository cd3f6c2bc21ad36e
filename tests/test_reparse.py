"""Deriving articles again: what today's code reads is written in place, and the site has changed nothing by that."""

import json
import shutil
from contextlib import closing
from dataclasses import replace

import pytest
from commands import add_profile, crawl, rows, run
from local_server import LocalSite, News, profile
from test_crawl_parts import FIRST, SENTENCE, page, put

import crawler.extraction
from archive import hidden
from archive.article import Image
from archive.directory import ArchiveDirectory
from archive.lock import lock
from archive.verify import verify
from crawler.pool import Pool
from crawler.pooling import process
from crawler.registry import registry
from crawler.reparsing.running import Reparse

NEWS = News(4)
ARTICLE = r"/news/\d+(?:_\d+)?\.html$"


class Here(Pool):
    """Reads in this process, so that a test can change a rule of the code."""

    def __init__(self, directory, profiles):
        self._warc, self._profiles = directory.warc, profiles

    def read(self, tasks):
        for task in tasks:
            yield process.done_with(task, self._warc, self._profiles[task.site], 60.0)

    def close(self):
        pass


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """An archive of four articles, of which the second was edited, and one of three pages, the second edited."""
    archive = tmp_path_factory.mktemp("reparse")
    with LocalSite() as site:
        NEWS.put(site)
        put(site, 3)
        site.pages["/list/"] += f'<li><a href="{FIRST}">长消息，共有几页</a></li>'.encode()
        site.pages["/news/3.html"] = site.pages["/news/3.html"].replace(
            b"<div class=content>", "<p class=over>城阳快讯</p><div class=content>".encode()
        )
        add_profile(archive, "local", profile(site, article=ARTICLE))
        crawl(archive, "local")
        site.pages["/news/2.html"] = site.pages["/news/2.html"].replace("约定月底前".encode(), "约定下月".encode())
        site.pages["/news/9_2.html"] = page(2, (1, "上一页"), (3, "下一页"), text=SENTENCE.format("改过的第二"))
        counts = crawl(archive, "local", "--full")["local"]["counts"]
        assert (counts["changed"], counts["failed"]) == (2, 0)
        crawl(archive, "local", "--full")
    return archive


@pytest.fixture
def archive(crawled, tmp_path):
    """A copy of it: whatever a test does to it."""
    shutil.copytree(crawled, tmp_path, dirs_exist_ok=True)
    return tmp_path


def reparse(archive, *sites, dry=False):
    """Derive again in this process; returns the reports by site."""
    directory, profiles = ArchiveDirectory(archive), registry(archive / "sites")
    again = Reparse(directory, Here(directory, profiles), dry=dry)
    return {report.site: report for report in again.run([profiles[site] for site in sites or ("local",)], sites)}


def change_rule(monkeypatch, rule):
    """Have the code read something otherwise: `rule` is given each page's article."""
    extract = crawler.extraction.extract
    monkeypatch.setattr(crawler.extraction, "extract", lambda *args, **options: rule(extract(*args, **options)))


def whole(archive):
    """All that the archive says of its articles."""
    return rows(archive, "SELECT * FROM articles ORDER BY uid"), rows(
        archive, "SELECT * FROM revisions ORDER BY uid, revision"
    )


def by_path(archive):
    return {row["url"].rpartition("/")[2]: row for row in rows(archive, "SELECT * FROM articles")}


def problems(archive):
    found = []
    verify(ArchiveDirectory(archive), lambda problem: found.append(str(problem)))
    return found


def test_the_same_code_reads_the_same_of_every_revision(archive):
    before = whole(archive)
    done = run(archive, "reparse", "--jobs", "2")
    assert done.stdout.startswith("local: 5 articles, 7 revisions derived again; 0 read otherwise, 0 not read\n")
    assert whole(archive) == before
    (record,) = rows(archive, "SELECT * FROM reparses")
    assert record["ended_at"] is not None
    assert [record[name] for name in ("sites", "articles", "revisions", "changed", "failed")] == ["[]", 5, 7, 0, 0]


def test_a_changed_profile_changes_just_the_articles_it_touches(archive):
    before, (articles, revisions) = by_path(archive), whole(archive)
    file = archive / "sites" / "local.toml"
    file.write_text(file.read_text(encoding="utf-8") + 'kicker = "p.over"\n', encoding="utf-8")
    said = json.loads(run(archive, "reparse", "local", "--json").stdout)["sites"]["local"]
    assert (said["articles"], said["changed"], said["failed"]) == (5, 1, 0)
    assert list(said["fields"]) == ["kicker"]
    (sample,) = said["fields"]["kicker"]["samples"]
    assert (sample["before"], sample["after"], sample["url"][-12:]) == ("", "城阳快讯", "/news/3.html")
    after = by_path(archive)
    touched = {name for name in after if after[name]["change"] != before[name]["change"]}
    assert touched == {"3.html"}
    assert after["3.html"]["kicker"] == "城阳快讯"
    assert len(rows(archive, "SELECT 1 FROM revisions")) == len(revisions)
    assert {row["derived_with"] for row in after.values()}.isdisjoint(row["derived_with"] for row in articles)
    kept = ("uid", "id", "revision", "first_seen_at", "fetched_at", "section", "attached")
    assert [[row[name] for name in kept] for row in whole(archive)[0]] == [
        [row[name] for name in kept] for row in articles
    ]
    assert problems(archive) == []


def test_a_changed_rule_reaches_earlier_revisions_and_all_pages_of_an_article(archive, monkeypatch):
    articles, revisions = whole(archive)
    change_rule(monkeypatch, lambda article: replace(article, text=article.text.replace("答复", "回复")))
    report = reparse(archive)["local"]
    assert (report.changed, report.failed, report.fields["text"].articles) == (5, 0, 5)
    now, then = whole(archive)
    assert [row["text"] for row in now] == [row["text"].replace("答复", "回复") for row in articles]
    assert [row["revision"] for row in then] == [row["revision"] for row in revisions]
    for old, new in zip(revisions, then, strict=True):
        assert {**old, "content": None, "sha256": None} == {**new, "content": None, "sha256": None}
        assert old["sha256"] != new["sha256"]
        if old["content"] is not None:
            text = json.loads(old["content"])["text"]
            assert "答复" in text
            assert json.loads(new["content"])["text"] == text.replace("答复", "回复")
    assert problems(archive) == []


def test_a_change_of_an_earlier_revision_alone_is_told_to_who_pages_by_change(archive, monkeypatch):
    before = by_path(archive)
    change_rule(monkeypatch, lambda article: replace(article, text=article.text.replace("约定月底前答复。", "")))
    file = "2.html"
    reparse(archive)
    after = by_path(archive)
    assert after[file]["text"] == before[file]["text"]
    assert after[file]["change"] > before[file]["change"]
    assert after[file]["revision"] == 2


def test_a_date_that_is_read_otherwise_moves_the_article(archive, monkeypatch):
    before = by_path(archive)
    change_rule(
        monkeypatch,
        lambda article: replace(article, published_at="2020-02-02") if "（3）" in article.title else article,
    )
    report = reparse(archive)["local"]
    assert (report.changed, list(report.fields)) == (1, ["published_at"])
    after = by_path(archive)
    assert after["3.html"]["id"] < min(
        row["id"] for name, row in after.items() if name != "3.html" and row["published_at"]
    )
    assert after["3.html"]["uid"] == before["3.html"]["uid"]
    found = run(archive, "search", "班组长", "--json").stdout
    assert "2020-02-02" in found, "the index goes with it"


def test_revisions_that_are_read_alike_are_counted_and_stay(archive, monkeypatch):
    change_rule(monkeypatch, lambda article: replace(article, text="工会的答复一字不差，从第一版起就是这样。" * 2))
    report = reparse(archive)["local"]
    assert report.alike == 2
    assert [row["revision"] for row in rows(archive, "SELECT revision FROM revisions ORDER BY uid, revision")].count(
        2
    ) == 2


def test_what_cannot_be_read_stays_as_it_is_and_is_named(archive, monkeypatch):
    before = {row["uid"]: row for row in whole(archive)[0]}

    def rule(article):
        if "（1）" in article.title:
            raise crawler.extraction.ExtractionError(article.url, "no text", "look at it")
        return replace(article, source="另一来源")

    change_rule(monkeypatch, rule)
    report = reparse(archive)["local"]
    assert (report.changed, report.failed) == (4, 1)
    (failure,) = report.failures
    assert failure["error"].endswith("/news/1.html: no text; look at it")
    assert any("stays: " in line and line.endswith("no text; look at it") for line in report.lines())
    for uid, row in ((row["uid"], row) for row in whole(archive)[0]):
        assert (row == before[uid]) == (uid == failure["uid"])


def test_a_dry_run_writes_nothing_at_all(archive, monkeypatch):
    def files():
        found = (path for path in archive.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in found}

    (archive / "locks" / "local.lock").unlink()
    before = files()
    change_rule(monkeypatch, lambda article: replace(article, source="另一来源"))
    assert reparse(archive, dry=True)["local"].changed == 5
    assert files() == before


def test_digests_of_files_and_what_was_read_in_them_stay(archive, monkeypatch):
    picture = '[{"url": "http://x.example.org/a.jpg", "caption": null, "digest": "sha256:A"}]'
    read = '[{"url": "http://x.example.org/a.pdf", "text": "附件"}]'
    with closing(ArchiveDirectory(archive).open_database()) as db:
        db.conn.execute("UPDATE articles SET images = ?, attached = ?", [picture, read])
    change_rule(
        monkeypatch,
        lambda article: replace(article, source="另一来源", images=(Image("http://x.example.org/a.jpg"),)),
    )
    report = reparse(archive)["local"]
    assert "images" not in report.fields or report.fields["images"].articles <= 2  # earlier revisions had none
    for row in whole(archive)[0]:
        assert json.loads(row["images"])[0]["digest"] == "sha256:A"
        assert row["attached"] == read


def test_restricted_articles_are_derived_again_out_of_sight(archive, monkeypatch):
    uid = by_path(archive)["2.html"]["uid"]
    run(archive, "restrict", uid, "--reason", "asked for")
    change_rule(monkeypatch, lambda article: replace(article, source="另一来源"))
    report = reparse(archive)["local"]
    assert (report.articles, report.changed) == (5, 5)
    assert report.fields["source"].articles == 5
    assert uid not in json.dumps(report.as_json())
    assert uid not in rows(archive, "SELECT report FROM reparses")[0]["report"]
    assert rows(archive, "SELECT 1 FROM articles WHERE uid = ?", uid) == []
    with closing(hidden.open_restricted(archive / hidden.FILE)) as db:
        (held,) = db.conn.execute("SELECT source, revision FROM articles").fetchall()
        (first,) = db.conn.execute("SELECT content FROM revisions WHERE revision = 1").fetchall()
    assert (held["source"], held["revision"]) == ("另一来源", 2)
    assert json.loads(first["content"])["source"] == "另一来源"
    assert problems(archive) == []


def test_a_site_that_is_being_crawled_is_left_alone_and_the_others_are_not(archive):
    with LocalSite() as site:
        add_profile(archive, "other", profile(site))
    with lock(archive / "locks" / "local.lock", "a crawl"):
        done = run(archive, "reparse", "local", "other", check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith(
        "local: left alone; local: this site is being crawled: in use by process"
    )
    assert done.stdout.splitlines()[1].startswith("other: 0 articles")


def test_one_article_is_shown_with_what_differs_of_each_revision(archive):
    before, uid = whole(archive), by_path(archive)["3.html"]["uid"]
    file = archive / "sites" / "local.toml"
    file.write_text(file.read_text(encoding="utf-8") + 'kicker = "p.over"\n', encoding="utf-8")
    shown = run(archive, "reparse", "--diff", uid).stdout.splitlines()
    assert shown[1].startswith(f"  {uid} · local · http://")
    assert shown[3:] == ["revision 1", "  kicker: {+城阳快讯+}"]
    (revision,) = json.loads(run(archive, "reparse", "--diff", uid, "--json").stdout)["revisions"]
    assert [change["field"] for change in revision["changes"]] == ["kicker"]
    other = run(archive, "reparse", "--diff", by_path(archive)["2.html"]["uid"]).stdout
    assert other.count("read as it is stored") == 2
    assert whole(archive) == before
    missing = run(archive, "reparse", "--diff", "0" * 16, check=False)
    assert (missing.returncode, len(missing.stderr.splitlines())) == (1, 1)
