"""The commands that read one page or the registry, and the demo: `extract`, `sites`, `demo`."""

import json
import sqlite3
from collections import Counter

import pytest
from commands import add_profile, crawl, rows, run
from local_server import LocalSite, News, Reply, profile
from saved_pages import PAGES, load

from archive.article import EXPORTED


def test_extract_prints_the_article_of_a_file(tmp_path):
    page = load(PAGES / "workercn/2024-05-training.html")
    said = json.loads(run(tmp_path, "extract", page.path, "--url", page.url).stdout)
    assert list(said) == list(EXPORTED)
    assert said["site"] == "workercn"  # known by its address
    assert said["title"] == page.expected["title"]
    assert said["authors"] == page.expected["authors"]
    assert said["published_at"] == page.expected["published_at"]
    assert (said["fetched_at"], said["change"], said["captures"]) == (None, None, [])
    assert not (tmp_path / "archive.db").exists()


def test_extract_reads_a_page_from_its_address_as_a_guest(tmp_path):
    with LocalSite() as site:
        news = News(1).put(site)
        said = json.loads(run(tmp_path, "extract", site.url + news.path(1)).stdout)
        assert said["title"].startswith("夜校")
        assert [one.path for one in site.log] == ["/robots.txt", news.path(1)]
        assert site.log[0].headers["user-agent"].startswith("union-archive/")
        site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/", headers=(("Content-Type", "text/plain"),))
        refused = run(tmp_path, "extract", site.url + news.path(1), check=False)
        assert refused.returncode == 1
        assert "robots.txt does not allow it" in refused.stderr
        assert len(site.log) == 3


