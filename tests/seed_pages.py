"""Short invented articles in the templates of the two seed sites, and the pages that list them, for the demo."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WORKERCN = "https://www.workercn.cn"
QDCYZGH = "http://www.qdcyzgh.cn"
#: The number a section of qdcyzgh has in its addresses.
QDCYZGH_SECTIONS = {"热点聚焦": 2, "基层动态": 13, "通知公告": 9}


@dataclass(frozen=True)
class Story:
    """One entry of seed_stories.toml; what a site does not print is None."""

    site: str
    section: str
    id: int
    title: str
    text: str
    time: str | None = None
    date: str | None = None
    source: str | None = None
    editor: str | None = None

    @property
    def url(self) -> str:
        if self.site == "workercn":
            return f"{WORKERCN}/c/{self.time[:10]}/{self.id}.shtml"
        return f"{QDCYZGH}/news_{QDCYZGH_SECTIONS[self.section]}/{self.id}.html"

    @property
    def html(self) -> bytes:
        page = _workercn_article(self) if self.site == "workercn" else _qdcyzgh_article(self)
        return page.encode()


@dataclass(frozen=True)
class Row:
    """What a listing prints of an article; `date` as printed, None where the row has none."""

    url: str
    title: str
    date: str | None = None
    source: str | None = None


def stories() -> tuple[Story, ...]:
    """Return the stories in the order of their file."""
    text = Path(__file__).with_name("seed_stories.toml").read_text(encoding="utf-8")
    return tuple(Story(**entry) for entry in tomllib.loads(text)["story"])


def row(story: Story) -> Row:
    """Return how a listing shows a story."""
    return Row(story.url, story.title, story.time or story.date, story.source)


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>　　{escape(line, quote=False)}</p>" for line in text.strip().split("\n"))


def _document(title: str, head: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{escape(title, quote=False)}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""


def _workercn(title: str, body: str) -> str:
    channels = ("工会", "维权", "人物", "时政", "评论", "理论", "就业", "国际", "社会", "财经")
    nav = "".join(f"<li>{name}</li>" for name in channels)
    return _document(
        title,
        '<link rel="stylesheet" href="/static/pc/css/detail.css">',
        f"""<div class="top"><img src="/static/pc/img/logo.png" alt="中工网"><span>中工娱乐</span></div>
<ul class="nav">{nav}</ul>
{body}
<div class="matrix"><h3>媒体矩阵</h3><ul><li>中工网客户端</li><li>中工网微信号</li><li>中工网微博号</li>
<li>中工网抖音号</li></ul></div>
<div class="foot"><p>关于中工网 | 版权说明 | 违法和不良信息举报热线：010-00000000</p>
<p>Copyright &copy; 2008-2024 by www.workercn.cn. 保留所有权利</p></div>
<div class="qr">扫码关注 <a class="close">×</a></div>""",
    )


def _workercn_article(story: Story) -> str:
    return _workercn(
        f"{story.title} - {story.section} - 中工网",
        f"""<div class="crumb"><a href="/">中工网</a> &gt; {story.section} &gt; 正文</div>
<div class="main"><h1 class="title">{escape(story.title, quote=False)}</h1>
<div class="info"><span class="source">来源：{story.source}</span>
<span class="when">{story.time}</span></div>
<div class="ccontent">
{_paragraphs(story.text)}
</div>
<div class="duty">责任编辑：{story.editor}</div></div>""",
    )


def workercn_list(name: str, rows: Iterable[Row]) -> bytes:
    """Return a section page as the site has had it since 2022: rows in `ul.list`, each with its time and source."""

    def item(entry: Row) -> str:
        path = entry.url.removeprefix(WORKERCN)
        number = path.rpartition("/")[2].partition(".")[0]
        return (
            f'<li id="li_{number}"><h3><a href="{path}" target="_blank">{escape(entry.title)}</a></h3>'
            f'<div class="info2">{entry.date}:00<span style="float:right">{entry.source}</span></div></li>'
        )

    items = "\n".join(map(item, rows))
    return _workercn(f"{name} - 中工网", f'<h2>{name}</h2>\n<ul class="list">\n{items}\n</ul>').encode()


def workercn_json(rows: Iterable[Row]) -> bytes:
    """Return a JSON list: an array of objects with a site-relative `href` (other hosts in full)."""
    entries = [{"title": entry.title, "href": entry.url.removeprefix(WORKERCN)} for entry in rows]
    return json.dumps(entries, ensure_ascii=False, indent=1).encode()


def _qdcyzgh(title: str, body: str) -> str:
    menu = "\n".join(f'<li><a href="/news_{number}/">{name}</a></li>' for name, number in QDCYZGH_SECTIONS.items())
    return _document(
        title,
        '<link rel="stylesheet" href="/skin/css/style.css">',
        f"""<div class="topbar">欢迎进入青岛城阳区总工会官网！</div>
<div class="menu"><ul><li><a href="/">首页</a></li>
{menu}
</ul></div>
{body}
<div class="footer"><p>版权所有：青岛城阳区总工会　电话：0532-00000000</p></div>""",
    )


def _qdcyzgh_article(story: Story) -> str:
    section = f'<a href="/news_{QDCYZGH_SECTIONS[story.section]}/">{story.section}</a>'
    return _qdcyzgh(
        f"{story.title}-青岛城阳区总工会",
        f"""<div class="r_main"><div class="bread">当前位置：<a href="/">首页</a>&gt;&gt;{section}</div>
<h1 class="n_title">{escape(story.title, quote=False)}</h1>
<div class="n_content">
{_paragraphs(story.text)}
</div></div>""",
    )


def _qdcyzgh_rows(rows: Iterable[Row]) -> str:
    def item(entry: Row) -> str:
        date = f"<span>{entry.date}</span>" if entry.date else ""
        return f'<li><a href="{entry.url.removeprefix(QDCYZGH)}">{escape(entry.title)}</a>{date}</li>'

    return "\n".join(map(item, rows))


def qdcyzgh_list(section: str, rows: Iterable[Row]) -> bytes:
    """Return a section page of qdcyzgh (its real markup is not known: title links, some with a date)."""
    body = f"""<div class="bread">当前位置：<a href="/">首页</a>&gt;&gt;{section}</div>
<ul class="n_list">
{_qdcyzgh_rows(rows)}
</ul>"""
    return _qdcyzgh(f"{section}-青岛城阳区总工会", body).encode()


def qdcyzgh_home(latest: Sequence[Row]) -> bytes:
    """Return the home page: a menu of the sections, and the latest articles."""
    body = f'<div class="latest"><h2>最新动态</h2><ul>\n{_qdcyzgh_rows(latest)}\n</ul></div>'
    return _qdcyzgh("青岛城阳区总工会", body).encode()
