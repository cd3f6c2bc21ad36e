"""`/sites` and `/sites/<id>`: the gazetteer of federations, and what is held of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Request, Response

from archive.nfkc import nfkc
from archive.search.selection import QueryError
from archive.web import covered, holdings
from archive.web.covered import Year
from archive.web.language import Interface, interface
from archive.web.metadata import DATABASE
from archive.web.monthly import monthly
from archive.web.pages.errors import bad_request, refused
from archive.web.pages.health import shown
from archive.web.pages.home import first_and_last, month_link
from archive.web.terms import LEVELS, site_name, term
from archive.web.wellness import wellness

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database

NEWEST = 10
RUNS = 5
STATUSES = ("active", "paused", "unsupported")
#: Stands for sites without a level.
NO_LEVEL = "none"

_NEWEST = """
SELECT uid, title, published_at, source, section, language, revision, withdrawn_at, site
FROM articles WHERE site = ? ORDER BY id DESC LIMIT ?
"""
# The last look at each section, by the key of `looks`: a site has a row a section a day, for years.
_LOOKS = """
WITH RECURSIVE named(section) AS (
    SELECT min(section) FROM looks WHERE site = :site
    UNION ALL
    SELECT (SELECT min(section) FROM looks WHERE site = :site AND section > named.section)
    FROM named WHERE named.section IS NOT NULL
)
SELECT l.section, l.day, l.outcome, l.depth, l.articles FROM named JOIN looks AS l ON l.site = :site
    AND l.section = named.section AND l.day = (SELECT max(day) FROM looks WHERE site = :site AND section = l.section)
"""
_RUNS = "SELECT * FROM runs WHERE site = ? ORDER BY id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the gazetteer is asked for; "" is everything. A region stands for the regions in it too."""

    text: str = ""
    level: str = ""
    region: str = ""
    status: str = ""

    def fits(self, site: Mapping[str, Any]) -> bool:
        """Say whether a site is one of them; the text may stand in any of its names, or be its id."""
        if self.text and not any(_folded(self.text) in _folded(site.get(name) or "") for name in _NAMES):
            return False
        region = site["region"] or ""
        return (
            self.level in ("", site["level"] or NO_LEVEL)
            and self.status in ("", site["status"])
            and self.region in ("", region, region.partition("-")[0])
        )


_NAMES = ("name", "name_en", "name_pinyin", "id", "home")


@dataclass(frozen=True, slots=True)
class Entry:
    """A site in the gazetteer: its row of `sites`, articles held, the date of the newest, the day of the last look."""

    site: Mapping[str, Any]
    articles: int
    newest: str | None
    looked: str | None


async def sites(request: Request, datasette: Datasette) -> Response:
    """Answer `/sites`."""
    ui = interface(request)
    given = {name: (request.args.get(name) or "").strip() for name in ("q", "level", "region", "status")}
    all_sites = await _sites(datasette.get_database(DATABASE))
    choice = Choice(given["q"], given["level"], given["region"], given["status"])
    known = {"level": _levels(all_sites), "region": _regions(all_sites), "status": list(STATUSES)}
    for name, values in known.items():
        if given[name] not in ("", *values):
            wrong = f"{name} {given[name][:40]!r}: give one of {', '.join(values) or 'none: there are no sites yet'}"
            return await bad_request(datasette, request, wrong)
    found = await _entries(datasette, [site for site in all_sites.values() if choice.fits(site)])
    context = {
        "all_sites": all_sites,
        "choice": choice,
        "number": len(found),
        "articles": sum(entry.articles for entry in found),
        "groups": _grouped(ui, found),
        "options": {
            name: [(value, term(ui, name, value if value != NO_LEVEL else None)) for value in values]
            for name, values in known.items()
        },
        **_words(ui),
    }
    return Response.html(await datasette.render_template("sites.html", context, request=request))


async def site(request: Request, datasette: Datasette) -> Response:
    """Answer `/sites/<id>`."""
    ui, id_ = interface(request), request.url_vars["id"]
    db = datasette.get_database(DATABASE)
    all_sites = await _sites(db)
    if id_ not in all_sites:
        raise NotFound(str(ui.t("sites.missing", id=id_[:80])))
    by_month = (await holdings.months(datasette)).get(id_, {})
    looked = await holdings.looked_months(datasette, id_)
    try:
        year = await covered.year_of(datasette, id_, covered.read_year((request.args.get("year") or "").strip()))
    except QueryError as error:
        return await refused(datasette, request, error)
    context = {
        "site": all_sites[id_],
        "parent": all_sites.get(all_sites[id_].get("parent") or ""),
        "children": await _entries(datasette, [one for one in all_sites.values() if one.get("parent") == id_]),
        "articles": sum(by_month.values()),
        "undated": by_month.get("", 0),
        "dates": await first_and_last(db, by_month, id_),
        "monthly": monthly(ui, by_month, month_link(ui, datasette, sites=(id_,)), looked),
        "sections": _looked(await holdings.sections(datasette, id_), (await db.execute(_LOOKS, {"site": id_})).rows),
        "newest": (await db.execute(_NEWEST, [id_, NEWEST])).rows,
        **await _runs(db, id_),
        **_coverage(ui, datasette, id_, year),
        **await _health(ui, datasette, id_),
        **_words(ui),
    }
    return Response.html(await datasette.render_template("site.html", context, request=request))


