"""Dates as pages print them, to ISO 8601; what is impossible, relative to nothing or without its year is no date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import unquote, urlsplit

#: Chinese pages print the time of Beijing, Hong Kong or Taipei: one zone.
CHINESE = "+08:00"
_EARLIEST = 1990

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro januari",
            "february feb februar février fevrier febrero febbraio fevereiro februari",
            "march mar märz maerz mars marzo março maart",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei maj",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug août aout agosto augustus augusti",
            "september sept sep septembre septiembre settembre setembro",
            "october oct oktober octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember décembre decembre diciembre dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_CLOCK = (
    r"(?:\s*[T,，]?\s*(?:at\s+)?(?:[（(]?(?:星期|周|週|礼拜)[一二三四五六日天][）)]?)?\s*(?P<half>上午|下午|凌晨|中午|晚上|오전|오후)?\s*"
    r"(?P<hour>[01]?\d|2[0-4])\s*[:：时時시]\s*(?P<minute>[0-5]\d)(?!\d)(?:\s*[:：分]\s*(?P<second>[0-5]\d)(?:[.:]\d{1,9})?)?"
    r"(?:\s*(?P<pm>[AaPp]\.?[Mm]\b\.?))?\s*(?P<zone>Z\b|[+-](?:0\d|1[0-4]):?[0-5]\d\b)?)?"
)
_ORIENTAL = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d\d)\s*(?:[-/.－—]|年|년)\s*(?P<month>1[0-2]|0?[1-9])\s*(?:[-/.－—]|月|월)\s*"
    r"(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)\s*(?:日|일|号|號)?" + _CLOCK
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>1[0-2]|0[1-9])(?P<day>3[01]|[12]\d|0[1-9])(?:T?(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)(?P<zone>Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?(?!\d)"
)
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_FIRST = re.compile(
    rf"(?<![\d.])(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|\.|º)?\s+(?:de\s+|of\s+)?(?P<name>{_NAMES})\.?,?\s+(?:de\s+|del\s+)?(?P<year>(?:19|20)\d\d)(?!\d)"
    + _CLOCK,
    re.I,
)
_MONTH_FIRST = re.compile(
    rf"(?<![a-zà-ÿ])(?P<name>{_NAMES})\.?\s+(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s*,?\s+(?P<year>(?:19|20)\d\d)(?!\d)"
    + _CLOCK,
    re.I,
)
_EUROPEAN = re.compile(
    r"(?<![\d.])(?P<day>3[01]|[12]\d|0?[1-9])\.(?P<month>1[0-2]|0?[1-9])\.(?P<year>(?:19|20)\d\d)(?!\d)" + _CLOCK
)
_PATTERNS = (_ORIENTAL, _MONTH_FIRST, _DAY_FIRST, _EUROPEAN)
_NUMERALS = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "○": 0, "\uff2f": 0, "零": 0, "O": 0, "０": 0}
_WRITTEN = re.compile(
    r"([\u3007○\uff2f零O０一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_RELATIVE = re.compile(
    r"(?P<count>\d{1,3}|an?|半)\s*(?:个)?\s*(?P<unit>秒|分钟|分鐘|小时|小時|天|日|周|週|seconds?|minutes?|mins?|hours?|days?|weeks?)(?:之?前|\s+ago)"
    r"|(?P<word>刚刚|剛剛|今天(?!是)|昨天|前天|yesterday)(?:\s*(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d))?"
)
_SECONDS = {
    "秒": 1,
    "s": 1,
    "分": 60,
    "m": 60,
    "小": 3600,
    "h": 3600,
    "天": 86400,
    "日": 86400,
    "d": 86400,
    "周": 604800,
    "週": 604800,
    "w": 604800,
}

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


def find_dates(text: str, zone: str | None, fetched_at: datetime | None = None) -> Iterator[tuple[int, str]]:
    """Yield (position, ISO 8601 date) of the absolute dates in `text`, in order of position.

    `zone` is the offset of printed times (`+08:00`); without one, and none printed, a date keeps its day alone.
    """
    found: dict[int, str] = {}
    if any(c.isdigit() for c in text):
        for pattern in _PATTERNS:
            for match in pattern.finditer(text):
                if (iso := _iso(match, zone, fetched_at)) is not None:
                    found.setdefault(match.start(), iso)
    for match in _WRITTEN.finditer(text):
        if (iso := _written(match, fetched_at)) is not None:
            found.setdefault(match.start(), iso)
    yield from sorted(found.items())


def first_date(text: str, zone: str | None, fetched_at: datetime | None = None) -> str | None:
    """Return the first absolute date in `text` as ISO 8601, or None."""
    return next((iso for _, iso in find_dates(text, zone, fetched_at)), None)


def stamp(text: str, zone: str | None, fetched_at: datetime | None = None) -> str | None:
    """Return the date that a machine-readable value (meta, JSON-LD, `<time datetime>`) gives, or None."""
    text = text.strip()
    if match := _COMPACT.fullmatch(text):
        return _iso(match, zone, fetched_at)
    return first_date(text, zone, fetched_at)


def relative_date(text: str, fetched_at: datetime | None, zone: str | None) -> str | None:
    """Return the date of `3小时前`, `昨天 12:30` or `2 days ago`, seen at `fetched_at` (aware); None without that."""
    match = _RELATIVE.search(text)
    if fetched_at is None or match is None:
        return None
    local = fetched_at.astimezone(_zone(zone) or UTC)
    if word := match["word"]:
        back = {"昨天": 1, "yesterday": 1, "前天": 2}.get(word, 0)
        day = (local - timedelta(days=back)).date()
        if match["hour"] is None or zone is None:
            return day.isoformat()
        return f"{day.isoformat()}T{int(match['hour']):02}:{int(match['minute']):02}:00{zone}"
    unit = _SECONDS[match["unit"][0]]
    count = {"a": 1.0, "an": 1.0, "半": 0.5}.get(match["count"]) or float(match["count"])
    moment = local - timedelta(seconds=unit * count)
    if unit >= 86400 or zone is None:
        return moment.date().isoformat()
    return moment.replace(second=0, microsecond=0).isoformat()


def url_date(url: str, fetched_at: datetime | None = None) -> str | None:
    """Return the day that an article's address carries (`/c/2024-05-25/`, `/t20200929_1.html`), or None."""
    path = unquote(urlsplit(url).path)
    for pattern in _URL_DATES:
        for match in pattern.finditer(path):
            if (day := _day(int(match["year"]), int(match["month"]), int(match["day"]), fetched_at)) is not None:
                return day.isoformat()
    return None


