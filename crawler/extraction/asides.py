"""Asides: lines of Western, Japanese and Korean bodies that are beside the article, by what they say.

Pointers to other articles (`Read more:`), bylines and dates set into the body, offers (newsletter, app, subscription),
consent for embedded content, tools. Chinese bodies are read elsewhere.
"""

from __future__ import annotations

import re

from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.lines import Line
from crawler.extraction.names import is_name

#: Characters that tell what a text is written in.
_ENOUGH = 1000
_HAN = re.compile(r"[\u3400-\u9fff]+")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u30fa\uac00-\ud7a3]+")
_SENTENCE = re.compile(r"[.!?…。！？][\"'”»\u2019)]*$")
#: How a pointer to other articles begins, or all that its heading says.
_POINTER = compiled(rf"^[\s>»\u203a→▶►●•*+\[【(-]*{any_of('asides.pointer')}", re.I)
_JOINED = re.compile(r"^[\s]*(?:[:：|–—-]|$|…)")
_TOOL = compiled(rf"^[\s\[(|]*{any_of('asides.tool')}[\s\])|:…]*$", re.I)
#: What asks the reader for something; each is looked for in a line that is no long paragraph. No word of these begins
#: within another one: most places need not be looked at.
_OFFER = compiled(rf"(?<!\w){any_of('asides.offer')}", re.I)
_OFFER_PART = compiled(any_of("asides.offer_part"))
#: How a line begins that names who wrote the article: `By `, `Written by: `.
BY = compiled(
    rf"^[\s|•·]*(?:{any_of('bylines.written')}\s+)?(?:{any_of('names.by')}|{any_of('bylines.writer')})[:\s]+", re.I
)
_BYLINE = compiled(rf"(?:{BY.pattern}|^[\s|•·]*{any_of('bylines.newsroom')}[:\s]+)(?P<names>.{{3,90}})$", re.I)
_NAMES = compiled(rf"\s*(?:[,/|&]|\b{any_of('names.and')}\b)\s*")
_DATED = compiled(rf"(?:19|20)\d\d|\b\d{{1,2}}[:.h]\d\d\b|\b{any_of('asides.duration')}\b", re.I)
_DATE_WORDS = compiled(rf"^[\s|•·(]*{any_of('asides.dated')}", re.I)
_AGENCIES = compiled(
    rf"^[\s(]*(?:{any_of('asides.with')}:?\s+)?[A-Za-z\u00c0-\u017f]{{2,9}}(?:[/,\s]+[A-Za-z]{{2,9}}){{0,4}}[\s)]*$"
)
_SOURCE = compiled(rf"^[\s(]*{any_of('asides.credit')}\s*[:：].{{1,80}}$", re.I)


def is_foreign(sample: str) -> bool:
    """Tell whether the text of a body is not Chinese."""
    sample = sample[:_ENOUGH]
    han, others = (sum(map(len, letters.findall(sample))) for letters in (_HAN, _KANA_OR_HANGUL))
    return others * 8 > han or han * 5 < len(sample)


def is_pointer(line: Line) -> bool:
    """Tell whether a line points to other articles: it says so, and is a heading or a link."""
    match = _POINTER.match(line.text)
    if match is None or len(line.text) > 260:
        return False
    rest = line.text[match.end() :]
    return bool(not rest.strip(" :：…>»]】.") or (_JOINED.match(rest) and line.linked > 0.3) or line.linked > 0.6)


def is_link(line: Line) -> bool:
    """Tell whether a line is nothing but the headline of another page; a sentence or an address is the article's."""
    text = line.text
    return (
        line.linked > 0.9 and len(text) > 15 and not text.endswith((".", "。")) and (" " in text or not text.isascii())
    )


def is_heading_of_pointers(text: str) -> bool:
    """Tell whether a line is the heading of other articles and nothing else."""
    match = _POINTER.match(text)
    return match is not None and not text[match.end() :].strip(" :：…>»]】.")


def is_tool(text: str) -> bool:
    """Tell whether a line is a tool of the page, or offers the reader something."""
    if len(text) > 400:
        return False
    if _TOOL.match(text):
        return True
    return len(text) < 330 and (_OFFER.search(text) is not None or _OFFER_PART.search(text) is not None)


def is_meta(text: str) -> bool:
    """Tell whether a line above the text says who wrote it, when, or how long it takes to read."""
    if len(text) > 110 or (len(text) > 40 and _SENTENCE.search(text.rstrip("hr."))):
        return False
    if not _DATED.search(text) or not any(c.isdigit() for c in text):
        return is_byline(text)
    return sum(c.isalpha() for c in text) <= 26 or _DATE_WORDS.match(text) is not None or is_byline(text)


def is_byline(text: str) -> bool:
    """Tell whether a line is a byline: `By`, `Von`, `Par`, and names."""
    match = _BYLINE.match(text)
    if match is None:
        return False
    return is_name(_NAMES.split(match["names"].strip())[0].strip(" ."))


def is_closing(text: str) -> bool:
    """Tell whether a line below the text is a credit: `(dpa)`, `Source: …`."""
    if len(text) >= 90:
        return False
    agency = len(text) < 40 and (text.startswith("(") or text[:1].islower()) and _AGENCIES.match(text) is not None
    return agency or _SOURCE.match(text) is not None
