"""The body of a page: the elements that hold the article, the heaviest one first of all.

Beside it stand its lead, its other parts and its picture, each in an element of its own. These are taken whole, for
what they weigh, on Chinese pages too. `lead` adds single paragraphs that weigh too little for that, or share their
element with other things, where the head describes or a name tells them.
"""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from crawler.extraction.folding import key
from crawler.extraction.outline import Outline
from crawler.extraction.weighing import HOLDERS, named_beside, weighed

#: Share of an element's weight from which a single inner holder is the body, and the rest is beside it.
_BULK = 0.8
#: Worth of a segment from which on it is running text; share of an element that must be such to be part of a body;
#: segments of a lead at most; how far out from the body it may stand.
_PART, _MOSTLY, _LEAD, _STEPS = 25.0, 0.75, 8, 3
#: Lines beside a picture: a caption and a credit.
_CAPTIONS = 3
#: Letters of a heading that is more than a name.
_NAME = 8
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


def _headline(page: Outline, title: str) -> int:
    """Return the heading that prints most of the page's title, by its segment; 0 where none prints half of it."""
    best, longest = 0, max(_NAME, len(title) // 2) - 1
    for number, segment in enumerate(page.segments):
        if page.tags[segment.element] not in ("h1", "h2"):
            continue
        if longest < len(folded := key(segment.text)) and folded in title:
            best, longest = number, len(folded)
    return best


def _main(page: Outline, headline: int) -> tuple[int, list[float]]:
    """Return the element that holds most of the article's text, or -1, and what each segment is worth."""
    named, unnamed = named_beside(page), [0] * len(page.nodes)
    best, score, weights, worth = weighed(page, headline, named)
    # Some sites name the column of the article "right" or "side"; and some lead from every word of the text to another
    # edition of it.
    for linked, thin in ((True, _THIN), (False, 3 * _THIN)):
        if score < thin:
            other = weighed(page, headline, unnamed if linked else named, linked=linked)
            if other[1] > 4 * score:
                best, score, weights, worth = other
    if best < 0 or weights[best] < _LEAST:
        return -1, worth
    best = _narrowed(page, best, weights)
    while page.tags[best] == "p" and page.parents[best] >= 0 and not _holds_several(page, best):
        best = page.parents[best]
    return best, worth


def _narrowed(page: Outline, best: int, weights: list[float]) -> int:
    """Step into a holder of nearly all the weight, past what only stands beside it."""
    while True:
        inner = [n for n in page.children(best) if page.tags[n] in HOLDERS]
        if not inner:
            return best
        heaviest = max(inner, key=lambda n: weights[n])
        if weights[heaviest] < _BULK * weights[best] or page.tags[heaviest] == "p":
            return best
        if not _holds_several(page, heaviest):
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


def _holds_several(page: Outline, number: int) -> bool:
    """Tell whether an element holds more than one paragraph: else it is one itself."""
    first, last = page.span(page.nodes[number])
    # Asked of many elements in one another: it must not read on when it knows.
    long = (True for number in range(first, last) if len(page.segments[number].text) > 15)
    return next(long, False) and next(long, False)
