"""hanweb jpaas: list pages without rows, built of units that the browser asks for as JSON."""

import json
from hashlib import md5
from urllib.parse import quote, urlencode

from local_server import Reply

from family_sites.stories import Built, pages_of, story

_JSON = (("Content-Type", "application/json;charset=UTF-8"),)
_API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_HEAD = '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">{}</head><body>'
_NAV = (
    '<div class="nav"><a href="/">首页</a><a href="/xwdt/ghyw/index.html">工会要闻</a>'
    '<a href="/xwdt/jcdt/index.html">基层动态</a></div>'
)
_FOOT = '<div class="footer">版权所有：柳泉市总工会　网站地图</div></body></html>'
_SECTIONS = {"/xwdt/ghyw/": "工会要闻", "/xwdt/jcdt/": "基层动态"}


def address(one, folder):
    """The path of an article: the system names its files by 32 hex digits."""
    return f"{folder}art/{one.day.year}/art_{md5(str(one.number).encode()).hexdigest()}.html"


def _query(folder, tag):
    return {
        "parseType": "bulidstatic",
        "webId": "8d828e408d90447786ddbe128d495e9e",
        "tplSetId": "209741b2109044b5b7695700b2bec37e",
        "pageType": "column",
        "tagId": tag,
        "editType": "null",
        "pageId": md5(folder.encode()).hexdigest(),
    }


def _unit(folder, tag, page=1, rows=5):
    """The path of a unit, page 2 and later with `paramJson`."""
    said = json.dumps({"pageNo": page, "pageSize": rows}, separators=(",", ":"))
    more = f"&paramJson={quote(said)}" if page > 1 else ""
    return f"{_API}?{urlencode(_query(folder, tag), quote_via=quote)}{more}"


def _script(folder, tag):
    data = json.dumps(_query(folder, tag), ensure_ascii=False).replace('"', "'")
    return (
        '<script id="4e3a2e3cc51f4a7688f34405910955e2" src="/cms_files/script/AuthorizedRead/unitbuild.js?v=3.1.3"'
        f' webId="8d82" parseType="bulidstatic" url="{_API}" queryData="{data}"></script>'
    )


def _answer(html):
    return Reply(json.dumps({"success": True, "message": "", "data": {"html": html}}).encode(), headers=_JSON)


def _section(folder, stories):
    """The pages of a section: its list page, a unit of navigation, and the unit of its rows."""
    pages = {
        f"{folder}index.html": (
            f"{_HEAD.format(f'<title>{_SECTIONS[folder]}</title>')}{_NAV}{_script(folder, '当前位置')}"
            f'<div class="clist_con">{_script(folder, "当前栏目list")}</div>{_FOOT}'
        ).encode(),
        _unit(folder, "当前位置"): _answer('<div class="wz"><a href="/index.html">首页</a></div>'),
    }
    for number, rows in enumerate(pages_of(stories, 5), 1):
        items = "".join(
            f'<li class="clearfix"><a class="fl" href="{address(one, folder)}" title="{one.title}" target="_blank">'
            f'<i></i>{one.title[:10]}...</a><span class="bt-right">{one.day:%Y-%m-%d}</span></li>'
            for one in rows
        )
        pages[_unit(folder, "当前栏目list", number)] = _answer(
            f'<div class="page-content"><ul>{items}</ul></div>'
            f'<div class="pagination" rows="5" count="{len(stories)}" pageNo="{number}"></div>'
        )
    return pages


def _article(one, folder):
    metas = (
        f"<title>{one.title}_柳泉市总工会</title>"
        f'<meta name="SiteName" content="柳泉市总工会"><meta name="ColumnName" content="{_SECTIONS[folder]}">'
        f'<meta name="ArticleTitle" content="{one.title}"><meta name="PubDate" content="{one.day:%Y-%m-%d} {one.time}">'
        f'<meta name="ContentSource" content="{one.source}"><meta name="Author" content="">'
        f'<meta name="Url" content="{address(one, folder)}">'
        '<script src="/api-gateway/jpaas-publish-server/visit/count.js"></script>'
    )
    body = "".join(f'<p style="text-indent:2em;">{each}</p>' for each in one.paragraphs)
    return (
        f"{_HEAD.format(metas)}{_NAV}"
        f'<div class="mnav">当前位置：<a href="/">首页</a> &gt; '
        f'<a href="{folder}index.html">{_SECTIONS[folder]}</a></div>'
        f'<div class="ctitle"><h1>{one.title}</h1></div><div class="cinfo">'
        f"<span>发布时间：{one.day:%Y-%m-%d} {one.time}</span>"
        f"<span>来源：{one.source}</span><span>作者：{one.author}</span></div>"
        f'<div class="ccontent" id="zoom">{body}</div><div class="xgxx">责任编辑：{one.editor}</div>'
        f'<div class="share">分享到：<a href="#">微信</a></div><div class="ewm">扫一扫在手机打开当前页</div>{_FOOT}'
    ).encode()


def _expected(one, folder):
    return one.said(_SECTIONS[folder], "jpaas:1")


def _built(sections, **about):
    articles = {address(one, folder): (one, folder) for folder, rows in sections.items() for one in rows}
    pages = {path: _article(*one) for path, one in articles.items()}
    for folder, rows in sections.items():
        pages |= _section(folder, rows)
    pages["/"] = f"{_HEAD.format('<title>柳泉市总工会</title>')}{_NAV}{_FOOT}".encode()
    return Built(
        "jpaas",
        pages,
        {path: _expected(*one) for path, one in articles.items()},
        absent=("版权所有", "首页", "扫一扫", "分享到"),
        **about,
    )


def build():
    """The site with one section: its page, a unit of navigation and three pages of rows."""
    rows = [story(number) for number in range(1, 15)]
    return _built({"/xwdt/ghyw/": rows}, listing="/xwdt/ghyw/index.html", section="工会要闻", listing_pages=5)


def build_home():
    """The site from its home page, which leads to two sections."""
    rows = [story(number) for number in range(1, 15)]
    return _built({"/xwdt/ghyw/": rows[:11], "/xwdt/jcdt/": rows[11:]}, listing_pages=9)
