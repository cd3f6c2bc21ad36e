"""`/timeline`: hits per month as a share of what the same sites published; as a page, JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from archive.errors import ArchiveError
from archive.search.selection import PARAMETERS, Selection, from_pairs
from archive.search.timeline import Month, timeline
from archive.web import charts, filters
from archive.web.asking import arguments, ask, joined
from archive.web.cache import cached
from archive.web.language import Interface, interface
from archive.web.pages.errors import json_response, refused

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Milliseconds a timeline may take: it counts every hit, and is kept until the archive changes.
PATIENCE = 10_000
KEYS = ("month", "hits", "published", "share", "looked")


async def page(request: Request, datasette: Datasette) -> Response:
    """Answer `/timeline`: a chart, and the same figures as a table."""
    try:
        selection = from_pairs(arguments(request))
        months = await _months(datasette, selection)
        sites = await ask(datasette, filters.read_sites)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    ui = interface(request)

    def link(path: str) -> str:
        return ui.link(str(datasette.urls.path(path)))

    def narrowed(other: Selection) -> str:
        return link(joined("/timeline", other.query_string()))

    chart, table = await _drawn(datasette, request, ui, selection, months, str(datasette.urls.path("/search")))
    query_string = selection.query_string()
    context = {
        "query": selection.query,
        "kept": [pair for pair in selection.pairs() if pair[0] != PARAMETERS["query"]],
        "chips": filters.chips(ui, sites, selection, narrowed),
        "chart": chart,
        "table": table,
        "hits": sum(month.hits for month in months),
        "search": link(joined("/search", query_string)),
        "data": [
            (name, str(datasette.urls.path(joined(f"/timeline.{name.lower()}", query_string))))
            for name in ("JSON", "CSV")
        ],
    }
    return Response.html(await datasette.render_template("timeline.html", context, request=request))


async def _drawn(
    datasette: Datasette, request: Request, ui: Interface, selection: Selection, months: list[Month], search: str
) -> tuple[Markup, Markup]:
    """Return the chart and the table, which are kept as the figures are: to draw decades takes longer than to count."""

    async def draw() -> tuple[Markup, Markup]:
        narrowed = month_queries(selection, [month.month for month in months])
        hrefs = [ui.link(joined(search, query)) for query in narrowed]
        rows = [_row(month, href) for month, href in zip(months, hrefs, strict=True)]
        table = await datasette.render_template("_months.html", {"rows": _joined(ui, rows)}, request=request)
        return _chart(ui, months, rows), Markup(table)

    return await cached(datasette, ("timeline drawn", selection, ui.language, ui.asked, search, tuple(months)), draw)


async def data(request: Request, datasette: Datasette) -> Response:
    """Answer `/timeline.json` and `/timeline.csv`: month, hits, published, share (0 to 1), whether anybody looked."""
    try:
        months = await _months(datasette, from_pairs(arguments(request)))
    except ArchiveError as error:
        return await refused(datasette, request, error)
    rows = [(month.month, month.hits, month.published, _rounded(month.share), month.looked) for month in months]
    if request.url_vars["format"] == "json":
        return json_response({"ok": True, "months": [dict(zip(KEYS, row, strict=True)) for row in rows]})
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(KEYS)
    writer.writerows((*row[:-1], "true" if row[-1] else "false") for row in rows)
    headers = {"content-disposition": 'attachment; filename="timeline.csv"'}
    return Response(out.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


async def _months(datasette: Datasette, selection: Selection) -> list[Month]:
    async def compute() -> list[Month]:
        return await ask(datasette, lambda connection: timeline(connection, selection), PATIENCE)

    return await cached(datasette, ("timeline", selection), compute)


def month_queries(selection: Selection, months: Sequence[str]) -> list[str]:
    """Return the query string of the selection narrowed to each month, `2024-12`. All but its days is written once."""
    others = replace(selection, after=None, before=None).pairs()
    start = urlencode([*others, ("after", "")])
    queries = []
    for month in months:
        year, number = int(month[:4]), int(month[5:])
        first = date(year, number, 1)
        after = first if selection.after is None else max(first, selection.after)
        before = selection.before
        if month != "9999-12":  # nothing comes after it
            following = date(year + number // 12, number % 12 + 1, 1)
            before = following if before is None else min(following, before)
        queries.append(f"{start}{after}" + (f"&before={before}" if before else ""))
    return queries


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _row(month: Month, href: str) -> dict[str, Any]:
    """Return a month as the table shows it; `gap` where there is nothing, and nobody looked."""
    return {
        "month": month.month,
        "hits": f"{month.hits:,}",
        "published": f"{month.published:,}",
        "share": None if month.share is None else f"{month.share:.1%}",
        "looked": month.looked,
        "gap": not month.looked and not month.published,
        "href": href if month.hits else None,
    }


def _joined(ui: Interface, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows newest first, those of a gap as one."""
    joined_rows: list[dict[str, Any]] = []
    for gap, group in groupby(reversed(rows), key=lambda row: row["gap"]):
        held = list(group)
        if gap and len(held) > 1:
            span = ui.t("timeline.span", first=held[-1]["month"], last=held[0]["month"])
            held = [{**held[0], "month": span}]
        joined_rows += held
    return joined_rows


def _chart(ui: Interface, months: list[Month], rows: list[dict[str, Any]]) -> Markup:
    """Return the months as bars of per cent."""
    if not months:
        return Markup()
    bars = [
        charts.Bar(
            label=month.month,
            value=round(100 * (month.share or 0), 3),
            gap=row["gap"],
            href=row["href"],
            tooltip=str(
                ui.t("timeline.bar_gap" if row["gap"] else "timeline.bar", **{**row, "share": row["share"] or "–"})
            ),
        )
        for month, row in zip(months, rows, strict=True)
    ]
    hits, published = sum(month.hits for month in months), sum(month.published for month in months)
    span = {"first": months[0].month, "last": months[-1].month, "hits": f"{hits:,}", "published": f"{published:,}"}
    return charts.bars(bars, title=str(ui.t("timeline.chart")), description=str(ui.t("timeline.chart_of", **span)))


ROUTES = [(r"^/timeline$", page), (r"^/timeline\.(?P<format>json|csv)$", data)]
