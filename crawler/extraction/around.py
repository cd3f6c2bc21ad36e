"""Around: the lines of small print around a body: between headline and text, above the headline, below the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.outline import Outline, Segment

#: Segments after the body in which its editors may be named.
_BELOW = 12
#: Segments above the headline in which small print may stand, and a notice's table of its number, office and dates.
_ABOVE, _TABLE = 3, 30
#: Segments between headline and body that are looked at; those above a body whose headline is not printed.
_BETWEEN, _UNHEADED = 60, 15


@dataclass(frozen=True, slots=True)
class Around:
    """The printed lines around a body."""

    head: Sequence[str]
    """Between headline and text."""
    above: Sequence[str]
    """Above the headline: the date of today may stand there."""
    table: Sequence[str]
    """Farther above it, where notices print when they were published."""
    below: Sequence[str]
    """After the text: editors and reviewers, and tools of the page."""
    region: tuple[int, int]
    """The segments in which elements may be marked for an author."""


def read_around(page: Outline, headline: int, first: int, last: int) -> Around:
    """Return the lines around the body [first, last); `headline` is its headline's segment, -1 for none printed."""
    number = headline if 0 <= headline < first else -1
    low = max(number + 1, first - _BETWEEN) if number >= 0 else max(0, first - _UNHEADED)
    segments = page.segments
    return Around(
        head=_small_print(segments[low:first]),
        above=_small_print(segments[max(0, number - _ABOVE) : number + 1]),
        table=_small_print(segments[max(0, headline - _TABLE) : max(0, headline - _ABOVE)]),
        below=[segment.glued for segment in segments[last : last + _BELOW]],
        region=(headline - 4 if 0 <= headline < last else first - _UNHEADED, last + 4),
    )


def _small_print(segments: Sequence[Segment]) -> list[str]:
    """Return the lines of segments; those that are mostly links say nothing, unless they are labelled."""
    return [
        segment.glued
        for segment in segments
        if segment.links * 2 <= len(segment.text) or ":" in segment.text or "：" in segment.text
    ]
