"""`/article/UID`: an article to read, cite and take home, and what it said before."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from archive import citing
from archive.citing import Cited
from archive.errors import ArchiveError
from archive.history import Row
from archive.web import articles, edited, showing, withdrawn
from archive.web.about import about, public
from archive.web.articles import Reading
from archive.web.asking import arguments, last
from archive.web.cache import cached
from archive.web.cells import external
from archive.web.language import Interface, interface
from archive.web.metadata import DATABASE
from archive.web.pages import revisions
from archive.web.pages.errors import told
from archive.web.showing import Shown, link, moment

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")

#: What reference managers read: the ending of its address, its name, its media type and its writer.
FORMATS: dict[str, tuple[str, str, Callable[[dict[str, Any], Cited], str]]] = {
    "bib": ("BibTeX", "application/x-bibtex", citing.bibtex),
    "ris": ("RIS", "application/x-research-info-systems", citing.ris),
    "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json", citing.csl_json),
}


async def page(request: Request, datasette: Datasette) -> Response:
    """Show an article, or with `?revision=N` what it said then."""
    ui, uid = interface(request), request.url_vars["uid"]
    given = last(arguments(request), "revision")

    def read(connection: sqlite3.Connection) -> tuple[Reading | None, dict[str, Any] | None]:
        reading = articles.read(connection, uid, _number(given))
        return reading, None if reading is None else articles.exported(connection, uid)

    try:
        reading, article = await _read(datasette, read)
    except ArchiveError:
        return await _broken(request, datasette, uid)
    if reading is None or article is None:
        return await _absent(request, datasette, uid, given)
    article = _as_of(article, reading) if reading.is_earlier else article
    # A long body takes a while to sanitise and to compare: not in the loop that answers everybody.
    shown = await asyncio.to_thread(Shown, reading, ui, datasette.urls.path("/"))
    edit = await asyncio.to_thread(edited.newest, reading)
    cite = _cited(request, datasette, reading.site, uid, reading.revision if reading.is_earlier else None)
    context = {
        "article": reading.row,
        "reading": reading,
        "shown": shown,
        "edit": edit,
        "moment": moment,
        "span": lambda revision: showing.span(ui, revision),
        "path": datasette.urls.path(f"/article/{uid}"),
        "address": _address(request, datasette, uid),
        "notices": _notices(reading, ui, datasette),
        "scholars": showing.scholars(article, reading.site["name"], cite),
        "standards": [(f"GB/T 7714—{year}", citing.gbt7714(article, cite, year)) for year in (2025, 2015)],
        "formats": [(end, name, kind, write(article, cite)) for end, (name, kind, write) in FORMATS.items()],
    }
    return Response.html(await datasette.render_template("article.html", context, request=request))


async def _read(datasette: Datasette, work: Callable[[sqlite3.Connection], T]) -> T:
    found: T = await datasette.get_database(DATABASE).execute_fn(work)
    return found


def _number(given: str) -> int | None:
    """Read the number of a revision: None where none is asked for, 0 (there is none) for what is no number."""
    if not given:
        return None
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _as_of(article: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Return the exported object of an earlier revision: its words, its digest, the capture it was read from."""
    then = next(each for each in reading.revisions if each["revision"] == reading.revision)
    words = {name: value for name, value in reading.row.items() if name in article}
    captures = [each for each in article["captures"] if each["record_id"] == then["record_id"]]
    said = {"revision": then["revision"], "sha256": then["sha256"], "fetched_at": then["seen_until"]}
    return article | words | said | {"captures": captures}


def _cited(request: Request, datasette: Datasette, site: Row, uid: str, revision: int | None) -> Cited:
    address = _address(request, datasette, uid)
    return Cited(
        archive=about(datasette)["archive_name"],
        site=site["name"],
        site_en=site["name_en"],
        page=address if revision is None else f"{address}?revision={revision}",
    )


def _address(request: Request, datasette: Datasette, uid: str) -> str:
    return public(datasette, request, f"/article/{uid}")


