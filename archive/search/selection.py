"""What a reader asks for: a query and filters; one form for the command, the pages, feeds and exports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import urlencode

from archive.errors import ArchiveError

#: A longer query is refused before it is read.
MAX_QUERY = 2_000
#: Values of one filter; more are refused.
MAX_VALUES = 50
UNKNOWN = "unknown"


class QueryError(ArchiveError):
    """What a reader asked for cannot be understood: which part, and the fix; one line in each language."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


#: Names in an address, by field.
PARAMETERS = {
    "query": "q",
    "sites": "site",
    "levels": "level",
    "regions": "region",
    "sections": "section",
    "sources": "source",
    "languages": "language",
    "years": "year",
    "after": "after",
    "before": "before",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """A query (see archive.search.query) and filters. Values of one filter are alternatives; filters narrow each other.

    `after` (that day or later) and `before` (earlier than that day) compare the day that the page prints; with either,
    articles without a date are left out. A year is four digits, or `unknown` for articles without a date.
    """

    query: str = ""
    sites: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The filters that hold values, by their parameter's name."""
        held = {PARAMETERS[f.name]: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in held.items() if isinstance(value, tuple) and value}

    def __bool__(self) -> bool:
        """Say whether anything is asked for."""
        return self != Selection()

    def pairs(self) -> list[tuple[str, str]]:
        """Return it as parameters of an address; `from_pairs` reads them back."""
        pairs = [("q", self.query)] if self.query else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [(name, day.isoformat()) for name in ("after", "before") if (day := getattr(self, name)) is not None]
        return pairs

    def query_string(self, **more: str) -> str:
        """Return it as the query string of an address, with further parameters."""
        return urlencode([*self.pairs(), *more.items()])


def from_pairs(arguments: Mapping[str, Sequence[str]]) -> Selection:
    """Read a selection from the parameters of an address (name to its values); other names are passed over.

    Raises QueryError for a query that is too long, too many values, or a date that is none.
    """
    values: dict[str, object] = {}
    for field, name in PARAMETERS.items():
        given = [value.strip() for value in arguments.get(name, ()) if value.strip()]
        if not given:
            continue
        if field in ("after", "before"):
            values[field] = read_day(given[-1], name)
        elif field == "query":
            values[field] = " ".join(given)
        else:
            values[field] = tuple(dict.fromkeys(given))
    return checked(Selection(**values))  # type: ignore[arg-type]


def checked(selection: Selection) -> Selection:
    """Return the selection. Raises QueryError for what no archive could answer."""
    if len(selection.query) > MAX_QUERY:
        length = len(selection.query)
        raise QueryError(
            f"the query has {length:,} characters; ask with at most {MAX_QUERY:,}",
            f"检索式长达 {length:,} 字，请缩短到 {MAX_QUERY:,} 字以内",
        )
    for name, values in selection.filters.items():
        if len(values) > MAX_VALUES:
            raise QueryError(
                f"{name}: {len(values)} values; choose at most {MAX_VALUES}",
                f"{name}：选了 {len(values)} 项，最多可选 {MAX_VALUES} 项",
            )
    for year in selection.years:
        if year != UNKNOWN and not re.fullmatch(r"[0-9]{4}", year):
            raise QueryError(
                f"year {year[:40]!r}: give four digits, or {UNKNOWN}", f"year：“{year[:40]}”应为四位数字或 {UNKNOWN}"
            )
    return selection


def read_day(text: str, name: str) -> date:
    """Read a day, or the first day of a month or year: 2024-05-25, 2024-05, 2024. Raises QueryError."""
    parts = text.split("-")
    try:
        if len(parts) > 3 or not re.fullmatch(r"[0-9]{4}(-[0-9]{1,2}){0,2}", text):
            raise ValueError(text)
        year, month, day = (*(int(part) for part in parts), 1, 1)[:3]
        return date(year, month, day)
    except ValueError as error:
        raise QueryError(
            f"{name}: {text[:40]!r} is no date; write 2024-05-25, 2024-05 or 2024",
            f"{name}：“{text[:40]}”不是日期，请写成 2024-05-25、2024-05 或 2024",
        ) from error
