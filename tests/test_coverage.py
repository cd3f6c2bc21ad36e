"""The coverage ledger: days that were looked at, days that failed, days on which nobody looked; and its command."""

import asyncio
import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from filled import Filler, article, reading, version_1

from archive import clock, coverage, restricting
from archive.cli import cli
from archive.coverage import KEYS, Day, Span, Tally
from archive.directory import ArchiveDirectory
from archive.search.selection import QueryError, Selection
from archive.search.timeline import timeline
from archive.web import holdings
from archive.web.queries import QUERIES
from archive.web.serve import application

TODAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)


def look(filler: Filler, day: str, outcome: str, section: str = "", site: str = "chengnan", **counts: int) -> None:
    values = [site, section, day, counts.get("depth", 1), outcome, counts.get("links", 0), counts.get("new", 0)]
    names = "site, section, day, depth, outcome, articles, articles_new"
    filler.db.execute(f"INSERT INTO looks ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    """A site looked at from 1 to 9 March, forgotten to 14 March, blocked on the 15th; one section fails twice."""
    filler = Filler(tmp_path_factory.mktemp("coverage"))
    for day in range(1, 10):
        look(filler, f"2026-03-{day:02}", "read" if day % 2 else "unchanged", depth=2, links=20, new=day % 2)
        look(filler, f"2026-03-{day:02}", "failed" if day in (4, 5) else "read", "要闻", links=10)
    look(filler, "2026-03-15", "blocked")
    look(filler, "2026-03-15", "failed", "要闻")
    look(filler, "2026-03-16", "empty")
    look(filler, "2026-03-17", "disallowed")
    look(filler, "2026-03-18", "unchanged", links=20)
    for number, day in enumerate(["2026-03-01", "2026-03-02T23:30:00-08:00", "2026-03-12", "2026-03", None], start=1):
        filler.page(article(number, published_at=day, section="要闻"))
    filler.page(article(6, published_at="2026-03-02", section=None))
    filler.page(article(7, published_at="2026-03-02", site="yunhe"))
    return filler.close()


def ledger(directory: ArchiveDirectory, first: str = "2026-03-01", last: str = "2026-03-31") -> coverage.Ledger:
    with reading(directory) as db:
        return coverage.read(db.conn, "chengnan", date.fromisoformat(first), date.fromisoformat(last))


def run(directory: ArchiveDirectory, *arguments: str, now: datetime = NOW):
    with clock.using(lambda: now):
        return CliRunner().invoke(cli, ["--archive", str(directory.path), "coverage", *arguments])


def error(result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


def test_a_day_tells_what_came_of_looking_and_what_bears_it(directory):
    days = {day.day.day: day for day in ledger(directory).days(TODAY)}
    assert sorted(days) == list(range(1, 20))
    assert days[1] == Day(date(2026, 3, 1), "read", 2, 30, 1, articles=1, looked=2)
    assert days[2] == Day(date(2026, 3, 2), "read", 2, 30, 0, articles=2, looked=2)
    assert days[4] == Day(date(2026, 3, 4), "unchanged", 2, 30, 0, looked=1, failed=1)
    assert days[12] == Day(date(2026, 3, 12), articles=1)
    assert [(day, days[day].state, days[day].outcome, days[day].kind) for day in (10, 15, 16, 17, 18)] == [
        (10, "nobody", None, "nobody"),
        (15, "failed", "blocked", "blocked"),
        (16, "looked", "empty", "empty"),
        (17, "failed", "disallowed", "disallowed"),
        (18, "looked", "unchanged", "looked"),
    ]


def test_a_section_has_days_of_its_own(directory):
    book = ledger(directory)
    assert book.sections == ("", "要闻")
    days = book.days(TODAY, "要闻")
    assert [day.outcome for day in days[:5]] == ["read", "read", "read", "failed", "failed"]
    assert [day.articles for day in days[:3]] == [1, 1, 0]
    assert not any(day.partly for day in days)
    assert book.tally(days, "要闻") == Tally(looked=7, failed=3, nobody=9, articles=4)
    assert book.tally(book.days(TODAY, ""), "") == Tally(looked=11, failed=2, nobody=6, articles=1)


def test_an_article_that_bears_a_month_is_in_the_month_and_in_no_day(directory):
    book = ledger(directory)
    days = book.days(TODAY)
    assert sum(day.articles for day in days) == 4
    assert book.tally(days) == Tally(looked=11, failed=2, nobody=6, articles=5)
    assert book.tally(days).days == 19
    assert ledger(directory, "2026-03-02").tally([]).articles == 3


def test_a_day_that_is_not_over_is_no_gap(directory):
    book = ledger(directory)
    assert [day.day.day for day in book.days(date(2026, 3, 19))][-1] == 18
    # Looked at already: it counts. So does a day that has begun further east.
    assert [day.day.day for day in book.days(date(2026, 3, 18))][-1] == 18
    assert [day.day.day for day in book.days(date(2026, 3, 17))][-1] == 18
    assert [day.day.day for day in book.days(date(2026, 3, 17), "要闻")][-1] == 16
    assert book.days(date(2026, 2, 1), "通知") == []


def test_all_ways_to_count_agree(tmp_path):
    chance = random.Random(6)
    filler = Filler(tmp_path)
    outcomes = (*coverage.LOOKED, *coverage.FAILED, None)
    for section in ("", "甲", "乙"):
        for place in range(90):
            outcome = chance.choice(outcomes)
            if outcome:
                look(filler, (date(2025, 12, 1) + timedelta(days=place)).isoformat(), outcome, section)
    for number in range(1, 40):
        day = date(2025, 12, 1) + timedelta(days=chance.randrange(90))
        filler.page(article(number, published_at=day.isoformat(), section=chance.choice(["甲", "乙", "丙", None])))
    book = ledger(filler.close(), "2025-12-01", "2026-02-28")
    for month in ("", "2025-12", "2026-02"):
        for today in (date(2026, 2, 10), date(2026, 5, 1)):
            found = {one: book.tally(book.days(today, one, month), one, month) for one in book.sections}
            assert book.by_section(today, month) == found
    days = book.days(TODAY)
    assert [day for month in ("2025-12", "2026-01", "2026-02") for day in book.days(TODAY, month=month)] == days
    assert sum(span.days for span in coverage.spans(days)) == len(days) == 90
    assert sum(span.articles for span in coverage.spans(days)) == sum(day.articles for day in days) == 39
    assert any(day.partly for day in days)


@pytest.mark.parametrize(
    ("outcome", "looked"), [*((one, True) for one in coverage.LOOKED), *((one, False) for one in coverage.FAILED)]
)
def test_what_counts_as_looked_at_is_the_same_everywhere(tmp_path, outcome, looked):
    filler = Filler(tmp_path)
    look(filler, "2026-01-10", "read")
    look(filler, "2026-02-10", outcome)
    look(filler, "2026-03-10", "read")
    directory = filler.close()
    days = ledger(directory, "2026-02-10", "2026-02-10").days(TODAY)
    assert [day.state for day in days] == ["looked" if looked else "failed"]
    with reading(directory) as db:
        assert [month.looked for month in timeline(db.conn, Selection())] == [True, looked, True]
        asked = {"after": "2026-02", "before": "2026-03", "site": "chengnan"}
        (row,) = db.conn.execute(QUERIES["coverage"]["sql"], asked).fetchall()
        assert (row["days_looked_at"], row["days_failed"]) == (looked, not looked)
    months = asyncio.run(holdings.looked_months(application(directory), "chengnan"))
    assert ("2026-02" in months) is looked


def test_days_in_a_row_are_told_in_words(directory):
    result = run(directory, "chengnan", "--from", "2026-02-28", "--to", "2026-03")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "2026-02-28: nobody looked",
        "2026-03-01 … 2026-03-09: looked at daily, 3 articles; some sections failed on 2 days",
        "2026-03-10 … 2026-03-14: nobody looked (1 article found by other looks)",
        "2026-03-15: blocked",
        "2026-03-16: looked at, but no listing showed an article",
        "2026-03-17: forbidden by robots.txt",
        "2026-03-18: looked at, nothing published",
        "2026-03-19: nobody looked",
    ]
    assert result.stderr.splitlines() == [
        "chengnan, all of 2 sections, 2026-02-28 … 2026-03-19: looked at on 11 of 20 days, failed on 2, "
        "nobody looked on 7; 5 articles"
    ]


def test_gaps_are_shown_alone_and_days_between_them_keep_them_apart(directory):
    result = run(directory, "chengnan", "--gaps", "--from", "2026-03-05")
    assert result.stdout.splitlines() == [
        "2026-03-10 … 2026-03-14: nobody looked (1 article found by other looks)",
        "2026-03-15: blocked",
        "2026-03-17: forbidden by robots.txt",
        "2026-03-19: nobody looked",
    ]
    days = [Day(date(2026, 1, day), outcome) for day, outcome in ((1, None), (2, "read"), (3, None))]
    assert [(span.kind, span.days) for span in coverage.spans(days)] == [("nobody", 1), ("looked", 1), ("nobody", 1)]
    assert next(coverage.spans(days)) == Span(date(2026, 1, 1), date(2026, 1, 1), "nobody", "nobody", 0, 0)


def test_a_section_is_asked_for_by_name_and_the_home_page_by_none(directory):
    result = run(directory, "chengnan", "--section", "要闻", "--from", "2026-03-04", "--to", "2026-03-05")
    assert result.stdout == "2026-03-04 … 2026-03-05: failed\n"
    assert result.stderr.startswith("chengnan, section 要闻, 2026-03-04 … 2026-03-05: looked at on 0 of 2 days")
    result = run(directory, "chengnan", "--section", "", "--from", "2026-03-04", "--to", "2026-03-05")
    assert result.stdout == "2026-03-04 … 2026-03-05: looked at daily, nothing published\n"
    assert result.stderr.startswith("chengnan, the home page, ")


def test_the_last_90_days_are_told_of_by_default_and_a_program_gets_them_whole(directory):
    answer = json.loads(run(directory, "chengnan", "--json").stdout)
    assert (answer["from"], answer["to"]) == ("2025-12-21", "2026-03-20")
    assert (answer["site"], answer["section"], answer["sections"]) == ("chengnan", None, ["", "要闻"])
    counts = [answer[name] for name in ("days_looked", "days_failed", "days_nobody", "articles")]
    assert counts == [11, 2, 76, 5]
    assert len(answer["days"]) == 89
    assert answer["days"][-1] == dict(zip(KEYS, ("2026-03-19", "nobody", None, 0, 0, 0, 0, 0, 0), strict=True))
    assert answer["spans"][0] == {
        "from": "2025-12-21",
        "to": "2026-02-28",
        "days": 70,
        "state": "nobody",
        "kind": "nobody",
        "days_partly": 0,
        "articles": 0,
    }
    gaps = json.loads(run(directory, "chengnan", "--json", "--gaps").stdout)
    assert {day["state"] for day in gaps["days"]} == {"nobody", "failed"}
    assert [span["kind"] for span in gaps["spans"]] == ["nobody", "nobody", "blocked", "disallowed", "nobody"]
    assert gaps["days_looked"] == 11


def test_a_year_ends_with_its_last_day(directory):
    answer = json.loads(run(directory, "chengnan", "--json", "--from", "2024", "--to", "2024").stdout)
    assert (answer["from"], answer["to"], len(answer["days"])) == ("2024-01-01", "2024-12-31", 366)
    answer = json.loads(run(directory, "chengnan", "--json", "--from", "2024-02", "--to", "2024-02").stdout)
    assert (answer["from"], answer["to"]) == ("2024-02-01", "2024-02-29")


def test_a_site_that_was_never_looked_at_is_one_gap(directory):
    result = run(directory, "yunhe", "--from", "2026-03-01")
    assert result.stdout == "2026-03-01 … 2026-03-19: nobody looked (1 article found by other looks)\n"
    assert result.stderr.startswith("yunhe, never looked at, ")
    assert run(directory, "yunhe", "--from", "2026-03-20").stderr == "yunhe, never looked at: no day to tell of yet\n"


def test_what_is_asked_wrongly_is_said_in_one_line_with_the_fix(directory):
    assert error(run(directory, "chengnn")) == "Error: site 'chengnn': not in this archive; did you mean chengnan?"
    assert error(run(directory, "x")).endswith("not in this archive; `union-archive sites` lists them")
    assert error(run(directory, "chengnan", "--section", "要")) == (
        "Error: section '要': was never looked at by itself; give one of 要闻, or leave it out for the whole site"
    )
    assert "it has none" in error(run(directory, "yunhe", "--section", "要闻"))
    wrong = error(run(directory, "chengnan", "--from", "2026-03-05", "--to", "2026-03-04"))
    assert wrong == "Error: --from 2026-03-05 is after 2026-03-04, the last day there is; give an earlier one"
    assert "2026-03-20, the last day" in error(run(directory, "chengnan", "--from", "2026-04"))
    assert "--to" in error(run(directory, "chengnan", "--to", "soon"))


def test_restricted_articles_are_not_counted(tmp_path):
    filler = Filler(tmp_path)
    look(filler, "2026-03-01", "read")
    filler.page(article(1, published_at="2026-03-01"))
    filler.page(article(2, published_at="2026-03-01"))
    directory = filler.close()
    assert [day.articles for day in ledger(directory, last="2026-03-01").days(TODAY)] == [2]
    restricting.restrict(directory, article(1).url, "asked for")
    assert [day.articles for day in ledger(directory, last="2026-03-01").days(TODAY)] == [1]
    restricting.restrict(directory, "chengnan", "asked for")
    (day,) = ledger(directory, last="2026-03-01").days(TODAY)
    assert (day.state, day.articles) == ("looked", 0)


def test_an_archive_of_an_older_version_has_a_ledger(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    with reading(directory) as db:
        book = coverage.read(db.conn, "chengnan", date(1990, 1, 1), date(2030, 12, 31))
        assert sum(book.articles[None].values()) == 2
        with pytest.raises(QueryError):
            coverage.require_site(db.conn, "yunhai")


def test_the_first_and_the_last_day_of_a_site_are_those_of_all_its_sections(directory):
    with reading(directory) as db:
        assert coverage.bounds(db.conn, "chengnan") == (date(2026, 3, 1), date(2026, 3, 18))
        assert coverage.bounds(db.conn, "yunhe") is None


def test_today_is_the_day_at_beijing():
    with clock.using(lambda: datetime(2026, 3, 19, 16, 0, tzinfo=UTC)):
        assert coverage.today() == date(2026, 3, 20)
    with clock.using(lambda: datetime(2026, 3, 19, 15, 59, tzinfo=UTC)):
        assert coverage.today() == date(2026, 3, 19)
