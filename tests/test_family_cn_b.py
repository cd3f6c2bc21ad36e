"""Families people, founder, acftu_jsp, powereasy, phpcms, dedecms: addresses, identities and listings by themselves."""

import time

import pytest
from saved_listings import listing
from saved_pages import PAGES, load, plain

from crawler import urls
from crawler.extraction import extract
from crawler.families import detect
from crawler.families.base import Post
from crawler.profile import Section, SiteProfile

HOST = "http://gh.example"
NAMES = ("people", "founder", "acftu_jsp", "powereasy", "phpcms", "dedecms")
SITES = {name: SiteProfile(name, "a", f"{HOST}/", ("gh.example",), family=name) for name in NAMES}


def read(family, body, path):
    return listing(body, HOST + path, SITES[family])


def following(family, body, path):
    """The next pages, without the host."""
    return [page.removeprefix(HOST) for page in read(family, body, path).next_pages]


def rows(family, body, path):
    return [
        (entry.url.removeprefix(HOST), entry.title, entry.date, entry.section)
        for entry in read(family, body, path).entries
    ]


# Addresses


@pytest.mark.parametrize(
    ("family", "path"),
    [
        ("people", "/n1/2026/0601/c67502-40731411.html"),
        ("people", "/n/2014/0601/c67502-25090001.html"),
        ("people", "/BIG5/n1/2026/0601/c67502-40731411.html"),
        ("people", "/n1/2026/0601/c67502-40731411.html?from=timeline&utm_source=x"),
        ("people", "/GB/67502/6157428.html"),
        ("founder", "/html/2026-09/18/content_43501.htm"),
        ("founder", "/content/2026-09/18/content_43501.htm?div=-1"),
        ("acftu_jsp", "/template/10001/file.jsp?cid=222&aid=2094"),
        ("acftu_jsp", "/template/10021/file.jsp?aid=2094"),
        ("powereasy", "/News/ShowArticle.asp?ArticleID=4233"),
        ("powereasy", "/news/showarticle.asp?articleid=4233&page=1"),
        ("phpcms", "/index.php?m=content&c=index&a=show&catid=12&id=873"),
        ("phpcms", "/index.php?a=show&id=873&catid=12&m=content&c=index&page=1"),
        ("phpcms", "/show-12-873-1.html"),
        ("phpcms", "/html/2018/jiceng/2018/0625/873.html"),
        ("phpcms", "/index.php?c=show&id=2102"),
        ("phpcms", "/index.php?s=news&c=show&id=2102"),
        ("phpcms", "/?c=show&id=2102"),
        ("dedecms", "/a/gonghuidongtai/shizongdongtai/2019/0819/2104.html"),
        ("dedecms", "/plus/view.php?aid=2104"),
    ],
)
def test_an_articles_address(family, path):
    assert urls.is_article(HOST + path, SITES[family])


