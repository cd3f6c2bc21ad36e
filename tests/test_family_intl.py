"""WordPress, Drupal, SPIP, XpressEngine and Joomla: keys, originals, and the next page of a listing."""

import json
import time
from dataclasses import replace

import pytest
from saved_listings import EXAMPLE, listing

from crawler import urls
from crawler.families import detect
from crawler.values import regex

SITE = "http://gh.example"


def site(family, article=r"/a/[\w-]+/?$", **changes):
    return replace(EXAMPLE, family=family, article_url=regex(article) if article else None, **changes)


WORDPRESS = site("wordpress", r"/20\d\d/\d\d/[\w-]+/$", timezone="+02:00")
DRUPAL = site("drupal")
SPIP = site("spip", r"/spip\.php\?article\d+$|/article\d+\.html$")
KCTU = site("xpressengine", None, timezone="+09:00")
JOOMLA = site("joomla", r"/\d+-[\w-]+$|view=article")


def same(profile, *addresses):
    """The keys of addresses."""
    return {urls.key(SITE + address, profile) for address in addresses}


def following(profile, links, url):
    """The next pages that a page of links names; `links` is their addresses, or HTML."""
    if not isinstance(links, str):
        links = "".join(f'<li><a href="{link}">page</a></li>' for link in links)
    return [page.removeprefix(SITE) for page in listing(f"<ul>{links}</ul>", SITE + url, profile).next_pages]


# Which addresses are one article


@pytest.mark.parametrize(
    ("profile", "addresses"),
    [
        (WORDPRESS, ["/2026/05/rota/", "/2026/05/rota", "/2026/05/rota/embed/", "/2026/05/rota/amp/"]),
        (WORDPRESS, ["/2026/05/rota/", "/2026/05/rota/comment-page-2/#comments", "/2026/05/rota/amp/embed"]),
        (WORDPRESS, ["/2026/05/rota/", "/2026/05/rota/?share=x&nb=1", "/2026/05/rota/?amp=1&replytocom=7#respond"]),
        (WORDPRESS, ["/?p=12", "/?p=12&preview=true", "/?utm_source=feed&p=12"]),
        (SPIP, ["/spip.php?article12", "/spip.php?article12&lang=es", "/article12.html", "/?article12"]),
        (SPIP, ["/spip.php?article12", "/spip.php?page=article&id_article=12"]),
        (KCTU, ["/statement/78", "/78", "/index.php?mid=statement&document_srl=78", "/?document_srl=78"]),
        (KCTU, ["/statement/78", "/index.php?mid=statement&page=3&document_srl=78&listStyle=webzine"]),
        (KCTU, ["/statement/78", "/statement/78?page=2&cpage=4#comment", "/index.php?document_srl=78&mid=statement"]),
        (
            JOOMLA,
            [
                "/index.php?option=com_content&view=article&id=5:a&catid=2",
                "/index.php?view=article&id=5&option=com_content",
            ],
        ),
        (JOOMLA, ["/noticias/5-a", "/noticias/5-a?tmpl=component&print=1&layout=default&page="]),
    ],
)
def test_addresses_of_one_article_have_one_key(profile, addresses):
    assert len(same(profile, *addresses)) == 1


