"""hanweb, jpaas, vsb and post: what their addresses mean, and listings that are at an end, broken or hostile."""

import json
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from saved_listings import listing

from crawler import urls
from crawler.families import detect
from crawler.families.base import Listing, Post
from crawler.profile import Section, SiteProfile

HOME = "http://gh.example"
FORM = "col=1&columnid=12&unitid=7&webname=%E5%B7%A5%E4%BC%9A"
PROXY = f"{HOME}/module/web/jpage/dataproxy.jsp"
UNIT = f"{HOME}/api-gateway/jpaas-publish-server/front/page/build/unit"


def site(family):
    """A profile with nothing that its family supplies."""
    return SiteProfile("example", "a", f"{HOME}/", ("gh.example",), family)


HANWEB, JPAAS, VSB, POST = map(site, ("hanweb", "jpaas", "vsb", "post"))


def found(read: Listing) -> list[str]:
    return [entry.url.removeprefix(HOME) for entry in read.entries]


def following(read: Listing) -> list[str]:
    return [page.removeprefix(HOME) for page in read.next_pages]


# Addresses


@pytest.mark.parametrize(
    ("profile", "path", "expected"),
    [
        (HANWEB, "/art/2024/9/12/art_1203_88417.html", True),
        (HANWEB, "/zgh/art/2024/12/31/art_1203_88417.html", True),
        (HANWEB, "/col/col1203/index.html", False),
        (HANWEB, "/col/col1203/art_1203_88417.html", False),
        (HANWEB, "/art/2024/9/12/art_1203_88417.htm", False),
        (HANWEB, "/module/download/downfile.jsp?filename=/art/2024/9/12/art_1203_88417.html", False),
        (HANWEB, "/art/2024/art_0123456789abcdef0123456789abcdef.html", False),
        (JPAAS, "/col/col1229/art/2026/art_0123456789abcdef0123456789abcdef.html", True),
        (JPAAS, "/art/2024/9/12/art_1203_88417.html", True),
        (JPAAS, "/xwdt/ghyw/art/2026/art_0123456789abcdef.html", False),
        (JPAAS, "/xwdt/ghyw/index.html", False),
        (JPAAS, "/api-gateway/jpaas-publish-server/front/page/build/unit?pageId=7", False),
        (VSB, "/info/1041/3527.htm", True),
        (VSB, "/xgh/info/1041/3527.htm", True),
        (VSB, "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1041&wbnewsid=3527", True),
        (VSB, "/show.jsp?wbnewsid=3527&urltype=news.NewsContentUrl", True),
        (VSB, "/info/1041.htm", False),
        (VSB, "/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1041", False),
        (VSB, "/system/resource/code/news/click/clicktimes.jsp?wbnewsid=3527&owner=1", False),
        (VSB, "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&wbfileid=71", False),
        (POST, "/ghyw/dwjl/content/post_214781.html", True),
        (POST, "/gkmlpt/content/1/1183/post_1183.html", True),
        (POST, "/cn/xxgk/mpost_12193340.html", True),
        (POST, "/ghyw/content/index.html", False),
        (POST, "/ghyw/post_214781.html", False),
        (POST, "/ghyw/content/post_214781.html?from=1", False),
        (POST, "/share?to=/ghyw/content/post_214781.html", False),
    ],
)
def test_what_is_an_article(profile, path, expected):
    assert urls.is_article(HOME + path, profile) is expected


def vsb_key(path):
    return urls.key(HOME + path, VSB)


def test_the_static_and_the_dynamic_address_of_a_vsb_article_are_one():
    assert vsb_key("/info/1041/3527.htm") == "vsb:gh.example:1041/3527"
    for path in (
        "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1041&wbnewsid=3527",
        "/show.jsp?wbnewsid=3527&wbtreeid=1041&urltype=news.NewsContentUrl&utm_source=qq",
    ):
        assert vsb_key(path) == vsb_key("/info/1041/3527.htm")


