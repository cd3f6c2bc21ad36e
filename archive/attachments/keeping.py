"""Storing what attachments say: `articles.attached`, which the search index is made of.

It is read outside transactions, file by file, and written in short ones. An entry names what it was read from
(`digest`) and the rules it was read by (`read_with`): where either has changed, the file is read again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive import hidden
from archive.attachments import process
from archive.attachments.reading import MAX_BYTES, RULES
from archive.attachments.text import MAX_OF_ARTICLE, AttachmentText, sentences
from archive.database import transaction
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.payload import PayloadError
from archive.progress import Progress
from archive.warc import read_record

#: Reads one file: its bytes, its name, its Content-Type.
Reader = Callable[[bytes, str, str | None], AttachmentText]
Advance = Callable[[int], object]

# What is held of a file: the content with the digest that the article names, else the newest whole answer from its
# address. A capture that repeats or confirms an earlier one stands for its payload.
_HELD = """
SELECT p.id, p.warc, p.offset, p.record_id, p.digest, p.content_type
FROM captures AS c JOIN captures AS p ON p.id = coalesce(c.payload, c.id)
WHERE p.status = 200 AND p.truncated IS NULL AND c.id IN (
    SELECT id FROM captures WHERE digest = :digest AND kind = 'response'
    UNION ALL SELECT id FROM captures WHERE site = :site AND key = :url
) ORDER BY p.digest IS :digest DESC, c.id DESC LIMIT 1
"""
_OF_MEDIA = "SELECT DISTINCT uid FROM media WHERE kind = 'attachment'"


@dataclass(frozen=True, slots=True)
class File:
    """An attachment that is held and not read yet: the capture it lies in, and what articles call it.

    `uids`: the articles that name it, each with the address it has there.
    """

    digest: str
    name: str
    capture: Mapping[str, Any]
    uids: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """How many files were read, in how many of them there was something that was not, and entries that were written."""

    files: int = 0
    failed: int = 0
    entries: int = 0


def entry(url: str, digest: str, found: AttachmentText) -> dict[str, Any]:
    """Return one object of `articles.attached`."""
    return {"url": url, "digest": digest, **asdict(found), "read_with": RULES}


def update(
    directory: ArchiveDirectory,
    *,
    sites: Iterable[str] = (),
    reader: Reader = process.read,
    begin: Callable[[int], Advance] = lambda _: lambda _: None,
) -> Updated:
    """Read all attachments that are held and were not read, or were read by other rules; of `sites`, else of all.

    A crawl may run meanwhile. `begin` is told how many files there are, and returns what hears of each. A record that
    cannot be had costs its file: that is what its entry says, and it is tried again.
    """
    files = failed = entries = 0
    restricted = directory.path / hidden.FILE
    with ExitStack() as stack:
        archive = stack.enter_context(closing(directory.open_database()))
        databases = [archive]
        if restricted.exists():
            databases.append(stack.enter_context(closing(hidden.open_restricted(restricted))))
        wanted = [(db, unread(db.conn, archive.conn, frozenset(sites), whole=db is not archive)) for db in databases]
        advance = begin(sum(len(found) for _, found in wanted))
        for db, one in ((db, one) for db, found in wanted for one in found):
            text = read(directory.warc, one, reader)
            with transaction(db) as own:
                entries += _write(own, one.uids, one.digest, text)
            files, failed = files + 1, failed + (text.error is not None)
            advance(1)
    return Updated(files, failed, entries)


def update_shown(directory: ArchiveDirectory, sites: Iterable[str] = ()) -> Updated:
    """Do what `update` does, with a progress bar."""
    with ExitStack() as stack:

        def begin(total: int) -> Advance:
            return stack.enter_context(Progress("attachments", total, "files")).advance

        return update(directory, sites=sites, begin=begin)


def unread(
    own: sqlite3.Connection, archive: sqlite3.Connection, sites: frozenset[str] = frozenset(), *, whole: bool = False
) -> list[File]:
    """Return the files to read, each once however many articles name it.

    `own` is where the articles are (archive.db or restricted.db), `archive` where their captures are; with `whole`,
    articles without rows of `media` are looked at too.
    """
    files: dict[str, File] = {}
    of_sites = f"site IN ({', '.join('?' * len(sites))})" if sites else "true"
    where = "attachments != '[]'" if whole else f"uid IN ({_OF_MEDIA} AND {of_sites})"
    sql = f"SELECT uid, site, attachments, attached FROM articles WHERE {where} AND {of_sites}"
    for row in own.execute(sql, [*(() if whole else sites), *sites]):
        done = {one.get("url"): one for one in _items(row["attached"])}
        for item in _items(row["attachments"]):
            values = {"site": row["site"], "url": item["url"], "digest": item.get("digest")}
            held = archive.execute(_HELD, values).fetchone()
            if held is None or _is_current(done.get(item["url"]), held["digest"]):
                continue
            known = files.get(held["digest"])
            uids = (*(known.uids if known else ()), (row["uid"], item["url"]))
            name = known.name if known else _name(item)
            files[held["digest"]] = File(held["digest"], name, known.capture if known else dict(held), uids)
    return list(files.values())


def read(warc: Path, one: File, reader: Reader = process.read) -> AttachmentText:
    """Return what a file says, from its record in the folder `warc`."""
    capture = one.capture
    try:
        record = read_record(warc, capture["warc"], capture["offset"])
        if record.headers.get("WARC-Record-ID") != capture["record_id"]:
            raise ArchiveError(f"{capture['warc']}: another record at {capture['offset']}; run `union-archive verify`")
        content = record.http.content(MAX_BYTES)
    except (ArchiveError, PayloadError, OSError):
        # Why is for `verify` to say: readers see this, and are told no path.
        return AttachmentText(LOST, error=f"capture {capture['id']} cannot be had; run `union-archive verify`")
    return reader(content, one.name, capture["content_type"])


#: Kind of a file whose record cannot be had.
LOST = "lost"


def _write(own: sqlite3.Connection, uids: Iterable[tuple[str, str]], digest: str, found: AttachmentText) -> int:
    """Write what was read of a file into articles of one database, in the order of their attachments."""
    changed = 0
    for uid, url in uids:
        row = own.execute("SELECT attachments, attached FROM articles WHERE uid = ?", [uid]).fetchone()
        if row is None:
            continue
        known = {one.get("url"): one for one in _items(row["attached"])} | {url: entry(url, digest, found)}
        named = dict.fromkeys(item["url"] for item in _items(row["attachments"]))
        now = json.dumps(_bounded([known[url] for url in named if url in known]), ensure_ascii=False)
        if now != row["attached"]:
            own.execute("UPDATE articles SET attached = ? WHERE uid = ?", [now, uid])
            changed += 1
    return changed


def _bounded(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of an article with no more text together than is kept of one."""
    left = MAX_OF_ARTICLE
    kept = []
    for one in entries:
        if len(one["text"]) > left:
            why = f"only {left:,} characters of it are kept: the article's files have more than {MAX_OF_ARTICLE:,}"
            one = one | {"text": one["text"][:left], "error": sentences([one["error"], why])}
        left -= len(one["text"])
        kept.append(one)
    return kept


def _is_current(done: Mapping[str, Any] | None, digest: str) -> bool:
    if done is None or done.get("digest") != digest:
        return False
    return done.get("read_with") == RULES and done.get("kind") != LOST


def _items(text: str) -> list[dict[str, Any]]:
    """Read a list of objects; another program may have stored something else, which holds nothing to read."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    if not isinstance(found, list):
        return []
    return [item for item in found if isinstance(item, dict) and isinstance(item.get("url"), str)]


def _name(item: Mapping[str, Any]) -> str:
    """Return what tells the ending of a file: its address, else its name."""
    url = str(item["url"]).partition("?")[0]
    return url if "." in url.rpartition("/")[2] else str(item.get("name") or url)
