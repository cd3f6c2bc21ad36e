"""The digest of a week: what is in it, from which archives, in words and for programs."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from filled import Filler, article
from reviewed import at, gone, incident

from archive import clock, digest, health, restricting
from archive.article import uid as uid_of
from archive.cli import cli
from archive.digest import reading
from archive.digest.period import Period
from archive.directory import ArchiveDirectory
from archive.search.selection import QueryError

#: A Wednesday, and the week before it: Monday the 10th to Sunday the 16th.
NOW = datetime(2025, 3, 19, 1, 0, tzinfo=UTC)
WEEK = "2025-W11"


def fill(path):
    """An archive in which something of everything happened in a week, and in the weeks beside it."""
    filler = Filler(path)
    connection = filler.db.conn
    for number in range(1, 8):
        filler.page(article(number))
    filler.moment = datetime(2025, 3, 9, 15, 58, tzinfo=UTC)
    filler.page(article(20, published_at="2025-03-09"))  # a minute before Monday, +08:00
    for number in range(21, 28):
        filler.page(article(number, published_at=f"2025-03-{number - 11}"))
    filler.page(article(8, site="yunhe", published_at=None))
    filler.page(article(2, title="第2期技能培训班延期", text="第2期培训班在职工之家开课。\n\n课程为期三天。"))
    filler.page(article(3, title="第3期技能培训班延期"))
    filler.page(article(3))
    filler.page(article(21, published_at="2025-03-10", source="城南晚报"))
    filler.moment = datetime(2025, 3, 16, 15, 59, tzinfo=UTC)
    filler.page(article(30, published_at="2025-03-16"))  # Monday
    filler.page(article(4, title="第4期技能培训班延期"))
    gone(connection, uid_of(article(5).url), at(9), at(11), at(11))
    gone(connection, uid_of(article(6).url), at(1), at(3), at(3), back_at=at(12))
    gone(connection, uid_of(article(7).url), at(15), at(17), at(17))
    gone(connection, uid_of(article(1).url), at(14), at(14))
    incident(connection, "chengnan", "silent", at(5), {"last": "2025-02-20", "days": 14, "longest": 4}, "公告",
             noticed_at=at(12))  # fmt: skip
    incident(connection, "yunhe", "down", at(9), {"day": "2025-03-09", "visits": 2, "reason": "timed out"},
             ended_at=at(13))  # fmt: skip
    incident(connection, "yunhe", "blocked", at(18), {"day": "2025-03-18", "reason": "HTTP 412"})
    looks = [("chengnan", "", "2025-03-12", "read"), ("yunhe", "要闻", "2025-03-05", "unchanged")]
    for site, section, day, outcome in [*looks, ("yunhe", "要闻", "2025-03-11", "failed")]:
        connection.execute("INSERT INTO looks (site, section, day, depth, outcome) VALUES (?, ?, ?, 1, ?)",
                           [site, section, day, outcome])  # fmt: skip
    return filler


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("digest")).close()


@pytest.fixture
def copy(directory, tmp_path):
    """That archive, to be changed."""
    return ArchiveDirectory(shutil.copytree(directory.path, tmp_path / "archive"))


def write(directory, *statements):
    with closing(directory.open_database()) as db:
        for statement in statements:
            db.execute(statement)


def made(directory, week=WEEK, now=NOW):
    with closing(directory.read_database()) as db:
        return digest.read(db.conn, digest.week_named(week), now)


def run(directory, *args):
    with clock.using(lambda: NOW):
        return CliRunner().invoke(cli, ["--archive", str(directory.path), "digest", *args])


def test_new_articles_are_those_first_seen_in_the_week_by_site_the_latest_published_named(directory):
    found = made(directory)
    assert [(one.site, one.number) for one in found.new] == [("chengnan", 7), ("yunhe", 1)]
    assert [one.title for one in found.new[0].titles] == [f"第{number}期技能培训班开班" for number in range(27, 22, -1)]
    assert found.numbers["new"] == 8
    assert not found.counted_by_runs


def test_edits_are_told_in_a_few_words_those_of_a_week_together(directory):
    found = made(directory)
    assert [(one.article.title, one.times) for one in found.edited] == [
        ("第21期技能培训班开班", 1), ("第3期技能培训班开班", 2), ("第2期技能培训班延期", 1),
    ]  # fmt: skip
    said = digest.text(found, "档案", "zh", lambda one: one.url)
    assert "标题: 第2期技能培训班[-开班-]{+延期+}" in said
    assert "改动 2 次" in said
    assert "改后又改回原样" in said
    assert "来源: [-运河工人-]{+城南晚+}报" in said


def test_what_went_and_what_came_back_is_told_of_the_week_that_found_it(directory):
    found = made(directory)
    assert [(one.article.uid, one.since) for one in found.withdrawn] == [(uid_of(article(5).url), at(9))]
    assert [(one.article.uid, one.back_at) for one in found.back] == [(uid_of(article(6).url), at(12))]


def test_incidents_are_open_at_the_end_of_the_week_or_have_ended_in_it(directory):
    found = made(directory)
    assert [(one.site, one.kind) for one in found.open] == [("chengnan", "silent")]
    assert [(one.site, one.kind) for one in found.ended] == [("yunhe", "down")]
    later = made(directory, "2025-W12")
    assert [(one.site, one.kind) for one in later.open] == [("chengnan", "silent"), ("yunhe", "blocked")]
    assert made(directory, "2025-W10").open[0].kind == "down"


def test_a_site_that_nobody_looked_at_is_told_unless_an_incident_explains_it(copy):
    assert made(copy).unlooked == []  # down
    write(copy, "DELETE FROM incidents WHERE kind IN ('down', 'blocked')")
    assert made(copy).unlooked == [reading.Unlooked("yunhe", "2025-03-05")]
    # Nobody had looked by then, or is to look any more.
    assert made(copy, "2025-W09").unlooked == []
    write(copy, "UPDATE sites SET status = 'paused' WHERE id = 'yunhe'")
    assert made(copy).unlooked == []
    write(copy, f"UPDATE sites SET status = 'active', next_check = '{at(20)}' WHERE id = 'yunhe'")
    # This week it may yet be looked at.
    assert [one.site for one in made(copy, "2025-W12").unlooked] == ["chengnan"]


def test_restricted_articles_are_in_no_digest(copy):
    numbers = (2, 5, 6, 21, 27)
    for number in numbers:
        restricting.restrict(copy, uid_of(article(number).url), "asked for")
    found = made(copy)
    assert found.numbers == {
        "new": 6, "edited": 1, "withdrawn": 0, "back": 0, "open": 1, "ended": 1, "unlooked": 0,
    }  # fmt: skip
    said = json.dumps(digest.as_json(found, lambda one: one.url), ensure_ascii=False)
    assert not [number for number in numbers if uid_of(article(number).url) in said]


def test_in_a_large_archive_the_captures_of_the_week_are_found_by_halving(directory, monkeypatch):
    whole = made(directory)
    monkeypatch.setattr(reading, "SMALL", 0)
    assert made(directory) == whole
    assert made(directory, "2019-W11").numbers["new"] == made(directory, "2031-W11", NOW).numbers["new"] == 0


def test_the_first_row_of_a_moment_is_found_whatever_is_missing():
    times = [at(2 + number) for number in range(10)]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, started_at TEXT)")
        assert reading.first_id(connection, "runs", "started_at", at(1)) == 0
        rows = [(3 + number * number, moment) for number, moment in enumerate(times)]
        connection.executemany("INSERT INTO runs VALUES (?, ?)", rows)
        for day in range(1, 14):
            first = reading.first_id(connection, "runs", "started_at", at(day))
            held = [row[0] for row in connection.execute("SELECT started_at FROM runs WHERE id >= ?", [first])]
            assert held == [moment for moment in times if moment >= at(day)]


def test_where_there_is_too_much_to_look_through_the_runs_tell_how_many_were_new(copy, monkeypatch):
    columns = "site, started_at, outcome, articles_new, version"
    write(copy, f"INSERT INTO runs ({columns}) VALUES ('chengnan', '{at(11)}', 'finished', 900, '0')")
    monkeypatch.setattr(reading, "SMALL", 0)
    monkeypatch.setattr(reading, "MOST", 5)
    found = made(copy)
    assert [(one.site, one.number) for one in found.new] == [("chengnan", 900), ("yunhe", 1)]
    assert found.counted_by_runs
    assert "Numbers are those that the crawls counted" in digest.text(found, "", "en", lambda one: one.url)


def test_lists_name_a_few_and_count_the_rest(directory, monkeypatch):
    monkeypatch.setattr(reading, "ENTRIES", 1)
    found = made(directory)
    assert (len(found.edited), found.numbers["edited"]) == (1, 3)
    said = digest.text(found, "档案", "en", lambda one: one.url)
    assert "Articles that their sites changed (3)" in said
    assert "  And 2 more." in said


def test_the_command_prints_the_last_week_that_is_over_for_mail(directory):
    said = run(directory, "--lang", "zh").output
    assert said.startswith("Trade-union news archive：2025 年第 11 周（2025-03-10 至 2025-03-16）\n")
    assert "新增 8 篇，被修改 3 篇，撤稿 1 篇" in said
    assert "尚未结束" not in said
    assert f"  城南区总工会: {health.words(made(directory).open[0], 'zh')}\n" in said
    assert f"    {article(5).url}\n" in said
    lines = [line.split(" (")[0] for line in said.splitlines() if line.endswith(")") and not line.startswith(" ")]
    assert lines == ["原网站改动的文章", "撤稿", "重新上线", "有问题的站点", "已恢复的站点", "新文章"]


def test_days_can_be_asked_for_and_are_not_over_before_their_end(directory):
    said = run(directory, "--since", "2025-03-17").output
    assert said.startswith("Trade-union news archive: 2025-03-17 to 2025-03-19\n1 new, 1 edited, 1 withdrawn\n")
    assert "These days are not over" in said
    said = run(directory, "--since", "2020", "--until", "2020-02").output
    assert "2020-01-01 to 2020-02-29" in said
    assert "Nothing to report." in said


def test_articles_are_named_by_their_page_where_the_archive_has_an_address(copy):
    copy.config_file.write_text('[publish]\naddress = "https://a.example"', encoding="utf-8")
    assert f"https://a.example/article/{uid_of(article(5).url)}" in run(copy).output


def test_programs_get_an_object(directory):
    found = json.loads(run(directory, "--week", "2025-w11", "--json").output)
    assert (found["week"], found["first"], found["last"], found["over"]) == (WEEK, "2025-03-10", "2025-03-16", True)
    assert found["numbers"]["new"] == 8
    assert found["edited"][-1]["changes"][0] == {
        "field": "title", "more": 0, "pieces": [["same", "第2期技能培训班"], ["gone", "开班"], ["new", "延期"]],
    }  # fmt: skip
    assert found["open"][0]["words"]["en"] == health.words(made(directory).open[0], "en")
    assert found["withdrawn"][0]["how"] == "HTTP 404"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--week", "last"], "week: 'last' is no week; give one such as 2026-W47"),
        (["--week", "2026-W54"], "'2026-W54' is no week"),
        (["--week", "0000-W01"], "is no week"),
        (["--week", WEEK, "--since", "2025-03-01"], "give --week WEEK, or --since DATE"),
        (["--until", "2025-03-01"], "give --week WEEK, or --since DATE"),
        (["--since", "2025-03-02", "--until", "2025-03-01"], "--until 2025-03-01 is before --since 2025-03-02"),
    ],
)
def test_days_that_cannot_be_are_refused_in_a_line(directory, arguments, said):
    result = run(directory, *arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_weeks_begin_on_monday_in_beijing_and_years_end_with_them():
    assert digest.week_of(datetime(2025, 3, 9, 15, 59, tzinfo=UTC)).week == "2025-W10"
    assert digest.week_of(datetime(2025, 3, 9, 16, 0, tzinfo=UTC)).week == WEEK
    first = digest.week_named("2027W01")
    assert (first.first, first.previous.week, first.previous.next) == (date(2027, 1, 4), "2026-W53", first)
    assert (first.since, first.until) == ("2027-01-03T16:00:00Z", "2027-01-10T16:00:00Z")
    assert Period(date(2027, 1, 5), date(2027, 1, 11)).week is None
    with pytest.raises(QueryError):
        digest.week_named("9999-W52")


def test_what_a_page_says_cannot_steer_a_terminal(tmp_path):
    filler = Filler(tmp_path)
    filler.moment = datetime(2025, 3, 12, tzinfo=UTC)
    filler.page(article(1, title="a\x1b[2J\u202eb\nc"))
    filler.page(article(1, title="a\x1b[2J\u202eb\nd"))
    said = run(filler.close()).output
    assert "* a[2Jb d (" in said
    assert "\x1b" not in said


def test_an_archive_of_an_older_version_has_digests_too(copy):
    write(copy, *(f"DROP TABLE {table}" for table in ("incidents", "withdrawals", "readings")))
    assert made(copy).numbers == {"new": 8, "edited": 3, "unlooked": 1}


def test_a_revision_that_cannot_be_read_is_told_as_changed(copy):
    write(copy, "UPDATE revisions SET content = '{' WHERE content IS NOT NULL")
    found = made(copy)
    assert {tuple(one.changes) for one in found.edited} == {()}
    assert "what was changed is not held" in digest.text(found, "", "en", lambda one: one.url)
