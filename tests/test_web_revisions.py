"""The page of an article's revisions, and what the article's own page tells of edits and withdrawals."""

import asyncio
import json

import edited
import pytest
from browsers import Watched, browser
from click.testing import CliRunner
from filled import Filler, article, rows, version_1
from reading_room import main, text
from selectolax.lexbor import LexborHTMLParser
from test_web_browser import WIDTHS, served

from archive import restricting
from archive.article import uid
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.web import edited as telling
from archive.web.pages import revisions
from archive.web.serve import application


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    return edited.edited(tmp_path_factory.mktemp("revisions"))


@pytest.fixture(scope="module")
def get(directory):
    with asyncio.Runner() as runner:
        datasette = application(directory)
        yield lambda path: runner.run(datasette.client.get(path))


def at(one, rest: str = "") -> str:
    return f"/article/{uid(one.url)}{rest}"


def page(get, one, rest: str = "/revisions") -> LexborHTMLParser:
    answer = get(at(one, rest))
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def pieces(node) -> list[tuple[str, str]]:
    return [(one.tag, one.text()) for one in node.css("del, ins")]


def test_a_page_tells_revisions_and_withdrawals_newest_first(get):
    found = page(get, edited.EDITED)
    headings = [" ".join(node.text().split()) for node in found.css(".event h2")]
    assert headings == ["撤稿", "第 3 版 现行", "恢复", "撤稿", "第 2 版", "第 1 版"]
    events = found.css(".event")
    assert "服务器答复 HTTP 404" in events[0].text()
    assert "转到 http://chengnan.example.org/" in events[3].text()
    assert pieces(events[1]) == [
        ("del", "开班"), ("ins", "延期"), ("del", "王大山"), ("ins", "王小山"), ("del", "2025-02-07"),
        ("ins", "2025-02-08 09:30"), ("ins", "新的一段：奖金提高了。"), ("del", "三"), ("ins", "五"),
        ("ins", "报名表 http://chengnan.example.org/b.pdf"),
    ]  # fmt: skip
    assert pieces(events[4]) == [("del", "2023年5月3"), ("ins", "2024年6月4"), ("del", "张三"), ("ins", "李四")]
    assert [node.text() for node in events[1].css("h3")] == ["标题", "作者", "发布时间", "正文", "附件"]


def test_unchanged_paragraphs_are_folded_to_a_line_and_a_short_one_stands(get):
    _, third, _, _, second, _ = page(get, edited.EDITED).css(".event")
    (folded,) = second.css("details")
    assert folded.css_first("summary").text().startswith("未改动的 2 段：")
    assert [node.text() for node in folded.css("p")] == [edited.THIRD, edited.SECOND]
    assert [len(node.css("p")) for node in third.css("details")] == [2]
    (same,) = third.css("p.same")
    assert same.text() == "李晓"


def test_any_two_revisions_can_be_compared(get):
    found = page(get, edited.EDITED, "/revisions?from=1&to=3")
    assert found.css_first("h1").text() == "第 1 版与第 3 版的差别"
    assert ("del", "张三") in pieces(found)
    assert ("ins", "延期") in pieces(found)
    assert found.css(".event") == []
    chosen = [node.attributes["value"] for node in found.css("option[selected]")]
    assert chosen == ["1", "3"]
    assert page(get, edited.EDITED, "/revisions?from=3&to=1").css_first("h1").text() == "第 1 版与第 3 版的差别"
    assert page(get, edited.EDITED, "/revisions?from=1").css_first("h1").text() == "第 1 版与第 3 版的差别"
    assert page(get, edited.EDITED, "/revisions?to=2").css_first("h1").text() == "第 1 版与第 2 版的差别"
    assert "内容相同" in page(get, edited.FLIPPING, "/revisions?from=1&to=3").text()


def test_the_json_is_that_of_the_command(get, directory):
    answer = get(at(edited.EDITED, "/revisions.json"))
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    command = ["--archive", str(directory.path), "revisions", uid(edited.EDITED.url), "--json"]
    assert answer.json() == json.loads(CliRunner().invoke(cli, command).output)
    pair = get(at(edited.EDITED, "/revisions.json?from=1&to=2")).json()
    assert (pair["uid"], pair["from"], pair["to"]) == (uid(edited.EDITED.url), 1, 2)
    (change,) = pair["changes"]
    assert [line["kind"] for line in change["lines"]] == ["changed", "same", "same"]


