"""Crawls of a site whose template changed: what is held of its articles stays, whatever code reads them later."""

import json
from datetime import timedelta

import pytest
from crawls import Crawls
from local_server import LocalSite
from stories import START, RecentNews
from test_visits import redesigned

FIELDS = "SELECT uid, title, source, editors, published_at, text, layout, revision FROM articles ORDER BY uid"


class Years:
    """An archive of one local site, and a clock that is moved from visit to visit."""

    def __init__(self, path, site):
        self.crawls = Crawls(path)
        self.crawls.profile(site)
        self.rows = self.crawls.rows
        self.clock = self.crawls.path / "clock"
        self.at(0)

    def at(self, days):
        self.clock.write_text((START + timedelta(days=days)).isoformat(), encoding="ascii")
        return self

    def crawl(self, *options):
        ended = self.crawls.command("crawl", *(options or ("lokal",)), UNION_ARCHIVE_CLOCK=str(self.clock))
        assert ended.returncode == 0, ended.stdout + ended.stderr

    @property
    def revisions(self):
        return self.rows("SELECT url FROM articles WHERE revision > 1")


@pytest.fixture
def site():
    with LocalSite() as one:
        yield one


def bare(page):
    """The page without its labels, in a template that prints headline and text alone."""
    start, _, rest = redesigned(page).partition(b"<div class=meta2>")
    return start + rest.partition(b"</div>")[2]


def without_layouts(years):
    """Take the layouts out of the profile: the site is read by the generic extractor alone."""
    profile = years.crawls.directory.sites / "lokal.toml"
    profile.write_text(profile.read_text(encoding="utf-8").partition("[[layout]]")[0], encoding="utf-8")


@pytest.mark.parametrize("layouts", [True, False])
def test_other_code_under_a_template_that_says_less_takes_nothing(tmp_path, site, layouts):
    news = RecentNews(4)
    news.put(site)
    years = Years(tmp_path, site)
    if not layouts:
        without_layouts(years)
    years.crawl()
    before = years.rows(FIELDS)
    assert {(row["source"], row["layout"]) for row in before} == {("本地工会", "1" if layouts else "generic")}
    for number in range(1, 5):
        site.pages[news.path(number)] = bare(news.article(number))
    years.at(1.3).crawl("--due", "lokal")
    profile = years.crawls.directory.sites / "lokal.toml"
    # Another profile is another reading: of the same bytes first, then of others that say the same.
    for day, ending in enumerate(("", " "), 2):
        profile.write_text(f"# {day}\n" + profile.read_text(encoding="utf-8"), encoding="utf-8")
        for number in range(1, 5):
            site.pages[news.path(number)] = bare(news.article(number)) + ending.encode()
        years.at(day).crawl("--full", "lokal")
        assert years.crawls.run["articles_unchanged"] == 4
    assert years.rows(FIELDS) == before
    assert years.crawls.problems() == []


def test_bytes_that_came_from_another_address_before_are_read_at_their_own(tmp_path, site):
    news = RecentNews(3)
    news.put(site)
    body = news.article(2).replace(b"</p></div>", '</p><p>附件：<a href="a.doc">名单.doc</a></p></div>'.encode())
    site.pages["/news/2.html"] = body
    years = Years(tmp_path, site)
    years.crawl()
    site.pages["/copy/news/2.html"] = body
    site.pages["/list/"] = site.pages["/list/"].replace(b"<li>", b'<li><a href="/copy/news/2.html">x</a></li><li>', 1)
    years.at(0.6).crawl()
    query = "SELECT attachments FROM articles WHERE url LIKE '%/news/2.html' ORDER BY url"
    files = [json.loads(row["attachments"])[0]["url"] for row in years.rows(query)]
    assert files == [f"{site.url}/copy/news/a.doc", f"{site.url}/news/a.doc"]
    assert [row["kind"] for row in years.rows("SELECT kind FROM captures WHERE url LIKE '%/copy/%'")] == ["same"]
    profile = years.crawls.directory.sites / "lokal.toml"
    other = profile.read_text(encoding="utf-8") + 'remove = ["p:first-child"]\n'
    profile.write_text(other, encoding="utf-8")  # what is held is derived again, to compare
    for path in ("/news/2.html", "/copy/news/2.html"):
        site.pages[path] = body.replace("版权所有".encode(), "今日访问8812次".encode())
    years.at(2).crawl("--full", "lokal")
    assert years.revisions == []
    assert not years.rows("SELECT 1 FROM articles WHERE text LIKE '%第1段%'")