async def _runs(db: Database, id_: str) -> dict[str, Any]:
    """Return the last runs of a site and how many there are; a copy for readers has none, and no number."""
    if not await db.table_exists("runs"):
        return {"runs": [], "runs_number": None}
    number = (await db.execute("SELECT count(*) FROM runs WHERE site = ?", [id_])).first()[0]
    return {"runs": (await db.execute(_RUNS, [id_, RUNS])).rows, "runs_number": number}


async def _health(ui: Interface, datasette: Datasette, id_: str) -> dict[str, Any]:
    """Return how a site is; nothing of one that is restricted, that is not crawled, or where nobody keeps account."""
    try:
        found = await wellness(datasette, id_)
    except QueryError:
        return {"standing": None}
    return {"standing": next(iter(found.sites), None), **shown(ui, found)}


def _coverage(ui: Interface, datasette: Datasette, id_: str, year: Year) -> dict[str, Any]:
    """Return the calendar of a year, and the addresses of other years and of the table by month and section."""

    def link(path: str, **parameters: object) -> str:
        return ui.link(str(datasette.urls.path(f"{path}?{urlencode(parameters)}")))

    def month(name: str) -> str:
        return f"{link('/coverage', site=id_, month=name)}#month"

    return {
        "year": year,
        "calendar": covered.calendar_of(ui, year, year.ledger.days(year.today), month),
        "to_year": lambda number: f"{link(f'/sites/{id_}', year=number)}#coverage",
        "coverage": link("/coverage", site=id_, year=year.year),
    }


def _words(ui: Interface) -> dict[str, Any]:
    """Return what both templates name things with."""
    return {
        "term": lambda kind, value: term(ui, kind, value),
        "site_name": lambda row: site_name(ui, row["name"], row.get("name_en")),
    }


async def _sites(db: Database) -> dict[str, dict[str, Any]]:
    """Return the rows of `sites` by id, in the order of their Latin names."""
    rows = [dict(row) for row in (await db.execute("SELECT * FROM sites")).rows]
    rows.sort(key=lambda row: (row.get("name_pinyin") or row["name_en"] or row["name"]).casefold())
    return {row["id"]: row for row in rows}


async def _entries(datasette: Datasette, chosen: Sequence[Mapping[str, Any]]) -> list[Entry]:
    months, looks = await holdings.months(datasette), await holdings.last_looks(datasette)
    newest = await holdings.newest(datasette)
    return [
        Entry(one, sum(months.get(one["id"], {}).values()), newest.get(one["id"]), looks.get(one["id"]))
        for one in chosen
    ]


def _grouped(ui: Interface, entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return them by level, from the national one down, each with the level's name."""
    groups: dict[str | None, list[Entry]] = {level: [] for level in LEVELS[:-1]}
    for entry in entries:
        groups.setdefault(entry.site["level"], []).append(entry)
    return [(term(ui, "level", level), group) for level, group in groups.items() if group]


def _levels(all_sites: Mapping[str, Mapping[str, Any]]) -> list[str]:
    held = {site["level"] for site in all_sites.values()}
    known = [level for level in LEVELS if level in held and level]
    others = sorted(level for level in held if level and level not in LEVELS)
    return [*known, *others, *([NO_LEVEL] if None in held else [])]


def _regions(all_sites: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the regions of sites and the countries these lie in, in the order of their codes; China first."""
    held = {site["region"] for site in all_sites.values() if site["region"]}
    held |= {region.partition("-")[0] for region in held}
    return sorted(held, key=lambda region: (not region.startswith("CN"), region))


def _looked(sections: Sequence[holdings.Section], looks: Sequence[Any]) -> list[tuple[holdings.Section, Any]]:
    """Pair sections with the last look at each; those that were looked at and hold no article come last."""
    by_name = {look["section"]: look for look in looks}
    held = [(section, by_name.pop(section.name, None)) for section in sections]
    return held + [(holdings.Section(name, 0, None), look) for name, look in by_name.items()]


def _folded(text: str) -> str:
    return "".join(nfkc(text).casefold().split())


ROUTES = [(r"^/sites$", sites), (r"^/sites/(?P<id>[^/]+)$", site)]
