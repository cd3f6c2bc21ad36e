"""Families: what a listing page of any site leads to, and where an article's further pages are."""

import time
from dataclasses import replace

import pytest
from saved_listings import EXAMPLE, listing, read

from crawler.families import FAMILIES
from crawler.families.base import Listing
from crawler.families.generic import MOST_SECTIONS
from crawler.families.rows import printed_date
from crawler.profile import Section
from crawler.values import css, regex


def rows(body: str) -> list[tuple[str, str | None, str | None]]:
    found = listing(body, "http://gh.example/list/")
    return [(entry.url.removeprefix("http://gh.example"), entry.title, entry.date) for entry in found.entries]


# The table of families


def test_families_are_known_by_their_names():
    for name, family in FAMILIES.items():
        assert family.name == name
        for number, layout in enumerate(family.layouts, 1):
            assert layout.name == f"{name}:{number}"
            for selector in (layout.body, layout.title, layout.date, layout.source, layout.kicker, *layout.remove):
                assert selector is None or css(selector) == selector


# generic: rows


def test_a_big5_table_without_declaration_gives_rows_and_their_dates():
    profile = replace(EXAMPLE, languages=("zh-Hant",))
    found = read("example/table.html", "http://gh.example/list.asp", profile, "text/html")
    assert [(entry.title, entry.date) for entry in found.entries] == [
        ("機場工會籌款支援受傷同事", "2021-03-05"),
        ("巴士車長休息時間談判有進展", "2021-03-04T18:20:00+08:00"),
        ("清潔員外判合約說明會", None),
        ("圖書館員工會選出新理事會", None),
    ]
    assert found.next_pages == ("http://gh.example/list.asp?page=2", "http://gh.example/list.asp?page=3")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # The date stands inside the link.
        ('<li><a href="/a/1.html"><span>2024-05-06</span> 码头开会</a></li>', ("码头开会", "2024-05-06")),
        # The title's own date is not the row's.
        ('<li><a href="/a/1.html">2023年5月1日的值班表</a> 2024-05-06</li>', ("2023年5月1日的值班表", "2024-05-06")),
        ('<li><a href="/a/1.html">2023年5月1日的值班表</a></li>', ("2023年5月1日的值班表", None)),
        # Two dates: the row does not say which.
        ('<li><a href="/a/1.html">报名</a> 2024-05-06 至 2024-06-06</li>', ("报名", None)),
        # A date split over elements, one without year, one that is part of a number.
        ('<li><a href="/a/1.html">码头</a><b>2024</b>-<b>05</b>-<b>06</b></li>', ("码头", "2024-05-06")),
        ('<li><a href="/a/1.html">码头</a> 05-06</li>', ("码头", None)),
        ('<li><a href="/a/1.html">码头</a> 12024-05-06</li>', ("码头", None)),
        ('<li><a href="/a/1.html">码头</a><b>06</b><i>2024-05</i></li>', ("码头", None)),
        # The title attribute is the whole of a cut text; otherwise the text counts.
        ('<li><a href="/a/1.html" title="码头开会谈夜班">码头开会…</a></li>', ("码头开会谈夜班", None)),
        ('<li><a href="/a/1.html" title="新窗口">码头开会</a></li>', ("码头开会", None)),
        ('<li><a href="/a/1.html"><img src="1.jpg"></a></li>', (None, None)),
        # Rows of div and dl.
        ('<div class="r"><h3><a href="/a/1.html">码头</a></h3><p>2024.5.6</p></div>', ("码头", "2024-05-06")),
        (
            '<dl><dt><a href="/a/1.html">码头</a></dt><dd>2024-05-06 7:05</dd></dl>',
            ("码头", "2024-05-06T07:05:00+08:00"),
        ),
    ],
)
def test_the_title_and_the_date_of_a_row(body, expected):
    assert rows(f"<p>今天是2030年1月1日</p><ul>{body}</ul>") == [("/a/1.html", *expected)]


