"""SPIP, of the ITUC, Equal Times, the CGT and many French unions.

An article is `spip.php?article{id}` (also `article{id}.html`, `spip.php?page=article&id_article={id}`), or at an
address made of its title: the profile says. A listing is paged by the number of rows before: `debut_articles=10`, with
the name of the loop in place of `articles`; its pager shows pages (1 | 2) or rows (0 | 10). Feeds are
`spip.php?page=backend`.

Seen: addresses with `debut_…=` in stored pages and crawlers; the templates of articles, sections and pagers in SPIP's
own code. Not seen: a whole page of a union's site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.counting import by_parameter, page_after
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical

_KEY = re.compile(
    r"^(https?://[^/?#]+/(?:[^?#]*/)?)(?:(?:spip\.php)?\?(?:article|page=article&id_article=|id_article=)|article)"
    r"(\d{1,9})(?:\.html)?(?:[?&]lang=\w+)?$"
)
_DEBUT = re.compile(r"debut\w{0,60}", re.ASCII)


class SpipFamily(GenericFamily):
    """Sites of SPIP."""

    name = "spip"
    url_signs = re.compile(r"^https?://[^?#]+/spip\.php\?(?:article|rubrique|breve|page=)")
    html_signs = re.compile(
        r"<meta\s+name=\"generator\"\s+content=\"SPIP\b|(?:href|action)=['\"](?:\./)?spip\.php\?"
        r"|href=['\"](?:/|\./)?local/cache-css/",
        re.I,
    )

    section_url = re.compile(r"/(?:spip\.php)?\?rubrique\d+$|/rubrique\d+(?:\.html)?$|/-[\w%-]{2,200}-$", re.ASCII)
    # The template that SPIP comes with: a lead (chapo) and the text, beside the headline and what stands around them.
    layouts = numbered(
        "spip",
        Layout(
            "",
            body="#content.hentry",
            title="#content.hentry .cartouche h1",
            date=".info-publi .published, .info-publi time",
            author=".info-publi .auteurs .author, .info-publi .auteurs a",
            remove=(".arbo", ".cartouche", ".hyperlien", ".notes", "#forum ~ *"),
        ),
    )

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return `spip:{site}{id}` for the addresses that hold the article's number; every other URL itself."""
        found = _KEY.match(url)
        return f"spip:{found[1]}{found[2]}" if found else url

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the linked page with the next number of rows before it; else what the pager names."""
        if (name := _loop(links, canonical(url, profile))) is not None:
            place = by_parameter(re.compile(name), 0)
            if (counted := page_after(links, url, profile, place)) is not None:
                return counted
        return super().next_pages(tree, links, url, profile)


def _loop(links: Sequence[Link], here: str) -> str | None:
    """Return the parameter of the loop that is paged: the address's own, else that of articles, else the first."""
    if own := _names(here):
        return own[0]
    path = urlsplit(here).path
    named = [name for link in links if urlsplit(link.url).path == path for name in _names(link.url)]
    return next((name for name in named if "article" in name.lower()), named[0] if named else None)


def _names(url: str) -> list[str]:
    names = (pair.partition("=")[0] for pair in urlsplit(url).query.split("&"))
    return [name for name in names if _DEBUT.fullmatch(name)]
