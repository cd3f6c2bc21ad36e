"""Years of crawling as stories: each has a site of its own, and all sites are crawled together, moment by moment.

A story is a generator. It changes the pages of its site, yields the next visit, and gets the paths that were asked for.
"""

import json
import re
import sqlite3
import traceback
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest
from crawls import Crawls
from local_server import LocalSite, News

from archive.clock import VARIABLE

START = datetime.fromisoformat("2026-10-01T00:00:00+00:00")
#: What a story sees of these is its own site's.
TABLES = ("articles", "captures", "frontier", "incidents", "looks", "readings", "runs", "withdrawals")


class RecentNews(News):
    """News of the days before START."""

    def article(self, number):
        return re.sub(rb"2026-\d\d-\d\d ", b"2026-09-%02d " % (30 - number % 20), super().article(number))


class Visit(NamedTuple):
    """A crawl so many days after START, of everything or of what is due."""

    day: float
    due: bool = True


def crawl(day):
    return Visit(day, due=False)


def due(day):
    return Visit(day)


class Years:
    """The site of a story, and what the archive holds of it."""

    def __init__(self, crawls, id_, site):
        self.crawls = crawls
        self.id = id_
        self.site = site
        self.news = RecentNews(12, per_page=6).put(site)
        self.outcome = None
        """How the last visit ended; None where nothing was due."""
        self.profile()

    def profile(self, **changes):
        self.crawls.profile(self.site, self.id, **changes)

    @property
    def profile_file(self):
        return self.crawls.directory.sites / f"{self.id}.toml"

    def rows(self, sql, *values):
        """What a query gives, as if the archive held this site alone."""
        database = f"file:{self.crawls.directory.database}?mode=ro"
        with closing(sqlite3.connect(database, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            for table in TABLES:
                own = f"SELECT * FROM main.{table} WHERE site = '{self.id}'"
                connection.execute(f"CREATE TEMP VIEW {table} AS {own}")
            own = "SELECT * FROM main.revisions WHERE uid IN (SELECT uid FROM temp.articles)"
            connection.execute(f"CREATE TEMP VIEW revisions AS {own}")
            return [dict(row) for row in connection.execute(sql, values)]

    @property
    def run(self):
        """The last run."""
        return self.rows("SELECT * FROM runs ORDER BY id DESC LIMIT 1")[0]

    @property
    def revisions(self):
        """The names of the articles that were edited."""
        return [row["url"].rpartition("/")[2] for row in self.rows("SELECT url FROM articles WHERE revision > 1")]


class Stories:
    """The stories of a file. `tell` makes a test of one; the fixture of the file plays those of `told` together."""

    def __init__(self):
        self.told = {}

    def tell(self, told=None, /, **cases):
        """Make a test of a story; with `cases` (name -> its further arguments) one of each."""
        if told is None:
            return lambda told: self._tell_each(told, cases)
        name = told.__name__
        self.told[name] = told

        def test(ends):
            _check(ends[name])

        return test

    def _tell_each(self, told, cases):
        name = told.__name__
        self.told |= {f"{name}[{case}]": partial(told, **given) for case, given in cases.items()}

        @pytest.mark.parametrize("case", [*cases])
        def test(ends, case):
            _check(ends[f"{name}[{case}]"])

        return test

    def tell_alone(self, config=""):
        """Make a test of a story that has an archive, and a line of time, of its own."""

        def made(told):
            def test(tmp_path):
                _check(play(tmp_path, {"it": told}, config)["it"])

            return test

        return made


def play(path, stories, config=""):
    """Play stories (name -> generator function of Years) in one archive; return the traceback of each, None if none."""
    crawls = Crawls(path)
    with crawls.directory.config_file.open("a", encoding="utf-8") as file:
        file.write(config)
    ends, waiting = {}, {}

    def go_on(name, years, story, answer):
        try:
            waiting[name] = story.send(answer), years, story
        except StopIteration:
            ends[name] = None
        except Exception:  # noqa: BLE001 (it is the test's, which raises it)
            ends[name] = traceback.format_exc()

    with ExitStack() as sites:
        for number, (name, told) in enumerate(stories.items()):
            years = Years(crawls, f"lokal_{number}", sites.enter_context(LocalSite()))
            go_on(name, years, told(years), None)
        while waiting:
            visit = min(visit for visit, *_ in waiting.values())
            visited = {name: waiting.pop(name)[1:] for name in [*waiting] if waiting[name][0] == visit}
            answers = _visit(crawls, visit, [years for years, _ in visited.values()])
            for (name, (years, story)), answer in zip(visited.items(), answers, strict=True):
                go_on(name, years, story, answer)
    if problems := crawls.problems():
        raise AssertionError("\n".join(problems))
    return ends


def _visit(crawls, visit, visited):
    """Crawl sites at a moment; return the paths that each was asked for."""
    clock = crawls.path / "clock"
    clock.write_text((START + timedelta(days=visit.day)).isoformat(), encoding="ascii")
    before = [len(years.site.log) for years in visited]
    options = ("--json", "--jobs", "8", *(["--due"] if visit.due else []))
    ended = crawls.command("crawl", *options, *(years.id for years in visited), hurried=True, **{VARIABLE: str(clock)})
    assert ended.clean, ended.stderr
    outcomes = {one["site"]: one["outcome"] for one in map(json.loads, ended.stdout.splitlines())}
    assert ended.returncode == int("failed" in outcomes.values()), ended.stdout
    for years in visited:
        years.outcome = outcomes.get(years.id)
    asked = [[one.path for one in years.site.log[start:]] for years, start in zip(visited, before, strict=True)]
    return [[path for path in paths if path != "/robots.txt"] for paths in asked]


def _check(told):
    if told is not None:
        raise AssertionError(told)
