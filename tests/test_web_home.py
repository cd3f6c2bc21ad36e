"""The first page and the gazetteer: what they say of an archive, and of every federation in it."""

import asyncio
import re
from xml.etree import ElementTree

import pytest
from filled import Filler, version_1
from reading_room import asking, fill, main, reading_room, text

from archive.directory import ArchiveDirectory
from archive.web.serve import application


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with asking(reading_room(tmp_path_factory.mktemp("web"))) as ask:
        yield ask


@pytest.fixture(scope="module")
def home(ask) -> str:
    return ask("/").text


@pytest.fixture(scope="module")
def site(ask) -> str:
    return ask("/sites/chengnan").text


def test_the_first_page_says_what_the_archive_holds(home):
    shown = text(home)
    assert "<h1>运河档案</h1>" in home
    assert "权利说明：© 各工会" in shown
    assert "文章 4 " in shown
    assert "有文章的站点 2（共 3）" in shown
    assert "被修改文章的旧版本 1 " in shown
    assert "已撤稿 1 " in shown
    assert "2024-11-30 至 2025-02-03" in shown
    assert "其中 1 篇无日期" in shown


def test_the_newest_articles_stand_first_and_lead_to_their_addresses(home):
    titles = re.findall(r'<a class="title" href="/article/[0-9a-f]{16}" lang="zh-Hans">(.*?)</a>', home)
    assert titles == [
        "第3期技能培训班延期",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "第1期技能培训班开班",
        "第1期技能培训班开班",
    ]
    assert "2025-02-03 · 城南区总工会 · 工会要闻 · 运河工人报" in text(home)
    assert "第3期技能培训班延期 第 2 版" in text(home)


def test_federations_are_counted_by_level(home):
    shown = text(home)
    assert "省级 1 0 0 地市级 1 1 1 未分级 1 1 3 合计 3 2 4" in shown
    assert 'href="/sites?level=provincial"' in home


def test_articles_by_month_are_a_chart_and_a_table_that_agree(home):
    chart = re.search(r"<svg.*</svg>", home, re.DOTALL)[0]
    tips = [tip.text for tip in ElementTree.fromstring(chart).iterfind(".//rect/title")]
    assert [tip for tip in tips if not tip.endswith("0 篇")] == ["2024-11：1 篇", "2025-02：2 篇"]
    assert 'href="/search?after=2025-02-01&amp;before=2025-03-01"' in chart
    table = main(home).split("以表格显示")[1]
    assert "2025 0 2 2 2024 1 0 1" in text(table)


