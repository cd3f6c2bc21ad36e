"""A whole crawl of a local site: what a run reads, leaves alone, follows and stores."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys

import pytest
from commands import add_profile, crawl, rows, run
from local_server import LocalSite, News, Reply, profile
from processes import ROOT


@pytest.fixture
def site():
    with LocalSite() as server:
        yield server


@pytest.fixture
def archive(tmp_path, site):
    add_profile(tmp_path, "local", profile(site))
    return tmp_path


def states(archive):
    return {row["url"]: row["state"] for row in rows(archive, "SELECT url, state FROM frontier")}


def test_site_is_crawled_end_to_end(archive, site):
    News(60, per_page=20).put(site)
    summary = crawl(archive, "local")["local"]
    assert summary["outcome"] == "finished"
    assert summary["counts"]["new"] == 60
    assert site.log[0].path == "/robots.txt"
    assert set(site.requests("/news/").values()) == {1}
    assert set(site.requests("/list/")) == {"/list/", "/list/2.html", "/list/3.html"}

    article = rows(archive, "SELECT * FROM articles WHERE url LIKE '%/news/7.html'")[0]
    assert article["title"] == "食堂的意见簿（7）"
    assert article["section"] == "要闻"
    assert article["published_at"] == "2026-08-08T08:07:00+08:00"
    assert article["published_from"] == "label"
    assert article["source"] == "本地工会"
    assert article["layout"] == "1"
    assert article["text"].startswith("第7号消息的第1段")
    assert "版权" not in article["text"]

    found = rows(archive, "SELECT * FROM runs")[0]
    assert (found["outcome"], found["articles_new"], found["requests"]) == ("finished", 60, 64)
    look = rows(archive, "SELECT * FROM looks")[0]
    assert (look["section"], look["depth"], look["outcome"], look["articles"]) == ("要闻", 3, "read", 60)
    assert run(archive, "verify").stdout.startswith("checked 60 articles")


def test_second_crawl_reads_the_listing_and_nothing_else(archive, site):
    News(30).put(site)
    crawl(archive, "local")
    site.log.clear()
    summary = crawl(archive, "local")["local"]
    assert [one.path for one in site.log] == ["/robots.txt", "/list/"]
    assert summary["outcome"] == "finished"
    assert summary["counts"]["new"] == 0


def test_new_articles_are_found_and_known_pages_end_the_search(archive, site):
    News(100, per_page=10).put(site)
    crawl(archive, "local")
    site.log.clear()
    news = News(103, per_page=10)
    for number in (101, 102, 103):
        site.pages[news.path(number)] = news.article(number)
    links = "".join(f'<li><a href="{news.path(n)}">消息{n}</a></li>' for n in (101, 102, 103))
    site.pages["/list/"] = f'<meta charset=utf-8><ul>{links}</ul><a href="/list/2.html">下一页</a>'.encode()
    assert crawl(archive, "local")["local"]["counts"]["new"] == 3
    # The first page held something new, so the second was read; it was known all over, so the third was not.
    assert set(site.requests("/list/")) == {"/list/", "/list/2.html"}


def test_limit_section_and_after(archive, site):
    News(40).put(site)
    add_profile(
        archive,
        "local",
        profile(site).replace("[[layout]]", f'[[section]]\nname = "维权"\nurl = "{site.url}/rights/"\n[[layout]]'),
    )
    News(10, prefix="/rights").put(site)
    site.pages["/rights/"] = site.pages["/rights/list/"]
    assert crawl(archive, "local", "--limit", 5)["local"]["counts"]["new"] == 5
    assert len(site.requests("/news/")) + len(site.requests("/rights/news/")) == 5

    site.log.clear()
    assert crawl(archive, "local", "--section", "维权")["local"]["outcome"] == "finished"
    assert not site.requests("/list/")
    assert rows(archive, "SELECT count(*) AS n FROM articles WHERE section = '维权'")[0]["n"] == 10

    crawl(archive, "local", "--after", "2026-06-01")
    held = [row["published_at"] for row in rows(archive, "SELECT published_at FROM articles WHERE section = '要闻'")]
    older = [date for date in held if date < "2026-06-01"]
    assert len(older) <= 5  # those of the first crawl, which had no --after
    crawl(archive, "local")  # without it, what was left out is taken up
    assert rows(archive, "SELECT count(*) AS n FROM articles")[0]["n"] == 50


def test_edit_is_a_revision_and_a_new_footer_is_none(archive, site):
    news = News(3).put(site)
    crawl(archive, "local")
    page = site.pages[news.path(1)]
    site.pages[news.path(1)] = page.replace("月底前".encode(), "下月初".encode())
    site.pages[news.path(2)] = site.pages[news.path(2)].replace("版权所有".encode(), "版权归".encode())
    before = rows(archive, "SELECT max(change) AS n FROM articles")[0]["n"]
    counts = crawl(archive, "local", "--full")["local"]["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 1, 2)

    held = rows(archive, "SELECT * FROM articles WHERE revision = 2")
    assert [row["url"].rpartition("/")[2] for row in held] == ["1.html"]
    assert "下月初" in held[0]["text"]
    assert held[0]["change"] > before
    first, second = rows(archive, "SELECT * FROM revisions WHERE uid = ? ORDER BY revision", held[0]["uid"])
    assert "月底前" in json.loads(first["content"])["text"]
    assert second["content"] is None
    assert first["capture"] != second["capture"]
    exported = [json.loads(line) for line in run(archive, "export", "--since", before).stdout.splitlines()]
    assert [one["uid"] for one in exported] == [held[0]["uid"]]
    run(archive, "verify")


def test_unmodified_and_identical_pages_are_revisits(archive, site):
    news = News(2).put(site)
    page = site.pages[news.path(1)]

    def conditional(request):
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(status=304, reason="Not Modified")
        return Reply(page, headers=(("ETag", '"v1"'), ("Content-Type", "text/html; charset=utf-8")))

    site.pages[news.path(1)] = conditional
    crawl(archive, "local")
    db_due = "UPDATE frontier SET state = 'due' WHERE kind = 'article'"
    with sqlite3.connect(archive / "archive.db") as connection:
        connection.execute(db_due)
    connection.close()
    counts = crawl(archive, "local")["local"]["counts"]
    assert counts["unchanged"] == 2
    kinds = [row["kind"] for row in rows(archive, "SELECT kind FROM captures WHERE uid IS NOT NULL ORDER BY id")]
    assert sorted(kinds) == ["response", "response", "same", "unmodified"]
    assert rows(archive, "SELECT max(revision) AS n FROM revisions")[0]["n"] == 1
    run(archive, "verify")


def test_listings_are_discovered_from_the_home_page(tmp_path, site):
    text = profile(site)
    start, end = text.index("[[section]]"), text.index("[[layout]]")
    add_profile(tmp_path, "local", text[:start] + text[end:])
    News(25, per_page=10).put(site)
    site.pages["/"] = (
        '<meta charset=utf-8><a href="/list/">要闻</a><a href="/about.html">关于我们</a>'
        '<a href="http://other.example/list/">友情链接</a><a href="/news/1.html">第一条消息，在首页上</a>'
    ).encode()
    summary = crawl(tmp_path, "local")["local"]
    assert summary["counts"]["new"] == 25
    assert {row["section"] for row in rows(tmp_path, "SELECT section FROM articles")} == {"要闻"}


def test_redirect_is_an_alias(archive, site):
    news = News(2).put(site)
    site.pages["/list/"] = b'<a href="/news/90.html">An article that has moved</a>'
    site.pages["/news/90.html"] = Reply(status=301, reason="Moved", headers=(("Location", news.path(2)),))
    assert crawl(archive, "local")["local"]["counts"]["new"] == 1
    article = rows(archive, "SELECT uid, url FROM articles")[0]
    assert article["url"].endswith(news.path(2))
    assert rows(archive, "SELECT * FROM aliases") == [{"url": f"{site.url}/news/90.html", "uid": article["uid"]}]


def test_crawl_that_finds_nothing_fails(archive, site):
    site.pages["/list/"] = "<meta charset=utf-8><p>页面改版了，没有链接。</p>".encode()
    summary = crawl(archive, "local", check=False)["local"]
    assert summary["outcome"] == "failed"
    assert "no listing yields an article link" in summary["reason"]
    assert run(archive, "crawl", "local", check=False).returncode == 1


def test_sites_are_crawled_side_by_side(tmp_path):
    with LocalSite("127.0.0.2") as one, LocalSite("127.0.0.3") as two:
        for name, server in (("one", one), ("two", two)):
            News(20, prefix=f"/{name}").put(server)
            server.pages["/list/"] = server.pages[f"/{name}/list/"]
            add_profile(
                tmp_path, name, profile(server).replace("concurrency = 8", "").replace("delay = 0", "delay = 0.05")
            )
        summaries = crawl(tmp_path, "one", "two", "--jobs", 2)
        assert [summaries[name]["counts"]["new"] for name in ("one", "two")] == [20, 20]
        assert one.log[-1].at > two.log[0].at
        assert two.log[-1].at > one.log[0].at
    assert len(list((tmp_path / "warc").glob("*.warc.gz"))) == 1


def test_unknown_site_and_missing_arguments_are_usage_errors(archive):
    wrong = run(archive, "crawl", "locl", check=False)
    assert wrong.returncode == 2
    assert "did you mean local?" in wrong.stderr
    assert run(archive, "crawl", check=False).returncode == 2


def test_network_crawl_needs_a_contact(tmp_path):
    refused = run(tmp_path, "crawl", "qdcyzgh", check=False)
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"Error: {tmp_path}/archive.toml: contact is missing; a crawl tells sites whom to write to: "
        'add contact = "you@example.org"'
    )


def test_scrapy_crawl_writes_to_the_same_archive(archive, site, monkeypatch):
    News(5).put(site)
    environment = {**os.environ, "UNION_ARCHIVE": str(archive)}
    scrapy = [sys.executable, "-m", "scrapy"]
    listed = subprocess.run([*scrapy, "list"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert {"local", "workercn", "qdcyzgh"} <= set(listed.stdout.split())
    subprocess.run(
        [*scrapy, "crawl", "local", "-a", "limit=3"],
        cwd=ROOT,
        env=environment,
        timeout=60,
        check=True,
        capture_output=True,
    )
    assert rows(archive, "SELECT count(*) AS n FROM articles")[0]["n"] == 3


def test_compressed_pages_are_read(archive, site):
    news = News(1).put(site)
    packed = Reply(
        gzip.compress(news.article(1)), headers=(("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    )
    site.pages[news.path(1)] = packed
    assert crawl(archive, "local")["local"]["counts"]["new"] == 1


def test_budget_of_a_day_is_kept(archive, site):
    News(20).put(site)
    (archive / "archive.toml").write_text("[crawl]\nbudget = 8\n")
    done = run(archive, "crawl", "local")
    assert "local: interrupted (the day's budget of 8 requests is spent); 6 new" in done.stdout
    assert len(site.log) == 8
    assert run(archive, "crawl", "local").returncode == 0
    assert len(site.log) == 8
    (archive / "archive.toml").write_text("[crawl]\nbudget = 100\n")
    assert crawl(archive, "local")["local"]["counts"]["new"] == 14


def test_nothing_is_asked_in_quiet_hours(archive, site):
    News(5).put(site)
    (archive / "archive.toml").write_text('[crawl]\nquiet_hours = ["00:00-12:00", "12:00-00:00"]\n')
    summary = crawl(archive, "local")["local"]
    assert (summary["outcome"], summary["reason"]) == ("interrupted", "quiet hours")
    assert site.log == []
