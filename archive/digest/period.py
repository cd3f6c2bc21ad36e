"""The days of a digest: a week from Monday to Sunday, or any days in a row, as days of +08:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from archive.clock import stamp
from archive.search.selection import QueryError

ZONE = timezone(timedelta(hours=8))
_WEEK = re.compile(r"(\d{4})-?W(\d{2})")
_DAY = timedelta(days=1)
#: Years whose weeks can be named: what is before or after them has no neighbours that dates can tell.
_YEARS = range(1990, 9000)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def since(self) -> str:
        """The moment it begins, as the archive writes moments."""
        return stamp(datetime.combine(self.first, time(), ZONE))

    @property
    def until(self) -> str:
        """The moment it is over: no longer of it."""
        return stamp(datetime.combine(self.last + _DAY, time(), ZONE))

    @property
    def week(self) -> str | None:
        """Its name where it is a week: `2026-W47` (ISO 8601)."""
        if self.first.weekday() or self.last - self.first != 6 * _DAY:
            return None
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def previous(self) -> Period:
        """As many days before it."""
        length = self.last - self.first + _DAY
        return Period(self.first - length, self.last - length)

    @property
    def next(self) -> Period:
        """As many days after it."""
        length = self.last - self.first + _DAY
        return Period(self.first + length, self.last + length)


def week_of(moment: datetime) -> Period:
    """Return the week that a moment lies in."""
    day = moment.astimezone(ZONE).date()
    first = day - day.weekday() * _DAY
    return Period(first, first + 6 * _DAY)


def last_week(now: datetime) -> Period:
    """Return the last week that is over."""
    return week_of(now).previous


def week_named(name: str) -> Period:
    """Return the week of a name such as `2026-W47`. Raises QueryError."""
    match = _WEEK.fullmatch(name.strip().upper())
    try:
        if match is None or int(match[1]) not in _YEARS:
            raise ValueError
        first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise QueryError(
            f"week: {name[:40]!r} is no week; give one such as 2026-W47",
            f"week：“{name[:40]}”不是周次，请写成 2026-W47",
        ) from None
    return Period(first, first + 6 * _DAY)
