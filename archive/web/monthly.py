"""Articles by month as a page shows them: a chart, the table beside it, and what both leave out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from markupsafe import Markup

from archive.web import charts
from archive.web.language import Interface

#: Months that a chart shows, at most: an article of a wrong year would make it all emptiness.
MOST = 480
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Monthly:
    """The chart, the years of its table, how many dated articles lie outside of it, and whether it shows gaps."""

    chart: Markup
    years: list[charts.Year]
    outside: int
    gaps: bool


def monthly(
    ui: Interface,
    by_month: Mapping[str, int],
    link: Callable[[date, date], str],
    looked: Collection[str] | None = None,
) -> Monthly:
    """Draw articles by month (`2024-05`; "" for none is passed over), over the MOST months up to this one.

    `link` makes the address of the articles of a month from its first day and the first day of the next. Months that
    are not in `looked` are gaps; None is for all of them looked at.
    """
    dated = {month: articles for month, articles in by_month.items() if month}
    span = window(dated, datetime.now(UTC).astimezone(_BEIJING).date())
    bars = [_bar(ui, month, dated.get(month, 0), link, looked) for month in span]
    shown = sum(int(bar.value) for bar in bars)
    gaps = any(bar.gap for bar in bars)
    outside = sum(dated.values()) - shown
    if not bars:
        return Monthly(Markup(), [], outside, gaps)
    peak = max(bars, key=lambda bar: bar.value)
    description = ui.t(
        "base.months_text", first=span[0], last=span[-1], n=f"{shown:,}", peak=peak.label, most=f"{peak.value:,.0f}"
    )
    chart = charts.bars(bars, title=str(ui.t("base.months")), description=str(description))
    return Monthly(chart, charts.by_year(bars), outside, gaps)


def window(months: Collection[str], today: date) -> list[str]:
    """Return the months that a chart shows of those given: from the first to the last without holes.

    What lies more than a month ahead of `today`, or MOST months before the last, is left out.
    """
    latest = next_month(today.replace(day=1))
    held = [month for month in months if month <= f"{latest:%Y-%m}"]
    if not held:
        return []
    return charts.months_between(min(held), max(held))[-MOST:]


def next_month(first: date) -> date:
    """Return the first day of the month after that of `first`."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def _bar(
    ui: Interface, month: str, articles: int, link: Callable[[date, date], str], looked: Collection[str] | None
) -> charts.Bar:
    gap = looked is not None and month not in looked
    said = ui.t("base.month_gap" if gap else "base.month_bar", month=month, n=f"{articles:,}")
    first = date(int(month[:4]), int(month[5:7]), 1)
    href = link(first, next_month(first)) if articles else None
    return charts.Bar(month, articles, gap, href, str(said))
