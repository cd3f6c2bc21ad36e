"""Companions: the kicker (引题) and subtitle (副题) that stand in elements of their own beside the headline."""

from __future__ import annotations

import re

from crawler.extraction.headline import Headline, key
from crawler.extraction.labels import starts_with_label
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.page import Page

_BEGIN, _END = r"(?:^|[\s_-])", r"(?:$|[\s\d_-])"
_KICKER = compiled(_BEGIN + any_of("elements.kicker") + _END, re.I)
_SUBTITLE = compiled(_BEGIN + any_of("elements.subtitle") + _END, re.I)
_DASH = re.compile(r"^\s*(?:—+|－+|-{2,}|―+|–{2})\s*")
_DATE = re.compile(r"(?:19|20)\d\d\D")
#: Longer lines are a lead, and so are those that end a sentence.
_LONGEST = 80
_STOP = ("。", ".", "；")


def add_companions(headline: Headline, page: Page) -> Headline:
    """Complete a headline with the lines above and below it whose elements, or an e-paper's fields, name them so."""
    number = headline.segment
    headline.kicker = headline.kicker or _named(page, number - 1, _KICKER, headline) or _field(page, "enp:introtitle")
    headline.subtitle = (
        headline.subtitle or _named(page, number + 1, _SUBTITLE, headline) or _field(page, "enp:subtitle")
    )
    return headline


def _field(page: Page, name: str) -> str | None:
    return _DASH.sub("", page.meta.get(name, "")) or None


def _named(page: Page, number: int, names: re.Pattern[str], headline: Headline) -> str | None:
    """Return the text of a segment whose element is named as asked; small print and leads are no companions."""
    segments = page.outline.segments
    if headline.segment < 0 or not 0 <= number < len(segments):
        return None
    segment = segments[number]
    text = _DASH.sub("", segment.text)
    if not 4 <= len(text) <= _LONGEST or text.endswith(_STOP) or segment.links * 2 > len(text):
        return None
    if starts_with_label(segment.glued) or _DATE.search(text) or key(text) == key(headline.title or ""):
        return None
    attributes = page.outline.nodes[segment.element].attributes
    named = f"{page.outline.tags[segment.element]} {attributes.get('class') or ''} {attributes.get('id') or ''}"
    return text if names.search(named) else None
