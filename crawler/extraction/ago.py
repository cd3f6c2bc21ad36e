"""Ago: dates that count from when the page was seen: 3小时前, 昨天 21:05, 2 hours ago, vor 3 Stunden."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from crawler.extraction.clock import CLOCK, parse_zone, timed
from crawler.extraction.lexicon import any_of, compiled, words_of

# How the units begin, in any of the languages, and their seconds.
_SECONDS = {
    **dict.fromkeys(words_of("dates.second"), 1),
    **dict.fromkeys(words_of("dates.minute"), 60),
    **dict.fromkeys((*words_of("dates.hour"), "h"), 3600),
    **dict.fromkeys((*words_of("dates.day"), "j"), 86400),
}
_STEMS = "|".join(sorted((stem for stem in _SECONDS if len(stem) > 1 or not stem.isascii()), key=len, reverse=True))
_HALF = words_of("dates.half")
# Blanks are counted, so that a line of blanks costs nothing.
_S = r"\s{0,4}"
_COUNTED = compiled(
    rf"(?<![\d.,:/A-Za-zÀ-ÿ月第-])(?:(?P<before>{any_of('dates.before')})\s{{1,4}})?"
    rf"(?P<count>\d{{1,3}}|{any_of('dates.one')}|{any_of('dates.half')}){_S}(?:个|個)?{_S}"
    rf"(?P<unit>{_STEMS}|[hj](?![^\W\d_]))(?:[a-zà-ÿα-ώа-яіїє]*\.?|[钟鐘]){_S}"
    rf"(?P<after>{any_of('dates.after')})?(?![^\W\d_])",
    re.I,
)
# Words for a day, and how many days back it lies.
_BACK = {
    **dict.fromkeys((*words_of("dates.now"), *words_of("dates.today")), 0),
    **dict.fromkeys(words_of("dates.yesterday"), 1),
    **dict.fromkeys(words_of("dates.day_before"), 2),
}
_ALONE = frozenset(words_of("dates.alone"))
_WHEN = "|".join(sorted(_BACK, key=len, reverse=True))
_WORD = compiled(rf"(?:^|(?<=[\s:：|｜·•(（于於,，]))(?P<when>{_WHEN})(?![^\W\d_]){CLOCK}", re.I)
#: What shows that a line may count from now.
HINT = compiled(rf"{any_of('dates.before')}|{any_of('dates.after')}|{any_of('dates.now')}|\d:\d\d", re.I)
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
        day = (local - timedelta(days=_BACK[word])).date()
        return timed(day, match.groupdict(), zone)
    return None


def _counted(match: re.Match[str], local: datetime, zone: str | None) -> str:
    seconds = _SECONDS[match["unit"].lower()]
    said = match["count"].lower()
    count = float(said) if said.isdecimal() else 0.5 if said in _HALF else 1.0
    moment = local - timedelta(seconds=seconds * count)
    if seconds >= 86400 or zone is None:
        return moment.date().isoformat()
    return moment.replace(second=0, microsecond=0).isoformat()
