"""Parts: the further pages of an article of several pages, and the one article that its pages are joined into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin

from archive.article import Article, Attachment, Image
from crawler.extraction.outline import SEAM
from crawler.extraction.page import Page

#: More parts than any article was seen with: a pager that claims them is a listing's.
MAX_PARTS = 60
_PAGE_TEXT = re.compile(r"^[\s\[【(（第]*(\d{1,2})[\s\]】)）页]*$|^下一?[页頁]$|^next(?: page)?$", re.I)


def find_parts(page: Page) -> tuple[str, ...]:
    """Return the absolute addresses of pages 2, 3, … of the article whose first page this is, in order.

    A hidden `__totalpage` counts them (the old workercn engine); else links to `{name}_{n}.shtml` beside this page.
    """
    own = page.original or page.url
    match = re.fullmatch(r"(?P<stem>.*/[^/?#]+?)(?P<suffix>\.s?html?)", own.split("#")[0])
    if match is None:
        return ()
    stem, suffix = match["stem"], match["suffix"]
    counter = page.tree.css_first("input[name=__totalpage]")
    if counter is not None:
        total = (counter.attributes.get("value") or "").strip()
        if len(total) < 4 and total.isdecimal() and 1 < int(total) <= MAX_PARTS:
            return tuple(f"{stem}_{n}{suffix}" for n in range(2, int(total) + 1))
    following = re.compile(re.escape(stem.rpartition("/")[2]) + r"_(\d{1,2})" + re.escape(suffix) + "$")
    folder = stem.rpartition("/")[0]
    found: dict[int, str] = {}
    for link in page.tree.css('a[href*="_"]'):
        href = link.attributes.get("href") or ""
        if not following.search(href.partition("?")[0]) or not _PAGE_TEXT.match(link.text(strip=True)):
            continue
        try:
            url = urljoin(page.base, href.strip())
        except ValueError:
            continue
        head, _, name = url.partition("?")[0].rpartition("/")
        if head == folder and (numbered := following.fullmatch(name)):
            found.setdefault(int(numbered[1]), url)
    # Page 2 is called _1 or _2, by engine; numbers must follow each other without a gap.
    numbers = sorted(number for number in found if number > 0)
    if not numbers or numbers[0] > 2 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return ()
    return tuple(found[number] for number in numbers)


def join(pages: Sequence[Article]) -> Article:
    """Return the one article that `pages`, in order, are the pages of.

    Title, labels and URL are the first page's; editors, which stand at the end, are the last page's that has them.
    A paragraph that is repeated at a seam is kept once. ValueError without pages.
    """
    if not pages:
        raise ValueError("no pages to join: give at least the first page of the article")
    first = pages[0]
    paragraphs: list[str] = []
    html: list[str] = []
    for page in pages:
        added = page.text.split("\n\n") if page.text else []
        while added and paragraphs and _same(added[0], paragraphs[-1]):
            added.pop(0)
        paragraphs += added
        if page.html:
            html.append(page.html)
    images: dict[str, Image] = {}
    attachments: dict[str, Attachment] = {}
    for page in pages:
        for image in page.images:
            if image.url not in images or images[image.url].caption is None:
                images[image.url] = image
        for file in page.attachments:
            attachments.setdefault(file.url, file)
    editors = next((page.editors for page in reversed(pages) if page.editors), ())
    return replace(
        first,
        text="\n\n".join(paragraphs),
        html="\n".join(html),
        images=tuple(images.values()),
        attachments=tuple(attachments.values()),
        authors=first.authors or next((page.authors for page in pages if page.authors), ()),
        correspondents=first.correspondents or next((page.correspondents for page in pages if page.correspondents), ()),
        editors=editors,
        damaged=any(page.damaged for page in pages),
        parts=(),
    )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).replace(SEAM, "") == " ".join(other.split()).replace(SEAM, "")
