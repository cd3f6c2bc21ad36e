"""`/capture/ID`: what a server sent, as it lies in the archive; `/held/UID/ID`: a picture or file of an article."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response
from markupsafe import Markup, escape

from archive.errors import ArchiveError
from archive.excerpt import excerpt
from archive.payload import HTTPResponse
from archive.web import captures, media
from archive.web.asking import arguments, last
from archive.web.captures import Capture
from archive.web.metadata import DATABASE
from archive.web.pages.errors import told
from archive.web.showing import language, moment

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")

#: The policy of a stored page: nothing runs, nothing is fetched, nothing is sent, and only our own page frames it.
POLICY = "; ".join(
    [
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    ]
)
#: Readers' own caches may keep a file for ever; a shared one may not: an article can be withheld later.
KEEP = "private, max-age=31536000, immutable"
# Characters that change how others are shown, and those that show nothing.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


async def facts(request: Request, datasette: Datasette) -> Response:
    """Show what is known of a capture, its headers as sent, and whether it is still what was stored."""
    capture = await _find(request, datasette)
    if capture is None:
        return await _unknown(request, datasette)

    def read() -> tuple[HTTPResponse | None, bool | None]:
        try:
            http = captures.response(_warc(datasette), capture.row)
        except captures.Unreadable:
            return None, None
        return http, captures.is_sound(capture.row, http) if capture.row["payload"] is None else None

    http, sound = await asyncio.to_thread(read)
    row, path = capture.row, datasette.urls.path
    context = {
        **_context(capture, request, datasette),
        "http": http,
        "head": http.head.decode("latin-1").strip() if http else "",
        "sound": sound,
        "original": path(f"/capture/{row['payload']}") if _is_own(capture) else None,
        "file": None if capture.is_page else path(f"/held/{capture.article['uid']}/{row['id']}"),
    }
    return Response.html(await datasette.render_template("capture.html", context, request=request))


def _is_own(capture: Capture) -> bool:
    """Say whether the capture that holds the payload is of the same article, so that it may be seen."""
    return capture.row["payload"] is not None and bool(capture.original["uid"] == capture.article["uid"])


async def record(request: Request, datasette: Datasette) -> Response:
    """Give the capture's WARC records as they are stored."""
    capture = await _find(request, datasette)
    if capture is None:
        return await _unknown(request, datasette)
    row = capture.row
    try:
        data = await asyncio.to_thread(excerpt, _warc(datasette), row["warc"], row["offset"], row["record_id"])
    except ArchiveError:
        return await _unreadable(request, datasette, capture)
    headers = {"content-disposition": f'attachment; filename="capture-{row["id"]}.warc.gz"'}
    return Response(data, headers=headers, content_type="application/gzip")


async def source(request: Request, datasette: Datasette) -> Response:
    """Show the source of a stored page as text."""
    return await _stored(request, datasette, "capture_source.html", lambda text: {"source": _visible(text)})


async def framed(request: Request, datasette: Datasette) -> Response:
    """Show a stored page in a frame in which nothing runs and which fetches nothing."""
    return await _stored(
        request, datasette, "capture_page.html", lambda text: {"quick": captures.shown(text) is not None}
    )


async def raw(request: Request, datasette: Datasette) -> Response:
    """Give a stored page for that frame."""
    capture = await _find(request, datasette)
    if capture is None or not capture.is_html:
        return await _unknown(request, datasette)
    try:
        text = await _text(datasette, capture)
    except captures.Unreadable:
        return await _unreadable(request, datasette, capture)
    page = await asyncio.to_thread(captures.shown, text)
    if page is None:
        return await told(datasette, request, "capture.deep")
    start = f'<!DOCTYPE html><html lang="{language(capture.article["language"])}"><meta charset="utf-8"><title></title>'
    headers = {"content-security-policy": POLICY, "x-dns-prefetch-control": "off"}
    return Response.html(start + page, headers=headers)


async def held(request: Request, datasette: Datasette) -> Response:
    """Give a picture to be shown in a page, or anything else of an article to be saved."""
    capture = await _find(request, datasette)
    if capture is None or (capture.is_page and capture.is_html):
        return await _unknown(request, datasette)
    try:
        data = await asyncio.to_thread(captures.content, _warc(datasette), capture, captures.MAX_FILE)
    except captures.Unreadable:
        return await _unreadable(request, datasette, capture)
    kind = media.raster(data)
    headers = {"cache-control": KEEP, "content-security-policy": POLICY}
    if kind is None:
        headers["content-disposition"] = captures.disposition(capture)
    return Response(data, headers=headers, content_type=kind or "application/octet-stream")


async def _stored(
    request: Request, datasette: Datasette, template: str, given: Callable[[str], dict[str, object]]
) -> Response:
    capture = await _find(request, datasette)
    if capture is None or not (capture.is_html if template == "capture_page.html" else capture.is_text):
        return await _unknown(request, datasette)
    try:
        text = await _text(datasette, capture)
    except captures.Unreadable:
        return await _unreadable(request, datasette, capture)
    context = _context(capture, request, datasette) | await asyncio.to_thread(given, text)
    context["cut"] = len(text) > captures.MAX_SOURCE
    return Response.html(await datasette.render_template(template, context, request=request))


async def _text(datasette: Datasette, capture: Capture) -> str:
    directory = _warc(datasette)
    return await asyncio.to_thread(lambda: captures.text(capture, captures.content(directory, capture)))


def _visible(text: str) -> Markup:
    """Return source as HTML that shows what would be invisible, or would turn the reading direction."""
    shown = str(escape(text[: captures.MAX_SOURCE]))
    return Markup(_CONTROL.sub(lambda one: f'<span class="control">U+{ord(one[0]):04X}</span>', shown))


async def _find(request: Request, datasette: Datasette) -> Capture | None:
    """Return the capture that a request names, where a reader may see it."""
    id_ = int(request.url_vars["id"])
    uid = request.url_vars.get("uid") or last(arguments(request), "article") or None
    found: Capture | None = await datasette.get_database(DATABASE).execute_fn(
        lambda connection: captures.find(connection, id_, uid)
    )
    return found


def _context(capture: Capture, request: Request, datasette: Datasette) -> dict[str, object]:
    """Return what every page of a capture needs; `more` names the article where the capture's row does not."""
    more = "" if capture.is_page else "?" + urlencode({"article": capture.article["uid"]})
    return {
        "capture": capture.row,
        "held": capture,
        "article": capture.article,
        "language": language(capture.article["language"]),
        "path": datasette.urls.path(f"/capture/{capture.row['id']}"),
        "more": more,
        "moment": moment,
        "limit": captures.MAX_SOURCE,
    }


def _warc(datasette: Datasette) -> Path:
    return Path(datasette.get_database(DATABASE).path).parent / "warc"


async def _unknown(request: Request, datasette: Datasette) -> Response:
    return await told(datasette, request, "capture.unknown")


async def _unreadable(request: Request, datasette: Datasette, capture: Capture) -> Response:
    return await told(datasette, request, "capture.unreadable", warc=capture.original["warc"])


_ID = "(?P<id>[0-9]{1,18})"
ROUTES = [
    (rf"^/capture/{_ID}$", facts),
    (rf"^/capture/{_ID}\.warc\.gz$", record),
    (rf"^/capture/{_ID}/source$", source),
    (rf"^/capture/{_ID}/page$", framed),
    (rf"^/capture/{_ID}/raw$", raw),
    (rf"^/held/(?P<uid>[0-9a-f]{{16}})/{_ID}$", held),
    (r"^/(?:capture|held)(?:/.*)?$", _unknown),
]