@pytest.mark.parametrize(
    ("family", "path"),
    [
        ("people", "/n1/2026/0601/c67502-40731411-2.html"),
        ("people", "/GB/67502/index2.html"),
        ("people", "/n1/2026/0601/c67502-40731411.htm"),
        ("people", "/n1/2026/601/c67502-40731411.html"),
        ("people", "/share?url=/n1/2026/0601/c67502-40731411.html"),
        ("founder", "/html/2026-09/18/node_115.htm"),
        ("founder", "/html/2026-09/18/content_43501.htm?div=-1&print=1"),
        ("founder", "/html/content_43501.htm"),
        ("acftu_jsp", "/template/10001/column.jsp?cid=222"),
        ("acftu_jsp", "/template/10001/file.jsp?cid=222"),
        ("acftu_jsp", "/file.jsp?cid=222&aid=2094"),
        ("powereasy", "/News/ShowClass.asp?ClassID=3"),
        ("powereasy", "/News/ShowArticle.asp?ArticleID=4233&Page=2"),
        ("powereasy", "/News/Print.asp?ArticleID=4233"),
        ("powereasy", "/News/Comment.asp?ArticleID=4233"),
        ("phpcms", "/index.php?m=content&c=index&a=lists&catid=12"),
        ("phpcms", "/index.php?m=content&c=index&a=show&catid=12&id=873&page=2"),
        ("phpcms", "/index.php?m=content&c=index&a=show&catid=12"),
        ("phpcms", "/index.php?m=content&c=tag&a=show&catid=12&id=873"),
        ("phpcms", "/index.php?m=comment&c=index&a=init&commentid=content_12-873-1"),
        ("phpcms", "/show-12-873-2.html"),
        ("phpcms", "/index.php?c=category&id=7"),
        ("phpcms", "/index.php?c=showroom&id=7"),
        ("dedecms", "/a/gonghuiyaowen/list_7_2.html"),
        ("dedecms", "/a/gonghuiyaowen/2019/0819/2104_2.html"),
        ("dedecms", "/plus/view.php?aid=2104&pageno=2"),
        ("dedecms", "/plus/feedback.php?aid=2104"),
    ],
)
def test_what_only_looks_like_an_article(family, path):
    assert not urls.is_article(HOST + path, SITES[family])


@pytest.mark.parametrize(
    ("family", "one", "other"),
    [
        ("people", "/n1/2026/0601/c67502-4.html", "/BIG5/n1/2026/0601/c67502-4.html"),
        ("founder", "/html/2026-09/18/content_4.htm", "/html/2026-09/18/content_4.htm?div=-1"),
        ("acftu_jsp", "/template/10001/file.jsp?cid=222&aid=4", "/template/10001/file.jsp?cid=67&aid=4"),
        ("powereasy", "/News/ShowArticle.asp?ArticleID=4", "/news/showarticle.asp?articleid=4&Page=1"),
        ("phpcms", "/index.php?m=content&c=index&a=show&catid=12&id=4", "/show-12-4-1.html"),
        ("phpcms", "/index.php?c=show&id=4", "/index.php?id=4&c=show&tid=1"),
        ("dedecms", "/a/gonghui/2019/0819/4.html", "/plus/view.php?aid=4"),
        ("dedecms", "/a/gonghui/2019/0819/4.html", "/a/jiceng/2019/0819/4.html?utm_source=x"),
    ],
)
def test_two_addresses_of_one_article(family, one, other):
    assert urls.key(HOST + one, SITES[family]) == urls.key(HOST + other, SITES[family])


@pytest.mark.parametrize(
    ("family", "one", "other"),
    [
        ("people", "/n1/2026/0601/c67502-4.html", "/n1/2026/0601/c67502-4-2.html"),
        ("founder", "/html/2026-09/18/content_4.htm", "/html/2026-09/17/content_4.htm"),
        ("founder", "/html/2026-09/18/node_4.htm", "/html/2026-09/18/node_4.htm?div=-1"),
        ("acftu_jsp", "/template/10001/file.jsp?aid=4", "/template/10021/file.jsp?aid=4"),
        ("acftu_jsp", "/template/10001/column.jsp?cid=4", "/template/10001/column.jsp?cid=4&pgno=2"),
        ("powereasy", "/News/ShowArticle.asp?ArticleID=4", "/Photo/ShowArticle.asp?ArticleID=4"),
        ("powereasy", "/News/ShowArticle.asp?ArticleID=4", "/News/ShowArticle.asp?ArticleID=4&Page=2"),
        # Ids of v9 are counted by model, which the column decides; those of 迅睿 by module.
        ("phpcms", "/show-12-4-1.html", "/show-13-4-1.html"),
        ("phpcms", "/show-12-4-1.html", "/gh/show-12-4-1.html"),
        ("phpcms", "/index.php?c=show&id=4", "/index.php?s=news&c=show&id=4"),
        ("phpcms", "/index.php?c=category&id=4", "/index.php?c=category&id=4&page=2"),
        ("dedecms", "/a/gonghui/2019/0819/4.html", "/a/gonghui/2019/0819/5.html"),
        ("dedecms", "/plus/list.php?tid=4", "/plus/view.php?aid=4"),
    ],
)
def test_addresses_of_two_pages(family, one, other):
    assert urls.key(HOST + one, SITES[family]) != urls.key(HOST + other, SITES[family])


