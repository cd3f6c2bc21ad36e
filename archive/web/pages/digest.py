"""`/digest`: what happened in a week; `/digest.json` the same for programs, `/digest.atom` an entry for each week."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response

from archive import digest as digesting
from archive import health
from archive.clock import utcnow
from archive.digest import Digest, Period, telling
from archive.digest.reading import Named, first_moment
from archive.errors import ArchiveError
from archive.web import atom
from archive.web.about import about, public
from archive.web.asking import arguments, last
from archive.web.atom import add
from archive.web.language import Interface, interface
from archive.web.pages.errors import json_response, refused, told
from archive.web.showing import language
from archive.web.whole import ask_whole

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Weeks of the feed, the last that are over: an entry does not change while it is read.
WEEKS = 6
#: Milliseconds that reading all of them may take.
PATIENCE = 8_000


async def page(request: Request, datasette: Datasette) -> Response:
    """Answer `/digest` and `/digest.json`: the week of `?week=`, else the last one that is over."""
    now = utcnow()
    try:
        name = last(arguments(request), "week")
        period = digesting.week_named(name) if name else digesting.last_week(now)
        this_week = digesting.week_of(now)
        if period.first > this_week.first:
            return await told(datasette, request, "digest.to_come", week=period.week)

        def read(connection: sqlite3.Connection) -> tuple[Digest, str | None]:
            return digesting.read(connection, period, now), first_moment(connection)

        made, first = await ask_whole(datasette, read)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    if request.path.endswith(".json"):
        return json_response(digesting.as_json(made, lambda one: _article(request, datasette, one)))
    ui = interface(request)
    neighbours = {
        "previous": period.previous.week if first is not None and first < period.since else None,
        "next": period.next.week if period.next.first <= this_week.first else None,
        "this_week": this_week.week if period.next.first < this_week.first else None,
    }
    context = {
        **_context(ui, made, lambda path: ui.link(datasette.urls.path(path))),
        "period": telling.period_name(period, _translate(ui)),
        "weeks": {key: week for key, week in neighbours.items() if week is not None},
    }
    return Response.html(await datasette.render_template("digest.html", context, request=request))


async def feed(request: Request, datasette: Datasette) -> Response:
    """Answer `/digest.atom`."""
    ui, now = interface(request), utcnow()

    def read(connection: sqlite3.Connection) -> list[Digest]:
        first, period = first_moment(connection), digesting.last_week(now)
        weeks: list[Period] = []
        while first is not None and len(weeks) < WEEKS and first < period.until:
            weeks.append(period)
            period = period.previous
        return [digesting.read(connection, week, now) for week in weeks]

    try:
        found = await ask_whole(datasette, read, PATIENCE)
    except ArchiveError as error:
        return await refused(datasette, request, error)

    def absolute(path: str) -> str:
        return public(datasette, request, path)

    root = atom.feed(ui.tag)
    archive = about(datasette)["archive_name"]
    add(root, "title", f"{archive} · {ui.t('digest.title')}")
    add(root, "id", absolute("/digest.atom"))
    add(root, "updated", found[0].period.until if found else "1970-01-01T00:00:00Z")
    add(root, "link", rel="self", type="application/atom+xml", href=absolute("/digest.atom"))
    add(root, "link", rel="alternate", type="text/html", href=absolute(ui.link("/digest")))
    add(add(root, "author"), "name", archive)
    for made in found:
        address, t = f"/digest?week={made.period.week}", _translate(ui)
        entry = atom.entry(root)
        add(entry, "title", f"{telling.period_name(made.period, t)}: {telling.summary(made, t)}")
        add(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, absolute(address)).urn)
        add(entry, "updated", made.period.until)
        add(entry, "link", rel="alternate", type="text/html", href=absolute(ui.link(address)))
        context = _context(ui, made, lambda path: absolute(ui.link(path)))
        add(entry, "content", await datasette.render_template("_digest.html", context, request=request), type="html")
    return atom.answer(request, root)


def _context(ui: Interface, made: Digest, address: Callable[[str], str]) -> dict[str, Any]:
    """Return what the lists of a digest are shown with; `address` makes one of a path of the archive."""
    t = _translate(ui)
    return {
        "digest": made,
        "address": address,
        "language": language,
        "site_name": lambda site: telling.site_name(made, site, ui.language),
        "words": lambda incident: health.words(incident, "en" if ui.language == "en" else "zh"),
        "severity": health.severity,
        "day": telling.day,
        "gone": lambda one: telling.gone_in_words(one, t),
        "excerpts": telling.excerpts,
    }


def _translate(ui: Interface) -> telling.Translate:
    return lambda key, /, **values: str(ui.t(f"digest.{key}", **values))


def _article(request: Request, datasette: Datasette, article: Named) -> str:
    return public(datasette, request, f"/article/{article.uid}")


ROUTES = [(r"^/digest(?:\.json)?$", page), (r"^/digest\.atom$", feed)]
