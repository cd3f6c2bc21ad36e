"""Telling: a check as a person reads it, in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crawler.kit.checking import FIELDS, Check, SectionCheck


def lines(check: Check) -> Iterator[str]:
    """Yield the lines that tell what was seen of one site."""
    state = "falls short" if check.shortfalls else "as its profile says"
    yield f"{check.site}  {check.name}: {state}"
    yield from _table(check.sections)
    if check.articles:
        read = ", ".join(f"{name} {check.fields[name]}" for name in FIELDS)
        yield f"  {check.articles} articles  {read}"
        yield f"  newest {check.newest or 'undated'}  dates from {_counted(check.dates_from)}"
        yield f"  layout {_counted(check.layouts)}  charset {_counted(check.charsets)}"
    yield f"  family {check.family}  pages look like {_counted(check.detected)}"
    if check.inferred:
        yield f"  inferred: {check.inferred}"
    for fact in check.holds:
        yield f"    holds: {fact}"
    for fact in check.fails:
        yield f"    does not hold: {fact}"
    for shortfall in check.shortfalls:
        yield f"  short: {shortfall}"


def _table(sections: Sequence[SectionCheck]) -> Iterator[str]:
    """Yield the table of listings, the longest name deciding its width."""
    if not sections:
        return
    yield f"  {'rows':>5} {'titled':>6} {'dated':>5}  {'next page':<9}  listing"
    for section in sections:
        where = f"{section.name or 'no name'}  {section.url}"
        if section.problem:
            yield f"  {'-':>5} {'-':>6} {'-':>5}  {'-':<9}  {where}"
        else:
            following = "yes" if section.next_page else "no"
            yield f"  {section.rows:>5} {section.titled:>6} {section.dated:>5}  {following:<9}  {where}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
