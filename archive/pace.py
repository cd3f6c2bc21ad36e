"""Pace: how often a site is looked at, as archive.toml and profiles say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_DURATION = re.compile(r"(\d{1,4})(m|h|d|w)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LEAST, MOST = timedelta(minutes=10), timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Pace:
    """Times between two looks at a listing: the least, the most, the most for one that sleeps; and between two audits.

    An audit reads deeper than the first page that is known.
    """

    least: timedelta = timedelta(hours=12)
    most: timedelta = timedelta(days=1)
    asleep: timedelta = timedelta(days=7)
    audit: timedelta = timedelta(days=7)

    def fault(self) -> str | None:
        """Return what is wrong between the values, with the fix; None when nothing is."""
        if self.least > self.most:
            return "least is more than most; give a longer most, or a shorter least"
        return None


def duration(value: object) -> timedelta:
    """Read a time such as 90m, 6h, 1d or 2w. Raises ValueError with the fix."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    found = int(match[1]) * _UNITS[match[2]] if match else None
    if found is None or not LEAST <= found <= MOST:
        raise ValueError('give a time from "10m" to "366d", in minutes (m), hours (h), days (d) or weeks (w)')
    return found
