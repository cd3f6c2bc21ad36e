"""Rows of a listing page: each article it links to, with the title and the date that its row prints."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time

from selectolax.lexbor import LexborNode

from crawler.families.base import Entry
from crawler.families.links import LONGEST_TEXT, Link, fold
from crawler.profile import SiteProfile
from crawler.urls import is_article, key
from crawler.zones import zone_of

# A date counts only with its year; a number before or after it would make it part of something longer.
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})(?!\d)\s*日?"
    r"(?:[\s,T]*([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?(?!\d))?"
)
# What a link says that is not the title of what it leads to.
_NO_TITLE = re.compile(
    r"更多|详细|詳細|详情|查看(?:详情|全文|更多)|点击(?:查看|进入)|阅读(?:全文|原文)|more|readmore|details?", re.I
)
_NO_WORD = re.compile(r"[\W_]+")
_ELLIPSIS = re.compile(r"[\s.…]+$")
#: How far above its link a row may lie, and the elements that hold rows instead of being one.
_HEIGHT = 6
_LISTS = frozenset({"ul", "ol", "table", "tbody", "body", "html"})
#: Links and cells looked at for one article: a row has a picture, a title, a summary and a 详细.
_MOST = 6


def entries(links: Sequence[Link], profile: SiteProfile) -> tuple[Entry, ...]:
    """Return the articles among `links` in page order, the links to one article (picture, title, 详细) merged."""
    articles: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if is_article(link.url, profile):
            same = articles[key(link.url, profile)]
            if len(same) < _MOST:
                same.append(link)
    owners = _owners(articles)
    found = []
    for name, same in articles.items():
        title, printed = _title(same, profile.timezone)
        found.append(Entry(same[0].url, title, _row_date(same, name, owners, profile) or printed))
    return tuple(found)


def printed_date(text: str, timezone: str) -> str | None:
    """Return the one date that `text` prints with its year, as ISO 8601; None when there is none or several.

    A time of day gets the offset of `timezone` (`+08:00`, `Europe/London`).
    """
    dates = {_iso(match, timezone) for match in _DATE.finditer(text)} - {None}
    return dates.pop() if len(dates) == 1 else None


def _iso(match: re.Match[str], timezone: str) -> str | None:
    year, month, day, hour, minute, second = match.groups()
    try:
        printed = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    if hour is None:
        return printed
    clock = time(int(hour), int(minute), int(second or 0), tzinfo=zone_of(timezone))
    return datetime.combine(date.fromisoformat(printed), clock).isoformat()


def _title(links: Sequence[Link], timezone: str) -> tuple[str | None, str | None]:
    """Return the title that the links to one article show, and the date of an element inside them."""
    title = printed = None
    for link in links:
        text = link.text
        cells = link.node.css("span, em, i, time, b, small, div, p") if _DATE.search(text) else []
        for cell in cells[:_MOST]:
            shown = fold(cell.text(deep=True))
            if _DATE.sub("", shown).strip("[]()（）【】 ") == "" and shown:
                printed = printed or printed_date(shown, timezone)
                text = fold(text.replace(shown, " ", 1))
        whole = link.title
        if whole and _ELLIPSIS.sub("", text) in whole:
            text = whole
        words = _NO_WORD.sub("", text)
        if title is None and words and not _NO_TITLE.fullmatch(words):
            title = text
    return title, printed


def _owners(articles: dict[str, list[Link]]) -> dict[int, str | None]:
    """Return, for the elements around the links, the one article each has links to; None for several."""
    owners: dict[int, str | None] = {}
    for name, links in articles.items():
        for link in links:
            for node in _around(link.node):
                owners[node.mem_id] = name if owners.get(node.mem_id, name) == name else None
    return owners


def _around(node: LexborNode) -> list[LexborNode]:
    """Return the elements around a link that may be its row, innermost first."""
    around: list[LexborNode] = []
    parent = node.parent
    while parent is not None and len(around) < _HEIGHT and parent.tag not in _LISTS:
        around.append(parent)
        parent = parent.parent
    return around


def _row_date(links: Sequence[Link], name: str, owners: dict[int, str | None], profile: SiteProfile) -> str | None:
    """Return the date that stands nearest around the links, outside their own text."""
    for link in links:
        for node in _around(link.node):
            if owners[node.mem_id] != name:
                break
            outside = node.text(deep=True, separator=" ")
            for own in links:
                outside = outside.replace(own.node.text(deep=True, separator=" "), " ", 1)
            found = printed_date(outside, profile.timezone) or _foreign_date(node, outside, profile)
            if found:
                return found
    return None


def _foreign_date(node: LexborNode, outside: str, profile: SiteProfile) -> str | None:
    """Return the one date of a row's `<time>`, or that is printed in words: `10 May 2026`; None for none or several."""
    marked = [time.attributes.get("datetime") for time in node.css("time[datetime]")[:_MOST]]
    language = profile.languages[0].partition("-")[0]
    if not marked and language == "zh":
        return None
    # Extraction reads the families' layouts, so it is imported after them.
    from crawler.extraction.dates import day_first, find_dates, stamp

    dates = {stamp(value, profile.timezone) for value in marked if value} - {None}
    if not marked and len(outside) <= LONGEST_TEXT:
        british = day_first(f"{language}-{(profile.region or '')[:2]}")
        dates = {iso for _, iso in find_dates(outside, profile.timezone, None, british)}
    return dates.pop() if len(dates) == 1 else None
