"""Marking what was found, in the text as it was printed: an excerpt and a headline, in pieces."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from archive.search import tokens
from archive.search.fold import fold, fold_with_places
from archive.search.query import Term

#: Pieces of a text in order, and whether each was asked for.
Pieces = tuple[tuple[str, bool], ...]

#: Characters of an excerpt of Chinese; of other scripts, whose words are longer, twice as many.
WIDTH = 110
#: Characters of a text that are looked through; beyond them the excerpt is the beginning.
LOOKED = 50_000
_LETTERS = rf"[^\W{tokens.CJK}]*"
_ENDING = re.compile(r"(?:ies|es|s|ed|ing|y|e)$")


def mark(text: str, words: Sequence[Term]) -> Pieces:
    """Return the whole text in pieces."""
    return _pieces(text, _spans(text, words), 0, len(text))


def excerpt(text: str, words: Sequence[Term], width: int = WIDTH) -> Pieces:
    """Return the part of a text that shows most of what was asked for; else its beginning. `…` stands for a cut."""
    looked = text[:LOOKED]
    if not tokens.RUN.search(looked[:400]):
        width *= 2
    spans = _spans(looked, words)
    start = 0
    if spans:
        starts = [first for first, _ in spans]
        best = max(range(len(spans)), key=lambda i: (bisect_left(starts, starts[i] + width) - i, -i))
        start = max(0, starts[best] - width // 5)
    end = min(len(text), start + width)
    shown = [(" ".join(piece.split("\n")), marked) for piece, marked in _pieces(text, spans, start, end)]
    return (*([("…", False)] if start else []), *shown, *([("…", False)] if end < len(text) else []))


def stands(text: str | None, words: Sequence[Term]) -> bool:
    """Say whether any of the words stands anywhere in a text."""
    pattern = _pattern(tuple(words))
    return bool(text) and pattern is not None and any(one[0] for one in pattern.finditer(fold(text or "")))


def from_first(text: str, words: Sequence[Term]) -> str:
    """Return a text from shortly before the first of the words on: an excerpt looks no further than LOOKED."""
    for at in range(0, len(text), LOOKED - 1_000):
        spans = _spans(text[at : at + LOOKED], words)
        if spans:
            return text[max(0, at + spans[0][0] - WIDTH) :]
    return text


def _pieces(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    at = start
    for first, last in spans:
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if first > at:
            pieces.append((text[at:first], False))
        pieces.append((text[first:last], True))
        at = last
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)


def _spans(text: str, words: Sequence[Term]) -> list[tuple[int, int]]:
    """Return where the words stand in the text as printed, in order."""
    pattern = _pattern(tuple(words))
    if pattern is None or not text:
        return []
    folded, places = fold_with_places(text)
    found = [match.span() for match in pattern.finditer(folded) if match.end() > match.start()]
    if places is None:
        return found
    return [(places[first], places[last - 1] + 1) for first, last in found]


@lru_cache(256)
def _pattern(words: tuple[Term, ...]) -> re.Pattern[str] | None:
    """Return what the words look like in folded text, longest first."""
    patterns = sorted({_of_word(term) for term in words} - {""}, key=len, reverse=True)
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _of_word(term: Term) -> str:
    # Folded character by character, as the text is: an ellipsis there is three dots too.
    segments = [
        one
        for segment in tokens.SEGMENT.findall(fold(term.text))
        for one in ([segment] if tokens.RUN.match(segment) else re.findall(r"[^\W_]+", segment))
    ]
    parts = []
    for number, segment in enumerate(segments, start=1):
        if tokens.RUN.match(segment):
            parts.append(re.escape(segment))
            continue
        last = number == len(segments)
        stem = _ENDING.sub("", segment) if len(segment) > 4 else segment
        rest = _LETTERS if (last and term.prefix) or len(segment) > 3 else ""
        parts.append(rf"(?<![A-Za-z0-9]){re.escape(stem)}{rest}" + ("" if rest else r"(?![A-Za-z0-9])"))
    return r"[\W_]*".join(parts)
