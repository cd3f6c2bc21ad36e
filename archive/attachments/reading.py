"""From the bytes of an attachment to its text: which reader takes it, and what is said where none does."""

from __future__ import annotations

import codecs

from archive.attachments import office, pdf
from archive.attachments.kinds import NAMES, ending, kind_of
from archive.attachments.text import MAX_CHARACTERS, UNREAD, AttachmentText, Clock, Unreadable, sentences, tidy

#: Raised when anything here reads files otherwise: what was read with other rules is read again.
RULES = 1
#: Longer files are kept and not read.
MAX_BYTES = 200 * 2**20

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read(content: bytes, name: str, content_type: str | None = None) -> AttachmentText:
    """Return what an attachment says. Never raises for what a file holds: that is the answer's `error`.

    `name` is its name or address, of which only the ending counts. A parser can hang, crash or eat memory:
    archive.attachments.process.read bounds all three.
    """
    kind, size = kind_of(content, name, content_type), len(content)
    if size > MAX_BYTES:
        return AttachmentText(kind, error=f"{UNREAD} ({size >> 20:,} MB, over {MAX_BYTES >> 20})", size=size)
    try:
        if kind == "zip":
            with office.opened(content) as archive:
                kind = office.kind_of(archive)
        found = _read(content, kind, name)
    except Unreadable as error:
        return AttachmentText(kind, error=" ".join(str(error).split())[:300], size=size)
    text, cut = tidy(found.text)
    said = sentences([found.error, f"only the first {MAX_CHARACTERS:,} characters are kept" if cut else None])
    return AttachmentText(found.kind, found.pages, text, said, size)


def _read(content: bytes, kind: str, name: str) -> AttachmentText:
    clock = Clock()
    if not content.strip():
        raise Unreadable("an empty file")
    if kind == "pdf":
        return pdf.read(content, clock)
    if kind in office.KINDS:
        with office.opened(content) as archive:
            return office.read(archive, kind, clock)
    if kind in ("xlsx", "xls", "ods"):
        from archive.attachments import sheets

        return sheets.read(content, kind, clock)
    if kind in ("txt", "csv"):
        return AttachmentText(kind, text=_plain(content))
    if kind == "html":
        expected = ending(name)
        named = expected.upper() if expected and "htm" not in expected else "file"
        return AttachmentText(kind, error=f"a page of the web, and no {named}")
    if kind == "locked":
        return AttachmentText(kind, error="locked with a password")
    return AttachmentText(kind, error=f"{UNREAD} ({NAMES.get(kind, 'a kind that is not known')})")


def _plain(content: bytes) -> str:
    """Return plain text: by its mark, as UTF-8, else as GB18030, in which a few wrong bytes are replaced."""
    for mark, charset in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(charset, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")
