"""博达 VSB: listings whose files are numbered downwards, links relative to the page they stand on."""

from family_sites.stories import Built, pages_of, story

_HEAD = '<!DOCTYPE html><HTML><HEAD>{}<META charset="UTF-8"><!--Announced by Visual SiteBuilder 9-->'
_BODY = (
    '<link rel="stylesheet" type="text/css" href="/_sitegray/_sitegray_d.css" />'
    "<!-- CustomerNO:00000000000000000000000000000000 --></HEAD><BODY>"
)
_FOOT = '<div class="footer"><p>版权所有：云岭学院工会　邮编：000000</p></div></BODY></HTML>'
_OWNER = 1487123456
_SECTIONS = {1041: ("tzgg/ghdt", "工会动态"), 1042: ("tzgg/wthd", "文体活动")}


def address(one, tree=1041):
    """The path of an article."""
    return f"/info/{tree}/{3500 + one.number}.htm"


def _nav(up):
    """The menu; `up` is the way from the page to the site's root."""
    items = "".join(f'<li><a href="{up}{path}.htm">{name}</a></li>' for path, name in _SECTIONS.values())
    return f'<div class="nav"><ul><li><a href="{up}index.htm">网站首页</a></li>{items}</ul></div>'


def _page(title, up, content):
    return f"{_HEAD.format(f'<TITLE>{title}-云岭学院工会</TITLE>')}{_BODY}{_nav(up)}{content}{_FOOT}".encode()


def _pager(name, number, total):
    """The pager of page `number` of `total`: page k is the file `total - k + 1`, but page 1, beside the folder."""

    def link(page):
        if page == 1:
            return f"../{name}.htm"
        return f"{name}/{total - page + 1}.htm" if number == 1 else f"{total - page + 1}.htm"

    def button(word, kind, page, on):
        on_class, off_class = f"p_{kind} p_fun", f"p_{kind}_d p_fun_d"
        return (
            f'<span class="{on_class}"><a href="{link(page)}">{word}</a></span>'
            if on
            else f'<span class="{off_class}">{word}</span>'
        )

    numbers = "".join(
        f'<span class="p_no_d">{page}</span>'
        if page == number
        else f'<span class="p_no"><a href="{link(page)}">{page}</a></span>'
        for page in range(1, total + 1)
    )
    return (
        '<div class="pages"><div class="pb_sys_common pb_sys_normal pb_sys_style1"><span class="p_t">共14条</span> '
        f'<span class="p_pages">{button("首页", "first", 1, number > 1)}'
        f"{button('上页', 'prev', number - 1, number > 1)}"
        f"{numbers}{button('下页', 'next', number + 1, number < total)}{button('尾页', 'last', total, number < total)}"
        f'</span> <span class="p_t">{number}/{total}</span></div></div>'
    )


def _listings(tree, stories):
    path, section = _SECTIONS[tree]
    folder, _, name = path.rpartition("/")
    listed = pages_of(stories, 5)
    pages = {}
    for number, rows in enumerate(listed, 1):
        up = "../" if number == 1 else "../../"
        items = "".join(
            f'<li id="line_u5_{place}"><a href="{up}{address(one, tree)[1:]}" target="_blank" title="{one.title}">'
            f"{one.title[:9]}...</a><span>{one.day:%Y-%m-%d}</span></li>"
            for place, one in enumerate(rows)
        )
        ids = ",".join(str(3500 + one.number) for one in rows)
        content = (
            f'<div class="weizhi">当前位置: <a href="{up}index.htm">网站首页</a> &gt;&gt; {section}</div>'
            f"<ul>{items}</ul>"
            f"{_pager(name, number, len(listed))}<script>_showDynClickBatch(['dynclicks_u5'],[{ids}],"
            f'"wbnews", {_OWNER})</script>'
        )
        place = f"/{folder}/{name}.htm" if number == 1 else f"/{folder}/{name}/{len(listed) - number + 1}.htm"
        pages[place] = _page(section, up, content)
    return pages


def _article(one, tree, number):
    path, section = _SECTIONS[tree]
    body = "".join(f'<p style="text-indent: 2em;">{each}</p>' for each in one.paragraphs)
    # The number behind the body's id is that of its template.
    name = ("vsb_content", "vsb_content_2", "vsb_content_500")[number % 3]
    content = (
        '<div class="weizhi"><!--#begineditable name="当前位置"-->当前位置: <a href="../../index.htm">网站首页</a>'
        f' &gt;&gt; <a href="../../{path}.htm">{section}</a> &gt;&gt; 正文<!--#endeditable--></div>'
        f'<form name="_newscontent_fromname"><div><h1 align="center">{one.title}</h1>'
        f'<div style="line-height:400%">来源：{one.source} | 作者：{one.author} | '
        f"发布时间：{one.day:%Y-%m-%d} {one.time} | 浏览次数："
        f'<script>_showDynClicks("wbnews", {_OWNER}, {3500 + one.number})</script></div>'
        f'<div id="{name}"><div class="v_news_content">{body}</div></div><p id="div_vote_id"></p></div></form>'
        f'<p>责任编辑：{one.editor}</p><p>上一条：<a href="3401.htm">关于发放秋游补贴的说明</a></p>'
        "<p>【<a href='javascript:window.close();'>关闭</a>】</p>"
    )
    return _page(one.title, "../../", content)


def _expected(one, tree):
    return one.said(_SECTIONS[tree][1], "vsb:1")


def _built(trees, **about):
    articles = {address(one, tree): (one, tree) for tree, rows in trees.items() for one in rows}
    pages = {path: _article(*one, number) for number, (path, one) in enumerate(articles.items())}
    for tree, rows in trees.items():
        pages |= _listings(tree, rows)
    return Built(
        "vsb",
        pages,
        {path: _expected(*one) for path, one in articles.items()},
        absent=("版权所有", "上一条", "浏览次数", "网站首页"),
        **about,
    )


def build():
    """The site with one section of three pages: `ghdt.htm`, `ghdt/2.htm`, `ghdt/1.htm`."""
    rows = [story(number) for number in range(1, 15)]
    return _built({1041: rows}, listing="/tzgg/ghdt.htm", section="工会动态")


def build_home():
    """The site from its home page, which has an article under its dynamic address; its listing has it as a file."""
    rows = [story(number) for number in range(1, 15)]
    built = _built({1041: rows[:11], 1042: rows[11:]}, listing_pages=5)
    dynamic = f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1041&wbnewsid={3500 + rows[0].number}"
    built.pages[dynamic] = built.pages.pop(address(rows[0]))
    built.articles[dynamic] = built.articles.pop(address(rows[0]))
    home = f'<ul><li><a href="{dynamic[1:].replace("&", "&amp;")}">{rows[0].title}</a></li></ul>'
    built.pages["/"] = _page("首页", "", home)
    return built
