"""`/search.atom`: what is new in a selection, for feed readers."""

from __future__ import annotations

import json
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response

from archive.errors import ArchiveError
from archive.plain import plain
from archive.revisions import published_second
from archive.search.find import Hits, find, in_attachment, prepare
from archive.search.selection import Selection, from_pairs
from archive.search.snippets import excerpt
from archive.web import atom
from archive.web.about import about, public
from archive.web.asking import arguments, ask, joined
from archive.web.atom import add
from archive.web.language import Interface, interface
from archive.web.pages.errors import refused

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Entries of a feed.
ENTRIES = 50
#: Articles of the archive that changed last and are looked through for those of the selection: first few, then more.
WINDOWS = (500, 5_000)
_CHANGED = "SELECT id FROM articles ORDER BY change DESC LIMIT ?"

_DETAILS = """
SELECT a.id, a.uid, a.url, a.title, a.kicker, a.subtitle, a.text, a.authors, a.source, a.section, a.language,
    a.published_at, s.name AS site,
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
    root = atom.feed(ui.tag)
    add(root, "title", ui.t("feed.title", archive=about(datasette)["archive_name"], query=what))
    add(root, "id", absolute(joined("/search.atom", query_string)))
    add(root, "updated", max((row["updated"] for row in rows), default="1970-01-01T00:00:00Z"))
    add(root, "link", rel="self", type="application/atom+xml", href=absolute(joined("/search.atom", query_string)))
    add(root, "link", rel="alternate", type="text/html", href=absolute(ui.link(joined("/search", query_string))))
    for row in rows:
        _entry(root, row, absolute(ui.link(f"/article/{row['uid']}")), ui)
    return atom.answer(request, root)


def read(connection: sqlite3.Connection, selection: Selection) -> list[dict[str, Any]]:
    """Return the articles that changed last, back-dated ones too; the newest after them where these are few.

    `attachment` and `passage` of each: where the words of the selection stand, if they stand in an attachment alone.
    """
    ids = _latest(connection, selection)
    if len(ids) < ENTRIES:
        newest = [hit.row["id"] for hit in find(connection, selection, limit=ENTRIES)]
        ids += [one for one in newest if one not in ids][: ENTRIES - len(ids)]
    words = prepare(connection, selection).words
    rows = []
    for row in connection.execute(_DETAILS.format(", ".join("?" * len(ids))), ids).fetchall():
        name, text = (in_attachment(connection, row, words) if words else None) or (None, "")
        passage = "".join(piece for piece, _ in excerpt(text, words))
        rows.append({**dict(row), "attachment": name, "passage": passage})
    return rows


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


def _entry(root: Any, row: dict[str, Any], page: str, ui: Interface) -> None:
    """Add an article. `updated` is when what it says was first seen, not when it was last found unchanged.

    A printed day counts as its noon +08:00, as everywhere in the archive; a month is no moment and stays unsaid.
    """
    entry = atom.entry(root, row["language"])
    add(entry, "title", plain(row["title"]))
    # The same in every archive and under every address, as the uid is.
    add(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"union-archive:{row['uid']}").urn)
    add(entry, "updated", row["updated"])
    if len(row["published_at"] or "") >= 10:
        moment = datetime.fromtimestamp(published_second(row["published_at"]), UTC)
        add(entry, "published", moment.isoformat())
    add(entry, "link", rel="alternate", type="text/html", href=page)
    add(entry, "link", rel="via", type="text/html", href=row["url"])
    for name in json.loads(row["authors"]) or [row["source"] or row["site"]]:
        add(add(entry, "author"), "name", plain(name))
    if row["section"]:
        add(entry, "category", term=row["section"])
    if row["attachment"]:
        inside = ui.t("search.in_attachment", name=plain(row["attachment"]))
        add(entry, "summary", f"{inside}\n{row['passage']}", type="text")
    add(entry, "content", row["text"], type="text")


ROUTES = [(r"^/search\.atom$", feed)]
