"""Years of crawling: what is looked at again and when, what was edited, withdrawn, blocked, and what only looks so."""

import pytest
from local_server import Reply
from shared import once
from stories import Stories, crawl, due, play

STORIES = Stories()
tell = STORIES.tell


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """Play all stories but those that want an archive of their own; how each ended, by its name."""
    return once(tmp_path_factory, "years", lambda path: play(path, STORIES.told))


def validated(body, etag):
    """A page that answers 304 to who has it."""

    def answer(request):
        if request.headers.get("if-none-match") == etag:
            return Reply(b"", 304, "Not Modified", (("ETag", etag),))
        return Reply(body, headers=(("Content-Type", "text/html; charset=utf-8"), ("ETag", etag)))

    return answer


MISSING = "<meta charset=utf-8><title>提示</title><p>您访问的页面不存在</p>".encode()


@tell
def test_a_second_crawl_reads_the_listing_alone(years):
    assert len((yield crawl(0))) == 14
    assert (yield crawl(0.5)) == ["/list/"]
    assert years.rows("SELECT outcome FROM looks ORDER BY day")[-1]["outcome"] in ("read", "unchanged")


@tell
def test_articles_are_visited_after_1_7_and_30_days(years):
    yield crawl(0)
    for day, visited in {0.8: False, 1.3: True, 5: False, 8.5: True, 25: False, 36: True}.items():
        assert ("/news/3.html" in (yield due(day))) == visited, day


@tell
def test_due_crawls_nothing_before_its_time(years):
    yield crawl(0)
    assert (yield due(0.2)) == []
    assert years.outcome is None
    assert (yield due(0.6)) == ["/list/"]


@tell
def test_an_audit_finds_what_was_put_below_the_first_page(years):
    site, news = years.site, years.news
    yield crawl(0)
    site.pages["/news/77.html"] = news.article(77)
    second = site.pages["/list/2.html"].replace(b"<ul class=list>", b'<ul class=list><li><a href="/news/77.html">x</a>')
    site.pages["/list/2.html"] = second
    assert "/list/2.html" not in (yield due(1.4))
    asked = yield due(8.5)
    assert {"/list/2.html", "/news/77.html"} <= set(asked)
    assert "/list/2.html" not in (yield due(11.5))


@tell
def test_a_new_title_in_the_listing_has_the_article_read_again(years):
    site, news = years.site, years.news
    yield crawl(0)
    site.pages["/list/"] = site.pages["/list/"].replace("食堂的意见簿（2）".encode(), "食堂有了新意见簿".encode())
    site.pages["/news/2.html"] = news.article(2).replace("食堂的意见簿（2）".encode(), "食堂有了新意见簿".encode())
    assert sorted((yield due(0.6))) == ["/list/", "/news/2.html"]
    assert years.revisions == ["2.html"]


@tell
def test_an_edit_is_a_revision_and_what_moves_around_it_is_none(years):
    site, news = years.site, years.news
    yield crawl(0)
    for number in range(1, 13):
        page = news.article(number).replace(b"<body>", f"<body><nav>访问量{number * 37}</nav>".encode())
        page = page.replace("版权所有".encode(), "版权所有 今日访问 8812 次".encode())
        site.pages[news.path(number)] = page
    edited = site.pages["/news/5.html"].replace("约定月底前答复".encode(), "约定周五前答复".encode(), 1)
    site.pages["/news/5.html"] = edited
    assert len((yield due(1.3))) >= 13
    assert years.revisions == ["5.html"]
    (revision,) = years.rows("SELECT content FROM revisions WHERE revision = 1 AND content IS NOT NULL")
    assert "约定月底前答复" in revision["content"]


@tell(
    missing={"reply": Reply(b"", 404, "Not Found"), "how": "HTTP 404"},
    gone={"reply": Reply(b"", 410, "Gone"), "how": "HTTP 410"},
    home={"reply": Reply(b"", 302, "Found", (("Location", "/"),)), "how": "redirects to http://127.0.0.1:{port}/"},
    words={"reply": Reply(MISSING), "how": "says that there is no such page"},
)
def test_gone_twice_a_day_apart_is_withdrawn_and_back_again_is_noted(years, reply, how):
    site = years.site
    site.pages["/"] = "<meta charset=utf-8><h1>本地工会</h1>".encode()
    yield crawl(0)
    page, site.pages["/news/4.html"] = site.pages["/news/4.html"], reply
    first = years.rows("SELECT change FROM articles WHERE url LIKE '%/4.html'")[0]["change"]
    yield due(1.3)
    assert not years.rows("SELECT 1 FROM articles WHERE withdrawn_at IS NOT NULL")
    assert years.rows("SELECT how FROM withdrawals") == [{"how": how.format(port=site.port)}]
    assert (yield due(1.7)) in ([], ["/list/"])  # too early for the second visit
    assert "/news/4.html" in (yield due(2.6))
    (held,) = years.rows("SELECT url, withdrawn_at, change, text FROM articles WHERE withdrawn_at IS NOT NULL")
    assert held["url"].endswith("/4.html")
    assert held["withdrawn_at"].startswith("2026-10-02")
    assert "第4号消息" in held["text"]
    assert held["change"] > first
    assert years.outcome == "finished"
    site.pages["/news/4.html"] = page
    yield due(36)
    assert not years.rows("SELECT 1 FROM articles WHERE withdrawn_at IS NOT NULL")
    (row,) = years.rows("SELECT confirmed_at, back_at FROM withdrawals")
    assert row["back_at"] > row["confirmed_at"]
    assert years.revisions == []


