"""Feeds and sitemaps as listings: what they lead to, when it was published, and what hostile ones cost."""

import gzip
import time
from dataclasses import replace

import pytest
from saved_listings import EXAMPLE, listing

from crawler.families.feeds import is_feed
from crawler.families.sitemaps import is_sitemap

URL = "http://gh.example/feed.xml"
ARTICLE = "http://gh.example/a/1.html"
#: Seconds that reading may take here; the reading process gives a page five.
SECONDS = 4.0

LAUGHS = "<!DOCTYPE x [<!ENTITY l0 'ha'>" + "".join(
    f"<!ENTITY l{number} '{f'&l{number - 1};' * 10}'>" for number in range(1, 10)
) + "]>"  # fmt: skip


def rss(*items, head="", before='<?xml version="1.0" encoding="UTF-8"?>'):
    dublin = "http://purl.org/dc/elements/1.1/"
    atom = "http://www.w3.org/2005/Atom"
    return (
        f'{before}<rss version="2.0" xmlns:dc="{dublin}" xmlns:atom="{atom}"><channel><title>要闻</title>{head}'
        f"{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    )


def rdf(items):
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{URL}"><title>要闻</title></channel>{items}</rdf:RDF>'
    )


def atom(entries, head=""):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>要闻</title>{head}{entries}</feed>'


def read(body, profile=EXAMPLE, url=URL):
    return listing(body, url, profile)


def only(body, profile=EXAMPLE):
    (entry,) = read(body, profile).entries
    return entry


def within(seconds, body):
    """The entries of a hostile listing, read in time."""
    start = time.process_time()
    found = read(body).entries
    assert time.process_time() - start < seconds
    return found


# Feeds: what they lead to


@pytest.mark.parametrize(
    "body",
    [
        rss(f"<title>码头开会</title><link>{ARTICLE}</link><pubDate>Wed, 06 May 2026 08:00:00 +0800</pubDate>"),
        rdf(f'<item rdf:about="{ARTICLE}"><title>码头开会</title><link>{ARTICLE}</link>'
            "<dc:date>2026-05-06T08:00:00+08:00</dc:date></item>"),
        atom(f'<entry><title>码头开会</title><link rel="replies" href="{URL}"/><link rel="alternate" href="{ARTICLE}"/>'
             "<published>2026-05-06T00:00:00Z</published><updated>2026-06-06T00:00:00Z</updated></entry>"),
    ],
    ids=["rss", "rdf", "atom"],
)  # fmt: skip
def test_every_kind_of_feed_is_read(body):
    entry = only(body)
    assert (entry.url, entry.title, entry.date) == (ARTICLE, "码头开会", "2026-05-06T08:00:00+08:00")


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("<![CDATA[码头 & 夜班]]>", "码头 & 夜班"),
        ("码头 &amp; 夜班", "码头 & 夜班"),
        ("码头 &amp;amp; 夜班", "码头 & 夜班"),
        ("<![CDATA[<b>码头</b>\n 夜班]]>", "码头 夜班"),
        ("L&#8217;accord", "L’accord"),
        ("", None),
        ("<![CDATA[ ]]>", None),
    ],
)
def test_the_title_of_a_row(printed, title):
    assert only(rss(f"<title>{printed}</title><link>{ARTICLE}</link>")).title == title


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link>/a/2.html</link>", "http://gh.example/a/2.html"),
        ("<link>http://gh.example/a/2.html?utm_source=rss#x</link>", "http://gh.example/a/2.html"),
        ('<guid isPermaLink="true">http://gh.example/a/2.html</guid>', "http://gh.example/a/2.html"),
        ('<link>http://gh.example/</link><guid isPermaLink="false">http://gh.example/a/2.html</guid>',
         "http://gh.example/a/2.html"),
        ('<link>http://feeds.example/~r/1</link><o:origLink xmlns:o="http://rssnamespace.org/feedburner/ext/1.0">'
         "http://gh.example/a/2.html</o:origLink>", "http://gh.example/a/2.html"),
    ],
)  # fmt: skip
def test_where_a_row_leads(item, url):
    assert only(rss(item)).url == url