@pytest.mark.parametrize(
    ("url", "original"),
    [
        ("/BIG5/n1/2026/0601/c67502-4.html", "/n1/2026/0601/c67502-4.html"),
        ("/BIG5/n1/2026/0601/c67502-4-2.html", "/n1/2026/0601/c67502-4-2.html"),
        ("/BIG5/67502/index.html", "/BIG5/67502/index.html"),
        ("/news/BIG5/n1/2026/0601/c67502-4.html", "/news/BIG5/n1/2026/0601/c67502-4.html"),
    ],
)
def test_the_original_of_a_page_in_traditional_characters(url, original):
    assert urls.canonical(HOST + url, SITES["people"]) == HOST + original


# Detection


@pytest.mark.parametrize(
    ("saved", "family"),
    [
        ("n1-title-box", "people"),
        ("founder-epaper", "founder"),
        ("old-jsp", "acftu_jsp"),
        ("powereasy-asp", "powereasy"),
        ("phpcms", "phpcms"),
        ("dedecms", "dedecms"),
    ],
)
def test_a_saved_page_is_told_and_read_by_its_family(saved, family):
    page = load(PAGES / "cms" / f"{saved}.html")
    host = page.url.split("/")[2]
    profile = SiteProfile(family, "a", f"{page.url.split('/')[0]}//{host}/", (host,), family=family)
    assert detect(page.html.decode("latin-1"), "http://gh.example/") == family
    assert detect("", page.url) == family
    assert urls.is_article(page.url, profile)
    article = extract(page.html, page.url, content_type=page.content_type, profile=profile, fetched_at=page.fetched)
    found = plain(article)
    assert {name: found[name] for name in page.expected} == page.expected


@pytest.mark.parametrize("saved", ["hanweb-jcms", "trs-editor", "vsb-attachments", "wechat-mirror", "post-n"])
def test_pages_of_others_are_none_of_theirs(saved):
    page = load(PAGES / "cms" / f"{saved}.html")
    assert detect(page.html.decode("latin-1"), "http://gh.example/") not in NAMES
    assert detect("", page.url) not in NAMES


# people


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/GB/67502/", '<a href="index1.html">1</a><a href="index2.html">2</a>', ["/GB/67502/index2.html"]),
        ("/GB/67502/index.html", '<a href="index2.html">下一页</a>', ["/GB/67502/index2.html"]),
        (
            "/GB/67502/index2.html",
            '<a href="index1.html">上一页</a><a href="index3.html">3</a>',
            ["/GB/67502/index3.html"],
        ),
        ("/GB/67502/index3.html", '<a href="index2.html">2</a> <a href="index3.html">3</a>', []),
        ("/GB/67502/index3.html", '<a href="index3.html">下一页</a>', []),
        ("/GB/67502/index2.html", '<a href="/GB/99999/index3.html">地方工会</a>', []),
        ("/GB/67502/index.html", '<a href="index999999999.html">尾页</a>', []),
        ("/GB/67502/index.html", "", []),
    ],
)
def test_the_next_list_of_people(path, body, expected):
    assert following("people", f'<div class="page_n">{body}</div>', path) == expected


def test_a_row_that_leads_to_the_mirror_is_the_articles():
    body = """<li><a href="/BIG5/n1/2026/0601/c67502-4.html">夜校</a> <em>2026-06-01</em></li>
        <li><a href="/n1/2026/0601/c67502-4.html">夜校</a></li>
        <li><a href="http://other.example/n1/2026/0601/c1-5.html">别处</a></li>"""
    assert rows("people", body, "/GB/67502/index.html") == [("/n1/2026/0601/c67502-4.html", "夜校", "2026-06-01", None)]


