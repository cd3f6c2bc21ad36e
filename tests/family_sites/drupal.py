"""Drupal: a view of news with the pager of Drupal 9 (`?page={n - 1}`); the field and the pager of Drupal 7."""

from html import escape

from family_sites.stories import Built, pages_of
from family_sites.worldwide import ENGLISH, FRENCH, told

_ABSENT = ("Skip to main content", "Powered by Drupal", "Page navigation", "Tags", "Mots-clés", "Aller au contenu")


def build():
    """Drupal 9, in English."""
    stories = [told(ENGLISH, number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {f"/en/news?page={number}": _listing(rows, number, len(listed)) for number, rows in enumerate(listed)}
    pages["/en/news"] = pages["/en/news?page=0"]
    return Built(
        "drupal",
        {path: page.encode() for path, page in pages.items()}
        | {_address(one): _article(one).encode() for one in stories},
        {_address(one): _expected(one, "drupal:2", "en") for one in stories},
        listing="/en/news",
        section="News",
        profile='article_url = \'/en/pressrelease/[\\w-]+$\'\nlanguages = ["en"]\ntimezone = "+00:00"\n',
        absent=_ABSENT,
    )


def build_seven():
    """Drupal 7, in French: the words of its pager are none that the crawler knows."""
    stories = [told(FRENCH, number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {
        f"/actualites?page={number}": _listing_seven(rows, number, len(listed)) for number, rows in enumerate(listed)
    }
    pages["/actualites"] = pages["/actualites?page=0"]
    return Built(
        "drupal",
        {path: page.encode() for path, page in pages.items()}
        | {_address_seven(one): _article_seven(one).encode() for one in stories},
        {_address_seven(one): _expected(one, "drupal:1", "fr") for one in stories},
        listing="/actualites",
        section="Actualités",
        profile='article_url = \'/content/[\\w-]+$\'\nlanguages = ["fr"]\ntimezone = "+02:00"\n',
        absent=_ABSENT,
    )


def _address(one):
    return f"/en/pressrelease/branch-news-{one.number}"


def _address_seven(one):
    return f"/content/nouvelles-{one.number}"


def _page(title, content, head="", body_class="path-news"):
    return (
        '<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8" />\n'
        f'{head}<meta name="Generator" content="Drupal 9 (https://www.drupal.org)" />\n'
        f"<title>{escape(title)} | Congress of Branches</title>\n</head>\n"
        f'<body class="{body_class}"><a href="#main-content" class="visually-hidden focusable">Skip to main content</a>'
        '<div class="dialog-off-canvas-main-canvas"><header role="banner"><nav role="navigation"><ul class="menu">'
        '<li><a href="/en" data-drupal-link-system-path="&lt;front&gt;">Home</a></li>'
        '<li><a href="/en/news" data-drupal-link-system-path="news">News</a></li></ul></nav></header>'
        f'<main role="main"><a id="main-content" tabindex="-1"></a>{content}</main>'
        "<footer><span>Powered by Drupal</span></footer></div></body></html>"
    )


def _listing(rows, number, total):
    items = "".join(
        f'<div class="views-row"><article role="article" class="node node--type-press-release node--view-mode-teaser">'
        f'<h2><a href="{_address(one)}" rel="bookmark"><span class="field field--name-title">{escape(one.title)}</span>'
        f'</a></h2><div class="field field--name-field-date"><time datetime="{one.day}T{one.time}:00Z">'
        f"{one.day:%d.%m.%Y}</time></div></article></div>\n"
        for one in rows
    )
    numbers = "".join(
        f'<li class="pager__item{" is-active" if page == number else ""}"><a href="?page={page}" '
        f'title="{"Current page" if page == number else f"Go to page {page + 1}"}"><span class="visually-hidden">'
        f"{'Current page' if page == number else 'Page'}</span>{page + 1}</a></li>"
        for page in range(total)
    )
    following = (
        f'<li class="pager__item pager__item--next"><a href="?page={number + 1}" title="Go to next page" rel="next">'
        '<span class="visually-hidden">Next page</span><span aria-hidden="true">››</span></a></li>'
        f'<li class="pager__item pager__item--last"><a href="?page={total - 1}" title="Go to last page">'
        '<span class="visually-hidden">Last page</span><span aria-hidden="true">Last »</span></a></li>'
    )
    return _page(
        "News",
        f'<h1>News</h1><div class="views-element-container"><div class="view-content">{items}</div>'
        '<nav class="pager" role="navigation"><h4 class="visually-hidden">Page navigation</h4>'
        f'<ul class="pager__items">{numbers}{following if number + 1 < total else ""}</ul></nav></div>',
    )


def _article(one):
    body = "".join(f"<p>{each}</p>\n" for each in one.paragraphs)
    head = (
        f'<link rel="canonical" href="{_address(one)}" /><link rel="shortlink" href="/en/node/{900 + one.number}" />'
        f'<meta property="article:published_time" content="{one.day}T{one.time}:00+00:00" />\n'
    )
    return _page(
        one.title,
        f'<h1 class="page-header"><span class="field field--name-title">{escape(one.title)}</span></h1>'
        '<article role="article" class="node node--type-press-release node--view-mode-full"><div class="node__meta">'
        f"<span>By <span>{one.author}</span>, <span>{one.day.day} {one.day:%B} {one.day.year}</span></span></div>"
        f'<div class="node__content">'
        f'<div class="clearfix text-formatted field field--name-body field--type-text-with-summary">{body}</div>'
        '<div class="field field--name-field-tags"><div class="field__label">Tags</div>'
        '<a href="/en/tags/rosters" hreflang="en">Rosters</a></div></div></article>',
        head,
        "path-node page-node-type-press-release",
    )


def _page_seven(title, content, body_class):
    return (
        '<!DOCTYPE html>\n<html lang="fr" dir="ltr" xmlns:og="http://ogp.me/ns#">\n<head profile="http://www.w3.org/1999/'
        'xhtml/vocab">\n<meta charset="utf-8" />\n<meta name="Generator" content="Drupal 7 (http://drupal.org)" />\n'
        f"<title>{escape(title)} | Union des sections</title>\n"
        '<script>jQuery.extend(Drupal.settings, {"basePath":"\\/","pathPrefix":""});</script>\n</head>\n'
        f'<body class="html not-front {body_class}"><div id="skip-link"><a href="#main">Aller au contenu principal</a>'
        '</div><div id="page"><ul class="links"><li><a href="/">Accueil</a></li><li><a href="/actualites">Actualités'
        f'</a></li></ul><div id="content" class="column"><a id="main"></a>{content}</div></div></body></html>'
    )


def _listing_seven(rows, number, total):
    items = "".join(
        f'<div class="views-row views-row-{place}"><span class="field-content"><a href="{_address_seven(one)}">'
        f"{escape(one.title)}</a></span></div>\n"
        for place, one in enumerate(rows, 1)
    )
    numbers = "".join(
        f'<li class="pager-current">{page + 1}</li>'
        if page == number
        else f'<li class="pager-item"><a title="Aller à la page {page + 1}" href="/actualites'
        f'{f"?page={page}" if page else ""}">{page + 1}</a></li>'
        for page in range(total)
    )
    following = (
        f'<li class="pager-next"><a title="Aller à la page suivante" href="/actualites?page={number + 1}">suivant ›</a>'
        f'</li><li class="pager-last"><a href="/actualites?page={total - 1}">dernier »</a></li>'
    )
    return _page_seven(
        "Actualités",
        '<h1 class="title" id="page-title">Actualités</h1><div class="view view-news"><div class="view-content">'
        f'{items}</div><ul class="pager">{numbers}{following if number + 1 < total else ""}</ul></div>',
        "page-actualites",
    )


def _article_seven(one):
    body = "".join(f"<p>{each}</p>\n" for each in one.paragraphs)
    return _page_seven(
        one.title,
        f'<h1 class="title" id="page-title">{escape(one.title)}</h1><div id="node-{700 + one.number}" class="node '
        'node-article"><div class="meta submitted"><span property="dc:date dc:created" content="'
        f'{one.day}T{one.time}:00+02:00" datatype="xsd:dateTime">Publié par <span class="username">{one.author}</span> '
        f'le {one.day:%d/%m/%Y} - {one.time}</span></div><div class="content"><div class="field field-name-body '
        f'field-type-text-with-summary"><div class="field-items"><div class="field-item even">{body}</div></div></div>'
        '<div class="field field-name-field-tags"><div class="field-label">Mots-clés&nbsp;</div><a href="/tags/repos">'
        "Repos</a></div></div></div>",
        f"page-node page-node-{700 + one.number} node-type-article",
    )


def _expected(one, layout, language):
    return one.said(
        "News" if language == "en" else "Actualités",
        layout,
        source=None,
        editors=[],
        published_at=f"{one.day}T{one.time}:00{'+00:00' if language == 'en' else '+02:00'}",
        language=language,
    )