@pytest.mark.parametrize(
    "item",
    [
        "",
        "<title>无链接</title>",
        "<link>http://other.example/a/1.html</link>",
        "<link>http://gh.example/about/</link>",
        "<link>javascript:alert(1)</link>",
        "<link>http://[/a/1.html</link>",
        '<guid isPermaLink="false">a/1.html</guid>',
    ],
)
def test_a_row_that_leads_to_no_article_is_none(item):
    assert read(rss(item)).entries == ()


def test_an_article_is_listed_once_with_what_its_first_row_says():
    item = "<title>{}</title><link>" + ARTICLE + "</link>"
    assert [entry.title for entry in read(rss(item.format("甲"), item.format("乙"))).entries] == ["甲"]


# Feeds: dates


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("Wed, 06 May 2026 08:00:00 +0900", "2026-05-06T07:00:00+08:00"),
        ("Wed, 06 May 2026 08:00:00 GMT", "2026-05-06T16:00:00+08:00"),
        ("Wed, 06 May 2026 08:00:00 EST", "2026-05-06T21:00:00+08:00"),
        ("Tue, 05 May 2026 23:00:00 Z", "2026-05-06T07:00:00+08:00"),
        ("2026-05-06T08:00:00Z", "2026-05-06T16:00:00+08:00"),
        ("2026-05-06T08:00:00.250-05:00", "2026-05-06T21:00:00+08:00"),
        # Without a zone it is the site's own time; without a time it is a day.
        ("2026-05-06 08:00:00", "2026-05-06T08:00:00+08:00"),
        ("2026/05/06 08:00", "2026-05-06T08:00:00+08:00"),
        ("Wed, 06 May 2026 08:00:00", "2026-05-06T08:00:00+08:00"),
        ("Wed, 06 May 2026", "2026-05-06"),
        ("2026-05-06", "2026-05-06"),
        ("2026年5月6日", "2026-05-06"),
        # Nothing to go by.
        ("2026-05", None),
        ("Wed, 31 Feb 2026 08:00:00 GMT", None),
        ("gestern", None),
        ("", None),
    ],
)
def test_the_date_of_a_row(printed, date):
    assert only(rss(f"<link>{ARTICLE}</link><pubDate>{printed}</pubDate>")).date == date


def test_times_are_told_in_the_profiles_zone():
    body = rss(f"<link>{ARTICLE}</link><pubDate>Wed, 06 May 2026 08:00:00 +0900</pubDate>")
    assert only(body, replace(EXAMPLE, timezone="-03:30")).date == "2026-05-05T19:30:00-03:30"


def test_dublin_core_dates_an_item():
    assert (
        only(rss(f"<link>{ARTICLE}</link><dc:date>2026-05-06T08:00:00Z</dc:date>")).date == "2026-05-06T16:00:00+08:00"
    )


def test_a_change_is_no_publication():
    assert only(atom(f'<entry><link href="{ARTICLE}"/><updated>2026-05-06T08:00:00Z</updated></entry>')).date is None


# Feeds: further pages


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="next" href="/feed.xml?page=2"/>', ("http://gh.example/feed.xml?page=2",)),
        ('<link rel="next" href="http://gh.example/feed.xml"/>', ()),
        ('<link rel="next" href="http://gh.example/feed.xml?utm_source=x"/>', ()),
        ('<link rel="next" href="http://other.example/feed.xml?page=2"/>', ()),
        ('<link rel="next"/><link rel="self" href="/feed.xml?page=2"/><link rel="last" href="/feed.xml?page=9"/>', ()),
    ],
)
def test_the_next_page_of_a_feed(head, expected):
    assert read(atom(f'<entry><link href="{ARTICLE}"/></entry>', head)).next_pages == expected


