"""The frontier: what a listing tells of URLs that are known, listings that a profile names no more, and its indexes."""

import re
from datetime import datetime

import pytest

from archive.database import open_database
from archive.store import requests_since, save_site, start_run
from crawler.families.base import Entry
from crawler.frontier import MAX_RETITLED, Found, Frontier

NOW = datetime.fromisoformat("2026-03-01T08:00:00+00:00")
HOME = "http://gh.example/"


@pytest.fixture
def connection(tmp_path):
    db = open_database(tmp_path / "archive.db")
    save_site(db.conn, {"id": "gh", "name": "示例工会", "home": HOME, "family": "generic", "status": "active"})
    yield db.conn
    db.close()


@pytest.fixture
def frontier(connection):
    return Frontier(connection, "gh")


def article(number, title=None, section="要闻"):
    url = f"{HOME}{number}.html"
    return Found(url, url, "article", section, listing=None if title is None else Entry(url, title))


def listing(name, **values):
    return Found(f"{HOME}{name}/", f"{HOME}{name}/", "listing", section=name, **values)


def row(connection, key, columns="state, section, listing"):
    return tuple(connection.execute(f"SELECT {columns} FROM frontier WHERE key = ?", [key]).fetchone())


def done(connection, *keys, **values):
    settings = ", ".join(["state = 'done'", *(f"{name} = '{value}'" for name, value in values.items())])
    connection.executemany(f"UPDATE frontier SET {settings} WHERE key = ?", [(key,) for key in keys])


def test_what_is_known_is_counted_once_and_completed(connection, frontier):
    assert frontier.add([article(1, section=None), article(1, section=None), article(2)]) == 2
    assert frontier.add([article(1, "夜班食堂开了"), article(3)]) == 1
    assert row(connection, f"{HOME}1.html")[1] == "要闻"
    assert "夜班食堂开了" in row(connection, f"{HOME}1.html")[2]
    assert frontier.add([article(1, "夜班食堂关了", section="公告")]) == 0
    assert row(connection, f"{HOME}1.html")[1] == "要闻"
    assert "夜班食堂开了" in row(connection, f"{HOME}1.html")[2]


@pytest.mark.parametrize("section", ["要闻", None])
def test_another_title_has_an_article_read_again_and_many_do_not(connection, frontier, section):
    told = [article(number, f"第{number}号消息", section) for number in range(20)]
    frontier.add(told)
    done(connection, *(one.key for one in told))
    frontier.add([article(3, "第3号消息 ", section), article(4, "第4…", section), article(5, "更正：五", section)])
    query = "SELECT key FROM frontier WHERE state = 'due' ORDER BY key"
    assert [one["key"] for one in connection.execute(query)] == [f"{HOME}5.html"]
    frontier.add([article(number, f"更正{number}", section) for number in range(20)])
    assert len(connection.execute(query).fetchall()) == 1 + MAX_RETITLED


def test_known_urls_are_due_again_only_for_a_run_that_has_not_read_them(connection, frontier):
    frontier.add([listing("yw")])
    run = start_run(connection, "gh", {}, "1")
    done(connection, f"{HOME}yw/", run=run)
    frontier.add([listing("yw")], again=True, run=run)
    assert row(connection, f"{HOME}yw/")[0] == "done"
    frontier.add([listing("yw")])
    assert row(connection, f"{HOME}yw/")[0] == "done"
    frontier.add([listing("yw")], again=True, run=run + 1)
    assert row(connection, f"{HOME}yw/")[0] == "due"


def test_listings_that_a_mended_profile_names_no_more_are_forgotten(connection, frontier):
    frontier.add([Found(HOME, HOME, "home"), article(1), *map(listing, ("yw", "old", "gg", "to", "on", "past"))])
    frontier.add([listing("gg2", depth=1)])
    for name, target in (("gg", "to"), ("to", "on"), ("old", "past")):
        values = (f"{HOME}{target}/", f"{HOME}{name}/")
        connection.execute("UPDATE frontier SET state = 'redirected', redirect_to = ? WHERE key = ?", values)
    frontier.keep_listings([listing("yw"), listing("gg"), listing("new")])
    left = {one["key"].removeprefix(HOME) for one in connection.execute("SELECT key FROM frontier")}
    assert left == {"1.html", "yw/", "gg/", "to/", "on/", "gg2/"}


def test_the_next_check_is_the_first_listings_and_the_first_articles(connection, frontier):
    assert frontier.next_checks() == ([], None)
    frontier.add([listing("yw"), listing("gg"), article(1), article(2)])
    done(connection, f"{HOME}yw/", next_check="2026-03-02T08:00:00Z")
    done(connection, f"{HOME}gg/", next_check="2026-03-01T20:00:00Z")
    done(connection, f"{HOME}1.html", next_check="2026-03-01T10:00:00Z")
    looks, article_due = frontier.next_checks()
    assert [f"{one:%d %H}" for one in looks] == ["01 20"]
    assert f"{article_due:%d %H}" == "01 10"


def test_no_run_reads_all_urls_of_a_site(connection, frontier):
    """A site of years has a hundred thousand; each query names what an index holds."""
    asked = []
    frontier.add([listing("yw"), article(1)])
    connection.set_trace_callback(asked.append)
    frontier.begin(NOW, full=False)
    frontier.next_checks()
    frontier.waiting()
    frontier.has_due()
    frontier.take()
    requests_since(connection, "gh", "2026-03-01")
    connection.set_trace_callback(None)
    assert len(asked) >= 8
    for query in asked:
        plan = " ".join(one["detail"] for one in connection.execute(f"EXPLAIN QUERY PLAN {query}"))
        assert not re.search(r"SCAN (frontier|runs)|autoindex_frontier_1 \(site=\?\)", plan), (query, plan)