@pytest.mark.parametrize(
    "path",
    [
        "/info/1042/3527.htm",
        "/xgh/info/1041/3527.htm",
        "/info/1041/3527.htm?x=1",
        "/content.jsp?urltype=news.NewsContentUrl&wbnewsid=3527",
        "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1041&wbtreeid=1042&wbnewsid=3527",
        "/xgh/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1041&wbnewsid=3527",
        "/clicktimes.jsp?wbtreeid=1041&wbnewsid=3527",
    ],
)
def test_what_may_be_another_vsb_article_has_a_key_of_its_own(path):
    assert vsb_key(path) != vsb_key("/info/1041/3527.htm")


@pytest.mark.parametrize(
    ("path", "html", "expected"),
    [
        ("/art/2024/9/12/art_1203_88417.html", "", "hanweb"),
        ("/col/col12/index.html", '<script type="text/xml"><datastore></datastore></script>', "hanweb"),
        ("/art/2024/art_0123456789abcdef0123456789abcdef.html", "", "jpaas"),
        ("/col/col12/index.html", f'<script url="{UNIT}" queryData="{{}}"></script>', "jpaas"),
        ("/info/1041/3527.htm", "", "vsb"),
        ("/tzgg.htm", '<span class="x"></span><script>_showDynClickBatch([],[],"wbnews",1)</script>', "vsb"),
        ("/xwdt/content/post_7.html", "", "post"),
        ("/xwdt/", "<script>window.NFCMS_CAT_ID = 5;</script>", "post"),
        # Links to sites of other systems are no signs.
        ("/news/", '<a href="http://www.gd.gov.cn/gkmlpt/index">目录</a><a href="/info/1/2.htm">一</a>', "generic"),
        ("/news/", '<a href="http://sdgh.example/art/2024/9/12/art_1_2.html">省总</a>', "generic"),
    ],
)
def test_detection(path, html, expected):
    assert detect(html, HOME + path) == expected


# hanweb


def datastore(rows=(1, 2), following=None, **counts):
    said = "".join(f"<{name}>{value}</{name}>" for name, value in counts.items())
    group = f'<nextgroup><![CDATA[<a href="{following}"></a>]]></nextgroup>' if following is not None else ""
    records = "".join(
        f"<record><![CDATA[<li><a href='/art/2024/9/{row}/art_12_{row}.html'>题{row}</a><span>2024-09-0{row}</span>"
        "</li>]]></record>"
        for row in rows
    )
    return f"<datastore>{said}{group}<recordset>{records}</recordset></datastore>"


def proxied(xml, query="page=2&columnid=12"):
    return listing(xml, f"{PROXY}?{query}", HANWEB)


def test_rows_that_a_proxy_lists_twice_are_one():
    read = proxied(datastore((1, 2, 1, 2)))
    assert [(entry.url, entry.title, entry.date) for entry in read.entries] == [
        (f"{HOME}/art/2024/9/1/art_12_1.html", "题1", "2024-09-01"),
        (f"{HOME}/art/2024/9/2/art_12_2.html", "题2", "2024-09-02"),
    ]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (datastore(totalpage=3), ["page=3&columnid=12"]),
        (datastore(totalpage=2), []),
        (datastore(totalpage=1), []),
        (datastore(totalpage="viele"), []),
        (datastore(), []),
        (datastore(totalpage=999_999_999), ["page=3&columnid=12"]),
        (datastore(totalpage=10**12), []),
        (datastore((), totalpage=999_999_999), []),
        (datastore((), "./dataproxy.jsp?page=3&columnid=12"), []),
        (datastore(following="./dataproxy.jsp?page=3&columnid=12"), ["page=3&columnid=12"]),
        (datastore(following="./dataproxy.jsp?secret=a9f3"), ["secret=a9f3"]),
        # It names itself, or a page before it.
        (datastore(following="./dataproxy.jsp?page=2&columnid=12"), []),
        (datastore(following="./dataproxy.jsp?page=1&columnid=12"), []),
        (datastore(following="./dataproxy.jsp?page=1&columnid=12", totalpage=3), ["page=3&columnid=12"]),
        (datastore(following="./dataproxy.jsp?page=3", totalpage=2), []),
        (datastore(following="http://other.example/dataproxy.jsp?page=3"), []),
        (datastore(following=""), []),
    ],
)
def test_the_page_of_a_proxy_after_another(xml, expected):
    assert following(proxied(xml)) == [f"/module/web/jpage/dataproxy.jsp?{query}" for query in expected]


