"""Eras: dates written in Chinese numerals or counted in the years of 民國 and of Japan's 平成 and 令和."""

from __future__ import annotations

import re

#: What year 0 of an era is in ours.
_YEAR_ZERO = {"民": 1911, "平": 1988, "令": 2018}
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("○◯零ＯO", 0) | {"元": 1, "两": 2}
_TENS = {"十": 10, "廿": 20, "卅": 30}
_NUMERAL = f"[{''.join(_DIGITS)}{''.join(_TENS)}百\\d]"

#: A year with 年, or an era's year, month and day; `date_in` reads what it matches. `{clock}` may follow.
PATTERN = (
    r"(?:(?P<era>(?:中[華华])?民[國国]|平成|令和)\s{0,4})?"
    rf"(?P<year>{_NUMERAL}{{1,5}})\s*(?:(?P<han>年)|(?P<sep>[-/.]))\s*(?P<month>{_NUMERAL}{{1,3}})\s*"
    rf"(?(han)月|(?P=sep))\s*(?P<day>{_NUMERAL}{{1,3}})(?(han)\s*[日号號]|(?!\d))"
)
#: What shows that `PATTERN` is worth trying on a text.
HINT = re.compile(r"民[國国]|平成|令和|[〇○◯零ＯO一二三四五六七八九]年")


def date_in(match: re.Match[str]) -> tuple[int, int, int] | None:
    """Return (year, month, day) of a match of `PATTERN`, or None when it holds no year of ours."""
    era, year, month, day = (match[name] for name in ("era", "year", "month", "day"))
    numbers = number(year), number(month), number(day)
    if None in numbers:
        return None
    found, month_number, day_number = (value or 0 for value in numbers)
    if era:
        return found + _YEAR_ZERO[era.lstrip("中華华")[0]], month_number, day_number
    # Without an era, years have four numerals: 一一三年 may be anybody's.
    if not (match["han"] and len(year) == 4 and found >= 1000 and not year.isdecimal()):
        return None
    return found, month_number, day_number


def number(text: str) -> int | None:
    """Return the value of a numeral (二十五, 一百一十三) or a row of digits (一〇三, 25); None for neither."""
    if text.isdecimal():
        return int(text)
    if not any(c in _TENS or c == "百" for c in text):
        return int("".join(str(_DIGITS[c]) for c in text)) if all(c in _DIGITS for c in text) else None
    total = digit = 0
    for c in text:
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
        elif c == "百":
            total, digit = total + 100 * (digit or 1), 0
        elif c in _TENS:
            total, digit = total + _TENS[c] * (digit or 1), 0
        else:
            return None
    return total + digit
