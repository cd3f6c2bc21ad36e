"""A WACZ file of articles: their captures, a page of each to replay, what they say, and an index."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlite_utils import Database

from archive import __version__, clock
from archive import export as exporting
from archive.search.selection import Selection
from archive.wacz import cdxj
from archive.wacz.chosen import Chosen, choose
from archive.wacz.package import Package
from archive.wacz.records import Records

#: Bytes of a part that is not written yet which are kept in memory; more goes to a temporary file.
_IN_MEMORY = 2**22
#: In a folder: `wacz validate` knows no other files at the top.
ARTICLES = "articles/articles.jsonl"
_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a WACZ file says of itself: the archive's name, and its rights as `[publish]` has them."""

    title: str
    rights: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How many articles and captures are in a file, and how many captures should be but cannot be read."""

    articles: int
    captures: int
    missing: int


def write(
    out: IO[bytes],
    db: Database,
    directory: Path,
    selection: Selection,
    facts: Facts,
    *,
    since: int = 0,
    until: int | None = None,
    note: Callable[[str], None] = lambda _: None,
    advance: Callable[[int], object] = lambda _: None,
    scratch: Path | None = None,
) -> Written:
    """Write what `archive.export.export` yields with its revisions, and its captures out of `directory` (`warc/`).

    `out` need not seek. Memory is constant but for the index, some 500 bytes a capture; texts wait in temporary files
    (in `scratch`) while records are copied. A capture that cannot be read is left out: `note` is told why, in a line,
    and `advance` how many articles more are done.
    """
    with Package(out) as package:
        with _waiting(scratch) as pages, _waiting(scratch) as articles:
            pages.write(_line(_HEADER))
            count = 0
            with Records(package, directory, db.conn, note) as records:
                for some in exporting.export_pages(db, selection, since=since, until=until, revisions=True):
                    chosen = choose(db.conn, some)
                    records.copy(chosen.rows)
                    articles.write(_articles(some))
                    pages.writelines(_pages(some, chosen, records))
                    count += len(some)
                    advance(len(some))
            package.take("pages/pages.jsonl", pages, packed=True)
            if count:  # no validator takes a list of nothing
                package.take(ARTICLES, articles, packed=True)
        with _waiting(scratch) as data, _waiting(scratch) as blocks:
            cdxj.write(records.index(), data, blocks)
            package.take(f"indexes/{cdxj.DATA}", data, packed=False)
            package.take(f"indexes/{cdxj.BLOCKS}", blocks, packed=True)
        written = Written(count, len(records.places), records.missing)
        package.close(_described(facts, selection, written))
    return written


def _waiting(scratch: Path | None) -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY, dir=str(scratch) if scratch else None)


def _articles(some: Sequence[dict[str, Any]]) -> bytes:
    """Return articles as `export --revisions` writes them."""
    exporting.write_jsonl(some, lines := io.StringIO())
    return lines.getvalue().encode("utf-8", "backslashreplace")


def _pages(some: Sequence[dict[str, Any]], chosen: Chosen, records: Records) -> Iterator[bytes]:
    """Yield the lines of pages.jsonl: of each article the newest capture that can be replayed, where there is one."""
    payloads = {row["id"]: row["payload"] for row in chosen.rows}
    for article in some:
        ids = chosen.pages.get(article["uid"], ())
        shown = next((id_ for id_ in ids if records.is_shown(id_, payloads[id_])), None)
        if shown is not None:
            url, date = records.places[shown]
            said = {"id": article["uid"], "url": url, "ts": clock.stamp(clock.moment(date)), "title": article["title"]}
            yield _line(said | {"text": article["text"]})


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _described(facts: Facts, selection: Selection, written: Written) -> dict[str, str]:
    """Return what datapackage.json says of the whole."""
    selected = ", ".join(f"{name}={value}" for name, value in selection.pairs()) or "everything"
    text = f"{written.articles:,} articles, {written.captures:,} captures. Selected: {selected}."
    if written.missing:
        text += f" {written.missing:,} captures are missing: their records could not be read when this was made."
    if facts.rights:
        text += f" {facts.rights}"
    return {"software": f"union-archive {__version__}", "title": facts.title, "description": text}