@pytest.mark.parametrize(
    ("profile", "one", "other"),
    [
        (WORDPRESS, "/2026/05/rota/", "/2026/05/rota/2/"),
        (WORDPRESS, "/", "/embed/"),
        (WORDPRESS, "/?p=12", "/?p=13"),
        (WORDPRESS, "/category/amp/", "/category/"),
        (WORDPRESS, "/2026/05/rota/", "/2026/05/rota/feed/"),
        # Only the page says which alias a node has.
        (DRUPAL, "/a/rota", "/node/12"),
        (DRUPAL, "/node/12", "/node/13"),
        (SPIP, "/spip.php?article12", "/spip.php?rubrique12"),
        (SPIP, "/spip.php?article12", "/spip.php?article121"),
        (SPIP, "/spip.php?article12", "/cgt/spip.php?article12"),
        (SPIP, "/spip.php?article12", "/spip.php?page=imprimer&id_article=12"),
        (KCTU, "/statement/78", "/statement/79"),
        (KCTU, "/statement/78", "/index.php?mid=statement&act=dispBoardDelete&document_srl=78"),
        (JOOMLA, "/noticias/5-a", "/avisos/5-a"),
        (JOOMLA, "/index.php?option=com_content&view=article&id=5", "/index.php?option=com_content&view=category&id=5"),
        (
            JOOMLA,
            "/index.php?option=com_content&view=article&id=5",
            "/index.php?option=com_content&view=article&id=5&start=1",
        ),
        (JOOMLA, "/index.php?option=com_content&view=article&id=x", "/index.php?option=com_content&view=article&id=5"),
    ],
)
def test_addresses_of_two_pages_have_two_keys(profile, one, other):
    assert len(same(profile, one, other)) == 2


@pytest.mark.parametrize("profile", [WORDPRESS, DRUPAL, SPIP, KCTU, JOOMLA], ids=lambda profile: profile.family)
@pytest.mark.parametrize(
    "address",
    [
        "/2026/05/rota/amp/embed/?amp&share=x",
        "/embed/embed/embed/",
        "/index.php?page=2&document_srl=7&mid=a&page=3",
        "/x/7?page=2&category=9",
        "/n/1-x?print=1&tmpl=component&tmpl=component",
        "/spip.php?article3&lang=fr&&",
    ],
)
def test_a_canonical_address_is_its_own(profile, address):
    canonical = urls.canonical(SITE + address, profile)
    assert urls.canonical(canonical, profile) == canonical


def test_documents_of_two_hosts_are_two():
    assert urls.key("http://a.example/78", KCTU) != urls.key("http://b.example/78", KCTU)


@pytest.mark.parametrize(
    ("address", "is_article"),
    [
        ("/statement/7812345", True),
        ("/7812345", True),
        ("/xe/statement/7812345", True),
        ("/index.php?mid=statement&page=2&document_srl=7812345", True),
        ("/index.php?mid=statement&page=2", False),
        ("/index.php?mid=statement&act=dispBoardWrite&document_srl=7812345", False),
        ("/statement", False),
        ("/statement/atom", False),
        ("/statement/012", False),
        ("/statement/7812345/9", False),
        ("/files/attach/images/78/12.jpg", False),
    ],
)
def test_what_a_document_of_xpressengine_is(address, is_article):
    assert urls.is_article(SITE + address, KCTU) is is_article


# The next page of a list


