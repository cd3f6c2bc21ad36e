"""Bar charts of months as inline SVG: no script, no colours of its own, readable at any width.

Drawn here and not by a library: pygal 3.1 was tried with 240 months. It took 36 ms and gave 116 KB, with an inline
script that our Content-Security-Policy refuses, with ids and a date that differ at every call, and with text that
shrinks with the chart. This takes 1 ms and half of the bytes. The bars stand in an inner <svg> that is stretched; the
text stands in the outer one, at percentages, and keeps its size on a phone.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

#: Pixels above the bars (for the figure of the top line) and below them (for the labels).
ABOVE, BELOW = 18, 20
#: Labels below the bars, at most, on a wide screen and on a phone: of years, and of what is longer.
YEARS, LONGER = (8, 5), (6, 3)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, of a month or of whatever its label names."""

    label: str
    """What it stands for: `2024-05`."""
    value: float
    gap: bool = False
    """Whether nothing is known (nobody looked): shown as a gap, also behind a bar."""
    href: str | None = None
    """Where a click leads. The table beside the chart has the same link for those who use no mouse."""
    tooltip: str = ""
    share: float | None = None
    """A share, 0 to 1, that a line over the bars shows; None is a hole in the line."""


@dataclass(frozen=True, slots=True)
class Year:
    """The bars of one year: twelve, None where there is none, and their sum."""

    label: str
    months: tuple[Bar | None, ...]
    total: float


def bars(months: Sequence[Bar], *, title: str, description: str, height: int = 160) -> Markup:
    """Return an <svg> of bars from left to right, with a line over them where bars have shares.

    `title` and `description` are what a screen reader says instead; `height` is that of the bars, in pixels. Styles
    are those of `.chart` in archive.css. Without months there is no chart: the empty Markup.
    """
    if not months:
        return Markup()
    top = round_up(max(bar.value for bar in months))
    name = "chart-" + hashlib.sha256(f"{title}\n{description}".encode()).hexdigest()[:8]
    foot = ABOVE + height
    parts = [
        f'<svg class="chart" role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text" '
        f'width="100%" height="{foot + BELOW}">',
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>',
        f'<svg y="{ABOVE}" width="100%" height="{height}" viewBox="0 0 {len(months)} 100" preserveAspectRatio="none">',
        *_gaps(months),
        *(_bar(place, bar, top) for place, bar in enumerate(months) if bar.value or bar.gap),
        *_line(months),
        "</svg>",
        *_rules(top, height),
        f'<line class="axis" x1="0" x2="100%" y1="{foot}" y2="{foot}"/>',
        *_labels(months, foot + 15),
        "</svg>",
    ]
    return Markup("".join(parts))


def by_year(months: Sequence[Bar]) -> list[Year]:
    """Return bars whose labels are months by year, the newest first, for the table beside a chart."""
    years = []
    for label, group in groupby(months, key=lambda bar: bar.label[:4]):
        held = {bar.label[5:7]: bar for bar in group}
        twelve = tuple(held.get(f"{month:02}") for month in range(1, 13))
        years.append(Year(label, twelve, sum(bar.value for bar in held.values())))
    return sorted(years, key=lambda year: year.label, reverse=True)


def months_between(first: str, last: str) -> list[str]:
    """Return the months from one to another, both included: 2024-11, 2024-12, 2025-01."""
    numbers = [int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last)]
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(numbers[0], numbers[1] + 1)]


def round_up(value: float) -> float:
    """Return the next of 1, 2, 4, 6, 8, 10 times a power of ten: its half is a round number too. At least 2."""
    if value <= 2:
        return 2
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if value <= step * power)


def _bar(place: int, bar: Bar, top: float) -> str:
    """Draw one bar, and over it the area of the whole month: a small bar can be pointed at."""
    size = 100 * bar.value / top
    shown = f'<rect class="bar" x="{place + 0.1:.4g}" y="{100 - size:.4g}" width=".8" height="{size:.4g}"/>'
    said = f"<title>{escape(bar.tooltip)}</title>" if bar.tooltip else ""
    area = f'<rect class="area" x="{place}" width="1" height="100">{said}</rect>'
    drawn = (shown if bar.value else "") + (area if bar.tooltip or bar.href else "")
    if bar.href is None:
        return drawn
    return f'<a href="{escape(bar.href)}" tabindex="-1">{drawn}</a>'


def _gaps(months: Sequence[Bar]) -> Iterator[str]:
    for gap, group in groupby(enumerate(months), key=lambda pair: pair[1].gap):
        if gap:
            places = [place for place, _ in group]
            yield f'<rect class="gap" x="{places[0]}" width="{len(places)}" height="100"/>'


def _line(months: Sequence[Bar]) -> Iterator[str]:
    """Draw the shares as lines between holes; the highest reaches the top."""
    highest = max((bar.share for bar in months if bar.share is not None), default=0.0)
    if not highest:
        return
    for known, group in groupby(enumerate(months), key=lambda pair: pair[1].share is not None):
        if known:
            points = [(place + 0.5, 100 - 100 * (bar.share or 0) / highest) for place, bar in group]
            (first, start), (last, end) = points[0], points[-1]
            ends = [(first - 0.4, start), *points, (last + 0.4, end)]
            path = "M" + "L".join(f"{x:.4g} {y:.4g}" for x, y in ends)
            yield f'<path class="share" d="{path}"/>'


def _rules(top: float, height: int) -> Iterator[str]:
    """Lines at the top and the half, with their figures."""
    for part, y in ((1, ABOVE), (0.5, ABOVE + height / 2)):
        yield f'<line class="rule" x1="0" x2="100%" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text x="0" y="{y - 4:g}">{top * part:,.10g}</text>'


def _labels(months: Sequence[Bar], y: int) -> Iterator[str]:
    """Years where the bars are months of several, else what the bars are called; fewer of them on a phone."""
    firsts = [place for place, bar in enumerate(months) if bar.label.endswith("-01")]
    yearly = len(firsts) > 1 and len(months) > 12
    places = firsts if yearly else list(range(len(months)))
    wide, narrow = (math.ceil(len(places) / most) for most in (YEARS if yearly else LONGER))
    # Multiples of the wide step: no label of a phone is missing on a wide screen.
    narrow = math.ceil(narrow / wide) * wide
    for number, place in enumerate(places):
        if number % wide == 0:
            text = months[place].label[:4] if yearly else months[place].label
            rarer = "" if number % narrow == 0 else ' class="wide"'
            at = 100 * (place + 0.5) / len(months)
            anchor = "start" if at < 6 else "end" if at > 94 else "middle"
            yield f'<text{rarer} x="{at:.4g}%" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
