"""Joining: the one article that the pages of an article of several pages make up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, takewhile

from archive.article import Article, Attachment, Image
from crawler.extraction.folding import key
from crawler.extraction.outline import SEAM

_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]")
#: A paragraph that ends so is not over; any other end without a sentence's mark may be a heading's, if it is short.
_GOES_ON = re.compile(r"[，、,]$")
_IS_OVER = re.compile(r"[。！？…；：.!?;:][”\u2019』」）)\"'》】\]]*$|[”』」）)》】\]]$")
_HEADING = 25
#: How a paragraph begins that is a new one, indented or not.
_BEGINS = re.compile(
    r"第?[一二三四五六七八九十]{1,3}[、是，]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、\uff0e]|[■●◆▲★]|——"
)
_INDENTED = re.compile(r"(?:\u3000|&nbsp;|\xa0| {2})\s*(?:<[^<>]*>\s*)*$")
_NUMBERED = re.compile(r"[(（\[【]\s*\d{1,2}\s*[)）\]】]$")
#: A line that closes every page is no longer.
_CLOSING = 40


def join(pages: Sequence[Article]) -> Article:
    """Return the one article that `pages`, in order, are the pages of.

    Title and URL are the first page's; date, source and authors those of the first page that has them; editors, who
    stand at the end, are the last page's that has them; credits are those of all pages, once each. What each page
    repeats (headline, standfirst, last line) is kept once, and a paragraph that a page break cut is one. ValueError
    without pages.
    """
    if not pages:
        raise ValueError("no pages to join: give at least the first page of the article")
    first, *rest = pages
    paragraphs = _paragraphs(first)
    printed = {_fold(each) for each in paragraphs}
    for page in rest:
        _add(paragraphs, page, first, printed)
        printed.update(_fold(each) for each in _paragraphs(page))
    dated = next((page for page in pages if page.published_at), first)
    return replace(
        first,
        text="\n\n".join(paragraphs),
        html="\n".join(page.html for page in pages if page.html),
        source=next((page.source for page in pages if page.source), None),
        authors=next((page.authors for page in pages if page.authors), ()),
        correspondents=next((page.correspondents for page in pages if page.correspondents), ()),
        editors=next((page.editors for page in reversed(pages) if page.editors), ()),
        credits=tuple(dict.fromkeys(credit for page in pages for credit in page.credits)),
        published_at=dated.published_at,
        published_from=dated.published_from,
        images=_pictures(chain.from_iterable(page.images for page in pages)),
        attachments=_files(chain.from_iterable(page.attachments for page in pages)),
        damaged=any(page.damaged for page in pages),
        parts=(),
    )


def _paragraphs(page: Article) -> list[str]:
    return page.text.split("\n\n") if page.text else []


def _add(paragraphs: list[str], page: Article, first: Article, printed: set[str]) -> None:
    """Add a page's paragraphs to those of the pages before it, which printed `printed` (folded)."""
    added = _without_repeats(paragraphs, page, first, printed)
    if not added:
        return
    if paragraphs and len(added) > 1 and len(added[-1]) < _CLOSING and _same(added[-1], paragraphs[-1]):
        paragraphs.pop()
    if paragraphs and _continues(paragraphs[-1], added[0], page.html):
        between = "" if _CJK.match(paragraphs[-1][-1]) or _CJK.match(added[0]) else " "
        paragraphs[-1] += between + added.pop(0)
    paragraphs += added


def _without_repeats(paragraphs: list[str], page: Article, first: Article, printed: set[str]) -> list[str]:
    """Return the paragraphs of a page that do not stand on the pages before it."""
    added = _paragraphs(page)
    # As the pages printed them: a paragraph that a page break cut is another one in `paragraphs`.
    known = printed.union(_fold(each) for each in paragraphs)
    if all(_fold(each) in known for each in added):
        return []  # a page that the site does not have, answered with one that it has
    titles = {key(title) for title in (first.title, first.kicker, first.subtitle, page.title) if title}
    while added and key(_NUMBERED.sub("", added[0])) in titles:
        added.pop(0)
    opening = list(takewhile(lambda pair: _same(*pair), zip(added, _paragraphs(first), strict=False)))
    added = added[len(opening) :]
    if added and opening and len(opening) == len(paragraphs) - 1 and added[0].startswith(paragraphs[-1]):
        paragraphs.pop()  # the whole, where the first page ended in mid-sentence
    while added and paragraphs and _same(added[0], paragraphs[-1]):
        added.pop(0)
    return added


def _continues(before: str, after: str, html: str) -> bool:
    """Tell whether the paragraph `after`, which begins a page with this HTML, goes on with the one `before`.

    It does where the sentence before has no end and the page does not begin with a new paragraph: not indented, no
    item of a list. A line without any mark at its end has to be longer than a heading.
    """
    if not before or _IS_OVER.search(before) or _BEGINS.match(after) or "\t" in before + after:
        return False
    if len(before) < _HEADING and not _GOES_ON.search(before):
        return False
    at = html.find(re.split(r"[&<>\n]", after[:12])[0])
    return at >= 0 and _INDENTED.search(html[:at]) is None


def _pictures(found: Iterable[Image]) -> tuple[Image, ...]:
    pictures: dict[str, Image] = {}
    for image in found:
        if image.url not in pictures or pictures[image.url].caption is None:
            pictures[image.url] = image
    return tuple(pictures.values())


def _files(found: Iterable[Attachment]) -> tuple[Attachment, ...]:
    files: dict[str, Attachment] = {}
    for file in found:
        files.setdefault(file.url, file)
    return tuple(files.values())


def _same(one: str, other: str) -> bool:
    return _fold(one) == _fold(other)


def _fold(text: str) -> str:
    return "".join(text.replace(SEAM, "").split())
