"""The canned queries: what they answer, in both languages, bounded, and linked to their JSON and CSV."""

import asyncio
import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from filled import Filler, article, reading

from archive.directory import ArchiveDirectory
from archive.web import limits
from archive.web.metadata import TABLES
from archive.web.queries import QUERIES
from archive.web.serve import application

NOW = datetime.now(UTC)
RECENT, OLD = (NOW - timedelta(days=20)).date(), (NOW - timedelta(days=900)).date()


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    filler = Filler(tmp_path_factory.mktemp("queries"))
    filler.moment = NOW - timedelta(days=10)
    for number in (1, 2, 3):
        filler.page(article(number, published_at=RECENT.isoformat(), authors=("李晓", f"王{number}")))
    filler.page(article(4, published_at=OLD.isoformat(), section="旧栏目", authors=("张旧",)))
    filler.page(article(5, published_at=None, authors=("无日期",)))
    filler.page(article(1, site="yunhe", published_at=f"{RECENT}T08:00:00+08:00", language="en", authors=("李晓",)))
    filler.page(article(3, published_at=RECENT.isoformat(), title="第3期技能培训班延期", authors=("李晓", "王3")))
    connection = filler.db.conn
    connection.execute("UPDATE sites SET level = 'district', region = 'CN-37' WHERE id = 'chengnan'")
    connection.execute("UPDATE sites SET level = 'national', region = 'CN-11' WHERE id = 'yunhe'")
    gone = article(2).url
    connection.execute("UPDATE articles SET withdrawn_at = '2025-04-01T00:00:00Z' WHERE url = ?", [gone])
    looks = [("工会要闻", 1, "read"), ("工会要闻", 2, "failed"), ("", 2, "unchanged"), ("工会要闻", 3, "failed")]
    for section, day, outcome in looks:
        connection.execute(
            "INSERT INTO looks (site, section, day, depth, outcome) VALUES ('chengnan', ?, ?, 1, ?)",
            [section, f"{OLD:%Y-%m}-0{day}", outcome],
        )
    return filler.close()


@pytest.fixture(scope="module")
def ask(directory):
    """The rows of a query as its JSON link gives them."""
    datasette = application(directory)
    with asyncio.Runner() as runner:

        def asking(path, **parameters):
            return runner.run(datasette.client.get(f"/archive/{path}".rstrip("/"), params=parameters))

        yield asking


@pytest.fixture
def answer(ask):
    def answering(name, **parameters):
        found = ask(f"{name}.json", _shape="array", **parameters)
        assert found.status_code == 200, found.text
        return found.json()

    return answering


def test_every_query_has_a_title_and_a_description_in_both_languages(ask):
    page = ask("").text
    for name, query in QUERIES.items():
        for text in (query["title"], query["description"]):
            assert " · " in text
            assert re.search(r"[a-z]{3}", text)
            assert re.search(r"[\u4e00-\u9fff]{2}", text)
        assert f'href="/archive/{name}"' in page


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_a_page_json_and_csv_and_its_parameters_may_be_left_out(ask, name):
    page, data, table = ask(name), ask(f"{name}.json", _shape="array"), ask(f"{name}.csv")
    assert [found.status_code for found in (page, data, table)] == [200] * 3
    assert QUERIES[name]["title"] in page.text
    for parameter in QUERIES[name]["params"]:
        assert f'name="{parameter}"' in page.text
    columns, *lines = csv.reader(io.StringIO(table.text))
    assert len(lines) == len(data.json())
    if lines:
        for form in ("csv", "json"):
            assert re.search(rf'href="/archive/{name}\.{form}', page.text)
        assert list(data.json()[0]) == columns


def test_who_published_most_is_told_by_site_and_by_level(answer):
    found = answer("published_by_site")
    assert [(row["site"], row["level"], row["articles"]) for row in found] == [
        ("chengnan", "district", 3),
        ("yunhe", "national", 1),
    ]
    assert [row["site"] for row in answer("published_by_site", level="national")] == ["yunhe"]
    assert [row["articles"] for row in answer("published_by_site", after="2000", level="district")] == [4]
    month = f"{RECENT:%Y-%m}"
    by_level = [(row["month"], row["level"], row["articles"]) for row in answer("published_by_level")]
    assert by_level == [(month, "district", 3), (month, "national", 1)]
    assert answer("published_by_level", after="1990", before="1991-05") == []


