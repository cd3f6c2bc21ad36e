"""A site's two months with all that a rebuild has to bring back, in crawls of a second each."""

import json
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from urllib.parse import quote

from illustrated import PDF, picture, sent
from illustrated import article as illustrated
from local_server import LocalSite, News, Reply
from rebuilt import START, Lived, silence, validated
from stories import RecentNews
from test_replay import exchange, write_warc

SECTIONS = "".join(
    f'[[section]]\nname = "{name}"\nurl = "{{url}}{path}"\n'
    for name, path in (("停更", "/gone/"), ("无声", "/silent/"), ("禁止", "/secret/"), ("空栏", "/empty/"))
)
ARTICLE = r"/(?:news|old)/\d+(?:_\d+)?\.html$"
OLD_TEMPLATE = (b"class=content", b"class=zhengwen"), (b"<h1>", b"<div class=bt><h2>"), (b"</h1>", b"</h2></div>")
GONE = Reply(b"", 404, "Not Found")
ROBOTS = sent(b"User-agent: *\nDisallow: /secret/\n", "text/plain")


class Life:
    """The archive and its three sites: `lokal` with all that happens, its `twin`, and `still`, which is restricted."""

    def __init__(self, archive, site, twin, still):
        self.archive, self.site, self.twin, self.still = archive, site, twin, still
        self.news = RecentNews(15, per_page=8)

    def put(self):
        """Put up the sites as they are at first."""
        site, news = self.site, self.news.put(self.site)
        RecentNews(3).put(self.still)
        for number in (1, 2, 3):
            self.twin.pages[news.path(number)] = news.article(number)
        self.twin.pages["/list/"] = News(3).listing(1)
        site.pages["/robots.txt"] = ROBOTS
        site.pages["/gone/"] = Reply(b"", 418, "No")
        site.pages["/empty/"] = "<!doctype html><meta charset=utf-8><h1>空栏</h1><p>暂无内容</p>".encode()
        site.raw["/silent/"] = silence
        for number in (3, 4):
            site.pages[news.path(number)] = validated(news.article(number), f'"{number}"')
        self._put_parts()
        self._put_pictures()
        for name, one in (("lokal", site), ("twin", self.twin), ("still", self.still)):
            more = {"more": "", "concurrency": 2} if one is site else {}
            self.archive.profile(one, name, article=ARTICLE, **more)
        path = self.archive.directory.sites / "lokal.toml"
        path.write_text(path.read_text("utf-8") + SECTIONS.format(url=site.url), encoding="utf-8")

    def _put_parts(self):
        site = self.site
        rows = '<li><a href="/news/60.html">长消息，共有几页</a><li><a href="/old/1.html">长消息二，从前的地址</a>'
        rows += '<li><a href="/news/80.html">另一条长消息</a><li><a href="/news/99.html">没有的</a>'
        site.pages["/list/"] = site.pages["/list/"].replace(b"<ul class=list>", b"<ul class=list>" + rows.encode())
        pager = "".join(f'<a href="{_part(60, number)}">{number}</a> ' for number in (1, 2, 3))
        for number in (1, 2, 3):
            site.pages[_part(60, number)] = _with_links(self.news.article(59 + number), pager)
        site.pages["/old/1.html"] = Reply(status=301, reason="Moved", headers=(("Location", "/news/70.html"),))
        site.pages["/news/70.html"] = self.news.article(70)
        # Its second page is not there at first.
        links = b'<p><a href="/news/80.html">1</a> <a href="/news/80_2.html">2</a></p></div><p class=foot>'
        self.first, self.second = (
            self.news.article(80 + number).replace(b"</div><p class=foot>", links) for number in (0, 1)
        )
        site.pages["/news/80.html"] = self.first

    def _put_pictures(self):
        site = self.site
        site.pages[self.news.path(5)] = illustrated(5, "/pic/a.png", "/pic/gone.png", "/f/form.pdf")
        site.pages[self.news.path(6)] = illustrated(6, "/pic/a.png", "/pic/moved.png", "/secret/b.png")
        site.pages |= {
            "/pic/a.png": sent(picture(1)),
            "/pic/moved.png": Reply(status=302, reason="Found", headers=(("Location", "/pic/new.png"),)),
            "/pic/new.png": sent(picture(3)),
            "/f/form.pdf": sent(PDF, "application/octet-stream"),
        }

    def live(self):
        """Crawl, edit, remove, restrict and decide for two months."""
        archive, site, news = self.archive, self.site, self.news
        sites = ("lokal", "twin", "still")
        archive.on(0, "crawl", *sites)
        self._restrict(0.2)
        self._edit(1), self._edit(12)
        back = site.pages[news.path(10)]
        site.pages |= dict.fromkeys(map(news.path, (8, 10, 15)), GONE)
        archive.on(1.3, "crawl", "--due", *sites)
        site.pages["/news/80_2.html"] = self.second
        archive.on(2.8, "crawl", "--full", *sites)
        self._decide(2.85, "not-withdrawn", lambda one: one["uid"] == archive.uid(news.path(15)))
        archive.on(2.9, "restrict", "--lift", archive.restricted, "--reason", "settled")
        site.pages[news.path(10)] = back
        self._redesign()
        self.twin.pages |= dict.fromkeys(map(news.path, (1, 2, 3)), GONE)  # so many at once that a person decides
        self.twin.pages["/list/"] = GONE
        archive.on(9, "crawl", "--due", *sites, status=1)
        site.pages[news.path(11)] = news.article(11)  # the old template is back
        site.pages["/gone/"] = site.pages["/list/2.html"]
        archive.on(20, "crawl", "--limit", "2", "lokal")
        archive.on(40, "crawl", "--due", *sites, status=1)
        self._decide(41, "withdrawn", lambda one: (one["site"], one["kind"]) == ("twin", "withdrawn"))
        archive.on(45, "crawl", "--after", "2026-09-17", "--full", "lokal")
        archive.on(61, "crawl", "--full", "lokal")
        archive.on(62, "crawl", "lokal", "--replay", str(self._translation()))

    def _edit(self, number):
        path = self.news.path(number)
        page = self.site.pages[path]
        self.site.pages[path] = page.replace("约定月底前".encode(), f"约定第{number}周".encode())

    def _restrict(self, day):
        archive = self.archive
        archive.restricted, other = archive.uid("/news/1.html"), archive.uid("/news/2.html")
        for name in (archive.restricted, other, "still"):
            archive.on(day, "restrict", name, "--reason", "asked for")

    def _decide(self, day, action, is_it):
        items = json.loads(self.archive.on(day, "review", "--json"))
        self.archive.on(day, "review", "decide", next(one["id"] for one in items if is_it(one)), action)

    def _translation(self):
        """Write a WARC file of a web translator's copy of an article."""
        of = quote(self.site.url + self.news.path(2), safe="")
        url = f"http://translate.baiducontent.com/transpage?query={of}&from=zh&to=en"
        page = self.news.article(2).replace("食堂的意见簿（2）".encode(), b"The canteen's book of complaints")
        one = exchange(url, page, "text/html; charset=utf-8", START + timedelta(days=61.5))
        return write_warc(self.archive.path / "translation.warc.gz", [one])

    def _redesign(self):
        """Have three articles in a template that no layout reads: one as it was, one edited, one that says less."""
        for number in (11, 13, 14):
            page = self.news.article(number)
            for old, new in OLD_TEMPLATE:
                page = page.replace(old, new)
            if number == 13:
                page = page.replace("约定月底前".encode(), "约定周五前".encode())
            if number == 14:
                page = page.replace("来源：本地工会 ".encode(), b"")
            self.site.pages[self.news.path(number)] = page


def _part(article, number):
    return f"/news/{article}.html" if number == 1 else f"/news/{article}_{number}.html"


def _with_links(page, links):
    return page.replace(b"</div><p class=foot>", f"<p>{links}</p></div><p class=foot>".encode())


@contextmanager
def lived(path):
    """Yield a Life that was lived."""
    with ExitStack() as stack:
        sites = [stack.enter_context(LocalSite()) for _ in range(3)]
        life = Life(Lived(path), *sites)
        stack.callback(life.archive.end)
        life.put()
        life.live()
        yield life
