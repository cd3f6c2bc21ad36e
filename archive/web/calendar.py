"""A year of days as inline SVG: a column a week, Monday on top, a square a day; no script, no colours of its own.

Squares keep their size, so that a finger finds them: on a phone the picture scrolls inside its box. Styles are those of
`.calendar` in coverage.css.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

#: Pixels of a square, from one to the next, left of them (names of weekdays) and above (names of months).
SIZE, STEP, LEFT, ABOVE = 13, 16, 34, 20
#: Rows whose weekday is named: Monday, Wednesday, Friday.
NAMED = (0, 2, 4)


@dataclass(frozen=True, slots=True)
class Square:
    """A day: its class in the style sheet, what it says when it is pointed at, a dot in it, a corner cut off."""

    day: date
    kind: str
    tooltip: str
    dot: bool = False
    corner: bool = False


def year(
    squares: Sequence[Square],
    *,
    title: str,
    description: str,
    months: Sequence[str],
    weekdays: Sequence[str],
    links: Mapping[int, str],
) -> Markup:
    """Return an <svg> of the days of one year, as many of them as are given.

    `title` and `description` are what a screen reader says instead; `months` and `weekdays` (from Monday) are names;
    `links` are the addresses of months, by their number. Without days there is no picture: the empty Markup.
    """
    if not squares:
        return Markup()
    shown = squares[0].day.year
    width = LEFT + STEP * (_week(date(shown, 12, 31)) + 1)
    height = ABOVE + STEP * 7
    name = "calendar-" + hashlib.sha256(f"{title}\n{description}".encode()).hexdigest()[:8]
    parts = [
        f'<svg class="calendar" role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>',
        *_months(shown, months, links),
        *(f'<text x="0" y="{ABOVE + STEP * row + SIZE - 2}">{escape(weekdays[row])}</text>' for row in NAMED),
        *map(_square, squares),
        "</svg>",
    ]
    return Markup("".join(parts))


def _week(day: date) -> int:
    """Return the column of a day: the week of 1 January is 0, weeks begin on Monday."""
    first = date(day.year, 1, 1)
    return ((day - first).days + first.weekday()) // 7


def _square(square: Square) -> str:
    x, y = LEFT + STEP * _week(square.day), ABOVE + STEP * square.day.weekday()
    drawn = (
        f'<rect class="{escape(square.kind)}" x="{x}" y="{y}" width="{SIZE}" height="{SIZE}" rx="2">'
        f"<title>{escape(square.tooltip)}</title></rect>"
    )
    if square.dot:
        drawn += f'<circle cx="{x + SIZE / 2}" cy="{y + SIZE / 2}" r="2.5"/>'
    if square.corner:
        drawn += f'<path d="M{x + SIZE} {y + SIZE - 7}v7h-7z"/>'
    return drawn


def _months(shown: int, names: Sequence[str], links: Mapping[int, str]) -> Iterator[str]:
    """Name each month over the week that its first day lies in."""
    for month in range(1, 13):
        x = LEFT + STEP * _week(date(shown, month, 1))
        text = f'<text x="{x}" y="{ABOVE - 7}">{escape(names[month - 1])}</text>'
        # The table beside the calendar has the same link for those who use no mouse.
        yield f'<a href="{escape(links[month])}" tabindex="-1">{text}</a>' if month in links else text