def test_an_answer_of_a_proxy_in_gbk():
    xml = f'<?xml version="1.0" encoding="GBK"?>{datastore()}'.encode("gbk")
    assert [entry.title for entry in proxied(xml).entries] == ["题1", "题2"]


def test_a_broken_answer_is_read_as_far_as_it_goes():
    assert found(proxied(datastore()[:-60])) == ["/art/2024/9/1/art_12_1.html"]


@pytest.mark.parametrize("body", ["", "{}", "<html>系统繁忙</html>", "<rows/>", "dataStore = ['<li>'];"])
def test_an_answer_without_a_datastore_is_an_error_that_names_its_address(body):
    with pytest.raises(ValueError, match=r"^http://gh\.example/module.*no <datastore>; check the section's address$"):
        proxied(body)


def test_an_answer_keeps_to_the_sites_articles():
    records = "".join(
        f"<record><![CDATA[<li><a href='{href}'>甲</a></li>]]></record>"
        for href in ("http://other.example/art/2024/9/1/art_1_1.html", "/col/col12/index.html", "javascript:;", "")
    )
    assert proxied(f"<datastore>{records}<totalpage>9</totalpage></datastore>").entries == ()


def column(*stores, script="", links=""):
    blocks = "".join(f'<div><script type="text/xml">{store}</script></div>' for store in stores)
    return listing(f"<html>{links}{blocks}{script}</html>", f"{HOME}/col/col12/index.html?utm_source=x", HANWEB)


def test_a_list_page_has_the_rows_of_its_own_column():
    own = datastore(following="/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=7")
    other = datastore((3,), "/module/web/jpage/dataproxy.jsp?page=1&columnid=120&unitid=8")
    read = column(other, own, links='<a href="/art/2024/9/9/art_5_9.html">热点</a>')
    assert found(read) == ["/art/2024/9/1/art_12_1.html", "/art/2024/9/2/art_12_2.html"]
    assert following(read) == ["/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=7"]


def test_a_column_whose_rows_are_all_on_its_page_does_not_go_on_in_another_one():
    other = datastore((3,), "/module/web/jpage/dataproxy.jsp?page=1&columnid=120&unitid=8")
    read = column(other, datastore())
    assert found(read) == ["/art/2024/9/1/art_12_1.html", "/art/2024/9/2/art_12_2.html"]
    assert following(read) == []
    assert following(column(other)) == ["/module/web/jpage/dataproxy.jsp?page=1&columnid=120&unitid=8"]


def test_a_list_page_without_datastores_is_read_by_its_links():
    read = column(links='<a href="/art/2024/9/9/art_12_9.html">热点</a><a href="?pageNum=2">下一页</a>')
    assert found(read) == ["/art/2024/9/9/art_12_9.html"]
    assert following(read) == ["/col/col12/index.html?pageNum=2"]


def test_the_home_page_has_the_rows_of_all_datastores_and_its_links():
    body = f'<script type="text/xml">{datastore()}</script><a href="/art/2024/9/9/art_5_9.html">热点</a>'
    assert found(listing(body, f"{HOME}/", HANWEB)) == [
        f"/art/2024/9/{day}/art_{col}_{day}.html" for day, col in ((1, 12), (2, 12), (9, 5))
    ]


def jpage(
    total=40, proxy="/module/web/jpage/dataproxy.jsp", per_page="5", form="col:1,columnid:12,unitid:'7',webname:'工会'"
):
    return (
        f"<script>$('#7').jpage({{proxyUrl : '{proxy}', perPage:{per_page}, totalRecord:{total}, "
        f"ajaxParam:{{{form}}}}});</script>"
    )


