"""Dates as pages print them, to ISO 8601; what is impossible, ambiguous or without its year is no date.

The forms are our own patterns: dateparser, the living library for worded dates, takes 70 ms to look through a line and
reads "mars" as this month's today, while a page has a hundred lines and a wrong date is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import unquote, urlsplit

from crawler.extraction import eras
from crawler.extraction.clock import CLOCK, timed
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.months import LEADING, MONTHS, fold

_EARLIEST = date(1990, 1, 1)
#: How far behind the clock that a page was written by ours may be.
_AHEAD = timedelta(days=1)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
# A number before or behind makes a date part of something longer: a version, a document's number, from and to.
_ALONE = r"(?<!\d)(?<!\d[-/.–])"
_WHOLE = r"(?!\d)(?![-/.]\d(?!\d?:\d))"

_ORIENTAL = re.compile(
    rf"{_ALONE}(?P<year>(?:19|20)\d\d)\s*(?:(?P<han>[年년])|(?P<sep>[-/.－—–]))\s*{_MONTH}"
    rf"\s*(?(han)[月월]|(?P=sep))\s*{_DAY}{_WHOLE}(?!\s?[月월个個季])\s*(?:日|일|号|號)?{CLOCK}",
    re.I,
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>1[0-2]|0[1-9])(?P<day>3[01]|[12]\d|0[1-9])"
    r"(?:T?(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)(?P<zone>Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?(?!\d)"
)
_DAY_FIRST = re.compile(
    rf"{_ALONE}{_DAY}(?:\.\s*|(?:st|nd|rd|th|er|º|°|-?го)?(?:\s+(?:(?:de|of)\s+)?|(?P<sep>[-/])))"
    rf"(?:(?P<name>[^\W\d_]{{2,13}})\.?,?|tháng\s+{_MONTH},?)(?(sep)(?P=sep)|\s+(?:(?:de|del|năm)\s+)?){_YEAR}{CLOCK}",
    re.I,
)
_MONTH_FIRST = re.compile(
    rf"(?<![A-Za-zÀ-ÿ十])(?P<name>[A-Za-zÀ-ʸ]{{3,10}}|十?[一二三四五六七八九十]月)\.?\s+{_DAY}(?:st|nd|rd|th)?\s*,?\s+{_YEAR}{CLOCK}",
    re.I,
)
# What Java and C print: Sat May 25 07:05:00 CST 2024.
_YEAR_LAST = re.compile(
    rf"(?<![A-Za-z])(?P<name>[A-Z][a-z]{{2}})\s+{_DAY}\s+(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)"
    rf"\s+(?:(?P<zone>[A-Z]{{3,4}}|[+-]\d{{4}})\s+)?{_YEAR}"
)
_EUROPEAN = re.compile(rf"{_ALONE}{_DAY}\.\s?{_MONTH}\.\s?{_YEAR}(?![-/.]\d){CLOCK}", re.I)
# 25/05/2024 or 05/25/2024: which is the day, a number over 12 tells, or the language of the page.
_SLASHED = re.compile(rf"{_ALONE}(?P<one>\d\d?)(?P<sep>[-/])(?P<two>\d\d?)(?P=sep){_YEAR}(?![-/.]\d){CLOCK}", re.I)
_ERA = re.compile(rf"{_ALONE}{eras.PATTERN}{CLOCK}", re.I)
_PATTERNS = (_ORIENTAL, _DAY_FIRST, _MONTH_FIRST, _EUROPEAN, _SLASHED, _YEAR_LAST)
_A_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH_ALONE = re.compile(r"\W*((?:19|20)\d\d)(?:\s*年\s*(1[0-2]|0?[1-9])\s*月|[-/.](1[0-2]|0?[1-9]))\W*")
_VERSION = compiled(any_of("dates.version") + r"[\s:：]*$", re.I)
#: Languages whose pages write the day before the month in figures, and the regions that write English so.
_DAY_FIRST_IN = frozenset(
    [
        "fr",
        "de",
        "es",
        "pt",
        "it",
        "nl",
        "sv",
        "da",
        "no",
        "nb",
        "nn",
        "fi",
        "pl",
        "cs",
        "tr",
        "ru",
        "uk",
        "el",
        "vi",
        "id",
    ]
)
_BRITISH = frozenset(["gb", "uk", "ie", "au", "nz", "in", "za", "hk", "sg"])
_WIDE = str.maketrans("０１２３４５６７８９／．", "0123456789/.")

_URL_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"/(?P<year>20\d\d|19\d\d)[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?:/|$)",
        r"/(?P<year>20\d\d)(?P<month>\d\d)/(?P<day>\d\d)/",
        r"/(?P<year>20\d\d)[/-](?P<month>\d\d)(?P<day>\d\d)/",
        r"/(?P<year>20\d\d)-(?P<month>\d\d)/(?P<day>\d\d)/",
        r"/t(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)_\d+\.",
        r"[/_-](?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:[/_-]|\.s?html?$)",
        r"/(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)[-_./]",
    )
)
_HYPHENED = re.compile(r"^(\d{4}-\d\d-\d\d)-(\d\d:\d\d)")


def find_dates(
    text: str, zone: str | None, fetched_at: datetime | None = None, day_first: bool = False
) -> Iterator[tuple[int, str]]:
    """Yield (position, ISO 8601 date) of the absolute dates in `text`, in order of position.

    `zone` is the offset of printed times (`+08:00`); without one, and none printed, a date keeps its day alone.
    `day_first` reads 05/06/2024, which is no date otherwise, as a day of June.
    """
    if not text.isascii():
        text = text.translate(_WIDE)
    found: dict[int, str] = {}
    patterns = _PATTERNS if _A_YEAR.search(text) else ()
    if eras.HINT.search(text):
        patterns = (*patterns, _ERA)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if (iso := _iso(match, zone, fetched_at, day_first)) is not None:
                found.setdefault(match.start(), iso)
    yield from sorted(found.items())


def first_date(text: str, zone: str | None, fetched_at: datetime | None = None, day_first: bool = False) -> str | None:
    """Return the first absolute date in `text` as ISO 8601, or None."""
    return next((iso for _, iso in find_dates(text, zone, fetched_at, day_first)), None)


def stamp(text: str, zone: str | None, fetched_at: datetime | None = None) -> str | None:
    """Return the date that a machine-readable value (meta, JSON-LD, `<time datetime>`) gives, or None."""
    # Some CMS set a hyphen between day and time.
    text = _HYPHENED.sub(r"\1 \2", text.strip())
    if match := _COMPACT.fullmatch(text):
        return _iso(match, zone, fetched_at)
    return first_date(text, zone, fetched_at)


def month_date(text: str, fetched_at: datetime | None = None) -> str | None:
    """Return the month (`2024-05`) that is all that the value of a label says (`2024年5月`), or None."""
    match = _MONTH_ALONE.fullmatch(text.translate(_WIDE))
    day = _day(int(match[1]), int(match[2] or match[3]), 1, fetched_at) if match else None
    return day.isoformat()[:7] if day else None


def day_first(tag: str | None) -> bool:
    """Tell whether pages of a language write 25/05/2024, for certain: English ones only where they are not American."""
    language, _, region = (tag or "").replace("_", "-").lower().partition("-")
    if language == "en":
        return region in _BRITISH
    return language in _DAY_FIRST_IN and region != "us"


def url_date(url: str, fetched_at: datetime | None = None) -> str | None:
    """Return the day that an article's address carries (`/c/2024-05-25/`, `/t20200929_1.html`), or None."""
    path = unquote(urlsplit(url).path)
    for pattern in _URL_DATES:
        for match in pattern.finditer(path):
            if (day := _day(int(match["year"]), int(match["month"]), int(match["day"]), fetched_at)) is not None:
                return day.isoformat()
    return None


