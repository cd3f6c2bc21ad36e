"""The query language: what a reader types, taken apart.

    工会 主席            both words                    "集体 协商"     the phrase (spaces between Chinese do not count)
    劳模 OR 工匠, 劳模|工匠   either; binds closer than "both"    -中国          not this
    organi*             words that begin so           site: section: source: author: level: region: lang:
    after: before: date:   by the printed day             date:unknown    without a date

Field names may be Chinese (来源:新华社), colons and quotes full width. Traditional and simplified, full and half width
find each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from archive.search.fold import fold
from archive.search.selection import UNKNOWN, QueryError, read_day

#: Field names, and their Chinese ones.
FIELDS = {
    "site": "站点",
    "section": "栏目",
    "source": "来源",
    "author": "作者",
    "level": "级别",
    "region": "地区",
    "lang": "语言",
    "after": "起",
    "before": "止",
    "date": "日期",
}
_CHINESE = {chinese: name for name, chinese in FIELDS.items()}
_DATES = ("after", "before", "date")

_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "「": '"', "」": '"', "『": '"', "』": '"', "：": ":", "｜": "|"}
)
_ITEM = re.compile(
    r"""(?P<not>-?)                          # a hyphen inside a word is no "not"
    (?:(?P<field>[^\W\d_]+):(?!//))?          # an address is no field
    (?P<value>"[^"]*"\*? | [^\s"|]+ | (?=\s|$))""",
    re.VERBOSE,
)
_LATIN = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked for: `text` as typed without quotes, in a `field` or (None) in headline and body."""

    text: str
    field: str | None = None
    prefix: bool = False
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart: all `groups` hold; of the terms of one, any. `after` and `before` as in Selection."""

    groups: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    after: date | None = None
    before: date | None = None
    undated: bool = False

    @property
    def words(self) -> list[Term]:
        """The terms that a hit shows in its headline or body."""
        return [term for group in self.groups for term in group if term.field is None]

    def __bool__(self) -> bool:
        return self != Query()


@dataclass(slots=True)
class _Reading:
    groups: list[tuple[Term, ...]] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    after: date | None = None
    before: date | None = None
    undated: bool = False
    either: bool = False


def parse(text: str) -> Query:
    """Take a query apart; an empty one asks for nothing. Raises QueryError for what cannot be understood."""
    typed, text = text, text.translate(_QUOTES).replace("\0", " ")
    if text.count('"') % 2:
        text += '"'
    reading = _Reading()
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "|":
            reading.either = bool(reading.groups)
            at += 1
        else:
            found = _ITEM.match(text, at)
            if found is None or found.end() == at:
                at += 1
                continue
            _take(found, reading)
            at = found.end()
    query = Query(tuple(reading.groups), tuple(reading.excluded), reading.after, reading.before, reading.undated)
    if text.strip() and not query:
        raise QueryError(
            f"nothing to search for in {typed.strip()[:40]!r}; write a word, or two Chinese characters",
            f"“{typed.strip()[:40]}”中没有可检索的字词，请输入一个词或两个汉字",
        )
    return query


def _take(found: re.Match[str], reading: _Reading) -> None:
    name, value, negative = _field(found), found["value"], bool(found["not"])
    if name is None:
        value = found[0].removeprefix("-") if found["field"] else value
        if value in ("OR", "AND"):
            reading.either = value == "OR" and bool(reading.groups)
            return
    prefix = value.endswith("*")
    value = value.rstrip("*").strip('"').strip()
    if name in _DATES:
        _take_date(name, value, negative, reading)
        return
    if not _WORD.search(fold(value)):
        if name is not None:
            example = f"{name}:{_EXAMPLES[name]}"
            raise QueryError(
                f"{name}: nothing is asked for; write it as {example}", f"{name}: 后没有内容，请写成 {example}"
            )
        return
    term = Term(value, name, prefix, negative)
    if negative:
        reading.excluded.append(term)
    elif reading.either:
        reading.groups[-1] += (term,)
    else:
        reading.groups.append((term,))
    reading.either = False


_EXAMPLES = {
    "site": "workercn",
    "section": "要闻",
    "source": "工人日报",
    "author": "李晓",
    "level": "provincial",
    "region": "CN-37",
    "lang": "zh-Hans",
}


def _field(found: re.Match[str]) -> str | None:
    """Return the field that an item names. A Chinese word before a colon is text, unless it is a field's name."""
    given = found["field"]
    if given is None:
        return None
    name = _CHINESE.get(fold(given)) or given.lower()
    if name in FIELDS:
        return name
    if _LATIN.fullmatch(given):
        raise QueryError(
            f"{given[:40]}: is no field; the fields are {', '.join(FIELDS)} (to search for the word itself, "
            f'write "{given[:40]}:…" in quotes)',
            f"没有 {given[:40]}: 这个字段，可用 {'、'.join(FIELDS)}（若要检索这个词本身，请加引号）",
        )
    return None


def _take_date(name: str, value: str, negative: bool, reading: _Reading) -> None:
    if negative:
        raise QueryError(
            f"-{name}: cannot be excluded; use after: and before:", f"日期不能用 -{name}: 排除，请用 after: 和 before:"
        )
    if name == "date" and value == UNKNOWN:
        reading.undated = True
        return
    day = read_day(value, name)
    if name in ("after", "date"):
        reading.after = day if reading.after is None else max(day, reading.after)
    if name in ("before", "date"):
        end = day if name == "before" else _end(day, value.count("-"))
        reading.before = end if reading.before is None else min(end, reading.before)
    reading.either = False


def _end(day: date, hyphens: int) -> date:
    """Return the day after a year, a month or a day that begins on `day`."""
    try:
        if hyphens == 0:
            return day.replace(year=day.year + 1)
        if hyphens == 1:
            return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
        return date.fromordinal(day.toordinal() + 1)
    except (ValueError, OverflowError) as error:
        raise QueryError(
            f"date: {day} is too late; write a year before 9999", f"date：{day} 太晚，请写 9999 年以前的日期"
        ) from error


def with_dates(query: Query, after: date | None, before: date | None) -> Query:
    """Return the query narrowed by the days of a Selection."""
    later = [day for day in (query.after, after) if day is not None]
    earlier = [day for day in (query.before, before) if day is not None]
    return replace(query, after=max(later, default=None), before=min(earlier, default=None))
