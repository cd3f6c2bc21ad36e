"""WordPress: a classic theme with `/page/{n}/`; the REST interface; a feed with `?paged={n}`."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from local_server import Reply

from family_sites.stories import Built, pages_of
from family_sites.worldwide import ENGLISH, told

_COLUMN = "/category/media-releases/"
_PROFILE = 'article_url = \'/20\\d\\d/\\d\\d/\\d\\d/[\\w-]+/$\'\nlanguages = ["en"]\ntimezone = "+00:00"\n'
_ABSENT = ("Skip to content", "Proudly powered", "Share this", "Leave a comment", "Related", "Previous post")
_STORIES = [told(ENGLISH, number) for number in range(1, 15)]


def address(one):
    """The path of an article."""
    return f"/{one.day:%Y/%m/%d}/branch-news-{one.number}/"


def moment(one):
    """When an article was published."""
    return datetime.fromisoformat(f"{one.day}T{one.time}:00").replace(tzinfo=UTC)


def build():
    """The HTML site, found from its home page."""
    pages = {"/": _page("Branch Federation", _NAV).encode()}
    listed = pages_of(_STORIES, 5)
    for number, rows in enumerate(listed, 1):
        path = _COLUMN if number == 1 else f"{_COLUMN}page/{number}/"
        pages[path] = _listing(rows, number, len(listed)).encode()
    return _built(pages, listing=None, section=None)


def build_rest():
    """The site of which the posts are taken from the REST interface, five at a time."""
    pages = {}
    for number, rows in enumerate(pages_of(_STORIES, 5), 1):
        path = "/wp-json/wp/v2/posts?per_page=5" + (f"&page={number}" if number > 1 else "")
        pages[path] = _answering(_posts, rows, "application/json; charset=UTF-8")
    return _built(pages, listing="/wp-json/wp/v2/posts?per_page=5", section="Media releases")


def build_feed():
    """The site of which the feed of a column is taken; the page after its last one does not exist."""
    pages = {}
    for number, rows in enumerate(pages_of(_STORIES, 5), 1):
        path = f"{_COLUMN}feed/" + (f"?paged={number}" if number > 1 else "")
        pages[path] = _answering(_feed, rows, "application/rss+xml; charset=UTF-8")
    return _built(pages, listing=f"{_COLUMN}feed/", section="Media releases")


def _built(pages, *, listing, section):
    return Built(
        "wordpress",
        pages | {address(one): _article(one).encode() for one in _STORIES},
        {address(one): _expected(one) for one in _STORIES},
        listing=listing,
        section=section,
        profile=_PROFILE,
        absent=_ABSENT,
    )


def _answering(written, rows, content_type):
    """A page that holds absolute links, and so depends on the host that is asked."""

    def answer(request):
        body = written(rows, f"http://{request.headers['host']}")
        return Reply(body.encode(), headers=(("Content-Type", content_type),))

    return answer


_NAV = (
    '<a class="skip-link" href="#content">Skip to content</a><nav id="site-navigation"><ul id="primary-menu">'
    f'<li class="menu-item"><a href="/">Home</a></li><li class="menu-item"><a href="{_COLUMN}">Media releases</a></li>'
    '<li class="menu-item"><a href="/about-us/">About us</a></li></ul></nav>'
)


def _page(title, content, head="", body_class="home"):
    return (
        '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<meta charset="UTF-8">\n'
        f"<title>{escape(title)}</title>\n{head}"
        '<link rel="https://api.w.org/" href="/wp-json/" />\n<meta name="generator" content="WordPress 6.6.2" />\n'
        '<link rel="stylesheet" id="wp-block-library-css" href="/wp-includes/css/dist/block-library/style.min.css" />\n'
        f'</head>\n<body class="{body_class}">\n<div id="page" class="site">{content}'
        '<footer id="colophon"><div class="site-info">Proudly powered by WordPress</div></footer></div></body></html>'
    )


def _listing(rows, number, total):
    items = "".join(
        f'<article id="post-{one.number}" class="post type-post"><header class="entry-header"><h2 class="entry-title">'
        f'<a href="{address(one)}" rel="bookmark">{escape(one.title)}</a></h2><div class="entry-meta">'
        f'<time class="entry-date published" datetime="{moment(one).isoformat()}">{one.day:%B} {one.day.day}, '
        f"{one.day.year}</time></div></header>"
        f'<div class="entry-summary"><p>{one.paragraphs[0][:90]}&hellip; '
        f'<a href="{address(one)}#more-{one.number}" class="more-link">Continue reading</a></p>'
        f'<a href="{address(one)}?share=twitter&nb=1">Twitter</a> <a href="{address(one)}amp/">AMP</a></div>'
        "</article>\n"
        for one in rows
    )
    older = f'<div class="nav-previous"><a href="{_COLUMN}page/{number + 1}/">Older posts</a></div>'
    newer = f'<div class="nav-next"><a href="{_COLUMN}page/{number - 1}/">Newer posts</a></div>'
    return _page(
        "Media releases – Branch Federation",
        f'{_NAV}<main id="main"><h1 class="page-title">Category: Media releases</h1>{items}'
        f'<nav class="navigation posts-navigation"><div class="nav-links">{older if number < total else ""}'
        f"{newer if number > 1 else ''}</div></nav></main>",
        body_class="archive category",
    )


def _article(one):
    head = (
        f'<link rel="canonical" href="{address(one)}" /><meta property="og:title" content="{escape(one.title)}" />'
        f'<meta property="article:published_time" content="{moment(one).isoformat()}" />'
        f"<link rel='shortlink' href='/?p={one.number}' />\n"
    )
    body = "".join(f"<p>{each}</p>\n" for each in one.paragraphs)
    return _page(
        f"{one.title} – Branch Federation",
        f'{_NAV}<main id="main"><article id="post-{one.number}" class="post type-post"><header class="entry-header">'
        f'<h1 class="entry-title">{escape(one.title)}</h1><div class="entry-meta"><span class="posted-on">Posted on '
        f'<time class="entry-date published" datetime="{moment(one).isoformat()}">{one.day:%B} {one.day.day}, '
        f'{one.day.year}</time></span> <span class="byline">by <span class="author vcard"><a class="url fn n" '
        f'href="/author/{one.author.split()[0].lower()}/">{one.author}</a></span></span></div></header>'
        f'<div class="entry-content">{body}<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><ul><li>'
        f'<a href="{address(one)}?share=twitter">Twitter</a></li></ul></div><div id="jp-relatedposts" '
        'class="jp-relatedposts"><h3>Related</h3></div></div><footer class="entry-footer"><span class="cat-links">'
        f'Posted in <a href="{_COLUMN}" rel="category tag">Media releases</a></span><span class="comments-link">'
        f'<a href="{address(one)}#respond">Leave a comment</a></span></footer></article>'
        '<nav class="post-navigation"><a href="/?p=1" rel="prev">Previous post</a></nav></main>',
        head,
        "post-template-default single single-post",
    )


def _expected(one):
    return one.said(
        "Media releases", "wordpress:1", source=None, editors=[], published_at=moment(one).isoformat(), language="en"
    )


def _posts(rows, site):
    return json.dumps(
        [
            {
                "id": one.number,
                "date": moment(one).isoformat()[:19],
                "date_gmt": moment(one).isoformat()[:19],
                "guid": {"rendered": f"{site}/?p={one.number}"},
                "slug": f"branch-news-{one.number}",
                "type": "post",
                "link": f"{site}{address(one)}",
                "title": {"rendered": escape(one.title)},
                "excerpt": {"rendered": f"<p>{one.paragraphs[0][:90]} [&hellip;]</p>\n", "protected": False},
                "_links": {"self": [{"href": f"{site}/wp-json/wp/v2/posts/{one.number}"}]},
            }
            for one in rows
        ]
    )


def _feed(rows, site):
    items = "".join(
        f"<item>\n<title>{escape(one.title)}</title>\n<link>{site}{address(one)}</link>\n"
        f"<comments>{site}{address(one)}#respond</comments>\n<dc:creator><![CDATA[{one.author}]]></dc:creator>\n"
        f"<pubDate>{format_datetime(moment(one))}</pubDate>\n<category><![CDATA[Media releases]]></category>\n"
        f'<guid isPermaLink="false">{site}/?p={one.number}</guid>\n'
        f"<description><![CDATA[<p>{one.paragraphs[0][:90]} [&#8230;]</p>]]></description>\n"
        f"<wfw:commentRss>{site}{address(one)}feed/</wfw:commentRss>\n</item>\n"
        for one in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f'<title>Media releases – Branch Federation</title>\n<atom:link href="{site}{_COLUMN}feed/" rel="self" '
        f'type="application/rss+xml" />\n<link>{site}</link>\n<language>en-US</language>\n'
        f"<generator>https://wordpress.org/?v=6.6.2</generator>\n{items}</channel>\n</rss>\n"
    )