@pytest.mark.parametrize(
    ("profile", "url", "links", "expected"),
    [
        # The nearest number above the page's own, in whatever order and words.
        (WORDPRESS, "/news/", ["/news/page/9/", "/news/page/2/", "/news/page/3/"], ["/news/page/2/"]),
        (WORDPRESS, "/news/page/2/", ["/news/", "/news/page/3/"], ["/news/page/3/"]),
        (WORDPRESS, "/news", ["/news/page/2"], ["/news/page/2"]),
        (WORDPRESS, "/?cat=5", ["/?cat=5&paged=2", "/?cat=6&paged=2"], ["/?cat=5&paged=2"]),
        (WORDPRESS, "/news/", ["?query-3-page=2"], ["/news/?query-3-page=2"]),
        (DRUPAL, "/news", ["?page=0", "?page=12", "?page=1"], ["/news?page=1"]),
        (DRUPAL, "/news?type=a&page=3", ["?type=a&page=4", "?page=4", "?type=a&page=2"], ["/news?type=a&page=4"]),
        (SPIP, "/spip.php?rubrique1", ["?rubrique1&debut_a=10#p"], ["/spip.php?rubrique1&debut_a=10"]),
        (SPIP, "/Actes?debut_x=20", ["?debut_x=0", "?debut_x=1170", "?debut_x=30"], ["/Actes?debut_x=30"]),
        (SPIP, "/Actes", ["?debut_breves=5", "?debut_Articles2=8"], ["/Actes?debut_Articles2=8"]),
        (KCTU, "/news", ["/index.php?mid=news&page=2", "/index.php?mid=a&page=2"], ["/index.php?mid=news&page=2"]),
        (KCTU, "/index.php?mid=news&page=2", ["/news?page=3"], ["/news?page=3"]),
        (KCTU, "/news", ["/index.php?mid=news&page=2&document_srl=7", "/news?page=2"], ["/news?page=2"]),
        (JOOMLA, "/noticias", ["?start=45", "?start=5", "?format=feed&type=rss"], ["/noticias?start=5"]),
        (JOOMLA, "/noticias?limitstart=5", ["?limitstart=0", "?limitstart=10"], ["/noticias?limitstart=10"]),
        # The last page; its own number; tracking; numbers that are none, or none that a listing reaches.
        (WORDPRESS, "/news/page/3/", ["/news/page/2/", "/news/"], []),
        (DRUPAL, "/news?page=3", ["?page=0", "?page=2", "?page=3"], []),
        (SPIP, "/Actes?debut_x=20", ["?debut_x=0", "?debut_x=10", "?debut_x=20"], []),
        (JOOMLA, "/noticias?start=5", ["/noticias?start=5&utm_source=x", "/noticias"], []),
        (DRUPAL, "/news", ["?page=x", "?page=-1", "?page=", "?page=1e3", "?page=%D9%A3", "?page=1000000000"], []),
        (SPIP, "/Actes", ["?debut_x=@12", "?debut_x=", "?debutante=3"], []),
        (WORDPRESS, "/news/", ["/news/page/0x2/", "/news/page/1000000000/", "/other/page/2/"], []),
        (KCTU, "/statement", ["/index.php?mid=statement&page=2&act=dispBoardTagList"], []),
        # Other hosts, other lists.
        (DRUPAL, "/news", ["http://other.example/news?page=1", "/blog?page=1"], []),
        (SPIP, "/spip.php?rubrique1", ["/spip.php?rubrique2&debut_articles=10"], []),
        (KCTU, "/statement", ["/notice?page=2"], []),
    ],
)  # fmt: skip
def test_the_next_page_of_a_list(profile, url, links, expected):
    assert following(profile, links, url) == expected


@pytest.mark.parametrize(
    ("profile", "links", "expected"),
    [
        (WORDPRESS, '<a href="/news/older/" rel="next">Ältere</a>', ["/news/older/"]),
        (DRUPAL, '<a href="/news/2" title="Next">›</a>', ["/news/2"]),
        (JOOMLA, '<p>1 <a href="/news/p2">2</a> <a href="/news/p3">3</a></p>', ["/news/p2", "/news/p3"]),
    ],
)
def test_a_pager_that_does_not_count_is_read_by_its_words(profile, links, expected):
    assert following(profile, links, "/news/") == expected


def test_a_long_pager_is_read_quickly():
    links = "".join(f'<a href="?page={number}">{number}</a>' for number in range(5000))
    start = time.monotonic()
    assert following(DRUPAL, links, "/news?page=7") == ["/news?page=8"]
    assert time.monotonic() - start < 3


# WordPress: the REST interface


POST = {
    "link": f"{SITE}/2026/05/rota/",
    "title": {"rendered": "Dockers&#8217; <em>night</em>  rota"},
    "date": "2026-05-06T23:30:00",
    "date_gmt": "2026-05-06T21:30:00",
}


def posts(*changes, url="/wp-json/wp/v2/posts?per_page=2", profile=WORDPRESS):
    rows = [change if not isinstance(change, dict) else POST | change for change in changes]
    return listing(json.dumps(rows), SITE + url, profile, "application/json")


def test_a_post_has_a_plain_title_and_the_time_in_the_sites_zone():
    (entry,) = posts({}).entries
    assert (entry.url, entry.title) == (f"{SITE}/2026/05/rota/", "Dockers’ night rota")
    assert entry.date == "2026-05-06T23:30:00+02:00"