@tell
def test_one_bad_day_withdraws_nothing(years):
    site = years.site
    yield crawl(0)
    page, site.pages["/news/4.html"] = site.pages["/news/4.html"], Reply(b"", 404, "Not Found")
    yield due(1.3)
    site.pages["/news/4.html"] = page
    yield due(2.6)
    assert years.rows("SELECT * FROM withdrawals") == []


@tell
def test_a_site_that_has_moved_withdraws_nothing(years):
    site, news = years.site, years.news
    yield crawl(0)
    for number in range(1, 12):
        site.pages[news.path(number)] = Reply(b"", 404, "Not Found")
    for day in (1.3, 2.6, 4):
        yield due(day)
    assert len(years.rows("SELECT 1 FROM withdrawals WHERE confirmed_at IS NULL AND visits >= 1")) == 11
    assert not years.rows("SELECT 1 FROM articles WHERE withdrawn_at IS NOT NULL")


def redesigned(page):
    """The page in another template: no class and no heading of the old one is left."""
    page = page.replace(b"class=content", b"class=zhengwen").replace(b"class=info", b"class=meta2")
    return page.replace(b"<h1>", b"<div class=bt><h2>").replace(b"</h1>", b"</h2></div>")


@tell
def test_a_new_template_revises_nothing_and_no_article_loses_a_field(years):
    site, news = years.site, years.news
    yield crawl(0)
    before = years.rows("SELECT uid, title, source, published_at, text, layout FROM articles ORDER BY uid")
    for number in range(1, 13):
        site.pages[news.path(number)] = redesigned(news.article(number)).replace("来源：本地工会 ".encode(), b"")
    yield due(1.3)
    after = years.rows("SELECT uid, title, source, published_at, text, layout FROM articles ORDER BY uid")
    assert after == before
    assert years.revisions == []
    readings = {
        row["layout"]: row["pages"] for row in years.rows("SELECT layout, pages FROM readings WHERE day > '2026-10-01'")
    }
    assert readings == {"generic": 12}


@tell
def test_an_edit_under_a_new_template_waits_for_the_profile(years):
    site, news = years.site, years.news
    yield crawl(0)
    for number in range(1, 13):
        site.pages[news.path(number)] = redesigned(news.article(number))
    site.pages["/news/3.html"] = site.pages["/news/3.html"].replace(
        "约定月底前答复".encode(), "约定周五前答复".encode()
    )
    yield due(1.3)
    assert years.revisions == []
    (row,) = years.rows("SELECT error FROM frontier WHERE error LIKE '%mend the profile'")
    assert "/news/3.html: differs, and no layout of the site reads it any more" in row["error"]
    profile = years.profile_file
    more = '[[layout]]\nbody = "div.zhengwen"\ntitle = "h2"\ndate = "div.meta2"\n'
    profile.write_text(profile.read_text(encoding="utf-8") + more, encoding="utf-8")
    yield due(8.5)
    assert years.revisions == ["3.html"]


CHALLENGE = b"<html><head><script>$_ts=window['$_ts'];document.cookie='a=1';location.reload()</script></head></html>"


@tell(refused={"reply": Reply(CHALLENGE, 412, "Precondition Failed")}, sent={"reply": Reply(CHALLENGE)})
def test_a_challenge_marks_the_site_and_becomes_no_article(years, reply):
    site = years.site
    yield crawl(0)
    years.profile(concurrency=1, delay=0.1)
    held = years.rows("SELECT count(*) AS n FROM articles")
    for path in [*site.pages]:
        site.pages[path] = reply
    asked = yield due(1.3)
    if reply.status == 412:  # the others are known for what they are once they are read
        assert len(asked) <= 5
    run = years.run
    assert (run["outcome"], run["cause"]) == ("failed", "blocked")
    assert years.outcome == "failed"
    assert years.rows("SELECT count(*) AS n FROM articles") == held
    assert not years.rows("SELECT 1 FROM withdrawals")
    assert years.rows("SELECT outcome FROM looks ORDER BY day DESC LIMIT 1") == [{"outcome": "blocked"}]
    assert (yield due(2.2)) == []  # backed off for a day
    yield due(2.6)
    assert (yield due(4.5)) == []  # and for two