def _iso(match: re.Match[str], zone: str | None, fetched_at: datetime | None) -> str | None:
    groups = match.groupdict()
    month = _MONTHS[groups["name"].lower()] if groups.get("name") else int(groups["month"])
    day = _day(int(groups["year"]), month, int(groups["day"]), fetched_at)
    if day is None:
        return None
    hour, minute, second = (int(groups.get(k) or 0) for k in ("hour", "minute", "second"))
    hour = _hour(hour, groups.get("half"), groups.get("pm"))
    # Midnight to the second is what a CMS writes when it knows the day only.
    if groups.get("hour") is None or hour > 23 or (hour, minute, second) == (0, 0, 0):
        return day.isoformat()
    printed = groups.get("zone")
    if printed:
        return _zoned(day, hour, minute, second, printed, zone)
    if zone is None:
        return day.isoformat()
    return f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}{zone}"


def _hour(hour: int, half: str | None, pm: str | None) -> int:
    after = half in ("下午", "晚上", "오후") or (pm or "").lower().startswith("p")
    if after and hour < 12:
        return hour + 12
    if (pm or "").lower().startswith("a") and hour == 12:
        return 0
    return hour


def _zoned(day: date, hour: int, minute: int, second: int, printed: str, zone: str | None) -> str:
    """Return a time with its printed offset, told in `zone` where the site has one."""
    offset = _zone(printed) or UTC
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=offset)
    local = _zone(zone)
    return (moment.astimezone(local) if local else moment).isoformat()


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:4])))


def _day(year: int, month: int, day: int, fetched_at: datetime | None) -> date | None:
    """Return a day that exists, is not before the web and not after the page was fetched."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    latest = (fetched_at + timedelta(days=1)).date() if fetched_at else date(2100, 1, 1)
    return found if date(_EARLIEST, 1, 1) <= found <= latest else None


def _written(match: re.Match[str], fetched_at: datetime | None) -> str | None:
    """Read 二〇二四年五月二十四日."""
    year = int("".join(str(_NUMERALS[c]) for c in match[1]))
    day = _day(year, _number(match[2]), _number(match[3]), fetched_at)
    return day.isoformat() if day else None


def _number(text: str) -> int:
    """Read a numeral below one hundred: 五, 十二, 二十, 三十一."""
    tens, ten, ones = text.partition("十")
    if not ten:
        return _NUMERALS.get(text, 0) if len(text) == 1 else 0
    return (_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)