@pytest.mark.parametrize(
    ("region", "body", "expected"),
    [
        ("GB", "<p>10 May 2026</p>", "2026-05-10"),
        ("US", "<p>May 10, 2026</p>", "2026-05-10"),
        ("GB", "<span>05/06/2026</span>", "2026-06-05"),
        ("US", "<span>05/06/2026</span>", None),
        ("GB", '<time datetime="2026-05-10T09:30:00Z">yesterday</time>', "2026-05-10T10:30:00+01:00"),
        ("GB", '<time datetime="2026-05-10">10 May</time> of 9 May 2025', "2026-05-10"),
        ("GB", "<p>10 May 2026</p><p>11 May 2026</p>", None),
        ("GB", "<p>10 May</p>", None),
    ],
)
def test_the_date_of_a_row_in_english(region, body, expected):
    profile = replace(EXAMPLE, languages=("en",), region=region, timezone="Europe/London")
    row = f'<li><a href="/a/1.html">Dockers win a break room</a>{body}</li>'
    (entry,) = listing(
        f"<ul>{row}<li><a href='/a/2.html'>Another one here</a></li></ul>", "http://gh.example/l/", profile
    ).entries[:1]
    assert entry.date == expected


def test_a_date_belongs_to_its_own_row():
    body = '<div><p><a href="/a/1.html">甲</a></p><p>2024-05-06</p><p><a href="/a/2.html">乙</a></p></div>'
    assert rows(body) == [("/a/1.html", "甲", None), ("/a/2.html", "乙", None)]


def test_only_links_to_the_sites_articles_are_entries():
    body = """<base href="/a/"><a href="1.html">一</a><a href="/list/2/">栏</a><a href="#">顶</a><a>无</a>
        <a href="javascript:open('/a/3.html')">三</a><a href="http://other.example/a/4.html">四</a>
        <a href="http://[/a/5.html">五</a><a href="http://x@gh.example/a/6.html">六</a><a href="">空</a>"""
    assert rows(body) == [("/a/1.html", "一", None)]


def test_a_query_is_written_in_the_charset_of_the_page():
    body = '<meta charset="gbk"><a href="/list/?c=工会" rel="next">下一页</a><p>海潮市总工会今天召开职工代表大会</p>'
    found = listing(body.encode("gb18030"), "http://gh.example/list/")
    assert found.next_pages == ("http://gh.example/list/?c=%B9%A4%BB%E1",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-25 07:05", "2024-05-25T07:05:00+08:00"),
        ("2024年5月25日07:05:09", "2024-05-25T07:05:09+08:00"),
        ("2024/05/25", "2024-05-25"),
        ("2024-05-25 2024年5月25日", "2024-05-25"),
        ("2024-05-25 25:99", "2024-05-25"),
        ("2024-13-01", None),
        ("2024-05", None),
        ("24-05-25", None),
        ("", None),
    ],
)
def test_printed_dates(text, expected):
    assert printed_date(text, "+08:00") == expected


# generic: pagers and sections


def pages(body: str, url: str = "http://gh.example/list/") -> list[str]:
    return [page.removeprefix("http://gh.example") for page in listing(body, url).next_pages]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a href="2.html">下一页</a>', ["/list/2.html"]),
        ('<a href="2.html">[下页&gt;]</a>', ["/list/2.html"]),
        ('<a href="2.html">后一页 »</a>', ["/list/2.html"]),
        ('<a href="2.html" title="下一页"><img src="n.gif"></a>', ["/list/2.html"]),
        ('<a href="?page=1" aria-label="Next page">›</a>', ["/list/?page=1"]),
        ('<a href="?page=1">Next</a>', ["/list/?page=1"]),
        ('<a href="2.html" rel="nofollow next">older</a>', ["/list/2.html"]),
        ('<a href="0.html">&lt;</a><a href="2.html">&gt;</a>', ["/list/2.html"]),
        ('<a href="9.html">上一页</a><a href="1.html">尾页</a>', []),
        ('<a href="/list/">下一页</a>', []),
        ('<a href="javascript:next()">下一页</a>', []),
        ('<a href="http://other.example/2.html">下一页</a>', []),
        ('<a href="/a/8.html">下一页</a>', []),
        # The numbers count, not the addresses: this system numbers its pages downwards.
        ('<p><b>1</b> <a href="41.htm">2</a> <a href="40.htm">3</a></p>', ["/list/41.htm", "/list/40.htm"]),
        ('<p><a href="p1">1</a> <em>2</em> <a href="p3">3</a> <a href="p4">4</a></p>', ["/list/p3", "/list/p4"]),
        ('<p>1 <a href="p2">[2]</a> <a href="p3">[3]</a></p>', ["/list/p2", "/list/p3"]),
        (
            '<ul><li><a href="p1">1</a></li><li class="active"><a href="p2">2</a></li><li><a href="p3">3</a></li></ul>',
            ["/list/p3"],
        ),
        ('<p><a href="/list/">1</a><a href="p2">2</a></p>', ["/list/p2"]),
        ('<p><a href="p2">2</a><a href="p3">3</a></p>', ["/list/p2", "/list/p3"]),
        ('<p><a href="p1">1</a><a href="p3">3</a></p>', ["/list/p3"]),
        # Nothing says which page this is.
        ('<p><a href="p1">1</a><a href="p2">2</a><a href="p3">3</a></p>', []),
        (
            '<div><span class="no"><a href="p1">1</a></span><span>2</span><span><a href="p3">3</a></span></div>',
            ["/list/p3"],
        ),
    ],
)
def test_the_next_pages(body, expected):
    assert pages(body) == expected


