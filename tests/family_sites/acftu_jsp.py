"""The JSP engine of old.acftu.org: `/template/10001/column.jsp?cid=`, further pages by POST with `pgno`; GBK."""

from urllib.parse import parse_qs

from family_sites.stories import Built, pages_of, story

_COLUMN = "/template/10001/column.jsp?cid=222"
_HEAD = (
    '<html>\n<head>\n<title>{}</title>\n<meta http-equiv="Content-Type" content="text/html; charset=gb2312">\n'
    '<link href="/template/10001/css.css" rel="stylesheet" type="text/css">\n</head>\n<body bgcolor="#FFFFFF">'
    '<table width="778"><tr><td class="menu"><a href="/">首 页</a></td><td class="menu"><a href="/template/10001/'
    'column.jsp?cid=222">工会要闻</a></td><td class="menu"><a href="/bbs/">职工论坛</a></td></tr></table>'
)
_FOOT = (
    '<table width="778"><tr><td align="center" class="small">河阳街道总工会 版权所有 2005-2006</td></tr></table>'
    "</body></html>"
)


def address(one):
    """The path of an article."""
    return f"/template/10001/file.jsp?cid=222&aid={2000 + one.number}"


def build(says="", nested=False, listing=_COLUMN):
    """The site; `says` is how its pages tell their number, which they need not."""
    stories = [story(number) for number in range(1, 15)]
    listed = pages_of(stories, 5)

    def column(request):
        number = int(parse_qs(request.body.decode()).get("pgno", ["1"])[0])
        return _column(listed[number - 1], number, len(listed), says).encode("gbk")

    pages = {_COLUMN: column}
    if not says:
        pages |= {f"{_COLUMN}&pgno={number}": column for number in range(2, len(listed) + 1)}
    pages |= {address(one): _article(one, nested).encode("gbk") for one in stories}
    pages["/"] = (_HEAD.format("河阳街道总工会") + _FOOT).encode("gbk")
    return Built(
        "acftu_jsp",
        pages,
        {address(one): _expected(one, "acftu_jsp:1" if nested else "acftu_jsp:2") for one in stories},
        listing=listing,
        section="工会要闻" if listing else None,
        absent=("版权所有", "首 页", "打印", "相关文章"),
    )


def build_numbered():
    """The variant whose pages print their number, discovered from the home page; its texts lie in two elements."""
    return build("&nbsp;第 {} 页", nested=True, listing=None)


def _column(rows, number, total, says):
    items = "".join(
        f'<tr><td style="color:#0e2694;">·<a href="file.jsp?cid=222&aid={2000 + one.number}">{one.title}</a></td>'
        f"<td>({one.day:%Y-%m-%d})</td></tr>"
        for one in rows
    )
    return (
        f"{_HEAD.format('工会要闻')}<table>{items}</table>"
        '<form name="jumpform" method="post" action="column.jsp?cid=222">'
        f'<span class="pagenote_left">共 14 条记录 {total} 页{says.format(number)}</span> '
        '<a href="javascript:jump(1)">首页</a> <a href="javascript:jump(2)">下一页</a> '
        f'转到 <input name="pgno" size="2" value=""></form>{_FOOT}'
    )


def _article(one, nested):
    body = "".join(
        f'<P class=MsoNormal style="TEXT-INDENT: 24pt"><SPAN style="FONT-SIZE: 12pt; FONT-FAMILY: 宋体">{each}</SPAN>'
        "</P>"
        for each in one.paragraphs
    )
    if nested:
        body = f'<font id="fontsize">字号：大 中 小</font><div id="ArticleBody">{body}</div>'
    return (
        f'{_HEAD.format("河阳街道总工会")}<table width="600"><tr><td class="small">当前位置：<a href="/">首页</a> &gt; '
        f'<a href="column.jsp?cid=222">工会要闻</a></td></tr><tr><td align="center" class="file_title">{one.title}'
        "</td></tr>"
        f'<tr><td align="center" class="file_date">{one.day:%Y-%m-%d} {one.time}:00　　来源：{one.source}　　'
        f"作者：{one.author}　　责任编辑：{one.editor}</td></tr>"
        f'<tr><td id="ArticleBody">{body}</td></tr><tr><td align="right"><a href="javascript:window.print()">打印</a>'
        f"</td></tr><tr><td><b>相关文章</b></td></tr></table>{_FOOT}"
    )


def _expected(one, layout):
    return one.said("工会要闻", layout)
