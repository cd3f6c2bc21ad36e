"""`/export.FORMAT`: every article of a selection in one answer, the same lines as `union-archive export` writes.

`/export.wacz` gives their captures too, of so many articles at most.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from datasette.utils.asgi import Request, Response

from archive import citing, wacz
from archive import export as exporting
from archive.database import read_database
from archive.errors import ArchiveError
from archive.search.selection import QueryError, Selection, from_pairs
from archive.web.about import about, public
from archive.web.asking import arguments, last, number
from archive.web.metadata import DATABASE
from archive.web.pages.errors import refused
from archive.web.streaming import BinaryWork, Receive, Send, Work, stream, stream_bytes, takes_gzip

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
    "wacz": ("wacz", "application/wacz"),
}
#: Articles of a WACZ file that is made for a reader: some hundred megabytes, with their pictures.
MOST = 1_000
#: Header with the number of the last change that an export holds: the `since` of the next one.
UNTIL = "archive-until"
#: SQLite's steps between two looks whether the client is still there.
_STEPS = 50_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: of a selection what changed after `since`, up to `until`; with earlier revisions or without."""

    selection: Selection
    since: int
    until: int
    revisions: bool


async def export(request: Request, datasette: Datasette, send: Send, receive: Receive) -> Response | None:
    """Answer `/export.FORMAT` with the filters of `/search`, and `since=`, `revisions=1`.

    Text is packed with gzip for a client whose Accept-Encoding asks for it.
    """
    ending = request.url_vars["format"]
    name, content_type = FORMATS[ending]
    path = Path(datasette.get_database(DATABASE).path)
    try:
        wanted = await asyncio.to_thread(_wanted, path, arguments(request), MOST if name == "wacz" else None)
    except ArchiveError as error:
        return await refused(datasette, request, error)
    packed = name != "wacz" and takes_gzip(request.headers.get("accept-encoding", ""))
    headers = {
        "content-type": content_type,
        "content-disposition": f'attachment; filename="articles-{wanted.until}.{ending}"',
        UNTIL: str(wanted.until),
        "vary": "Accept-Encoding",
        **({"content-encoding": "gzip"} if packed else {}),
    }
    if request.method != "GET":
        return Response(b"", headers=headers, content_type=content_type)
    if name == "wacz":
        await stream_bytes("export.wacz", send, receive, headers, _captures(datasette, path, wanted))
    else:
        work = _lines(datasette, request, path, wanted, name)
        await stream(f"export.{ending}", send, receive, headers, work, packed=packed)
    return None


def _lines(datasette: Datasette, request: Request, path: Path, wanted: Wanted, name: str) -> Work:
    """Return what writes the articles in a format."""

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

    return work


def _captures(datasette: Datasette, path: Path, wanted: Wanted) -> BinaryWork:
    """Return what writes the articles with their captures. What cannot be read is logged, and told in the file."""
    said = about(datasette)
    facts = wacz.Facts(said["archive_name"], said["archive_rights"])

    def work(out: BinaryIO, gone: Callable[[], bool]) -> None:
        with closing(read_database(path)) as db:
            db.conn.set_progress_handler(gone, _STEPS)
            note = partial(_log.warning, "export.wacz: %s")
            since, until = wanted.since, wanted.until
            wacz.write(out, db, path.parent / "warc", wanted.selection, facts, since=since, until=until, note=note)

    return work


def _wanted(path: Path, given: dict[str, list[str]], most: int | None) -> Wanted:
    """Read what is asked for. Raises ArchiveError, one line that names the parameter and the fix.

    So does a selection of more articles than `most`.
    """
    selection, since, revisions = from_pairs(given), number(given, "since", 0), last(given, "revisions")
    if revisions not in ("", "0", "1"):
        raise QueryError(
            f"revisions: {revisions[:40]!r}; give 1 for what articles said before, or leave it out",
            f"revisions：“{revisions[:40]}”无效，要历次版本请写 1，否则请去掉",
        )
    with closing(read_database(path)) as db:
        exporting.check(db, selection, since)
        until = exporting.last_change(db)
        if most is not None and (count := exporting.count(db, selection, since, until)) > most:
            raise QueryError(
                f"{count:,} articles: a WACZ file made here holds {most:,} at most; narrow the search by site, section "
                "or date, or have the archive write it with `union-archive export --format wacz`",
                f"共 {count:,} 篇：此处生成的 WACZ 文件最多收 {most:,} 篇，请按站点、栏目或日期缩小范围，"
                "或由档案方用 `union-archive export --format wacz` 导出",
            )
        return Wanted(selection, since, until, revisions == "1")


ROUTES = [(rf"^/export\.(?P<format>{'|'.join(FORMATS).replace('.', '[.]')})$", export)]
