"""The simulated year runs, with tiny numbers, and its reckoning tells what is wrong where something is."""

import asyncio
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from test_benchmarks import rows, run_alone
from warm_benchmarks import BENCHMARKS

from archive.directory import ArchiveDirectory
from archive.search import index

DAYS = 20
#: An article of a healthy site that is to be held, and when it was found gone, twice.
NEWEST = "SELECT max(id) FROM articles WHERE site = 'site02' AND published_at < '2026-03-15'"
GONE = "'2026-03-16T00:00:00Z', '2026-03-18T00:00:00Z'"


@pytest.fixture(scope="module")
def programs():
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(BENCHMARKS))
        import year
        import year_reckoning
        import year_report
        import year_web

        yield {one.__name__: one for one in (year, year_reckoning, year_report, year_web)}


@pytest.fixture(scope="module")
def lived(programs, tmp_path_factory):
    """The directory, the sites and their visits of four sites in twenty days."""
    path, kept = tmp_path_factory.mktemp("year"), {}
    year = programs["year"]

    def keep(site, visits, connection, ended):
        kept[site.id] = (site, visits, ended)
        return programs["year_reckoning"].reckon(site, visits, connection, ended)

    async def live(sites):
        return year.lived(ArchiveDirectory(path), sites, year.Parameters(5, DAYS, 1, 200))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(year, "reckon", keep)
        patched.setattr(programs["year_web"], "BACKLOG", 12)
        found = asyncio.run(live(programs["year_web"].made(5, DAYS, 1)[1:]))
    return path, kept, found


def test_twenty_days_of_four_sites_meet_every_target(programs, lived):
    report = programs["year_report"]
    figures = report.figures(lived[2], 200, 1.0, 1.0)
    assert [figure.name for figure in figures if figure.met is False] == []
    printed = report.printed(lived[2], figures)
    found = rows(printed)
    assert found["days over the budget"] == ["0", "0", "met"]
    assert found["troubles, of these met by a visit"] == ["2, 2"]
    assert found["in health after the first such visit"] == ["2", "2", "met"]
    assert re.search(r"^challenge +site01 \(workdays\) +03-\d\d \d\d:\d\d +03-\d\d \d\d:\d\d +0 ", printed, re.M)


def test_the_program_prints_its_table_and_says_how_long_it_took():
    found = rows(run_alone("year.py", "--sites", "2", "--days", "1", "--jobs", "1", "--seed", "3"))
    assert found["sites, visits"][0].startswith("2, ")
    assert found["articles lost"] == ["0", "0", "met"]
    assert found["minutes"][-1] == "met"


def test_the_same_seed_makes_the_same_year(programs):
    made = programs["year_web"].made

    def published(seed):
        return [(story.published, story.edits, story.gone) for site in made(3, 9, seed) for story in site.stories]

    assert published(1) == published(1) != published(2)


@pytest.mark.parametrize(
    ("wrong", "count"),
    [
        (f"DELETE FROM articles WHERE id = ({NEWEST})", "lost"),
        (f"UPDATE articles SET revision = 2 WHERE id = ({NEWEST})", "edits invented"),
        (f"INSERT INTO withdrawals (uid, site, since, seen_at, how, confirmed_at) SELECT uid, site, {GONE}, 'HTTP 404',"
         f" '2026-03-07' FROM articles WHERE id = ({NEWEST})", "withdrawals invented"),
        ("DELETE FROM captures WHERE id = (SELECT max(id) FROM captures WHERE site = 'site02')", "doubled"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_archive_is_counted(programs, lived, wrong, count):
    right = reckoned(programs, lived, "site02").counts
    assert reckoned(programs, lived, "site02", wrong).counts[count] == right[count] + 1


def test_an_incident_that_no_trouble_explains_is_a_false_alarm(programs, lived):
    alarm = (
        "INSERT INTO incidents (site, kind, began_at, noticed_at, seen_at, facts) VALUES ('{}', 'down',"
        " '2026-03-05T00:00:00Z', '2026-03-05T00:00:00Z', '2026-03-05T00:00:00Z', '{{\"day\": \"2026-03-05\"}}')"
    )
    assert reckoned(programs, lived, "site02").alarms == []
    (said,) = reckoned(programs, lived, "site02", alarm.format("site02")).alarms
    assert said.startswith("site02 (daily) down 2026-03-05T00:00: does not answer since 2026-03-05; ")


def test_a_trouble_that_health_does_not_tell_is_late(programs, lived):
    site, visits, ended = lived[1]["site03"]
    deaf = [replace(visit, open=()) for visit in visits]
    with closing(opened(lived[0])) as connection:
        (told,) = programs["year_reckoning"].reckon(site, deaf, connection, ended).told
    assert (told.late, told.over_late) == (None, 0)
    assert told.due.began >= told.began
    assert told.due.began - told.began < timedelta(days=2)


def opened(path):
    connection = sqlite3.connect(path / "archive.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    index.register(connection)
    return connection


def reckoned(programs, lived, id_, wrong=None):
    """The figures of a site, with something put wrong in the archive that is then taken back."""
    site, visits, ended = lived[1][id_]
    with closing(opened(lived[0])) as connection:
        connection.execute("BEGIN")
        if wrong is not None:
            connection.execute(wrong)
        found = programs["year_reckoning"].reckon(site, visits, connection, ended)
        connection.execute("ROLLBACK")
    return found
