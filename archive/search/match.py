"""From a query and filters to an expression of SQLite's full-text search (FTS5)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from operator import add

from archive.search import tokens
from archive.search.query import Query, Term, parse, with_dates
from archive.search.selection import UNKNOWN, QueryError, Selection

#: Words of a query; more would make one request cost what a hundred do.
MAX_TERMS = 100

#: What a query finds nothing with, and no error either.
NOTHING = f'"{tokens.hidden("0", "none")}"'
_CJK_SPACE = re.compile(f"(?<=[{tokens.CJK}])\\s+(?=[{tokens.CJK}])")
_KINDS = {"section": tokens.IN_SECTION, "source": tokens.IN_SOURCE, "author": tokens.IN_NAMES}
_OF_SITES = ("site", "level", "region")
#: Filters of a selection that have a hidden word of their own.
_TAGS = {"sections": tokens.SECTION, "sources": tokens.SOURCE, "languages": tokens.LANGUAGE, "years": tokens.YEAR}


@dataclass(frozen=True, slots=True)
class Site:
    """What of a site a query can name."""

    id: str
    level: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What SQLite is asked: `match` for FTS5 (None: every article), days that the printed one lies between.

    `words` are the terms to mark in headline and body; `sites` the sites that the selection is narrowed to, None for
    all of them. Where one word is a single Chinese character, it is `single`, and `rest` is the expression without it.
    """

    match: str | None
    after: date | None
    before: date | None
    words: tuple[Term, ...]
    sites: tuple[str, ...] | None
    single: str | None = None
    rest: str | None = None


def read_sites(connection: sqlite3.Connection) -> list[Site]:
    """Return the sites of an archive."""
    return [Site(*row) for row in connection.execute("SELECT id, level, region FROM sites")]


def plan(selection: Selection, sites: Sequence[Site]) -> Plan:
    """Return what to ask SQLite for a selection. Raises QueryError for what is not understood or not there."""
    query = with_dates(parse(selection.query), selection.after, selection.before)
    if sum(map(len, query.groups)) + len(query.excluded) > MAX_TERMS:
        raise QueryError(
            f"the query has more than {MAX_TERMS} words; ask with fewer", f"检索词超过 {MAX_TERMS} 个，请减少"
        )
    chosen = _chosen(selection, query, sites)
    parts = [] if chosen is None else [_any(tokens.tag(tokens.SITE, site) for site in chosen)]
    for name, kind in _TAGS.items():
        if values := getattr(selection, name):
            parts.append(_any(tokens.tag(kind, value) for value in values))
    if query.undated:
        parts.append(_phrase([tokens.tag(tokens.YEAR, UNKNOWN)]))
    groups = [group for group in query.groups if not _names_sites(group)]
    singles = [group for group in groups if _is_single(group)]
    single = singles[0] if len(singles) == 1 else None
    without = " OR ".join(_term(term, sites) for term in query.excluded)

    def expression(groups: Sequence[tuple[Term, ...]]) -> str | None:
        match = " AND ".join([*parts, *(_group([_term(term, sites) for term in group]) for group in groups)]) or None
        return f"({match or _phrase([tokens.EVERY])}) NOT ({without})" if without else match

    return Plan(
        expression(groups),
        query.after,
        query.before,
        tuple(query.words),
        chosen,
        tokens.clean(single[0].text) if single else None,
        expression([group for group in groups if group is not single]) if single else None,
    )


def table_match(text: str) -> str:
    """Return the expression for Datasette's `?_search=`: words alone, and never an error.

    What cannot be understood is searched for as it stands.
    """
    try:
        found = plan(Selection(query=text), [])
        return found.match or NOTHING
    except QueryError:
        return word(Term(text)) or NOTHING


def _chosen(selection: Selection, query: Query, sites: Sequence[Site]) -> tuple[str, ...] | None:
    """Return the sites that filters and fields narrow to; None where none of them does."""
    wanted: list[set[str]] = []
    known = {site.id for site in sites}
    if selection.sites:
        for name in selection.sites:
            if name not in known:
                hint, chinese = _hint(name, known)
                raise QueryError(
                    f"site {name[:40]!r}: not in this archive; {hint}", f"本档案没有站点“{name[:40]}”，{chinese}"
                )
        wanted.append(set(selection.sites))
    for values, column in ((selection.levels, "level"), (selection.regions, "region")):
        if values:
            wanted.append({site.id for site in sites if getattr(site, column) in values})
    for group in query.groups:
        if _names_sites(group):
            wanted.append({site for term in group for site in _sites(term, sites)})
    if not wanted:
        return None
    return tuple(sorted(set.intersection(*wanted)))


