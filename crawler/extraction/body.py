"""The body of a page: the element that holds the article, found by what its text weighs.

Every segment of text has a value: running text with punctuation counts for the body, links and legal lines count
against it. An element weighs the sum of what it holds, so the body is the element whose sum is largest: what lies
inside it misses paragraphs, what lies around it adds navigation. Class and id names that CMS use only tip the scale.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.extraction.headline import key
from crawler.extraction.labels import starts_with_label
from crawler.extraction.lexicon import words_of
from crawler.extraction.outline import Outline, Segment
from crawler.extraction.phrases import is_legal

_PUNCTUATION = re.compile(r"[，。！？；：、…,.!?;:](?=\D|$)")
_STOPS = re.compile(r"[。！？…”]|[.!?](?:\s|$|[\"'”\u2019])")
_CJK = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")
#: Elements that can be a body.
_HOLDERS = frozenset(words_of("elements.holder"))
#: A segment that is worth this much is a paragraph.
_PARAGRAPH = 25.0
_HAN_ONLY = re.compile(r"^[^\u3041-\u30fa\uac00-\ud7a3]*[\u4e00-\u9fff][^\u3041-\u30fa\uac00-\ud7a3]*$")
_LIKELY_BONUS = 1.15
#: Share of an element's weight from which a single inner holder is the body, and the rest is beside it.
_BULK = 0.8
#: The whole page is the body only where no part of it weighs nearly as much.
_WHOLE_PAGE = 0.8
#: Worth of a segment from which on it is running text; share of an element that must be such to be part of a body;
#: segments of a lead at most; how far out from the body it may stand.
_PART, _MOSTLY, _LEAD, _STEPS = 25.0, 0.75, 8, 3
#: Characters of a text that may be of a menu.
_SHORT = 60
#: Lines beside a picture: a caption and a credit.
_CAPTIONS = 3
#: Letters of a heading that is more than a name; lines without stops that may be a text.
_NAME, _FEW = 8, 4
#: A page whose heaviest element weighs less is weighed again without the names of its elements.
_THIN = 60.0
#: A page whose heaviest element weighs less says nothing: one short sentence weighs more.
_LEAST = 6.0


def find_body(page: Outline, title: str = "") -> list[LexborNode]:
    """Return the elements that hold the article's text, in order; none when no text of the page reads like one.

    Mostly it is one. Its lead may stand in an element of its own above it, and some pages cut it by a gallery.
    `title` is the page's `<title>`: what stands above the heading that prints it is no article's.
    """
    if not page.nodes:
        return []
    headline = _headline(page, key(title))
    main, worth = _main(page, headline)
    if main < 0:
        return []
    pieces = _pieces(page, main, worth)
    if page.nodes[main].css_first("img") is None and (picture := _picture(page, main, headline)) >= 0:
        pieces = sorted({*pieces, picture})
    return [page.nodes[number] for number in pieces]


def _main(page: Outline, headline: int) -> tuple[int, list[float]]:
    """Return the element that holds most of the article's text, or -1, and what each segment is worth."""
    named, unnamed = _named(page), [0] * len(page.nodes)
    best, score, weights, worth = _weighed(page, headline, named)
    # Some sites name the column of the article "right" or "side"; and some lead from every word of the text to another
    # edition of it.
    for linked, thin in ((True, _THIN), (False, 3 * _THIN)):
        if score < thin:
            other = _weighed(page, headline, unnamed if linked else named, linked=linked)
            if other[1] > 4 * score:
                best, score, weights, worth = other
    if best < 0 or weights[best] < _LEAST:
        return -1, worth
    best = _narrowed(page, best, weights)
    while page.tags[best] == "p" and page.parents[best] >= 0 and not _holds_several(page, best):
        best = page.parents[best]
    return best, worth


def _weighed(
    page: Outline, headline: int, named: list[int], *, linked: bool = True
) -> tuple[int, float, list[float], list[float]]:
    """Return the heaviest element with its score, the weights of all, and what each segment is worth.

    Segments before `headline` are worth nothing; `named` and `linked` as `value` takes them.
    """
    worth = [value(segment, named[segment.element], linked=linked) for segment in page.segments]
    _pass_over_teasers(page, worth)
    _pass_over_lines(page, worth)
    worth[:headline] = (min(each, 0.0) for each in worth[:headline])
    return *_heaviest(page, worth), worth


