"""Planning: when a listing, an article and a site are to be visited again. Pure: the time is passed in.

A listing is looked at more often while it shows something new and less often while it does not, between two bounds; one
that has shown nothing new for months sleeps. Articles are visited again soon after they appeared, because edits come
early, and then rarely. Whatever fails is left alone longer each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from archive.clock import stamp
from archive.config import Hours
from archive.pace import Pace

#: Ages (since first seen) at which a new article is visited again; then after as long again, a year at most.
AGES = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
LATER = timedelta(days=90)
YEAR = timedelta(days=365)
#: Nothing is planned so far ahead, but by a clock that was wrong.
FAR = timedelta(days=500)
#: An article that was this old when it was found is none that is still being edited.
OLD = timedelta(days=60)
#: A listing that showed nothing new for so long sleeps.
QUIET = timedelta(days=60)
#: How an interval shrinks when there was something new, and grows when there was not.
SHRINK, GROW = 0.5, 1.5
#: An article that is gone is visited again after these: the second visit tells, and it may come back.
GONE = (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=90), timedelta(days=180), YEAR)
#: First wait after a failed run by its cause, doubled with every further one in a row, up to the second.
WAITS = {
    "blocked": (timedelta(days=1), timedelta(days=30)),
    "down": (timedelta(hours=6), timedelta(days=7)),
    "robots": (timedelta(hours=6), timedelta(days=7)),
    "waits": (timedelta(hours=6), timedelta(days=2)),
    "nothing": (timedelta(hours=12), timedelta(days=2)),
}
OTHER_WAIT = (timedelta(hours=6), timedelta(days=2))
#: What is due so soon after a listing (as a share of the least interval) is visited with it.
TOGETHER = 0.25


def next_look(pace: Pace, before: timedelta | None, *, new: bool, quiet_for: timedelta | None) -> timedelta:
    """Return how long after a look at a listing the next one is due.

    `before` is the interval until now (None: this was the first look), `new` whether it showed an article that was not
    known, `quiet_for` how long it has shown none (None: unknown).
    """
    if before is None:
        return pace.least if new else min(pace.least * GROW, pace.most)
    if new:
        return max(pace.least, min(before, pace.most) * SHRINK)
    sleeps = quiet_for is not None and quiet_for > QUIET
    return max(pace.least, min(before * GROW, max(pace.most, pace.asleep) if sleeps else pace.most))


def next_visit(age: timedelta, *, old: bool) -> timedelta:
    """Return how long after a visit an article of this `age` (since it was first seen, or last changed) is due again.

    `old` says that it had been published long before it was found.
    """
    if old:
        return LATER if age < LATER else YEAR
    for due in AGES:
        # Visits ride along with looks and come a little early or late: what is nearly due has been visited.
        if age < due * 0.9:
            return due - age
    return max(LATER, min(age, YEAR))


def next_try(visits: int, pace: Pace) -> timedelta:
    """Return when an article is looked for again after so many visits in a row that found it gone.

    It may ride along with a listing that is looked at before, but not so early that it proves nothing.
    """
    return GONE[min(max(visits - 1, 0), len(GONE) - 1)] + pace.least * TOGETHER


def wait(cause: str | None, failures: int) -> timedelta:
    """Return how long a site is left alone after `failures` failed runs in a row, the last one for `cause`."""
    first, most = WAITS.get(cause or "", OTHER_WAIT)
    doublings = min(max(failures - 1, 0), 20)
    return min(first * float(2**doublings), most)


def next_run(now: datetime, pace: Pace, listings: Iterable[datetime], article: datetime | None) -> datetime:
    """Return when a site is due: with the first of its listings, or with its first article but not at once for that."""
    moments = list(listings)
    if article is not None:
        moments.append(max(article, now + pace.least))
    return min(moments, default=now + pace.most)


def together(now: datetime, pace: Pace) -> datetime:
    """Return until when what is due belongs to a run that begins now."""
    return now + pace.least * TOGETHER


def after_quiet_hours(moment: datetime, hours: Sequence[Hours], zone: tzinfo) -> datetime:
    """Return the moment, or the end of the quiet hours of the site's zone that it lies in."""
    local = moment.astimezone(zone)
    for one in hours:
        if local.time() in one:
            ends = local.replace(hour=one.end.hour, minute=one.end.minute, second=0, microsecond=0)
            return ends if ends > local else ends + timedelta(days=1)
    return local


def spread(key: str, span: timedelta) -> timedelta:
    """Return a part of `span` that is always the same for a key: what was found together is not due together."""
    digest = hashlib.blake2b(key.encode(), digest_size=4).digest()
    return span * (int.from_bytes(digest) / 2**32 * 0.2)


def at(now: datetime, after: timedelta) -> str:
    """Return the moment `after` from now, as the archive writes it."""
    return stamp(now + after)