def _notices(reading: Reading, ui: Interface, datasette: Datasette) -> list[Markup | str]:
    """Return what a reader must know before reading."""
    row, t, found = reading.row, ui.t, list[Markup | str]()
    path = datasette.urls.path(f"/article/{row['uid']}")
    if reading.is_earlier:
        then = next(each for each in reading.revisions if each["revision"] == reading.revision)
        span = {"first": moment(then["fetched_at"]), "last": moment(then["seen_until"])}
        present = link(ui.link(path), t("article.present", n=reading.present))
        found.append(t("article.earlier", n=reading.revision, present=present, **span))
    if gone := withdrawn.notice(ui, row, reading.withdrawals):
        record = link(ui.link(f"{path}/revisions"), t("withdrawn.see"))
        found.append(Markup("{} {}").format(gone, record) if reading.withdrawals else gone)
    if row["damaged"]:
        found.append(t("article.damaged"))
    if row["translation_of"]:
        original = external(row["translation_of"])
        if reading.original:
            original = link(ui.link(datasette.urls.path(f"/article/{reading.original}")), row["translation_of"])
        found.append(t("article.translation", original=Markup("<bdi>{}</bdi>").format(original)))
    return found


async def download(request: Request, datasette: Datasette) -> Response:
    """Give an article as JSON (the object of an export, with `?revisions=1` its revisions), BibTeX, RIS or CSL-JSON."""
    uid, ending = request.url_vars["uid"], request.url_vars["ending"]
    revisions = ending == "json" and last(arguments(request), "revisions") == "1"
    try:
        article = await _read(datasette, lambda connection: articles.exported(connection, uid, revisions=revisions))
    except ArchiveError:
        return await _broken(request, datasette, uid)
    if article is None:
        return await _absent(request, datasette, uid)
    if ending == "json":
        text = json.dumps(article, ensure_ascii=False) + "\n"
        return Response(text, content_type="application/json; charset=utf-8")
    site = await _read(datasette, lambda connection: articles.site(connection, article["site"]))
    _, kind, write = FORMATS[ending]
    headers = {"content-disposition": f'attachment; filename="{uid}.{ending}"'}
    text = write(article, _cited(request, datasette, site, uid, None))
    return Response(text, headers=headers, content_type=f"{kind}; charset=utf-8")


async def over_time(request: Request, datasette: Datasette) -> Response:
    """Show what an article said over time (archive.web.pages.revisions)."""
    uid, show = request.url_vars["uid"], revisions.data if request.path.endswith(".json") else revisions.page
    try:
        found = await show(request, datasette)
    except ArchiveError:
        return await _broken(request, datasette, uid)
    return await _absent(request, datasette, uid) if found is None else found


async def by_address(request: Request, datasette: Datasette) -> Response:
    """Lead from any address of an article (`?url=`) to its page."""
    ui, url = interface(request), last(arguments(request), "url")
    if not url:
        return await told(datasette, request, "article.no_url", 400)
    uid = await _read(datasette, lambda connection: articles.find(connection, url))
    if uid is None:
        shown = url if len(url) <= 200 else url[:199] + "…"
        return await told(datasette, request, "article.unknown_url", url=shown)
    return Response.redirect(ui.link(datasette.urls.path(f"/article/{uid}")))


async def unknown(request: Request, datasette: Datasette) -> Response:
    """Answer an address that names no article in the way that one would."""
    return await told(datasette, request, "article.unknown", uid=unquote(request.url_vars["uid"])[:80])


async def _absent(request: Request, datasette: Datasette, uid: str, revision: str = "") -> Response:
    """Lead to the article that has another address with this uid; else say what is not there."""
    present = await _read(datasette, lambda connection: articles.present(connection, uid)) if revision else None
    if present is not None:
        key = "article.bad_revision" if present > 1 else "article.one_revision"
        return await told(datasette, request, key, given=revision[:40], last=present)
    known = await cached(datasette, "alias uids", lambda: _read(datasette, articles.alias_uids))
    other = await _read(datasette, lambda connection: known.find(connection, uid))
    if other is None:
        return await told(datasette, request, "article.unknown", uid=uid)
    path = request.path.replace(uid, other, 1)
    return Response.redirect(f"{path}?{request.query_string}" if request.query_string else path)


async def _broken(request: Request, datasette: Datasette, uid: str) -> Response:
    return await told(datasette, request, "article.unreadable", 500, uid=uid)


_UID = "(?P<uid>[0-9a-f]{16})"
ROUTES = [
    (r"^/article/?$", by_address),
    (rf"^/article/{_UID}$", page),
    (rf"^/article/{_UID}\.(?P<ending>json|bib|ris|csl\.json)$", download),
    (rf"^/article/{_UID}/revisions(\.json)?$", over_time),
    (rf"^/article/{_UID}/changes/(?P<revision>[^/]*)$", revisions.earlier_address),
    (r"^/article/(?P<uid>.+)$", unknown),
]
