"""Office files that are ZIP files of XML: Word, PowerPoint, OpenDocument, and OFD (GB/T 33190), China's own.

Read as a stream of tags by lxml: no tree is built, no entity is resolved, nothing is fetched, and a DTD is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from archive.attachments.text import MAX_CHARACTERS, MAX_PAGES, AttachmentText, Clock, Unreadable, sentences

#: What is read here.
KINDS = frozenset({"docx", "pptx", "odt", "odp", "ofd"})
#: Members of a ZIP file, and bytes that all of them, and one part of XML, may unpack to.
MAX_MEMBERS = 10_000
MAX_UNPACKED = 300 * 2**20
MAX_PART = 64 * 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)

_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_PAGE = re.compile(r"(?:.*/)?Pages/Page_(\d+)/Content\.xml", re.I)
_DOCUMENT = re.compile(r"word/(?:document\d*|footnotes|endnotes)\.xml")
_OPEN = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}


def opened(content: bytes) -> zipfile.ZipFile:
    """Return an Office file's ZIP. Raises Unreadable for a damaged one and for one that unpacks to too much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN as error:
        raise Unreadable(f"a damaged ZIP or Office file ({error})") from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"{len(members):,} files in it, over {MAX_MEMBERS:,}; {_NOT_READ}")
    if (size := sum(member.file_size for member in members)) > MAX_UNPACKED:
        raise Unreadable(f"unpacks to {size >> 20:,} MB, over {MAX_UNPACKED >> 20}; {_NOT_READ}")
    return archive


_NOT_READ = "it is not read"


def kind_of(archive: zipfile.ZipFile) -> str:
    """Return what a ZIP file is: an Office kind, else `zip`."""
    names = set(archive.namelist())
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    if any(name.startswith("word/document") for name in names):
        return "docx"
    if "OFD.xml" in names:
        return "ofd"
    if "mimetype" in names and "content.xml" in names:
        return _OPEN.get(_part(archive, "mimetype").decode("latin-1").strip(), "zip")
    return "zip"


def read(archive: zipfile.ZipFile, kind: str, clock: Clock) -> AttachmentText:
    """Return the text of a Word, PowerPoint, OpenDocument or OFD file. Raises Unreadable."""
    parts, paged = _parts(archive, kind)
    pages = len(parts) if paged else None
    texts: list[str] = []
    size, error = 0, None
    for number, name in enumerate(parts):
        if number >= MAX_PAGES or size > MAX_CHARACTERS or (number and clock.is_late):
            error = f"only the first {number:,} of {len(parts):,} pages were read"
            break
        text = words(_part(archive, name), _WRITTEN[kind])
        size += len(text)
        texts.append(text)
    text = "\n\n".join(text for text in texts if text)
    return AttachmentText(kind, pages, text, sentences([error, None if text else "no text in it"]))


def _parts(archive: zipfile.ZipFile, kind: str) -> tuple[list[str], bool]:
    """Return the parts that hold words, in order, and whether each is a page."""
    names = archive.namelist()
    if kind in ("pptx", "ofd"):
        pattern = _SLIDE if kind == "pptx" else _PAGE
        numbered = [(int(found[1][:9]), name) for name in names if (found := pattern.fullmatch(name))]
        return [name for _, name in sorted(numbered)], True
    if kind == "docx":
        return sorted(name for name in dict.fromkeys(names) if _DOCUMENT.fullmatch(name)), False
    return ["content.xml"], False


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as file:
            data = file.read(MAX_PART + 1)
    except KeyError as error:
        raise Unreadable(f"a damaged Office file (it has no {name})") from error
    except _BROKEN as error:
        locked = "password" in str(error)
        raise Unreadable("locked with a password" if locked else f"a damaged Office file ({error})") from error
    if len(data) > MAX_PART:
        raise Unreadable(f"{name} in it unpacks to over {MAX_PART >> 20} MB; {_NOT_READ}")
    return data


def words(xml: bytes, written: Mapping[str, str]) -> str:
    """Return the words of one part. Raises Unreadable for what is no XML, or would unpack to something else."""
    from lxml import etree  # a tenth of a second, which not every command needs

    target = _Words(written)
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        parser.feed(xml)
        return str(parser.close())
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"a damaged Office file ({error})") from error


#: What elements mean, by their local names: `text` holds words, `p` ends a line, `cell` a column, others stand for
#: characters or hold what is not shown.
_OOXML = {"t": "text", "p": "p", "tc": "cell", "tr": "p", "tab": "\t", "br": "\n", "cr": "\n", "Fallback": "skip"}
_ODF = {
    "p": "text", "h": "text", "table-cell": "cell", "table-row": "p", "tab": "\t", "line-break": "\n", "s": " ",
    "annotation": "skip", "tracked-changes": "skip",
}  # fmt: skip
_WRITTEN: Mapping[str, Mapping[str, str]] = {
    "docx": _OOXML, "pptx": _OOXML, "odt": _ODF, "odp": _ODF, "ofd": {"TextCode": "text", "TextObject": "p"},
}  # fmt: skip


class _Words:
    """Takes the tags of a part as they come (a parser target of lxml)."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written
        self._open: list[str] = []
        self._texts = self._skipped = self._cells = 0
        self._parts: list[str] = []
        self._size = 0

    def start(self, tag: str, _: object) -> None:
        name = tag.rpartition("}")[2]
        means = self._written.get(name, "")
        if means == "text":
            self._texts += 1
        elif means == "skip":
            self._skipped += 1
        elif means == "cell":
            self._cells += 1
        # <w:tab> also names a stop in the settings of a paragraph (w:tabs).
        elif means in ("\t", "\n", " ") and not (self._open and self._open[-1] == "tabs"):
            self._add(means)
        self._open.append(name)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        means = self._written.get(name, "")
        self._open.pop()
        if means == "skip":
            self._skipped -= 1
        elif means == "cell":
            self._cells -= 1
            self._add("\t")
        elif means == "text":
            self._texts -= 1
        if means == "p" or (means == "text" and name in ("p", "h")):
            # Paragraphs of a cell stay in its row.
            self._add(" " if self._cells else "\n")

    def data(self, text: str) -> None:
        if self._texts:
            self._add(text)

    def doctype(self, name: str, *_: object) -> None:
        raise Unreadable(f"its XML has a DTD ({name[:40]}); {_NOT_READ}")

    def close(self) -> str:
        lines = (re.sub(r" ?\t ?", "\t", line).strip() for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line)

    def _add(self, text: str) -> None:
        if not self._skipped and self._size <= MAX_CHARACTERS:
            self._parts.append(text)
            self._size += len(text)