# dedecms


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (
            "/a/yw/",
            '<li class="thisclass">1</li><li><a href="list_7_2.html">2</a></li><a href="list_7_2.html">下一页</a>',
            ["/a/yw/list_7_2.html"],
        ),
        (
            "/a/yw/list_7_3.html",
            '<li><a href="list_7_2.html">2</a></li><li class="thisclass">3</li><li>下一页</li>',
            [],
        ),
        ("/a/yw/list_7_3.html", '<li><a href="list_7_3.html">下一页</a></li>', []),
        (
            "/plus/list.php?tid=7&PageNo=2",
            '<li><a href="/plus/list.php?tid=7&TotalResult=1376&PageNo=3">下一页</a></li>',
            ["/plus/list.php?tid=7&PageNo=3"],
        ),
        ("/plus/list.php?tid=7&PageNo=3", '<li><a href="?tid=7&TotalResult=1376&PageNo=3">下一页</a></li>', []),
        ("/plus/list.php?tid=7", '<li><a href="?tid=7&TotalResult=9&PageNo=1">下一页</a></li>', []),
        ("/plus/list.php?tid=7", '<li><a href="?tid=7&PageNo=x">下一页</a></li>', ["/plus/list.php?tid=7&PageNo=x"]),
        ("/plus/list.php?tid=7", "", []),
    ],
)
def test_the_next_list_of_dedecms(path, body, expected):
    assert following("dedecms", f'<ul class="pagelist">{body}</ul>', path) == expected


def test_the_script_and_the_file_of_an_article_are_one_row():
    body = """<li><a href="/a/yw/2019/0819/4.html">夜校</a> 2019-08-19</li>
        <li><a href="/plus/view.php?aid=4">查看全文</a></li><li><a href="/plus/view.php?aid=5">驿站</a></li>"""
    assert [row[0] for row in rows("dedecms", body, "/a/yw/")] == ["/a/yw/2019/0819/4.html", "/plus/view.php?aid=5"]


# phpcms


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("?m=content&c=index&a=lists&catid=12", "page=2", ["page=2"]),
        ("?m=content&c=index&a=lists&catid=12&page=2", "page=3", ["page=3"]),
        ("?m=content&c=index&a=lists&catid=12&page=3", "page=3", []),
        # In another order the last page's link to itself is another address.
        ("?m=content&c=index&a=lists&page=3&catid=12", "page=3", []),
        ("?m=content&c=index&a=lists&catid=12&page=3", "page=1", []),
        ("?m=content&c=index&a=lists&catid=12", "page=1", []),
        ("?m=content&c=index&a=lists&catid=12", "page=999999", ["page=999999"]),
    ],
)
def test_the_next_list_of_phpcms(path, target, expected):
    base = "/index.php?m=content&c=index&a=lists&catid=12&"
    found = following("phpcms", f'<div id="pages"><a href="{base}{target}">下一页</a></div>', f"/index.php{path}")
    assert found == [base + one for one in expected]


def test_rewritten_lists_are_counted_by_their_files():
    body = '<div id="pages"><a href="/list-12-{}.html">下一页</a></div>'
    assert following("phpcms", body.format(2), "/list-12-1.html") == ["/list-12-2.html"]
    assert following("phpcms", body.format(1), "/list-12-2.html") == []


def test_parameters_that_say_nothing_make_no_second_row():
    body = """<li><a href="/index.php?c=show&id=4">夜校</a> 2026-06-01</li>
        <li><a href="/index.php?c=show&id=4&siteid=1">详情</a></li>
        <li><a href="/index.php?c=show&id=4&page=2">第二页</a></li>"""
    assert rows("phpcms", body, "/index.php?c=category&id=7") == [
        ("/index.php?c=show&id=4", "夜校", "2026-06-01", None)
    ]


# founder

