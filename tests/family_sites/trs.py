"""TRS WCM: `createPageHTML(pages, current, "index", "html")`, files numbered from 0; articles beside the month."""

from family_sites.stories import Built, pages_of, story

_HEAD = '<!DOCTYPE html>\n<html><head><meta charset="utf-8">{}</head><body>'
_NAV = '<div class="nav"><a href="/">首页</a> <a href="/ghyw/">工会要闻</a> <a href="/zcfg/">政策法规</a></div>'
_FOOT = '<div class="footer">版权所有：青禾市总工会 技术支持：本地网络</div></body></html>'


def address(one):
    """The path of an article."""
    return f"/ghyw/{one.day:%Y%m}/t{one.day:%Y%m%d}_{58000 + one.number}.html"


def build(base=0):
    """The site; `base` is the number in the name of the second page's file, less one."""
    stories = [story(number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {}
    for number, rows in enumerate(listed):
        name = "/ghyw/" if number == 0 else f"/ghyw/index_{number + base}.html"
        pages[name] = _listing(rows, number, len(listed)).encode()
    pages["/ghyw/index.html"] = pages["/ghyw/"]
    for one in stories:
        pages[address(one)] = _article(one).encode()
    return Built(
        "trs",
        pages,
        {address(one): _expected(one) for one in stories},
        listing="/ghyw/",
        section="工会要闻",
        listing_pages=3,
        profile="[options]\nindex_base = 1\n" if base else "",
        absent=("版权所有", "首页", "字体"),
    )


def _listing(rows, number, total):
    items = "".join(
        f'<li><a href="./{address(one).removeprefix("/ghyw/")}" title="{one.title}">{one.title[:9]}…</a>'
        f"<span>{one.day:%Y-%m-%d}</span></li>\n"
        for one in rows
    )
    return (
        f"{_HEAD.format('<title>工会要闻-青禾市总工会</title>')}{_NAV}<ul id=list>{items}</ul>"
        f'<div class=page><script>createPageHTML({total}, {number}, "index", "html");</script></div>'
        f"{_FOOT}"
    )


def _article(one):
    metas = (
        f'<title>{one.title}-青禾市总工会</title><meta name="ArticleTitle" content="{one.title}">'
        f'<meta name="PubDate" content="{one.day:%Y-%m-%d} {one.time}">'
        f'<meta name="ContentSource" content="{one.source}">'
    )
    body = "".join(f'<p style="text-indent:2em">{each}</p>' for each in one.paragraphs)
    return (
        f"{_HEAD.format(metas)}{_NAV}"
        "<div class=location>当前位置：<a href='/'>首页</a> &gt; <a href='/ghyw/'>工会要闻</a></div>"
        f"<h1>{one.title}</h1><div class=info><span>发布时间：{one.day:%Y-%m-%d} {one.time}</span>"
        f"<span>来源：{one.source}</span><span>作者：{one.author}</span><span>【字体：大 中 小】</span></div>"
        f"<div class=view><div class=TRS_Editor><style>.TRS_Editor P{{line-height:2}}</style>{body}</div></div>"
        f"<div class=editor>责任编辑：{one.editor}</div>{_FOOT}"
    )


def _expected(one):
    return one.said("工会要闻", "trs:1")


def build_from_one():
    """The variant whose files are numbered from 1: page 2 is `index_2.html`."""
    return build(base=1)
