"""What the sites of the simulated year publish, and when: rhythms, holidays, edits, withdrawals; all by a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

START = datetime(2026, 3, 1, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
#: 劳动节, 国庆节, 春节: from, to before; most sites rest then, and 春节 is the longest.
HOLIDAYS = (
    (date(2026, 5, 1), date(2026, 5, 6)),
    (date(2026, 10, 1), date(2026, 10, 9)),
    (date(2027, 2, 4), date(2027, 2, 22)),
)
#: Shares of articles that are edited, and withdrawn; of the former twice, of the latter back again.
EDITED, TWICE, WITHDRAWN, BACK = 0.04, 0.2, 0.012, 0.25
#: How a site says that an article is gone.
GONE = ("404", "410", "home", "missing")


@dataclass(slots=True)
class Story:
    """An article of a site: when it is published, edited, withdrawn, and what visits saw of it."""

    number: int
    section: int
    published: datetime
    edits: tuple[datetime, ...] = ()
    retitled: bool = False
    """Whether its edits change the title as well."""
    gone: datetime | None = None
    back: datetime | None = None
    how: str = "404"
    seen: list[tuple[datetime, int, bool]] = field(default_factory=list)
    """Answers that visits got: when, which version (-1: gone), whether a layout of the profile could read it."""

    def version(self, moment: datetime) -> int:
        """Return how often it has been edited."""
        return sum(edit <= moment for edit in self.edits)

    def is_gone(self, moment: datetime) -> bool:
        """Say whether it is withdrawn at a moment."""
        return self.gone is not None and self.gone <= moment and (self.back is None or moment < self.back)


#: Articles of a day, by chance and by the day.
Rate = Callable[[random.Random, date], int]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a site publishes, and at which hours; `schedule` is its profile's."""

    name: str
    rate: Rate
    hours: tuple[int, int] = (8, 19)
    schedule: tuple[tuple[str, str], ...] = ()
    sections: tuple[int, ...] = (1, 2, 2, 3, 5)
    """How many sections such sites have."""


def is_holiday(day: date) -> bool:
    """Say whether most of China rests on a day, but for week ends."""
    return any(first <= day < last for first, last in HOLIDAYS)


def _poisson(draw: random.Random, mean: float) -> int:
    count, left = 0, draw.expovariate(1.0)
    while left < mean:
        count, left = count + 1, left + draw.expovariate(1.0)
    return count


def _hourly(draw: random.Random, day: date) -> int:
    return _poisson(draw, 4 if is_holiday(day) else 11 if day.weekday() < 5 else 6)


def _daily(draw: random.Random, day: date) -> int:
    return _poisson(draw, 0.5 if is_holiday(day) else 1.8)


def _workdays(draw: random.Random, day: date) -> int:
    return 0 if is_holiday(day) or day.weekday() > 4 else _poisson(draw, 1.6)


def _weekly(draw: random.Random, day: date) -> int:
    return 0 if is_holiday(day) or day.weekday() != 1 else draw.randint(1, 4)


def _monthly(draw: random.Random, day: date) -> int:
    return draw.randint(2, 6) if day.day == 3 + day.month % 4 and not is_holiday(day) else 0


def _bursts(draw: random.Random, day: date) -> int:
    campaign = (day.toordinal() // 3) % 9 == 0
    return 0 if is_holiday(day) else _poisson(draw, 6 if campaign else 0.1)


HOURLY = Rhythm("hourly", _hourly, (6, 23), (("least", "1h"), ("most", "4h")), (2, 3))
DAILY = Rhythm("daily", _daily)
WORKDAYS = Rhythm("workdays", _workdays, (9, 18))
WEEKLY = Rhythm("weekly", _weekly, sections=(1, 2))
MONTHLY = Rhythm("monthly", _monthly, sections=(1, 2))
BURSTS = Rhythm("bursts", _bursts, sections=(1, 2, 3))
#: Of each dozen of sites.
RHYTHMS = (
    HOURLY, WORKDAYS, DAILY, WEEKLY, WORKDAYS, BURSTS, DAILY, WORKDAYS, MONTHLY, DAILY, WORKDAYS, WEEKLY,
)  # fmt: skip


def stories(draw: random.Random, rhythm: Rhythm, sections: int, days: int, backlog: int) -> list[Story]:
    """Return what a site publishes in a year before START and in the days after, oldest first.

    Of the year before, each section has no more than its newest `backlog`.
    """
    found: list[Story] = []
    for moment in sorted(_moments(draw, rhythm, days)):
        # The first sections are the busiest.
        section = min(int(draw.random() ** 1.7 * sections), sections - 1)
        found.append(Story(0, section, moment))
    for section in range(sections):
        old = [one for one in found if one.section == section and one.published < START]
        surplus = set(map(id, old[: max(0, len(old) - backlog)]))
        found = [one for one in found if id(one) not in surplus]
    for number, story in enumerate(found, 1):
        story.number = number
        _change(draw, story)
    return found


def _moments(draw: random.Random, rhythm: Rhythm, days: int) -> Iterator[datetime]:
    first, last = rhythm.hours
    for at in range(-365, days):
        day = (START + timedelta(days=at)).date()
        for _ in range(rhythm.rate(draw, day)):
            seconds = draw.randrange(first * 3600, last * 3600)
            yield datetime.combine(day, time(), BEIJING).astimezone(UTC) + timedelta(seconds=seconds)


def _change(draw: random.Random, story: Story) -> None:
    """Have some articles edited, and some withdrawn; those from before START are mostly left as they are."""
    if story.published < START and draw.random() < 0.8:
        return
    fate = draw.random()
    if fate < EDITED:
        ages = sorted(_age(draw) for _ in range(2 if draw.random() < TWICE else 1))
        story.edits = tuple(story.published + age for age in ages)
        story.retitled = draw.random() < 0.2
    elif fate < EDITED + WITHDRAWN:
        story.gone = story.published + _age(draw) + timedelta(hours=2)
        story.how = draw.choice(GONE)
        if draw.random() < BACK:
            story.back = story.gone + timedelta(days=draw.uniform(3, 60))


def _age(draw: random.Random) -> timedelta:
    """Return an age: edits come early, and now and then late."""
    longest = draw.choices((1, 7, 60, 250), (45, 30, 18, 7))[0]
    return timedelta(days=draw.uniform(0.02, longest))
