"""What SQL from strangers may use: time, memory, sizes, functions; and wrong addresses of tables."""

import asyncio
import sqlite3
from contextlib import closing, contextmanager

import pytest
from datasette.database import Database
from filled import filled, reading

from archive.directory import ArchiveDirectory
from archive.web import limits
from archive.web.serve import application


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    return filled(tmp_path_factory.mktemp("limits"))


@pytest.fixture(scope="module")
def ask(directory):
    """Ask the site, all in one loop: `ask(path, …)` gives the answers."""
    datasette = application(directory)
    with asyncio.Runner() as runner:

        def asking(*paths, method="GET", **headers):
            async def fetch():
                return [await datasette.client.request(method, path, headers=headers) for path in paths]

            return runner.run(fetch())

        yield asking


@contextmanager
def limited(*script: str):
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in script:
            connection.execute(statement)
        limits.prepare(connection)
        yield connection


ENDLESS = "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r"


def test_a_query_without_end_is_ended_with_a_sentence(directory):
    datasette = application(directory)
    datasette.sql_time_limit_ms = datasette._settings["sql_time_limit_ms"] = 50

    async def look():
        page = await datasette.client.get("/archive", params={"sql": ENDLESS}, headers={"accept-language": "en"})
        data = await datasette.client.get("/archive.json", params={"sql": ENDLESS})
        table = await datasette.client.get("/archive.csv", params={"sql": ENDLESS})
        after = await datasette.client.get("/archive.json?sql=select+1")
        return page, data, table, after

    page, data, table, after = asyncio.run(look())
    assert [answer.status_code for answer in (page, data, table, after)] == [400, 400, 400, 200]
    assert "The query was ended after 0.05 seconds" in page.text
    assert "中止" in data.json()["error"]


@pytest.mark.parametrize(
    "sql",
    [
        "select zeroblob(1000)",
        "select randomblob(1000000000)",
        "select ZeroBlob(1000000000)",
        "select printf('%.*c', 1000000000, 'x')",
        "select json_patch('{}', '{}')",
        "select load_extension('x')",
        "with recursive r(n, s) as (select 1, 'aa' union all select n + 1, replace(s, 'a', s) from r limit 9)"
        " select max(length(s)) from r",
        "with recursive r(n, s) as (select 1, text from articles union all select n + 1, s || s from r limit 300)"
        " select max(length(s)) from r",
        "select * from sqlite_stmt",
        "select sum(pgsize) from dbstat",
        "select text like '" + "%a" * 200 + "' from articles",
        "select " + "+".join(["1"] * 300),
        " union all ".join(["select 1"] * 60),
        "select " + ", ".join(["1"] * 300),
        "select 1 /*" + "x" * 100_000 + "*/",
        "select trim(text, group_concat(id)) from (select text, n as id from articles,"
        " (with recursive r(n) as (select 19968 union all select n + 1 from r limit 300) select char(n) as n from r))",
    ],
)
def test_what_would_fill_memory_or_never_end_is_refused(directory, sql):
    with reading(directory) as db:
        limits.prepare(db.conn)
        with pytest.raises((sqlite3.Error, MemoryError)):
            db.conn.execute(sql).fetchall()


def test_a_refused_query_is_a_clear_400(ask):
    (answer,) = ask("/archive.json?sql=select+zeroblob(1000000000)")
    assert (answer.status_code, answer.json()["error"]) == (400, "not authorized to use function: zeroblob")