def test_a_page_speaks_english_too(get):
    found = page(get, edited.EDITED, "/revisions?lang=en")
    words = text(main(found.html))
    assert "3 revisions, first seen on 2025-03-01 01:01 UTC" in words
    assert "the server answered HTTP 404" in words
    assert "Gone from the site from 2025-03-05 01:00 UTC to 2025-03-09 01:00 UTC (redirected to" in words
    assert "2 unchanged paragraphs:" in words
    assert not any(word in words for word in ("改动", "撤", "版本"))
    assert all("lang=en" in node.attributes["href"] for node in found.css(".event a"))


def test_a_page_shows_the_changes_of_the_newest_and_leads_to_the_others(get):
    found = page(get, edited.FLIPPING)
    assert len(found.css(".event")) == 24
    assert len(found.css(".event h3")) == revisions.MOST == 20
    links = [node.attributes["href"] for node in found.css(".event > p > a") if "from=" in node.attributes["href"]]
    assert links == [at(edited.FLIPPING, f"/revisions?from={n - 1}&to={n}") for n in (4, 3, 2)]
    assert page(get, edited.FLIPPING, links[0].removeprefix(at(edited.FLIPPING))).css("ins")


def test_long_texts_are_compared_as_far_as_a_page_may_take(get, monkeypatch):
    monkeypatch.setattr(revisions, "CHARACTERS", 500)
    assert 1 <= len(page(get, edited.FLIPPING).css(".event h3")) < 20


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        ("?from=0&to=2", "from、to 要用两个不同的版本号：1 至 3。"),
        ("?from=1&to=4", "两个不同的版本号"),
        ("?from=2&to=2", "两个不同的版本号"),
        ("?from=x", "两个不同的版本号"),
        ("?to=1", "两个不同的版本号"),
        ("?to=²", "两个不同的版本号"),
        ("?from=99999999999999999999", "两个不同的版本号"),
    ],
)
def test_what_is_no_pair_of_revisions_is_answered_in_a_sentence(get, rest, sentence):
    for ending in ("", ".json"):
        answer = get(at(edited.EDITED, f"/revisions{ending}{rest}"))
        assert answer.status_code == 404
        assert sentence in answer.text


def test_an_article_of_one_revision_has_a_page_of_it(get):
    found = page(get, edited.PLAIN)
    assert "只有 1 个版本" in found.text()
    assert found.css("form.choices, del, ins") == []
    assert "此文只有一个版本" in get(at(edited.PLAIN, "/revisions?from=1&to=2")).text
    assert "撤" not in text(main(found.html))


def test_the_address_that_changes_once_had_leads_to_them(get):
    answer = get(at(edited.EDITED, "/changes/2?lang=en"))
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        at(edited.EDITED, "/revisions?from=1&to=2&lang=en"),
    )
    for wrong in ("1", "9", "x", "<b>", "²", "99999999999999999999"):
        there = get(at(edited.EDITED, f"/changes/{wrong}")).headers["location"]
        assert get(there).status_code == 404, wrong


def test_an_unknown_article_has_none_and_the_uid_of_another_address_leads_to_it(get):
    assert get("/article/0123456789abcdef/revisions").status_code == 404
    assert get("/article/0123456789abcdef/revisions.json").json()["status"] == 404
    for rest in ("/revisions", "/revisions.json?from=1&to=2"):
        answer = get(f"/article/{uid(edited.OTHER)}{rest}")
        assert (answer.status_code, answer.headers["location"]) == (302, at(edited.BACK, rest))


def test_an_articles_page_tells_of_its_edits_in_short(get):
    notice = page(get, edited.EDITED, "").css_first(".edit")
    assert "原网站修改过此文 2 次，最近一次见于 2025-03-10 01:03 UTC。" in notice.text()
    assert notice.css_first("a").attributes["href"] == at(edited.EDITED, "/revisions")
    assert [" ".join(node.text().split()) for node in notice.css(".changed")] == [
        "标题 第7期技能培训班开班延期",
        "作者 王大山",
        "作者 王小山",
    ]
    assert "另有 5 处改动" in notice.text()
    once = page(get, edited.HOSTILE, "?lang=en").css_first(".edit")
    assert "The site has edited this page once" in once.text()
    assert page(get, edited.EDITED, "?revision=1").css(".edit") == []
    assert page(get, edited.PLAIN, "").css(".edit") == []


