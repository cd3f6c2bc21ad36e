"""PowerEasy (动易, ASP): ShowClass.asp and ShowArticle.asp, unquoted attributes, rows told by `title`; GBK."""

from family_sites.stories import Built, pages_of, story

_HEAD = (
    '<html>\n<head>\n<title>{}</title>\n<meta http-equiv="Content-Type" content="text/html; charset=gb2312">\n</head>\n'
    "<body leftmargin=0 topmargin=0>\n<TABLE WIDTH=760 class=top_tdbgall><TR><TD align=center class=nav_main>|&nbsp;"
    "<a class=Channel href=/Index.asp>网站首页</a>&nbsp;|&nbsp;<a class=Channel2 href=/News/ShowClass.asp?ClassID=3>"
    "基层工会</a>&nbsp;|&nbsp;<a class=Channel href=/GuestBook/Index.asp>网站留言</a>&nbsp;|</TD></TR>"
    "<TR><TD>最新公告：热烈欢迎各位职工朋友投稿！[2026年9月2日]</TD></TR></TABLE>"
)
_FOOT = (
    "<TABLE><TR><TD align=center class=Bottom_Adminlogo>| <a href=/Admin/Admin_Index.asp>管理登录"
    "</a> | 版权所有 白鹤镇总工会</TD></TR></TABLE></body></html>"
)
_LIST = "/News/ShowClass.asp?ClassID=3"


def address(one):
    """The path of an article."""
    return f"/News/ShowArticle.asp?ArticleID={1300 + one.number}"


def build(listing=None):
    """The site, discovered from its home page."""
    stories = [story(number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {
        _LIST if number == 1 else f"{_LIST}&page={number}": _list(rows, number, len(listed))
        for number, rows in enumerate(listed, 1)
    }
    pages |= {address(one): _article(one) for one in stories}
    pages["/"] = _HEAD.format("白鹤镇总工会") + _FOOT
    return Built(
        "powereasy",
        {path: page.encode("gbk") for path, page in pages.items()},
        {address(one): _expected(one) for one in stories},
        listing=listing,
        section="基层工会" if listing else None,
        absent=("网站首页", "管理登录", "点击数", "文章录入", "发表评论"),
    )


def build_section():
    """The variant whose profile names the list."""
    return build(_LIST)


def _list(rows, number, total):
    items = "".join(
        f"<tr><td>·<a class=listA href={address(one)} title='文章标题：{one.title}&#13;&#10;作&nbsp;&nbsp;&nbsp;"
        "&nbsp;者："
        f"{one.author}&#13;"
        f"&#10;更新时间：{one.day.year}-{one.day.month}-{one.day.day} {one.time}:11'>{one.title[:9]}…</a>"
        f"</td><td width=80>[{one.day:%m-%d}]</td></tr>\n"
        for one in rows
    )
    first = (
        f"<a href='{_LIST}&page=1'>首页</a> <a href='{_LIST}&page={number - 1}'>上一页</a>"
        if number > 1
        else "首页 上一页"
    )
    last = f"<a href='{_LIST}&page={number + 1}'>下一页</a> <a href='{_LIST}&page={total}'>尾页</a>"
    return (
        f"{_HEAD.format('基层工会--白鹤镇总工会')}<TABLE width=580>{items}</TABLE><div class=showpage>共 <b>14"
        "</b> 篇文章&nbsp;&nbsp;"
        f"{first}&nbsp;{last if number < total else '下一页 尾页'}&nbsp;页次：<strong><font color=red>{number}"
        f"</font>/{total}"
        f"</strong>页 &nbsp;<b>5</b>篇文章/页</div>{_FOOT}"
    )


def _article(one):
    body = "".join(f"　　{each}<br>\n<br>\n" for each in one.paragraphs)
    number = 1300 + one.number
    return (
        f"{_HEAD.format(f'{one.title}--白鹤镇总工会')}<TABLE width=760><TR><TD class=Guild height=28>"
        "&nbsp;您现在的位置：&nbsp;"
        "<a class='LinkPath' href='/'>白鹤镇总工会</a>&nbsp;&gt;&gt;&nbsp;"
        f"<a class='LinkPath' href='{_LIST}'>基层工会</a>&nbsp;"
        "&gt;&gt;&nbsp;正文</TD></TR></TABLE><TABLE width=760><TR><TD width=580 valign=top>"
        "<TABLE width='100%' class=main_tdbgall><TR><TD class=main_ArticleTitle align=center height=50>"
        f"<font face=黑体 size=5 color=#003399>{one.title}</font></TD></TR><TR>"
        "<TD class=Article_tdbgall align=center>作者："
        f"<font color=blue>{one.author}</font>&nbsp;&nbsp;&nbsp;&nbsp;文章来源："
        f"<a href=/News/ShowSource.asp?SourceName=1>{one.source}"
        f"</a>&nbsp;&nbsp;&nbsp;&nbsp;点击数：<script language=javascript src=/News/GetHits.asp?ArticleID={number}>"
        "</script>"
        f"&nbsp;&nbsp;&nbsp;&nbsp;更新时间：{one.day.year}-{one.day.month}-{one.day.day} {one.time}:11</TD></TR>"
        '<TR><TD height=200 valign=top class=main_tdbg_760 id=fontzoom style="WORD-BREAK: break-all">'
        f"<font size=3>\n{body}"
        "</font></TD></TR><TR><TD align=right class=Article_tdbgall>文章录入：admin&nbsp;"
        f"&nbsp;责任编辑：{one.editor}&nbsp;</TD></TR>"
        f"<TR><TD align=right>【<a href=/News/Comment.asp?ArticleID={number}>发表评论</a>】【"
        "<a href=/News/Print.asp?ArticleID="
        f"{number}>打印此文</a>】</TD></TR></TABLE></TD></TR></TABLE>{_FOOT}"
    )


def _expected(one):
    return one.said("基层工会", "powereasy:1", published_at=f"{one.day}T{one.time}:11+08:00")
