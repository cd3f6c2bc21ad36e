"""Whether what pages yield has fallen far below what the same sections yielded before, and since which day.

Pure: days and counts in, a Drop out. What is usual is taken section by section, so that a day of notices without
authors is no change of a site whose notices never had any.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.health.strands import (
    ARTICLES,
    DATED,
    EDITED,
    ILLUSTRATED,
    MATCHED,
    PAGES,
    RUN,
    SIGNED,
    SOURCED,
    WHOLE,
    Counts,
    Strand,
)  # fmt: skip

#: So many of the newest pages are judged together, and so many of them at least must lack what is usual.
BLOCK = 5
#: Pages of the past that a section is judged by; the whole site's stand in where it has fewer.
PAST = 10
#: Pages of a section that tell that it is as it was, while another has changed.
OTHER = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """A share of pages that may fall: `good` of `base`, by their places among the counts of a day.

    It has fallen where it is at most `ratio` of what is usual, which is `usual` at least, and chance explains it with
    a probability below e to the power of minus `evidence`. Pages of one day are `alike` (0: no more than others, 1:
    they count as one): articles of one pen, all without pictures, come together.
    """

    name: str
    base: int
    good: int
    ratio: float
    usual: float
    evidence: float
    alike: float


# A broken template must be told by five pages where ten were read before it: 5 ln 12 = 12.4.
LAYOUT = Measure("layout", PAGES, MATCHED, 0.8, 0.5, 11.5, 0.0)
UNREAD = Measure("unread", PAGES, ARTICLES, 0.8, 0.5, 11.5, 0.1)
DAMAGED = Measure("damaged", ARTICLES, WHOLE, 0.8, 0.5, 11.5, 0.1)
FIELDS = (
    Measure("date", ARTICLES, DATED, 0.7, 0.6, 16.0, 0.1),
    Measure("source", ARTICLES, SOURCED, 0.5, 0.6, 16.0, 0.2),
    Measure("authors", ARTICLES, SIGNED, 0.5, 0.6, 16.0, 0.3),
    Measure("editors", ARTICLES, EDITED, 0.5, 0.6, 16.0, 0.2),
    Measure("images", ARTICLES, ILLUSTRATED, 0.5, 0.6, 16.0, 0.3),
)


MEASURES = (LAYOUT, UNREAD, DAMAGED, *FIELDS)


@dataclass(frozen=True, slots=True)
class Drop:
    """Since `day`, `good` of `pages` have what a share of `before` had.

    Where the day ends with RUN, it is since a run of it, and `earlier` are the pages and good ones of it before.
    """

    day: str
    pages: int
    good: int
    before: float
    earlier: tuple[int, int] | None = None


class Days:
    """The days of some sections put together, the newest first."""

    def __init__(self, strands: Sequence[Strand]) -> None:
        self.strands = strands
        parts: dict[str, list[tuple[int, Counts]]] = {}
        for place, strand in enumerate(strands):
            for day, counts in strand.days:
                parts.setdefault(day, []).append((place, counts))
        self._parts = [(day, parts[day]) for day in sorted(parts, reverse=True)]

    def of(self, measure: Measure) -> Iterator[Day]:
        """Yield the days on which pages were read that a measure concerns."""
        for day, parts in self._parts:
            own = [
                (place, counts[measure.base], counts[measure.good]) for place, counts in parts if counts[measure.base]
            ]
            if own:
                yield Day(day, own)


class Day:
    """A day: of each section (by its place) the pages that a measure concerns, and the good ones."""

    __slots__ = ("day", "good", "pages", "parts")

    def __init__(self, day: str, parts: Sequence[tuple[int, int, int]]) -> None:
        self.day = day
        self.parts = parts
        self.pages = sum([pages for _, pages, _ in parts])
        self.good = sum([good for _, _, good in parts])

    def expected(self, usual: Sequence[float]) -> float:
        """Return how many pages would be good if all were as usual."""
        return sum([pages * usual[place] for place, pages, _ in self.parts])


def is_usual(own: Days) -> bool:
    """Say whether no share has fallen, by a glance at a few days of each section: false where it cannot tell."""
    block = _block(own.of(LAYOUT))
    pasts = [strand.past(block[-1].day) for strand in own.strands]
    news = [strand.since(block[-1].day) for strand in own.strands]
    if sum([new[ARTICLES] for new in news]) < BLOCK:
        return False
    if sum([past[ARTICLES] for past in pasts]) < PAST:
        return all(new[MATCHED] == new[PAGES] for new in news)
    for measure in MEASURES:
        pages, good = (sum([past[place] for past in pasts]) for place in (measure.base, measure.good))
        usual = [_share(past, measure) if past[measure.base] >= PAST else good / pages for past in pasts]
        expected = sum([new[measure.base] * share for new, share in zip(news, usual, strict=True)])
        base, held = (sum([new[place] for new in news]) for place in (measure.base, measure.good))
        if expected >= measure.usual * base and held <= measure.ratio * expected:
            # A few pages that lack it are nothing where the day before them is as usual.
            before = next((day for day in own.of(measure) if day.day < block[-1].day), None)
            if base - held >= BLOCK or before is None or _is_low([before], usual, measure):
                return False
    return True


def drop(own: Days, measure: Measure, expected: float | None = None) -> Drop | None:
    """Return how a share of the newest pages has fallen, or None.

    `expected` is what stands for the past of a site that has none yet.
    """
    days = own.of(measure)
    fallen = _block(days)
    if sum(one.pages for one in fallen) < BLOCK:
        return None
    usual = _usual(own.strands, measure, fallen[-1].day, expected)
    # Where the newest pages are as usual, what was before them is over: a profile that was mended is no new change.
    if usual is None or not (_is_low(fallen, usual, measure) and _is_low(fallen[:1], usual, measure)):
        return None
    rest = next(days, None)
    while rest is not None and _is_low([rest], usual, measure):
        fallen.append(rest)
        rest = next(days, None)
    usual = _usual(own.strands, measure, fallen[-1].day, expected)
    if usual is None:
        return None
    pages, good = sum(one.pages for one in fallen), sum(one.good for one in fallen)
    share = sum(one.expected(usual) for one in fallen) / pages
    if pages - good < BLOCK or share < measure.usual or good > measure.ratio * share * pages:
        return None
    independent = sum(one.pages / (1 + (one.pages - 1) * measure.alike) for one in fallen)
    if independent * divergence(good / pages, share) < measure.evidence:
        return None
    same_day = rest is not None and rest.day + RUN == fallen[-1].day
    return Drop(fallen[-1].day, pages, good, share, (rest.pages, rest.good) if rest and same_day else None)


def lasts(own: Days, measure: Measure, day: str, before: float | None = None) -> bool:
    """Say whether a share that fell on a day is still as low.

    Compared with `before`, its value then; without it, with the last pages before the newest, so that what goes on
    for months becomes usual.
    """
    block = _block(one for one in own.of(measure) if one.day >= day)
    pages = sum(one.pages for one in block)
    if pages < OTHER:
        return True
    if before is not None:
        return sum(one.good for one in block) <= measure.ratio * before * pages
    usual = _usual(own.strands, measure, block[-1].day, None)
    if usual is None:
        return True
    return sum(one.expected(usual) for one in block) >= 0.5 * pages and _is_low(block, usual, measure)


def differ(strands: Sequence[Strand], measure: Measure, day: str, changed: Sequence[str]) -> bool:
    """Say whether a section other than those that `changed` is as it was, since a day."""
    for strand in strands:
        if strand.section in changed:
            continue
        now, past = strand.since(day), strand.past(day)
        usual = _share(past, measure) if past[measure.base] >= PAST else measure.usual
        if now[measure.base] >= OTHER and now[measure.good] > measure.ratio * usual * now[measure.base]:
            return True
    return False


def divergence(share: float, usual: float) -> float:
    """Return the Kullback-Leibler divergence of two shares: n times it bounds -ln of the chance of n pages (Chernoff).

    `usual` lies between 0 and 1, both excluded.
    """
    terms = ((share, usual), (1 - share, 1 - usual))
    return sum(one * math.log(one / other) for one, other in terms if one > 0)


def _block(days: Iterable[Day]) -> list[Day]:
    """Return the newest days that hold a block of pages together; all of them where they hold fewer."""
    block, pages = [], 0
    for day in days:
        block.append(day)
        pages += day.pages
        if pages >= BLOCK:
            break
    return block


def _usual(strands: Sequence[Strand], measure: Measure, day: str, expected: float | None) -> list[float] | None:
    """Return the usual share of each section before a day; None where nothing is known."""
    pasts = [strand.past(day) for strand in strands]
    pages, good = (sum([past[place] for past in pasts]) for place in (measure.base, measure.good))
    if pages >= PAST:
        whole = (good + 1) / (pages + 2)
    elif expected is not None:
        whole = expected
    else:
        return None
    return [_share(past, measure) if past[measure.base] >= PAST else whole for past in pasts]


def _share(past: Counts, measure: Measure) -> float:
    """Return a share as it may be by what was seen (Laplace): never 0 or 1."""
    return (past[measure.good] + 1) / (past[measure.base] + 2)


def _is_low(days: Sequence[Day], usual: Sequence[float], measure: Measure) -> bool:
    return sum([day.good for day in days]) <= measure.ratio * sum([day.expected(usual) for day in days])