@pytest.mark.parametrize(
    ("change", "date"),
    [
        ({"date_gmt": "0000-00-00T00:00:00"}, "2026-05-06T23:30:00+02:00"),
        ({"date_gmt": None, "date": "2026-05-06 08:00"}, "2026-05-06T08:00:00+02:00"),
        ({"date_gmt": 3, "date": {}}, None),
        ({"date_gmt": "0001-01-01T00:00:00"}, "0001-01-01T02:00:00+02:00"),
    ],
)
def test_a_posts_date(change, date):
    (entry,) = posts(change).entries
    assert entry.date == date


@pytest.mark.parametrize(
    "change",
    [{"link": link} for link in (None, 7, "http://other.example/2026/05/rota/", f"{SITE}/about/", "http://[")],
)  # fmt: skip
def test_a_post_that_leads_to_no_article_is_none(change):
    assert posts(change).entries == ()


def test_a_post_is_listed_once():
    found = posts({}, {"link": f"{SITE}/2026/05/rota/?share=x"}, {"title": None, "link": "/2026/05/menu/"}).entries
    assert [(entry.url.removeprefix(SITE), entry.title is None) for entry in found] == [
        ("/2026/05/rota/", False),
        ("/2026/05/menu/", True),
    ]


@pytest.mark.parametrize(
    ("url", "rows", "expected"),
    [
        ("/wp-json/wp/v2/posts?per_page=2", 2, "/wp-json/wp/v2/posts?per_page=2&page=2"),
        ("/wp-json/wp/v2/posts?page=4&per_page=2", 2, "/wp-json/wp/v2/posts?per_page=2&page=5"),
        ("/?rest_route=/wp/v2/news&per_page=2", 2, "/?rest_route=/wp/v2/news&per_page=2&page=2"),
        ("/wp-json/wp/v2/posts", 10, "/wp-json/wp/v2/posts?page=2"),
        ("/wp-json/wp/v2/posts?page=x&per_page=-3", 10, "/wp-json/wp/v2/posts?per_page=-3&page=2"),
        # Fewer posts than a page has: the last one.
        ("/wp-json/wp/v2/posts?per_page=2", 1, None),
        ("/wp-json/wp/v2/posts?page=4&per_page=2", 0, None),
        ("/wp-json/wp/v2/posts", 9, None),
    ],
)
def test_posts_are_paged_until_a_page_is_not_full(url, rows, expected):
    assert posts(*[{}] * rows, url=url).next_pages == ((SITE + expected,) if expected else ())


@pytest.mark.parametrize("body", ["", "<html>", '{"code":"rest_no_route"}', "[1, 2]", "[" * 100_000, '["a"]', "NaN"])
def test_what_is_no_list_of_posts_says_so(body):
    with pytest.raises(ValueError, match=r"^http://gh\.example/wp-json/\S+: .*; check the section"):
        listing(body, f"{SITE}/wp-json/wp/v2/posts", WORDPRESS, "application/json")


# Feeds that are paged


def feed(*links):
    return (
        f'<rss version="2.0"><channel>{"".join(f"<item><link>{link}</link></item>" for link in links)}</channel></rss>'
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/news/feed/", "/news/feed/?paged=2"),
        ("/news/feed/?paged=2", "/news/feed/?paged=3"),
        ("/?feed=rss2&cat=5&utm_source=x", "/?feed=rss2&cat=5&paged=2"),
    ],
)
def test_a_feed_of_wordpress_is_paged(url, expected):
    assert listing(feed(f"{SITE}/2026/05/rota/"), SITE + url, WORDPRESS).next_pages == (SITE + expected,)


@pytest.mark.parametrize("links", [(), ("http://other.example/2026/05/rota/",)])
def test_a_feed_of_wordpress_ends_where_it_lists_nothing(links):
    assert listing(feed(*links), f"{SITE}/news/feed/?paged=7", WORDPRESS).next_pages == ()


