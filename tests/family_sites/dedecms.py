"""DedeCMS: `/a/{column}/{YYYY}/{MMDD}/{aid}.html` and `list_{tid}_{n}.html`, or scripts below `/plus/`; UTF-8, GBK."""

from family_sites.stories import Built, pages_of, story

_HEAD = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">\n<html><head>'
    '<meta http-equiv="Content-Type" content="text/html; charset={}" /><title>{}</title>'
    '<link href="/templets/default/style/dedecms.css" rel="stylesheet" type="text/css" /></head><body class="{}">'
    '<div class="header"><div id="navMenu"><ul><li><a href="/"><span>主页</span></a></li>'
    '<li><a href="{}"><span>工会要闻</span></a></li><li><a href="/plus/heightsearch.php">高级搜索</a></li></ul></div>'
    "</div>"
)
_FOOT = (
    '<div class="footer"><p class="powered">Powered by <a href="#"><strong>DedeCMS</strong></a> &copy; 2004-2011</p>'
    "</div></body></html>"
)


class _Static:
    home = "/a/gonghuiyaowen/"
    charset = "utf-8"

    def list(self, number):
        """The path of a list page."""
        return self.home if number == 1 else f"{self.home}list_7_{number}.html"

    def link(self, number):
        """How the pager links to it."""
        return f"list_7_{number}.html"

    def article(self, one):
        """The path of an article."""
        return f"{self.home}{one.day:%Y/%m%d}/{2200 + one.number}.html"


class _Scripts(_Static):
    home = "/plus/list.php?tid=7"

    def list(self, number):
        """The path of a list page."""
        return self.home if number == 1 else f"{self.home}&PageNo={number}"

    def link(self, number):
        """How the pager links to it."""
        return f"/plus/list.php?tid=7&TotalResult=14&PageNo={number}"

    def article(self, one):
        """The path of an article."""
        return f"/plus/view.php?aid={2200 + one.number}"


def build(form=None, listing=True):
    """The site as it is generated; its list links to the first story by its script as well."""
    form = form or _Static()
    stories = [story(number) for number in range(1, 15)]
    listed = pages_of(stories, 5)
    pages = {form.list(number): _list(form, rows, number, len(listed)) for number, rows in enumerate(listed, 1)}
    pages |= {form.article(one): _article(form, one) for one in stories}
    pages["/"] = _HEAD.format(form.charset, "青禾市总工会", "index", form.home) + _FOOT
    return Built(
        "dedecms",
        {path: page.encode("gbk" if form.charset == "gb2312" else "utf-8") for path, page in pages.items()},
        {form.article(one): _expected(one) for one in stories},
        listing=form.home if listing else None,
        section="工会要闻" if listing else None,
        absent=("Powered", "主页", "点击", "分隔线"),
    )


def build_gbk():
    """The variant in GBK, discovered from the home page."""
    form = _Static()
    form.charset = "gb2312"
    return build(form, listing=False)


def build_scripts():
    """The variant that generates no files."""
    return build(_Scripts())


def _list(form, rows, number, total):
    items = "".join(
        f'<li><b>[<a href=\'{form.home}\'>工会要闻</a>]</b><a href="{form.article(one)}" class="title">{one.title}</a>'
        f'<span class="info"><small>日期：</small>{one.day:%Y-%m-%d} {one.time}:00<small>点击：</small>36</span>'
        f'<p class="intro">{one.paragraphs[0][:40]}...</p></li>'
        for one in rows
    )
    if number == 1:
        items += f'<li><a href="/plus/view.php?aid={2200 + rows[0].number}">查看全文</a></li>'
    others = "".join(
        f'<li class="thisclass">{each}</li>' if each == number else f"<li><a href='{form.link(each)}'>{each}</a></li>"
        for each in range(1, total + 1)
    )
    more = f"<li><a href='{form.link(number + 1)}'>下一页</a></li>" if number < total else "<li>下一页</li>"
    last = f"<li><a href='{form.link(total)}'>末页</a></li>" if number < total else "<li>末页</li>"
    count = f'<li><span class="pageinfo">共 <strong>{total}</strong>页<strong>14</strong>条</span></li>'
    return (
        f'{_HEAD.format(form.charset, "工会要闻_青禾市总工会", "articlelist", form.home)}<div class="listbox">'
        f'<ul class="e2">{items}</ul></div><div class="dede_pages"><ul class="pagelist">{others}{more}{last}{count}'
        f"</ul></div>{_FOOT}"
    )


def _article(form, one):
    body = "".join(f"\n　　{each}<br />\n<br />" for each in one.paragraphs)
    return (
        f"{_HEAD.format(form.charset, f'{one.title}_青禾市总工会', 'articleview', form.home)}"
        f'<div class="pleft"><div class="place"><strong>当前位置:</strong> <a href="/">主页</a> > '
        f"<a href='{form.home}'>工会要闻</a> > </div>"
        f'<div class="viewbox"><div class="title"><h2>{one.title}</h2></div><div class="info"><small>时间:</small>'
        f"{one.day:%Y-%m-%d} {one.time}<small>来源:</small>{one.source}<small>作者:</small>{one.author}"
        f'<small>点击:</small><script src="/plus/count.php?view=yes&aid={2200 + one.number}&mid=1"></script>次</div>'
        '<div class="content"><table width="100%" border="0" cellspacing="0" cellpadding="0"><tr><td>'
        f"{body}(责任编辑：{one.editor})</td></tr></table></div>"
        '<div class="dede_pages"><ul class="pagelist"></ul></div><div class="boxoff"><strong>------分隔线------'
        "</strong>"
        f"</div></div></div>{_FOOT}"
    )


def _expected(one):
    return one.said("工会要闻", "dedecms:1")
