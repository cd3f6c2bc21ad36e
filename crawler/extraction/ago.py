"""Ago: dates that count from when the page was seen: 3小时前, 昨天 21:05, 2 hours ago, vor 3 Stunden."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from crawler.extraction.clock import CLOCK, parse_zone, timed

# How the units begin, in any of the languages; weeks and months are left out: they do not tell the day.
_UNITS = {
    1: "秒 초 sec seg sek saniye detik giây sn сек δευτ",
    60: "分 분 min menit dak dk phút мин хвил λεπτ",
    3600: "小时 小時 時間 시간 hour hr heure hora ora ore stund std uur uren tim tunt godz hodin saat giờ jam час годин"
    " ώρ",
    86400: "天 日 일 day jour tag día dia giorn dag päiv dni dzień dny dnem dnů gün ngày hari дн день ημέρ μέρ",
}
_SECONDS = {stem: seconds for seconds, stems in _UNITS.items() for stem in stems.split()}
_STEMS = "|".join(sorted(_SECONDS, key=len, reverse=True))
_ONE = "an?|one|une?|ein(?:e[rm]?)?|una|uma?|un'|ett?|een|en|bir|半"
_BEFORE = "|".join(map(re.escape, ["vor", "hace", "há", "před", "πριν"]))
_AFTER = "|".join(
    [
        "ago",
        "fa",
        "geleden",
        "sedan",
        "siden",
        "sitten",
        "temu",
        "önce",
        "назад",
        "тому",
        "trước",
        "lalu",
        "atrás",
        "전",
    ]
)
# Blanks are counted, so that a line of blanks costs nothing.
_S = r"\s{0,4}"
_COUNTED = re.compile(
    rf"(?<![\d.,:/A-Za-zÀ-ÿ月第-])(?:(?P<before>il\s{{1,4}}y\s{{1,4}}a|{_BEFORE})\s{{1,4}}(?:από\s{{1,4}})?)?"
    rf"(?P<count>\d{{1,3}}|{_ONE}){_S}(?:个|個)?{_S}"
    rf"(?P<unit>{_STEMS}|[hj](?![^\W\d_]))(?:[a-zà-ÿα-ώа-яіїє]*\.?|[钟鐘]){_S}(?:yang\s{{1,4}})?"
    rf"(?P<after>(?:之|以)?前|{_AFTER})?(?![^\W\d_])",
    re.I,
)
# Words for a day, and how many days back it lies.
_BACK = {
    word: back
    for back, said in (
        (0, "今天 today aujourd'hui heute hoy hoje oggi vandaag idag bugün сегодня σήμερα 오늘 今日"),
        (1, "昨天 昨日 yesterday hier gestern ayer ontem ieri gisteren igår eilen wczoraj včera dün вчера вчора"),
        (1, "χθες 어제"),
        (2, "前天 一昨日 vorgestern anteayer позавчера 그저께"),
    )
    for word in said.split()
}
# Of these, what says so alone; the others are links or words of other languages (hier, oggi) and need their time.
_ALONE = frozenset(
    [
        "刚刚",
        "剛剛",
        "今天",
        "昨天",
        "昨日",
        "前天",
        "yesterday",
        "gestern",
        "ayer",
        "ontem",
        "ieri",
        "gisteren",
        "wczoraj",
        "вчера",
        "вчора",
    ]
)
_WHEN = "|".join(("刚刚", "剛剛", *sorted(_BACK, key=len, reverse=True)))
_WORD = re.compile(rf"(?:^|(?<=[\s:：|｜·•(（于於,，]))(?P<when>{_WHEN})(?![^\W\d_]){CLOCK}", re.I)
#: What ends a clause: a line with it is prose, and tells when something else was.
_PROSE = re.compile(r"[，。！？；]|[.!?]\s+\w+\s+\w+\s+\w")


def relative_date(text: str, fetched_at: datetime | None, zone: str | None) -> str | None:
    """Return the date of `3小时前`, `昨天 12:30` or `2 days ago`, seen at `fetched_at` (aware); None without that.

    A time is told in `zone`; without one only the day is returned, counted in UTC.
    """
    if fetched_at is None or _PROSE.search(text):
        return None
    local = fetched_at.astimezone(parse_zone(zone) or UTC)
    for match in _COUNTED.finditer(text):
        if match["before"] or match["after"]:
            return _counted(match, local, zone)
    for match in _WORD.finditer(text):
        word = match["when"].lower()
        if match["hour"] is None and not (word in _ALONE and match[0].strip() == text.strip(" \t\r\n:：|·\x1f")):
            continue
        day = (local - timedelta(days=_BACK.get(word, 0))).date()
        return timed(day, match.groupdict(), zone)
    return None


def _counted(match: re.Match[str], local: datetime, zone: str | None) -> str:
    unit = match["unit"].lower()
    seconds = {"h": 3600, "j": 86400}.get(unit) or _SECONDS[unit]
    said = match["count"].lower()
    count = float(said) if said.isdecimal() else 0.5 if said == "半" else 1.0
    moment = local - timedelta(seconds=seconds * count)
    if seconds >= 86400 or zone is None:
        return moment.date().isoformat()
    return moment.replace(second=0, microsecond=0).isoformat()