def test_the_short_form_cuts_what_is_long(get, monkeypatch):
    monkeypatch.setattr(telling, "SHORT", 10)
    notice = page(get, edited.EDITED, "").css_first(".edit")
    assert "修改过此文 2 次" in notice.text()
    assert notice.css("del, ins") == []


def test_an_articles_page_tells_that_it_is_withdrawn_since_when_how_and_how_often_that_was_seen(get):
    notice = page(get, edited.EDITED, "").css_first(".notice")
    assert " ".join(notice.text().split()) == (
        "原网站已撤下此文：2025-03-21 01:00 UTC 起无法看到（服务器答复 HTTP 404）；"
        "至今查看 2 次，最近一次在 2025-03-24 01:00 UTC。这里是存档。 查看记录"
    )
    assert notice.css_first("a").attributes["href"] == at(edited.EDITED, "/revisions")


def test_an_articles_page_tells_that_it_is_back(get):
    notice = page(get, edited.BACK, "?lang=en").css_first(".notice")
    assert " ".join(notice.text().split()) == (
        "The site had withdrawn this page from 2025-04-01 01:00 UTC to 2025-04-10 01:00 UTC "
        "(the page said that it does not exist); it is back. See the record"
    )


def test_one_visit_that_found_it_gone_is_not_told_to_readers(get):
    assert page(get, edited.PLAIN, "").css(".notice") == []
    assert get(at(edited.PLAIN, "/revisions.json")).json()["withdrawals"] == []


def test_nothing_of_a_page_is_live(get):
    for rest in ("", "/revisions", "/revisions?from=1&to=2"):
        answer = get(at(edited.HOSTILE, rest))
        found = LexborHTMLParser(answer.text)
        assert found.css("main b") == []
        assert "<b>&" in found.css_first("main").text()
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"]


def test_a_restricted_article_has_no_page_of_revisions(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(1, title="第1期技能培训班延期"))
    directory = filler.close()
    datasette = application(directory)
    assert asyncio.run(datasette.client.get(at(article(1), "/revisions"))).status_code == 200
    restricting.restrict(directory, uid(article(1).url), "asked for")
    for rest in ("/revisions", "/revisions.json", "/revisions?from=1&to=2"):
        answer = asyncio.run(datasette.client.get(at(article(1), rest)))
        assert answer.status_code == 404
        assert "培训班" not in answer.text


def test_an_article_whose_history_is_broken_can_be_read_and_its_history_is_said_to_be(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(1, title="第1期技能培训班延期"))
    filler.db.execute("UPDATE revisions SET content = '{' WHERE revision = 1")
    datasette = application(filler.close())
    assert asyncio.run(datasette.client.get(at(article(1)))).status_code == 200
    for rest in ("/revisions", "/revisions.json"):
        answer = asyncio.run(datasette.client.get(at(article(1), rest)))
        assert answer.status_code == 500
        assert "union-archive reparse" in answer.text


def test_an_older_archive_has_pages_of_revisions(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    (row,) = rows(directory, "SELECT uid FROM revisions WHERE revision = 2")
    answer = asyncio.run(application(directory).client.get(f"/article/{row['uid']}/revisions"))
    assert answer.status_code == 200
    assert LexborHTMLParser(answer.text).css("del, ins")


def test_in_a_browser_a_folded_paragraph_opens_and_the_page_fits_its_screen(directory):
    with served(directory) as home, browser() as chromium:
        for width, height in WIDTHS.values():
            context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", base_url=home)
            shown = context.new_page()
            watched = Watched(shown, home)
            shown.goto(at(edited.EDITED))
            shown.locator(".edit a").first.click()
            shown.wait_for_url("**/revisions")
            assert shown.locator("html").evaluate("html => html.scrollWidth") <= width
            folded = shown.get_by_text(edited.SECOND, exact=True)
            assert not folded.is_visible()
            shown.locator("details summary").last.click()
            assert folded.is_visible()
            # Without colour too: one is struck through, the other underlined.
            for tag, line in (("del", "line-through"), ("ins", "underline")):
                style = shown.locator(f".event {tag}").first.evaluate(
                    "node => getComputedStyle(node).textDecorationLine"
                )
                assert style == line
            shown.locator("select[name=from]").select_option("2")
            shown.get_by_role("button", name="比较").click()
            shown.wait_for_url("**/revisions?from=2&to=3")
            assert shown.locator("h1").inner_text() == "第 2 版与第 3 版的差别"
            context.close()
            assert watched.faults == []
