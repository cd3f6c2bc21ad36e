"""Pages of the site that is visited for years: the same story in several templates, in ever other dress.

A dress is what moves around an article from visit to visit: menus, counters, banners, hosts of pictures, lists.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import news_pages
from visits_stories import Story

#: By template: the layout that reads it in a profile. `bare` has none: it prints headline and text, and no labels.
LAYOUTS = {
    "news": 'body = "div.content"\ntitle = "div.article h1"\ndate = "div.info"\n',
    "table": 'body = "td#zoom"\ntitle = "td.bt"\ndate = "td.ly"\n',
    "post": 'body = "section.post-body"\ntitle = "h2.post-title"\ndate = "ul.post-meta"\n',
    "plain": 'body = "div.r-b"\ntitle = "h1.r-t"\ndate = "div.r-m"\n',
}
_MENU = ("首页", "工会要闻", "基层动态", "职工维权", "服务大厅", "通知公告", "女职工", "劳模风采", "网上书屋")
_BANNERS = ("专题：夏送清凉", "专题：班组风采", "职工书屋线上阅读月", "集体协商要约行动", "“安康杯”竞赛进行中")
_LATEST = ("食堂的意见簿", "夜校又开课了", "修鞋摊搬进服务站", "码头的开水房", "新来的安全员", "老班长的工具箱")


@dataclass(frozen=True, slots=True)
class Dress:
    """How pages are dressed on a day; equal numbers dress alike."""

    number: int

    def chance(self, path: str) -> random.Random:
        """Return the chance that dresses the page at a path."""
        return random.Random(f"{self.number} {path}")


def page(story: Story, template: str, dress: Dress) -> bytes:
    """Return the page of a story."""
    chance = dress.chance(story.path)
    top, side, bottom = _furniture(dress.number % 7)
    parts = (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{story.title}-本地工会网</title>'
        f'<meta name="csrf" content="{chance.getrandbits(64):016x}">',
        top,
        _head(chance),
        _TEMPLATES[template](story, chance),
        _others(story, chance),
        side,
        _foot(chance),
        bottom,
    )
    return "".join(parts).encode()


def listing(section: str, stories: Sequence[Story], following: str | None, dress: Dress) -> bytes:
    """Return a listing page of a section; `following` is the path of the next one."""
    chance = dress.chance(section)
    top, _, bottom = _furniture(dress.number % 7)
    rows = "".join(
        f'<li><a href="{one.path}" target="_blank">{one.title}</a><span>{one.published[:10]}</span></li>\n'
        for one in stories
    )
    more = f'<a href="{following}">下一页</a>' if following else ""
    here = f'<h2>{section}</h2><div class="list"><ul>{rows}</ul><div class="pages">{more}</div></div>'
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{section}-本地工会网</title>'
    return "".join((head, top, _head(chance), here, _foot(chance), bottom)).encode()


def _news(story: Story, chance: random.Random) -> str:
    return (
        '<div class="crumb">您的位置：<a href="/">首页</a> &gt; <a href="/1/">要闻</a> &gt; 正文</div>'
        f'<div class="article"><h1>{story.title}</h1><div class="info"><span>来源：{story.source}</span> '
        f"<span>作者：{' '.join(story.authors)}</span> <span>发布时间：{story.published}</span> "
        f"<span>浏览次数：{chance.randrange(10**5)}</span></div>"
        f'<div class="content">{_body(story, chance)}</div><div class="editor">责任编辑：{story.editor}</div></div>'
    )


def _table(story: Story, chance: random.Random) -> str:
    return (
        f'<table width=960 align=center><tr><td class="bt" align=center>{story.title}</td></tr>'
        f'<tr><td class="ly" align=center>发布时间：{story.published} 来源：{story.source} '
        f"作者：{' '.join(story.authors)} 点击：{chance.randrange(10**4)} 次</td></tr>"
        f'<tr><td id="zoom">{_body(story, chance)}</td></tr>'
        f"<tr><td align=right>责任编辑：{story.editor}</td></tr></table>"
    )


def _post(story: Story, chance: random.Random) -> str:
    return (
        f'<article class="post"><header><h2 class="post-title">{story.title}</h2><ul class="post-meta">'
        f"<li>时间：{story.published}</li><li>来源：{story.source}</li><li>作者：{' '.join(story.authors)}</li>"
        f"<li>阅读：{chance.randrange(10**5)}</li></ul></header>"
        f'<section class="post-body">{_body(story, chance)}</section>'
        f"<footer><p>责任编辑：{story.editor}</p></footer></article>"
    )


def _plain(story: Story, chance: random.Random) -> str:
    return (
        f'<main class="r-{chance.getrandbits(16):04x}"><h1 class="r-t">{story.title}</h1>'
        f'<div class="r-m">{story.published} 来源：{story.source} 作者：{" ".join(story.authors)}</div>'
        f'<div class="r-b">{_body(story, chance)}</div><div class="r-e">责任编辑：{story.editor}</div></main>'
    )


def _bare(story: Story, chance: random.Random) -> str:
    return (
        f'<main class="r-{chance.getrandbits(16):04x}"><h1 class="r-t">{story.title}</h1>'
        f'<div class="r-b">{_body(story, chance)}</div></main>'
    )


_TEMPLATES = {"news": _news, "table": _table, "post": _post, "plain": _plain, "bare": _bare}


def _body(story: Story, chance: random.Random) -> str:
    """Return what stands in the element of the body: paragraphs, a picture, a file, a banner without words."""
    host = f"http://img{chance.randrange(1, 9)}.example.org"
    text = "".join(f"<p>　　{one}</p>\n" for one in story.paragraphs)
    picture = (
        f'<p style="text-align:center"><img src="{host}/pic/{story.number}.jpg" alt=""></p>' if story.number % 2 else ""
    )
    file = f'<p>附件：<a href="/files/{story.number}.doc">{story.file}</a></p>' if story.file else ""
    banner = f'<p><a href="/zt/{chance.randrange(99)}/"><img src="{host}/zt/{chance.randrange(99)}.gif"></a></p>'
    return picture + text + file + banner


def _head(chance: random.Random) -> str:
    menu = "".join(f'<li><a href="/c{n}/">{name}</a></li>' for n, name in enumerate(chance.sample(_MENU, 8)))
    return (
        f"<div class=bar>今天是2026年{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日 "
        f"今日访问 {chance.randrange(10**5)} 次 在线 {chance.randrange(300)} 人</div><ul class=nav>{menu}</ul>"
        f'<div class="banner"><a href="/zt/{chance.randrange(99)}/"><img src="http://ad{chance.randrange(9)}.example.org/'
        f'{chance.randrange(999)}.jpg" alt="{chance.choice(_BANNERS)}"></a></div>'
    )


def _others(story: Story, chance: random.Random) -> str:
    """Return the neighbours of a story, and lists of others: they are other ones on every day."""
    before, after = (news_pages.title(max(1, story.number + step * chance.randrange(1, 9))) for step in (-1, 1))
    hot = "".join(
        f'<li><a href="/news/{number}.html">{chance.choice(_LATEST)}（{number}）</a></li>'
        for number in (chance.randrange(1, 99) for _ in range(8))
    )
    return (
        f'<div class="near"><p>上一篇：<a href="/news/1.html">{before}</a></p>'
        f'<p>下一篇：<a href="/news/2.html">{after}</a></p></div>'
        f'<div class="related"><h3>相关新闻</h3><ul>{hot}</ul></div>'
    )


def _foot(chance: random.Random) -> str:
    return (
        f"<div class=links>友情链接：<a href=/go/{chance.randrange(99)}>{chance.choice(_MENU)}网</a></div>"
        f"<div class=count>本页已被浏览 {chance.randrange(10**6)} 次</div>"
    )


@cache
def _furniture(number: int) -> tuple[str, str, str]:
    """Return the scripts, menus and boxes of a news site; another number marks them otherwise."""
    whole = news_pages.article(1).decode()
    top = whole.partition("本地工会网</title>")[2].partition('<div class="crumb">')[0]
    rest = whole.partition('<div class="related">')[2].partition("</ul></div>")[2]
    side, mark, bottom = rest.partition("<div class=friends>")
    return (
        re.sub('data-id="', f'data-id="{number}', top),
        re.sub("/topic/", f"/topic/{number}", side),
        mark + re.sub("/go/", f"/go/{number}", bottom),
    )
