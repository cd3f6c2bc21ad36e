"""Silence of sites and sections, by the days that articles bear and by their own past; a healthy year without alarm."""

import json
import random
from datetime import date, timedelta

import pytest
from health_rows import START, Site, database, pages

from archive.health import Expectation, open_incidents, words
from archive.health.rhythm import Rhythm, weeks

TODAY = START.date()


def published(site, gaps, *, until=0, section="要闻"):
    """Write articles of which the newest is `until` days old, and each one before it by the next gap."""
    day = TODAY - timedelta(days=until)
    site.article(day, section)
    for gap in gaps:
        day -= timedelta(days=gap)
        site.article(day, section)
    return site


@pytest.fixture
def site():
    return Site()


def test_a_profile_says_how_long_a_site_may_be_silent(site):
    site.expect = Expectation(max_days_between_articles=14)
    published(site, [20, 1], until=14)
    assert site.visit().opened == []
    (one,) = site.visit().opened
    assert (one.kind, one.severity, one.began_at) == ("silent", "bad", "2024-12-23T00:00:00Z")
    assert words(one, "en") == (
        "no new article since 2024-12-23, for 15 days (the profile expects one every 14); "
        "see whether it has moved, and mend the profile"
    )
    site.article(site.now.date())
    assert [one.kind for one in site.visit().ended] == ["silent"]


def test_else_its_own_past_does(site):
    published(site, [1, 3, 1, 9, 2, 1, 3, 1, 1, 2, 1], until=27)
    assert site.visit().opened == []  # three times nine
    (one,) = site.visit().opened
    assert "for 28 days (the longest gap in the year before was 9)" in words(one, "en")
    assert "已有 28 天没有新文章（此前一年最长间隔 9 天）" in words(one, "zh")


@pytest.mark.parametrize(
    ("gaps", "silent"),
    [
        ([1] * 6, False),  # seven days tell nothing
        ([1] * 7, True),
        ([30] * 11, False),  # monthly
        ([1] * 200 + [16] + [1] * 100, False),  # Spring Festival: three times the longest gap
    ],
)
def test_what_forty_days_without_an_article_mean(site, gaps, silent):
    published(site, gaps, until=40)
    assert bool(site.visit().opened) == silent


def test_a_monthly_site_that_ended_is_told(site):
    published(site, [30] * 11, until=91)
    assert [one.kind for one in site.visit().opened] == ["silent"]


def test_a_typing_error_in_a_date_hides_no_silence(site):
    site.expect = Expectation(max_days_between_articles=14)
    published(site, [1], until=20)
    site.article("2062-05-25")
    assert len(site.visit().opened) == 1


def test_a_site_that_dates_nothing_is_measured_by_what_was_found(site):
    for _ in range(9):
        site.visit([pages(2, dated=0)], days=2)
    for _ in range(20):
        assert site.visit().opened == []
    (one,) = site.visit(days=0).opened
    assert (one.kind, one.facts["last"], one.facts["days"]) == ("silent", "2025-01-22", 22)


def test_a_site_whose_dates_are_not_read_any_more_is_not_silent(site):
    published(site, [1] * 20)
    for _ in range(60):
        assert "silent" not in {one.kind for one in site.visit([pages(1, dated=0)]).opened}


@pytest.mark.parametrize(("outcome", "cause"), [("failed", "down"), ("interrupted", None)])
def test_a_site_that_was_not_seen_is_not_called_silent(site, outcome, cause):
    site.expect = Expectation(max_days_between_articles=14)
    published(site, [1], until=20)
    site.visit(outcome=outcome, cause=cause, looks={})
    assert "silent" not in {one.kind for one in open_incidents(site.connection)}


def test_a_section_that_published_regularly_and_does_not_any_more(site):
    for number in range(80):
        names = ["要闻", "基层"] if number < 40 else ["要闻"]
        for name in names:
            site.article(site.now.date(), name)
        changes = site.visit([pages(1, name) for name in names], {"要闻": "read", "基层": "unchanged"})
        if changes.opened:
            break
    (one,) = changes.opened
    assert (one.section, one.kind, one.severity, one.facts["days"]) == ("基层", "quiet", "warning", 29)
    assert words(one, "en").startswith("基层: no new article since 2025-02-14, for 29 days")
    site.visit(looks={"要闻": "read", "基层": "unchanged"})
    assert open_incidents(site.connection)[0].facts["days"] == 30
    site.article(site.now.date(), "基层")
    assert [one.kind for one in site.visit(looks={"基层": "read"}).ended] == ["quiet"]


def test_a_section_that_had_ended_before_anybody_looked_is_no_news(site):
    published(site, [1] * 50, until=60, section="专题")
    published(site, [1] * 50)
    assert site.visit(looks={"要闻": "read", "专题": "unchanged"}).opened == []


def test_a_silent_site_is_not_told_again_by_its_sections(site):
    for _ in range(60):
        site.article(site.now.date())
        site.visit([pages(1)])
    for _ in range(40):
        site.visit()
    assert [(one.section, one.kind) for one in open_incidents(site.connection)] == [("", "silent")]


