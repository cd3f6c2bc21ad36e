"""Page: one decoded HTML page, parsed once, and what its head says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.extraction.outline import Outline, outline
from crawler.extraction.structured import article_data, unescaped
from crawler.extraction.translation import direct, unwrap
from crawler.urls import translated_original

_EPAPER = re.compile(r"<!--\s*enpproperty", re.I)
_EPAPER_END = re.compile(r"enpproperty\s*-->", re.I)
#: Characters of an e-paper's comment; its end is looked for no further.
_LONGEST_EPAPER = 4000
_EPAPER_FIELD = re.compile(r"<(date|author|title|introtitle|subtitle|sourcename)>([^<]{1,300})<", re.I)
#: Elements of one kind whose text is asked for: each costs more, the more there are.
_MOST = 200
_BASE = re.compile(r"<base\b", re.I)
_TAGS = re.compile(r"<[^>]{0,300}>")


@dataclass(frozen=True)
class Page:
    """A parsed page. `url` is its canonical address, `base` what its relative links start from."""

    url: str
    tree: LexborHTMLParser
    markup: str

    @classmethod
    def parse(cls, html: str, url: str) -> Page:
        """Parse decoded HTML; the wrapping of a translator's copy is taken off."""
        html = html.replace("\x00", "")
        page = cls(url, LexborHTMLParser(html), html)
        if page.original:
            unwrap(page.tree)
        return page

    @cached_property
    def original(self) -> str | None:
        """The address of the page that this one is a translated copy of, or None."""
        return translated_original(self.url)

    @cached_property
    def base(self) -> str:
        """The address that relative links start from: `<base href>`, else the page's own (a copy's original's)."""
        own = self.original or self.url
        node = self.tree.css_first("base[href]") if _BASE.search(self.markup) is not None else None
        href = node.attributes.get("href") if node is not None else None
        try:
            return urljoin(own, href.strip()) if href else own
        except ValueError:
            return own

    @cached_property
    def meta(self) -> dict[str, str]:
        """Meta values by lower-cased name, property or itemprop; the first value that says anything counts."""
        found: dict[str, str] = {}
        for node in self.tree.css("meta[content]"):
            attributes = node.attributes
            name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
            value = " ".join(_TAGS.sub(" ", unescaped(attributes.get("content") or "")).split())
            if name and value:
                found.setdefault(name.strip().lower(), value)
        # Founder e-papers keep what other sites put into metas in a comment.
        for field, value in _EPAPER_FIELD.findall(self._epaper()):
            if value := " ".join(unescaped(value).split()):
                found.setdefault(f"enp:{field.lower()}", value)
        return found

    def _epaper(self) -> str:
        """Return the comment of a Founder e-paper; empty on other pages."""
        opened = _EPAPER.search(self.markup)
        ended = opened and _EPAPER_END.search(self.markup, opened.end(), opened.end() + _LONGEST_EPAPER)
        return self.markup[opened.end() : ended.start()] if opened and ended else ""

    @cached_property
    def title(self) -> str:
        """The text of `<title>`, blanks folded."""
        node = self.tree.css_first("title")
        return " ".join(node.text().split()) if node is not None else ""

    @cached_property
    def outline(self) -> Outline:
        """The page's visible text; read before anything is taken out of the tree."""
        return outline(self.tree)

    @cached_property
    def linked_data(self) -> dict[str, Any]:
        """The JSON-LD object that describes an article, or an empty one."""
        if "ld+json" not in self.markup:
            return {}  # most pages: told faster than by their elements
        scripts = self.tree.css('script[type="application/ld+json"]')[:_MOST]
        return article_data(node.text() for node in scripts)

    def absolute(self, href: str | None) -> str | None:
        """Return the absolute http(s) address of a link, a translator's detour taken out; None for other schemes."""
        if not href:
            return None
        try:
            url = direct(urljoin(self.base, href.strip()))
            scheme = urlsplit(url).scheme
        except ValueError:
            return None
        return url if scheme in ("http", "https") else None

    def text_of(self, selector: str | None) -> str | None:
        """Return the text of the first non-empty element that `selector` matches, or None."""
        if not selector:
            return None
        for node in self.tree.css(selector)[:_MOST]:
            if text := " ".join(node.text(separator=" ").split()):
                return text
        return None