TABLE = "".join(f'<a id="pageLink" href="node_{n}.htm">第0{n}版：{name}</a>' for n, name in enumerate("甲乙丙", 1))
FOLDER = "/html/2026-09/18/"


def test_the_pages_of_an_issue_follow_in_the_order_of_its_table():
    around = '<a href="node_1.htm">上一版</a><a href="node_3.htm">下一版</a>'
    assert following("founder", around + TABLE, f"{FOLDER}node_1.htm") == [f"{FOLDER}node_2.htm", f"{FOLDER}node_3.htm"]
    assert following("founder", around + TABLE, f"{FOLDER}node_2.htm") == [f"{FOLDER}node_3.htm"]
    assert following("founder", around + TABLE, f"{FOLDER}node_3.htm") == []
    assert following("founder", "", f"{FOLDER}node_3.htm") == []


def test_an_issue_leads_to_the_one_before_and_to_no_later_one():
    older = '<a href="../17/node_1.htm">上一期</a><a href="../19/node_1.htm">下一期</a>'
    assert following("founder", older + TABLE, f"{FOLDER}node_3.htm") == ["/html/2026-09/17/node_1.htm"]
    newer = '<a href="../19/node_1.htm">上一期</a>'
    assert following("founder", newer + TABLE, f"{FOLDER}node_3.htm") == []


def test_the_first_page_is_the_index_of_its_issue():
    older = '<a href="../17/node_1.htm">上一期</a>'
    found = read("founder", older + TABLE, f"{FOLDER}node_1.htm")
    assert found.parts == (f"{HOST}{FOLDER}node_2.htm", f"{HOST}{FOLDER}node_3.htm")


def test_rows_of_an_issue_have_its_day_and_their_pages_name():
    body = f'{TABLE}<a href="content_4.htm?div=-1">夜校</a><a href="content_4.htm">夜校</a>'
    assert rows("founder", body, f"{FOLDER}node_2.htm") == [
        (f"{FOLDER}content_4.htm?div=-1", "夜校", "2026-09-18", "乙")
    ]
    assert rows("founder", body, "/html/2026-13/32/node_2.htm") == [
        ("/html/2026-13/32/content_4.htm?div=-1", "夜校", None, "乙")
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("0; URL=html/2026-09/18/node_1.htm", f"{HOST}{FOLDER}node_1.htm"),
        ("0;url='/html/2026-09/18/node_1.htm'", f"{HOST}{FOLDER}node_1.htm"),
        ("0; URL=http://other.example/html/2026-09/18/node_1.htm", None),
        ("0; URL=/index.htm", None),
        ("5", None),
        ("", None),
    ],
)
def test_a_home_page_that_only_leads_on(content, expected):
    found = read("founder", f'<META HTTP-EQUIV=REFRESH CONTENT="{content}">', "/")
    assert found.parts == ((expected,) if expected else ())
    assert found.sections == ((Section(None, expected),) if expected else ())


# powereasy


def test_a_rows_title_attribute_tells_its_title_and_its_time():
    told = "文章标题：{}&#13;&#10;作&nbsp;&nbsp;&nbsp;&nbsp;者：佚名&#13;&#10;更新时间：2008-12-3 15:42:11"
    body = f"""<td><a href=ShowArticle.asp?ArticleID=4 title='{told.format("职工夜校开课")}'>职工夜校…</a></td>
        <td>[12-03]</td>
        <td><a href=ShowArticle.asp?ArticleID=5 title='文章标题：驿站亮灯'>驿站亮…</a></td>
        <td><a href=ShowArticle.asp?ArticleID=6>工会换届</a> 2008-12-01</td>"""
    assert rows("powereasy", f"<table><tr>{body}</tr></table>", "/News/ShowClass.asp?ClassID=3") == [
        ("/News/ShowArticle.asp?ArticleID=4", "职工夜校开课", "2008-12-03T15:42:11+08:00", None),
        ("/News/ShowArticle.asp?ArticleID=5", "驿站亮灯", None, None),
        ("/News/ShowArticle.asp?ArticleID=6", "工会换届", "2008-12-01", None),
    ]


