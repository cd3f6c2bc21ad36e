"""PDF files, read by PDFium (pypdfium2: BSD-3-Clause and Apache-2.0, wheels with the library for every platform).

Tried on Chinese PDFs that Chromium and ReportLab print, with embedded subsets and with CID fonts that are only named
(UniGB-UCS2-H, UniGB-UTF16-H, GBK-EUC-H, GB-EUC-H), beside pypdf 7.1 and pdfminer.six 20260107: all three read every
one of them. 151 pages of embedded fonts took PDFium 1.1 s, pypdf 23 s, pdfminer 36 s; 300 pages of fonts that are only
named 10, 5 and 23 s (it looks for a font to stand in). For 工 or 日 of embedded fonts the two others give the radicals
⼯ and ⽇, PDFium the characters. Chrome opens strangers' files with it; it is fuzzed and released all the time.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from archive.attachments.text import MAX_CHARACTERS, MAX_PAGES, AttachmentText, Clock, Unreadable, sentences, unwrapped

#: FPDF_ERR_PASSWORD of fpdfview.h.
_PASSWORD = 4


def read(content: bytes, clock: Clock) -> AttachmentText:
    """Return the text of a PDF file, a blank line between pages. Raises Unreadable."""
    pdfium: Any = import_module("pypdfium2")  # half a second, and no types
    try:
        document = pdfium.PdfDocument(content)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise Unreadable("locked with a password") from error
        raise Unreadable(f"a damaged PDF file ({error})") from error
    try:
        texts, broken, read_to = _texts(document, pages, clock, pdfium.PdfiumError)
    finally:
        document.close()
    text = "\n\n".join(texts)
    part = f"only the first {read_to:,} of {pages:,} pages were read" if read_to < pages else None
    torn = f"{broken:,} damaged pages were not read" if broken else None
    empty = None if text or broken else f"no text in it: {read_to:,} {'page' if read_to == 1 else 'pages'} of pictures"
    return AttachmentText("pdf", pages, text, sentences([empty, part, torn]))


def _texts(document: Any, pages: int, clock: Clock, error: type[Exception]) -> tuple[list[str], int, int]:
    """Return the text of each page that has any, how many cannot be read, and the number of the last that was tried."""
    texts: list[str] = []
    size = broken = 0
    for number in range(min(pages, MAX_PAGES)):
        if size > MAX_CHARACTERS or (number and clock.is_late):
            return texts, broken, number
        try:
            page = document[number]
            words = page.get_textpage()
            text = unwrapped(words.get_text_range()).strip()
            words.close()
            page.close()
        except error:
            broken += 1
            continue
        size += len(text)
        if text:
            texts.append(text)
    return texts, broken, min(pages, MAX_PAGES)
