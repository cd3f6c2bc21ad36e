"""Cleaning: the element that was found, to the article's paragraphs, its HTML, pictures and files.

BeautifulSoup reads that element only. What is printed in it and is not the article (share and print tools, labels,
上一篇/下一篇, related lists, QR prompts, hit counters, disclaimers) goes; what it says about the article is kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice

import nh3
from bs4 import BeautifulSoup, NavigableString, PageElement, Tag

from archive.article import Attachment, Image
from crawler.extraction.asides import is_foreign
from crawler.extraction.boxes import HEADINGS, cards, is_linking, is_unseen, names_box
from crawler.extraction.folding import key
from crawler.extraction.lines import paragraphs, read_lines
from crawler.extraction.media import file_name
from crawler.extraction.outline import SEAM, hint
from crawler.extraction.page import Page
from crawler.extraction.phrases import JUNK_NAME, NEVER_TEXT, RELATED
from crawler.extraction.trim import SmallPrint, named, pictures, trim

#: Longer elements are removed only for a name that a column with the article never has.
_LONG = 400
#: Share of a body from which on an element is the article, whatever it is named.
_MOST = 0.35
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_TAGS = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "table",
    "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "a", "img", "blockquote", "figure", "figcaption",
    "strong", "b", "em", "i", "u", "s", "sup", "sub", "pre", "code",
}  # fmt: skip
#: Strings that tell a body's language.
_SAMPLE = 200
_SPAN = {"colspan", "rowspan"}
# `*` is for every tag: nh3 would keep titles too, the hints of editors and scripts.
_ATTRIBUTES = {"*": {"lang"}, "a": {"href"}, "img": {"src", "alt"}, "td": _SPAN, "th": _SPAN}
_CLEANER = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES)
_EMPTY = re.compile(r"<img>|<(?!t[dh]\b)(\w+)(?: [^<>]*)?>\s*</\1>")
#: Characters below which a body is a photo story: its captions are its text.
_BARE = 30
#: How deep empty elements are looked for in one another.
_NESTED = 8


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a body holds once what is not the article is gone, and the small print that was in it."""

    paragraphs: list[str]
    html: str
    images: list[Image]
    attachments: list[Attachment]
    small: SmallPrint


def clean(markup: str, page: Page, titles: Iterable[str] = ()) -> Cleaned:
    """Clean the HTML of a body. `titles` are headline texts: a line that only repeats one is not of the body."""
    soup = BeautifulSoup(markup, "lxml", multi_valued_attributes=None)
    root = _body(soup)
    small = SmallPrint()
    headings = _remove_junk(root, small)
    if headings and is_foreign("".join(islice(root.strings, _SAMPLE))):
        for card in cards(root, headings):
            card.extract()
    lines = read_lines(root, page.absolute)
    trim(lines, small, {key(title) for title in titles if title})
    attachments = _links(root, page)
    text = paragraphs(lines)
    if sum(map(len, text)) < _BARE:
        text = paragraphs(lines, captions=True)
    return Cleaned(text, _sanitised(root), pictures(lines), attachments, small)


def _body(soup: BeautifulSoup) -> Tag:
    """Return the `<body>` that the parser writes around everything; `soup.body` looks for it through the whole tree."""
    for html in soup.contents:
        for child in html.contents if isinstance(html, Tag) else ():
            if isinstance(child, Tag) and child.name == "body":
                return child
    return soup


