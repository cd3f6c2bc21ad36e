"""`union-archive status`: what it tells of every site, in which order, and how it ends."""

import json
import re
import sqlite3
from datetime import timedelta

import pytest
from click.testing import CliRunner
from commands import add_profile, crawl
from commands import run as command
from health_rows import START, Site, database, pages
from local_server import LocalSite, News, Reply, profile

from archive import clock
from archive.cli import cli
from archive.health import Expectation
from archive.store import save_site

SITES = ("anhe", "beishan", "chengnan", "dongpo", "gucheng")


def run(path, *arguments, now=START + timedelta(days=60), **options):
    with clock.using(lambda: now):
        return CliRunner().invoke(cli, ["--archive", str(path), "status", *arguments], **options)


def parsed(path, *arguments, **options):
    return json.loads(run(path, "--json", *arguments, **options).stdout)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Sites that are well, warned of, failing, and no longer looked at; and some that nobody crawls."""
    path = tmp_path_factory.mktemp("status")
    db = database(path / "archive.db")
    well, warned, failing, unlooked, layout = (Site(db, id_) for id_ in SITES)
    well.expect = Expectation()
    for number in range(60):
        for one in (well, warned, failing, layout):
            for _ in range(1 + number // 56):
                one.article(one.now.date())
        well.visit([pages(3), pages(1, "基层", "generic", illustrated=0)])
        warned.visit([pages(5, edited=number < 55)])
        layout.visit([pages(5, layout="1" if number < 58 else "generic")])
        if number < 20:
            unlooked.visit([pages(1)])
        if number < 57:
            failing.visit([pages(3)])
        else:
            failing.visit(outcome="failed", cause="blocked", reason="blocked: HTTP 412, 3 times; left alone", looks={})
    for id_, status, reason in (("paused", "paused", "asked to wait until 2027"), ("never", "active", None)):
        row = {"id": id_, "name": "新区总工会", "home": "http://x.example/", "family": "generic", "status": status}
        save_site(db.conn, row | {"reason": reason})
    db.conn.commit()
    db.close()
    return path


def test_the_worst_come_first_and_a_failing_site_is_exit_1(archive):
    result = run(archive)
    assert result.exit_code == 1
    sites = [line.split()[:2] for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert sites == [
        ["chengnan", "FAILING"],
        ["gucheng", "FAILING"],
        ["dongpo", "not"],
        ["beishan", "warning"],
        ["anhe", "ok"],
    ]
    assert result.stderr == (
        "7 sites: 2 FAILING, 1 not looked at, 1 warning, 1 ok, 1 never crawled, 1 paused; --all lists them all\n"
    )
    assert run(archive, "anhe", "beishan", "dongpo", "never", "paused").exit_code == 0


def test_what_is_wrong_stands_below_in_words(archive):
    lines = run(archive).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("chengnan"))
    assert re.search(r"last success 2025-03-03  newest 2025-03-06  10 in 7 days \(median 7\) +chengnan$", lines[at])
    assert lines[at + 1] == (
        "  ! blocked since 2025-03-04 (3 visits): HTTP 412, 3 times; it is left alone, never evaded: "
        "look at the page with union-archive review, or ask the site"
    )
    assert "  ! layout changed on 2025-03-05: 0 of 10 pages matched layout 1; look at the page" in "\n".join(lines)
    assert "dongpo    not looked at for 41 days  last success 2025-01-25" in "\n".join(lines)


def test_a_terminal_has_colours_and_a_pipe_has_none(archive):
    assert "\x1b" not in run(archive).stdout
    assert "\x1b[31m\x1b[1mFAILING" in run(archive, color=True).stdout


def test_a_site_has_its_sections_when_it_is_named(archive):
    result = run(archive, "anhe")
    assert result.exit_code == 0
    head, *rows, lately, before = result.stdout.splitlines()[1:]
    assert head.split() == [
        "last", "look", "newest", "pages", "date", "source", "authors", "editors", "images", "generic", "unread",
        "damaged", "length", "section",
    ]  # fmt: skip
    assert [row.split()[-1] for row in rows] == ["基层", "要闻"]
    assert rows[0].split()[:2] == ["2025-03-06", "read"]
    assert rows[0].split()[2:-1] == ["30", *["100%"] * 4, "0%", "100%", "0%", "0%", "800"]
    assert lately.split()[3:7] == ["120", "100%", "100%", "100%"]
    assert before.startswith("  90 before")


def test_sites_that_are_not_crawled_are_told_of_when_asked(archive):
    assert "paused" not in run(archive).stdout
    lines = run(archive, "--all").stdout.splitlines()
    assert [line.split()[:2] for line in lines[-3:]] == [
        ["never", "never"],
        ["paused", "paused"],
        ["asked", "to"],
    ]


def test_json_has_every_figure(archive):
    answer = parsed(archive)
    assert answer["at"] == "2025-03-07T01:00:00Z"
    assert answer["totals"]["failing"] == 2
    sites = {site["id"]: site for site in answer["sites"]}
    assert list(sites)[:2] == ["chengnan", "gucheng"]
    blocked = sites["chengnan"]
    assert (blocked["state"], blocked["blocked_since"]) == ("failing", "2025-03-04T01:00:00Z")
    assert (blocked["last_success"], blocked["last_outcome"]) == ("2025-03-03T01:05:00Z", "failed")
    assert (blocked["newest"], blocked["week"], blocked["median_week"]) == ("2025-03-06", 10, 7)
    (incident,) = blocked["incidents"]
    assert (incident["kind"], incident["severity"], incident["facts"]["visits"]) == ("blocked", "bad", 3)
    assert incident["words"]["zh"].startswith("自 2025-03-04 起被网站拦截（已 3 次）")
    assert incident["words"]["en"].startswith("blocked since 2025-03-04 (3 visits)")
    well = sites["anhe"]
    assert well["incidents"] == []
    assert well["pages"]["lately"]["generic"] == 0.25
    assert well["pages"]["layouts"] == {"1": 90, "generic": 30}
    section = well["sections"][0]
    assert (section["section"], section["looked"], section["outcome"]) == ("基层", "2025-03-06", "read")
    assert section["pages"]["lately"]["images"] == 0
    assert section["pages"]["lately"]["characters"] == 800
    assert sites["beishan"]["pages"]["before"]["editors"] == 1
    assert sites["dongpo"]["unlooked_days"] == 41
    assert sites["never"]["pages"]["lately"]["date"] is None


def test_json_of_one_site_ends_as_the_site_is(archive):
    assert run(archive, "--json", "anhe").exit_code == 0
    assert run(archive, "--json", "chengnan").exit_code == 1
    assert [site["id"] for site in parsed(archive, "anhe")["sites"]] == ["anhe"]


def test_a_site_that_is_not_there(archive):
    result = run(archive, "chengna")
    assert result.exit_code == 2
    assert "chengna: no such site in this archive; did you mean chengnan" in result.stderr


def test_an_archive_that_is_not_there_or_of_an_older_version(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "holds no archive.db; crawl first" in result.stderr
    with sqlite3.connect(tmp_path / "archive.db") as old:
        old.execute("CREATE TABLE sites (id TEXT)")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "archive.db: made by an older union-archive; the next crawl brings it up to date" in result.stderr


def test_words_of_a_site_do_not_steer_the_terminal(tmp_path):
    site = Site(database(tmp_path / "archive.db"))
    name = "要\x1b[31m闻\u202e"
    for _ in range(3):
        site.visit(looks={name: "read", "基层": "read"})
    site.visit(looks={name: "empty", "基层": "read"})
    site.db.conn.commit()
    said = run(tmp_path, site.id).stdout
    assert "要[31m闻: its listing shows no article link" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_new_archive_has_nothing_to_tell(tmp_path):
    database(tmp_path / "archive.db").close()
    result = run(tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 sites: none\n")


@pytest.mark.parametrize(
    ("next_check", "state"), [("2025-01-08T01:00:00Z", "unlooked"), ("2025-03-20T01:00:00Z", "ok")]
)
def test_a_site_that_is_left_alone_for_long_is_not_unlooked(tmp_path, next_check, state):
    site = Site(database(tmp_path / "archive.db"))
    for _ in range(3):
        site.visit([pages(1)])
    site.connection.execute("UPDATE sites SET next_check = ?", [next_check])
    site.db.conn.commit()
    assert parsed(tmp_path)["sites"][0]["state"] == state


def test_a_real_crawl_that_finds_nothing_fails_until_it_finds_something(tmp_path):
    with LocalSite() as site:
        news = News(6)
        news.put(site)
        add_profile(tmp_path, "local", profile(site))
        crawl(tmp_path, "local")
        assert run(tmp_path, "local", now=clock.utcnow()).stdout.startswith("local  ok ")
        before = dict(site.pages)
        for path in before:
            if path.endswith("/"):
                site.pages[path] = Reply(b"<html><body><p>new home</p></body></html>")
        crawl(tmp_path, "local", check=False)
        done = command(tmp_path, "status", check=False)
        assert done.returncode == 1
        assert "! no listing yields an article link since" in done.stdout
        site.pages.update(before)
        crawl(tmp_path, "local")
        assert run(tmp_path, now=clock.utcnow()).stdout.startswith("local  ok ")


def test_a_real_template_change_is_told_by_the_next_run_of_the_same_day(tmp_path):
    with LocalSite() as site:
        News(12).put(site)
        add_profile(tmp_path, "local", profile(site))
        crawl(tmp_path, "local")
        News(20).put(site)
        for path, page in site.pages.items():
            site.pages[path] = page.replace(b"<div class=content>", b"<section class=text>").replace(b"<h1>", b"<h2>")
        crawl(tmp_path, "local")
        done = run(tmp_path, now=clock.utcnow())
    assert done.exit_code == 1
    assert re.search(r"! layout changed on \d{4}-\d\d-\d\d: 0 of 8 pages matched layout 1", done.stdout)