def test_extract_names_the_other_pages_of_an_article(tmp_path):
    with LocalSite() as site:
        news = News(2).put(site)
        first, second = site.url + news.path(1), site.url + news.path(1).replace(".html", "_2.html")
        file = tmp_path / "page.html"
        file.write_bytes(news.article(1).replace(b"</div><p class=foot>", b"<p>1 <a href=1_2.html>2</a></p></div>"))
        done = run(tmp_path, "extract", file, "--url", first)
        assert json.loads(done.stdout)["text"].endswith("约定月底前答复。")
        assert done.stderr.strip() == f"the article goes on, and a crawl joins its pages: {second}"
        file.write_bytes(file.read_bytes().replace(b"<a href=1_2.html>2</a>", b"<a href=1.html>1</a> 2"))
        assert run(tmp_path, "extract", file, "--url", second).stderr.strip() == f"this is a further page of {first}"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("missing.html", "cannot be read (No such file or directory); give a file or an http(s) address"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/: cannot be fetched"),
    ],
)
def test_extract_says_in_one_line_why_not(tmp_path, page, says):
    done = run(tmp_path, "extract", page, check=False)
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_extract_of_what_is_no_article_names_the_page(tmp_path):
    empty = tmp_path / "empty.html"
    empty.write_bytes(b"<html><body></body></html>")
    done = run(tmp_path, "extract", empty, "--url", "http://page.example/1.html", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: http://page.example/1.html: ")
    assert run(tmp_path, "extract", empty, "--site", "nowhere", check=False).returncode == 2


def test_sites_lists_the_registry_and_what_is_held(tmp_path):
    with LocalSite() as site:
        News(3).put(site)
        add_profile(tmp_path, "local", profile(site))
        crawl(tmp_path, "local")
    listed = {one["id"]: one for one in json.loads(run(tmp_path, "sites", "--json").stdout)}
    assert {"workercn", "qdcyzgh", "local"} <= set(listed)
    assert (listed["local"]["articles"], listed["local"]["outcome"]) == (3, "finished")
    assert listed["workercn"]["last_crawl"] is None
    *lines, none, total, statuses, levels, families, regions = run(tmp_path, "sites").stdout.splitlines()
    assert len(lines) == len(listed)
    assert (none, total) == ("", f"{len(listed)} sites, 3 articles")
    for said, name in ((statuses, "status"), (levels, "level"), (families, "family"), (regions, "region")):
        counts = dict(pair.rsplit(" ", 1) for pair in said.removeprefix(f"by {name}: ").split(", "))
        assert counts == {
            value: str(count) for value, count in Counter(one[name] or "none" for one in listed.values()).items()
        }
    assert any("青岛市城阳区总工会" in line and "never crawled" in line for line in lines)


def test_sites_are_filtered(tmp_path):
    def ids(*options):
        return {one["id"]: one for one in json.loads(run(tmp_path, "sites", "--json", *options).stdout)}

    assert {one["region"].partition("-")[0] for one in ids("--region", "CN").values()} == {"CN"}
    assert {one["region"] for one in ids("--region", "CN-SD").values()} == {"CN-SD"}
    assert ids("--family", "hanweb", "--level", "provincial").keys() >= {"sdgh", "jsgh"}
    assert {one["status"] for one in ids("--status", "unsupported").values()} == {"unsupported"}
    assert ids()["qdcyzgh"]["parent"] == "qdszgh"
    assert ids("--family", "none").keys() == set()


def test_due_sites_are_those_not_crawled_lately(tmp_path):
    with LocalSite() as site:
        News(3).put(site)
        add_profile(tmp_path, "local", profile(site))
        (tmp_path / "archive.toml").write_text('contact = "due@example.org"\n')
        # The package's own sites are left out: they are not on this machine.
        crawl(tmp_path, "local")
        with sqlite3.connect(tmp_path / "archive.db") as connection:
            listed = json.loads(run(tmp_path, "sites", "--json").stdout)
            for one in listed:
                connection.execute(
                    "INSERT OR IGNORE INTO sites (id, name, home, family, status) VALUES (?, 'n', 'h', 'f', 'active')",
                    [one["id"]],
                )
            later = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+30 days')"
            connection.execute(f"UPDATE sites SET next_check = {later} WHERE id != 'local'")
        connection.close()
        assert crawl(tmp_path, "--due") == {}  # crawled just now
        with sqlite3.connect(tmp_path / "archive.db") as connection:
            connection.execute("UPDATE sites SET next_check = '2000-01-01T00:00:00Z' WHERE id = 'local'")
        connection.close()
        assert list(crawl(tmp_path, "--due")) == ["local"]


def test_demo_ends_with_articles_in_an_archive(tmp_path):
    lines = run(tmp_path / "demo", "demo", "--no-serve").stdout.splitlines()
    assert len(lines) == 3
    assert lines[2] == f"{tmp_path}/demo: 20 articles in 11 sections"
    held = rows(tmp_path / "demo", "SELECT site, count(*) AS n FROM articles GROUP BY site")
    assert held == [{"site": "qdcyzgh", "n": 7}, {"site": "workercn", "n": 13}]
    run(tmp_path / "demo", "verify")
    # Again: the same articles, none twice.
    assert run(tmp_path / "demo", "demo", "--no-serve").stdout.splitlines()[2] == lines[2]


def test_demo_keeps_out_of_a_real_archive(tmp_path):
    run(tmp_path, "init")
    refused = run(tmp_path, "demo", "--no-serve", check=False)
    assert refused.returncode == 1
    assert f"{tmp_path}: holds an archive already" in refused.stderr


def test_the_table_of_sites_is_the_whole_registry(tmp_path):
    """Whoever opens the archive sees what is covered and what is not, whether it was crawled or not."""
    with LocalSite() as site:
        News(3).put(site)
        add_profile(tmp_path, "local", profile(site))
        crawl(tmp_path, "local")
    listed = {one["id"]: one for one in json.loads(run(tmp_path, "sites", "--json").stdout)}
    table = {row["id"]: row for row in rows(tmp_path, "SELECT * FROM sites")}
    assert set(table) == set(listed)
    assert [id_ for id_, row in table.items() if row["profile_sha256"]] == ["local"]
    for name in ("name", "name_en", "name_pinyin", "level", "region", "parent", "status", "reason", "family"):
        assert {id_: row[name] for id_, row in table.items()} == {id_: one[name] for id_, one in listed.items()}
