"""One text beside a later one: what stayed, went and came, to the word, the number or the Chinese character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from archive.matching import Block, Steps, blocks
from archive.nfkc import nfkc

SAME, GONE, NEW = "same", "gone", "new"

#: Signs that belong to the letter before them: accents, vowel signs, joiners, variation selectors.
_MARKS = (
    r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u200c\u200d"
    r"\ufe00-\ufe0f]*"
)
#: Words of letters, numbers with their points and commas, white space, and single characters of everything else: of
#: Chinese, Japanese and Korean above all, whose words nothing separates.
_TOKEN = re.compile(
    rf"(?:[^\W\d_\u2e80-\U0003ffff]{_MARKS})+|\d+(?:[.,:]\d+)*|\s+|.{_MARKS}",
    re.DOTALL,
)
#: Longer tokens are rare, and not remembered.
_LONG = 12
_SPACE = re.compile(r"\s+")

#: So many unchanged characters between two changes are not read as unchanged.
ISLAND = 2
#: Less of the shorter text than this stayed: it is another sentence, and the characters that both share are chance.
KEPT = 0.2

_ENDS = "。！？；…!?;\n"
_PAUSES = ",，、：:"
_OPENING = "（《〈“\u2018「『【([{"
_CLOSING = "）》〉”\u2019」』】)]}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed (`same`), went (`gone`) or came (`new`)."""

    kind: str
    text: str


def compared(before: str, after: str, steps: Steps) -> list[Piece]:
    """Return the pieces of two texts: those that stayed or went are the first, those that stayed or came the second.

    White space and NFKC do not count, as for a revision: what stayed is given as the second text has it.
    """
    a, b = tokens(before), tokens(after)
    first, second = keys(a), keys(b)
    weights = _weights(a), _weights(b)
    whole = (0, 0, 0), (len(a), len(b), 0)
    found = _without_islands([whole[0], *blocks(first, second, steps), whole[1]], b, *weights)
    found = _settled(found, first, second)
    kept = sum(weights[1][j + size] - weights[1][j] for _, j, size in found)
    return list(_pieces(whole if kept < KEPT * min(weights[0][-1], weights[1][-1]) else found, a, b))


def tokens(text: str) -> list[str]:
    """Return a text in the units that it is compared by; joined, they are the text."""
    return _TOKEN.findall(text)


def keys(parts: Sequence[str]) -> list[str]:
    """Return tokens as they are compared: white space and NFKC folded."""
    return [_short(part) if len(part) < _LONG else _folded(part) for part in parts]


def _folded(part: str) -> str:
    return _SPACE.sub(" ", nfkc(part))


_short = lru_cache(50_000)(_folded)


def _pieces(found: Sequence[Block], a: Sequence[str], b: Sequence[str]) -> Iterator[Piece]:
    i = j = 0
    for m, n, size in found:
        for kind, parts in ((GONE, a[i:m]), (NEW, b[j:n]), (SAME, b[n : n + size])):
            if parts:
                yield Piece(kind, "".join(parts))
        i, j = m + size, n + size


def _weights(parts: Sequence[str]) -> list[int]:
    """Return how many characters of words and numbers stand before each part, and in all of them."""
    return list(accumulate((len(part) if part[0].isalnum() else 0 for part in parts), initial=0))


def _without_islands(
    found: Sequence[Block], after: Sequence[str], first: Sequence[int], second: Sequence[int]
) -> list[Block]:
    """Drop blocks that are too short, beside the changes on both their sides, to be read as unchanged."""

    def sizes(one: Block, other: Block) -> tuple[int, int]:
        (i, j, size), (m, n, _) = one, other
        return first[m] - first[i + size], second[n] - second[j + size]

    kept = list(found)
    while True:
        left, kept = kept, kept[:1]
        for block, following in pairwise(left[1:]):
            i, j, size = block
            inside = (i, j) != (0, 0) and (i + size, j + size) != left[-1][:2]
            text = after[j : j + size]
            if not (inside and _is_island(text, sizes(kept[-1], block), sizes(block, following))):
                kept.append(block)
        kept.append(left[-1])
        # What was dropped makes the changes beside it longer, so that they may swallow more.
        if len(kept) == len(left):
            return kept


def _is_island(text: Sequence[str], earlier: tuple[int, int], later: tuple[int, int]) -> bool:
    """Say whether an unchanged text between two changes (so many characters went, so many came) belongs to them."""
    seen = sum(len(part) for part in text if not part.isspace())
    if seen <= ISLAND:
        # Two quotation marks around a word are two changes, and the word is none.
        return any(earlier) and any(later)
    return all(all(change) and 2 * seen <= max(change) for change in (earlier, later))


def _settled(found: list[Block], first: Sequence[str], second: Sequence[str]) -> list[Block]:
    """Move what only went, or only came, to where a sentence or word begins, as far as the text is the same either way.

    `三家工会。` that came behind `两家工会。` must not be shown as `工会。三家`.
    """
    settled = found[:1]
    for i, j, size in found[1:]:
        m, n, held = settled[-1]
        if (m + held == i) != (n + held == j):
            text, start, end = (first, m + held, i) if n + held == j else (second, n + held, j)
            by = _shift(text, start, end, held, size)
            settled[-1] = (m, n, held + by)
            i, j, size = i + by, j + by, size - by
        settled.append((i, j, size))
    return [settled[0], *(block for block in settled[1:-1] if block[2]), settled[-1]]


def _shift(text: Sequence[str], start: int, end: int, left: int, right: int) -> int:
    """Return by how much `text[start:end]` is best moved, at most so far to the left and to the right."""
    lowest, highest = 0, 0
    while -lowest < left and text[start + lowest - 1] == text[end + lowest - 1]:
        lowest -= 1
    while highest < right and text[start + highest] == text[end + highest]:
        highest += 1
    places = range(lowest, highest + 1)
    return max(places, key=lambda by: (_boundary(text, start + by) + _boundary(text, end + by), by))


def _boundary(text: Sequence[str], place: int) -> int:
    """Return how well a text is cut before the token at `place`."""
    if place in (0, len(text)):
        return 5
    before, after = text[place - 1][-1], text[place][0]
    if before in _ENDS:
        return 4
    if before in _PAUSES or before.isspace() or after.isspace():
        return 3
    if after in _OPENING or before in _CLOSING:
        return 2
    return 1 if after in _ENDS + _PAUSES + _CLOSING else 0
