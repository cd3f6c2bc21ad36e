"""Crawls of articles of several pages: one article with the captures of all its pages, whatever happens meanwhile."""

import json
import sqlite3
import time

import pytest
from commands import add_profile, crawl, kill, rows, run, start
from local_server import LocalSite, Reply, profile
from test_replay import exchange, write_warc

from archive.search import index

SENTENCE = "第{}页的正文：工会把调查分成几个部分，逐一写出各车间的意见和答复，再请职工代表看过。"
FIRST = "/news/9.html"


@pytest.fixture
def site():
    with LocalSite() as server:
        server.pages["/list/"] = f'<meta charset=utf-8><a href="{FIRST}">长消息，共有几页</a>'.encode()
        yield server


@pytest.fixture
def archive(tmp_path, site):
    add_profile(tmp_path, "local", profile(site, article=r"/news/\d+(?:_\d+)?\.html$"))
    return tmp_path


def path(number):
    return FIRST if number == 1 else f"/news/9_{number}.html"


def page(number, *links, text=None):
    """Page `number` of the article, with links (to which page, its words) below the text."""
    pager = " ".join(f'<a href="{path(to)}">{words}</a>' for to, words in links)
    return (
        "<meta charset=utf-8><title>长消息</title><h1>长消息</h1><div class=info>2026-05-01 来源：本地工会</div>"
        f"<div class=content><p>{text or SENTENCE.format(number)}</p><p>{pager}</p></div>"
    ).encode()


def put(site, pages):
    """Put an article on the site of which each page names the next one only."""
    for number in range(1, pages + 1):
        back = [(number - 1, "上一页")] if number > 1 else []
        site.pages[path(number)] = page(number, *back, *([(number + 1, "下一页")] if number < pages else []))


def texts(*numbers):
    return "\n\n".join(SENTENCE.format(number) for number in numbers)


def held(archive):
    (article,) = rows(archive, "SELECT * FROM articles")
    return article


def parts(archive):
    """The parts of the article's captures, in the order of the pages."""
    return [row["part"] for row in rows(archive, "SELECT part FROM captures WHERE uid IS NOT NULL ORDER BY part, id")]


def states(archive):
    found = rows(archive, "SELECT url, kind, state, error FROM frontier WHERE kind != 'listing'")
    return {f"{row['kind']} {row['url'].rpartition('/')[2]}": (row["state"], row["error"]) for row in found}


def make_due(archive, kinds="('article')"):
    with sqlite3.connect(archive / "archive.db") as connection:
        connection.execute(f"UPDATE frontier SET state = 'due', next_check = NULL WHERE kind IN {kinds}")
    connection.close()


