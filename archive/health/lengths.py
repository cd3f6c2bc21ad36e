"""Whether texts have become far shorter, or longer, than those before: a body cut, or the whole page taken.

Pure. Lengths of days are compared as logarithms with the days before, section by section, by how much these differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from archive.health.strands import ARTICLES, CHARACTERS, NOTHING, RUN, Counts, Strand, add

#: A third of the length, or three times it.
TIMES = 3.0
#: While it is less than half, or more than double, it goes on; after so many days it has become usual.
GOING, USUAL = 2.0, 90
#: Pages that tell of a change; days before that tell what is usual; how far beyond their spread it must be.
BLOCK, PAST, SPREADS = 5, 15, 7.0
#: The least spread of pages, as a logarithm: sections that write to length are not to be taken at their word.
LEAST_SPREAD = 0.4
#: How alike the lengths of one day's pages are (0: no more than others, 1: they count as one).
ALIKE = 0.2

_Day = tuple[str, int, int]
"""Day, pages, characters."""


def changed(strands: Sequence[Strand], held: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the facts of each section whose texts changed their length, or of "" where all that can be judged did.

    `held` are the facts of those that had changed already.
    """
    if "" in held:
        whole = _whole(strands, held[""])
        return {"": whole} if whole else {}
    found = {}
    for strand in strands:
        facts = _going(strand, held[strand.section]) if strand.section in held else _change(strand)
        if facts:
            found[strand.section] = facts
    judged = [strand for strand in strands if _split(strand) is not None]
    if found and not held and len(found) == len(judged):
        pages = sum(one["pages"] for one in found.values())
        means = {
            name: round(sum(one[name] * one["pages"] for one in found.values()) / pages)
            for name in ("characters", "before")
        }
        return {"": {"day": min(one["day"] for one in found.values()), "pages": pages, **means}}
    return found


def is_usual(strand: Strand) -> bool:
    """Say whether the newest texts of a section are about as long as those before them: a glance, for most days."""
    now, before = strand.since(strand.days[-1][0]), strand.pasts[-1]
    if not now[ARTICLES] or not before[CHARACTERS]:
        return True
    for _, counts in strand.days:
        if counts[ARTICLES]:
            times = counts[CHARACTERS] / counts[ARTICLES] * before[ARTICLES] / before[CHARACTERS]
            return 1 / GOING < times < GOING
    return True


def _split(strand: Strand) -> int | None:
    """Return how many of the newest days are judged; None where there are too few pages, or days before them."""
    pages = 0
    days = [counts for _, counts in strand.days if counts[ARTICLES]]
    for number, counts in enumerate(days, 1):
        pages += counts[ARTICLES]
        if pages >= BLOCK:
            return number if len(days) - number >= PAST else None
    return None


def _change(strand: Strand) -> dict[str, Any] | None:
    number = _split(strand)
    if number is None:
        return None
    days = [(day, counts[ARTICLES], counts[CHARACTERS]) for day, counts in strand.days if counts[ARTICLES]]
    before = _mean(days[number:])
    shorter = _mean(days[:number]) < before
    while len(days) - number > PAST and _is_off(days[number], before, shorter):
        number += 1
    block, past = days[:number], days[number:]
    now, before = _mean(block), _mean(past)
    beyond = _beyond(block, past)
    if abs(beyond) < SPREADS or 1 / TIMES < now / before < TIMES or (now > before) != (beyond > 0):
        return None
    return {
        "day": block[-1][0].removesuffix(RUN),
        "pages": sum(pages for _, pages, _ in block),
        "characters": round(now),
        "before": round(before),
    }


def _is_off(day: _Day, before: float, shorter: bool) -> bool:
    """Say whether a day is off in the same direction, by half of what a change is."""
    times = _mean([day]) / before
    return times < 1 / GOING if shorter else times > GOING


def _beyond(block: Sequence[_Day], past: Sequence[_Day]) -> float:
    """Return by how many spreads the lengths of a block of days lie above the usual one, or below it (negative).

    A day weighs as many pages as it has, but less the more there are: pages of one day are alike.
    """
    logs = [(_log(*one), one[1] / (1 + (one[1] - 1) * ALIKE)) for one in past]
    weight = sum(weight for _, weight in logs)
    usual = sum(log * weight for log, weight in logs) / weight
    squares = sum(weight * (log - usual) ** 2 for log, weight in logs)
    spread = max(math.sqrt(squares / (len(logs) - 1)), LEAST_SPREAD)
    here = [(_log(*one) - usual, one[1] / (1 + (one[1] - 1) * ALIKE)) for one in block]
    return sum(off * weight for off, weight in here) / (spread * math.sqrt(sum(weight for _, weight in here)))


def _going(strand: Strand, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the facts of a change that goes on, with today's figures; None when it is over, or has become usual."""
    days = [(day, counts[ARTICLES], counts[CHARACTERS]) for day, counts in strand.days if counts[ARTICLES]]
    since = [one for one in days if one[0] >= facts["day"]]
    if not since:
        return dict(facts)
    newest, pages = [], 0
    for one in since:
        newest.append(one)
        pages += one[1]
        if pages >= BLOCK:
            break
    age = date.fromisoformat(since[0][0].removesuffix(RUN)) - date.fromisoformat(facts["day"])
    if age.days > USUAL or 1 / GOING < _mean(newest) / max(facts["before"], 1) < GOING:
        return None
    return {**facts, "pages": sum(pages for _, pages, _ in since), "characters": round(_mean(since))}


def _whole(strands: Sequence[Strand], facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the same of all sections together."""
    days: dict[str, Counts] = {}
    for strand in strands:
        for day, counts in strand.days:
            days[day] = add(days.get(day, NOTHING), counts)
    return _going(Strand.of("", sorted(days.items(), reverse=True), NOTHING), facts)


def _log(day: str, pages: int, characters: int) -> float:
    return math.log(max(characters, 1) / pages)


def _mean(days: Sequence[_Day]) -> float:
    return max(sum(characters for _, _, characters in days), 1) / sum(pages for _, pages, _ in days)