def _remove_junk(root: Tag, small: SmallPrint) -> list[Tag]:
    """Remove elements that never hold an article's text, by name or because they are hidden; return the headings.

    What they say about the article (an editor among the tags) is kept with the small print.
    """
    whole: int | None = None
    lengths: dict[int, int] = {}
    removed: set[int] = set()
    headings: list[Tag] = []
    for element in [each for each in root.descendants if isinstance(each, Tag)]:
        if element.name in HEADINGS:
            headings.append(element)
        if not element.attrs or id(element) in removed or element.name == "img" or not (kind := _junk(element)):
            continue
        if whole is None:
            whole, lengths = len(root.get_text(strip=True)), _lengths(root)
        length = lengths.get(id(element), 0)
        if length >= _MOST * whole or (length >= _LONG and kind != 3 and not NEVER_TEXT.search(named(element))):
            continue
        text = element.get_text(SEAM, strip=True)
        # 延伸閱讀 in a box is left: the body is cut there.
        if kind == 1 and (not is_linking(element, text) or RELATED.match(text.partition(SEAM)[0])):
            continue
        if text and len(text) < 200:
            small.tail.append(text)
        removed.update(id(each) for each in element.descendants)
        removed.add(id(element))
        element.extract()
    return [heading for heading in headings if id(heading) not in removed]


def _lengths(root: Tag) -> dict[int, int]:
    """Return how long the text of each element is, by its id; to ask them one by one costs the square of the depth."""
    lengths: dict[int, int] = {}
    for node in reversed([*root.descendants]):
        length = lengths.get(id(node), 0)
        if type(node) is NavigableString and (text := node.strip()):
            length = len(text) + len(SEAM)
        if length and node.parent is not None:
            lengths[id(node.parent)] = lengths.get(id(node.parent), 0) + length
    return {number: length - len(SEAM) for number, length in lengths.items()}


def _junk(tag: Tag) -> int:
    """Tell how surely an element is beside the article: 3 not shown, 2 named so, 1 if it is made of links, 0 not."""
    attributes = tag.attrs
    if "style" in attributes and _HIDDEN.search(str(attributes["style"])) is not None:
        return 2
    if is_unseen(tag):
        return 3
    if tag.name != "a" and ("class" in attributes or "id" in attributes):
        # Longer words are no names: some CMS write a headline's words there.
        return _named_junk(" ".join(word for word in named(tag).split() if len(word) <= 40))
    return 0


@lru_cache(maxsize=4096)
def _named_junk(name: str) -> int:
    if hint(name) > 0:
        return 0
    return 2 if JUNK_NAME.search(name) is not None else names_box(name)


def _links(root: Tag, page: Page) -> list[Attachment]:
    """Make links absolute in place; return the files among them, once each."""
    files: dict[str, Attachment] = {}
    for link in [each for each in root.descendants if isinstance(each, Tag) and each.name == "a"]:
        href = link.get("href")
        url = page.absolute(href if isinstance(href, str) else None)
        if url is None:
            link.attrs.pop("href", None)
            continue
        link["href"] = url
        if (name := file_name(link, url)) is not None:
            files.setdefault(url, Attachment(url, name))
    return list(files.values())


def _sanitised(root: Tag) -> str:
    """Return the HTML that is safe to show, without what dropped lines and ornaments left empty."""
    html = _CLEANER.clean(_markup(root))
    for _ in range(_NESTED):
        html, count = _EMPTY.subn("", html)
        if not count:
            break
    return html.strip()


def _markup(root: Tag) -> str:
    """Return the HTML below `root` for nh3; BeautifulSoup's own writer, made for many formats, costs twice as much."""
    written: list[str] = []
    pending: list[PageElement | str] = [*reversed(root.contents)]
    while pending:
        item = pending.pop()
        if isinstance(item, Tag):
            name = f"{item.prefix}:{item.name}" if item.prefix else item.name
            attributes = "".join(_attribute(*each) for each in sorted(item.attrs.items())) if item.attrs else ""
            if item.is_empty_element:
                written.append(f"<{name}{attributes}/>")
                continue
            written.append(f"<{name}{attributes}>")
            pending.append(f"</{name}>")
            pending += reversed(item.contents)
        elif type(item) is NavigableString and (item.parent is None or item.parent.name not in ("script", "style")):
            written.append(escape(item, quote=False))
        else:
            written.append(item.output_ready("minimal") if isinstance(item, NavigableString) else str(item))
    return "".join(written)


def _attribute(name: str, value: object) -> str:
    if value is None:
        return f" {name}"
    return f' {name}="{escape(" ".join(value) if isinstance(value, list) else str(value))}"'
