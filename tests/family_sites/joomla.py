"""Joomla: a blog of a category with `?start={rows before}`, and its feed."""

from html import escape

from local_server import Reply

from family_sites.stories import Built, pages_of
from family_sites.worldwide import SPANISH, told

_MONTHS = ("Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio", "Agosto", "Septiembre", "Octubre")
_COLUMN = "/index.php/noticias"
_PROFILE = 'article_url = \'/noticias/\\d+-[\\w-]+$\'\nlanguages = ["es"]\ntimezone = "+02:00"\n'
_ABSENT = ("Inicio", "Visitas", "Imprimir", "Leer más", "Volver arriba", "Siguiente")
_STORIES = [told(SPANISH, number) for number in range(1, 15)]


def address(one):
    """The path of an article."""
    return f"/index.php/noticias/{40 + one.number}-hoja-de-la-seccion"


def build():
    """The category's blog, with a pager in Spanish."""
    pages = {}
    listed = pages_of(_STORIES, 5)
    for number, rows in enumerate(listed):
        path = _COLUMN + (f"?start={5 * number}" if number else "")
        pages[path] = _listing(rows, number, len(listed)).encode()
    return _built(pages, _COLUMN, 3)


def build_feed():
    """The category's feed, which has one page."""

    def feed(request):
        body = _feed(f"http://{request.headers['host']}")
        return Reply(body.encode(), headers=(("Content-Type", "application/rss+xml; charset=utf-8"),))

    listing = f"{_COLUMN}?format=feed&type=rss"
    return _built({listing: feed}, listing, 1)


def _built(pages, listing, listing_pages):
    return Built(
        "joomla",
        pages | {address(one): _article(one).encode() for one in _STORIES},
        {address(one): _expected(one) for one in _STORIES},
        listing=listing,
        section="Noticias",
        listing_pages=listing_pages,
        profile=_PROFILE,
        absent=_ABSENT,
    )


def _page(title, content):
    return (
        '<!DOCTYPE html>\n<html lang="es-es" dir="ltr">\n<head>\n<meta charset="utf-8" />\n'
        '<base href="/index.php/noticias" />\n'
        '<meta name="generator" content="Joomla! - Open Source Content Management" />\n'
        f"<title>{escape(title)}</title>\n"
        '<link href="/index.php/noticias?format=feed&amp;type=rss" rel="alternate" type="application/rss+xml" />\n'
        '<script src="/media/jui/js/jquery.min.js"></script>\n</head>\n<body class="site com_content">'
        '<header class="header"><nav class="navigation"><ul class="nav menu"><li><a href="/">Inicio</a></li>'
        '<li class="current active"><a href="/index.php/noticias">Noticias</a></li></ul></nav></header>'
        f'<main id="content" role="main">{content}</main>'
        '<footer class="footer"><a href="#top" id="back-top">Volver arriba</a></footer></body></html>'
    )


def _listing(rows, number, total):
    items = "".join(
        f'<div class="items-row row-fluid"><div class="item column-1" itemprop="blogPost"><div class="page-header">'
        f'<h2 itemprop="name"><a href="{address(one)}" itemprop="url">{escape(one.title)}</a></h2></div>'
        f'<ul class="actions"><li class="print-icon"><a href="{address(one)}?tmpl=component&amp;print=1&amp;'
        f'layout=default&amp;page=" rel="nofollow">Imprimir</a></li></ul><p>{one.paragraphs[0][:80]}</p>'
        f'<p class="readmore"><a class="btn" href="{address(one)}">Leer más...</a></p></div></div>\n'
        for one in rows
    )
    numbers = "".join(
        f"<li class='active'><a>{page + 1}</a></li>"
        if page == number
        else f'<li><a class="pagenav" href="{_COLUMN}{f"?start={5 * page}" if page else ""}">{page + 1}</a></li>'
        for page in range(total)
    )
    following = (
        f'<li><a title="Siguiente" href="/index.php/noticias?start={5 * number + 5}" class="hasTooltip pagenav">'
        f'Siguiente</a></li><li><a title="Final" href="/index.php/noticias?start={5 * total - 5}">Final</a></li>'
    )
    return _page(
        "Noticias",
        f'<div class="blog" itemscope itemtype="https://schema.org/Blog"><h1>Noticias</h1>{items}'
        f'<div class="pagination"><p class="counter pull-right">Página {number + 1} de {total}</p>'
        f'<ul class="pagination-list">{numbers}{following if number + 1 < total else ""}</ul></div></div>',
    )


def _article(one):
    body = "".join(f"<p>{each}</p>\n" for each in one.paragraphs)
    day = f"{one.day.day} {_MONTHS[one.day.month - 1]} {one.day.year}"
    return _page(
        one.title,
        '<div class="item-page" itemscope itemtype="https://schema.org/Article"><meta itemprop="inLanguage" '
        f'content="es-ES" /><div class="page-header"><h2 itemprop="headline">{escape(one.title)}</h2></div>'
        '<dl class="article-info muted"><dt class="article-info-term">Detalles</dt><dd class="createdby" '
        f'itemprop="author" itemscope>Escrito por <span itemprop="name">{one.author}</span></dd>'
        '<dd class="category-name">Categoría: <a href="/index.php/noticias" itemprop="genre">Noticias</a></dd>'
        f'<dd class="published"><span class="icon-calendar"></span><time datetime="{one.day}T{one.time}:00+02:00" '
        f'itemprop="datePublished">Publicado: {day}</time></dd><dd class="hits">Visitas: 311</dd></dl>'
        f'<div itemprop="articleBody">{body}</div><ul class="pager pagenav"><li class="next">'
        f'<a href="/index.php/noticias/41-hoja-de-la-seccion" rel="next">Siguiente</a></li></ul></div>',
    )


def _expected(one):
    return one.said("Noticias", "joomla:1", source=None, editors=[], published_at=f"{one.day}", language="es")


def _feed(site):
    items = "".join(
        f"<item>\n<title>{escape(one.title)}</title>\n<link>{site}{address(one)}</link>\n"
        f'<guid isPermaLink="true">{site}{address(one)}</guid>\n<description><![CDATA[<p>{one.paragraphs[0]}</p>]]>'
        f"</description>\n<author>redaccion@seccion.example ({one.author})</author>\n<category>Noticias</category>\n"
        f"<pubDate>{one.day:%a, %d %b %Y} {one.time}:00 +0200</pubDate>\n</item>\n"
        for one in _STORIES
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!-- generator="Joomla! - Open Source Content Management" -->\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n<title>Noticias</title>\n'
        f"<description><![CDATA[]]></description>\n<link>{site}/index.php/noticias</link>\n"
        "<generator>Joomla! - Open Source Content Management</generator>\n"
        f'<atom:link rel="self" type="application/rss+xml" href="{site}{_COLUMN}?format=feed&amp;type=rss"/>\n'
        f"{items}</channel>\n</rss>\n"
    )