def test_authors_are_counted_by_site_and_time(answer):
    found = {row["author"]: (row["articles"], row["sites"]) for row in answer("bylines")}
    assert found == {"李晓": (4, 2), "王1": (1, 1), "王2": (1, 1), "王3": (1, 1)}
    assert [row["author"] for row in answer("bylines", site="yunhe")] == ["李晓"]
    assert [row["author"] for row in answer("bylines", after="2000", before=str(OLD.year + 1))] == ["张旧"]


def test_a_broken_list_of_authors_does_not_end_the_query(directory, answer):
    db = directory.open_database()
    db.execute("UPDATE articles SET authors = 'no list' WHERE url = ?", [article(4).url])
    db.close()
    assert answer("bylines", after="2000", before=str(OLD.year + 1)) == []


def test_sections_are_told_with_what_they_hold_and_their_days(answer):
    day = RECENT.isoformat()
    assert [(row["site"], row["section"], row["articles"], row["last_day"]) for row in answer("sections")] == [
        ("chengnan", "工会要闻", 3, day),
        ("yunhe", "工会要闻", 1, day),
    ]
    assert [row["section"] for row in answer("sections", after="2000", before=str(OLD.year + 1))] == ["旧栏目"]


def test_the_newest_of_each_region_are_told(answer):
    found = answer("newest_by_region")
    assert [row["region"] for row in found] == ["CN-11"] + ["CN-37"] * 5
    assert [row["day"] for row in found[1:]] == [RECENT.isoformat()] * 3 + [OLD.isoformat(), None]
    assert {row["region"] for row in answer("newest_by_region", region="CN-3")} == {"CN-37"}
    assert len(answer("newest_by_region", region="CN")) == 6


def test_edited_and_withdrawn_articles_are_told(answer):
    (edited,) = answer("edited")
    assert (edited["title"], edited["revision"]) == ("第3期技能培训班延期", 2)
    assert answer("edited", since=(NOW + timedelta(days=1)).date().isoformat()) == []
    assert answer("edited", site="yunhe") == []
    (withdrawn,) = answer("withdrawn")
    assert (withdrawn["url"], withdrawn["withdrawn_at"]) == (article(2).url, "2025-04-01T00:00:00Z")


def test_languages_and_days_looked_at_are_told_by_site(answer):
    found = [(row["site"], row["language"], row["articles"]) for row in answer("languages")]
    assert found == [("chengnan", "zh-Hans", 3), ("yunhe", "en", 1)]
    (month,) = answer("coverage", site="chengnan", after="2000")
    assert month == {
        "site": "chengnan", "month": f"{OLD:%Y-%m}", "days_looked_at": 2, "days_failed": 1, "sections": 2,
        "articles_new": 0,
    }  # fmt: skip
    assert answer("coverage") == []


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_walks_through_the_rows_of_a_large_table(directory, name):
    """A row of these tables lies among the pages of its text: a million of them are not read within any limit."""
    query = QUERIES[name]
    with reading(directory) as db:
        limits.prepare(db.conn)
        steps = db.conn.execute(f"EXPLAIN QUERY PLAN {query['sql']}", dict.fromkeys(query["params"], "")).fetchall()
    walked = [
        step["detail"] for step in steps if re.search(r"SCAN (articles|of_site|captures|revisions)\b", step["detail"])
    ]
    assert [step for step in walked if "COVERING INDEX" not in step] == []


def test_every_column_of_a_shown_table_is_described_in_both_languages(directory):
    with reading(directory) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")] for name in names}
    shown = [name for name in names if not TABLES.get(name, {}).get("hidden") and not name.startswith("articles_fts")]
    assert sorted(shown) == ["articles", "captures", "revisions", "runs", "sites", "withdrawals"]
    for name, table in TABLES.items():
        if "columns" not in table:
            continue
        assert list(table["columns"]) == columns[name], name
        for text in (*table["columns"].values(), table["title"], table["description"]):
            assert re.search(r"[A-Za-z]", text), text
            assert re.search(r"[\u4e00-\u9fff]|ETag", text), text


def test_large_tables_sort_by_what_an_index_serves(ask):
    for name in ("articles", "captures", "revisions", "looks", "aliases"):
        page = ask(name).text
        sorts = set(re.findall(r'href="[^"]*[?&]_sort(?:_desc)?=(\w+)', page))
        assert sorts <= {"id", "rowid", "change"}, name
