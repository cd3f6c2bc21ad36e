"""Refusal: what tells a page that is no article, before and after its body was looked for."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.extraction.errors import MISSING, ExtractionError
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.outline import Outline, Segment
from crawler.extraction.page import Page

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
#: How the reason begins where a page is something else.
_NOT = "not an article: "
#: Characters of a link that is a headline, links of them that make a listing or a home page, and dated ones that do.
_HEADLINE, _LINKS, _DATED_LINKS = 8, 12, 2
#: Such links inside a body from which on it is a list of abstracts, and characters of one.
_INSIDE, _ABSTRACT = 4, 200
#: Links of a page without any text that make it a listing though none is dated: a menu has fewer.
_MENU = 30
#: Letters of a title from which on it is no section's; characters of text that outweigh all lists of a page, and one.
_NAMED, _TEXT, _TEXT_A_LINK = 6, 150, 16
_ROOT = re.compile(r"/?(?:(?:index|default|main|home)\.\w{2,5})?")
#: Rows that make a list; related articles below a short text are fewer.
_ROWS = 8

_CHALLENGE = compiled(any_of("refusal.challenge"), re.I)
_MISSING = compiled(f"{any_of('refusal.missing')}|{any_of('refusal.broken')}", re.I)
_GONE = compiled(any_of("refusal.missing"), re.I)
_MAINTENANCE = compiled(any_of("refusal.maintenance"), re.I)
_LOGIN = compiled(any_of("refusal.login"), re.I)
_APP = compiled(
    rf"<div[^>]{{0,80}}\bid=[\"']?{any_of('refusal.app')}\b|{any_of('refusal.script')}",
    re.I,
)
_DATED = re.compile(r"(?:19|20)\d\d[-/.年]\s*\d{1,2}[-/.月]\s*\d{1,2}|^\[?\(?\d{1,2}-\d{1,2}\)?\]?$")


def check_bytes(raw: bytes, url: str) -> None:
    """Refuse pages that are empty or over 2 MB."""
    if len(raw) > MAX_BYTES:
        raise ExtractionError(
            url, f"page of {len(raw):,} bytes, over 2 MB", "check that it is an article and not a download"
        )
    if not raw.strip():
        raise ExtractionError(url, f"{_NOT}empty page", "fetch it again, or mark the address as gone")


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
    visible = " ".join((page.title, *(segment.text for segment in segments)))
    if _CHALLENGE.search(page.markup if text <= _BARE else visible):
        raise ExtractionError(page.url, f"{_NOT}challenge page", "mark the site blocked; do not work around it")
    told = any(_MISSING.search(each.text) for each in segments if len(each.text) < 60)
    prose = sum(len(each.text) for each in segments if not each.links and not _MISSING.search(each.text))
    if _MISSING.search(page.title) or (told and prose < _BARE / 2):
        raise _gone(page)
    if text <= 2 * _BARE and any(_MAINTENANCE.search(each) for each in (page.title, *(one.text for one in segments))):
        raise ExtractionError(page.url, f"{_NOT}maintenance page", "leave the site alone for a while")
    if page.tree.css_first("input[type=password]") is not None and _LOGIN.search(visible):
        raise ExtractionError(page.url, f"{_NOT}login page", "leave the address out: only public pages are archived")
    if text <= 40 and (_APP.search(page.markup) or "<script" in page.markup[:20_000].lower()):
        raise ExtractionError(
            page.url,
            f"{_NOT}script page without text of its own",
            "mark the site unsupported, or find its static pages",
        )
    if not segments:
        raise ExtractionError(
            page.url, f"{_NOT}empty page, no visible text", "fetch it again, or mark the address as gone"
        )


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
        raise ExtractionError(page.url, f"{_NOT}listing ({rows} dated links)", "crawl it as a section")


def missing(page: Page, reason: str, fix: str) -> ExtractionError:
    """Return the error for a page without a title or text: where it is full of links, it is a list of other pages.

    A page that prints its `<title>` as a heading is an article's, whatever stands beside it.
    """
    links, dated = _lists(page)
    headed = any(
        each.heading and len(each.text) >= _HEADLINE and each.text in page.title for each in page.outline.segments
    )
    if headed or (links < _MENU and dated < _DATED_LINKS):
        return ExtractionError(page.url, reason, fix)
    return _listing(page, links)


def _listing(page: Page, links: int) -> ExtractionError:
    if _is_root(page.url):
        return ExtractionError(page.url, f"{_NOT}listing on the home page ({links} headlines)", "crawl it as the home")
    return ExtractionError(page.url, f"{_NOT}listing ({links} headlines)", "crawl it as a section")


def check_article(page: Page, title: str, text: str, told: bool, span: tuple[int, int]) -> None:
    """Refuse what was read from an error page in the site's own frame, or from a list of other pages.

    `title` is as printed, empty where the page does not print it; `told` says that it cannot be a list: the page
    names a source or people, say; `span` are the segments of the body.
    """
    if len(text) < _BARE and (_MISSING.search(title) or _MISSING.search(text[:60])):
        raise _gone(page)
    if told or (len(re.findall(r"\w", title)) >= _NAMED and not _is_root(page.url)):
        return
    links, dated = _lists(page)
    inside = sum(map(_is_headline, page.outline.segments[slice(*span)]))
    abstracts = inside >= _INSIDE and len(text) < _ABSTRACT * inside
    lists = links >= _LINKS or dated >= _DATED_LINKS
    if abstracts or (lists and len(text) < max(_TEXT, _TEXT_A_LINK * links)):
        raise _listing(page, links)


def _gone(page: Page) -> ExtractionError:
    if any(_GONE.search(each) for each in (page.title, *(one.text for one in page.outline.segments))):
        return ExtractionError(page.url, MISSING, "treat the article as withdrawn")
    return ExtractionError(page.url, f"{_NOT}error page", "fetch it again later")


def _is_headline(segment: Segment) -> bool:
    """Tell whether a segment is a link that reads like a headline."""
    return segment.links >= _HEADLINE and segment.links * 2 >= len(segment.text)


def _is_root(url: str) -> bool:
    return _ROOT.fullmatch(urlsplit(url).path) is not None and not urlsplit(url).query


def _lists(page: Page) -> tuple[int, int]:
    """Return how many links of the page read like headlines, and how many of them have a date beside them."""
    segments = page.outline.segments
    links = sum(map(_is_headline, segments))
    return links, listing_rows(page.outline, 0, len(segments)) if links else 0
