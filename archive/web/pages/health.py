"""`/health`: what is wrong with which site, since when, and what to do; as JSON and as a feed too."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response

from archive import health
from archive.clock import stamp
from archive.errors import ArchiveError
from archive.health import Incident
from archive.health.figures import SiteHealth
from archive.health.words import kind_name
from archive.plain import plain
from archive.web import atom
from archive.web.about import about, public
from archive.web.asking import arguments, joined, last
from archive.web.atom import add
from archive.web.language import Interface, interface
from archive.web.pages.errors import json_response, refused
from archive.web.terms import site_name
from archive.web.wellness import Wellness, status_of, wellness

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Entries of the feed, and how long ago what they tell of may be over.
ENTRIES, OVER = 60, timedelta(days=90)


async def page(request: Request, datasette: Datasette) -> Response:
    """Answer `/health`."""
    ui, site = interface(request), last(arguments(request), "site") or None
    try:
        found = await wellness(datasette, site)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    query = _query(site)
    context = {
        "found": found,
        "site": site,
        "bad": [one for one in found.open if one.severity == "bad"],
        "warnings": [one for one in found.open if one.severity == "warning"],
        "unlooked": [one for one in found.sites if one.unlooked_days is not None],
        "counts": [(status, sum(status_of(one) == status for one in found.sites)) for status in _STATUSES],
        "feed": ui.link(str(datasette.urls.path(joined("/health.atom", query)))),
        "data": str(datasette.urls.path(joined("/health.json", query))),
        **shown(ui, found),
    }
    return Response.html(await datasette.render_template("health.html", context, request=request))


_STATUSES = ("failing", "warning", "ok")


def shown(ui: Interface, found: Wellness) -> dict[str, Any]:
    """Return what templates put incidents and sites into words with."""
    return {
        "words": lambda one: plain(words(ui, one)),
        "health_name": lambda id_: _name(ui, found, id_),
        "status_of": status_of,
        "now": stamp(found.at),
        "next_check": lambda one: found.next_checks.get(one.id),
        "moment": lambda text: "–" if not text else text[:16].replace("T", " "),
    }


def words(ui: Interface, one: Incident) -> str:
    """Return an incident in the reader's language."""
    return health.words(one, "en" if ui.language == "en" else "zh")


def _name(ui: Interface, found: Wellness, id_: str) -> str:
    return site_name(ui, *found.names.get(id_, (id_, None)))


async def data(request: Request, datasette: Datasette) -> Response:
    """Answer `/health.json`."""
    try:
        found = await wellness(datasette, last(arguments(request), "site") or None)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    return json_response(
        {
            "ok": True,
            "status": found.status if found.is_kept else "unknown",
            "at": stamp(found.at),
            "sites": [_site(found, one) for one in found.sites],
            "ended": [_incident(one) for one in found.ended],
        }
    )


def _site(found: Wellness, one: SiteHealth) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "name_en": one.name_en,
        "status": status_of(one),
        "state": one.state,
        "last_success": one.last_success,
        "last_run": one.last_run,
        "last_outcome": one.last_outcome,
        "next_check": found.next_checks.get(one.id),
        "unlooked_days": one.unlooked_days,
        "newest": one.newest,
        "week": one.week,
        "median_week": one.median_week,
        "incidents": [_incident(incident) for incident in one.incidents],
    }


def _incident(one: Incident) -> dict[str, Any]:
    names = ("site", "section", "kind", "severity", "began_at", "noticed_at", "seen_at", "ended_at", "facts", "url")
    return {name: getattr(one, name) for name in names} | {
        "words": {"zh": health.words(one, "zh"), "en": health.words(one, "en")}
    }


async def feed(request: Request, datasette: Datasette) -> Response:
    """Answer `/health.atom`: an entry when an incident began, and another when it ended."""
    site, ui = last(arguments(request), "site") or None, interface(request)
    try:
        found = await wellness(datasette, site, ended=OVER)
    except ArchiveError as error:
        return await refused(datasette, request, error)

    def absolute(path: str) -> str:
        return public(datasette, request, path)

    events = list(_events(found))
    root, archive = atom.feed(ui.tag), about(datasette)["archive_name"]
    title = str(ui.t("health.title")) if site is None else f"{ui.t('health.title')} · {_name(ui, found, site)}"
    add(root, "title", f"{archive} · {title}")
    add(root, "id", absolute(joined("/health.atom", _query(site))))
    add(root, "updated", events[0][0] if events else "1970-01-01T00:00:00Z")
    own = absolute(ui.link(joined("/health.atom", _query(site))))
    add(root, "link", rel="self", type="application/atom+xml", href=own)
    add(root, "link", rel="alternate", type="text/html", href=absolute(ui.link(joined("/health", _query(site)))))
    add(add(root, "author"), "name", archive)
    for event in events:
        _entry(root, event, ui, absolute, _name(ui, found, event[1].site))
    return atom.answer(request, root)


Event = tuple[str, Incident, str]
"""When an incident began to be noticed, or ended; the incident as it was then; which of the two: began, ended."""


def _entry(root: Any, event: Event, ui: Interface, absolute: Callable[[str], str], site: str) -> None:
    """Add an entry; its id stays while the incident goes on (ids of rows are used again, with another time)."""
    at, one, state = event
    key = f"/health/{one.site}/{one.kind}/{one.id}/{one.noticed_at}/{state}"
    entry = atom.entry(root)
    kind = kind_name(one.kind, "en" if ui.language == "en" else "zh")
    add(entry, "title", str(ui.t(f"health.entry_{state}", site=site, kind=kind)))
    add(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, absolute(key)).urn)
    add(entry, "updated", at)
    add(entry, "link", rel="alternate", type="text/html", href=absolute(ui.link(f"/sites/{one.site}")))
    if one.url:
        add(entry, "link", rel="related", href=one.url)
    add(entry, "category", term=one.severity, label=str(ui.t(f"health.{one.severity}")))
    add(entry, "content", plain(words(ui, one)), type="text")


def _events(found: Wellness) -> Iterator[Event]:
    """Yield the last ENTRIES times that an incident was noticed, or ended, the last first."""
    events = [(one.noticed_at, one.id, replace(one, ended_at=None), "began") for one in (*found.open, *found.ended)]
    events += [(one.ended_at or "", one.id, one, "ended") for one in found.ended]
    for at, _, one, state in sorted(events, key=lambda event: event[:2], reverse=True)[:ENTRIES]:
        yield at, one, state


def _query(site: str | None) -> str:
    return urlencode({"site": site}) if site else ""


ROUTES = [(r"^/health$", page), (r"^/health\.json$", data), (r"^/health\.atom$", feed)]
