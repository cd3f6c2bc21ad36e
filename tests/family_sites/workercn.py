"""workercn.cn in its three eras, and the web edition of its paper; nobody saw a pager of era C, which is invented."""

import json
from dataclasses import replace
from datetime import date

from local_server import Reply

from family_sites.stories import Built, pages_of, story

_HTML = (("Content-Type", "text/html"),)
_JSON = (("Content-Type", "application/json"),)
_RIGHTS = "Copyright &copy; 2008-2026 by www.workercn.cn. 保留所有权利"
_ABSENT = ("保留所有权利", "责任编辑", "相关新闻", "热门推荐", "分享到", "保存", "下一页", "客户端")


def _stories(many=14, **changes):
    """Return stories whose first paragraph names their author, as a paper does; `changes` are of their days."""
    found = []
    for one in map(story, range(1, many + 1)):
        first, *others = one.paragraphs
        told = (f"本报讯（记者 {one.author}）{first}", *others)
        found.append(replace(one, paragraphs=told, day=one.day.replace(**changes)))
    return found


def _second(one):
    return f"{one.time}:{one.number * 11 % 60:02d}"


def _body(paragraphs):
    return "".join(f"<p>　　{each}</p>\n" for each in paragraphs)


def _expected(one, section, layout, **other):
    return {
        "title": one.title,
        "text": one.text,
        "source": one.source,
        "authors": [one.author],
        "editors": [one.editor],
        "published_at": f"{one.day}T{_second(one)}+08:00",
        "section": section,
        "layout": layout,
        "language": "zh-Hans",
        **other,
    }


# Era C: since 2022

_C_HEAD = '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{}</title></head><body>'
_C_NAV = (
    '<div class="top"><ul class="quick"><li><a href="http://ent.workercn.cn/">中工娱乐</a></li></ul></div>'
    '<ul class="nav"><li><a href="/">首页</a></li><li><a href="/character/">人物</a></li></ul>'
)
_C_FOOT = (
    '<div class="foot"><p><a href="/about/">关于中工网</a> | 举报热线：010-00000000</p><p>' + _RIGHTS + "</p></div>"
    '<div class="qr"><p>扫码关注</p><ul><li>中工网微信</li><li>客户端</li></ul><a class="close">×</a></div>'
    "</body></html>"
)


def _c_id(one):
    # Ids rise with the time of insertion, whatever the day in the address.
    return 8907700 - 37 * one.number


def _dated(one):
    return f"/c/{one.day}/{_c_id(one)}.shtml"


def _shown(one):
    return f"/cms/ui/content/show?ID={_c_id(one)}&platformID=pc"


def _c_address(one):
    """The fifth story is linked in no other way than as the CMS shows it."""
    return _shown(one) if one.number == 5 else _dated(one)


def build(listing="/character/"):
    """Era C: the third story is linked under both addresses, the seventh prints no date: its row does, and the time."""
    *stories, beside = _stories(15)
    listed = pages_of(stories, 5)
    pages = {}
    for number, rows in enumerate(listed, 1):
        # A row of the second page repeats the third story under its other address.
        links = [(one, _c_address(one)) for one in rows] + ([(stories[2], _shown(stories[2]))] if number == 2 else [])
        pages[_c_page(number)] = _c_listing(links, number, len(listed), beside).encode()
    for one in (*stories, beside):
        pages[_dated(one)] = pages[_shown(one)] = _c_article(one).encode()
    if listing is None:
        newest = "".join(f'<h2><a href="{_dated(one)}">{one.title}</a></h2>' for one in stories[:2])
        pages["/"] = f'{_C_HEAD.format("中工网")}{_C_NAV}<div class="focus">{newest}</div>{_C_FOOT}'.encode()
    return Built(
        "workercn",
        pages,
        {_c_address(one): _c_expected(one) for one in stories},
        listing=listing,
        section="人物" if listing else None,
        absent=_ABSENT,
    )


def build_home():
    """Era C, discovered from the home page, which shows the newest articles, too."""
    return build(None)


def _c_page(number):
    return "/character/" if number == 1 else f"/character/index_{number}.shtml"


