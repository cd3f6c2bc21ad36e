"""`/search`: what was found, how much, and by what it can be narrowed; the same as JSON."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response

from archive.errors import ArchiveError
from archive.search.find import NEWEST, PAGE, Count, Hit, count, facets, find
from archive.search.selection import MAX_VALUES, PARAMETERS, Selection
from archive.web import filters
from archive.web.asking import ORDERS, PAGES, Asked, TooSlow, arguments, ask, asked, joined, last
from archive.web.language import interface
from archive.web.pages.errors import in_words, json_response, refused, status_of

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Milliseconds after which a page does without facets.
FACET_PATIENCE = 1_500
#: Exports of a search: the end of the address, and what it is called.
EXPORTS = (
    ("jsonl", "JSON Lines"),
    ("json", "JSON"),
    ("csv", "CSV"),
    ("ris", "RIS"),
    ("bib", "BibTeX"),
    ("csl.json", "CSL-JSON"),
    ("wacz", "WACZ"),
)
#: What a hit says in JSON, beside its snippet.
_TOLD = (
    "uid", "url", "site", "section", "title", "kicker", "subtitle", "source", "published_at", "language", "revision",
    "withdrawn_at", "fetched_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a page, whether more follow, how many there are in all, and values to narrow by (None: no time)."""

    hits: list[Hit]
    follows: bool
    count: Count
    sites: dict[str, sqlite3.Row]
    facets: Mapping[str, list[tuple[str, int]]] | None


async def page(request: Request, datasette: Datasette) -> Response:
    """Answer `/search`; what cannot be understood is said above the form, which stays as it was filled in."""
    context: dict[str, Any] = {
        "form": _form(request),
        "refused": None,
        "newest": NEWEST,
        "asked_facets": _with_facets(request),
    }
    status = 200
    try:
        wanted = asked(request)
        found = await _found(datasette, wanted, with_facets=_with_facets(request))
        context |= _shown(request, datasette, wanted, found)
    except ArchiveError as error:
        context["refused"], context["refused_in"] = in_words(request, error)
        status = status_of(error)
    body = await datasette.render_template("search.html", context, request=request)
    return Response.html(body, status=status)


async def as_json(request: Request, datasette: Datasette) -> Response:
    """Answer `/search.json`: results, count, facets (not with `facets=0`), and the address of the next page."""
    try:
        wanted = asked(request)
        found = await _found(datasette, wanted, with_facets=_with_facets(request))
    except ArchiveError as error:
        return await refused(datasette, request, error)

    def absolute(path: str) -> str:
        return str(datasette.absolute_url(request, str(datasette.urls.path(path))))

    after, before = wanted.selection.after, wanted.selection.before
    answer = {
        "ok": True,
        "query": wanted.selection.query,
        "filters": wanted.selection.filters,
        "after": after and after.isoformat(),
        "before": before and before.isoformat(),
        "sort": wanted.order,
        "page": wanted.page,
        "count": {"number": found.count.number, "more": found.count.more},
        "results": [_told(hit, absolute) for hit in found.hits],
        "facets": found.facets,
        "next": absolute(wanted.address("/search.json", page=wanted.page + 1)) if found.follows else None,
    }
    return json_response(answer)


async def _found(datasette: Datasette, wanted: Asked, *, with_facets: bool) -> Found:
    """Search, counting facets at the same time. Raises ArchiveError for what cannot be answered."""

    def read(connection: sqlite3.Connection) -> tuple[list[Hit], Count, dict[str, sqlite3.Row]]:
        hits = find(connection, wanted.selection, order=wanted.order, limit=PAGE + 1, offset=wanted.offset)
        return hits, count(connection, wanted.selection), filters.read_sites(connection)

    async def counted() -> Mapping[str, list[tuple[str, int]]] | None:
        if not with_facets:
            return None
        try:
            return await ask(datasette, lambda db: facets(db, wanted.selection), FACET_PATIENCE)
        except TooSlow:
            return None

    (hits, total, sites), values = await asyncio.gather(ask(datasette, read), counted())
    follows = len(hits) > PAGE and wanted.page < PAGES
    return Found(hits[:PAGE], follows, total, sites, values)


def _with_facets(request: Request) -> bool:
    return last(arguments(request), "facets") != "0"


def _form(request: Request) -> dict[str, Any]:
    """Return what the form holds: its fields as they were typed, and the filters that it hands on."""
    given = arguments(request)
    fields = {name: last(given, name) for name in ("q", "after", "before", "sort")}
    names = set(PARAMETERS.values()) - set(fields)
    kept = [(name, value) for name in sorted(names) for value in given.get(name, ())[:MAX_VALUES]]
    return {**fields, "kept": kept}


def _shown(request: Request, datasette: Datasette, wanted: Asked, found: Found) -> dict[str, Any]:
    """Return what the template shows of an answer."""
    ui, selection = interface(request), wanted.selection

    def link(path: str) -> str:
        return ui.link(str(datasette.urls.path(path)))

    def narrowed(other: Selection) -> str:
        return link(wanted.address("/search", other))

    previous = wanted.page - 1 if wanted.page > 1 else None
    pages = {"previous": previous, "next": wanted.page + 1 if found.follows else None}
    query_string = selection.query_string()
    return {
        "asked": wanted,
        "found": found,
        "reached": len(found.hits) == PAGE and wanted.page == PAGES,
        "facets": filters.facets(ui, found.sites, selection, found.facets or {}, narrowed),
        "chips": filters.chips(ui, found.sites, selection, narrowed),
        "sites": {site: filters.site_name(ui, found.sites, site) for site in {hit.row["site"] for hit in found.hits}},
        "first": link(wanted.address("/search")),
        "bare": link(joined("/search", Selection(query=selection.query).query_string())),
        "pages": {name: number and link(wanted.address("/search", page=number)) for name, number in pages.items()},
        "orders": {order: link(Asked(selection, order).address("/search")) for order in ORDERS},
        "timeline": link(joined("/timeline", query_string)),
        "feed": link(joined("/search.atom", query_string)),
        "json": str(datasette.urls.path(wanted.address("/search.json"))),
        "exports": [(name, str(datasette.urls.path(joined(f"/export.{end}", query_string)))) for end, name in EXPORTS],
    }


def _told(hit: Hit, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Return a hit for a program: its fields, the address of its page, and its snippet in pieces."""
    told = {name: hit.row[name] for name in _TOLD}
    told["article"] = absolute(f"/article/{hit.row['uid']}")
    told["snippet"] = [{"text": text, "hit": marked} for text, marked in hit.snippet]
    told["attachment"] = hit.attachment
    return told


ROUTES = [(r"^/search$", page), (r"^/search\.json$", as_json)]