def _is_single(group: Sequence[Term]) -> bool:
    (term, *others) = group
    text = tokens.clean(term.text)
    return not others and term.field is None and len(text) == 1 and tokens.RUN.match(text) is not None


def words_match(words: Iterable[str]) -> str:
    """Return the expression for any of some words of the index."""
    return _any(words)


def _hint(name: str, known: Iterable[str]) -> tuple[str, str]:
    """Return what may have been meant, in English and Chinese."""
    near = get_close_matches(name, known, n=3)
    if near:
        return f"did you mean {', '.join(near)}?", f"是否指 {'、'.join(near)}？"
    return "see its list of sites", "请查看站点列表"


def _names_sites(group: Sequence[Term]) -> bool:
    return all(term.field in _OF_SITES for term in group)


def _sites(term: Term, sites: Sequence[Site]) -> list[str]:
    """Return the sites that `site:`, `level:` or `region:` names. `region:CN` holds CN-37 too."""
    value = term.text.casefold()

    def fits(site: Site) -> bool:
        held = (getattr(site, "id" if term.field == "site" else str(term.field)) or "").casefold()
        if term.prefix:
            return held.startswith(value)
        return held == value or (term.field == "region" and held.startswith(f"{value}-"))

    found = [site.id for site in sites if fits(site)]
    if not found:
        known = {site.id if term.field == "site" else str(getattr(site, str(term.field))) for site in sites}
        asked, (hint, chinese) = f"{term.field}:{term.text[:40]}", _hint(value, known)
        raise QueryError(f"{asked} names no site of this archive; {hint}", f"本档案没有符合 {asked} 的站点，{chinese}")
    return found


def _term(term: Term, sites: Sequence[Site]) -> str:
    """Return the expression of one term."""
    if term.field in _OF_SITES:
        return _any(tokens.tag(tokens.SITE, site) for site in _sites(term, sites))
    if term.field == "lang":
        return _phrase([tokens.tag(tokens.LANGUAGE if "-" in term.text else tokens.PRIMARY, term.text)])
    if term.field in _KINDS:
        return _in_field(term, _KINDS[term.field])
    return word(term)


def word(term: Term) -> str:
    """Return the phrase of a term in headline and body; an empty one where it holds no letter.

    Of a run of Chinese in the middle of a term the last character stands too, as it does in the index.
    """
    words, prefix = _words(term)
    return _phrase(words, prefix) if words else ""


def _words(term: Term) -> tuple[list[str], bool]:
    segments = tokens.SEGMENT.findall(_CJK_SPACE.sub("", tokens.clean(term.text)).replace('"', " "))
    words: list[str] = []
    prefix = term.prefix
    for number, segment in enumerate(segments, start=1):
        if not tokens.RUN.match(segment):
            words.append(segment)  # SQLite cuts it as it did when it was indexed
        elif len(segment) == 1:
            words.append(segment)
            prefix = prefix or number == len(segments)
        else:
            words += map(add, segment, segment[1:])
            if number < len(segments):
                words.append(segment[-1])
    return words, prefix


def _in_field(term: Term, kind: str) -> str:
    words, prefix = _words(term)
    cut = [one for word in words for one in re.findall(r"[^\W_]+", word)]
    return _phrase([tokens.hidden(kind, word) for word in cut], prefix)


def _phrase(words: Iterable[str], prefix: bool = False) -> str:
    return f'"{" ".join(words)}"{" *" if prefix else ""}'


def _any(words: Iterable[str]) -> str:
    return _group([_phrase([word]) for word in words])


def _group(parts: Sequence[str]) -> str:
    held = [part for part in parts if part]
    if not held:
        return NOTHING
    return held[0] if len(held) == 1 else f"({' OR '.join(held)})"


#: Seconds that an article's printed day may lie from that day's midnight UTC: zones, and days that spill over.
_SLACK = timedelta(days=2)


def id_bounds(after: date | None, before: date | None) -> tuple[int, int]:
    """Return the ids between which every article lies whose printed day does (and others with it)."""
    low = 1 if after is None else _id(after, -_SLACK)
    high = 2**62 if before is None else _id(before, _SLACK)
    return low, high


def _id(day: date, shift: timedelta) -> int:
    try:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + shift
    except OverflowError:
        return -(2**62) if shift.total_seconds() < 0 else 2**62
    return int(moment.timestamp()) * 1024