@pytest.mark.parametrize("counter", ["", "<input type=hidden name=__totalpage value=3>"])
def test_article_of_several_pages_is_one_article(archive, site, counter):
    for number in (1, 2, 3):
        site.pages[path(number)] = page(number, *((n, f"【{n}】") for n in (1, 2, 3))) + counter.encode()
    assert crawl(archive, "local")["local"]["counts"]["new"] == 1
    assert held(archive)["text"] == texts(1, 2, 3)
    assert parts(archive) == [1, 2, 3]
    assert set(site.requests("/news/").values()) == {1}
    exported = json.loads(run(archive, "export").stdout)
    assert len(exported["captures"]) == 3
    # Read again in full: the same article, no revision.
    counts = crawl(archive, "local", "--full")["local"]["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 1)
    run(archive, "verify")


def test_pages_that_name_the_next_one_alone_are_followed(archive, site):
    put(site, 5)
    assert crawl(archive, "local")["local"]["counts"]["new"] == 1
    assert held(archive)["text"] == texts(1, 2, 3, 4, 5)
    assert parts(archive) == [1, 2, 3, 4, 5]
    assert {state for state, _ in states(archive).values()} == {"done"}


def test_pages_without_end_are_not_followed(archive, site):
    """A site that answers with the first page whatever number is asked for, and one whose pages lead in a circle."""
    for number in range(1, 10):
        site.pages[path(number)] = page(1, (number + 1, "下一页"))
    site.pages["/list/"] += '<a href="/news/8.html">另一条长消息</a>'.encode()
    other = page(1, text=SENTENCE.format("甲")).replace(b"<p></p>", '<p><a href="8_2.html">下一页</a></p>'.encode())
    site.pages["/news/8.html"] = other
    site.pages["/news/8_2.html"] = other.replace("甲".encode(), "乙".encode()).replace(b"8_2", b"8")
    assert crawl(archive, "local")["local"]["counts"]["new"] == 2
    assert set(site.requests("/news/")) == {path(1), path(2), "/news/8.html", "/news/8_2.html"}
    assert [row["text"] for row in rows(archive, "SELECT text FROM articles ORDER BY url")] == [
        texts("甲", "乙"),
        texts(1),
    ]


def test_article_with_a_missing_page_ends_before_it_and_says_so(archive, site):
    for number in (1, 2, 3):
        site.pages[path(number)] = page(number, *((n, f"{n}") for n in (1, 2, 3)))
    second = site.pages.pop(path(2))
    done = run(archive, "crawl", "local")
    assert "local: finished; 1 new" in done.stdout
    assert f"failed: {site.url}{path(2)}: HTTP 404" in done.stdout
    assert held(archive)["text"] == texts(1)
    state, error = states(archive)["article 9.html"]
    assert state == "done"
    assert error == f"{site.url}{FIRST}: ends before page 2, which is missing ({site.url}{path(2)}: HTTP 404)"
    # The page comes later: the article is whole, and it is no change of the site.
    site.pages[path(2)] = second
    make_due(archive, "('part')")
    counts = crawl(archive, "local")["local"]["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 1)
    assert (held(archive)["text"], held(archive)["revision"]) == (texts(1, 2, 3), 1)
    assert states(archive)["article 9.html"] == ("done", None)
    assert parts(archive) == [1, 2, 3]
    run(archive, "verify")


def test_missing_page_that_comes_with_an_edit_is_a_revision(archive, site):
    put(site, 2)
    second = site.pages.pop(path(2))
    crawl(archive, "local")
    site.pages[path(1)] = page(1, (2, "下一页"), text="第1页改过了：" + SENTENCE.format(1))
    site.pages[path(2)] = second
    crawl(archive, "local", "--full")
    make_due(archive, "('article', 'part')")
    crawl(archive, "local")
    assert held(archive)["text"] == f"第1页改过了：{texts(1, 2)}"
    assert held(archive)["revision"] == 2


@pytest.mark.parametrize(
    "answer",
    [
        Reply(b"<h1>500</h1>", 500, "Broken"),
        Reply("<meta charset=utf-8><title>页面不存在</title><p>404</p>".encode()),
        Reply(status=302, reason="Found", headers=(("Location", "/"),)),
    ],
    ids=["error", "no page", "to the home page"],
)
def test_page_that_fails_later_keeps_what_it_said(archive, site, answer):
    put(site, 3)
    site.pages["/"] = page(7)
    crawl(archive, "local")
    site.pages[path(2)] = answer
    site.pages[path(1)] += b"<!-- another day -->"
    make_due(archive)
    summary = crawl(archive, "local", hurried=True)["local"]
    assert (summary["counts"]["failed"], summary["counts"]["changed"]) == (1, 0)
    assert (held(archive)["text"], held(archive)["revision"]) == (texts(1, 2, 3), 1)
    assert path(3) in site.requests("/news/")


def test_page_that_robots_txt_forbids_ends_the_article(archive, site):
    put(site, 2)
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/9_2.html\n", headers=())
    began = time.monotonic()
    assert crawl(archive, "local")["local"]["counts"]["disallowed"] == 1
    assert time.monotonic() - began < 20
    assert held(archive)["text"] == texts(1)
    assert "robots.txt forbids it" in states(archive)["article 9.html"][1]


@pytest.mark.parametrize(("before", "after"), [(2, 3), (3, 2), (1, 2), (2, 1)])
def test_more_or_fewer_pages_are_a_revision(archive, site, before, after):
    put(site, before)
    crawl(archive, "local")
    for number in range(1, before + 1):
        del site.pages[path(number)]
    put(site, after)
    counts = crawl(archive, "local", "--full")["local"]["counts"]
    assert (counts["new"], counts["changed"], counts["failed"]) == (0, 1, 0)
    assert (held(archive)["text"], held(archive)["revision"]) == (texts(*range(1, after + 1)), 2)
    # Once more: nothing has changed.
    assert crawl(archive, "local", "--full")["local"]["counts"]["unchanged"] == 1
    assert held(archive)["revision"] == 2
    run(archive, "verify")


def test_edit_of_a_further_page_is_noticed_though_the_first_is_as_it_was(archive, site):
    put(site, 3)
    first = site.pages[path(1)]

    def conditional(request):
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(status=304, reason="Not Modified")
        return Reply(first, headers=(("ETag", '"v1"'), ("Content-Type", "text/html; charset=utf-8")))

    site.pages[path(1)] = conditional
    crawl(archive, "local")
    site.pages[path(3)] = page(3, (2, "上一页"), text="第3页改过了：" + SENTENCE.format(3))
    make_due(archive)
    counts = crawl(archive, "local")["local"]["counts"]
    assert (counts["new"], counts["changed"]) == (0, 1)
    assert held(archive)["text"] == f"{texts(1, 2)}\n\n第3页改过了：{texts(3)}"
    kinds = [row["kind"] for row in rows(archive, "SELECT kind FROM captures WHERE uid IS NOT NULL ORDER BY part, id")]
    assert kinds == ["response", "unmodified", "response", "same", "response", "response"]
    run(archive, "verify")


def test_other_code_makes_no_revision(archive, site):
    put(site, 3)
    crawl(archive, "local")
    with sqlite3.connect(archive / "archive.db") as connection:
        index.register(connection)
        connection.execute("UPDATE articles SET derived_with = 'older', text = 'worse', sha256 = 'other'")
        connection.execute("UPDATE revisions SET sha256 = 'other'")
    connection.close()
    assert crawl(archive, "local", "--full")["local"]["counts"]["changed"] == 0
    assert (held(archive)["text"], held(archive)["revision"]) == (texts(1, 2, 3), 1)


def test_further_page_that_a_listing_links_to_is_no_article(archive, site):
    for number in (1, 2, 3):
        site.pages[path(number)] = page(number, *((n, f"[{n}]") for n in (1, 2, 3)))
    site.pages["/list/"] = f'<meta charset=utf-8><a href="{path(2)}">长消息，从第二页开始</a>'.encode()
    assert crawl(archive, "local")["local"]["counts"]["new"] == 1
    article = held(archive)
    assert (article["url"], article["text"], article["section"]) == (site.url + FIRST, texts(1, 2, 3), "要闻")
    assert states(archive)["article 9_2.html"] == ("redirected", None)
    assert rows(archive, "SELECT url FROM aliases") == [{"url": site.url + path(2)}]
    run(archive, "verify")


def test_articles_that_are_numbered_like_pages_stay_articles(archive, site):
    links = "".join(f'<a href="{path(number)}">第{number}条消息</a>' for number in (3, 4, 5))
    site.pages["/list/"] = f"<meta charset=utf-8>{links}".encode()
    for number in (3, 4, 5):
        site.pages[path(number)] = page(number, (number - 1, "上一页"))
    assert crawl(archive, "local")["local"]["counts"]["new"] == 3
    assert {row["state"] for row in rows(archive, "SELECT state FROM frontier")} == {"done"}


def test_limit_counts_articles_and_not_pages(archive, site):
    put(site, 4)
    assert crawl(archive, "local", "--limit", 1)["local"]["counts"]["new"] == 1
    assert held(archive)["text"] == texts(1, 2, 3, 4)


def test_crawl_that_is_killed_between_pages_goes_on(archive, site):
    put(site, 6)
    site.pages["/list/"] = Reply(site.pages["/list/"])
    for number in range(1, 7):
        site.pages[path(number)] = Reply(site.pages[path(number)], delay=0.3)
    for pages in (2, 3):
        process = start(archive, "crawl", "local")
        while len(site.requests("/news/")) < pages:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        time.sleep(0.1)
        kill(process)
        process.communicate()
        assert rows(archive, "SELECT * FROM articles") == []
    crawl(archive, "local")
    assert held(archive)["text"] == texts(1, 2, 3, 4, 5, 6)
    assert sorted(set(parts(archive))) == [1, 2, 3, 4, 5, 6]
    assert site.requests("/news/")[FIRST] == 1
    run(archive, "verify")


def test_crawl_that_is_killed_before_the_pages_are_joined_goes_on(archive, site):
    put(site, 3)
    crawl(archive, "local")
    with sqlite3.connect(archive / "archive.db") as connection:
        index.register(connection)
        connection.execute("UPDATE frontier SET state = 'waiting' WHERE kind = 'article'")
        connection.execute("DELETE FROM revisions")
        connection.execute("DELETE FROM articles")
    connection.close()
    site.log.clear()
    crawl(archive, "local")
    assert not site.requests("/news/")
    assert held(archive)["text"] == texts(1, 2, 3)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1)])
def test_replayed_pages_are_joined(tmp_path, site, order):
    home = "http://127.0.0.1:9"  # nobody listens there
    article = r"/news/\d+(?:_\d+)?\.html$"
    add_profile(tmp_path, "local", profile(site, home=home, hosts=["127.0.0.1:9"], article=article))
    put(site, 3)
    pages = [exchange(home + path(number), site.pages[path(number)], "text/html") for number in order]
    file = write_warc(tmp_path / "parts.warc.gz", pages)
    summary = crawl(tmp_path, "local", "--replay", file)["local"]
    assert summary["counts"]["new"] == 1
    assert held(tmp_path)["text"] == texts(1, 2, 3)
    assert parts(tmp_path) == [1, 2, 3]
    run(tmp_path, "verify")
