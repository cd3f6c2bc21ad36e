"""References for programs: BibTeX, RIS and CSL-JSON. No title or name can end its field, its line or its entry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from archive.citing.reference import Cited, Reference, reference

#: What TeX or BibTeX would act on. Braces are named, not escaped: BibTeX counts `\{` as a brace. A quotation mark and
#: an @ need nothing inside braces.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
    | {character: f"\\{character}" for character in "%#&$_"}
)
#: Languages by the names that babel and biblatex know.
_BABEL = {
    "de": "german", "en": "english", "es": "spanish", "fr": "french", "ja": "japanese", "ko": "korean",
    "pt": "portuguese", "ru": "russian", "zh": "chinese",
}  # fmt: skip


def bibtex(article: Mapping[str, Any], cited: Cited) -> str:
    """Return a BibTeX entry `@online{union-UID, …}` in UTF-8, ended by a line end; for biblatex and BibTeX styles.

    Names and the title are in braces of their own: not split at "and" or a comma, their capitals kept. `year` is there
    beside `date` for BibTeX styles that know only the former. Addresses are percent-encoded and not escaped, because
    `url` is read as it stands.
    """
    one = reference(article, cited)
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in one.authors),
        "title": f"{{{_tex(one.title)}}}",
        "organization": _tex(one.site),
        "date": one.published,
        "year": one.published and one.published[:4],
        "url": one.url,
        "urldate": one.accessed,
        "langid": _BABEL.get((one.language or "").split("-")[0]),
        "note": _tex(one.note),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@online{{{one.key},\n{''.join(lines)}}}\n"


def _tex(text: str | None) -> str:
    return (text or "").translate(_TEX)


def ris(article: Mapping[str, Any], cited: Cited) -> str:
    r"""Return a RIS record of type ELEC (web page) in UTF-8: lines `XX  - value` ended by CRLF, from TY to ER.

    Dates are `YYYY/MM/DD/`, their unknown parts empty. DB and AV name the archive and the address of its copy. Names
    stand as printed; RIS has no way to say that a name is whole.
    """
    one = reference(article, cited)
    return "".join(f"{tag}  - {value}\r\n" for tag, value in _ris(one) if value) + "ER  - \r\n\r\n"


def _ris(one: Reference) -> Iterator[tuple[str, str | None]]:
    yield "TY", "ELEC"
    yield "ID", one.key
    for name in one.authors:
        yield "AU", name
    yield "TI", one.title
    yield "ST", one.titles[0] if one.titles[1:] else None
    yield "T2", one.site
    yield "PY", one.published and one.published[:4]
    yield "DA", one.published and _slashes(one.published)
    yield "Y2", one.accessed and _slashes(one.accessed)
    yield "UR", one.url
    yield "LA", one.language
    yield "DB", one.archive
    yield "AV", one.page
    yield "N1", one.note


def _slashes(day: str) -> str:
    return "/".join([*day.split("-"), "", "", ""][:3]) + "/"


def csl(article: Mapping[str, Any], cited: Cited) -> dict[str, Any]:
    """Return a CSL-JSON item (CSL 1.0.2) of type `webpage`; names are `literal`, so that none is taken apart."""
    one = reference(article, cited)
    item = {
        "id": one.key,
        "type": "webpage",
        "title": one.title,
        "title-short": one.titles[0] if one.titles[1:] else None,
        "author": [{"literal": name} for name in one.authors],
        "container-title": one.site,
        "issued": _date_parts(one.published),
        "accessed": _date_parts(one.accessed),
        "URL": one.url,
        "language": one.language,
        "archive": one.archive,
        "archive_location": one.page,
        # citeproc-js reads `{:title: …}` in a note as a field of the item.
        "note": one.note.replace("{:", "{ :"),
    }
    return {name: value for name, value in item.items() if value}


def _date_parts(day: str | None) -> dict[str, list[list[int]]] | None:
    return {"date-parts": [[int(part) for part in day.split("-")]]} if day else None


def csl_json(article: Mapping[str, Any], cited: Cited) -> str:
    """Return CSL-JSON text, an array of one item, as reference managers read it."""
    return json.dumps([csl(article, cited)], ensure_ascii=False, indent=1) + "\n"
