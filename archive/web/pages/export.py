"""`/export.FORMAT`: every article of a selection in one answer, the same lines as `union-archive export` writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from datasette.utils.asgi import Request, Response

from archive import citing
from archive import export as exporting
from archive.database import read_database
from archive.errors import ArchiveError
from archive.search.selection import QueryError, Selection, from_pairs
from archive.web.about import about, public
from archive.web.asking import arguments, last, number
from archive.web.metadata import DATABASE
from archive.web.pages.errors import refused
from archive.web.streaming import Receive, Send, stream, takes_gzip

if TYPE_CHECKING:
    from datasette.app import Datasette

#: By the end of the address: the format's name, and its content type.
FORMATS = {
    "jsonl": ("jsonl", "application/jsonl; charset=utf-8"),
    "json": ("json", "application/json; charset=utf-8"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "ris": ("ris", "application/x-research-info-systems; charset=utf-8"),
    "bib": ("bibtex", "application/x-bibtex; charset=utf-8"),
    "csl.json": ("csl-json", "application/vnd.citationstyles.csl+json; charset=utf-8"),
}
#: Header with the number of the last change that an export holds: the `since` of the next one.
UNTIL = "archive-until"
#: SQLite's steps between two looks whether the client is still there.
_STEPS = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: of a selection what changed after `since`, up to `until`; with earlier revisions or without."""

    selection: Selection
    since: int
    until: int
    revisions: bool


async def export(request: Request, datasette: Datasette, send: Send, receive: Receive) -> Response | None:
    """Answer `/export.FORMAT` with the filters of `/search`, and `since=`, `revisions=1`.

    Packed with gzip for a client whose Accept-Encoding asks for it.
    """
    ending = request.url_vars["format"]
    path = Path(datasette.get_database(DATABASE).path)
    try:
        wanted = await asyncio.to_thread(_wanted, path, arguments(request))
    except ArchiveError as error:
        return await refused(datasette, request, error)
    name, content_type = FORMATS[ending]
    packed = takes_gzip(request.headers.get("accept-encoding", ""))
    headers = {
        "content-type": content_type,
        "content-disposition": f'attachment; filename="articles-{wanted.until}.{ending}"',
        UNTIL: str(wanted.until),
        "vary": "Accept-Encoding",
        **({"content-encoding": "gzip"} if packed else {}),
    }
    if request.method != "GET":
        return Response(b"", headers=headers, content_type=content_type)

    def address(uid: str) -> str:
        return public(datasette, request, f"/article/{uid}")

    def work(out: TextIO, gone: Callable[[], bool]) -> None:
        with closing(read_database(path)) as db:
            db.conn.set_progress_handler(gone, _STEPS)
            cite = citing.citer(about(datasette)["archive_name"], citing.site_names(db.conn), address)
            write = {**exporting.FORMATS, **citing.writers(cite)}[name]
            keys = exporting.keys(revisions=wanted.revisions)
            articles = exporting.export(
                db, wanted.selection, since=wanted.since, until=wanted.until, revisions=wanted.revisions
            )
            write(articles, out, keys)

    await stream(f"export.{ending}", send, receive, headers, work, packed=packed)
    return None


def _wanted(path: Path, given: dict[str, list[str]]) -> Wanted:
    """Read what is asked for. Raises ArchiveError, one line that names the parameter and the fix."""
    selection, since, revisions = from_pairs(given), number(given, "since", 0), last(given, "revisions")
    if revisions not in ("", "0", "1"):
        raise QueryError(
            f"revisions: {revisions[:40]!r}; give 1 for what articles said before, or leave it out",
            f"revisions：“{revisions[:40]}”无效，要历次版本请写 1，否则请去掉",
        )
    with closing(read_database(path)) as db:
        exporting.check(db, selection, since)
        return Wanted(selection, since, exporting.last_change(db), revisions == "1")


ROUTES = [(rf"^/export\.(?P<format>{'|'.join(FORMATS).replace('.', '[.]')})$", export)]
