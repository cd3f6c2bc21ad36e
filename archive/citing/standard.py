"""GB/T 7714, the Chinese standard for references: a news page on the web, [EB/OL], in the editions of 2025 and 2015.

Both are in numeric order (顺序编码制): without a responsible party the entry begins with the title, without a date of
publication that date is left out. The day of citation is required for web pages; it is the day of the capture (UTC).

2025 (in force from 2026-07-01; 8.11.3, 网页): responsible party, title, [EB/OL], (created or changed), [cited],
address. `.` and `[ ]` are half width; `，`, `：` and `（ ）` are full width, also between Latin words. Against 2015 the
place and name of a publisher are gone for web pages, and names in Latin script are no longer in capitals.

2015 (4.6, 电子资源): the same elements; half-width marks, as its common implementations print it.

What is not the standard's: names of people stand as printed, never split, shortened or set in capitals, because a page
does not say which part is the family name; a month stands where the page prints no day; and after the entry a note
names the site, the source and the archive's own copy, for which the standard has no place in a web page's entry. The
editions' text is sold; this follows their published outline and the examples that implementers checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from archive.citing.reference import Cited, Reference, reference

Edition = Literal[2025, 2015]
#: More responsible parties are named by the first three and 等 or "et al" (7.1.2 in 2025, 8.1.2 in 2015).
NAMED = 3


def gbt7714(article: Mapping[str, Any], cited: Cited, edition: Edition = 2025) -> str:
    """Return one entry in GB/T 7714 and, after it, a note on the archive's copy. One line of plain text."""
    one = reference(article, cited)
    comma, opening, closing = ("，", "（", "）") if edition == 2025 else (", ", "(", ")")
    title = one.title if edition == 2025 else ": ".join(one.titles)
    dates = f"{opening}{one.published}{closing}" if one.published else ""
    dates += f"[{one.accessed}]" if one.accessed else ""
    elements = [_authors(one, comma), f"{title}[EB/OL]", dates, one.url, one.note]
    return " ".join(_ended(element) for element in elements if element)


def _authors(one: Reference, comma: str) -> str:
    names = list(one.authors[:NAMED])
    if len(one.authors) > NAMED:
        names.append("et al" if one.words == "en" else "等")
    return comma.join(names)


def _ended(element: str) -> str:
    return element if element.endswith(".") else f"{element}."