def test_records_are_asked_for_behind_those_of_the_list_page():
    (page,) = column(datastore((1, 2, 1)), script=jpage()).next_pages
    assert page == Post(f"{PROXY}?startrecord=3&endrecord=17&perpage=5&{FORM}", FORM)


@pytest.mark.parametrize(
    ("stores", "script"),
    [
        ([datastore()], jpage(total=2)),
        ([datastore()], jpage(proxy="http://other.example/dataproxy.jsp")),
        ([datastore()], "<script>$('#7').jpage({proxyUrl:'/x/dataproxy.jsp'})</script>"),
        ([datastore(())], jpage()),
        ([], jpage()),
    ],
)
def test_no_records_are_asked_for_behind_the_last(stores, script):
    assert column(*stores, script=script).next_pages == ()


def test_a_script_without_a_page_size_asks_for_single_records():
    (page,) = column(datastore(), script=jpage(per_page="null")).next_pages
    assert "startrecord=3&endrecord=5&perpage=1" in page.url


def test_the_records_behind_a_range():
    read = proxied(datastore(totalrecord=40), f"startrecord=3&endrecord=17&perpage=5&{FORM}")
    assert read.next_pages == (Post(f"{PROXY}?startrecord=18&endrecord=32&perpage=5&{FORM}", FORM),)


@pytest.mark.parametrize(
    ("xml", "numbers"),
    [
        (datastore(totalrecord=17), "startrecord=3&endrecord=17&perpage=5"),
        (datastore(()), "startrecord=3&endrecord=17&perpage=5"),
        (datastore(), "startrecord=17&endrecord=3&perpage=5"),
        (datastore(), "startrecord=x&endrecord=17&perpage=5"),
        (datastore(), "startrecord=0&endrecord=0&perpage=0"),
        (datastore(), "startrecord=3&endrecord=99999999999999999999&perpage=5"),
        (datastore(), "columnid=12"),
    ],
)
def test_no_records_are_behind_a_range(xml, numbers):
    assert proxied(xml, numbers).next_pages == ()


# jpaas


def unit(rows=(1, 2), pager="", query="webId=8&pageId=12", **answer):
    html = "".join(f'<li><a href="/art/2024/9/{row}/art_12_{row}.html">题{row}</a></li>' for row in rows)
    said = answer or {"success": True, "data": {"html": f"<ul>{html}</ul>{pager}"}}
    return listing(json.dumps(said), f"{UNIT}?{query}", JPAAS)


def paged(number, size=15):
    return f"webId=8&pageId=12&paramJson=%7B%22pageNo%22%3A{number}%2C%22pageSize%22%3A{size}%7D"


@pytest.mark.parametrize(
    ("pager", "query", "expected"),
    [
        ('<div class="pagination" rows="2" count="5"></div>', "webId=8&pageId=12", [2, 2]),
        ('<div class="pagination" rows="2" count="5"></div>', paged(2, 2), [3, 2]),
        ('<div class="pagination" rows="2" count="5"></div>', paged(3, 2), None),
        ('<div class="pagination" rows="2" count="4"></div>', paged(2, 2), None),
        ("", "webId=8&pageId=12", [2, 15]),
        ("", paged(7, 20), [8, 20]),
        ('<div class="pagination" rows="0" count="viele"></div>', paged(7, 20), [8, 20]),
        ('<div class="pagination" rows="2" count="1000000000000"></div>', paged(7, 2), [8, 2]),
        ("", "webId=8&pageId=12&paramJson=%7B", [2, 15]),
        ("", "webId=8&pageId=12&paramJson=[2]", [2, 15]),
        ("", paged("%22x%22"), [2, 15]),
    ],
)
def test_the_page_of_a_unit_after_another(pager, query, expected):
    pages = unit(pager=pager, query=query).next_pages
    asked = [json.loads(parse_qs(urlsplit(page).query)["paramJson"][0]) for page in pages]
    assert asked == ([{"pageNo": expected[0], "pageSize": expected[1]}] if expected else [])
    assert all(page.startswith(f"{UNIT}?webId=8&pageId=12&paramJson=") for page in pages)


