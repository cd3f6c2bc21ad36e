"""The stored page of an item: where its bytes lie, what it says, and a copy of it to look at."""

from __future__ import annotations

import html
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.excerpt import excerpt
from archive.payload import PayloadError
from archive.plain import plain
from archive.review.item import Item
from archive.warc import locate, read_record

#: Bytes of a page that its charset is looked for in, and characters of it that are read as text.
_HEAD, _READ = 4096, 500_000
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_ENDS = re.compile(r"(?i)</?(?:p|div|br|li|tr|td|h[1-6]|title|table|ul|dl|dd|dt|section|article)\b")
#: Elements whose content is nothing to read.
_UNREAD = ("script", "style", "template", "noscript", "svg")
#: Capitals alone: the lower case of other letters may be longer than they are.
_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
# Chinese pages that declare one of these mean the largest of them.
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030"}

_CAPTURE = """
SELECT c.id, c.url, c.fetched_at, c.status, p.warc, p.offset, p.record_id,
    (SELECT charset FROM articles WHERE uid = c.uid) AS charset,
    EXISTS (SELECT 1 FROM articles WHERE uid = c.uid) AS held
FROM captures AS c JOIN captures AS p ON p.id = coalesce(c.payload, c.id) WHERE c.id = ?
"""
_LAST = "SELECT id FROM captures WHERE uid = ? AND part = 1 ORDER BY fetched_at DESC, id DESC LIMIT 1"
_OF_ADDRESS = "SELECT id FROM captures WHERE site = ? AND key = ? ORDER BY fetched_at DESC, id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Stored:
    """A capture, and where the bytes of its page lie: `warc` (file in warc/), `offset`, `record_id`.

    `page` is its path in the reading room, which shows captures of articles only; `charset` what the article was read
    with, None for other pages.
    """

    capture: int
    url: str
    fetched_at: str
    status: int | None
    warc: str
    offset: int
    record_id: str
    page: str | None
    charset: str | None


def stored(connection: sqlite3.Connection, item: Item) -> list[Stored]:
    """Return the captures that show an item: the answer that raised it, then the article's page as it was last held."""
    ids = [item.capture] if item.capture is not None else []
    if item.uid is not None:
        ids += [row[0] for row in connection.execute(_LAST, [item.uid]) if row[0] not in (None, item.capture)]
    elif not ids and item.url is not None:
        ids += [row[0] for row in connection.execute(_OF_ADDRESS, [item.site, item.url]) if row[0] is not None]
    found = [connection.execute(_CAPTURE, [id_]).fetchone() for id_ in ids]
    return [_stored(row) for row in found if row is not None]


def _stored(row: sqlite3.Row) -> Stored:
    return Stored(
        capture=row["id"],
        url=row["url"],
        fetched_at=row["fetched_at"],
        status=row["status"],
        warc=row["warc"],
        offset=row["offset"],
        record_id=row["record_id"],
        page=f"/capture/{row['id']}" if row["held"] else None,
        charset=row["charset"],
    )


def where(directory: ArchiveDirectory, one: Stored) -> Path:
    """Return the WARC file that holds a capture, by the name it has now; where it would be when it is missing."""
    try:
        return locate(directory.warc, one.warc)
    except ArchiveError:
        return directory.warc / one.warc


def _page(directory: ArchiveDirectory, one: Stored) -> tuple[bytes, str]:
    """Return a page without transfer and content codings, and its Content-Type as sent. Raises ArchiveError."""
    record = read_record(directory.warc, one.warc, one.offset)
    if record.headers.get("WARC-Record-ID") != one.record_id:
        raise ArchiveError(f"{one.warc}: another record at {one.offset}; run `union-archive verify`")
    try:
        return record.http.content(), record.http.header("Content-Type") or ""
    except PayloadError as error:
        raise ArchiveError(f"capture {one.capture}: {error}; save its records: --save FILE.warc.gz") from error


def beginning(directory: ArchiveDirectory, one: Stored, characters: int) -> str:
    """Return the beginning of what a stored page says, in short lines. Raises ArchiveError."""
    data, kind = _page(directory, one)
    told = [_CHARSET.search(part) for part in (kind.encode(), data[:_HEAD])]
    source = _decoded(data, [one.charset, *(found[1].decode() for found in told if found)])[:_READ]
    said = _SPACES.sub(" ", _text(source) if "<" in source[:_HEAD] else source)
    lines = [line for line in (plain(part).strip() for part in said.split("\n")) if line]
    return "\n".join(lines)[:characters]


def _decoded(data: bytes, charsets: list[str | None]) -> str:
    for name in charsets:
        try:
            if name:
                return data.decode(_CHINESE.get(name.lower(), name), "replace")
        except (LookupError, UnicodeError):  # no charset, or one that does not say what it cannot read
            continue
    return data.decode("utf-8", "replace")


def _text(source: str) -> str:
    """Return the text of a page. No parser: what is broken or nested without end costs no more than its length."""
    parts, at, lowered = [], 0, source.translate(_LOWER)
    while (start := source.find("<", at)) >= 0:
        parts.append(source[at:start])
        unread = next((name for name in _UNREAD if lowered.startswith(name, start + 1)), None)
        if source.startswith("<!--", start):
            end, length = source.find("-->", start), 3
        elif unread is not None:
            closing = lowered.find(f"</{unread}", start)
            end, length = source.find(">", closing) if closing >= 0 else -1, 1
        else:
            end, length = source.find(">", start), 1
        if unread is None and _ENDS.match(source, start):
            parts.append("\n")
        at = end + length if end >= 0 else len(source)
    return html.unescape("".join([*parts, source[at:]]))


def save(directory: ArchiveDirectory, one: Stored, path: Path) -> int:
    """Write a stored page to a new file, or its WARC records where its name ends in .warc.gz; return the bytes.

    Raises ArchiveError when the file is there already or cannot be written.
    """
    if path.name.endswith(".warc.gz"):
        data = excerpt(directory.warc, one.warc, one.offset, one.record_id)
    else:
        data, _ = _page(directory, one)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise ArchiveError(f"{path}: is there already; name another file") from error
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be written ({error.strerror}); name another file") from error
    return len(data)