def _c_listing(links, number, total, beside):
    rows = "".join(
        f'<li id="li_{_c_id(one)}"><div class="pic"><a href="{href}"><img class="lazy" src="/static/blank.png" '
        f'data-src="/upload/resources/image/{one.day:%Y/%m/%d}/{_c_id(one)}_300x200c.jpg"></a></div>\n'
        f'<h3><a href="{href}" target="_blank">{one.title}</a></h3><div class="info2">{one.day} {_second(one)} '
        f'<span class="media"><font color="red">原创</font></span><span style="float:right">{one.source}</span></div>'
        "</li>\n"
        for one, href in ((one, href.replace("&", "&amp;")) for one, href in links)
    )
    back = f'<a href="{_c_page(number - 1)}">上一页</a> ' if number > 1 else ""
    on = f'<a href="{_c_page(number + 1)}">下一页</a>' if number < total else ""
    return (
        f'{_C_HEAD.format("人物 - 中工网")}{_C_NAV}<ul class="list">{rows}</ul><div class="page">{back}{on}</div>'
        f'<div class="hot"><h3>热门推荐</h3><a href="{_dated(beside)}">{beside.title}</a></div>{_C_FOOT}'
    )


def _c_article(one):
    when = "" if one.number == 7 else f'<span class="when">{one.day} {one.time}</span>'
    # What the body's element is called is not known: half of them are called as in the eras before.
    name = "ccontent" if one.number % 2 else "c_detail"
    return (
        f'{_C_HEAD.format(f"{one.title} - 人物 - 中工网")}{_C_NAV}<div class="crumb"><a href="/">中工网</a> &gt; '
        f'<a href="/character/">人物</a> &gt; 正文</div><div class="main"><h1 class="title">{one.title}</h1>'
        f'<div class="info"><span class="source">来源：{one.source}</span>\n{when}</div>'
        f'<div class="share">分享到：<a href="javascript:;" title="微信"></a></div><div class="{name}">'
        f'{_body(one.paragraphs)}</div><div class="duty">责任编辑：{one.editor}</div></div><div class="side">'
        '<h3>热门推荐</h3><ul class="hot"><li><a href="/c/2024-05-10/8251003.shtml">老劳模的新徒弟</a></li>'
        "</ul></div>"
        f"{_C_FOOT}"
    )


def _c_expected(one):
    when = f"{one.day}T{_second(one) if one.number == 7 else one.time + ':00'}+08:00"
    layout = "workercn:2" if one.number % 2 else "generic"
    return _expected(one, "人物", layout, published_at=when)


# Era A: until 2021

_A_HEAD = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml"><head>\n'
    '<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />\n<title>{}</title></head><body>'
    '<div class="head"><a href="/">首页</a> <a href="/32/32.shtml">工会组建</a></div>'
)
_A_TOOLS = (
    '<div class="tools">[<a href="javascript:save()">保存</a>] [<a href="javascript:all()">全文浏览</a>] '
    '[<a href="javascript:window.print()">打印</a>] [<a href="/bbs/">我要留言</a>] [<a href="/">返回首页</a>]</div>'
)
_A_PLACE = (
    '<div class="place">当前位置:<a href="/">中工网</a><a href="/41/41.shtml">工会频道</a>'
    '<a href="/32/32.shtml">工会组建</a>'
)
_A_FOOT = f'<div class="foot"><p>关于我们 | 举报电话：010-00000000</p><p>{_RIGHTS}</p></div></body></html>'


def _a_name(one, column):
    return f"/{column}/{one.day:%Y%m/%d}/{one.day:%y%m%d}{_second(one).replace(':', '')}{one.number + 300}"


def _gbk(page):
    return Reply(page.encode("gbk"), headers=_HTML)