@tell
def test_what_is_due_while_the_server_is_down_is_asked_for_later(years):
    site = years.site
    yield crawl(0)
    pages, site.pages = (
        site.pages,
        dict.fromkeys(site.pages, Reply(b"", 503, "Unavailable", (("Retry-After", "9000"),))),
    )
    yield due(1.3)
    assert years.run["cause"] == "waits"
    site.pages = pages
    assert (yield due(1.4)) == []
    assert "/list/" in (yield due(1.7))
    assert years.run["outcome"] == "finished"


@tell
def test_a_server_whose_etag_lies_is_read_as_it_is(years):
    site, news = years.site, years.news
    tags = iter(range(10**6))
    for number in range(1, 13):
        body = news.article(number)
        site.pages[news.path(number)] = lambda request, body=body: Reply(
            body, headers=(("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{next(tags)}"'))
        )
    yield crawl(0)
    yield due(1.3)
    assert years.revisions == []
    assert years.run["articles_unchanged"] == 12


@tell
def test_validators_are_sent_and_304_confirms(years):
    site = years.site
    for path, body in [*site.pages.items()]:
        site.pages[path] = validated(body, f'"{path}"')
    yield crawl(0)
    yield due(1.3)
    run = years.run
    assert (run["articles_unchanged"], run["failed"]) == (12, 0)
    assert run["bytes"] < 500
    assert {
        row["kind"] for row in years.rows("SELECT kind FROM captures WHERE run = ? AND uid IS NOT NULL", run["id"])
    } == {"unmodified"}


@STORIES.tell_alone()
def test_a_clock_that_jumps_back_neither_spins_nor_loses(years):
    yield crawl(30)
    assert (yield due(0)) == []
    yield crawl(0)
    assert years.rows("SELECT count(*) AS n FROM articles") == [{"n": 12}]
    assert years.revisions == []


@STORIES.tell_alone()
def test_what_a_clock_that_was_ahead_has_planned_is_due(years):
    yield crawl(20_000)
    assert sorted((yield due(0.5))) == sorted(["/list/", *map(years.news.path, range(1, 13))])


@STORIES.tell_alone("[crawl]\nbudget = 8\n")
def test_the_days_budget_leaves_the_rest_for_tomorrow(years):
    yield due(0)
    assert years.outcome == "interrupted"
    assert years.run["requests"] == 8
    assert (yield due(0.9)) == []
    yield due(1.01)
    yield due(2.01)
    assert years.rows("SELECT count(*) AS n FROM articles") == [{"n": 12}]


@tell
def test_an_article_that_flips_between_two_versions_is_not_visited_every_day(years):
    site, news = years.site, years.news
    one, other = news.article(5), news.article(5).replace("月底".encode(), "周五".encode())
    yield crawl(0)
    for day, page in ((1.3, other), (2.6, one), (8.5, other)):
        site.pages["/news/5.html"] = page
        yield due(day)
    (row,) = years.rows(
        "SELECT a.revision, f.next_check FROM articles AS a JOIN frontier AS f USING (key) WHERE a.url LIKE '%/5.html'"
    )
    assert row["revision"] == 4
    assert row["next_check"] > "2026-10-30"


@tell
def test_a_page_that_fails_is_tried_less_often_each_time(years):
    site = years.site
    page, site.pages["/news/5.html"] = site.pages["/news/5.html"], Reply(b"", 418, "No")
    yield crawl(0)
    tried = []
    for day in (0.6, 1.2, 1.7, 2.2, 3.5, 4.5):
        if "/news/5.html" in (yield due(day)):
            tried.append(day)
    assert tried == [0.6, 1.7, 4.5]
    site.pages["/news/5.html"] = page
    assert "/news/5.html" in (yield due(8.5))


@tell
def test_a_section_that_is_gone_is_no_site_that_finds_nothing(years):
    site, news = years.site, years.news
    site.pages["/other/"] = site.pages["/list/2.html"]
    years.profile(more=f'[[section]]\nname = "动态"\nurl = "{site.url}/other/"\n')
    yield crawl(0)
    site.pages["/list/"] = Reply(b"", 404, "Not Found")
    for day in (0.6, 1.3, 2.6, 4.0):
        yield due(day)
        assert years.run["outcome"] == "finished"
    kinds = years.rows("SELECT kind, section, ended_at FROM incidents")
    assert kinds == [{"kind": "listing", "section": "要闻", "ended_at": None}]
    site.pages["/list/"] = news.listing(1)
    yield due(5)
    assert years.rows("SELECT 1 FROM incidents WHERE ended_at IS NULL") == []
    site.pages["/list/"] = site.pages["/other/"] = Reply(b"", 404, "Not Found")
    yield due(8.5)
    assert years.run["cause"] == "nothing"
