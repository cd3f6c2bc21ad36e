"""The body of a page: the element that holds the article, found by what its text weighs.

Every segment of text has a value: running text with punctuation counts for the body, links and legal lines count
against it. An element weighs the sum of what it holds, so the body is the element whose sum is largest: what lies
inside it misses paragraphs, what lies around it adds navigation. Class and id names that CMS use only tip the scale.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawler.extraction.labels import starts_with_label
from crawler.extraction.outline import Outline, Segment
from crawler.extraction.phrases import LEGAL
from crawler.extraction.words import words

_PUNCTUATION = re.compile(r"[，。！？；：、…,.!?;:](?=\D|$)")
_STOPS = re.compile(r"[。！？…”]|[.!?](?:\s|$|[\"'”\u2019])")
_CJK = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")
#: Elements that can be a body.
_HOLDERS = frozenset(
    words(
        "div td article section main body form table tbody tr center blockquote ul ol li dl dd dt p pre fieldset"
        " figure founder-content content header aside"
    )
)
_LIKELY_BONUS = 1.15
#: Share of an element's weight from which a single inner holder is the body, and the rest is beside it.
_BULK = 0.8
#: A page whose heaviest element weighs less is weighed again without the names of its elements.
_THIN = 60.0
#: A page whose heaviest element weighs less says nothing: one short sentence weighs more.
_LEAST = 6.0


def find_body(page: Outline) -> LexborNode | None:
    """Return the element that holds the article's text; None when no text of the page reads like one."""
    if not page.nodes:
        return None
    best, score, weights = _heaviest(page, _named(page))
    if score < _THIN:
        # Some sites name the column of the article "right" or "side".
        unnamed, weight, weights = _heaviest(page, [0] * len(page.nodes))
        best = unnamed if weight > 4 * score else best
    if best < 0 or weights[best] < _LEAST:
        return None
    best = _narrowed(page, best, weights)
    while page.tags[best] == "p" and page.parents[best] >= 0 and not _holds_several(page, best):
        best = page.parents[best]
    return page.nodes[best]


def _heaviest(page: Outline, named: list[int]) -> tuple[int, float, list[float]]:
    """Weigh every element by what its segments are worth; return the heaviest one, its weight and all weights."""
    tags, parents, hints = page.tags, page.parents, page.hints
    total = [0.0] * len(tags)
    for segment in page.segments:
        total[segment.element] += value(segment, named[segment.element])
    for number in range(len(tags) - 1, 0, -1):
        parent = parents[number]
        if parent >= 0:
            total[parent] += total[number]
    best, best_score = -1, 0.0
    for number, weight in enumerate(total):
        if weight <= 0 or tags[number] not in _HOLDERS:
            continue
        score = weight * (_LIKELY_BONUS if hints[number] > 0 else 1.0)
        if score >= best_score:
            best, best_score = number, score
    return best, best_score, total


def value(segment: Segment, hint: int) -> float:
    """Return what a segment says for the element that holds it being the body (or, negative, against it)."""
    text = segment.text
    length = len(text)
    weight = length if _CJK.search(text) else length / 2.5
    linked = segment.links / (length or 1)
    if linked > 0.5:
        return -6 - 0.2 * min(weight, 40)
    if segment.heading and not _STOPS.search(text):
        return -1 if weight < 30 else 0.0
    if weight < 160 and LEGAL.search(text):
        return -4
    if weight < 60 and (":" in text or "：" in text) and starts_with_label(segment.glued):
        return -1
    marks = len(_PUNCTUATION.findall(text))
    if marks == 0:
        return -1 if weight < 30 else 0.2 * min(weight, 100)
    if weight < 12:
        return 0.2 * weight
    gain = weight * (1 - linked) * min(1.0, 0.4 + 0.2 * marks)
    if not _STOPS.search(text):
        gain *= 0.5
    return 0.0 if hint < 0 else gain


def _named(page: Outline) -> list[int]:
    """Return for each element whether it lies in one that is named like something beside the article (-1)."""
    below = [0] * len(page.hints)
    for number, hint in enumerate(page.hints):
        if hint < 0 and page.tags[number] not in ("body", "html"):
            below[number] = -1
        elif hint <= 0 and page.parents[number] >= 0:
            below[number] = below[page.parents[number]]
    return below


def _narrowed(page: Outline, best: int, weights: list[float]) -> int:
    """Step into a holder of nearly all the weight, past what only stands beside it."""
    children: dict[int, list[int]] = {}
    for number, parent in enumerate(page.parents):
        children.setdefault(parent, []).append(number)
    while True:
        inner = [n for n in children.get(best, ()) if page.tags[n] in _HOLDERS]
        if not inner:
            return best
        heaviest = max(inner, key=lambda n: weights[n])
        if weights[heaviest] < _BULK * weights[best] or page.tags[heaviest] == "p":
            return best
        if not _holds_several(page, heaviest):
            return best
        best = heaviest


def _holds_several(page: Outline, number: int) -> bool:
    """Tell whether an element holds more than one paragraph: else it is one itself."""
    first, last = page.span(page.nodes[number])
    # Asked of many elements in one another: it must not read on when it knows.
    long = (True for number in range(first, last) if len(page.segments[number].text) > 15)
    return next(long, False) and next(long, False)
