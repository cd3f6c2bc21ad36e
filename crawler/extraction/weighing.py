"""Weighing: what each segment of a page says for the element that holds it being the body, and the heaviest element.

Running text with punctuation counts for the body, links and legal lines count against it. An element weighs the sum of
what it holds, so the body is the element whose sum is largest: what lies inside it misses paragraphs, what lies around
it adds navigation. Class and id names that CMS use only tip the scale.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from crawler.extraction.labels import starts_with_label
from crawler.extraction.lexicon import words_of
from crawler.extraction.outline import Outline
from crawler.extraction.phrases import is_legal

_PUNCTUATION = re.compile(r"[，。！？；：、…,.!?;:](?=\D|$)")
_STOPS = re.compile(r"[。！？…”]|[.!?](?:\s|$|[\"'”\u2019])")
_CJK = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")
#: Elements that can be a body.
HOLDERS = frozenset(words_of("elements.holder"))
#: Stops and commas from which on a text is running text, however many follow.
_ENOUGH = 3
_LIKELY_BONUS = 1.15
#: The whole page is the body only where no part of it weighs nearly as much.
_WHOLE_PAGE = 0.8
#: Characters of a text that may be of a menu.
_SHORT = 60
#: Lines without stops that may be a text.
_FEW = 4


def weighed(
    page: Outline, headline: int, named: list[int], *, linked: bool = True
) -> tuple[int, float, list[float], list[float]]:
    """Return the heaviest element with its score, the weights of all elements, and what each segment is worth.

    Segments before `headline` are worth nothing; `named` (of `named_beside`) and `linked` as `_worth` takes them.
    """
    worth = _worth(page, named, linked=linked)
    _pass_over_teasers(page, worth)
    _pass_over_lines(page, worth)
    worth[:headline] = (min(each, 0.0) for each in worth[:headline])
    return *_heaviest(page, worth), worth


def _pass_over_lines(page: Outline, worth: list[float]) -> None:
    """Take the worth of lines without stops where they are few: three are a headline and its small print."""
    lines: dict[int, list[int]] = {}
    for number, segment in enumerate(page.segments):
        if worth[number] > 0 and not _PUNCTUATION.search(segment.text):
            lines.setdefault(page.parents[segment.element], []).append(number)
    for few in lines.values():
        if len(few) < _FEW:
            for number in few:
                worth[number] = -1.0


def _pass_over_teasers(page: Outline, worth: list[float]) -> None:
    """Take the worth of abstracts: running text below a link in the same item of a list."""
    for number in range(1, len(worth)):
        before = page.segments[number - 1]
        if worth[number] > 0 and before.links * 2 > len(before.text):
            item = _item(page, page.segments[number].element)
            if item >= 0 and item == _item(page, before.element):
                worth[number] = 0.0


def _item(page: Outline, element: int) -> int:
    """Return the item of a list that an element stands in, or -1."""
    while element >= 0 and page.tags[element] not in ("li", "dd"):
        element = page.parents[element]
    return element


def _heaviest(page: Outline, worth: list[float]) -> tuple[int, float, list[float]]:
    """Weigh every element by what its segments are worth; return the heaviest one, its weight and all weights."""
    tags, parents, hints = page.tags, page.parents, page.hints
    total = [0.0] * len(tags)
    for segment, each in zip(page.segments, worth, strict=True):
        total[segment.element] += each
    for number in range(len(tags) - 1, 0, -1):
        parent = parents[number]
        if parent >= 0:
            total[parent] += total[number]
    best, best_score = -1, 0.0
    for number, weight in enumerate(total):
        if weight <= 0 or tags[number] not in HOLDERS:
            continue
        score = weight * (_LIKELY_BONUS if hints[number] > 0 else _WHOLE_PAGE if tags[number] == "body" else 1.0)
        if score >= best_score:
            best, best_score = number, score
    return best, best_score, total


def _worth(page: Outline, named: list[int], *, linked: bool) -> list[float]:
    """Return what each segment says for the element that holds it being the body (or, negative, against it).

    Without `linked`, running text counts though it is a link.
    """
    return [
        (_short_value if len(text := segment.text) <= _SHORT else _value)(
            text, segment.glued, segment.links, segment.heading, named[segment.element] < 0, linked
        )
        for segment in page.segments
    ]


def _value(text: str, glued: str, links: int, heading: bool, beside: bool, linked: bool) -> float:
    oriental = not text.isascii() and _CJK.search(text) is not None
    weight = len(text) if oriental else len(text) / 2.5
    share = links / (len(text) or 1)
    if not linked and weight >= 30 and _STOPS.search(text):
        share = 0.0
    if share > 0.5:
        return -6 - 0.2 * min(weight, 40)
    if heading and not _STOPS.search(text):
        return -1 if weight < 30 else 0.0
    if weight < 160 and is_legal(text):
        return -4
    if weight < 60 and (":" in text or "：" in text) and starts_with_label(glued):
        return -1
    marks = sum(1 for _ in islice(_PUNCTUATION.finditer(text), _ENOUGH))
    if marks == 0:
        # A line of twelve characters that leads nowhere may be a verse, or of an author who sets no stops.
        least = 12 if oriental and not links else 30
        return -1 if weight < least or beside else 0.2 * min(weight, 100)
    if weight < 12:
        return 0.2 * weight
    gain = weight * (1 - share) * min(1.0, 0.4 + 0.2 * marks)
    if not _STOPS.search(text):
        gain *= 0.5
    return 0.0 if beside else gain


# The menus of a site come again on every page.
_short_value = lru_cache(maxsize=16_384)(_value)


def named_beside(page: Outline) -> list[int]:
    """Return for each element whether it lies in one that is named like something beside the article (-1).

    What is named like a body within one that is named `side` or `right` may be the body after all; within comments
    and footers (-2) nothing is. What holds the page's `<main>` or `<h1>` is not beside it, however it is named.
    """
    holding: set[int] = set()
    for number, tag in enumerate(page.tags):
        if tag in ("main", "h1"):
            outer = page.parents[number]
            while outer >= 0 and outer not in holding:
                holding.add(outer)
                outer = page.parents[outer]
    below = [0] * len(page.hints)
    for number, hint in enumerate(page.hints):
        parent = page.parents[number]
        above = below[parent] if parent >= 0 else 0
        if page.tags[number] in ("body", "html") or number in holding:
            continue
        if hint < 0 or above == -2:
            below[number] = min(hint, above)
        elif hint == 0:
            below[number] = above
    return below
