"""The listings and addresses of workercn.cn in its three eras, and of the Qingdao template."""

import json
from dataclasses import replace

import pytest
from saved_listings import listing, read

from crawler.families.base import Entry, Listing
from crawler.profile import Section
from crawler.registry import registry
from crawler.urls import canonical, is_article, key

WORKERCN = registry()["workercn"]
QDCYZGH = registry()["qdcyzgh"]


# workercn: era A


def test_an_old_list_in_gbk_gives_its_rows_and_the_next_page():
    found = read("workercn/32.html", "http://acftu.workercn.cn/32/32.shtml", WORKERCN, "text/html")
    assert found.entries == (
        Entry(
            "https://acftu.workercn.cn/32/201409/16/140916074634512.shtml",
            "江南船舶配件园三十七家小厂联合建会",
            "2014-09-16T07:46:34+08:00",
        ),
        Entry(
            "https://acftu.workercn.cn/32/201409/15/140915091205330.shtml",
            "清源物流站场把会员登记台摆进分拣线",
            "2014-09-15T09:12:05+08:00",
        ),
        Entry(
            "https://acftu.workercn.cn/32/201409/12/140912153011208.shtml",
            "荣县鑫朱岭街道：门店员工也有了会员证",
            "2014-09-12T15:30:11+08:00",
        ),
    )
    assert found.next_pages == ("https://acftu.workercn.cn/32/32_2.shtml",)
    assert found.sections == ()


def test_an_old_list_ends_where_it_has_no_rows():
    found = read("workercn/32_9.html", "http://acftu.workercn.cn/32/32_9.shtml", WORKERCN)
    assert found == Listing()


def test_an_old_list_counts_from_its_own_number():
    found = read("workercn/32.html", "http://acftu.workercn.cn/32/32_9.shtml", WORKERCN)
    assert found.next_pages == ("https://acftu.workercn.cn/32/32_10.shtml",)


def test_picture_title_and_detail_links_of_one_row_are_one_entry():
    found = read("workercn/322.html", "http://job.workercn.cn/322/322.shtml", WORKERCN)
    assert [(entry.url, entry.title, entry.date) for entry in found.entries] == [
        ("https://job.workercn.cn/322/201806/04/180604092211717.shtml", "技工夜校第六期开讲车床调校", None),
        ("https://job.workercn.cn/322/201806/01/180601171500020.shtml", "零工市场旁新设会员咨询窗口", None),
    ]


# workercn: eras B and C, the paper


def test_a_json_list_gives_its_articles_once_and_the_next_number():
    found = read("workercn/34165_1.json", "http://www.workercn.cn/json/ghgz/34165_1.json", WORKERCN)
    assert found.entries == (
        Entry("https://www.workercn.cn/34165/202201/05/220105071807012.shtml"),
        Entry("https://www.workercn.cn/34165/202201/04/220104164002155.shtml"),
    )
    assert found.next_pages == ("https://www.workercn.cn/json/ghgz/34165_2.json",)


def test_an_empty_json_list_is_the_end():
    assert listing("[]", "https://www.workercn.cn/json/ghgz/34165_40.json", WORKERCN) == Listing()


@pytest.mark.parametrize("body", ["<html>", "{}", "[1]", ""])
def test_a_json_list_that_is_none_is_said_with_its_url(body):
    url = "https://www.workercn.cn/json/ghgz/34165_1.json"
    with pytest.raises(ValueError, match=r"^https://www\.workercn\.cn/json/ghgz/34165_1\.json: .*; check the section"):
        listing(body, url, WORKERCN)


def test_rows_of_json_without_address_are_passed_over():
    body = json.dumps([{"title": "x"}, {"href": None}, {"href": "/34165/202201/05/220105071807012.shtml"}])
    assert len(listing(body, "https://www.workercn.cn/json/ghgz/34165_1.json", WORKERCN).entries) == 1


def test_a_section_page_of_era_c_gives_the_time_beside_each_row():
    found = read("workercn/character.html", "https://www.workercn.cn/character/", WORKERCN)
    assert found.entries == (
        Entry(
            "https://www.workercn.cn/c/2026-10-02/8907680.shtml",
            "灯塔看守人老齐的四十个春节",
            "2026-10-02T15:41:16+08:00",
        ),
        Entry(
            "https://www.workercn.cn/c/2026-10-01/8907492.shtml",
            "焊花里的女班长：2025年5月1日那一夜",
            "2026-10-02T08:05:00+08:00",
        ),
        Entry("https://www.workercn.cn/cms/ui/content/show?ID=8907489&platformID=pc", "巡线工的背包里装着什么", None),
    )
    assert found.next_pages == ()


def test_the_home_page_is_read_as_a_whole():
    found = read("workercn/character.html", "http://workercn.cn", WORKERCN)
    assert "https://www.workercn.cn/c/2026-09-30/8907001.shtml" in [entry.url for entry in found.entries]
    assert Section("人物", "https://www.workercn.cn/character/") in found.sections