def _iso(match: re.Match[str], zone: str | None, fetched_at: datetime | None, day_first: bool = False) -> str | None:
    numbers = _numbers(match, day_first)
    day = _day(*numbers, fetched_at) if numbers else None
    if day is None or _VERSION.search(match.string, max(0, match.start() - 12), match.start()):
        return None
    iso = timed(day, match.groupdict(), zone)
    if fetched_at and "T" in iso and datetime.fromisoformat(iso) > fetched_at + _AHEAD:
        return None
    return iso


def _numbers(match: re.Match[str], day_first: bool) -> tuple[int, int, int] | None:
    """Return (year, month, day) as a match of one of the patterns tells them; None when it does not."""
    groups = match.groupdict()
    if match.re is _ERA:
        return eras.date_in(match)
    year = int(groups["year"])
    if match.re is _SLASHED:
        one, two = int(groups["one"]), int(groups["two"])
        if one > 12 or day_first:
            return year, two, one
        return (year, one, two) if two > 12 else None
    if name := groups.get("name"):
        name = fold(name)
        if name not in MONTHS or (match.re is _MONTH_FIRST and name not in LEADING):
            return None
        return year, MONTHS[name], int(groups["day"])
    return year, int(groups["month"]), int(groups["day"])


def _day(year: int, month: int, day: int, fetched_at: datetime | None) -> date | None:
    """Return a day that exists, is not before the web and not after the page was fetched."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    latest = (fetched_at + _AHEAD).date() if fetched_at else date(2100, 1, 1)
    return found if _EARLIEST <= found <= latest else None
