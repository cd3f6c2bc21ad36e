"""When listings, articles and sites are visited again."""

from datetime import UTC, datetime, time, timedelta, timezone
from itertools import pairwise

import pytest

from archive.config import Hours
from archive.pace import Pace
from crawler import planning

NOW = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PACE = Pace()


def looks(new, *, days, quiet_since=None):
    """The intervals of a listing that shows something new where `new(day)` says so."""
    interval, at, changed, found = None, timedelta(), timedelta(), []
    while at < days * DAY:
        fresh = new(at / DAY)
        changed = at if fresh else changed
        interval = planning.next_look(PACE, interval, new=fresh, quiet_for=at - changed)
        found.append(interval)
        at += interval
    return found


def test_a_lively_listing_is_looked_at_as_often_as_allowed_and_a_slow_one_once_a_day():
    assert set(looks(lambda day: True, days=30)) == {PACE.least}
    assert set(looks(lambda day: day == 0, days=30)[3:]) == {PACE.most}


def test_a_listing_sleeps_after_two_silent_months_and_wakes_with_the_first_article():
    intervals = looks(lambda day: day == 0, days=200)
    assert intervals[-1] == PACE.asleep
    assert max(intervals[:55]) == PACE.most
    assert planning.next_look(PACE, PACE.asleep, new=True, quiet_for=timedelta()) <= PACE.most


def test_intervals_never_leave_their_bounds():
    for before in (None, HOUR, DAY, 400 * DAY):
        for new in (True, False):
            found = planning.next_look(PACE, before, new=new, quiet_for=300 * DAY)
            assert PACE.least <= found <= PACE.asleep


def test_an_article_is_visited_after_1_7_and_30_days_then_rarely():
    age, ages = timedelta(), []
    while age < 1000 * DAY:
        age += planning.next_visit(age, old=False)
        ages.append(age / DAY)
    assert ages[:3] == [1, 7, 30]
    assert len(ages) <= 8
    assert max(later - earlier for earlier, later in pairwise(ages)) <= 365


def test_a_visit_that_comes_a_little_early_counts():
    assert planning.next_visit(timedelta(hours=22), old=False) == 7 * DAY - timedelta(hours=22)


def test_an_article_that_was_old_when_it_was_found_is_visited_rarely():
    assert planning.next_visit(timedelta(), old=True) == planning.LATER
    assert planning.next_visit(100 * DAY, old=True) == planning.YEAR


@pytest.mark.parametrize(
    ("cause", "first", "most"),
    [
        ("blocked", DAY, 30 * DAY),
        ("down", 6 * HOUR, 7 * DAY),
        (None, 6 * HOUR, 2 * DAY),
        ("nothing", 12 * HOUR, 2 * DAY),
    ],
)
def test_a_site_that_fails_is_left_alone_longer_each_time(cause, first, most):
    waits = [planning.wait(cause, failures) for failures in range(1, 40)]
    assert waits[0] == first
    assert waits[1] == 2 * first
    assert waits == sorted(waits)
    assert waits[-1] == most


def test_a_site_is_due_with_its_first_listing_and_an_article_alone_hurries_nobody():
    soon, later = NOW + 2 * HOUR, NOW + 20 * HOUR
    assert planning.next_run(NOW, PACE, [later, soon], None) == soon
    assert planning.next_run(NOW, PACE, [later], NOW + HOUR) == NOW + PACE.least
    assert planning.next_run(NOW, PACE, [], None) == NOW + PACE.most


def test_quiet_hours_are_the_sites():
    beijing = timezone(8 * HOUR)
    quiet = (Hours(time(9, 0), time(11, 30)), Hours(time(22, 0), time(6, 0)))
    end = datetime(2026, 3, 4, 11, 30, tzinfo=beijing)
    assert planning.after_quiet_hours(NOW, quiet, beijing) == end  # it is 9:30 there
    night = datetime(2026, 3, 4, 23, 0, tzinfo=beijing)
    assert planning.after_quiet_hours(night, quiet, beijing) == datetime(2026, 3, 5, 6, 0, tzinfo=beijing)
    assert planning.after_quiet_hours(NOW, quiet, UTC) == datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
    assert planning.after_quiet_hours(NOW, (), beijing) == NOW


def test_what_was_found_together_is_spread_and_always_alike():
    parts = [planning.spread(f"http://a.example.org/{number}", DAY) for number in range(200)]
    assert all(timedelta() <= part < DAY / 5 for part in parts)
    assert len(set(parts)) > 190
    assert parts[7] == planning.spread("http://a.example.org/7", DAY)