def test_an_empty_unit_is_the_last_one():
    assert unit((), '<div class="pagination" rows="2" count="99"></div>') == Listing()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "no JSON"),
        ("<html>", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no data.html"),
        ('{"success":false,"message":"参数错误","data":null}', "no data.html"),
        ('{"data":{"html":7}}', "no data.html"),
    ],
)
def test_a_broken_unit_is_an_error_that_names_its_address(body, why):
    with pytest.raises(ValueError, match=rf"^http://gh\.example/api-gateway.*{why}.*; check the section's address$"):
        listing(body, f"{UNIT}?pageId=12", JPAAS)


def test_a_list_page_leads_to_its_units():
    data = "{'webId':'8','tagId':'当前栏目list','pageId':12}"
    body = (
        f'<script url="{UNIT}" queryData="{data}"></script><script queryData="{data}"></script>'
        '<script url="/other/api" queryData="{\'pageId\':1}"></script>'
        f'<script url="http://other.example{urlsplit(UNIT).path}" queryData="{data}"></script>'
        f'<script url="{UNIT}" queryData="{{broken"></script>'
    )
    read = listing(body, f"{HOME}/xwdt/index.html", JPAAS)
    tag = "%E5%BD%93%E5%89%8D%E6%A0%8F%E7%9B%AElist"
    assert read == Listing(parts=(f"{UNIT}?webId=8&tagId={tag}&pageId=12",))


def test_a_list_page_has_no_more_than_some_units():
    body = "".join(f"<script queryData=\"{{'pageId':'{number}'}}\"></script>" for number in range(1, 5_000))
    assert len(listing(body, f"{HOME}/xwdt/index.html", JPAAS).parts) == 5


def test_a_list_page_whose_units_cannot_be_read_is_an_error():
    body = '<script queryData="{pageId:12}"></script><script queryData=""></script><script queryData="[]"></script>'
    with pytest.raises(ValueError, match=r"^http://gh\.example/xwdt/: no queryData"):
        listing(body, f"{HOME}/xwdt/", JPAAS)


# vsb


def pager(body, url="/tzgg/ghdt/10.htm"):
    return following(listing(f'<div class="pb_sys_common"><span class="p_pages">{body}</span></div>', HOME + url, VSB))


@pytest.mark.parametrize(
    ("body", "url", "expected"),
    [
        ('<span class="p_next p_fun"><a href="ghdt/10.htm">下页</a></span>', "/tzgg/ghdt.htm", ["/tzgg/ghdt/10.htm"]),
        ('<span class="p_next p_fun"><a href="9.htm">下页</a></span>', "/tzgg/ghdt/10.htm", ["/tzgg/ghdt/9.htm"]),
        (
            '<span class="p_next p_fun"><a href="?PAGENUM=3&amp;wbtreeid=7">下页</a></span>',
            "/list.jsp?PAGENUM=2&wbtreeid=7",
            ["/list.jsp?PAGENUM=3&wbtreeid=7"],
        ),
        # The last page: numbers that lead back are no way on.
        (
            '<span class="p_no"><a href="../ghdt.htm">1</a></span><span class="p_no_d">2</span>'
            '<span class="p_next_d p_fun_d">下页</span><span class="p_last_d p_fun_d">尾页</span>',
            "/tzgg/ghdt/1.htm",
            [],
        ),
        ('<span class="p_next p_fun"><a href="10.htm">下页</a></span>', "/tzgg/ghdt/10.htm", []),
        ('<span class="p_next p_fun"><a href="javascript:go()">下页</a></span>', "/tzgg/ghdt/10.htm", []),
        ('<span class="p_next p_fun"><a href="http://other.example/9.htm">下页</a></span>', "/tzgg/ghdt/10.htm", []),
        ('<span class="p_next p_fun"><a href="/info/1/2.htm">下页</a></span>', "/tzgg/ghdt/10.htm", []),
    ],
)
def test_the_next_page_of_a_vsb_listing(body, url, expected):
    assert pager(body, url) == expected


