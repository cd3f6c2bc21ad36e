"""Companions of a title: its kicker (引题, Dachzeile) and subtitle (副题), in the headline's element or beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborNode

from crawler.extraction.folding import key
from crawler.extraction.labels import starts_with_label
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.page import Page

if TYPE_CHECKING:  # `headline` takes kickers off with this module.
    from crawler.extraction.headline import Headline

_BEGIN, _END = r"(?:^|[\s_-])", r"(?=$|[\s\d_-])"
_KICKER = compiled(_BEGIN + any_of("elements.kicker") + _END, re.I)
_INSIDE = compiled(rf"{_BEGIN}(?:{any_of('elements.kicker')}|{any_of('elements.kicker_inside')}){_END}", re.I)
_SUBTITLE = compiled(_BEGIN + any_of("elements.subtitle") + _END, re.I)
#: A heading below the title that is named for a lead is a subtitle, too.
_LEAD = compiled(_BEGIN + any_of("elements.lead") + _END, re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DASH = re.compile(r"^\s*(?:—+|－+|-{2,}|―+|–{2})\s*")
_DATE = re.compile(r"(?:19|20)\d\d\D")
#: What may stand between a kicker and the title.
_JOINT = re.compile(r"\s*[:|–—·/]+\s*$|\s+-\s+$")
_JOINTS = " :|–—·/-"
#: A kicker in the title's element is shorter than this. Longer lines beside it are a lead, and so are those that end a
#: sentence.
_INNER, _LONGEST = 60, 80
_STOP = ("。", ".", "；")


def split_element(heading: LexborNode) -> tuple[str, str] | None:
    """Return (kicker, title) of a heading whose first element is named a kicker, or None."""
    first = _first(heading)
    # Some CMS wrap both into one more element.
    for _ in range(2):
        if first is None or _INSIDE.search(_name(first)):
            break
        first = _first(first)
    if first is None:
        return None
    whole, kicker = _text(heading), _text(first)
    if not kicker or not whole.startswith(kicker) or len(kicker) >= _INNER:
        return None
    title = whole[len(kicker) :].lstrip(_JOINTS)
    return (kicker.rstrip(_JOINTS), title) if len(title) > 8 else None


def split_printed(printed: str, told: list[str]) -> tuple[str, str] | None:
    """Return (kicker, title) of a printed headline that ends in a title that the head tells, or None."""
    for title in told:
        if len(title) > 8 and printed.endswith(title) and (kicker := printed[: -len(title)]):
            bare = _JOINT.sub("", kicker)
            if 1 < len(bare) < len(kicker) and len(bare) < _INNER:
                return bare, title
    return None


def add_companions(headline: Headline, page: Page) -> Headline:
    """Complete a headline with the lines above and below it whose elements, or an e-paper's fields, name them so."""
    number = headline.segment
    headline.kicker = headline.kicker or _beside(page, number - 1, _KICKER, headline) or _field(page, "enp:introtitle")
    headline.subtitle = (
        headline.subtitle or _beside(page, number + 1, _SUBTITLE, headline) or _field(page, "enp:subtitle")
    )
    return headline


def _field(page: Page, name: str) -> str | None:
    return _DASH.sub("", page.meta.get(name, "")) or None


def _beside(page: Page, number: int, names: re.Pattern[str], headline: Headline) -> str | None:
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
    name = _name(page.outline.nodes[segment.element])
    named = names.search(name) or (names is _SUBTITLE and segment.heading and _LEAD.search(name))
    return text if named else None


def _first(node: LexborNode) -> LexborNode | None:
    """Return the element that a node begins with; None where it begins with text."""
    child = node.child
    while child is not None and (child.tag == "-comment" or (child.tag == "-text" and not child.text().strip())):
        child = child.next
    return None if child is None or child.tag == "-text" else child


def _name(node: LexborNode) -> str:
    """Return the class and id of an element; `articleKicker` is two words."""
    attributes = node.attributes
    return _CAMEL.sub("-", f"{attributes.get('class') or ''} {attributes.get('id') or ''}")


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())
