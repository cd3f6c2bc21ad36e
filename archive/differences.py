"""What a site changed in an article: two revisions compared, field by field and paragraph by paragraph."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archive.article import COMPARED, paragraphs
from archive.matching import Steps, blocks, increasing
from archive.nfkc import nfkc
from archive.pieces import GONE, NEW, SAME, Piece, compared, keys, tokens

__all__ = ["GONE", "NEW", "SAME", "STEPS", "Change", "Line", "Piece", "changes"]

#: What comparing two revisions may cost item by item (archive.matching): half a second on a slow machine. Where it
#: does not suffice, whole paragraphs are shown as changed.
STEPS = 1_000_000

#: Characters of both texts together. Beyond it too, whole paragraphs are shown as changed.
MOST = 500_000

#: Fields that are compared within a line. Of the others (names, files, dates) a line is the same or another.
_TEXTS = ("title", "kicker", "subtitle", "source", "text")
#: Paragraphs that share a pair of words with more others than this are not told apart by it.
_COMMON = 8
#: Share of pairs of words that a paragraph keeps when it is edited, at the least.
_ALIKE = 0.2


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or a value of a list, in pieces. `moved`: the same one went, or came, at another place."""

    pieces: tuple[Piece, ...]
    moved: bool = False

    @property
    def kind(self) -> str:
        """`same`, `gone` or `new` as a whole, else `changed`."""
        kinds = {piece.kind for piece in self.pieces}
        return kinds.pop() if len(kinds) == 1 else "changed"

    @property
    def before(self) -> str:
        """What it said; empty for a new one."""
        return "".join(piece.text for piece in self.pieces if piece.kind != NEW)

    @property
    def after(self) -> str:
        """What it says; empty for one that is gone."""
        return "".join(piece.text for piece in self.pieces if piece.kind != GONE)

    def shortened(self, width: int, longest: int | None = None) -> Line:
        """Return it with so many characters, at most, of what stayed on each side of a change, and `…` for the rest.

        What went or came is cut to `longest`. A line that stayed is returned as it is.
        """
        if self.kind == SAME:
            return self
        last = len(self.pieces) - 1
        cut = []
        for place, piece in enumerate(self.pieces):
            if piece.kind == SAME:
                text = _cut(piece.text, 0 if place == 0 else width, 0 if place == last else width)
            else:
                text = piece.text if longest is None else _cut(piece.text, longest, 0)
            cut.append(Piece(piece.kind, text))
        return replace(self, pieces=tuple(cut))


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed: all its lines, in order, those that stayed too."""

    field: str
    lines: list[Line]


def changes(old: Mapping[str, Any], new: Mapping[str, Any], steps: int = STEPS) -> list[Change]:
    """Return what differs of the fields that a revision compares; lists as lists, not as JSON.

    White space and NFKC do not count: what stayed is given as `new` has it.
    """
    left = Steps(steps)
    found = []
    for field in COMPARED:
        before, after = _values(field, old.get(field)), _values(field, new.get(field))
        if _said(field, before) != _said(field, after):
            fine = field in _TEXTS and sum(map(len, before)) + sum(map(len, after)) <= MOST
            lines = list(_lines(before, after, fine, left))
            found.append(Change(field, _with_moves(lines)))
    return found


def _values(field: str, value: Any) -> list[str]:
    if not value:
        return []
    if isinstance(value, str):
        return paragraphs(value) if field == "text" else [value]
    return [
        " ".join(filter(None, (item.get("name"), item.get("url")))) if isinstance(item, dict) else str(item)
        for item in value
    ]


def _said(field: str, values: list[str]) -> list[str]:
    """Return values as they are told apart: where a text has its paragraphs, and its spaces, does not count."""
    return [_key(" ".join(values))] if field == "text" else [_key(value) for value in values]


def _key(value: str) -> str:
    """Return a value as a revision compares it (archive.article.digest)."""
    return " ".join(nfkc(value).split())


def _lines(before: list[str], after: list[str], fine: bool, steps: Steps) -> Iterator[Line]:
    """Yield the lines of both; those between two that stayed are compared with each other if `fine`."""
    first, second = [_key(value) for value in before], [_key(value) for value in after]
    i = j = 0
    for m, n, size in (*blocks(first, second, steps), (len(before), len(after), 0)):
        yield from _changed(before[i:m], after[j:n], fine, steps)
        yield from (Line((Piece(SAME, value),)) for value in after[n : n + size])
        i, j = m + size, n + size


def _changed(before: list[str], after: list[str], fine: bool, steps: Steps) -> Iterator[Line]:
    """Yield lines that went and lines that came, and those that became others, in pieces."""
    i = j = 0
    for m, n in (*(_pairs(before, after) if fine else ()), (len(before), len(after))):
        yield from (Line((Piece(GONE, value),)) for value in before[i:m])
        yield from (Line((Piece(NEW, value),)) for value in after[j:n])
        if m < len(before):
            yield Line(tuple(compared(before[m], after[n], steps)))
        i, j = m + 1, n + 1


def _pairs(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Return which lines became which: those that share more than either does with any other, in the order of both."""
    if len(before) == len(after) == 1:
        return [(0, 0)]
    first, second = [_words(value) for value in before], [_words(value) for value in after]
    holders = defaultdict(list)
    for place, words in enumerate(second):
        for word in words:
            holders[word].append(place)
    shared = Counter(
        (place, other)
        for place, words in enumerate(first)
        for word in words
        if len(holders.get(word, ())) <= _COMMON
        for other in holders.get(word, ())
    )
    scores = {(i, j): 2 * n / (len(first[i]) + len(second[j])) for (i, j), n in shared.items()}
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for (i, j), score in scores.items():
        for side, place, other in ((0, i, j), (1, j, i)):
            best[side, place] = max(best.get((side, place), (_ALIKE, 0)), (score, -other))
    return increasing(sorted((i, j) for i, j in scores if best[0, i][1] == -j and best[1, j][1] == -i))


def _words(text: str) -> set[tuple[str, str]]:
    """Return the pairs of neighbours in a text, its ends among them."""
    words = [word for word in keys(tokens(text)) if not word.isspace()]
    return set(zip(["", *words], [*words, ""], strict=True))


def _with_moves(lines: list[Line]) -> list[Line]:
    """Mark the lines that went at one place and came at another."""
    gone = Counter(_key(line.before) for line in lines if line.kind == GONE)
    moved = gone & Counter(_key(line.after) for line in lines if line.kind == NEW)
    if not moved:
        return lines
    left = {GONE: moved.copy(), NEW: moved.copy()}
    marked = []
    for line in lines:
        key = _key(line.before or line.after)
        if line.kind in left and left[line.kind][key]:
            left[line.kind][key] -= 1
            line = replace(line, moved=True)
        marked.append(line)
    return marked


def _cut(text: str, head: int, tail: int) -> str:
    """Return a text without what is neither among its first `head` nor among its last `tail` characters."""
    if len(text) <= head + tail + 1:
        return text
    return text[:head] + "…" + text[len(text) - tail :]
