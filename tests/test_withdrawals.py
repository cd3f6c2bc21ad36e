"""Whether what visits found gone is withdrawn, or whether it is the site that has moved."""

import pytest

from archive.article import Article
from archive.database import open_database, transaction
from archive.revisions import save_article
from archive.store import save_site
from archive.withdrawals import Gone, confirm_run, note_gone


def day_of(number):
    """A moment of a day, counted from the first of March."""
    return f"2026-{3 + number // 32:02d}-{number % 32 + number // 32:02d}T08:00:00Z"


@pytest.fixture
def db(tmp_path):
    database = open_database(tmp_path / "archive.db")
    with transaction(database) as connection:
        site = {"id": "gh", "name": "示例工会", "home": "http://gh.example/", "family": "generic", "status": "active"}
        save_site(connection, site)
        for number in range(60):
            article = Article(f"http://gh.example/{number}", "夜班食堂开了", "夜班食堂从周一起供应热饭。" * 3, "", "gh")
            save_article(
                connection, article, key=str(number), fetched_at=day_of(1), captures=[], derived_with="code"
            )  # fmt: skip
    yield database
    database.close()


def visit(db, day, gone, there=()):
    """A run on a day that finds some articles gone and others there; what it makes withdrawn, by key."""
    with transaction(db) as connection:
        found = [note_gone(connection, "gh", str(key), day_of(day), "HTTP 404", None) for key in gone]
        for key in (*gone, *there):
            connection.execute(
                "INSERT INTO frontier (site, key, url, kind, state, checked_at, discovered_at)"
                " VALUES ('gh', ?, '', 'article', 'done', ?, '')"
                " ON CONFLICT (site, key) DO UPDATE SET checked_at = excluded.checked_at",
                [str(key), day_of(day)],
            )
        uids = confirm_run(connection, "gh", found)
        query = "SELECT key FROM articles WHERE uid = ?"
        return {int(connection.execute(query, [uid]).fetchone()["key"]) for uid in uids}


def test_a_second_visit_of_little_else_withdraws_what_the_first_found_among_many(db):
    assert visit(db, 2, range(20), range(20, 60)) == set()
    assert visit(db, 3, range(20)) == {*range(20)}


def test_what_is_gone_of_most_is_left_to_a_person(db):
    assert visit(db, 2, range(31), range(31, 60)) == set()
    assert visit(db, 3, range(31)) == set()
    assert visit(db, 9, range(11)) == set()  # some of them alone prove no more
    assert db.execute("SELECT count(*) FROM withdrawals WHERE confirmed_at IS NOT NULL").fetchone()[0] == 0


def test_an_undecided_disappearance_waits_for_a_person(db):
    visit(db, 2, range(20), range(20, 60))
    db.execute(
        "INSERT INTO incidents (site, section, kind, began_at, noticed_at, seen_at, facts)"
        " VALUES ('gh', '', 'vanished', ?, ?, ?, '{}')",
        [day_of(2)] * 3,
    )
    assert visit(db, 3, range(20)) == set()


def test_what_was_withdrawn_long_ago_tells_nothing_of_the_others(db):
    visit(db, 2, range(20), range(20, 60))
    visit(db, 3, range(20))
    assert visit(db, 20, (*range(20), 30)) == set()
    assert visit(db, 22, (*range(20), 30)) == {30}


def test_two_visits_on_one_day_prove_nothing():
    assert not Gone("u", day_of(2), "2026-03-02T20:00:00Z", 2).is_proved
    assert Gone("u", day_of(2), day_of(3), 2).is_proved


def test_a_small_site_that_has_moved_withdraws_nothing_though_no_run_visits_many(db):
    assert visit(db, 2, (), range(30, 60)) == set()
    for day in range(3, 12):
        assert visit(db, day, (day, day + 9, day + 18)) == set()
        assert visit(db, day + 1, (day, day + 9, day + 18)) == set()
    assert db.execute("SELECT count(*) FROM withdrawals WHERE confirmed_at IS NOT NULL").fetchone()[0] == 0


def test_a_few_articles_gone_together_are_withdrawn_where_another_is_there(db):
    assert visit(db, 2, (1, 2, 3)) == set()
    assert visit(db, 3, (1, 2, 3), (7, 8)) == {1, 2, 3}
    assert visit(db, 9, (11, 12, 13)) == set()
    assert visit(db, 10, (11, 12, 13)) == set()
    assert visit(db, 17, (11, 12, 13), (8, 9)) == {11, 12, 13}
    assert visit(db, 32, (21, 22)) == set()
    assert visit(db, 33, (21, 22)) == {21, 22}


def test_what_was_found_gone_before_tells_of_the_site_too(db):
    for day in range(2, 6):
        assert visit(db, day, range(day * 3, day * 3 + 3)) == set()
    assert visit(db, 7, (15, 16, 17), (50, 51, 52, 53)) == set()


def test_what_was_there_before_clears_those_that_went_later(db):
    assert visit(db, 2, (), range(30, 60)) == set()
    assert visit(db, 5, (15, 16, 17), (50, 51)) == set()
    assert visit(db, 7, (15, 16, 17), (52, 53)) == {15, 16, 17}
