"""Clock: the time of day that is printed behind a date, and the zone it is told in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from crawler.extraction.lexicon import any_of, words_of
from crawler.zones import zone_of

#: Zones that are printed by name, in hours from UTC. IST and CST are left out, for they are several zones.
_ZONES = {
    name: hours
    for hours, names in (
        (-8, "PST"),
        (-7, "PDT MST"),
        (-6, "MDT"),
        (-5, "EST CDT"),
        (-4, "EDT"),
        (0, "Z UTC GMT WET"),
        (1, "BST CET WEST MEZ"),
        (2, "CEST EET SAST MESZ"),
        (3, "EEST MSK"),
        (7, "WIB"),
        (8, "HKT SGT WITA"),
        (9, "JST KST WIT"),
        (10, "AEST"),
        (11, "AEDT"),
        (12, "NZST"),
        (13, "NZDT"),
    )
    for name in names.split()
}
_BEIJING = any_of("dates.china_time")
_GREENWICH = any_of("dates.greenwich")
_ZONE = (
    rf"(?:UTC|GMT)\s?[+-]\d\d?(?::?[0-5]\d)?|(?-i:{'|'.join(sorted(_ZONES, key=len, reverse=True))}|CST|IST|ET|CT|PT)"
    r"(?![^\W\d_])|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?(?!\d)|" + _BEIJING
)
_WEEKDAY = rf"[（(]?{any_of('dates.weekday')}[）)]?|[（(][^\W\d_]{{1,10}}\.?[）)]"
_SMALL_HOURS, _NOON, _NIGHT = words_of("dates.small_hours"), words_of("dates.noon"), words_of("dates.night")
_LATER = (*words_of("dates.afternoon"), *_NOON, *_NIGHT)
_HALF = "|".join((*words_of("dates.morning"), *_SMALL_HOURS, *_LATER))
# Blanks are counted, so that a page of blanks costs nothing.
_S = r"\s{0,4}"
_WORDS = (
    rf"(?P<said>{_BEIJING}|{_GREENWICH})?"
    rf"(?:(?P<dotted>{any_of('dates.before_dot')}\.?\s{{1,4}})|{any_of('dates.between')}\s{{1,4}}){{0,3}}"
    rf"(?P<half>{_HALF})?"
)
# Between hour and minute stands a colon, a word, or a dot where another word says that it is a time.
_COLON = r"(?:[:：]|(?P<word>[時时시点點]|h(?=\s?[0-5]\d))|(?(dotted)\.|\.(?=[0-5]\d\s?(?:Uhr|uur|WIB|WITA)\b)))"
_MINUTE = rf"(?P<minute>[0-5]\d|(?(word)\d|\d(?=[:：]\d)))(?!\d|{_S}min(?:s|utes?|uten|utos?|uti)?\b)"
_SECOND = rf"(?:{_S}[:：分]{_S}(?P<second>[0-5]?\d)(?!\d)(?:[.,:]\d{{1,9}})?)?\s?(?:分|秒|분|Uhr\b|uur\b)?"

#: What may follow a date: its weekday, its time in figures, am or pm, and a zone. Written for `re.IGNORECASE`.
CLOCK = (
    rf"(?:{_S}\.?{_S}(?:{_WEEKDAY})?(?:(?-i:(?P<iso>T))|{_S}[,，|·–-]?{_S}{_WORDS}{_S})"
    rf"(?P<hour>2[0-4]|[01]?\d){_S}{_COLON}{_S}{_MINUTE}{_SECOND}(?:{_S}(?P<pm>[ap]\.?\s?m\b\.?|上午|下午))?"
    rf"(?:{_S}[（(]?(?P<zone>{_ZONE})[）)]?)?)?"
)


def timed(day: date, clock: Mapping[str, str | None], zone: str | None) -> str:
    """Return a day with the time that `CLOCK` matched, told in `zone` (`+08:00`, `Europe/London`), as ISO 8601.

    The day alone is returned where no time is printed, none that exists, or none whose zone is known.
    """
    hour, minute, second = (int(clock.get(name) or 0) for name in ("hour", "minute", "second"))
    hour = _hour(hour, clock.get("half"), (clock.get("pm") or "").lower())
    # Midnight to the second is what a CMS writes when it knows the day only.
    if clock.get("hour") is None or hour > 23 or second > 59 or (hour, minute, second) == (0, 0, 0):
        return day.isoformat()
    offset = _printed(clock, zone)
    if offset is None:
        return day.isoformat()
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=offset)
    return moment.astimezone(parse_zone(zone) or offset).isoformat()


def parse_zone(text: str | None) -> tzinfo | None:
    """Return the zone of `+08:00`, `+0800`, `+08`, `GMT+7` or a name such as JST; None when it is no one zone's.

    A site's own zone may be `Europe/London`, too.
    """
    if not text:
        return None
    if "/" in text:
        return zone_of(text)
    if text in _ZONES:
        return timezone(timedelta(hours=_ZONES[text])) if _ZONES[text] else UTC
    if match := re.fullmatch(r"(?:UTC|GMT)?\s?([+-])(\d\d?):?(\d\d)?", text, re.I):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if offset <= timedelta(hours=14):
            return timezone(-offset if match[1] == "-" else offset)
    if re.fullmatch(_GREENWICH, text):
        return UTC
    return timezone(timedelta(hours=8)) if re.fullmatch(_BEIJING, text, re.I) else None


def _printed(clock: Mapping[str, str | None], zone: str | None) -> tzinfo | None:
    """Return the zone of a printed time: the one beside it, else the site's; None when it has none that is known."""
    beside = clock.get("zone") or clock.get("said")
    if beside is None:
        return parse_zone(zone)
    if beside.startswith("-") and ":" in beside and not clock.get("iso") and not clock.get("second"):
        # 14:00-16:00 is from and to.
        return parse_zone(zone)
    if beside == "CST" and zone in ("+08:00", "Asia/Shanghai"):
        return parse_zone(zone)
    return parse_zone(beside)


def _hour(hour: int, half: str | None, pm: str) -> int:
    """Return an hour of 24 for one of 12 that words tell: 下午3, 3 p.m.; hours that are 24's stay."""
    half = half or pm
    if half in _NIGHT and hour in (0, 12):
        return 24
    if half in _NOON and hour > 2:
        return hour
    if (half in _LATER or pm.startswith("p")) and hour < 12:
        return hour + 12
    if hour == 12 and (pm.startswith("a") or half in _SMALL_HOURS):
        return 0
    return hour