def test_a_limit_is_never_less_than_three_weeks():
    assert Rhythm([1, 2, 3, 4]).limit(3, 21) == 21
    assert Rhythm([1, 11, 21, 31]).limit(3, 21) == 30
    assert Rhythm([1, 2, 3, 23, 24, 25]).limit(3, 21) > 50  # irregular


def test_articles_of_a_week_against_the_median_week(site):
    published(site, [1] * 6 + [2] * 60)
    week, usual = weeks(site.connection, site.id, site.now)
    assert (week, usual) == (7, 3)
    assert weeks(site.connection, "nowhere", site.now) == (0, None)
    other = Site(site.db, "yunhe")
    for number in range(4):
        other.visit([pages(number + 1, dated=0)], days=7)
    assert weeks(other.connection, other.id, other.now - timedelta(days=1)) == (4, 2)


# A year of quiet, healthy sites.


def holiday(day):
    return date(2025, 1, 27) <= day <= date(2025, 2, 10) or date(2025, 10, 1) <= day <= date(2025, 10, 8)


def chances(rng, rate):
    """How many articles a day brings, at random."""
    return sum(rng.random() < rate / 8 for _ in range(8))


def article_pages(rng, section, number, usual):
    """Pages of a section as they come: some by one pen, lengths of all sorts, now and then a generic or damaged one."""
    by_one_pen = number < 10 and rng.random() < 0.3
    alike = {name: float(rng.random() < share) for name, share in usual.items()} if by_one_pen else None
    own = alike or {name: sum(rng.random() < share for _ in range(number)) / number for name, share in usual.items()}
    length = sum(int(700 * rng.lognormvariate(0, 0.9)) for _ in range(number)) // number
    layout = "generic" if number < 4 and rng.random() < 0.03 else "1"
    return pages(number, section, layout, length=length, damaged=float(rng.random() < 0.01), **own)


@pytest.mark.parametrize(
    ("rhythm", "rates"),
    [
        ("several a day", {"要闻": 3, "基层": 1, "公告": 0.1}),
        ("several a week", {"要闻": 0.4, "基层": 0.2}),
        ("a few a month", {"要闻": 0.1}),
        ("once a month", {}),
    ],
)
def test_a_quiet_healthy_year_raises_no_alarm(rhythm, rates):
    rng = random.Random(rhythm)
    site = Site(database())
    sections = rates or {"要闻": 0.0}
    usual = {
        name: {field: rng.choice([0, 0.3, 0.7, 0.97, 1]) for field in ("dated", "sourced", "signed", "illustrated")}
        for name in sections
    }
    back = [article_pages(rng, name, 40, usual[name]) for name in sections]
    for name, rate in sections.items():
        for days in range(1, 700):
            for _ in range(chances(rng, rate) if rates else int(days % 30 == 0)):
                site.article(TODAY - timedelta(days=days), name)
    assert site.visit(back).opened == []
    for _ in range(365):
        day = site.now.date()
        read = []
        for name, rate in sections.items():
            rate *= 1.3 if day.weekday() < 5 else 0.3
            number = chances(rng, rate) if rates else int(day.day == 9 + day.month % 7)
            if number and not holiday(day):
                read.append(article_pages(rng, name, number, usual[name]))
                for _ in range(number):
                    site.article(day, name)
        looks = {name: rng.choice(["read", "unchanged"]) for name in sections}
        changes = site.visit(read, looks, requests=12, failed=int(rng.random() < 0.1))
        assert changes.opened == [], [words(one, "en") for one in changes.opened]


def test_an_assessment_reads_by_indexes_alone(site):
    """However many years a site has, what it reads is bounded: no table is scanned."""
    for name in ("要闻", "基层", "公告"):
        published(site, [1] * 20, until=40, section=name)
    for _ in range(6):
        site.visit([pages(6, name) for name in ("要闻", "基层", "公告")])
    asked = []
    site.connection.set_trace_callback(asked.append)
    site.failed("http://chengnan.example.org/jc/", "HTTP 404", section="基层")
    site.visit([pages(9, "要闻", layout="generic"), pages(9, "公告")], {"要闻": "read", "基层": "failed"}, failed=1)
    site.visit(outcome="failed", cause="blocked", looks={})
    site.connection.set_trace_callback(None)
    queries = {one for one in asked if one.lstrip().startswith(("SELECT", "WITH"))}
    assert len(queries) > 30
    scans = []
    for query in queries:
        for row in site.connection.execute(f"EXPLAIN QUERY PLAN {query}"):
            if row[3].startswith("SCAN") and "CONSTANT ROW" not in row[3]:
                scans.append((row[3], query))
    tables = ("articles", "readings", "looks", "runs", "captures", "frontier", "withdrawals", "incidents")
    assert [one for one in scans if one[0].startswith(tuple(f"SCAN {table}" for table in tables))] == []


def test_facts_are_kept_as_json(site):
    site.visit(outcome="failed", cause="down", reason="the site does not answer: 超时", looks={})
    text = site.connection.execute("SELECT facts FROM incidents").fetchone()[0]
    assert "超时" in text
    assert json.loads(text)["visits"] == 1