def build_old():
    """Era A: lists are counted until one has no rows; the third story has three pages."""
    *stories, beside = _stories(15, year=2014)
    listed = [*pages_of(stories, 5), []]
    pages = {
        f"/32/32{'' if number == 1 else f'_{number}'}.shtml": _gbk(_a_listing(rows, number, len(listed) - 1, beside))
        for number, rows in enumerate(listed, 1)
    }
    pages[f"{_a_name(beside, 41)}.shtml"] = _gbk(_a_article(beside, beside.paragraphs))
    for one in stories:
        whole = [one.paragraphs] if one.number != 3 else [one.paragraphs[:2], one.paragraphs[2:3], one.paragraphs[3:]]
        for number, paragraphs in enumerate(whole, 1):
            name = f"{_a_name(one, 32)}{'' if number == 1 else f'_{number}'}.shtml"
            pages[name] = _gbk(_a_article(one, paragraphs, number, len(whole)))
    return Built(
        "workercn",
        pages,
        {f"{_a_name(one, 32)}.shtml": _expected(one, "工会组建", "workercn:2") for one in stories},
        listing="/32/32.shtml",
        section="工会组建",
        listing_pages=len(listed) + 2,  # the further pages of the third story are asked for, too
        absent=(*_ABSENT, "打印"),
    )


def _a_listing(rows, number, total, beside):
    items = "".join(
        f'<li><a href="{_a_name(one, 32)}.shtml" target="_blank">{one.title}</a><span>{one.day} {_second(one)}</span>'
        "</li>\n"
        for one in rows
    )
    numbers = " ".join(
        f"{each}" if each == number else f'<a href="javascript:go({each})">{each}</a>' for each in range(1, total + 1)
    )
    return (
        f"{_A_HEAD.format('工会组建-工会频道-中工网')}{_A_PLACE}</div>\n"
        f'<ul id="leftList">{items}</ul><center>{numbers}</center></div>'
        f'<div class="right"><h4>热点排行</h4><p><a href="{_a_name(beside, 41)}.shtml">{beside.title}</a></p></div>'
        f"{_A_FOOT}"
    )


def _a_article(one, paragraphs, number=1, total=1):
    name = _a_name(one, 32).rpartition("/")[2]
    counted, pager = "", ""
    if total > 1:
        counted = f'<input type="hidden" name="__totalpage" value="{total}" />'
        links = [f'<a href="{name}{"" if each == 1 else f"_{each}"}.shtml">{each}</a>' for each in range(1, total + 1)]
        pager = f"<center>{' '.join(links)}</center>"
    return (
        f'{_A_HEAD.format(f"{one.title}-工会-中工网")}<div class="left"><ul class="list12"><li>'
        '<a href="/41/201409/10/140910091120000.shtml">百名女工织就一幅家乡地图</a></li></ul></div><div class="right">'
        f"{_A_PLACE}-正文</div>\n<h1>{one.title}</h1>"
        f'<div class="signdate"><span>//www.workercn.cn</span>{one.day} {_second(one)}'
        f'<span>来源: {one.source}</span></div>{_A_TOOLS}<div class="ccontent">{_body(paragraphs)}{counted}</div>'
        f"{pager}"
        f'<div class="editor">责任编辑：{one.editor}</div>{_A_TOOLS}<div class="rel"><h3>相关新闻</h3><ul><li>'
        f'<a href="/41/201409/11/140911091121000.shtml">焊花飞舞的青春</a></li></ul></div></div>{_A_FOOT}'
    )


# Era B: lists as JSON


def build_json():
    """Era B: three lists of rows with an address alone; how they end was not seen, here with an empty array."""
    stories = _stories(year=2022)
    listed = [*pages_of(stories, 5), []]
    pages = {}
    for number, rows in enumerate(listed, 1):
        text = json.dumps([{"href": _b_address(one)} for one in rows])
        pages[f"/json/ghgz/34165_{number}.json"] = Reply(text.encode(), headers=_JSON)
    for one in stories:
        pages[_b_address(one)] = _gbk(_b_article(one))
    return Built(
        "workercn",
        pages,
        {_b_address(one): _expected(one, "工会", "workercn:2") for one in stories},
        listing="/json/ghgz/34165_1.json",
        section="工会",
        listing_pages=len(listed),
        absent=_ABSENT,
    )


def _b_address(one):
    return f"{_a_name(one, 34165)}.shtml"


