"""SPIP: sections and articles of its own template; `debut_articles=5`, pagers of pages and of rows (0 | 5 | 10)."""

from html import escape

from local_server import Reply

from family_sites.stories import Built, pages_of
from family_sites.worldwide import FRENCH, told

_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre")
_PROFILE = 'article_url = \'/spip\\.php\\?article\\d+$\'\nlanguages = ["fr"]\ntimezone = "+02:00"\n'
_ABSENT = ("Accueil", "Plan du site", "Dans la même rubrique", "Mots-clés", "Suivre la vie du site", "Bravo à toutes")
_STORIES = [told(FRENCH, number) for number in range(1, 15)]


def address(one):
    """The path of an article."""
    return f"/spip.php?article{300 + one.number}"


def build():
    """The site with a pager of pages; its section also pages its short news (`debut_breves`)."""
    return _built(_pages_pager, "/spip.php?rubrique12")


def build_rows():
    """The older pager, of the number of rows before a page; the section is found from the home page."""
    built = _built(_rows_pager, None)
    return Built(**(vars(built) | {"pages": built.pages | {"/": _page("Accueil", "", "sommaire").encode()}}))


def build_feed():
    """The feed of a section, which dates its articles by Dublin Core alone and has one page."""
    built = _built(_pages_pager, "/spip.php?page=backend&id_rubrique=12")

    def feed(request):
        body = _feed(f"http://{request.headers['host']}")
        return Reply(body.encode(), headers=(("Content-Type", "text/xml; charset=utf-8"),))

    pages = built.pages | {built.listing: feed}
    return Built(**(vars(built) | {"pages": pages, "listing_pages": 1}))


def _built(pager, listing):
    listed = pages_of(_STORIES, 5)
    pages = {}
    for number, rows in enumerate(listed):
        path = "/spip.php?rubrique12" + (f"&debut_articles={5 * number}" if number else "")
        pages[path] = _listing(rows, pager(5 * number, len(listed))).encode()
    return Built(
        "spip",
        pages | {address(one): _article(one).encode() for one in _STORIES},
        {address(one): _expected(one) for one in _STORIES},
        listing=listing,
        section="Actualités" if listing else None,
        profile=_PROFILE,
        absent=_ABSENT,
    )


def _day(one):
    return f"{one.day.day} {_MONTHS[one.day.month - 1]} {one.day.year}"


def _page(title, content, kind):
    return (
        '<!DOCTYPE html>\n<html dir="ltr" lang="fr" class="ltr fr no-js">\n<head>\n'
        f'<title>{escape(title)} - Union des sections</title>\n<meta charset="utf-8" />\n'
        '<meta name="generator" content="SPIP 4.2.9" />\n'
        '<link rel="alternate" type="application/rss+xml" title="Syndiquer" href="spip.php?page=backend" />\n'
        f'</head>\n<body class="pas_surlignable page_{kind}"><div class="page">\n<div class="header"><a '
        'rel="start home" href="/" title="Accueil"><strong>Union des sections</strong></a></div><div class="nav" '
        'id="nav"><ul><li class="nav-item"><a href="spip.php?rubrique12">Actualités</a></li></ul></div>'
        f'<div class="main"><div class="wrapper hfeed"><div class="content hentry" id="content">{content}'
        '<div class="footer clearfix"><a href="spip.php?page=plan">Plan du site</a> | <a href="spip.php?page=backend" '
        'rel="alternate" class="last">Suivre la vie du site RSS 2.0</a></div></div></body></html>'
    )


def _pages_pager(before, total):
    links = "\n".join(
        f'<strong class="on">{page + 1}</strong>'
        if 5 * page == before
        else f'<a href="spip.php?rubrique12{f"&amp;debut_articles={5 * page}" if page else ""}#pagination_articles" '
        f'class="lien_pagination" rel="nofollow">{page + 1}</a>'
        for page in range(total)
    )
    return f'<p class="pagination"><span class="pages">{links}</span></p>'


