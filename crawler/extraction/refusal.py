"""Refusal: what tells a page that is no article, before and after its body was looked for."""

from __future__ import annotations

import re

from crawler.extraction.errors import ExtractionError
from crawler.extraction.outline import Outline
from crawler.extraction.page import Page
from crawler.extraction.words import either

#: Larger pages cost a parser seconds that nothing can interrupt.
MAX_BYTES = 2_000_000
#: Elements open in one another from which on a page is refused: parsing costs the square of its depth.
MAX_DEPTH = 5000
#: Elements that a parser looks for above each block; those it closes by itself (`p`, `li`, `td`) do not add up.
_NESTING = re.compile(
    r"<(/?)(?:div|[udo]l|table|blockquote|center|section|article|aside|header|footer|nav|main|form|fieldset|figure|menu"
    r"|dir|details|address|pre|listing|h[1-6])\b",
    re.I,
)
#: Characters of visible text below which a page has nothing to say but what its script would add.
_BARE = 200
#: Rows that make a list; related articles below a short text are fewer.
_ROWS = 8

_CHALLENGE = re.compile(
    either(
        r"\$\x5fts\s*= \x5f\x5fjsl\x5fclearance \x5fjsluid acw\x5fsc\x5f\x5fv2 \bcf[-\x5f]chl challenge-platform"
        r" Just_a_moment\.\.\. 安全验证 人机验证 访问验证 滑动验证 captcha 正在进行安全检查 浏览器安全检查"
        r" 请开启JavaScript Checking_your_browser eval\(function\(p,a,c,k"
        r" document\.cookie\s*=[^;]{0,200};\s*(?:window\.)?location"
    ),
    re.I,
)
_MISSING = re.compile(
    either(
        r"页面(?:不存在|未找到|找不到|已删除|已被删除|丢失|没有找到|走丢)"
        r" (?:网页|文章|信息|内容)(?:不存在|已删除|已被删除|未找到) 找不到[该您你此]?.{0,6}(?:页面|网页|文章)"
        r" 您?访问的(?:页面|内容).{0,8}(?:不存在|删除|失效) 无权访问 拒绝访问 服务器错误 ^\s*404\b"
        r" \b404\s*(?:error|not_found|-) page_(?:can(?:no|')t_be|could_not_be|was_not|not)_found \bnot_found\b"
        r" access_denied 403_forbidden ^\s*50[023]\b bad_gateway"
    ),
    re.I,
)
_LOGIN = re.compile(r"登录|登錄|用户名|密码|log ?in|sign ?in|password", re.I)
_APP = re.compile(r"<div[^>]{0,80}\bid=[\"']?(?:app|root|__nuxt|__next)\b|enable javascript|请启用\s*JavaScript", re.I)
_DATED = re.compile(r"(?:19|20)\d\d[-/.年]\s*\d{1,2}[-/.月]\s*\d{1,2}|^\[?\(?\d{1,2}-\d{1,2}\)?\]?$")


def check_bytes(raw: bytes, url: str) -> None:
    """Refuse pages that are empty or over 2 MB."""
    if len(raw) > MAX_BYTES:
        raise ExtractionError(
            url, f"page of {len(raw):,} bytes, over 2 MB", "check that it is an article and not a download"
        )
    if not raw.strip():
        raise ExtractionError(url, "empty page", "fetch it again, or mark the address as gone")


def check_depth(markup: str, url: str) -> None:
    """Refuse markup whose elements are open in one another by the thousand."""
    if markup.count("<") <= 4 * MAX_DEPTH:
        return  # most pages: so few are parsed in a second, however they stand
    depth = 0
    for match in _NESTING.finditer(markup):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            raise ExtractionError(url, "elements nested too deep to read", "look at the page: it is damaged or hostile")


def check_page(page: Page) -> None:
    """Refuse pages whose little text shows what they are: a challenge, an error, a login, a script's shell."""
    segments = page.outline.segments
    text = 0
    for segment in segments:
        text += len(segment.text)
        if text > 4 * _BARE:
            return
    visible = " ".join(segment.text for segment in segments)
    if text <= _BARE and _CHALLENGE.search(page.markup):
        raise ExtractionError(
            page.url, "a challenge page, not the site's own", "mark the site blocked; do not work around it"
        )
    told = any(_MISSING.search(each.text) for each in segments if len(each.text) < 60)
    prose = sum(len(each.text) for each in segments if not each.links and not _MISSING.search(each.text))
    if _MISSING.search(page.title) or (told and prose < _BARE / 2):
        raise ExtractionError(page.url, "an error page (页面不存在)", "treat the article as withdrawn")
    if page.tree.css_first("input[type=password]") is not None and _LOGIN.search(visible):
        raise ExtractionError(page.url, "a login page", "leave the address out: only public pages are archived")
    if text <= 40 and (_APP.search(page.markup) or "<script" in page.markup[:20_000].lower()):
        raise ExtractionError(
            page.url, "a script page without text of its own", "mark the site unsupported, or find its static pages"
        )
    if not segments:
        raise ExtractionError(page.url, "empty page: no visible text", "fetch it again, or mark the address as gone")


def listing_rows(page: Outline, first: int, last: int) -> int:
    """Return how many rows of segments [first, last) look like a listing's: a link with a date beside it."""
    rows = 0
    segments = page.segments
    for number in range(first, last):
        segment = segments[number]
        if segment.links * 2 < len(segment.text) or segment.links < 6:
            continue
        beside = segments[max(first, number - 1) : number + 2]
        rows += any(_DATED.search(each.text) for each in beside if len(each.text) < 200)
    return rows


def check_body(page: Page, first: int, last: int) -> None:
    """Refuse a page whose found body, segments [first, last), is a list of other pages."""
    rows = listing_rows(page.outline, first, last)
    segments = page.outline.segments[first:last]
    prose = sum(len(segment.text) for segment in segments if segment.links * 2 < len(segment.text) > 15)
    if rows >= _ROWS and prose < 30 * rows:
        raise ExtractionError(
            page.url, f"a listing page: {rows} dated links", "crawl it as a section, not as an article"
        )
