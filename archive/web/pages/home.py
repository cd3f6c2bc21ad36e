"""`/`: what the archive holds, its newest articles, articles by month, federations by level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response

from archive.revisions import published_second
from archive.search.selection import Selection
from archive.web import holdings
from archive.web.language import Interface, interface
from archive.web.metadata import DATABASE
from archive.web.monthly import monthly
from archive.web.terms import LEVELS, term

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database

NEWEST = 12

_NEWEST = """
SELECT a.uid, a.title, a.published_at, a.source, a.section, a.language, a.revision, a.withdrawn_at,
    s.id AS site, s.name AS name, s.name_en AS name_en
FROM articles AS a JOIN sites AS s ON s.id = a.site ORDER BY a.id DESC LIMIT ?
"""
_LAST = "SELECT published_at FROM articles WHERE published_at IS NOT NULL{site} ORDER BY id DESC LIMIT 1"
_FIRST = "SELECT published_at FROM articles WHERE published_at IS NOT NULL AND id >= ?{site} ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Level:
    """A level of federations: its name, its sites in the registry, how many of them hold articles, and how many."""

    value: str | None
    name: str
    sites: int
    holding: int
    articles: int


async def home(request: Request, datasette: Datasette) -> Response:
    """Answer `/`."""
    ui = interface(request)
    db = datasette.get_database(DATABASE)
    by_site = await holdings.months(datasette)
    together = holdings.total(by_site)
    sites = (await db.execute("SELECT id, level FROM sites")).rows
    context = {
        "articles": sum(together.values()),
        "undated": together[""],
        "sites": len(sites),
        "holding": len(by_site),
        "earlier": await holdings.earlier_versions(datasette),
        "withdrawn": await holdings.withdrawn(datasette),
        "dates": await first_and_last(db, together),
        "monthly": monthly(ui, together, month_link(ui, datasette)),
        "newest": (await db.execute(_NEWEST, [NEWEST])).rows,
        "levels": levels(ui, sites, by_site),
    }
    return Response.html(await datasette.render_template("home.html", context, request=request))


def levels(ui: Interface, sites: Sequence[Any], by_site: Mapping[str, Mapping[str, int]]) -> list[Level]:
    """Return the levels that the registry has sites of, from the national one down; those without a level last."""
    found = []
    others = sorted({row["level"] for row in sites if row["level"] not in LEVELS})
    for level in (*LEVELS[:-1], *others, None):
        ids = [row["id"] for row in sites if row["level"] == level]
        held = [sum(by_site[id_].values()) for id_ in ids if id_ in by_site]
        if ids:
            found.append(Level(level, term(ui, "level", level), len(ids), len(held), sum(held)))
    return found


def month_link(ui: Interface, datasette: Datasette, **narrowed: tuple[str, ...]) -> Callable[[date, date], str]:
    """Return what makes the address of the search for the articles of some days."""

    def link(after: date, before: date) -> str:
        selection = Selection(after=after, before=before, **narrowed)  # type: ignore[arg-type]
        return ui.link(datasette.urls.path(f"/search?{selection.query_string()}"))

    return link


async def first_and_last(db: Database, by_month: Mapping[str, int], site: str | None = None) -> tuple[str, str] | None:
    """Return the first and the last day (or month) that articles bear, of a site or of all; None without any."""
    months = [month for month in by_month if month]
    if not months:
        return None
    # Where to begin: SQLite would walk all articles without a date, and their ids come first.
    earliest = (published_second(min(months) + "-01") - 2 * 86400) * 1024
    condition, values = ("", []) if site is None else (" AND site = ?", [site])
    first = (await db.execute(_FIRST.format(site=condition), [earliest, *values])).first()
    last = (await db.execute(_LAST.format(site=condition), values)).first()
    return None if first is None or last is None else (first[0][:10], last[0][:10])


ROUTES = [(r"^/$", home)]