def test_a_vsb_listing_with_another_pager_is_read_by_its_words():
    read = listing('<a href="9.htm">下一页</a>', f"{HOME}/tzgg/ghdt/10.htm", VSB)
    assert following(read) == ["/tzgg/ghdt/9.htm"]


def test_the_sections_of_a_vsb_home_page():
    body = """<a href="index.htm">网站首页</a><a href="tzgg/ghdt.htm">工会动态</a><a href="wthd.htm">文体活动</a>
        <a href="list.jsp?urltype=tree.TreeTempUrl&amp;wbtreeid=7">通知公告</a><a href="info/1041/3527.htm">短文</a>
        <a href="__local/3/AF/x.pdf">下载</a><a href="lxwm/contact.htm">地址</a>"""
    assert listing(body, f"{HOME}/", VSB).sections == (
        Section("工会动态", f"{HOME}/tzgg/ghdt.htm"),
        Section("文体活动", f"{HOME}/wthd.htm"),
        Section("通知公告", f"{HOME}/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=7"),
    )


# post


@pytest.mark.parametrize(
    ("body", "url", "expected"),
    [
        (
            '<a href="/xwdt/index_2.html">下一页</a><a href="/xwdt/index_9.html">尾页</a>',
            "/xwdt/",
            ["/xwdt/index_2.html"],
        ),
        ('<a href="index_9.html">尾页</a>', "/xwdt/", ["/xwdt/index_2.html"]),
        ('<a href="index_9.html">尾页</a>', "/xwdt/index.html", ["/xwdt/index_2.html"]),
        ('<a href="index_9.html">[尾页]</a>', "/xwdt/index_8.html", ["/xwdt/index_9.html"]),
        ('<a href="index_9.html">尾页</a>', "/xwdt/index_9.html", []),
        ('<a href="index_9.html">尾页</a>', "/xwdt/index_10.html", []),
        ('<a href="index.html">尾页</a>', "/xwdt/", []),
        ('<a href="/other/index_9.html">尾页</a>', "/xwdt/", []),
        ('<a href="http://other.example/xwdt/index_9.html">尾页</a>', "/xwdt/", []),
        ('<a href="index_1000000000.html">尾页</a>', "/xwdt/", []),
        ('<a href="index_x.html">尾页</a><a href="javascript:;">尾页</a>', "/xwdt/", []),
        ('<a href="index_9.html">尾页</a>', "/xwdt/list.html", []),
    ],
)
def test_the_next_page_of_a_listing_in_a_folder(body, url, expected):
    assert following(listing(body, HOME + url, POST)) == expected


def directory(articles, query="page=2&sid=7", **more):
    return listing(json.dumps({"articles": articles, **more}), f"{HOME}/gkmlpt/api/all/0?{query}", POST)


def document(number, **more):
    return {"title": f"通知{number}", "url": f"{HOME}/gkmlpt/content/1/{number}/post_{number}.html", **more}


def test_the_documents_of_a_directory():
    read = directory(
        [
            document(1, display_publish_time=1_700_000_000, first_publish_time=1),
            document(2, first_publish_time=1_700_000_000),
            document(3, display_publish_time="gestern"),
            document(1),
            {"title": None, "url": "", "post_url": "/zcfg/content/post_4.html", "display_publish_time": 10**12},
            document(5) | {"url": "http://other.example/content/post_5.html"},
            {"url": 7},
            "x",
        ]
    )
    assert [(entry.url.removeprefix(HOME), entry.title, entry.date) for entry in read.entries] == [
        ("/gkmlpt/content/1/1/post_1.html", "通知1", "2023-11-15T06:13:20+08:00"),
        ("/gkmlpt/content/1/2/post_2.html", "通知2", "2023-11-15T06:13:20+08:00"),
        ("/gkmlpt/content/1/3/post_3.html", "通知3", None),
        ("/zcfg/content/post_4.html", None, None),
    ]