def test_a_page_of_the_paper_leads_to_its_articles_and_the_pages_after_it():
    found = read("workercn/paper.html", "https://www.workercn.cn/papers/grrb/2026/01/20/2/page.html", WORKERCN)
    assert [entry.title for entry in found.entries] == ["码头夜班有了热汤面", "一张调解记录的三次修改"]
    assert found.next_pages == ("https://www.workercn.cn/papers/grrb/2026/01/20/3/page.html",)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.workercn.cn/c/2025-01-17/8438502.shtml", "workercn:www.workercn.cn:8438502"),
        ("http://workercn.cn/c/2025-01-17/8438502.shtml", "workercn:www.workercn.cn:8438502"),
        ("https://www.workercn.cn/cms/ui/content/show?ID=8438502&platformID=pc", "workercn:www.workercn.cn:8438502"),
        ("https://www.workercn.cn/cms/ui/content/show?platformID=pc&ID=8438502", "workercn:www.workercn.cn:8438502"),
        ("http://job.workercn.cn/c/2023-12-29/8096323.shtml", "workercn:job.workercn.cn:8096323"),
        ("http://acftu.workercn.cn/41/201901/18/190118124637372.shtml", "workercn:acftu.workercn.cn:190118124637372"),
        ("http://acftu.workercn.cn/32/201901/18/190118124637372_3.shtml", "workercn:acftu.workercn.cn:190118124637372"),
        (
            "http://big5.workercn.cn/big5/acftu.workercn.cn/41/201901/18/190118124637372.shtml",
            "workercn:acftu.workercn.cn:190118124637372",
        ),
        (
            "https://www.workercn.cn/papers/grrb/2026/01/20/2/news-4.html",
            "workercn:www.workercn.cn:2026/01/20/2/news-4",
        ),
        ("https://www.workercn.cn/character/", "https://www.workercn.cn/character/"),
        ("https://www.workercn.cn/show?ID=8438502", "https://www.workercn.cn/show?ID=8438502"),
    ],
)
def test_an_article_of_workercn_is_one_under_all_its_addresses(url, expected):
    assert key(url, WORKERCN) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/816/201810/16/181016072556698.shtml", True),
        ("/34165/202201/05/220105071807012.shtml", True),
        ("/c/2022-08-01/710012.shtml", True),
        ("/c/2024-05-25/8266352.shtml?share=1", True),
        ("/cms/ui/content/show?ID=8438502&platformID=pc", True),
        ("/papers/grrb/2012/05/01/3/news-2.html", True),
        ("/816/201810/16/181016072556698_2.shtml", False),
        ("/papers/grrb/2012/05/01/3/page.html", False),
        ("/32/32_2.shtml", False),
        ("/c/2024-05-25/", False),
        ("/cms/ui/content/show?platformID=8438502", False),
    ],
)
def test_articles_of_workercn(path, expected):
    assert is_article(f"https://www.workercn.cn{path}", WORKERCN) is expected


def test_the_family_serves_any_host_of_a_profile():
    local = replace(WORKERCN, home="http://127.0.0.1:9/", hosts=("127.0.0.1:9",))
    assert is_article("http://127.0.0.1:9/c/2024-05-25/8266352.shtml", local)
    assert key("http://127.0.0.1:9/c/2024-05-25/8266352.shtml", local) == "workercn:127.0.0.1:9:8266352"


# qingdao


def test_a_home_page_of_the_qingdao_template_gives_sections_and_articles():
    found = read("qdcyzgh/home.html", "http://qdcyzgh.cn/", QDCYZGH)
    assert found.sections == (
        Section("热点聚焦", "http://www.qdcyzgh.cn/news_2/"),
        Section("基层动态", "http://www.qdcyzgh.cn/news_13/"),
        Section(None, "http://www.qdcyzgh.cn/news_3/"),
    )
    assert [(entry.url, entry.title) for entry in found.entries] == [
        ("http://www.qdcyzgh.cn/news_2/981.html", "区总工会为环卫职工送去护膝和姜茶的一个清晨"),
        ("http://www.qdcyzgh.cn/news_13/980.html", "河套街道总工会办起夜间工匠课"),
    ]


def test_sections_are_looked_for_on_the_home_page_alone():
    assert read("qdcyzgh/home.html", "http://www.qdcyzgh.cn/news_2/", QDCYZGH).sections == ()


def test_every_entry_is_a_canonical_article_of_the_site():
    for saved, url, profile in [
        ("workercn/32.html", "http://acftu.workercn.cn/32/32.shtml", WORKERCN),
        ("workercn/character.html", "https://www.workercn.cn/character/", WORKERCN),
        ("workercn/paper.html", "https://www.workercn.cn/papers/grrb/2026/01/20/2/page.html", WORKERCN),
        ("qdcyzgh/home.html", "http://www.qdcyzgh.cn/", QDCYZGH),
    ]:
        found = read(saved, url, profile)
        assert found.entries
        for entry in found.entries:
            assert canonical(entry.url, profile) == entry.url
            assert is_article(entry.url, profile)
        assert len({key(entry.url, profile) for entry in found.entries}) == len(found.entries)
