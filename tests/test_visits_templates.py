"""Crawls of sites whose templates changed: what is held of their articles stays, whatever code reads them later."""

import json

import pytest
from stories import Stories, crawl, due, play
from test_visits import redesigned

FIELDS = "SELECT uid, title, source, editors, published_at, text, layout, revision FROM articles ORDER BY uid"
STORIES = Stories()


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    return play(tmp_path_factory.mktemp("templates"), STORIES.told)


def bare(page):
    """The page without its labels, in a template that prints headline and text alone."""
    start, _, rest = redesigned(page).partition(b"<div class=meta2>")
    return start + rest.partition(b"</div>")[2]


def change(years, old, new):
    """Change the profile: what is held is then derived again where a page differs."""
    text = years.profile_file.read_text(encoding="utf-8")
    assert old in text
    years.profile_file.write_text(text.replace(old, new), encoding="utf-8")


@STORIES.tell(of_a_layout={"layouts": True}, of_none={"layouts": False})
def test_other_code_under_a_template_that_says_less_takes_nothing(years, layouts):
    site, news = years.site, years.news
    if not layouts:
        change(years, '[[layout]]\nbody = "div.content"\ntitle = "h1"\ndate = "div.info"\n', "")
    yield crawl(0)
    before = years.rows(FIELDS)
    assert {(row["source"], row["layout"]) for row in before} == {("本地工会", "1" if layouts else "generic")}
    # First in the new template, then by other code the same bytes, then others that say the same.
    for day, ending in ((1.3, b""), (9, b""), (40, b" ")):
        for number in range(1, 13):
            site.pages[news.path(number)] = bare(news.article(number)) + ending
        assert {news.path(number) for number in range(1, 13)} <= {*(yield due(day))}
        assert years.run["articles_unchanged"] == 12
        assert years.rows(FIELDS) == before
        change(years, 'name = "本地工会"', f'# {day}\nname = "本地工会"')


@STORIES.tell
def test_bytes_that_came_from_another_address_before_are_read_at_their_own(years):
    site, news = years.site, years.news
    body = news.article(2).replace(b"</p></div>", '</p><p>附件：<a href="a.doc">名单.doc</a></p></div>'.encode())
    site.pages["/news/2.html"] = body
    yield crawl(0)
    site.pages["/copy/news/2.html"] = body
    site.pages["/list/"] = site.pages["/list/"].replace(b"<li>", b'<li><a href="/copy/news/2.html">x</a></li><li>', 1)
    yield crawl(0.6)
    query = "SELECT attachments FROM articles WHERE url LIKE '%/news/2.html' ORDER BY url"
    files = [json.loads(row["attachments"])[0]["url"] for row in years.rows(query)]
    assert files == [f"{site.url}/copy/news/a.doc", f"{site.url}/news/a.doc"]
    assert [row["kind"] for row in years.rows("SELECT kind FROM captures WHERE url LIKE '%/copy/%.html'")] == ["same"]
    change(years, 'date = "div.info"\n', 'date = "div.info"\nremove = ["p:first-child"]\n')
    for path in ("/news/2.html", "/copy/news/2.html"):
        site.pages[path] = body.replace("版权所有".encode(), "今日访问8812次".encode())
    yield due(9)
    assert years.revisions == []
    assert not years.rows("SELECT 1 FROM articles WHERE url LIKE '%/copy/%' AND text LIKE '%第1段%'")
