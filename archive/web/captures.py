"""Captures that a reader may see: those of articles that are held, and of their pictures and files."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import nh3

from archive import history
from archive.attachments.kinds import ending
from archive.errors import ArchiveError
from archive.payload import MAX_CONTENT, HTTPResponse, PayloadError
from archive.warc import payload_digest, read_record
from archive.web import media
from archive.web.body import is_quick

Row = dict[str, Any]

#: Bytes of a picture or a file that is given to a reader: it is held in memory meanwhile.
MAX_FILE = 200 * 2**20
#: Characters of a stored page that are shown as source.
MAX_SOURCE = 500_000
#: How deep the elements of a stored page may be nested to be shown as a page.
MAX_DEPTH = 400

# What a page looks like without scripts, frames, forms that send, and whatever is fetched. The style sheets within it
# stay: the policy that it is sent with lets nothing be fetched from them.
_TAGS = nh3.ALLOWED_TAGS | {"font", "big", "nobr", "main", "section", "style", "label", "fieldset", "legend"}
_LOOKS = {
    "class", "id", "style", "align", "valign", "width", "height", "bgcolor", "color", "size", "face", "border",
    "cellpadding", "cellspacing", "colspan", "rowspan", "nowrap", "dir", "lang", "title", "alt",
}  # fmt: skip
_PAGE = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "title", "template"},
    attributes={"*": _LOOKS, "a": {"name"}},
    generic_attribute_prefixes=set(),
    link_rel=None,
    strip_comments=True,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
#: What file systems and headers give a meaning of its own; white space and what cannot be seen.
_UNNAMED = re.compile(r"[\x00-\x20\x7f-\xa0/\\:*?\"<>|%;\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]+")
#: Characters of a name; with the capture's id, what file systems take.
_LONGEST = 60


class Unreadable(ArchiveError):
    """A capture's record cannot be had. The message is for the archivist; a reader is told no path."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A row of `captures`, the row that holds its payload (or itself), and the article it is of.

    `article` has uid, site, title, language, charset, images and attachments.
    """

    row: Row
    original: Row
    article: Row

    @property
    def is_page(self) -> bool:
        """Whether the article was read from it; else it is one of its pictures or files."""
        return bool(self.row["uid"] == self.article["uid"])

    @property
    def content_type(self) -> str:
        """The Content-Type as sent with the payload, without parameters, in lower case."""
        return str(self.original["content_type"] or self.row["content_type"] or "").partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """Whether it is a page; servers that name no type send pages."""
        return self.content_type in ("", "text/html", "application/xhtml+xml")

    @property
    def is_text(self) -> bool:
        """Whether its source can be read."""
        kind = self.content_type
        return self.is_html or kind.startswith("text/") or kind.endswith(("xml", "json"))


def find(connection: sqlite3.Connection, id_: int, uid: str | None = None) -> Capture | None:
    """Return a capture that is of an article held; None for any other, and for one that is not there.

    A capture of a picture or a file is found with the `uid` of an article that has it, in any of its revisions.
    """
    row = connection.execute("SELECT * FROM captures WHERE id = ?", [id_]).fetchone()
    if row is None:
        return None
    article = connection.execute("SELECT * FROM articles WHERE uid = ?", [uid or row["uid"]]).fetchone()
    if article is None:
        return None
    decoded = history.decoded(dict(article))
    if row["uid"] != article["uid"] and not media.belongs(row, article, _items(connection, decoded)):
        return None
    original = connection.execute("SELECT * FROM captures WHERE id = ?", [row["payload"] or id_]).fetchone()
    return Capture(dict(row), dict(row if original is None else original), decoded)


def _items(connection: sqlite3.Connection, article: Row) -> list[Row]:
    """Return the pictures and files of an article as it is and as it was."""
    sql = "SELECT content FROM revisions WHERE uid = ? AND content IS NOT NULL"
    earlier = [history.said_then(row["content"]) for row in connection.execute(sql, [article["uid"]])]
    return [item for one in (article, *earlier) for name in ("images", "attachments") for item in one[name]]


def response(directory: Path, capture: Row) -> HTTPResponse:
    """Return the response in the record of a capture. Raises Unreadable when it is missing or altered."""
    try:
        record = read_record(directory, capture["warc"], capture["offset"])
        if record.headers.get("WARC-Record-ID") != capture["record_id"]:
            raise Unreadable(f"{capture['warc']}: another record at {capture['offset']}; put the file back from a copy")
        return record.http
    except (ArchiveError, PayloadError, OSError) as error:
        raise Unreadable(f"capture {capture['id']}: {error}") from error


def is_sound(capture: Row, http: HTTPResponse) -> bool | None:
    """Say whether the payload has the digest that was noted; None where it was noted in another way than ours."""
    if not str(capture["digest"]).startswith("sha256:"):
        return None
    return payload_digest(http.payload) == str(capture["digest"])


def content(directory: Path, capture: Capture, limit: int = MAX_CONTENT) -> bytes:
    """Return the content that a capture stands for, without its codings. Raises Unreadable, also beyond `limit`."""
    if capture.original["payload"] is not None:
        raise Unreadable(f"capture {capture.row['id']}: its content is that of a capture that may not be seen")
    try:
        return response(directory, capture.original).content(limit)
    except PayloadError as error:
        raise Unreadable(f"capture {capture.row['id']}: {error}") from error


def text(capture: Capture, data: bytes) -> str:
    """Return content as text, in the charset that the article was read with, else the one that was sent, else UTF-8."""
    sent = _CHARSET.search(str(capture.original["content_type"] or ""))
    for name in (capture.article["charset"] if capture.is_page else None, sent and sent[1]):
        try:
            if name:
                return data.decode(name, "replace").removeprefix("\ufeff")
        except (LookupError, UnicodeError):  # no charset, or one that does not say what it cannot read
            continue
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def is_shown(source: str) -> bool:
    """Say whether a stored page is short and flat enough to be shown as a page."""
    return is_quick(source, MAX_DEPTH)


def shown(source: str) -> str | None:
    """Return a stored page without scripts, frames and addresses; None where that would take long."""
    return _PAGE.clean(source) if is_shown(source) else None


def file_name(capture: Capture) -> str:
    """Return a name to save a picture or file under: its own as far as that is plain ASCII, after the capture's id."""
    own = unquote(urlsplit(str(capture.row["url"])).path.rpartition("/")[2])
    return f"{capture.row['id']}-{_FILE_NAME.sub('-', own)[-80:].strip('-.') or 'file'}"


def disposition(capture: Capture) -> str:
    """Return the Content-Disposition of a picture or file that is saved (RFC 6266): a name in ASCII, and its own."""
    files: list[Row] = capture.article["attachments"]
    named = next((one for one in files if one["url"] == capture.row["url"]), Row())
    own = unquote(urlsplit(str(capture.row["url"])).path.rpartition("/")[2])
    dot = ending(own) or ending(str(named.get("name") or ""))
    bare = str(named.get("name") or own)
    bare = bare[: -len(dot) - 1] if dot and bare.lower().endswith(f".{dot}") else bare
    bare = _UNNAMED.sub("-", bare)[:_LONGEST].strip("-. ") or "file"
    plain, full = file_name(capture), f"{capture.row['id']}-{bare}{dot and f'.{dot}'}"
    also = f"; filename*=UTF-8''{quote(full, safe='')}" if full != plain else ""
    return f'attachment; filename="{plain}"{also}'