def test_an_rss_feed_names_its_next_page_in_atoms_words():
    body = rss(f"<link>{ARTICLE}</link>", head='<atom:link rel="next" href="http://gh.example/feed.xml?p=2"/>')
    assert read(body).next_pages == ("http://gh.example/feed.xml?p=2",)


# Feeds: what is one


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<rss version='2.0'>", True),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?>\n<?xml-stylesheet href='a'?><!-- a > b --><feed>", True),
        (b"<rdf:RDF xmlns:rdf='x'>", True),
        (b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "rss-0.91.dtd">\n<rss version="0.91">', True),
        (b"<!DOCTYPE html><html><body>&lt;rss&gt; <rss>", False),
        (b"<html><feed>", False),
        (b"<rssfeed>", False),
        (b"<urlset>", False),
        (b"", False),
        (b"<rss " + b"a" * 5000 + b">", False),
    ],
)
def test_what_a_feed_is(body, expected):
    assert is_feed(body) is expected


def test_html_that_is_answered_for_a_feed_is_read_as_html():
    found = read('<!doctype html><title>RSS</title><ul><li><a href="/a/1.html">码头开会</a> 2026-05-06</li></ul>')
    assert [(entry.title, entry.date) for entry in found.entries] == [("码头开会", "2026-05-06")]


def test_a_feed_in_another_charset_is_read():
    body = rss(f"<title>码头开会</title><link>{ARTICLE}</link>", before='<?xml version="1.0" encoding="GBK"?>')
    assert only(body.encode("gbk")).title == "码头开会"


def test_a_broken_feed_gives_what_is_whole():
    body = rss(f"<title>A & B</title><link>{ARTICLE}</link>").replace("</channel></rss>", "<item><title>C<link>")
    assert [entry.title for entry in read(body).entries] == ["A & B"]


# Feeds: hostile ones


def test_entities_are_not_multiplied_nor_files_read():
    assert (
        within(1, f'<?xml version="1.0"?>{LAUGHS}{rss(f"<title>&l9;</title><link>{ARTICLE}</link>", before="")}') == ()
    )
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    assert within(1, outside + rss(f"<title>&x;</title><link>{ARTICLE}</link>", before="")) == ()


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ("<rss><channel>" + "<item/>" * 100_000 + "</channel></rss>", 0),
        (rss(*(f"<link>http://gh.example/a/{number}.html</link>" for number in range(10_000))), 2000),
        ("<rss><channel>" + "<a>" * 50_000, 0),
        (rss(f"<title>{'&lt;' * 200_000}</title><link>{ARTICLE}</link>"), 1),
        (rss(f"<link>{ARTICLE}</link>", head='<atom:link rel="next" href="/p"/>' * 20_000), 1),
        ("<?x?>" * 100_000, 0),
        (" " * 100_000 + "<rss>", 0),
    ],
    ids=["empty rows", "rows", "depth", "title", "links", "instructions", "blanks"],
)
def test_a_hostile_feed_costs_little(body, entries):
    found = within(SECONDS, body)
    assert len(found) == entries
    assert all(len(entry.title or "") <= 500 for entry in found)


# Sitemaps


def urlset(*urls, root="urlset"):
    rows = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{root}>'


def index(*rows):
    inner = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>" for url, day in rows
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'


def test_a_sitemap_lists_the_sites_articles_once():
    found = read(
        urlset(
            ARTICLE,
            f"\n {ARTICLE}?utm_source=x \n",
            "http://gh.example/",
            "http://other.example/a/1.html",
            "",
            "/a/2.html",
        )
    )
    assert [entry.url for entry in found.entries] == [ARTICLE, "http://gh.example/a/2.html"]  # fmt: skip


def test_a_change_of_a_page_does_not_date_it():
    body = urlset(ARTICLE).replace("</loc>", "</loc><lastmod>2026-05-06</lastmod>")
    assert only(body).date is None


