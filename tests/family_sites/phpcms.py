"""PHPCMS v9 with its parameters and rewritten, and 迅睿, whose page is a plain one: only addresses are known of it."""

from family_sites.stories import Built, pages_of, story

_HEAD = (
    '<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" />'
    '<title>{}</title></head><body><div class="header"><ul class="nav-site"><li><a href="/"><span>首页</span></a></li>'
    '<li><a href="{}"><span>基层在线</span></a></li></ul></div>'
)
_V9_FOOT = (
    '<div class="footer"><p class="info"><a href="/index.php?m=link">友情链接</a><br />'
    "Powered by <strong>PHPCMS</strong> V9 © 2018 青禾市总工会</p></div></body></html>"
)


class _V9:
    home = "/index.php?m=content&c=index&a=lists&catid=12"
    layout = "phpcms:1"

    def list(self, number):
        """The path of a list page."""
        return self.home if number == 1 else f"{self.home}&page={number}"

    def article(self, one):
        """The path of an article."""
        return f"/index.php?m=content&c=index&a=show&catid=12&id={800 + one.number}"

    def again(self, one):
        """Another address of it."""
        return f"{self.article(one)}&siteid=1"


class _Rewritten(_V9):
    home = "/list-12-1.html"

    def list(self, number):
        """The path of a list page."""
        return f"/list-12-{number}.html"

    def article(self, one):
        """The path of an article."""
        return f"/show-12-{800 + one.number}-1.html"

    def again(self, one):
        """Another address of it."""
        return _V9().article(one)


class _Xunrui(_V9):
    home = "/index.php?c=category&id=7"
    layout = "generic"

    def article(self, one):
        """The path of an article."""
        return f"/index.php?c=show&id={2100 + one.number}"


def build(form=None, listing=True):
    """The v9 site; its list links to the first story under another address as well."""
    form = form or _V9()
    page = _xunrui if isinstance(form, _Xunrui) else _v9
    stories = [story(number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {form.list(number): _list(form, rows, number, len(listed)) for number, rows in enumerate(listed, 1)}
    pages |= {form.article(one): page(form, one) for one in stories}
    pages["/"] = _HEAD.format("青禾市总工会", form.home) + _V9_FOOT
    return Built(
        "phpcms",
        {path: page.encode() for path, page in pages.items()},
        {form.article(one): _expected(one, form.layout) for one in stories},
        listing=form.home if listing else None,
        section="基层在线" if listing else None,
        absent=("Powered", "首页", "点击", "上一篇", "热词"),
    )


def build_rewritten():
    """The variant with rewritten addresses, discovered from the home page."""
    return build(_Rewritten(), listing=False)


def build_xunrui():
    """The variant of 迅睿."""
    return build(_Xunrui())


def _list(form, rows, number, total):
    items = "".join(
        f'<li><span class="rt">{one.day:%Y-%m-%d} {one.time}:00</span>·<a href="{form.article(one)}" target="_blank">'
        f"{one.title}</a></li>"
        for one in rows
    )
    if number == 1:
        items += f'<li><a href="{form.again(rows[0])}">详情</a></li>'
    others = " ".join(
        f"<span>{each}</span>" if each == number else f'<a href="{form.list(each)}">{each}</a>'
        for each in range(1, total + 1)
    )
    # The last page's 下一页 leads to itself.
    more = f'<a href="{form.list(min(number + 1, total))}" class="a1">下一页</a>'
    pager = (
        '<div id="pages" class="text-c"><a class="a1">14条</a> '
        f'<a href="{form.list(max(number - 1, 1))}" class="a1">上一页</a> {others} {more}</div>'
    )
    return (
        f'{_HEAD.format("基层在线 - 青禾市总工会", form.home)}<ul class="list lh24 f14">{items}</ul>{pager}{_V9_FOOT}'
    )


def _v9(form, one):
    body = "".join(f"<p>　　{each}</p>\n" for each in one.paragraphs)
    return (
        f'{_HEAD.format(f"{one.title} - 基层在线 - 青禾工会网", form.home)}<div class="main"><div class="col-left">'
        f'<div class="crumbs"><a href="/">首页</a><span> &gt; </span><a href="{form.home}">基层在线</a> >  正文</div>'
        f'<div id="Article"><h1>{one.title}<br />\n<span>{one.day:%Y-%m-%d} {one.time}:12&nbsp;&nbsp;'
        f"&nbsp;来源：{one.source}"
        f'&nbsp;&nbsp;作者：{one.author}&nbsp;&nbsp;编辑：{one.editor}&nbsp;&nbsp;点击：<span id="hits"></span>'
        "</span></h1>"
        f'<div class="content">{body}</div><div id="pages" class="text-c"></div>'
        '<p style="margin-bottom:10px"><strong>相关热词搜索：</strong><a href="#" class="blue">协商</a></p>'
        f'<p class="f14"><strong>上一篇：</strong><a href="{form.article(one)}">没有了</a></p></div></div></div>'
        f'<script src="/api.php?op=count&id={one.number}&modelid=1"></script>{_V9_FOOT}'
    )


def _xunrui(form, one):
    body = "".join(f"<p>{each}</p>" for each in one.paragraphs)
    return (
        f'{_HEAD.format(f"{one.title}-基层在线-青禾市总工会", form.home)}<div class="weizhi">当前位置：'
        '<a href="/">首页</a> &gt; '
        f'<a href="{form.home}">基层在线</a></div><h1>{one.title}</h1>'
        f'<div class="shuxing">发布时间：{one.day:%Y-%m-%d} '
        f"{one.time}:12　来源：{one.source}　作者：{one.author}　编辑：{one.editor}</div>"
        f'<div class="neirong">{body}</div></body></html>'
    )


def _expected(one, layout):
    return one.said("基层在线", layout, published_at=f"{one.day}T{one.time}:12+08:00")
