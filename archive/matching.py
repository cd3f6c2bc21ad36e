"""Where two sequences agree, in bounded time: long stretches that occur once, then what lies between them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

#: A stretch of both: where it begins in the first and in the second sequence, and its length.
Block = tuple[int, int, int]

#: Lengths of the stretches that are looked for, one after the other. Each costs a look at what is left of both.
STRETCHES = (8, 2)
#: Two gaps whose lengths multiply to this are compared item by item at once: that finds the longest agreements.
SMALL = 10_000
#: Items of both sequences together. Beyond it only their common beginning and end are found.
MOST = 1_000_000


class Steps:
    """What comparing item by item may still cost; it grows with the product of two lengths."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, cost: int) -> bool:
        """Say whether so much is left, and take it."""
        if cost > self.left:
            return False
        self.left -= cost
        return True


def blocks(before: Sequence[Hashable], after: Sequence[Hashable], steps: Steps) -> list[Block]:
    """Return stretches that both have, in the order of both; where steps run out, what differs is left coarse."""
    if len(before) + len(after) > MOST:
        return list(_ends(before, after))
    # As characters of two strings: slices of them are the cheapest thing to look up.
    codes: dict[Hashable, str] = {}
    a, b = ("".join([codes.setdefault(item, chr(len(codes))) for item in one]) for one in (before, after))
    return list(_joined(_blocks(a, b, 0, 0, STRETCHES, steps)))


def increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return as many of the pairs, sorted by their first number, as have a growing second one."""
    if all(one[1] < other[1] for one, other in pairwise(pairs)):
        return list(pairs)
    ends: list[int] = []  # the smallest second number that a run of each length ends with
    at: list[int] = []
    before: list[int] = []
    for place, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(at[length - 1] if length else -1)
        if length == len(ends):
            ends.append(second)
            at.append(place)
        else:
            ends[length], at[length] = second, place
    run = []
    place = at[-1] if at else -1
    while place >= 0:
        run.append(pairs[place])
        place = before[place]
    return run[::-1]


def _blocks(a: str, b: str, i: int, j: int, stretches: tuple[int, ...], steps: Steps) -> Iterator[Block]:
    """Yield the stretches of `a` and `b`, which begin at `i` and `j` of the whole."""
    (_, _, head), (_, _, tail) = ends = _ends(a, b)
    first, second = a[head : len(a) - tail], b[head : len(b) - tail]
    yield i, j, head
    if first and second:
        cost = len(first) * len(second)
        if stretches and cost > SMALL:
            yield from _between(first, second, i + head, j + head, stretches, steps)
        elif steps.take(cost):
            for m, n, size in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
                yield i + head + m, j + head + n, size
    yield i + ends[1][0], j + ends[1][1], tail


def _between(a: str, b: str, i: int, j: int, stretches: tuple[int, ...], steps: Steps) -> Iterator[Block]:
    """Yield the stretches of a given length that occur once in both, and those of what lies between."""
    shared = increasing(_once(a, b, stretches[0]))
    left, right = 0, 0
    for m, n in shared:
        if m < left or n < right:  # within the one before
            continue
        yield from _blocks(a[left:m], b[right:n], i + left, j + right, stretches[1:], steps)
        size = stretches[0]
        while m + size < len(a) and n + size < len(b) and a[m + size] == b[n + size]:
            size += 1
        yield i + m, j + n, size
        left, right = m + size, n + size
    yield from _blocks(a[left:], b[right:], i + left, j + right, stretches[1:], steps)


def _once(a: str, b: str, length: int) -> list[tuple[int, int]]:
    """Return where the parts of a length stand that both texts have once, in the order of the first."""
    first, second = _parts(a, length), _parts(b, length)
    here, there = Counter(first), Counter(second)
    places = dict(zip(second, range(len(second)), strict=True))
    return [(m, places[part]) for m, part in enumerate(first) if there.get(part) == 1 and here[part] == 1]


def _parts(text: str, length: int) -> list[str]:
    return [text[place : place + length] for place in range(len(text) - length + 1)]


def _ends(a: Sequence[Hashable], b: Sequence[Hashable]) -> tuple[Block, Block]:
    """Return the common beginning and the common end of two sequences; either may be empty."""
    shorter = min(len(a), len(b))
    head = next((place for place in range(shorter) if a[place] != b[place]), shorter)
    rest = shorter - head
    tail = next((place for place in range(rest) if a[-1 - place] != b[-1 - place]), rest)
    return (0, 0, head), (len(a) - tail, len(b) - tail, tail)


def _joined(found: Iterator[Block]) -> Iterator[Block]:
    """Yield blocks without empty ones; those that follow one another in both are one."""
    held: Block = (0, 0, 0)
    for i, j, size in found:
        if (i, j) == (held[0] + held[2], held[1] + held[2]):
            held = (held[0], held[1], held[2] + size)
        elif size:
            if held[2]:
                yield held
            held = (i, j, size)
    if held[2]:
        yield held