def _b_article(one):
    body = _body(one.paragraphs).replace("　　", "&nbsp;&nbsp;&nbsp;&nbsp;")
    return (
        '<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html; charset=GBK" />'
        f"<title>{one.title} - 工会 - 中工网</title></head><body>"
        '<div class="header"><ul><li><a href="/34165/">工会</a></li><li><a href="/34164/">维权</a></li></ul></div>'
        f'<div class="path"><a href="/">首页</a>&gt;<a href="/34165/">工会</a></div><h1 class="tit">{one.title}</h1>'
        f'<div class="sub"><span class="from">来源：{one.source}</span> <span class="time">{one.day} '
        f'{_second(one)}</span></div><div class="ccontent">{body}</div>'
        f'<p class="zrbj">责任编辑：{one.editor}</p><div class="recommend"><h3>相关新闻</h3><ul><li>'
        '<a href="/34165/202201/01/220101071510000.shtml">高原养路工把家搬到道班旁</a></li></ul></div>'
        f'<div class="footer">关于中工网<br />{_RIGHTS}</div></body></html>'
    )


# The paper

_ISSUE = date(2026, 9, 17)
_PAPER_PAGES = ((1, "要闻", 5), (2, "综合新闻", 4), (3, "职工维权", 5))


def _p_folder(page):
    return f"/papers/grrb/{_ISSUE:%Y/%m/%d}/{page}/"


def build_paper():
    """An issue of three pages (版); the body of every second article stands twice in its page, once hidden."""
    stories = [replace(one, day=_ISSUE) for one in _stories()]
    pages, articles = {}, {}
    for page, _, many in _PAPER_PAGES:
        rows, stories = stories[:many], stories[many:]
        titles = "".join(
            f'<li><a href="{_p_folder(page)}news-{number}.html">{one.title}</a></li>\n'
            for number, one in enumerate(rows, 1)
        )
        lists = f'<ul id="pageUrl">{_p_pages()}</ul><ul id="pageTitle">{titles}</ul>'
        pages[f"{_p_folder(page)}page.html"] = f"{_p_head('工人日报')}{lists}{_P_FOOT}".encode()
        for number, one in enumerate(rows, 1):
            path = f"{_p_folder(page)}news-{number}.html"
            pages[path] = _p_article(one, page, lists).encode()
            articles[path] = _expected(
                one,
                "工人日报",
                "workercn:1",
                kicker=_p_kicker(one),
                source="工人日报",
                editors=[],
                published_at=f"{_ISSUE}",
            )
    return Built(
        "workercn",
        pages,
        articles,
        listing=f"{_p_folder(1)}page.html",
        section="工人日报",
        listing_pages=len(_PAPER_PAGES),
        absent=("版权所有", "放大", "上一篇", "PDF", "版："),
    )


_P_FOOT = '<div id="foot">工人日报社版权所有 举报热线：010-00000000</div></body></html>'


def _p_head(title):
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head><body><div id="head">'
        f'<span class="day">工人日报 {_ISSUE:%Y年%m月%d日} 星期四</span></div>'
    )


def _p_pages():
    return "".join(
        f'<li><a href="{_p_folder(page)}page.html">第{page:02d}版：{name}</a>'
        f'<a class="pdf" href="{_p_folder(page)}grrb{_ISSUE:%Y%m%d}{page}.pdf">PDF</a></li>\n'
        for page, name, _ in _PAPER_PAGES
    )


def _p_kicker(one):
    return f"{one.author}笔下的第{one.number}个车间"


def _p_article(one, page, lists):
    text = _body(one.paragraphs)
    again = f'<div class="full" style="display:none">{text}</div>' if one.number % 2 else ""
    return (
        f'{_p_head(f"{one.title}-工人日报-中工网")}{lists}<div id="article"><div id="pretitle">{_p_kicker(one)}</div>'
        f'<div id="ctitle">{one.title}</div><div class="issue">《工人日报》({_ISSUE:%Y年%m月%d日} {page:02d}版)</div>'
        f'<div id="imgs"><img src="{_p_folder(page)}img/p{one.number}.jpg"></div><div id="ccontent">{text}{again}</div>'
        '</div><div id="tool"><a href="#">放大</a> <a href="#">缩小</a> <a href="news-1.html">上一篇</a> '
        f'<a href="news-2.html">下一篇</a></div>{_P_FOOT}'
    )