def atom(link=f"{SITE}/statement/78", page=""):
    entry = f'<entry><link rel="alternate" href="{link}"/><published>2026-05-06T08:00:00+09:00</published></entry>'
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><id>{SITE}/statement/atom{page}</id>{entry if link else ""}</feed>'
    )


@pytest.mark.parametrize(
    ("url", "body", "expected"),
    [
        ("/statement/atom", atom(), "/index.php?mid=statement&act=atom&page=2"),
        ("/xe/statement/atom", atom(), "/xe/index.php?mid=statement&act=atom&page=2"),
        ("/index.php?mid=a&act=atom&page=2", atom(page="?act=atom&amp;page=2"), "/index.php?mid=a&act=atom&page=3"),
        # The feed is empty, or is the first page again; other feeds are not paged.
        ("/statement/atom", atom(link=""), None),
        ("/index.php?mid=statement&act=atom&page=2", atom(), None),
        ("/index.php?mid=statement&act=atom&page=2", atom(page="?page=21"), None),
        ("/?act=rss&mid=statement", feed(f"{SITE}/statement/78"), None),
    ],
)  # fmt: skip
def test_a_feed_of_xpressengine_is_paged(url, body, expected):
    assert listing(body, SITE + url, KCTU).next_pages == ((SITE + expected,) if expected else ())


def test_a_feed_of_joomla_is_one_page():
    found = listing(feed(f"{SITE}/noticias/5-a"), f"{SITE}/noticias?format=feed&type=rss", JOOMLA)
    assert (len(found.entries), found.next_pages) == (1, ())


# Sections of a home page


@pytest.mark.parametrize(
    ("profile", "links", "expected"),
    [
        (SPIP, ["spip.php?rubrique3", "/-Actualites-", "/rubrique4.html"], 3),
        (SPIP, ["spip.php?article3", "spip.php?page=plan", "/-Actualites"], 0),
        (KCTU, ["/statement", "/index.php?mid=notice"], 2),
        (KCTU, ["/statement/78", "/78", "/a/b", "/statement/atom"], 0),
    ],
)
def test_sections_of_a_home_page(profile, links, expected):
    body = "".join(f'<a href="{link}">Actes {number}</a>' for number, link in enumerate(links, 1))
    assert len(listing(body, f"{SITE}/", profile).sections) == expected


# Detection


@pytest.mark.parametrize(
    ("html", "url", "family"),
    [
        ('<meta name="generator" content="WordPress 6.6" />', "http://x.example/a/", "wordpress"),
        ("<link href='https://x.example/wp-content/themes/t/style.css' />", "http://x.example/", "wordpress"),
        ('<meta name="Generator" content="Drupal 7 (http://drupal.org)" />', "http://x.example/a", "drupal"),
        ('<html><a href="/a" data-drupal-link-system-path="node/3">a</a>', "http://x.example/a", "drupal"),
        ("", "http://x.example/spip.php?rubrique3", "spip"),
        ('<meta name="generator" content="SPIP 4.2.9" />', "http://x.example/Titre", "spip"),
        ('<meta name="Generator" content="XpressEngine">', "http://x.example/a/1", "xpressengine"),
        ("", "http://x.example/index.php?mid=a&document_srl=12", "xpressengine"),
        ('<meta name="generator" content="Joomla! - Open Source" />', "http://x.example/a", "joomla"),
        # What others write about them.
        ('<a href="http://y.example/wp-content/uploads/a.pdf">WordPress</a>', "http://x.example/a", "generic"),
        ('<a href="http://y.example/spip.php?article3">SPIP</a>', "http://x.example/a", "generic"),
        ('<img src="http://y.example/sites/default/files/a.jpg"> Drupal', "http://x.example/node/3", "generic"),
        ("<p>Joomla! XpressEngine</p>", "http://x.example/news?start=10", "generic"),
    ],
)  # fmt: skip
def test_signs(html, url, family):
    assert detect(html, url) == family
