"""Founder e-papers: a home page that only leads on, issues of several pages (版), articles with `?div=-1`; GB2312."""

from dataclasses import replace
from datetime import date

from family_sites.stories import Built, story

_HEAD = '<html><head>\n<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />\n{}</head><body>'
_NAV = (
    '<table class="nav"><tr><td><a href="../../../rss.htm">RSS订阅</a> | <a href="../../../gywm.htm">关于我们</a>'
    "</td></tr></table>"
)
_FOOT = '<table><tr><td class="bottom">青禾日报社版权所有　不得复制、转载或建立镜像</td></tr></table></body></html>'
_ISSUES = (
    # Each page: its node, its name, how many articles it has. One is an advertisement.
    (date(2026, 9, 18), (("115", "要闻", 4), ("116", "广告", 0), ("117", "工会周刊", 4))),
    (date(2026, 9, 16), (("115", "要闻", 3), ("116", "工会周刊", 3))),
)


def _folder(day):
    return f"/html/{day:%Y-%m/%d}/"


def address(one):
    """The path of an article, as the paper links to it."""
    return f"{_folder(one.day)}content_{43500 + one.number}.htm?div=-1"


def build(listing=None, issues=_ISSUES):
    """The paper, discovered from its home page; one of its pages holds an advertisement alone."""
    pages = {"/": _HEAD.format(f'<META HTTP-EQUIV=REFRESH CONTENT="0; URL={_folder(issues[0][0])[1:]}node_115.htm">')}
    articles = {}
    number = 0
    for issue, (day, nodes) in enumerate(issues):
        for order, (node, name, many) in enumerate(nodes):
            rows = [replace(story(each), day=day) for each in range(number + 1, number + many + 1)]
            number += many
            pages[f"{_folder(day)}node_{node}.htm"] = _page(issues, issue, order, rows)
            for one in rows:
                pages[address(one)] = _article(one, f"第0{order + 1}版：{name}")
                articles[address(one)] = _expected(one, name if listing is None else "数字报")
    return Built(
        "founder",
        {path: page.encode("gbk") for path, page in pages.items()},
        articles,
        listing=listing,
        section="数字报" if listing else None,
        listing_pages=1 + sum(len(nodes) for _, nodes in issues),
        absent=("版权所有", "放大", "上一篇", "RSS"),
    )


def build_named():
    """The variant whose profile names the home page for a section."""
    newest, *older = _ISSUES
    nodes = tuple(node for node in newest[1] if node[2])
    return build("/", ((newest[0], nodes), *older))


def _table(nodes):
    return "".join(
        f'<tr><td><a id="pageLink" href="node_{node}.htm">第0{order}版：{name}</a></td></tr>'
        for order, (node, name, _) in enumerate(nodes, 1)
    )


def _page(issues, issue, order, rows):
    day, nodes = issues[issue]
    titles = "".join(
        f'<tr><td class="default"><div style="display:inline" id="mp{43500 + one.number}">'
        f'<a href="content_{43500 + one.number}.htm?div=-1">{one.title}</a></div></td></tr>'
        for one in rows
    )
    if rows:
        titles += f'<tr><td><a href="content_{43500 + rows[0].number}.htm">详细</a></td></tr>'
    before = f'<a href="node_{nodes[order - 1][0]}.htm">上一版</a>　' if order else ""
    after = f'<a href="node_{nodes[order + 1][0]}.htm">下一版</a>' if order + 1 < len(nodes) else ""
    older = f"<a href='../../../{_folder(issues[issue + 1][0])[1:]}node_115.htm'>上一期</a>" if not issue else ""
    name = nodes[order][1]
    return (
        f"{_HEAD.format(f'<title>青禾日报数字报-第0{order + 1}版：{name}</title>')}{_NAV}<table><tr>"
        f"<td>{day:%Y年%m月%d日}"
        f' 星期五</td><td>{before}{after}{older}</td></tr></table><div id="btdh"><table><tbody>{titles}</tbody></table>'
        f"</div><table><tr><td>版面导航</td></tr>{_table(nodes)}</table>{_FOOT}"
    )


def _article(one, page):
    paper = "青禾日报"
    told = (
        f"<!--enpproperty <articleid>{43500 + one.number}</articleid><date>{one.day} 00:00:00:000</date>"
        f"<author>本报记者 {one.author}</author><title>{one.title}</title><nodename>{page[5:]}</nodename>"
        f"<nodesearchname>{paper}/{page[:4]}</nodesearchname><sourcename>{paper}</sourcename>/enpproperty-->"
    )
    body = "".join(f"<P>　　{each}</P>" for each in one.paragraphs)
    return (
        f"{_HEAD.format(f'<title>{paper}数字报-{one.title}</title>')}{told}{_NAV}"
        f"<table><tr><td>{one.day:%Y年%m月%d日} 星期五</td></tr><tr><td class='bt1'>{page}</td></tr></table>"
        f"<table><tr><td>{paper} {one.day:%Y年%m月%d日}</td><td><a href='content_{43499 + one.number}.htm'>上一篇</a>"
        "</td>"
        "<td><a href='javascript:zoomIn();'>放大</a><a href='javascript:zoomOut();'>缩小</a></td></tr></table>"
        '<div id="ozoom" style="ZOOM: 100%"><table width="574"><tbody><tr valign="top">'
        '<td align="center" class="font01">'
        f"<founder-title>{one.title}</founder-title></td></tr><tr valign='top'><td align='center' class='font02'>"
        f"<founder-author>本报记者 {one.author}</founder-author></td></tr></tbody></table>"
        f'<div class="bodytext"><!--enpcontent--><founder-content>{body}</founder-content><!--/enpcontent--></div>'
        "</div>"
        f"{_FOOT}"
    )


def _expected(one, section):
    return one.said(section, "generic", source="青禾日报", editors=[], published_at=f"{one.day}")
