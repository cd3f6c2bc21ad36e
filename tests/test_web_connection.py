"""What readers' SQL and Datasette's own pages see of an archive: nothing restricted, nothing of the crawler's own."""

import asyncio
import re
import sqlite3

import pytest
from filled import Filler, article, rows

from archive import restricting
from archive.article import uid as uid_of
from archive.web import connection
from archive.web.serve import application

ONE, TWO, OTHER = (uid_of(one.url) for one in (article(1), article(2), article(1, site="yunhe")))
TABLES = ("frontier", "restrictions", "articles_fts_data")


def connect(directory) -> sqlite3.Connection:
    """A connection as Datasette opens it."""
    opened = sqlite3.connect(f"{directory.database.as_uri()}?mode=ro", uri=True)
    connection.prepare(opened)
    return opened


def archive(path):
    filler = Filler(path)
    for one in (article(1), article(2), article(1, title="第1期技能培训班延期"), article(1, site="yunhe")):
        filler.page(one)
    filler.db.execute(
        "INSERT INTO frontier (site, key, url, kind, state, capture, discovered_at)"
        " VALUES ('chengnan', 'k', 'http://chengnan.example.org/k', 'article', 'done', 1, '')"
    )
    return filler.close()


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """An archive in which an article is restricted."""
    made = archive(tmp_path_factory.mktemp("reader"))
    restricting.restrict(made, ONE, "asked for")
    return made


@pytest.fixture(scope="module")
def reader(directory):
    opened = connect(directory)
    yield opened
    opened.close()


def test_captures_are_hidden_from_connections_that_are_open_already(tmp_path):
    directory = archive(tmp_path)
    reader = connect(directory)
    seen = "SELECT DISTINCT uid FROM captures ORDER BY id"
    assert reader.execute(seen).fetchall() == [(ONE,), (TWO,), (OTHER,)]
    restricting.restrict(directory, ONE, "asked for")
    assert reader.execute(seen).fetchall() == [(TWO,), (OTHER,)]
    restricting.restrict(directory, "yunhe", "asked for")
    assert reader.execute(seen).fetchall() == [(TWO,)]
    restricting.lift(directory, ONE, "settled")
    assert reader.execute(seen).fetchall() == [(ONE,), (TWO,)]
    reader.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT url FROM main.captures",
        "SELECT count(*) FROM main.captures",
        "WITH captures AS (SELECT url FROM main.captures) SELECT * FROM captures",
        "SELECT * FROM (SELECT url FROM main.captures) AS captures",
        "SELECT listing FROM frontier",
        "SELECT uid FROM restrictions",
        "WITH restrictions AS (SELECT uid FROM main.restrictions) SELECT * FROM restrictions",
        "SELECT block FROM articles_fts_data",
        "SELECT sql FROM sqlite_temp_master",
        "SELECT sql FROM temp.sqlite_master",
        "SELECT name FROM pragma_table_list",
        "PRAGMA table_list",
        "PRAGMA writable_schema = 1",
        "ATTACH 'restricted.db' AS other",
        "CREATE TEMP VIEW other AS SELECT * FROM main.captures",
        "DROP VIEW temp.captures",
    ],
)
def test_sql_that_reaches_for_what_is_hidden_is_refused(reader, sql):
    with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
        reader.execute(sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM frontier",
        "SELECT rowid, bm25(articles_fts) FROM articles_fts WHERE articles_fts MATCH 'a' ORDER BY rank",
        "PRAGMA table_info(captures)",
        "PRAGMA foreign_key_list(frontier)",
        "PRAGMA database_list",
    ],
)
def test_what_datasette_asks_is_answered(reader, sql):
    assert isinstance(reader.execute(sql).fetchall(), list)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM sites LEFT JOIN captures ON captures.site = sites.id",
        "SELECT DISTINCT url FROM sites LEFT JOIN captures ON captures.site = sites.id WHERE kind IS NULL",
        "SELECT captures.url FROM sites FULL JOIN captures ON captures.site = sites.id",
        "SELECT * FROM captures UNION SELECT * FROM captures ORDER BY 1",
        "SELECT count(*) OVER (), * FROM captures AS a, captures AS b",
        "WITH m AS MATERIALIZED (SELECT * FROM captures LIMIT 3) SELECT * FROM m",
    ],
)
def test_no_plan_of_a_query_tells_the_name_of_the_view_that_reads_captures(reader, sql):
    if "FULL" in sql and sqlite3.sqlite_version_info < (3, 39):
        pytest.skip("this SQLite has no FULL JOIN")
    plan = str(reader.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
    assert "held_" not in plan
    assert "SEARCH" in plan


def test_another_authorizer_is_asked_too(directory):
    reader = sqlite3.connect(f"{directory.database.as_uri()}?mode=ro", uri=True)
    forbid = {"sites"}
    connection.prepare(reader, lambda *asked: sqlite3.SQLITE_DENY if asked[1] in forbid else sqlite3.SQLITE_OK)
    with pytest.raises(sqlite3.DatabaseError, match="prohibited"):
        reader.execute("SELECT id FROM sites")
    assert reader.execute("SELECT count(*) FROM captures").fetchone() == (2,)
    reader.close()


def test_captures_are_found_by_their_indexes_through_the_view(reader):
    for condition, index in (("uid = 'a'", "captures_uid"), ("site = 'a' AND key = 'b'", "captures_key")):
        plan = str(reader.execute(f"EXPLAIN QUERY PLAN SELECT * FROM captures WHERE {condition}").fetchall())
        assert f"INDEX {index}" in plan
    assert "SCAN c'" in str(reader.execute("EXPLAIN QUERY PLAN SELECT * FROM captures ORDER BY id DESC").fetchall())


def get(directory, *paths):
    async def fetch():
        datasette = application(directory)
        return [await datasette.client.get(path) for path in paths]

    return asyncio.run(fetch())


def test_the_pages_of_datasette_work_and_show_nothing_restricted(directory):
    shown = {row["id"] for row in rows(directory, f"SELECT id FROM captures WHERE uid != '{ONE}'")}
    table, row, hidden, sites, query = get(
        directory,
        "/archive/captures?_facet=site",
        f"/archive/captures/{min(shown)}",
        "/archive/captures/1",
        "/archive/sites/chengnan",
        "/archive.json?sql=select+uid+from+captures",
    )
    assert {int(id_) for id_ in re.findall(r'href="/archive/captures/(\d+)"', table.text)} == shown
    assert [answer.status_code for answer in (table, row, hidden, sites, query)] == [200, 200, 404, 200, 200]
    assert "frontier" not in row.text + sites.text
    assert ONE not in table.text + query.text


def test_the_crawlers_own_tables_are_not_listed_and_not_shown(directory):
    database, *others = get(
        directory,
        "/archive",
        *(f"/archive/{table}{form}" for table in TABLES for form in ("", ".json")),
    )
    assert database.status_code == 200
    assert "frontier" not in database.text
    assert {answer.status_code for answer in others} == {403}


@pytest.mark.parametrize("what", ["listing from frontier", "uid from restrictions", "url from main.captures"])
def test_sql_over_the_web_is_refused_with_a_clear_answer(directory, what):
    (answer,) = get(directory, f"/archive.json?sql=select+{what.replace(' ', '+')}")
    assert answer.status_code == 400
    assert re.search("prohibited|not authorized", answer.json()["error"])