def test_the_next_page_is_on_the_same_host():
    profile = replace(EXAMPLE, hosts=("gh.example", "m.gh.example"))
    body = '<a href="http://m.gh.example/list/2.html">下一页</a>'
    assert listing(body, "http://gh.example/list/", profile).next_pages == ()
    assert listing(body, "http://m.gh.example/list/", profile).next_pages == ("http://m.gh.example/list/2.html",)


def test_the_named_next_page_comes_first_and_once():
    body = '<p><b>1</b> <a href="p2">2</a> <a href="p3">3</a> <a href="p2">下一页</a></p>'
    assert pages(body) == ["/list/p2", "/list/p3"]


def test_sections_of_a_home_page():
    body = """<a href="/">首页</a><a href="/zx/">工会资讯</a><a href="zx/index.html">工会资讯</a>
        <a href="/zx/">更多</a><a href="/col/col12/index.html">Press releases</a><a href="/list.php?catid=3">图片</a>
        <a href="/search/">全站搜索</a><a href="/gy/">关于我们</a><a href="/member/login/">会员</a>
        <a href="/zt/2020/page.pdf">专题下载</a><a href="/a/9.html">短文</a><a href="http://other.example/zx/">友站</a>
        <a href="/long/">这一条链接的文字太长不会是栏目名称</a><a href="/n/">2</a>"""
    assert listing(body, "http://gh.example/").sections == (
        Section("工会资讯", "http://gh.example/zx/"),
        Section("工会资讯", "http://gh.example/zx/index.html"),
        Section("Press releases", "http://gh.example/col/col12/index.html"),
        Section("图片", "http://gh.example/list.php?catid=3"),
    )


def test_sections_are_bounded():
    body = "".join(f'<a href="/c{number}/">栏目{number}</a>' for number in range(200))
    found = listing(body, "http://gh.example/").sections
    assert len(found) == MOST_SECTIONS
    assert found[0] == Section("栏目0", "http://gh.example/c0/")


def test_an_article_is_no_section_though_its_address_ends_like_one():
    profile = replace(EXAMPLE, article_url=regex(r"/zx/\d+/$"))
    found = listing('<a href="/zx/7/">码头开会</a><a href="/zx/">资讯</a>', "http://gh.example/", profile)
    assert found.sections == (Section("资讯", "http://gh.example/zx/"),)
    assert [entry.title for entry in found.entries] == ["码头开会"]


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"<html>", "没有链接".encode()])
def test_a_page_without_links_leads_nowhere(body):
    assert listing(body, "http://gh.example/") == Listing()


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 5_000 + "<i>x</i>".join(f'<a href="/a/{number}.html">甲</a>' for number in range(5_000)),
        "<p>" + "字" * 500_000 + "".join(f'<a href="p{number}">{number}</a>' for number in range(5_000)),
        "<div>" * 20_000 + '<a href="/a/1.html">甲</a> 2024-05-06',
        "<p>" + '<a href="/a/1.html">甲</a>' * 20_000 + "</p>",
        "<p>" + "".join(f'<a href="p{number}">{number}</a>' for number in range(9_000)) + "</p>",
        "<ul>" + "".join(f'<li><a href="/a/{number}.html">甲</a> 2024-05-06</li>' for number in range(9_000)) + "</ul>",
        '<a href="/a/1.html">' + "<span>" * 9_000 + "2024-05-06</a>",
        '<a href="/a/1.html">' + "-" * 200_000 + "x</a>",
        '<a href="/a/1.html">甲</a>' + "2024-" * 100_000,
        "<a href='" + "/a" * 100_000 + "'>下一页</a>",
    ],
    ids=[
        "deep links",
        "numbers in text",
        "nested",
        "same link",
        "numbers",
        "rows",
        "cells",
        "dashes",
        "years",
        "long address",
    ],
)
def test_a_hostile_listing_costs_little(body):
    began = time.process_time()
    listing(body, "http://gh.example/")
    assert time.process_time() - began < 2.5
