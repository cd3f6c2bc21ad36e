"""Links of a page: where each one leads, and the words it shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib.url import safe_url_string

from crawler.profile import SiteProfile
from crawler.urls import canonical, on_site

# A listing of a union site has some hundred links; far more is a page made to keep a parser busy.
MOST_LINKS = 5_000
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Link:
    """One `<a>` that leads to a page of the site: its canonical URL and its text, white space folded."""

    node: LexborNode
    url: str
    text: str

    @property
    def title(self) -> str:
        """The `title` attribute, white space folded; "" when there is none."""
        return fold(self.node.attributes.get("title"))


def fold(text: str | None) -> str:
    """Return `text` with its white space folded to single blanks."""
    return " ".join((text or "").split())


def site_links(tree: LexborHTMLParser, url: str, profile: SiteProfile, charset: str = "utf-8") -> list[Link]:
    """Return the links of a page at `url` that lead to the profile's hosts, in document order.

    `charset` is the page's: browsers write the characters of a query string in it.
    """
    found = []
    base = base_url(tree, url)
    for node in tree.css("a[href]")[:MOST_LINKS]:
        target = site_url(node.attributes.get("href") or "", base, profile, charset)
        if target:
            found.append(Link(node, target, fold(node.text(deep=True))[:LONGEST_TEXT]))
    return found


def site_url(href: str, base: str, profile: SiteProfile, charset: str = "utf-8") -> str | None:
    """Return the canonical URL that `href` means on a page at `base`; None when it does not lead to the site."""
    target = absolute(href, base, charset)
    try:
        found = canonical(target, profile) if target else None
    except ValueError:
        return None
    return found if found and on_site(found, profile) else None


def base_url(tree: LexborHTMLParser, url: str) -> str:
    """Return what the page's relative links are relative to: its `<base>`, else its own URL."""
    base = tree.css_first("base[href]")
    if base is None:
        return url
    return absolute(base.attributes.get("href") or "", url, "utf-8") or url


def absolute(href: str, base: str, charset: str) -> str | None:
    """Return the http(s) URL that `href` means on a page at `base`; None for anything else, a broken one too."""
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    if href.startswith("/") and not href.startswith("//"):
        # Menus lead from every page to the same places: the page's own path does not count.
        base = base[: base.find("/", base.find("//") + 2) + 1] or base
    return _joined(href, base, charset)


@lru_cache(maxsize=16_384)
def _joined(href: str, base: str, charset: str) -> str | None:
    try:
        joined = urljoin(base, href)
        try:
            safe = safe_url_string(joined, encoding=charset)
        except UnicodeEncodeError:
            safe = safe_url_string(joined)
        parts = urlsplit(safe)
    except ValueError:
        return None
    return safe if parts.scheme in ("http", "https") and parts.hostname else None
