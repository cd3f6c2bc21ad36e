"""Lead: the paragraph between headline and body that opens an article, set apart by many CMS (standfirst, Vorspann).

It is of the article's text where it is a paragraph that the page's head describes the article by, or that its element
is named for, however short, and whatever stands beside it. `body` takes elements that are little but running text,
leads among them; on Chinese pages, where neither description nor name helps, it alone does.
"""

from __future__ import annotations

import re

from crawler.extraction.asides import is_tool
from crawler.extraction.boxes import names_box
from crawler.extraction.folding import key
from crawler.extraction.labels import starts_with_label
from crawler.extraction.lexicon import any_of, compiled, words_of
from crawler.extraction.media import names_caption
from crawler.extraction.outline import Segment
from crawler.extraction.page import Page
from crawler.extraction.phrases import is_legal
from crawler.extraction.structured import plain

_DESCRIPTIONS = words_of("metas.description")
_NAME = compiled(
    rf"(?:^|[\s_-]){any_of('elements.lead')}(?=$|[\s\d_-])|{any_of('elements.lead_end')}(?=$|\s)",
    re.I,
)
_BESIDE = frozenset(("aside", "nav", "form", "li", "footer"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u30fa\uac00-\ud7a3]")
_SENTENCE = re.compile(r"[.!?…।。！？](?:\s|$|[\"'”»\u2019])")
#: Letters that a lead and the description of the head must share from their beginning.
_SHARED = 30
#: Segments above the body that are looked at, and leads that are taken.
_ABOVE, _MOST = 40, 4


def find_lead(page: Page, headline: int, first: int, last: int) -> list[int]:
    """Return the segments between the headline's segment (-1: not printed) and the body [first, last) that lead."""
    segments = page.outline.segments
    low = headline + 1 if 0 <= headline < first else max(0, first - 12)
    described = [key(text) for text in _descriptions(page)]
    known: set[str] | None = None
    found: list[int] = []
    for number in range(max(low, first - _ABOVE), first):
        segment = segments[number]
        text = segment.text
        if not 25 <= len(text) <= 1500 or segment.links * 3 > len(text) or not _is_prose(text, segment):
            continue
        folded = key(text)
        if not (
            _agrees(folded, described) or (len(text) >= 40 and (_is_named(page, segment) or _is_between(page, segment)))
        ):
            continue
        if known is None:
            known = {key(each.text) for each in segments[first : min(last, first + 8)]}
        if folded not in known and not _is_caption(page, segment):
            known.add(folded)
            found.append(number)
    return found[:_MOST]


def _descriptions(page: Page) -> list[str]:
    texts = [page.meta.get(name, "") for name in _DESCRIPTIONS]
    data = page.linked_data
    texts += [plain(data.get("description")), plain(data.get("abstract"))]
    return [text for text in dict.fromkeys(texts) if text]


def _is_prose(text: str, segment: Segment) -> bool:
    if _HAN.search(text) and not _KANA_OR_HANGUL.search(text):
        return False
    return not (starts_with_label(segment.glued) or (len(text) < 160 and is_legal(text)))


def _agrees(folded: str, described: list[str]) -> bool:
    """Tell whether a text and a description of the head begin alike, or one is the other's part."""
    return any(
        len(each) >= _SHARED and (folded[:_SHARED] == each[:_SHARED] or folded in each or each in folded)
        for each in described
        if len(folded) >= 20
    )


def _is_named(page: Page, segment: Segment) -> bool:
    """Tell whether the element of a segment, or the one around it, is named for a lead."""
    if _SENTENCE.search(segment.text) is None and len(segment.text) <= 60:
        return False
    name = _name(page, segment.element)
    if _NAME.search(name):
        return True
    above = page.outline.parents[segment.element]
    return not name and above >= 0 and _NAME.search(_name(page, above)) is not None


def _is_between(page: Page, segment: Segment) -> bool:
    """Tell whether a segment is a paragraph of an `<article>`, in nothing that is beside it."""
    if page.outline.tags[segment.element] != "p" or len(segment.text) < 80 or not _SENTENCE.search(segment.text):
        return False
    if segment.links or is_tool(segment.text):
        return False
    element = segment.element
    while element >= 0:
        if page.outline.tags[element] == "article":
            return True
        if page.outline.tags[element] in _BESIDE or page.outline.hints[element] < 0 or names_box(_name(page, element)):
            return False
        element = page.outline.parents[element]
    return False


def _is_caption(page: Page, segment: Segment) -> bool:
    """Tell whether a segment stands in a figure, or is named a caption."""
    element = segment.element
    for _ in range(4):
        if page.outline.tags[element] in ("figure", "figcaption") or names_caption(_name(page, element)):
            return True
        element = page.outline.parents[element]
        if element < 0:
            break
    return False


def _name(page: Page, element: int) -> str:
    """Return what an element is called, utility classes left out (`md:mt-2`, `text-[11px]`)."""
    attributes = page.outline.nodes[element].attributes
    name = " ".join(attributes.get(each) or "" for each in ("class", "id", "itemprop", "data-testid"))
    return " ".join(_CAMEL.sub("-", word) for word in name.split() if ":" not in word and "[" not in word)
