"""The district federations of Qingdao: `/news_{section}/{id}.html`, no printed date; lists and pager are invented."""

from family_sites.stories import Built, pages_of, story

_HEAD = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{}</title></head><body>'
_TOP = (
    '<div class="topbar"><span>欢迎进入青禾区总工会官网！</span><a href="javascript:;">加入收藏</a></div>'
    '<div class="menu"><ul><li><a href="/">首页</a></li><li><a href="/news_2/">热点聚焦</a></li>'
    '<li><a href="/news_13/">基层动态</a></li><li><a href="/about/">关于我们</a></li></ul></div>'
)
_FOOT = (
    '<div class="links"><span>友情链接：</span><a href="http://gh.example/">白鹭市总工会</a></div>'
    '<div class="footer"><p>版权所有：青禾区总工会　电话：000-00000000</p><p>技术支持：本地网络</p></div></body></html>'
)
_SECTIONS = {2: "热点聚焦", 13: "基层动态"}


def _section(one):
    return 2 if one.number % 3 else 13


def address(one):
    """The path of an article; ids are one sequence over all sections."""
    return f"/news_{_section(one)}/{982 - one.number}.html"


def _page(section, number):
    return f"/news_{section}/" if number == 1 else f"/news_{section}/p/{number}.html"


def build():
    """The site, discovered from its home page, which shows the newest articles, too."""
    stories = [story(number) for number in range(1, 19)]
    pages = {"/": _home(stories[:3]).encode()}
    lists = 0
    for section in _SECTIONS:
        listed = pages_of([one for one in stories if _section(one) == section], 5 if section == 2 else 2)
        lists += len(listed)
        for number, rows in enumerate(listed, 1):
            pages[_page(section, number)] = _listing(section, rows, number, len(listed)).encode()
    for one in stories:
        pages[address(one)] = _article(one).encode()
    return Built(
        "qingdao",
        pages,
        {address(one): _expected(one) for one in stories},
        listing_pages=1 + lists,
        absent=("欢迎进入", "当前位置", "版权所有", "上一篇", "友情链接"),
        detected=False,
    )


def _rows(stories):
    return "".join(f'<li><a href="{address(one)}" title="{one.title}">{one.title[:12]}…</a></li>\n' for one in stories)


def _home(newest):
    more = "".join(f'<a href="/news_{section}/">更多&gt;&gt;</a>' for section in _SECTIONS)
    return f'{_HEAD.format("青禾区总工会")}{_TOP}<div class="box"><ul>{_rows(newest)}</ul>{more}</div>{_FOOT}'


def _listing(section, stories, number, total):
    back = f'<a href="{_page(section, number - 1)}">上一页</a>' if number > 1 else ""
    on = f'<a href="{_page(section, number + 1)}">下一页</a>' if number < total else ""
    return (
        f"{_HEAD.format(f'{_SECTIONS[section]}-青禾区总工会')}{_TOP}{_bread(section)}"
        f'<ul class="n_list">{_rows(stories)}</ul><div class="page">{back} {on}</div>{_FOOT}'
    )


def _bread(section):
    return (
        '<div class="bread">当前位置：<a href="/">首页</a>&gt;&gt;'
        f'<a href="/news_{section}/">{_SECTIONS[section]}</a></div>'
    )


def _article(one):
    section = _section(one)
    body = "".join(f"<p>　　{each}</p>\n" for each in one.paragraphs)
    return (
        f'{_HEAD.format(f"{one.title}-青禾区总工会")}{_TOP}<div class="inner"><div class="l_menu"><ul>'
        f'<li><a href="/news_{section}/800.html">街道工会开展夏日送清凉活动</a></li></ul></div><div class="r_main">'
        f'{_bread(section)}<h1 class="n_title">{one.title}</h1><div class="n_content">{body}</div>'
        '<div class="n_page"><p>上一篇：'
        f'<a href="/news_{section}/799.html">社区工会组织健步行</a></p></div></div></div>{_FOOT}'
    )


def _expected(one):
    return one.said(_SECTIONS[_section(one)], "generic", source=None, authors=[], editors=[], published_at=None)
