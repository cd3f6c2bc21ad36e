"""Listings that lead nowhere or without an end: what they cost is bounded, counted and said."""

import json

import pytest
from crawls import Crawls
from local_server import LocalSite, News, Reply

PAGE = "<!doctype html><meta charset=utf-8><ul>{rows}</ul><div>{more}</div>"


@pytest.fixture
def site():
    with LocalSite() as found:
        News(9).put(found)
        yield found


@pytest.fixture
def crawls(tmp_path, site):
    return Crawls(tmp_path / "archive").profile(site)


def page(numbers, more="", extra=""):
    rows = "".join(f'<li><a href="/news/{number}.html">第{number}号消息有了回音</a></li>' for number in numbers)
    following = f'<a href="{more}">下一页</a>' if more else ""
    return PAGE.format(rows=rows + extra, more=following).encode()


def test_pages_that_lead_round_in_a_circle_are_asked_for_once(crawls, site):
    site.pages |= {"/list/": page([1, 2], "/list/2.html"), "/list/2.html": page([3, 4], "/list/3.html")}
    site.pages["/list/3.html"] = page([5], "/list/")
    assert crawls.crawl().returncode == 0
    assert set(site.requests("/list/").values()) == {1}
    assert crawls.articles == {f"/news/{number}.html" for number in range(1, 6)}


def test_pages_without_an_end_are_left_where_nothing_is_new(crawls, site):
    """A calendar leads from day to day for ever, a pager past its end to its last page."""
    for number in range(1, 60):
        site.pages[f"/list/?p={number}"] = page([4, 5], f"/list/?p={number + 1}")
    site.pages["/list/"] = page([1, 2, 3], "/list/?p=1")
    assert crawls.crawl().returncode == 0
    assert sum(site.requests("/list/").values()) == 3


def test_pages_that_always_bring_something_new_end_at_the_deepest(crawls, site):
    for number in range(1, 9):
        site.pages[f"/list/?p={number}"] = page([number + 1], f"/list/?p={number + 1}")
    site.pages["/list/"] = page([1], "/list/?p=1")
    assert crawls.crawl(modules={"crawler.leads": {"MAX_DEPTH": 4}}).returncode == 0
    assert sum(site.requests("/list/").values()) == 4
    assert len(crawls.articles) == 4


def test_a_named_page_that_is_not_there_is_a_failure(crawls, site):
    site.pages["/list/"] = page([1, 2], "/list/2.html")
    ended = crawls.crawl()
    assert "2 new, 0 changed, 0 unchanged, 1 failed" in ended.stdout
    assert crawls.frontier["/list/2.html"][0] == "failed"


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_counted_page_that_is_not_there_ends_its_listing(crawls, site, status):
    crawls.profile(site, listing="/json/ghgz/34165_1.json", more='family = "workercn"\n')
    rows = [{"href": f"/news/{number}.html"} for number in (1, 2)]
    site.pages["/json/ghgz/34165_1.json"] = json.dumps(rows).encode()
    site.pages["/json/ghgz/34165_2.json"] = Reply(b"gone", status, "Gone")
    ended = crawls.crawl()
    assert "2 new, 0 changed, 0 unchanged, 0 failed" in ended.stdout
    assert crawls.frontier["/json/ghgz/34165_2.json"] == ("done", None)
    assert crawls.rows("SELECT outcome, articles FROM looks") == [{"outcome": "read", "articles": 2}]


def test_a_counted_listing_whose_first_page_is_not_there_is_a_failure(crawls, site):
    crawls.profile(site, listing="/json/ghgz/34165_1.json", more='family = "workercn"\n')
    assert "1 failed" in crawls.crawl().stdout


def test_rows_that_repeat_and_rows_of_other_hosts(crawls, site):
    other = "".join(f'<li><a href="http://elsewhere.example/news/{n}.html">别处的消息</a></li>' for n in range(50))
    site.pages["/list/"] = page([1, 1, 2, 2, 1], extra=other)
    ended = crawls.crawl()
    assert "2 new, 0 changed, 0 unchanged, 0 failed" in ended.stdout
    assert crawls.rows("SELECT count(*) AS n FROM frontier WHERE kind = 'article'") == [{"n": 2}]


def test_addresses_that_differ_in_tracking_alone_are_one_article(crawls, site):
    crawls.profile(site, article=r"/news/\d+\.html")
    site.pages["/list/"] = page(
        ["1", "1.html?utm_source=a#", "1.html?from=timeline&isappinstalled=0#", "1.html?spm=a2c.b.c#top"]
    )
    ended = crawls.crawl()
    assert "1 new, 0 changed, 0 unchanged, 0 failed" in ended.stdout
    assert sum(site.requests("/news/").values()) == 1


def test_an_empty_listing_is_a_failure_that_is_said(crawls, site):
    site.pages["/list/"] = page([])
    ended = crawls.crawl()
    assert ended.returncode == 1
    assert "no listing yields an article link" in ended.stdout
    assert crawls.rows("SELECT outcome, articles FROM looks") == [{"outcome": "empty", "articles": 0}]


def test_a_post_that_is_answered_as_before_ends_the_listing(crawls, site):
    """A page asked for by POST has an identity of its own, so that a pager of one address goes on, and ends."""
    crawls.profile(
        site,
        listing="/template/10001/column.jsp?cid=222",
        more='family = "acftu_jsp"\n',
        article=r"/template/10001/file\.jsp\?cid=\d+&aid=\d+$",
    )
    rows = "".join(
        f'<td style="color:#0e2694;"><a href="file.jsp?cid=222&aid={number}">第{number}号消息有了回音</a></td>'
        for number in (1, 2)
    )
    form = '<form name="jumpform"><span class="pagenote_left">共40条 20页 第 1 页</span></form>'
    site.pages["/template/10001/column.jsp?cid=222"] = f"<html><body>{rows}{form}</body></html>".encode("gb18030")
    story = News(1).article(1)
    for number in (1, 2):
        site.pages[f"/template/10001/file.jsp?cid=222&aid={number}"] = story
    crawls.crawl()
    asked = [(one.method, one.body) for one in site.log if "column.jsp" in one.path]
    assert asked[0] == ("GET", b"")
    assert asked[1:] == [("POST", b"pgno=2")]