@pytest.mark.parametrize(
    ("articles", "total", "query", "expected"),
    [
        ([document(1), document(2)], 5, "page=2&sid=7", ["page=3&sid=7"]),
        ([document(1), document(2)], 4, "page=2&sid=7", []),
        ([document(1)], None, "page=2&sid=7", ["page=3&sid=7"]),
        ([document(1)], 10**9, "page=2&sid=7", ["page=3&sid=7"]),
        ([], 10**9, "page=2&sid=7", []),
        ([document(1)], "viele", "sid=7&page=2", ["sid=7&page=3"]),
        ([document(1)], 9, "sid=7", []),
        ([document(1)], 9, "page=x&sid=7", []),
        ([{"url": "/nothing.html"}], 9, "page=2&sid=7", []),
    ],
)
def test_the_page_of_a_directory_after_another(articles, total, query, expected):
    read = directory(articles, query, total=total)
    assert following(read) == [f"/gkmlpt/api/all/0?{page}" for page in expected]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "no JSON"),
        ("<html>", "no JSON"),
        ("[1]", "no list of articles"),
        ('{"articles":{}}', "no list of articles"),
    ],
)
def test_a_broken_directory_is_an_error_that_names_its_address(body, why):
    with pytest.raises(ValueError, match=rf"^http://gh\.example/gkmlpt.*{why}.*; check the section's address$"):
        listing(body, f"{HOME}/gkmlpt/api/all/0?page=1&sid=7", POST)


def test_the_page_of_a_directory_leads_to_all_its_documents():
    body = "<script>window._CONFIG = { SID: '755001', TREE: [] };</script><script>var y = {SID: '8'}</script>"
    assert listing(body, f"{HOME}/zgh/gkmlpt/index", POST).parts == (f"{HOME}/zgh/gkmlpt/api/all/0?page=1&sid=755001",)
    assert listing(body, f"{HOME}/xwdt/", POST).parts == ()
    assert listing("<script>var SID = 7;</script>", f"{HOME}/gkmlpt/index", POST).parts == ()


# Hostile pages


@pytest.mark.parametrize(
    ("body", "url", "profile"),
    [
        (datastore(range(1, 10)) + "<record>" * 200_000, f"{PROXY}?page=1", HANWEB),
        ("<datastore>" + "<record><![CDATA[<div>]]></record>" * 20_000, f"{PROXY}?page=1", HANWEB),
        ("<datastore>" + "<a>" * 100_000, f"{PROXY}?page=1", HANWEB),
        ("<script><datastore>" * 20_000, f"{HOME}/col/col12/index.html", HANWEB),
        (
            '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><datastore><record>&b;</record>'
            "</datastore>",
            f"{PROXY}?page=1",
            HANWEB,
        ),
        ("<script>ajaxParam:{" + "a:'" * 50_000 + "</script>" + jpage(), f"{HOME}/col/col12/index.html", HANWEB),
        ("<script queryData='{'>" * 20_000, f"{HOME}/xwdt/", JPAAS),
        (json.dumps({"data": {"html": "<li><a href='/art/2024/9/1/art_1_1.html'>" * 20_000}}), UNIT, JPAAS),
        ('<span class="p_pages">' + '<span class="p_next"><a href="9.htm">' * 5_000, f"{HOME}/a/10.htm", VSB),
        ("<script>" + "SID:" * 100_000 + "</script>", f"{HOME}/gkmlpt/index", POST),
        (json.dumps({"articles": [document(number) for number in range(50_000)]}), f"{HOME}/gkmlpt/api/all/0", POST),
    ],
    ids=range(11),
)
def test_a_hostile_listing_costs_little(body, url, profile):
    began = time.process_time()
    with suppress(ValueError):
        listing(body, url, profile)
    assert time.process_time() - began < 2.5