def _headline(page: Outline, title: str) -> int:
    """Return the heading that prints most of the page's title, by its segment; 0 where none prints half of it."""
    best, longest = 0, max(_NAME, len(title) // 2) - 1
    for number, segment in enumerate(page.segments):
        if page.tags[segment.element] not in ("h1", "h2"):
            continue
        if longest < len(folded := key(segment.text)) and folded in title:
            best, longest = number, len(folded)
    return best


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
        if weight <= 0 or tags[number] not in _HOLDERS:
            continue
        score = weight * (_LIKELY_BONUS if hints[number] > 0 else _WHOLE_PAGE if tags[number] == "body" else 1.0)
        if score >= best_score:
            best, best_score = number, score
    return best, best_score, total


def value(segment: Segment, hint: int, *, linked: bool = True) -> float:
    """Return what a segment says for the element that holds it being the body (or, negative, against it).

    Without `linked`, running text counts though it is a link.
    """
    weigh = _value if len(segment.text) > _SHORT else _short_value
    return weigh(segment.text, segment.glued, segment.links, segment.heading, hint < 0, linked)


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
    marks = len(_PUNCTUATION.findall(text))
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


def _named(page: Outline) -> list[int]:
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


def _narrowed(page: Outline, best: int, weights: list[float]) -> int:
    """Step into a holder of nearly all the weight, past what only stands beside it."""
    while True:
        inner = [n for n in page.children(best) if page.tags[n] in _HOLDERS]
        if not inner:
            return best
        heaviest = max(inner, key=lambda n: weights[n])
        if weights[heaviest] < _BULK * weights[best] or page.tags[heaviest] == "p":
            return best
        if not _holds_several(page, heaviest) or _leaves_prose(page, best, heaviest):
            return best
        best = heaviest


def _pieces(page: Outline, main: int, worth: list[float]) -> list[int]:
    """Return the elements that together make the body, in order: leads above `main`, it, and what is named like it."""
    found, inner = [main], main
    for _ in range(_STEPS):
        parent = page.parents[inner]
        if parent < 0:
            break
        for beside in page.children(parent):
            if beside != inner and _is_piece(page, beside, main, worth):
                found.append(beside)
        inner = parent
    return sorted(found)


def _picture(page: Outline, main: int, headline: int) -> int:
    """Return the element beside a text without pictures that holds one, with its caption at most; -1 for none."""
    inner = main
    for step in range(_STEPS):
        parent = page.parents[inner]
        # Where no headline is known, the page's banner may be near.
        if parent < 0 or (step and not headline and page.hints[parent] <= 0):
            break
        beside = page.children(parent)
        place = beside.index(inner)
        for number in (*beside[max(0, place - 2) : place], *beside[place + 1 : place + 2]):
            first, last = page.span(page.nodes[number])
            text = page.segments[first:last]
            if page.hints[number] < 0 or first < headline or len(text) > _CAPTIONS or any(each.links for each in text):
                continue
            if page.nodes[number].css_first("img") is not None:
                return number
        inner = parent
    return -1


def _is_piece(page: Outline, beside: int, main: int, worth: list[float]) -> bool:
    """Tell whether an element beside the body is a part of it: little but running text, and above it or its twin."""
    first, last = page.span(page.nodes[beside])
    text = sum(each for each in worth[first:last] if each >= _PART)
    if text < _PART or sum(worth[first:last]) < _MOSTLY * text:
        return False
    if beside < main:
        return last - first <= _LEAD
    one, other = page.nodes[beside].attributes, page.nodes[main].attributes
    names = [each.get("id") or each.get("class") for each in (one, other)]
    return names[0] is not None and names[0] == names[1]


def _leaves_prose(page: Outline, outer: int, inner: int) -> bool:
    """Tell whether `outer` holds paragraphs of its own before `inner`, or some in an element that is named like it.

    Western CMS set the first paragraphs apart, or part the text into several elements. Chinese pages print abstracts
    and notices there.
    """
    first, last = page.span(page.nodes[outer])
    low, high = page.span(page.nodes[inner])
    name = _class(page, inner)
    for number in (*range(first, low), *range(high, last)):
        segment = page.segments[number]
        if segment.heading or _HAN_ONLY.search(segment.text) or value(segment, 0) < _PARAGRAPH:
            continue
        branch = segment.element
        while branch >= 0 and page.parents[branch] != outer:
            branch = page.parents[branch]
        if branch == segment.element:
            if number < low and page.tags[branch] == "p" and page.hints[branch] >= 0:
                return True
        elif name and branch >= 0 and _class(page, branch) == name:
            return True
        if number < low and page.tags[segment.element] == "p" and (like := _class(page, segment.element)):
            return any(_class(page, page.segments[each].element) == like for each in range(low, high))
    return False


def _class(page: Outline, element: int) -> str:
    return page.nodes[element].attributes.get("class") or ""


def _holds_several(page: Outline, number: int) -> bool:
    """Tell whether an element holds more than one paragraph: else it is one itself."""
    first, last = page.span(page.nodes[number])
    # Asked of many elements in one another: it must not read on when it knows.
    long = (True for number in range(first, last) if len(page.segments[number].text) > 15)
    return next(long, False) and next(long, False)