def test_an_archive_without_articles_has_a_first_page(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    directory.open_database().close()
    with asking(directory) as ask:
        index, table, sites = ask("/", "/archive/articles", "/sites")
    assert "尚无文章" in index.text
    assert "没有文章" in table.text
    assert "尚未登记站点" in sites.text


def test_an_archive_of_an_older_version_has_its_pages(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    with asking(directory) as ask:
        index, sites, page = ask("/", "/sites", "/sites/chengnan")
    assert [answer.status_code for answer in (index, sites, page)] == [200] * 3
    assert "文章 2 " in text(index.text)
    assert "2 篇文章" in text(page.text)


def test_what_is_deleted_is_gone_from_every_figure_at_once(tmp_path):
    filler = Filler(tmp_path)
    fill(filler)

    async def look():
        datasette = application(filler.directory)
        before = [(await datasette.client.get(path)).text for path in ("/", "/sites/chengnan")]
        uid = filler.db.execute("SELECT uid FROM articles WHERE title = '第3期技能培训班延期'").fetchone()[0]
        filler.db.execute("DELETE FROM revisions WHERE uid = ?", [uid])
        filler.db.execute("DELETE FROM articles WHERE uid = ?", [uid])
        return before, [(await datasette.client.get(path)).text for path in ("/", "/sites/chengnan")]

    before, after = asyncio.run(look())
    filler.close()
    assert "文章 4 " in text(before[0])
    assert "文章 3 " in text(after[0])
    assert "被修改文章的旧版本 0 " in text(after[0])
    assert "收录 3 篇文章" in text(before[1])
    assert "收录 2 篇文章 · 2024-11-30 至 2025-02-02" in text(after[1])
    assert all("延期" in page for page in before)
    assert not any("延期" in page for page in after)


def test_the_gazetteer_tells_of_each_federation_by_level(ask):
    page = main(ask("/sites").text)
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["省级", "地市级", "未分级"]
    shown = text(page)
    assert "江北省总工会 Jiangbei Federation of Trade Unions Jiangbei Sheng Zonggonghui 山东 – – 从未 暂停" in shown
    assert "answers only <browsers>" in shown
    assert "运河市总工会 上级 江北省总工会 山东 1 – 从未 启用" in shown
    assert "城南区总工会 – 3 2025-02-03 2025-02-20 启用" in shown


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=jiangbei+SHENG", ["jiangbei"]),
        ("q=jiangbeishengzong", ["jiangbei"]),
        ("q=运河", ["yunhe"]),
        ("q=YUNHE.example", ["yunhe"]),
        ("level=prefecture", ["yunhe"]),
        ("level=none", ["chengnan"]),
        ("region=CN", ["jiangbei", "yunhe"]),
        ("region=CN-SD&status=active", ["yunhe"]),
        ("q=没有的", []),
    ],
)
def test_the_gazetteer_is_narrowed_by_name_level_region_and_status(ask, query, ids):
    page = main(ask(f"/sites?{query}").text)
    assert sorted(re.findall(r'<th scope="row"><a href="/sites/(\w+)"', page)) == ids
    assert ("没有符合条件的站点" in page) == (not ids)
    assert '<a href="/sites">清除筛选</a>' in page


@pytest.mark.parametrize("query", ["level=high", "region=CN-XX", "status=%3Cb%3E"])
def test_a_choice_that_no_site_can_have_is_refused_with_those_that_are(ask, query):
    answer = ask(f"/sites?{query}")
    assert answer.status_code == 400
    assert "give one of" in answer.text
    assert "<b>" not in answer.text


def test_the_page_of_a_site_says_what_is_held_of_it(site):
    shown = text(main(site))
    assert "城南区总工会" in shown
    assert "收录 3 篇文章 · 2024-11-30 至 2025-02-03" in shown
    assert 'href="/search?site=chengnan"' in site
    assert 'href="http://chengnan.example.org/" rel="noopener noreferrer nofollow"' in site
    assert "2025-02-20 01:00 中断 3 0 7" in shown


def test_sections_stand_with_their_articles_and_the_last_look_at_them(site):
    shown = text(main(site))
    assert "工会要闻 2 2025-02-03 2025-02-20 失败" in shown
    assert "<i>要闻</i> 1 2024-11-30 从未" in shown
    assert "（首页） – – 2025-02-20 无变化" in shown
    assert "site=chengnan&amp;section=%3Ci%3E" in site


def test_months_in_which_nobody_looked_are_gaps(site):
    chart = ElementTree.fromstring(re.search(r'<svg.*</svg>(?=\s*<p class="chart-key">)', site, re.DOTALL)[0])
    (gap,) = (rect for rect in chart.iter("rect") if rect.get("class") == "gap")
    assert (gap.get("x"), gap.get("width")) == ("0", "3")
    tips = [tip.text for tip in chart.iterfind(".//rect/title")]
    assert tips[0] == "2024-11：1 篇（当月未巡查）"
    assert tips[-1] == "2025-02：2 篇"
    assert "当月无人巡查" in site


def test_a_site_names_the_bodies_above_and_below_it(ask):
    above, below = ask("/sites/jiangbei", "/sites/yunhe")
    assert re.search(r'下级</dt><dd><a href="/sites/yunhe">运河市总工会</a> \(1\)', above.text)
    assert re.search(r'上级</dt><dd><a href="/sites/jiangbei">江北省总工会</a>', below.text)
    assert "尚无文章" in above.text
    assert "从未抓取" in above.text


@pytest.mark.parametrize("id_", ["nowhere", "~3Cscript~3E", "a" * 3000])
def test_a_site_that_is_not_there_is_missing(ask, id_):
    answer = ask(f"/sites/{id_}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