def test_an_index_names_the_sites_sitemaps_the_lately_changed_first():
    found = read(
        index(
            ("http://gh.example/s-1.xml", None),
            ("http://gh.example/s-2.xml", "2026-05-06"),
            ("http://other.example/s.xml", "2026-05-06"),
            ("http://gh.example/s-3.xml.gz", "2026-09-06T08:00:00+08:00"),
            ("http://gh.example/s-3.xml.gz", "2026-09-06"),
            (URL, "2026-09-07"),
        )
    )
    assert [part.removeprefix("http://gh.example") for part in found.parts] == ["/s-3.xml.gz", "/s-2.xml", "/s-1.xml"]
    assert found.entries == found.next_pages == ()


def test_a_packed_sitemap_is_unpacked():
    assert only(gzip.compress(urlset(ARTICLE).encode())).url == ARTICLE


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(urlset(ARTICLE).encode())[:-20],
        b"\x1f\x8b" + b"\0" * 50,
        gzip.compress(b"<urlset>" + b" " * 60 * 2**20, 1),
    ],
    ids=["cut", "no gzip", "bomb"],
)
def test_a_sitemap_that_cannot_be_unpacked_says_so(body):
    with pytest.raises(ValueError, match=r"^http://gh\.example/feed\.xml: no sitemap \(.*\); check the section"):
        read(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<urlset>", True),
        (
            b"\xef\xbb\xbf\n<?xml version='1.0'?><?xml-stylesheet href='a'?><!-- Yoast -->\n<sitemapindex xmlns='x'>",
            True,
        ),
        (b"<s:urlset xmlns:s='x'>", True),
        (b"<html><p>the <urlset > of a sitemap", False),
        (b"<rss>", False),
        (b"<urlset", False),
    ],
)
def test_what_a_sitemap_is(body, expected):
    assert is_sitemap(body) is expected


def test_a_sitemap_with_a_prefix_is_read():
    assert only(f'<s:urlset xmlns:s="x"><s:url><s:loc>{ARTICLE}</s:loc></s:url></s:urlset>').url == ARTICLE


def test_a_cut_sitemap_gives_what_is_whole():
    assert [entry.url for entry in read(f"<urlset><url><loc>{ARTICLE}</loc></url><url><lastmod>2").entries] == [ARTICLE]


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ("<urlset>" + "<url/>" * 200_000 + "</urlset>", 0),
        (urlset(*[ARTICLE] * 30_000), 1),
        (gzip.compress(urlset(*[ARTICLE] * 200_000).encode(), 1), 1),
        ("<urlset>" + "<url>" * 100_000, 0),
        (f"<urlset>{'<url><lastmod>' * 50_000}<loc>{ARTICLE}</loc>", 0),
        ("<urlset></urlset>", 0),
    ],
    ids=["empty rows", "rows", "packed rows", "depth", "odd depth", "nothing"],
)
def test_a_hostile_sitemap_costs_little(body, entries):
    assert len(within(SECONDS, body)) == entries


def test_of_a_long_sitemap_the_lately_changed_pages_are_read():
    rows = "".join(f"<url><loc>http://gh.example/about/{number}</loc></url>" for number in range(49_999))
    last = f"<url><loc>{ARTICLE}</loc><lastmod>2026-05-06</lastmod></url>"
    beyond = f"<url><loc>{ARTICLE}?later</loc><lastmod>2026-05-07</lastmod></url>"
    assert [entry.url for entry in within(SECONDS, f"<urlset>{rows}{last}{beyond}</urlset>")] == [ARTICLE]


def test_entities_of_a_sitemap_are_not_multiplied():
    body = urlset("http://gh.example/a/&l9;.html").removeprefix('<?xml version="1.0"?>')
    assert within(1, '<?xml version="1.0"?>' + LAUGHS + body) == ()
