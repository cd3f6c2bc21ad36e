"""hanweb JCMS: the first rows as XML in a script of the list page, the others from dataproxy.jsp."""

from urllib.parse import parse_qsl, quote

from local_server import Reply

from family_sites.stories import Built, pages_of, story

_XML = (("Content-Type", "text/xml; charset=utf-8"),)
_COLUMN, _UNIT = 1203, 5317
_LIST = f"/col/col{_COLUMN}/index.html"
_PROXY = "/module/web/jpage/dataproxy.jsp"
_WHERE = f"appid=1&webid=36&path=/&columnid={_COLUMN}&unitid={_UNIT}"
_NAME = "webname=%25E9%259D%2592%25E7%25A6%25BE&permissiontype=0"
_FORM = {
    "col": "1",
    "appid": "1",
    "webid": "36",
    "path": "/",
    "columnid": str(_COLUMN),
    "sourceContentType": "1",
    "unitid": str(_UNIT),
    "webname": "青禾市总工会",
    "permissiontype": "0",
}
_HEAD = '<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">{}</head><body>'
_NAV = (
    '<div class="dh"><ul><li><a href="/index.html">首　页</a></li><li><a href="/col/col1203/index.html">工作动态</a>'
    '</li><li><a href="/col/col1204/index.html">县区工会</a></li></ul></div>'
)
_FOOT = '<div class="foot"><p>版权所有：青禾市总工会　建议使用IE9.0以上浏览器访问</p></div></body></html>'


def address(one, column=_COLUMN):
    """The path of an article: month and day have no zeros."""
    return f"/art/{one.day.year}/{one.day.month}/{one.day.day}/art_{column}_{88000 + one.number}.html"


def _store(rows, following="", total=None, size=5, column=_COLUMN):
    """A datastore; every row is listed twice, as it is on some sites."""
    records = "".join(
        f"<record><![CDATA[<li><a href='{address(one, column)}' title='{one.title}' target=\"_blank\">{one.title}</a>"
        f"<span>{one.day:%Y-%m-%d}</span></li>]]></record>\n"
        for one in rows
        for _ in range(2)
    )
    counts = f"<totalrecord>{total}</totalrecord><totalpage>{-(-total // size)}</totalpage>" if total else ""
    group = f'<nextgroup><![CDATA[<a href="{following}"></a>]]></nextgroup>' if following else ""
    return f"<datastore>{counts}{group}<recordset>{records}</recordset></datastore>"


def _list_page(store, script="", column="工作动态"):
    aside = '<div class="side"><a href="/art/2026/1/5/art_1290_77001.html">热点：疗休养报名须知</a></div>'
    return (
        f"{_HEAD.format(f'<title>青禾市总工会 {column}</title>')}{_NAV}{aside}"
        f'<div id="{_UNIT}"><script type="text/xml">{store}</script></div>{script}'
        f'<div class="default_pgContainer"></div><span class="default_pgStartRecord">1</span>{_FOOT}'
    ).encode()


def _article(one, column):
    name = "县区工会" if column != _COLUMN else "工作动态"
    metas = (
        f"<title>青禾市总工会 {name} {one.title}</title><meta name='Maketime' content='2026-09-30 08:00:12_417'>"
        f'<meta name="ArticleTitle" content="{one.title}"><meta name="PubDate" content="{one.day:%Y-%m-%d} {one.time}">'
        f'<meta name="ContentSource" content="{one.source}"><meta name="i_columnid" content="{column}">'
        f'<meta name="i_articleid" content="{88000 + one.number}">'
    )
    body = "".join(f'<p style="text-indent: 2em;"><span>{each}</span></p>' for each in one.paragraphs)
    return (
        f"{_HEAD.format(metas)}{_NAV}"
        '<table class="dqwz"><tr><td>当前位置：<a href="/index.html" class="bt_link">首页</a></td>'
        f'<td> &gt;&gt; <a href="/col/col{column}/index.html" class="bt_link">{name}</a></td></tr></table>'
        f'<table id="article"><tr><td class="title"><!--<$[标题]>begin-->{one.title}<!--<$[标题]>end--></td></tr>'
        '<tr><td class="info"><table width="100%"><tr>'
        f"<td>发布日期：{one.day:%Y-%m-%d} {one.time}</td>"
        "<td>浏览次数：<script src='/module/visitcount/articlehits.jsp?colid=1203&artid=88417'></script></td>"
        f"<td>信息来源：<!--<$[信息来源]>begin-->{one.source}<!--<$[信息来源]>end--></td><td>作者：{one.author}</td>"
        "<td>字体：[ <a href='javascript:doZoom(18)'>大</a> <a href='javascript:doZoom(14)'>小</a> ]</td>"
        '</tr></table></td></tr><tr><td class="bt_content"><div class="zoom-box" id="zoom">'
        '<!--<$[信息内容]>begin--><!--ZJEG_RSS.content.begin--><meta name="ContentStart">'
        f'{body}<meta name="ContentEnd"><!--ZJEG_RSS.content.end--><!--<$[信息内容]>end--></div></td></tr>'
        f"<tr><td>责任编辑：{one.editor}</td></tr>"
        "<tr><td>【<a href='javascript:window.print()'>打印本页</a>】</td></tr></table>"
        f'<div class="ewm"><p>扫一扫在手机打开当前页</p></div>{_FOOT}'
    ).encode()


