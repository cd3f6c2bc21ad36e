"""The pages of a week: in both languages, week after week, as a feed; and what they never show."""

import html
import json
import re

import feedparser
import pytest
from filled import Filler, article
from reading_room import asking, main, text
from reviewed import incident
from test_digest import NOW, WEEK, fill

from archive import clock, restricting
from archive.article import uid as uid_of
from archive.web.pages import digest


@pytest.fixture(scope="module")
def filler(tmp_path_factory):
    made = fill(tmp_path_factory.mktemp("web"))
    made.directory.config_file.write_text('name = "运河档案"', encoding="utf-8")
    facts = {"day": "2025-03-12", "pages": 9, "matched": 0, "layout": "<b>1", "before": 0.9}
    incident(made.db.conn, "chengnan", "layout", "2025-03-12T01:00:00Z", facts, "<i>要闻</i>",
             url="http://chengnan.example.org/secret.html")  # fmt: skip
    made.moment = made.moment.replace(day=12)
    made.page(article(50, title="<script>alert(1)</script>", published_at="2025-03-18", section="<i>要闻</i>"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ask(filler):
    with clock.using(lambda: NOW), asking(filler.directory) as ask:
        yield ask


def test_the_last_week_that_is_over_is_shown_and_leads_to_those_beside_it(ask):
    page = ask("/digest").text
    shown = text(main(page))
    assert "每周摘要 2025 年第 11 周（2025-03-10 至 2025-03-16）" in shown
    assert "新文章 9 原网站改动的文章 3 撤稿 1 重新上线 1 有问题的站点 2" in shown
    links = dict(re.findall(r'href="/digest\?week=(\S+)" rel="(\w+)"', page))
    assert links == {"2025-W10": "prev", "2025-W12": "next"}
    assert '<link rel="alternate" type="application/atom+xml" title="每周摘要" href="/digest.atom">' in page
    assert ask(f"/digest?week={WEEK}").text.count("<li>") == page.count("<li>")


def test_everything_of_the_week_is_told_with_links(ask):
    page = main(ask("/digest").text)
    shown = text(page)
    # It was found a little after midnight, +08:00.
    assert "第2期技能培训班延期 城南区总工会 · 2025-03-10 标题 第2期技能培训班 开班 延期" in shown
    assert "第2期技能培训班<del>开班</del><ins>延期</ins>" in page
    assert "第6期技能培训班开班 城南区总工会 · 2025-03-01 起不见，2025-03-12 重新上线" in shown
    assert "2025-03-12 版式改变：9 页中有 0 页符合版式 <b>1" in shown
    assert f'href="/article/{uid_of(article(27).url)}"' in page
    assert 'href="/sites/yunhe"' in page


def test_english_is_kept_by_every_link(ask):
    page = ask("/digest?lang=en").text
    shown = text(main(page))
    assert "Weekly digest week 11 of 2025 (2025-03-10 to 2025-03-16)" in shown
    assert "layout changed on 2025-03-12: 0 of 9 pages matched layout" in shown
    inner = re.findall(r'href="(/[^"]*)"', main(page))
    assert inner
    assert [address for address in inner if "lang=en" not in html.unescape(address)] == []


def test_this_week_is_told_as_not_over_and_the_next_is_not_there(ask):
    page = ask("/digest?week=2025-W12").text
    assert "这段时间尚未结束" in text(page)
    assert "2025-W13" not in page
    answer = ask("/digest?week=2025-W13")
    assert (answer.status_code, "2025-W13 尚未开始" in text(answer.text)) == (404, True)


def test_weeks_before_the_archive_are_empty_and_lead_no_further_back(ask):
    page = ask("/digest?week=2025-W08").text
    assert "没有需要报告的" in text(page)
    assert 'rel="prev"' not in page
    assert 'href="/digest?week=2025-W12"' in page  # this week


@pytest.mark.parametrize("week", ["nonsense", "2025-W60", "0001-W01", "2025-W1"])
def test_what_is_no_week_is_said_in_a_line(ask, week):
    answer = ask(f"/digest?week={week}")
    assert answer.status_code == 400
    assert f"“{week}”不是周次，请写成 2026-W47" in text(answer.text)
    assert ask(f"/digest.json?week={week}&lang=en").json()["error"].endswith("is no week; give one such as 2026-W47")


def test_programs_get_what_the_command_gives_with_the_addresses_of_pages(ask):
    found = json.loads(ask("/digest.json").text)
    assert (found["week"], found["numbers"]["edited"]) == (WEEK, 3)
    assert found["withdrawn"][0]["page"] == f"http://localhost/article/{uid_of(article(5).url)}"


def test_the_feed_has_an_entry_for_each_week_that_is_over_and_reads_back(ask):
    answer = ask("/digest.atom")
    read = feedparser.parse(answer.content)
    assert not read.bozo, read.get("bozo_exception")
    assert read.feed.title == "运河档案 · 每周摘要"
    titles = [entry.title for entry in read.entries]
    assert titles[0].startswith("2025 年第 11 周（2025-03-10 至 2025-03-16）: 新增 9 篇，被修改 3 篇，撤稿 1 篇")
    assert [title[:12] for title in titles] == ["2025 年第 11 周", "2025 年第 10 周", "2025 年第 9 周（"]
    entry = read.entries[0]
    assert entry.updated == "2025-03-16T16:00:00Z"
    assert entry.link == f"http://localhost/digest?week={WEEK}"
    assert f'href="http://localhost/article/{uid_of(article(5).url)}"' in entry.content[0].value
    assert "<script" not in entry.content[0].value
    again = ask("/digest.atom", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_entry_keeps_its_id_and_its_words_while_weeks_pass(ask):
    (before,) = [one for one in feedparser.parse(ask("/digest.atom").content).entries if "第 11 周" in one.title]
    with clock.using(lambda: NOW.replace(month=4)):
        later = feedparser.parse(ask("/digest.atom").content).entries
    assert len(later) == digest.WEEKS
    (after,) = [one for one in later if "第 11 周" in one.title]
    assert (after.id, after.content, after.updated) == (before.id, before.content, before.updated)


def test_pages_run_nothing_and_show_no_address_that_only_the_crawler_knows(ask):
    for answer in ask("/digest", "/digest.json", "/digest.atom"):
        assert "secret.html" not in answer.text
    page = ask("/digest").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<i>要闻" not in page
    assert "style=" not in main(page)


def test_what_is_restricted_is_gone_from_every_week_at_once(tmp_path):
    made = Filler(tmp_path)
    made.moment = made.moment.replace(month=3, day=12)
    made.page(article(1, title="张三被处分"))
    made.page(article(1, title="张三被处分（更正）"))
    made.page(article(2))
    directory = made.close()
    with clock.using(lambda: NOW), asking(directory) as ask:
        assert "张三" in ask("/digest").text
        restricting.restrict(directory, uid_of(article(1).url), "asked for")
        for answer in ask("/digest", "/digest.json", "/digest.atom"):
            assert answer.status_code == 200
            assert "张三" not in answer.text
        assert ask("/digest.json").json()["numbers"]["new"] == 1