def test_an_answer_has_a_largest_size():
    rows = "with recursive r(n) as (select 1 union all select n + 1 from r limit 100) select ? from r"
    with limited() as connection:
        value = "x" * (limits.MAX_ANSWER // 50)
        with pytest.raises(sqlite3.OperationalError, match="larger than 64 MB; ask for fewer rows"):
            connection.execute(rows, [value]).fetchall()
        # Each statement has that much for itself, and its rows are what they were.
        found = connection.execute(rows.replace("100", "40"), [value]).fetchall()
        assert (len(found), type(found[0]), found[0].keys()) == (40, sqlite3.Row, ["?"])


def test_the_largest_texts_of_an_archive_can_be_read():
    text = "工" * (2 * 2**20)  # 6 MB: more than a page of 2 MB can hold
    with limited("create table articles (text)") as connection:
        connection.execute("insert into articles values (?)", [text])
        assert connection.execute("select text from articles").fetchone()["text"] == text


@pytest.mark.parametrize(
    "call",
    [
        "instr('总工会工会', '工会')", "instr('abc', '')", "instr('', 'a')", "instr(12345, 34)", "instr(null, 'a')",
        "instr(x'010203', x'0203')", "instr('a', null)", "instr('abc', 'd')",
        "replace('工会工会', '工', '公')", "replace('abc', '', 'x')", "replace(121, 1, 3)", "replace('a', 'a', null)",
        "trim('xxaxx', 'x')", "ltrim('xxaxx', 'x')", "rtrim('xxaxx', 'xa')", "trim('  a ')", "trim(null, 'x')",
        "trim('。工会。，', '，。')",
    ],
)  # fmt: skip
def test_the_functions_that_are_ours_answer_as_sqlites_own(call):
    with closing(sqlite3.connect(":memory:")) as stock, limited() as ours:
        assert tuple(ours.execute(f"select {call}").fetchone()) == stock.execute(f"select {call}").fetchone()


def test_long_texts_are_compared_in_time_that_no_limit_has_to_end():
    text, part = "a" * 2_000_000, "a" * 1_000_000 + "b"  # takes SQLite's own instr 80 seconds, within one step
    with limited() as connection:
        steps = []
        connection.set_progress_handler(lambda: steps.append(1), 1)
        assert connection.execute("select instr(?, ?)", [text, part]).fetchone()[0] == 0
        assert connection.execute("select replace(?, ?, 'c') = ?", [text, part, text]).fetchone()[0] == 1


def test_other_databases_stay_as_they_are(directory, tmp_path):
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table t (a)")
    datasette = application(directory)

    async def look():
        datasette.add_database(Database(datasette, str(other), is_mutable=True))
        return await datasette.client.get("/other.json?sql=select+length(zeroblob(1000))&_shape=arrayfirst")

    assert asyncio.run(look()).json() == [1000]


# Datasette does not await what it has begun when a facet fails.
@pytest.mark.filterwarnings("ignore:coroutine 'TableView:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "address",
    [
        "articles?_timelimit=soon", "articles?_size=-1", "articles?_next=%FF", "articles?id__gt=9999999999999999999999",
        "articles?_sort=text", "articles?_sort=id&_sort_desc=id", "articles?_where=x", "articles?_facet=nothing",
        "articles?_searchmode=raw&_search=%22a", "articles?_search=%22%22%22", "articles?_search=%00", "articles/abc",
        "articles?" + "&".join(["_facet=site"] * 20), "articles?_facet_array=text", "articles?_facet_size=x",
        "articles/99999999999999999999999", "edited?since=never", "sections?after=x", "bylines?before=%00",
    ],
)  # fmt: skip
def test_a_wrong_address_of_a_table_is_never_a_server_error(ask, address):
    (answer,) = ask(f"/archive/{address}")
    assert answer.status_code in (200, 400, 404), answer.text


def test_tables_are_searched_as_the_reading_room_is(ask):
    found = ask(
        "/archive/articles.json?_search=培训&_shape=array&_col=title",
        "/archive/articles.json?_search=職工之家&_shape=array&_col=title",
        "/archive/articles.json?_search=第3期&_shape=array&_col=title",
        "/archive/articles.json?_search=无此词语&_shape=array&_col=title",
    )
    assert [len(answer.json()) for answer in found] == [6, 6, 1, 0]
