"""NFCMS of Guangdong: `content/post_{id}.html` in the section's folder; listings `index_2.html`; JSON of gkmlpt."""

import json
from datetime import datetime, timedelta, timezone

from local_server import Reply

from family_sites.stories import Built, pages_of, story

_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_HEAD = (
    '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">{}'
    "<script>window.NFCMS_SITE_ID = 207; window.NFCMS_{}_ID = {};</script></head><body>"
)
_NAV = '<nav><a href="/">首页</a><a href="/xwdt/ghyw/">工会要闻</a><a href="/xwdt/jcdt/">基层动态</a></nav>'
_FOOT = '<footer><p>主办：渔浦港工会　版权所有</p></footer><script src="//statistics.gd.gov.cn/visit/x.js"></script>'
_SECTIONS = {"/xwdt/ghyw/": "工会要闻", "/xwdt/jcdt/": "基层动态", "/gkmlpt/": "政府信息公开"}
_SID = 755001
_ZONE = timezone(timedelta(hours=8))


def address(one, folder):
    """The path of an article; documents of the directory lie in two numbered folders."""
    inner = "1/1183/" if folder == "/gkmlpt/" else ""
    return f"{folder}content/{inner}post_{1183000 + one.number}.html"


def _listings(folder, stories):
    listed = pages_of(stories, 5)
    names = [folder] + [f"{folder}index_{number}.html" for number in range(2, len(listed) + 1)]
    pages = {}
    for number, rows in enumerate(listed):
        items = "".join(
            f'<li><a href="{address(one, folder)}" title="{one.title}" target="_blank">{one.title[:12]}</a>'
            f"<span>{one.day:%Y-%m-%d}</span></li>"
            for one in rows
        )
        last = number + 1 == len(names)
        following = "" if last else f'<a class="next" href="{names[number + 1]}">下一页</a>'
        pager = (
            f'<a class="first" href="{folder}index.html">首页</a>{following}<a class="last" href="{names[-1]}">尾页</a>'
        )
        pages[names[number]] = (
            f"{_HEAD.format(f'<title>{_SECTIONS[folder]}</title>', 'CAT', 31442)}{_NAV}<ul class='news'>{items}</ul>"
            f'<div class="page">{pager}</div>{_FOOT}'
        ).encode()
    return pages


def _directory(stories):
    """The page of the directory, which has no rows, and the JSON of all its documents, in pages of 5."""
    page = (
        f"{_HEAD.format('<title>政府信息公开目录</title>', 'PAGE', 1)}<div id='app'></div>"
        f"<script>window._CONFIG = {{ SID: '{_SID}', TREE: [] }};</script></body></html>"
    ).encode()
    pages = {"/gkmlpt/index": page}

    def answer(rows):
        def reply(request):
            host = f"http://{request.headers['host']}"
            articles = [
                {
                    "id": 1183000 + one.number,
                    "title": one.title,
                    "publisher": one.source,
                    "url": host + address(one, "/gkmlpt/"),
                    "display_publish_time": int(datetime.fromisoformat(f"{one.day}T{one.time}+08:00").timestamp()),
                }
                for one in rows
            ]
            said = {"total": len(stories), "articles": articles}
            return Reply(json.dumps(said, ensure_ascii=False).encode(), headers=_JSON)

        return reply

    for number, rows in enumerate([*pages_of(stories, 5), []], 1):
        pages[f"/gkmlpt/api/all/0?page={number}&sid={_SID}"] = answer(rows)
    return pages


def _article(one, folder):
    section = _SECTIONS[folder]
    metas = (
        f'<title>{one.title} - 渔浦港工会</title><meta name="ArticleTitle" content="{one.title}">'
        f'<meta name="PubDate" content="{one.day:%Y-%m-%d} {one.time}"><meta name="ColumnName" content="{section}">'
        f'<meta name="ContentSource" content="{one.source}">'
    )
    body = "".join(f"<p>&emsp;&emsp;{each}</p>" for each in one.paragraphs)
    holder = "article-content" if folder == "/gkmlpt/" else "news_cont_d_wrap"
    return (
        f"{_HEAD.format(metas, 'POST', 1183000 + one.number)}{_NAV}"
        f'<div class="crumb"><span>当前位置：</span><a href="/">首页</a><i>&gt;</i>'
        f'<a href="{folder}">{section}</a></div>'
        f'<h1 class="tit">{one.title}</h1><div class="info">{one.day:%Y-%m-%d} {one.time} 来源:{one.source}'
        f' 作者:{one.author} 分享:<a class="wx" href="javascript:;">微信</a></div>'
        f'<div class="{holder}">{body}<p style="text-align:right">(编辑:{one.editor})</p></div>'
        f'<div class="qr"><p>扫一扫在手机上打开当前页</p></div>{_FOOT}'
    ).encode()


def _expected(one, folder):
    return one.said(_SECTIONS[folder], "post:2" if folder == "/gkmlpt/" else "post:1")


def _built(pages, sections, **about):
    articles = {address(one, folder): (one, folder) for folder, rows in sections.items() for one in rows}
    return Built(
        "post",
        pages | {path: _article(*one) for path, one in articles.items()},
        {path: _expected(*one) for path, one in articles.items()},
        absent=("版权所有", "首页", "分享", "扫一扫", "编辑"),
        **about,
    )


def build():
    """The site with one section of three pages."""
    rows = [story(number) for number in range(1, 15)]
    folder = "/xwdt/ghyw/"
    return _built(_listings(folder, rows), {folder: rows}, listing=folder, section="工会要闻")


def build_home():
    """The site from its home page, which leads to two sections."""
    rows = [story(number) for number in range(1, 15)]
    sections = {"/xwdt/ghyw/": rows[:11], "/xwdt/jcdt/": rows[11:]}
    pages = {path: page for folder, listed in sections.items() for path, page in _listings(folder, listed).items()}
    pages["/"] = f"{_HEAD.format('<title>渔浦港工会</title>', 'PAGE', 1)}{_NAV}{_FOOT}".encode()
    return _built(pages, sections, listing_pages=5)


def build_gkmlpt():
    """The directory of public information: its page names the site, the JSON lists the documents."""
    rows = [story(number) for number in range(1, 15)]
    return _built(
        _directory(rows), {"/gkmlpt/": rows}, listing="/gkmlpt/index", section="政府信息公开", listing_pages=4
    )
