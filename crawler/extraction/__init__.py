"""Extraction: page bytes to an Article, pure: no network, no database, no clock.

A page is decoded (`charset`), parsed once (`page`, `outline`), its body found (`weighing`, `body`, `lead`), cut out
(`excerpt`) and cleaned (`clean`, `lines`, `trim`), and read for its headline, byline, dates, section and language.
What a page does not say stays None.
The pages of an article of several are read one by one and joined (`joining`).
"""

from __future__ import annotations

from crawler.extraction.errors import ExtractionError
from crawler.extraction.joining import join
from crawler.extraction.reader import extract

__all__ = ["ExtractionError", "extract", "join"]
