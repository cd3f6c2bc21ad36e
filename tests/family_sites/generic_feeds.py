"""Sites of no known CMS: a section that is an index of sitemaps, and one that is a feed with further pages."""

import gzip
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from local_server import Reply

from family_sites.stories import Built, pages_of, story

_PROFILE = "article_url = '/story/\\d+$'\n"
_STORIES = [story(number) for number in range(1, 15)]
_XML = (("Content-Type", "application/xml"),)


def address(one):
    """The path of an article."""
    return f"/story/{4000 + one.number}"


def build_sitemap():
    """An index that names three sitemaps, one of them packed, and one of another site."""
    parts = pages_of(_STORIES, 5)
    names = ["/sitemap-1.xml", "/sitemap-2.xml.gz", "/sitemap-3.xml"]

    def index(request):
        return Reply(_index(f"http://{request.headers['host']}", names).encode(), headers=_XML)

    pages = {"/sitemap.xml": index}
    for name, rows in zip(names, parts, strict=True):
        pages[name] = _sitemap(name, rows)
    return _built(pages, "/sitemap.xml", 4)


def build_rss():
    """A feed that names its next page (RFC 5005), three pages long."""
    listed = pages_of(_STORIES, 5)
    pages = {}
    for number, rows in enumerate(listed, 1):
        following = f"/feed.xml?part={number + 1}" if number < len(listed) else None
        pages["/feed.xml" if number == 1 else f"/feed.xml?part={number}"] = _feed(rows, following)
    return _built(pages, "/feed.xml", 3)


def _built(pages, listing, listing_pages):
    return Built(
        "generic",
        pages | {address(one): _article(one).encode() for one in _STORIES},
        {address(one): _expected(one) for one in _STORIES},
        listing=listing,
        section="要闻",
        listing_pages=listing_pages,
        profile=_PROFILE,
        absent=("首页", "版权所有"),
        detected=False,
    )


def _index(site, names):
    rows = "".join(
        f"<sitemap><loc>{site}{name}</loc><lastmod>2026-09-{number:02d}</lastmod></sitemap>\n"
        for number, name in enumerate(names, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="/main-sitemap.xsl"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}'
        "<sitemap><loc>http://elsewhere.example/sitemap.xml</loc></sitemap>\n</sitemapindex>"
    )


def _sitemap(name, rows):
    def answer(request):
        site = f"http://{request.headers['host']}"
        urls = "".join(
            f"<url><loc>{site}{address(one)}</loc><lastmod>{one.day}</lastmod><changefreq>never</changefreq></url>\n"
            for one in rows
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"<url><loc>{site}/</loc></url>\n{urls}</urlset>"
        ).encode()
        return Reply(gzip.compress(body, mtime=0) if name.endswith(".gz") else body, headers=_XML)

    return answer


def _feed(rows, following):
    def answer(request):
        site = f"http://{request.headers['host']}"
        items = "".join(
            f"<item><title><![CDATA[{one.title}]]></title><link>{site}{address(one)}</link>"
            f"<pubDate>{_moment(one)}</pubDate></item>\n"
            for one in rows
        )
        further = f'<atom:link rel="next" href="{site}{escape(following)}"/>\n' if following else ""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">'
            f"<channel><title>要闻</title><link>{site}/</link>\n{further}{items}</channel></rss>"
        )
        return Reply(body.encode(), headers=(("Content-Type", "application/rss+xml"),))

    return answer


def _moment(one):
    return format_datetime(
        datetime.fromisoformat(f"{one.day}T{one.time}:00").replace(tzinfo=timezone(timedelta(hours=8)))
    )


def _article(one):
    body = "".join(f"<p>{each}</p>" for each in one.paragraphs)
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{one.title}</title></head><body><div class="nav">'
        f'<a href="/">首页</a></div><h1>{one.title}</h1><div class="info">{one.day} {one.time} 来源：{one.source} '
        f'作者：{one.author}</div><div class="story">{body}</div><p>（责任编辑：{one.editor}）</p>'
        "<p>版权所有 青禾市总工会</p></body></html>"
    )


def _expected(one):
    return one.said("要闻", "generic")
