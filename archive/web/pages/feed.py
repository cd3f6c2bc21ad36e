"""`/search.atom`: what is new in a selection, for feed readers."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response
from lxml import etree

from archive.errors import ArchiveError
from archive.plain import plain
from archive.revisions import published_second
from archive.search.find import Hits, find, prepare
from archive.search.selection import Selection, from_pairs
from archive.web.about import about, public
from archive.web.asking import arguments, ask, joined
from archive.web.language import Interface, interface
from archive.web.pages.errors import refused

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Entries of a feed.
ENTRIES = 50
#: Articles of the archive that changed last and are looked through for those of the selection: first few, then more.
WINDOWS = (500, 5_000)
_CHANGED = "SELECT id FROM articles ORDER BY change DESC LIMIT ?"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
_XML = "{http://www.w3.org/XML/1998/namespace}"
#: Characters that XML 1.0 cannot hold, in whatever way they are written.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_DETAILS = """
SELECT a.uid, a.url, a.title, a.text, a.authors, a.source, a.section, a.language, a.published_at, s.name AS site,
    coalesce(r.fetched_at, a.fetched_at) AS updated
FROM articles AS a JOIN sites AS s ON s.id = a.site
LEFT JOIN revisions AS r ON r.uid = a.uid AND r.revision = a.revision
WHERE a.id IN ({}) ORDER BY a.change DESC
"""


async def feed(request: Request, datasette: Datasette) -> Response:
    """Answer `/search.atom`: the articles of a selection that changed last; where these are few, the newest too."""
    try:
        selection = from_pairs(arguments(request))
        rows = await ask(datasette, lambda connection: read(connection, selection))
    except ArchiveError as error:
        return await refused(datasette, request, error)

    def absolute(path: str) -> str:
        return public(datasette, request, path)

    ui = interface(request)
    query_string = selection.query_string()
    what = plain(" ".join(value for _, value in selection.pairs())) or ui.t("feed.everything")
    root = etree.Element(f"{{{ATOM}}}feed", {f"{_XML}lang": ui.tag}, nsmap={None: ATOM})
    _add(root, "title", ui.t("feed.title", archive=about(datasette)["archive_name"], query=what))
    _add(root, "id", absolute(joined("/search.atom", query_string)))
    _add(root, "updated", max((row["updated"] for row in rows), default="1970-01-01T00:00:00Z"))
    _add(root, "link", rel="self", type="application/atom+xml", href=absolute(joined("/search.atom", query_string)))
    _add(root, "link", rel="alternate", type="text/html", href=absolute(ui.link(joined("/search", query_string))))
    for row in rows:
        _entry(root, row, absolute(ui.link(f"/article/{row['uid']}")), ui)
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    # Feed readers ask every hour; nearly always for what they have.
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    held = etag in request.headers.get("if-none-match", "")
    return Response(b"" if held else body, 304 if held else 200, {"etag": etag}, content_type=CONTENT_TYPE)


def read(connection: sqlite3.Connection, selection: Selection) -> list[sqlite3.Row]:
    """Return the articles that changed last, back-dated ones too; the newest after them where these are few."""
    ids = _latest(connection, selection)
    if len(ids) < ENTRIES:
        newest = [hit.row["id"] for hit in find(connection, selection, limit=ENTRIES)]
        ids += [one for one in newest if one not in ids][: ENTRIES - len(ids)]
    return connection.execute(_DETAILS.format(", ".join("?" * len(ids))), ids).fetchall()


def _latest(connection: sqlite3.Connection, selection: Selection) -> list[int]:
    """Return the ids of a selection's articles among those of the archive that changed last, latest first."""
    ids: list[int] = []
    for window in WINDOWS:
        hits = Hits(prepare(connection, selection))
        # Each id is looked up among the hits: it does not matter how many these are.
        hits.narrow(f"{hits.key} IN ({_CHANGED})", window)
        chosen = {row[0] for row in connection.execute(f"SELECT id FROM ({hits.sql(newest_first=False)})", hits.values)}
        changed = [row[0] for row in connection.execute(_CHANGED, [window])]
        ids = [one for one in changed if one in chosen][:ENTRIES]
        if len(ids) == ENTRIES or len(changed) < window:
            break
    return ids


def _entry(root: Any, row: sqlite3.Row, page: str, ui: Interface) -> None:
    """Add an article. `updated` is when what it says was first seen, not when it was last found unchanged.

    A printed day counts as its noon +08:00, as everywhere in the archive; a month is no moment and stays unsaid.
    """
    entry = etree.SubElement(root, f"{{{ATOM}}}entry")
    if row["language"]:
        entry.set(f"{_XML}lang", _clean(row["language"]))
    _add(entry, "title", plain(row["title"]))
    # The same in every archive and under every address, as the uid is.
    _add(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"union-archive:{row['uid']}").urn)
    _add(entry, "updated", row["updated"])
    if len(row["published_at"] or "") >= 10:
        moment = datetime.fromtimestamp(published_second(row["published_at"]), UTC)
        _add(entry, "published", moment.isoformat())
    _add(entry, "link", rel="alternate", type="text/html", href=page)
    _add(entry, "link", rel="via", type="text/html", href=row["url"])
    for name in json.loads(row["authors"]) or [row["source"] or row["site"]]:
        author = etree.SubElement(entry, f"{{{ATOM}}}author")
        _add(author, "name", plain(name))
    if row["section"]:
        _add(entry, "category", term=row["section"])
    _add(entry, "content", row["text"], type="text")


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> None:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", {key: _clean(value) for key, value in attributes.items()})
    element.text = None if text is None else _clean(str(text))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


ROUTES = [(r"^/search\.atom$", feed)]
