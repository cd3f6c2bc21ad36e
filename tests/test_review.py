"""The queue of what needs a person: what is in it, with which evidence, and that it is asked once."""

import json
import shutil
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner
from filled import Filler, article, rows
from reviewed import NOW, ONE, THREE, TWO, at, gone, incident, reviewed

from archive import clock, decisions, restricting, review
from archive.article import uid as uid_of
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.review import evidence
from archive.review.item import names
from archive.warc import read_record

LAYOUT = "layout:chengnan:工会要闻:2025-03-20"
ALL = [
    LAYOUT, f"damaged:{THREE}", f"undated:{TWO}", f"withdrawn:{ONE}",
    "blocked:yunhe::2025-03-18", "draft:beian:2025-03-10",
]  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return reviewed(tmp_path_factory.mktemp("review")).path


@pytest.fixture
def directory(template, tmp_path):
    with clock.using(lambda: NOW):
        yield ArchiveDirectory(shutil.copytree(template, tmp_path / "archive"))


@contextmanager
def writing(directory):
    with closing(directory.open_database()) as db:
        yield db.conn


def ids(directory, **narrowed) -> list[str]:
    with closing(directory.read_database()) as db:
        return [item.id for item in review.queue(directory, db.conn, **narrowed)]


def run(directory, *args: str):
    result = CliRunner().invoke(cli, ["--archive", str(directory.path), "review", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def vanish(directory, numbers=range(4, 12)) -> list[str]:
    """Have articles gone at once."""
    uids = [uid_of(article(number).url) for number in numbers]
    with writing(directory) as connection:
        for uid in uids:
            gone(connection, uid, at(20), at(20, 3), visits=1)
        facts = {"day": "2025-03-20", "gone": len(uids), "visited": len(uids)}
        incident(connection, "chengnan", "vanished", at(20), facts)
    return uids


def test_the_queue_holds_what_needs_a_person_the_worst_first_and_each_site_together(directory):
    assert ids(directory) == ALL
    assert ids(directory, site="yunhe") == ["blocked:yunhe::2025-03-18"]
    assert ids(directory, kind="undated") == [f"undated:{TWO}"]
    with pytest.raises(ArchiveError, match="nowhere: no site of this archive"):
        ids(directory, site="nowhere")


def test_what_passes_by_itself_needs_a_person_when_it_lasts(directory):
    (one,) = ids(directory, site="yunhe")
    with writing(directory) as connection:
        incident(connection, "yunhe", "down", at(8), {"day": "2025-03-08", "visits": 9, "reason": "timed out"})
    assert ids(directory, site="yunhe") == [one, "down:yunhe::2025-03-08"]
    with writing(directory) as connection:
        connection.execute("UPDATE incidents SET began_at = ? WHERE kind = 'down'", [at(9)])
    assert ids(directory, site="yunhe") == [one]


def test_an_item_tells_its_page_where_the_bytes_lie_and_commands_that_can_be_pasted(directory):
    found = {one["id"]: one for one in json.loads(run(directory, "--json").output)}
    assert list(found) == ALL
    one = found[LAYOUT]
    assert one["why"].startswith("工会要闻: layout changed on 2025-03-20: 0 of 14 pages matched layout 1")
    assert (one["url"], one["severity"]) == ("http://chengnan.example.org/list/", "failing")
    (stored,) = one["stored"]
    record = read_record(directory.warc, stored["warc"].rpartition("/")[2], stored["offset"])
    assert record.headers["WARC-Record-ID"] == stored["record_id"]
    assert "新版" in record.http.content().decode()
    accept = next(action for action in one["actions"] if action["action"] == "accept")
    assert accept["command"] == f"union-archive --archive {directory.path} review decide '{LAYOUT}' accept"
    # The reading room shows captures of articles only.
    assert stored["page"] is None
    assert found[f"damaged:{THREE}"]["stored"][0]["page"] == "/capture/13"
    assert found[f"undated:{TWO}"]["why"].startswith("no date, which 100% of the pages beside it have")
    assert "HTTP 404, 2 visits" in found[f"withdrawn:{ONE}"]["why"]


def test_the_list_for_people_shows_a_few_of_a_kind_and_how_to_see_the_rest(directory):
    vanish(directory)
    shown = run(directory).output
    assert "城南区总工会 (chengnan)" in shown
    assert f"… and 3 more withdrawn: union-archive --archive {directory.path} review --site chengnan" in shown
    assert run(directory, "--site", "chengnan", "--kind", "withdrawn").output.count("\n  withdrawn:") == 9
    assert "15 items of 3 sites, 11 of them failing or suspicious" in shown


def test_an_empty_queue_says_so(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    assert "nothing needs a person" in run(filler.close()).output


def test_one_item_is_shown_with_the_beginning_of_the_stored_page_and_saved(directory, tmp_path):
    shown = run(directory, "show", LAYOUT, "--save", str(tmp_path / "page.html")).output
    assert "\n要闻\n新版 列表" in shown
    assert "<p>新版" in (tmp_path / "page.html").read_text()
    again = run(directory, "show", LAYOUT, "--save", str(tmp_path / "page.html"))
    assert (again.exit_code, "is there already; name another file" in again.output) == (1, True)
    run(directory, "show", f"damaged:{THREE}", "--save", str(tmp_path / "page.warc.gz"))
    record = read_record(tmp_path, "page.warc.gz", 0)
    assert record.headers["WARC-Target-URI"] == article(3).url
    assert "no page of it is stored" in run(directory, "show", "blocked:yunhe::2025-03-18", "--save", "x").output
    assert json.loads(run(directory, "show", LAYOUT, "--json").output)["id"] == LAYOUT


def test_a_withdrawal_is_shown_with_the_answer_and_with_what_the_page_said(directory):
    filler = Filler(directory.path)
    answer = filler.capture(
        article(1).url, b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=gb2312\r\n\r\n"
        + "<p>页面不存在镕</p>".encode("gb18030"), site="chengnan",
    )  # fmt: skip
    filler.db.execute("UPDATE withdrawals SET capture = ?", [answer])
    filler.close()
    shown = run(directory, "show", f"withdrawn:{ONE}").output
    assert "HTTP 404:\n\n页面不存在镕" in shown
    assert article(1).text.split("\n")[0] in shown


def test_a_page_that_cannot_be_read_is_said_and_does_not_hide_the_rest(directory):
    for path in directory.warc.iterdir():
        path.unlink()
    shown = run(directory, "show", LAYOUT)
    assert shown.exit_code == 0
    assert "0 of 14 pages matched layout 1" in shown.output
    assert "cannot be shown: " in shown.output
    assert "the file is missing; put it back from a copy of the archive" in shown.output


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<TITLE>a</TITLE><SCRIPT>x</SCRIPT><p>b<br>c &lt;d&gt;<!-- e --> f", "a\nb\nc <d> f"),
        ("<p>İİİ</p><script>x</script>g", "İİİ\ng"),
        ("<p>a<script>b", "a"),
        ("<p>a<!-- b", "a"),
        ("<p>a<b", "a"),
        ("no markup", "no markup"),
        ("<script>" * 60_000, ""),
        ("<" * 200_000, ""),
    ],
)
def test_the_text_of_a_page_takes_no_more_time_than_its_length(source, said):
    lines = [line.strip() for line in evidence._text(source).split("\n")]
    assert "\n".join(line for line in lines if line) == said


def test_what_is_accepted_comes_back_when_it_has_ended_and_begun_again(directory):
    result = run(directory, "decide", LAYOUT, "accept", "--reason", "图片新闻", "--by", "李晓")
    assert result.output == f"{LAYOUT}: accept, written to decisions.jsonl\n"
    assert LAYOUT not in ids(directory)
    assert json.loads(directory.decisions.read_text(encoding="utf-8")) == {
        "at": clock.stamp(NOW), "what": "accept", "reason": "图片新闻", "site": "chengnan", "by": "李晓",
        "kind": "layout", "section": "工会要闻", "names": ["layout=1"],
    }  # fmt: skip
    assert "decided: accept on 2025-03-22 by 李晓: 图片新闻" in run(directory, "show", LAYOUT).output
    with writing(directory) as connection:
        facts = {"day": "2025-03-20", "pages": 40, "matched": 1, "layout": "1", "before": 0.99}
        connection.execute("UPDATE incidents SET facts = ? WHERE kind = 'layout'", [json.dumps(facts)])
    assert LAYOUT not in ids(directory)
    with writing(directory) as connection:
        connection.execute("UPDATE incidents SET ended_at = ? WHERE kind = 'layout'", [at(23)])
        incident(connection, "chengnan", "layout", at(20), facts, "工会要闻", noticed_at=at(25))
    assert LAYOUT in ids(directory)


def test_what_is_accepted_comes_back_when_it_is_about_something_else(directory):
    date = {"field": "date", "day": "2025-03-20", "pages": 9, "with": 0, "before": 0.9}
    with writing(directory) as connection:
        incident(connection, "yunhe", "fields", at(20), {"day": "2025-03-20", "fields": [date]})
    run(directory, "decide", "fields:yunhe::2025-03-20", "accept")
    assert ids(directory, kind="fields") == []
    with writing(directory) as connection:
        facts = {"day": "2025-03-20", "fields": [date, {**date, "field": "source"}]}
        connection.execute("UPDATE incidents SET facts = ? WHERE kind = 'fields'", [json.dumps(facts)])
    assert ids(directory, kind="fields") == ["fields:yunhe::2025-03-20"]


def test_figures_days_and_sentences_of_facts_are_no_names():
    facts = {"day": "2025-03-20", "reason": "HTTP 412, 3 times", "n": 3, "fields": [{"field": "date", "with": 0.1}]}
    assert list(names(facts)) == ["fields.field=date"]


def test_articles_that_are_right_as_they_are_leave_the_queue_for_good(directory):
    run(directory, "decide", f"undated:{TWO}", "undated")
    run(directory, "decide", f"damaged:{THREE}", "damaged")
    assert ids(directory, kind="undated") + ids(directory, kind="damaged") == []


def test_decisions_survive_the_database(directory, template):
    for id_, action in ((LAYOUT, "accept"), (f"undated:{TWO}", "undated"), ("draft:beian:2025-03-10", "accept")):
        assert run(directory, "decide", id_, action).exit_code == 0
    for path in directory.path.glob("archive.db*"):
        path.unlink()
    shutil.copy(template / "archive.db", directory.database)
    assert ids(directory) == ["blocked:yunhe::2025-03-18", f"damaged:{THREE}", f"withdrawn:{ONE}"]


def test_a_withdrawal_that_is_not_believed_is_taken_back(directory):
    (before,) = rows(directory, f"SELECT withdrawn_at, change FROM articles WHERE uid = '{ONE}'")
    result = run(directory, "decide", f"withdrawn:{ONE}", "not-withdrawn", "--reason", "moved")
    assert result.output == f"withdrawn:{ONE}: not-withdrawn, written to decisions.jsonl; 1 article changed\n"
    (after,) = rows(directory, f"SELECT withdrawn_at, change FROM articles WHERE uid = '{ONE}'")
    assert (before["withdrawn_at"], after["withdrawn_at"]) == (at(17), None)
    assert after["change"] > before["change"]
    assert rows(directory, "SELECT * FROM withdrawals") == []
    assert ids(directory, kind="withdrawn") == []
    # Gone once more: it is asked anew.
    with writing(directory) as connection:
        gone(connection, ONE, at(20), at(21), at(21))
    assert ids(directory, kind="withdrawn") == [f"withdrawn:{ONE}"]


def test_articles_that_vanished_together_wait_for_one_decision(directory):
    uids = vanish(directory)
    id_ = "vanished:chengnan::2025-03-20"
    assert set(ids(directory, kind="withdrawn")) == {f"withdrawn:{uid}" for uid in [*uids, ONE]}
    assert ids(directory)[:2] == [LAYOUT, id_]
    result = run(directory, "decide", id_, "withdrawn")
    assert result.output == f"{id_}: withdrawn, written to decisions.jsonl; 8 articles changed\n"
    assert ids(directory, kind="withdrawn") == [f"withdrawn:{ONE}"]
    assert ids(directory, kind="vanished") == []
    query = "SELECT count(*) AS n FROM articles WHERE withdrawn_at IS NOT NULL"
    assert rows(directory, query) == [{"n": 9}]


def test_what_two_visits_found_gone_and_no_run_believed_is_suspicious_without_an_incident(directory):
    uid = uid_of(article(5).url)
    with writing(directory) as connection:
        gone(connection, uid, at(20), at(20, 9))
    assert f"withdrawn:{uid}" not in ids(directory)
    with writing(directory) as connection:
        connection.execute("UPDATE withdrawals SET seen_at = ? WHERE uid = ?", [at(21), uid])
    assert ids(directory)[1] == f"withdrawn:{uid}"


def test_a_decision_that_a_kill_kept_from_the_archive_is_carried_out_when_it_is_repeated(directory, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    id_ = f"withdrawn:{ONE}"
    with monkeypatch.context() as patched:
        patched.setattr("archive.review.deciding.carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            review.decide(directory, [id_], "not-withdrawn")
    assert len(decisions.read(directory.decisions)[0]) == 1
    assert ids(directory, kind="withdrawn") == [id_]
    review.decide(directory, [id_], "not-withdrawn")
    assert ids(directory, kind="withdrawn") == []


def test_all_decisions_can_be_carried_out_again_on_a_database_made_anew(directory, template):
    uids = vanish(directory)
    run(directory, "decide", "vanished:chengnan::2025-03-20", "withdrawn")
    run(directory, "decide", f"withdrawn:{ONE}", "not-withdrawn")
    told = decisions.read(directory.decisions)[0]
    for path in directory.path.glob("archive.db*"):
        path.unlink()
    shutil.copy(template / "archive.db", directory.database)
    vanish(directory)
    with writing(directory) as connection:
        assert review.carry_out(connection, told) == len(uids) + 1
        assert review.carry_out(connection, told) == 0
    withdrawn = rows(directory, "SELECT uid FROM articles WHERE withdrawn_at IS NOT NULL")
    assert {row["uid"] for row in withdrawn} == set(uids)


def test_decisions_about_restricted_articles_are_carried_out_where_they_lie(directory):
    told = [decisions.Decision(at(22), "not-withdrawn", uid=ONE, since=at(17))]
    restricting.restrict(directory, ONE, "asked for")
    assert f"withdrawn:{ONE}" not in ids(directory)
    with writing(directory) as connection:
        assert review.carry_out(connection, told) == 1
    restricting.lift(directory, ONE, "settled")
    assert rows(directory, f"SELECT withdrawn_at FROM articles WHERE uid = '{ONE}'") == [{"withdrawn_at": None}]


def test_a_draft_is_asked_about_until_it_is_checked_and_again_when_it_is_drafted_anew(directory):
    path = directory.sites / "beian.toml"
    run(directory, "decide", "draft:beian:2025-03-10", "accept")
    assert ids(directory, kind="draft") == []
    path.write_text(path.read_text(encoding="utf-8").replace("2025-03-10", "2025-03-21"), encoding="utf-8")
    assert ids(directory, kind="draft") == ["draft:beian:2025-03-21"]
    path.write_text('name = "北岸区总工会"\n[evidence]\ninferred = "older articles"', encoding="utf-8")
    assert ids(directory, kind="draft") == []
    path.write_text('name = "北岸区总工会"\nstatus = "paused"\nreason = "a draft, to be checked"', encoding="utf-8")
    (directory.sites / "torn.toml").write_bytes(b'name = "\xff')
    assert ids(directory, kind="draft") == ["draft:beian"]


def test_undated_articles_are_asked_about_only_where_dates_are_usual(directory):
    with writing(directory) as connection:
        connection.execute("UPDATE readings SET dated = 4")
    assert ids(directory, kind="undated") == []
    with writing(directory) as connection:
        connection.execute("DELETE FROM readings")
    # Of an archive without readings, its articles tell: one of twelve without a date.
    assert ids(directory, kind="undated") == [f"undated:{TWO}"]


def test_a_withdrawal_can_be_looked_at_again_for_a_month(directory):
    with clock.using(lambda: NOW + timedelta(days=28)):
        assert ids(directory, kind="withdrawn") == []
    with clock.using(lambda: NOW + timedelta(days=26)):
        assert ids(directory, kind="withdrawn") == [f"withdrawn:{ONE}"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["decide", "layout:nowhere::2025-03-20", "accept"], "layout:nowhere::2025-03-20: nothing of that name needs"),
        (["decide", LAYOUT, "withdrawn"], f"{LAYOUT}: withdrawn cannot be decided about it; give one of: accept ("),
        (["decide", f"undated:{TWO}", LAYOUT, "undated"], "undated cannot be decided about it"),
        (["show", "nothing"], "nothing: nothing of that name needs a person; `union-archive review` lists what does"),
        (["--site", "yunhe", "show", LAYOUT], "--site, --kind and --json stand without show"),
        (["--site", "nowhere"], "nowhere: no site of this archive; `union-archive sites` names them"),
    ],
)
def test_what_cannot_be_is_said_in_a_line_and_nothing_is_decided(directory, arguments, said):
    result = run(directory, *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert not directory.decisions.exists()


def test_titles_that_steer_a_terminal_do_not_reach_it(directory):
    filler = Filler(directory.path)
    filler.page(article(40, title="a\x1b[2J\u202eb", damaged=True))
    filler.close()
    shown = run(directory, "--kind", "damaged").output
    assert "a[2Jb" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_archive_of_an_older_version_has_a_queue_too(directory):
    with writing(directory) as connection:
        for table in ("incidents", "withdrawals", "readings"):
            connection.execute(f"DROP TABLE {table}")
    assert ids(directory) == [f"damaged:{THREE}", f"undated:{TWO}", "draft:beian:2025-03-10"]