def _expected(one, column):
    return one.said("县区工会" if column != _COLUMN else "工作动态", "hanweb:1")


def _built(pages, columns, **about):
    """The site: its lists and the articles of `columns`, number of the column -> stories."""
    articles = {address(one, column): (one, column) for column, rows in columns.items() for one in rows}
    pages |= {path: _article(*one) for path, one in articles.items()}
    return Built(
        "hanweb",
        pages,
        {path: _expected(*one) for path, one in articles.items()},
        absent=("版权所有", "字体", "打印本页", "扫一扫"),
        **about,
    )


def _proxied(rows):
    """The list page and the proxy's pages: the first of them repeats the rows of the list page and has more."""
    following = f"{_PROXY}?page={{}}&{_WHERE}&{_NAME}".format
    pages = {_LIST: _list_page(_store(rows[:4], following(1)))}
    for number, listed in enumerate(pages_of(rows, 5), 1):
        last = number * 5 >= len(rows)
        # The answers say what is next too, as links from the proxy's folder; the last one names itself.
        said = "./" + following(number if last else number + 1).rpartition("/jpage/")[2]
        answer = f'<?xml version="1.0" encoding="UTF-8"?>\n{_store(listed, said, len(rows))}'
        pages[following(number)] = Reply(answer.encode(), headers=_XML)
    return pages


def build():
    """The site whose proxy is asked by GET for numbered pages."""
    rows = [story(number) for number in range(1, 15)]
    return _built(_proxied(rows), {_COLUMN: rows}, listing=_LIST, section="工作动态", listing_pages=4)


def build_home():
    """The site from its home page: one column by the proxy, one whose rows are all on its page."""
    rows = [story(number) for number in range(1, 15)]
    pages = _proxied(rows[:11])
    pages["/"] = f"{_HEAD.format('<title>青禾市总工会</title>')}{_NAV}{_FOOT}".encode()
    pages["/col/col1204/index.html"] = _list_page(_store(rows[11:], column=1204), column="县区工会")
    return _built(pages, {_COLUMN: rows[:11], 1204: rows[11:]}, listing_pages=5)


def build_ranges():
    """The site whose proxy is asked by POST for records from … to …, as the script of its list page describes it."""
    rows = [story(number) for number in range(1, 15)]
    values = ",".join(f"{name}:'{value}'" for name, value in _FORM.items())
    script = (
        f"<script>$('#{_UNIT}').jpage({{themeName:'default', proxyUrl:'{_PROXY}', totalRecord:{len(rows)}, perPage:2,"
        f" groupSize:3, ajaxParam:{{{values}}}}});</script>"
    )

    def answer(first, last):
        def reply(request):
            asked = dict(parse_qsl(request.body.decode()))
            if request.method != "POST" or asked != _FORM:
                return Reply(b"<datastore></datastore>", headers=_XML)
            return Reply(_store(rows[first - 1 : last], total=len(rows), size=2).encode(), headers=_XML)

        return reply

    query = "&".join(
        f"{name}={value}" for name, value in {**_FORM, "path": "%2F", "webname": quote(_FORM["webname"])}.items()
    )
    pages = {_LIST: _list_page(_store(rows[:4]), script)}
    for first in (5, 11):
        pages[f"{_PROXY}?startrecord={first}&endrecord={first + 5}&perpage=2&{query}"] = answer(first, first + 5)
    return _built(pages, {_COLUMN: rows}, listing=_LIST, section="工作动态", listing_pages=3)