@pytest.mark.parametrize(
    ("pager", "expected"),
    [
        ("<a href='ShowClass.asp?ClassID=3&page=2'>下一页</a>", ["/News/ShowClass.asp?ClassID=3&page=2"]),
        ("下一页 尾页", []),
        ("<a href='ShowClass.asp?ClassID=3'>下一页</a>", []),
        ("<a href='ShowArticle.asp?ArticleID=4'>下一页</a>", []),
    ],
)
def test_the_next_list_of_powereasy(pager, expected):
    assert following("powereasy", pager, "/News/ShowClass.asp?ClassID=3") == expected


# acftu_jsp

COLUMN = f"{HOST}/template/10001/column.jsp?cid=222"
ROW = '<td style="color:#0e2694;"><a href="file.jsp?cid=222&aid=4">夜校</a></td>'


def column(note, query="", row=ROW):
    """The next page of a column whose totals are `note`."""
    form = f'<form name="jumpform"><span class="pagenote_left">{note}</span></form>'
    return read(
        "acftu_jsp", f"<table><tr>{row}</tr></table>{form}", f"/template/10001/column.jsp?cid=222{query}"
    ).next_pages


@pytest.mark.parametrize(
    ("note", "query", "expected"),
    [
        ("共 41 条 3 页", "", Post(f"{COLUMN}&pgno=2", "pgno=2")),
        ("共 41 条 3 页", "&pgno=2", Post(f"{COLUMN}&pgno=3", "pgno=3")),
        ("共 41 条 3 页 第 2 页", "", Post(COLUMN, "pgno=3")),
        ("共 9 条 1000000000 页", "", Post(f"{COLUMN}&pgno=2", "pgno=2")),
        ("共 41 条 3 页", "&pgno=3", None),
        ("共 41 条 3 页 第 3 页", "", None),
        ("共 41 条 3 页 第 4 页", "", None),
        ("共 41 条", "", None),
        ("", "", None),
        ("第二页", "", None),
    ],
)
def test_the_next_page_of_a_column_is_asked_for_by_post(note, query, expected):
    assert column(note, query) == ((expected,) if expected else ())


def test_a_column_ends_with_a_page_without_rows():
    assert column("共 41 条 3 页", "&pgno=2", row="") == ()


def test_only_columns_are_counted():
    body = f'<form name="jumpform"><span class="pagenote_left">41 3</span></form><table>{ROW}</table>'
    assert read("acftu_jsp", body, "/template/10001/index.jsp").next_pages == ()


# Hostile pages


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        "<p>" + "".join(f'<a href="node_{n}.htm">第{n}版：名</a>' for n in range(9_000)) + "</p>",
        "<meta http-equiv=refresh content='0;url=x'>" * 20_000,
        "<a href=ShowArticle.asp?ArticleID=4 title='文章标题：" + "作者：" * 200_000 + "'>甲</a>",
        '<form name="jumpform"><b class="pagenote_left">' + "9" * 500_000 + "</b></form>" + ROW,
        "<a href='index.php?" + "m=content&" * 50_000 + "'>下一页</a>",
        "<a href='/plus/list.php?tid=" + "7" * 200_000 + "'>下一页</a>",
    ],
    ids=["pages", "refreshes", "title", "totals", "parameters", "number"],
)
def test_a_hostile_listing_costs_little(family, body):
    began = time.process_time()
    for path in (f"{FOLDER}node_1.htm", "/template/10001/column.jsp?cid=222", "/News/ShowClass.asp?ClassID=3"):
        assert len(read(family, body, path).next_pages) <= 200
    assert time.process_time() - began < 4


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"<html>"])
def test_a_page_without_links_leads_nowhere(family, body):
    found = read(family, body, f"{FOLDER}node_1.htm")
    assert (found.entries, found.next_pages, found.parts) == ((), (), ())
