"""people.com.cn: `/n1/` articles and their `/BIG5/` mirror, lists `index.html`, `index2.html`; GB2312."""

from family_sites.stories import Built, pages_of, story

_HEAD = (
    '<!DOCTYPE html>\n<html><head><meta http-equiv="content-type" content="text/html;charset=GB2312"/>\n{}</head><body>'
)
_NAV = (
    '<div class="header clearfix"><div class="fr"><a href="/">中国工会新闻</a> '
    '<a href="/GB/67502/index.html">工会要闻</a>'
    ' <a href="/about/">全总简介</a></div></div>'
)
_FOOT = (
    '<div id="copyright" class="copyright"><p>青 禾 网 版 权 所 有 ，未 经 授 权 禁 止 使 用</p></div></body></html>'
)


def _name(one):
    return f"/n1/{one.day:%Y/%m%d}/c67502-{40700000 + one.number}"


def address(one):
    """The path of an article's first page."""
    return f"{_name(one)}.html"


def build(template=None, listing="/GB/67502/index.html"):
    """The site with the template of the 2010s; the third story has two pages, the fifth is linked in the mirror."""
    template = template or _old
    stories = [story(number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {
        f"/GB/67502/index{number if number > 1 else ''}.html": _list(rows, number, len(listed)).encode("gbk")
        for number, rows in enumerate(listed, 1)
    }
    pages["/"] = f"{_HEAD.format('<title>中国工会新闻</title>')}{_NAV}{_FOOT}".encode("gbk")
    for one in stories:
        whole = one.number != 3
        pages[address(one)] = template(one, one.paragraphs if whole else one.paragraphs[:2], whole).encode("gbk")
        if not whole:
            pages[f"{_name(one)}-2.html"] = template(one, one.paragraphs[2:], whole).encode("gbk")
    layout = "people:1" if template is _old else "people:2"
    return Built(
        "people",
        pages,
        {address(one): _expected(one, layout) for one in stories},
        listing=listing,
        section="工会要闻" if listing else None,
        absent=("版 权 所 有", "全总简介", "分享让更多人看到", "推荐阅读", "【"),
    )


def build_home():
    """The template since 2020, discovered from the home page."""
    return build(_new, None)


def _list(rows, number, total):
    items = "".join(
        f"<li><a href='{'/BIG5' if one.number == 5 else ''}{address(one)}' target=_blank>{one.title}</a>"
        f" <em>{one.day:%Y-%m-%d}</em></li>"
        for one in rows
    )
    pager = "".join(
        f'<a href="index{each}.html" class="{"common_current_page" if each == number else "abl2"}">{each}</a>'
        for each in range(1, total + 1)
    )
    more = f'<a href="index{number + 1}.html">下一页</a>' if number < total else ""
    title = f"<title>工会要闻--中国工会新闻</title>{_NAV}"
    return (
        f'{_HEAD.format(title)}<ul class="list_16 mt10">{items}</ul><div class="page_n clearfix">{pager}{more}'
        f"</div>{_FOOT}"
    )


def _head(one):
    return _HEAD.format(
        f'<title>{one.title}--中国工会新闻</title>\n<meta name="publishdate" content="{one.day:%Y-%m-%d}">'
        f'<meta name="contentid" content="F67502-{40700000 + one.number}" />'
        f'<meta name="source" content="来源：{one.source}"><meta name="editor" content="104577">'
    )


def _text(one, paragraphs, whole):
    text = "".join(f"<p>\n\t　　{each}</p>" for each in paragraphs)
    if whole:
        return text
    links = f"<a href='{address(one)}'>【1】</a> <a href='{_name(one)}-2.html'>【2】</a>"
    return f'{text}<div class="zdfy clearfix">{links}</div>'


def _path():
    return (
        '<div class="path"><span id="rwb_navpath"><a href="/" class="clink">中国工会新闻</a>&gt;&gt;'
        '<a href="/GB/67502/index.html" class="clink">工会要闻</a></span></div>'
    )


def _old(one, paragraphs, whole):
    return (
        f'{_head(one)}{_NAV}{_path()}<div class="clearfix w1000_320 text_title"><h1>{one.title}</h1>'
        f'<p class="author">记者{one.author}</p><div class="box01"><div class="fl">{one.day:%Y年%m月%d日}{one.time}'
        f'&nbsp;&nbsp;来源：<a href="http://paper.example/">{one.source}</a></div></div></div>'
        f'<div class="clearfix w1000_320 text_con"><div class="box_pic"></div>'
        f'<div class="box_con" id="rwb_zw">{_text(one, paragraphs, whole)}<div class="box_pic"></div></div>'
        f'<div class="edit clearfix">(责编：{one.editor})</div>'
        f'<div class="share clearfix"><p>分享让更多人看到</p></div>'
        f'<div class="tjyd"><h2>推荐阅读</h2></div></div>{_FOOT}'
    )


def _new(one, paragraphs, whole):
    return (
        f'{_head(one)}{_NAV}{_path()}<div class="layout rm_txt cf"><div class="col col-1 fl"><h1>{one.title}</h1>'
        f'<div class="author cf">记者{one.author}</div><div class="channel cf"><div class="col-1-1 fl">'
        f'{one.day:%Y年%m月%d日}{one.time} | 来源：<a href="http://paper.example/">{one.source}</a></div></div>'
        f'<div class="rm_txt_con cf">{_text(one, paragraphs, whole)}'
        f'<div class="edit cf">(责编：{one.editor})</div></div><div class="share cf"><p>分享让更多人看到</p></div>'
        f"</div></div>{_FOOT}"
    )


def _expected(one, layout):
    return one.said("工会要闻", layout)
