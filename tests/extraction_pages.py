"""Small pages for the tests of extraction: invented words in the structure of real pages."""

from __future__ import annotations

from datetime import UTC, datetime

from archive.article import Article
from crawler.extraction import extract
from crawler.families.base import Entry
from crawler.profile import SiteProfile

URL = "http://www.lantian.example/news_2/417.html"
FETCHED = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)
TITLE = "蓝田区总工会为夜班职工开通暖心专线"
BODY = (
    "<p>　　5月20日深夜，蓝田区总工会的暖心专线第一次响起，电话那头是刚刚下班的纺织女工。</p>"
    "<p>　　专线由12名志愿者轮流值守，为夜班职工预约车辆、联系医生，也听他们说说心里话。</p>"
    "<p>　　区总工会计划在年底前把专线延伸到全部8个街道，并公布每月的接听记录。</p>"
)
TEXT = (
    "5月20日深夜，蓝田区总工会的暖心专线第一次响起，电话那头是刚刚下班的纺织女工。\n\n"
    "专线由12名志愿者轮流值守，为夜班职工预约车辆、联系医生，也听他们说说心里话。\n\n"
    "区总工会计划在年底前把专线延伸到全部8个街道，并公布每月的接听记录。"
)
MENU = '<ul class="menu"><li><a href="/">首页</a></li><li><a href="/news_1/">工会动态</a></li></ul>'


def markup(
    body: str = BODY,
    *,
    info: str = "",
    title: str = TITLE,
    head: str = "",
    after: str = "",
    tail: str = "_蓝田区总工会",
    heading: str | None = None,
) -> str:
    """Return a page: menu, headline, small print `info`, the body's element, what stands `after` it, footer."""
    h1 = f"<h1>{title}</h1>" if heading is None else heading
    return (
        f'<html><head><meta charset="utf-8"><title>{title}{tail}</title>{head}</head><body>{MENU}'
        f'{h1}<div class="info">{info}</div><div class="content">{body}</div>{after}'
        '<div class="footer">版权所有：蓝田区总工会　技术支持：青禾科技</div></body></html>'
    )


def read(
    html: str | bytes,
    *,
    url: str = URL,
    content_type: str | None = None,
    profile: SiteProfile | None = None,
    fetched_at: datetime | None = FETCHED,
    listing: Entry | None = None,
) -> Article:
    """Extract a page as the crawler would."""
    raw = html.encode() if isinstance(html, str) else html
    return extract(raw, url, content_type=content_type, profile=profile, fetched_at=fetched_at, listing=listing)
