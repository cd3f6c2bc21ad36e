"""Detection: which CMS family a page belongs to, by cheap tests of its address and its HTML."""

from __future__ import annotations

from crawler.families import FAMILIES

#: Characters of a page that are looked at: signs stand in addresses, heads, scripts and around the text.
MOST = 400_000


def detect(html: str, url: str) -> str:
    """Return the name of the family whose signs a page shows, `generic` where it shows none.

    `url` is the page's address, `html` its decoded markup. An address tells more than markup, which is copied from
    site to site, so all addresses are asked first; both in the order of the table of families.
    """
    for family in FAMILIES.values():
        if family.url_signs is not None and family.url_signs.search(url):
            return family.name
    for family in FAMILIES.values():
        if family.html_signs is not None and family.html_signs.search(html[:MOST]):
            return family.name
    return "generic"
