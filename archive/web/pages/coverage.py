"""`/coverage`: on which days a site or a section was looked at, with what result; as a page, JSON and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response

from archive.coverage import KEYS, Day, Tally
from archive.errors import ArchiveError
from archive.search.selection import QueryError
from archive.web import covered, filters, holdings
from archive.web.asking import arguments, ask, joined, last
from archive.web.covered import Year
from archive.web.language import Interface, interface
from archive.web.monthly import next_month
from archive.web.pages.errors import json_response, refused
from archive.web.pages.home import month_link
from archive.web.terms import term

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Stands in an address for the home page, and for listings without a name; nothing stands for the whole site.
NO_SECTION = "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """A site, a section of it (None: all, "": the home page), a year and one month of it; "" and None: not given."""

    site: str = ""
    section: str | None = None
    year: int | None = None
    month: str = ""

    def query_string(self) -> str:
        """Return it as the query string of an address."""
        section = NO_SECTION if self.section == "" else self.section
        when = {"month": self.month} if self.month else {"year": self.year}
        pairs = {"site": self.site, "section": section, **when}
        return urlencode({name: value for name, value in pairs.items() if value})


def asked(request: Request) -> Asked:
    """Read what a request asks for. Raises QueryError. A month tells its year too."""
    given = arguments(request)
    month = last(given, "month")
    if month and not re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", month):
        raise QueryError(
            f"month: {month[:40]!r} is no month; write one as 2025-03", f"month：“{month[:40]}”不是月份，请写成 2025-03"
        )
    section = last(given, "section")
    year = covered.read_year(last(given, "year"))
    return Asked(
        last(given, "site"),
        "" if section == NO_SECTION else section or None,
        int(month[:4]) if month else year,
        month,
    )


async def page(request: Request, datasette: Datasette) -> Response:
    """Answer `/coverage`: the months of a year with its calendar, the sections, the days of a month that is opened."""
    ui = interface(request)
    try:
        wanted = asked(request)
        sites = await ask(datasette, filters.read_sites)
        if not wanted.site:
            return await _choice(datasette, request, ui, sites)
        year = await covered.year_of(datasette, wanted.site, wanted.year)
        year.ledger.require(wanted.section)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    context = {
        "name": filters.site_name(ui, sites, wanted.site),
        "site": wanted.site,
        "section": wanted.section,
        "month": wanted.month,
        "search": _search_link(ui, datasette, wanted),
        "data": _data_links(datasette, replace(wanted, year=year.year)),
        "term": lambda kind, value: term(ui, kind, value),
        "weekdays": str(ui.t("coverage.weekdays")).split(),
        **_shown(ui, datasette, wanted, year),
    }
    return Response.html(await datasette.render_template("coverage.html", context, request=request))


def _shown(ui: Interface, datasette: Datasette, wanted: Asked, year: Year) -> dict[str, Any]:
    """Return the year's calendar and tables, and what makes the address of another section, year or month."""

    def link(section: str | None = wanted.section, year: int = year.year, month: str = "") -> str:
        there = Asked(wanted.site, section, year, month).query_string()
        return ui.link(str(datasette.urls.path(f"/coverage?{there}")))

    ledger, section, month = year.ledger, wanted.section, wanted.month
    days = ledger.days(year.today, section)
    sections = _sections(year, wanted)
    return {
        "year": year,
        "link": link,
        "calendar": covered.calendar_of(ui, year, days, lambda one: f"{link(month=one)}#month"),
        "months": _months(year, days, section),
        "total": ledger.tally(days, section),
        "sections": sections,
        "elsewhere": ledger.tally([], None, month).articles - sum(tally.articles for _, tally in sections),
        "days": ledger.days(year.today, section, month) if month else [],
        "month_only": ledger.articles.get(section, {}).get(month, 0),
    }


async def data(request: Request, datasette: Datasette) -> Response:
    """Answer `/coverage.json` and `/coverage.csv`: a row a day of the site or section, in a year or a month."""
    try:
        wanted = asked(request)
        if not wanted.site:
            raise QueryError(
                "site: give the id of a site, as in ?site=workercn", "site：请给出站点编号，如 ?site=workercn"
            )
        year = await covered.year_of(datasette, wanted.site, wanted.year)
        year.ledger.require(wanted.section)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    rows = [day.row() for day in year.ledger.days(year.today, wanted.section, wanted.month)]
    if request.url_vars["format"] == "json":
        about = {"site": wanted.site, "section": wanted.section, "sections": list(year.ledger.sections)}
        return json_response({"ok": True, **about, "year": year.year, "days": rows})
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, KEYS)
    writer.writeheader()
    writer.writerows(rows)
    headers = {"content-disposition": 'attachment; filename="coverage.csv"'}
    return Response(out.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


async def _choice(datasette: Datasette, request: Request, ui: Interface, sites: filters.Sites) -> Response:
    """Answer without a site: those that were looked at, each with the last day of it."""
    looks = await holdings.last_looks(datasette)
    choices = [
        (
            filters.site_name(ui, sites, id_),
            day,
            ui.link(str(datasette.urls.path(f"/coverage?{urlencode({'site': id_})}"))),
        )
        for id_, day in looks.items()
    ]
    choices.sort(key=lambda choice: (choice[1], choice[0]), reverse=True)
    return Response.html(await datasette.render_template("coverage.html", {"choices": choices}, request=request))


def _months(year: Year, days: list[Day], section: str | None) -> list[tuple[str, Tally]]:
    """Return the months that have come, each with its days counted."""
    months: dict[str, list[Day]] = {}
    for day in days:
        months.setdefault(f"{day.day:%Y-%m}", []).append(day)
    return [(month, year.ledger.tally(held, section, month)) for month, held in months.items()]


def _sections(year: Year, wanted: Asked) -> list[tuple[str, Tally]]:
    """Return the sections of a whole site with their days of the year or month; none where there is only one."""
    if wanted.section is not None or len(year.ledger.sections) < 2:
        return []
    return list(year.ledger.by_section(year.today, wanted.month).items())


def _search_link(ui: Interface, datasette: Datasette, wanted: Asked) -> Callable[[str], str]:
    """Return what makes the address of the articles of a month (`2025-03`), or of a day, of a section or the site.

    It is empty for the home page: no search finds articles without a section.
    """
    sections = (wanted.section,) if wanted.section else ()
    make = month_link(ui, datasette, sites=(wanted.site,), sections=sections)

    def link(when: str) -> str:
        if wanted.section == "":
            return ""
        first = date.fromisoformat(when if len(when) == 10 else f"{when}-01")
        return make(first, next_month(first) if len(when) == 7 else first + timedelta(days=1))

    return link


def _data_links(datasette: Datasette, wanted: Asked) -> list[tuple[str, str]]:
    query_string = wanted.query_string()
    return [
        (name, str(datasette.urls.path(joined(f"/coverage.{name.lower()}", query_string)))) for name in ("JSON", "CSV")
    ]


ROUTES = [(r"^/coverage$", page), (r"^/coverage\.(?P<format>json|csv)$", data)]