def _rows_pager(before, total):
    links = "\n|".join(
        f'<span class="on">{5 * page}</span>'
        if 5 * page == before
        else f'<a href="spip.php?rubrique12{f"&amp;debut_articles={5 * page}" if page else ""}#pagination_articles" '
        f"class='lien_pagination'>{5 * page}</a>"
        for page in range(total)
    )
    return f'<p class="pagination">{links}</p>'


def _listing(rows, pager):
    items = "".join(
        f'<li><strong><a href="spip.php?article{300 + one.number}">{escape(one.title)}</a></strong><br />'
        f"<small>{_day(one)}, par {one.author}</small></li>\n"
        for one in rows
    )
    return _page(
        "Actualités",
        '<p class="arbo"><a href="/">Accueil</a> &gt; <strong class="on">Actualités</strong></p>'
        '<div class="cartouche"><h1 class="crayon rubrique-titre-12">Actualités</h1></div>'
        f'<div class="menu menu_articles"><a name="pagination_articles" id="pagination_articles"></a><ul>{items}</ul>'
        f'{pager}</div></div></div><div class="aside"><div class="menu menu_breves"><h2>Brèves</h2><ul><li>'
        '<a href="spip.php?breve7">Une permanence ouvre</a></li></ul><p class="pagination"><strong class="on">1'
        '</strong> <a href="spip.php?rubrique12&amp;debut_breves=5#pagination_breves" class="lien_pagination">2</a></p>'
        "</div></div>",
        "rubrique",
    )


def _article(one):
    first, *others = one.paragraphs
    body = "\n".join(f"<p>{each}</p>" for each in others)
    name = f"article-{{}}-{300 + one.number}"
    return _page(
        one.title,
        '<p class="arbo"><a href="/">Accueil</a> &gt; <a href="spip.php?rubrique12">Actualités</a> &gt; '
        f'<strong class="on">{escape(one.title[:30])}</strong></p><div class="cartouche">'
        f'<h1 class="crayon {name.format("titre")} entry-title">{escape(one.title)}</h1><p class="info-publi">'
        f'<abbr class="published" title="{one.day}T{one.time}:00Z">{_day(one)}</abbr><span class="sep">, </span>'
        f'<span class="auteurs">par <span class="vcard author"><a class="url fn spip_in" '
        f'href="spip.php?auteur{one.number % 3}">{one.author}</a></span></span></p></div>'
        f'<div class="crayon {name.format("chapo")} chapo"><p>{first}</p></div>'
        f'<div class="crayon {name.format("texte")} texte entry-content">{body}</div>'
        '<a href="#forum" name="forum" id="forum"></a><div class="comment-list"><h2>Messages</h2><p>Bravo à toutes et '
        "à tous, et merci pour le repas partagé !</p></div></div></div>"
        '<div class="aside"><div class="menu"><h2>Dans la même rubrique</h2><ul>'
        '<li><a href="spip.php?article301">Un autre article</a></li></ul></div>'
        '<div class="menu"><h2>Mots-clés</h2><ul><li><a href="spip.php?mot4" rel="tag">Repos</a></li></ul></div></div>',
        "article",
    )


def _expected(one):
    return one.said("Actualités", "spip:1", source=None, editors=[], published_at=f"{one.day}", language="fr")


def _feed(site):
    items = "".join(
        f'<item xml:lang="fr">\n<title>{escape(one.title)}</title>\n<link>{site}{address(one)}</link>\n'
        f'<guid isPermaLink="true">{site}{address(one)}</guid>\n<dc:date>{one.day}T{one.time}:00Z</dc:date>\n'
        f"<dc:format>text/html</dc:format>\n<dc:language>fr</dc:language>\n<dc:creator>{one.author}</dc:creator>\n"
        f"<description>&lt;p&gt;{escape(one.paragraphs[0][:90])}&lt;/p&gt;</description>\n</item>\n"
        for one in _STORIES
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        f'<channel xml:lang="fr">\n<title>Union des sections</title>\n<link>{site}/</link>\n<language>fr</language>\n'
        f"<generator>SPIP - www.spip.net</generator>\n{items}</channel>\n</rss>\n"
    )
