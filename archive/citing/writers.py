"""Citations of many articles: writers with the shape of those in archive.export, memory constant."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

from archive.article import EXPORTED
from archive.citing.formats import bibtex, csl, ris
from archive.citing.reference import Cited

Article = Mapping[str, Any]
#: Says for an exported article what the archive adds to its citation.
Citer = Callable[[Article], Cited]
Writer = Callable[[Iterable[dict[str, Any]], TextIO, Sequence[str]], None]
#: Names of the formats that `writers` makes.
FORMATS = ("bibtex", "ris", "csl-json")
#: A site's name as the federation writes it, and in English.
Names = tuple[str | None, str | None]


def site_names(connection: sqlite3.Connection) -> dict[str, Names]:
    """Return the names of every site of an archive by its id."""
    return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, name, name_en FROM sites")}


def citer(archive: str, sites: Mapping[str, Names], page: Callable[[str], str] | None = None) -> Citer:
    """Return what says of an article how this archive cites it.

    `archive` is its name, `sites` are the names by site id, `page` gives the absolute address of an article's page by
    uid; without it (the command does not know where the archive is published) citations name the uid.
    """

    def cite(article: Article) -> Cited:
        name, name_en = sites.get(article["site"], (None, None))
        return Cited(archive, name, name_en, page(article["uid"]) if page else None)

    return cite


def writers(cite: Citer) -> dict[str, Writer]:
    """Return a writer by the name of each format: bibtex, ris, csl-json. `keys` means nothing to them."""

    def write_bibtex(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
        for article in articles:
            out.write(bibtex(article, cite(article)) + "\n")

    def write_ris(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
        for article in articles:
            out.write(ris(article, cite(article)))

    def write_csl_json(articles: Iterable[dict[str, Any]], out: TextIO, keys: Sequence[str] = EXPORTED) -> None:
        separator = "[\n"
        for article in articles:
            out.write(separator + json.dumps(csl(article, cite(article)), ensure_ascii=False))
            separator = ",\n"
        out.write("[]\n" if separator == "[\n" else "\n]\n")

    return dict(zip(FORMATS, (write_bibtex, write_ris, write_csl_json), strict=True))
