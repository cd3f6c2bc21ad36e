"""Outline: the visible text of a page as segments in reading order, each with the element that holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extraction.words import either, words

#: Between two pieces of a segment that different elements hold: glued labels are split here.
SEAM = "\x1f"

INLINE = frozenset(
    words(
        "a abbr acronym b bdi bdo big cite code del dfn em font i img ins kbd label mark q s samp small span strike"
        " strong sub sup tt u var time wbr trans o:p data ruby rb rt rp path g"
    )
)
SILENT = frozenset(
    words(
        "script style noscript template iframe object embed select option textarea button svg head math audio video"
        " canvas map area datalist -comment"
    )
)

_UNLIKELY = re.compile(
    r"(?:^|[\s_-])"
    + either(
        "comments? cmt pinglun reply replies sidebar side aside footer? foot bottom header top-?bar nav navs? navbar"
        " menu related? recommend recom tuijian hot-?news hot-?list copy-?right disclaimer banner breadcrumb crumbs?"
        " shares? bdsharebuttonbox social advert ads? adv popup dialog modal login qrcode erweima subscribe"
        " newsletter cookie consent rank ranking tags? tool-?bar tools more-?news link-?list friend-?link right"
        " right-?bar rightbox"
    )
    + r"(?:$|[\s\d_-])|comment-|sidebar|footer|-nav\b|related|recommend|copyright|relate[-\x5f]|share[-\x5f]",
    re.I,
)
_LIKELY = re.compile(
    r"(?:^|[\s_-])"
    + either(
        "article content contents cont zoom ozoom main-?text text txt body neirong zhengwen xilan details? entry"
        " post story news-?con con artibody articlebody content-?body endtext view"
    )
    + r"(?:$|[\s\d_-])|articlebody|newsbody|(?:article|entry|post|news|main|detail|story)[-\x5f]?(?:content|body|text)"
    r"|content[-\x5f]?(?:text|main|body|detail)|(?:text|art|show|conten)[-\x5f](?:con|text)|trs[-\x5f]u?editor|vsb[-\x5f]content"
    r"|v[-\x5f]news[-\x5f]content|\bccontent\b|rwb[-\x5f]zw",
    re.I,
)
# Names that outweigh another one beside them: `sidebar-grid article__content`.
_CERTAIN = re.compile(
    r"(?:^|[\s_-])(?:article|entry|post|story|news)[-_]{0,2}(?:content|body|text)(?:$|[\s_-])"
    r"|trs_u?editor|v_news_content|vsb_content|\bccontent\b|rwb_zw",
    re.I,
)
# WordPress writes the tags and categories of a post among its classes.
_TAXONOMY = re.compile(r"\b(?:tag|category|postid|author)-[\w-]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_BREAKS = frozenset(("br", "hr"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5"))


@dataclass(slots=True)
class Element:
    """An element with what it weighs: index of its parent, what its class and id hint at, its segments' span."""

    node: LexborNode
    tag: str
    parent: int
    hint: int
    """1: named like a body; -1: named like something beside it; 0: nothing said."""
    first: int = 0
    """Index of the first segment at or after its start."""
    score: float = 0.0


@dataclass(slots=True)
class Segment:
    """A run of text without a block boundary in it. `element` indexes the outline's elements."""

    element: int
    pieces: list[str] = field(default_factory=list)
    links: int = 0
    """Characters of it that are link text."""
    heading: bool = False
    text: str = ""
    glued: str = ""
    """The text with `SEAM` between pieces of different elements."""


@dataclass(slots=True)
class Outline:
    """Elements and segments of a page in document order."""

    elements: list[Element]
    segments: list[Segment]
    index: dict[int, int]
    """`LexborNode.mem_id` to the index in `elements`."""

    def span(self, node: LexborNode) -> tuple[int, int]:
        """Return the segments [first, last) inside `node`."""
        start = self.index.get(node.mem_id)
        if start is None:
            return (0, 0)
        after = self._after(start)
        return self.elements[start].first, (self.elements[after].first if after is not None else len(self.segments))

    def _after(self, start: int) -> int | None:
        """Return the first element that is not inside element `start` and comes after it."""
        for number in range(start + 1, len(self.elements)):
            if self.elements[number].parent < start:
                return number
        return None


def outline(tree: LexborHTMLParser) -> Outline:
    """Read the segments of a page in one walk (no recursion: pages may nest a hundred thousand elements)."""
    body = tree.body
    return _Walk().read(body) if body is not None else Outline([], [], {})


class _Walk:
    """What a walk over a page knows of the elements it has passed, by `mem_id`."""

    def __init__(self) -> None:
        self.page = Outline([], [], {})
        self.blocks: dict[int, int] = {}
        self.silent: set[int] = set()
        self.linked: set[int] = set()
        self.current = Segment(0)

    def read(self, body: LexborNode) -> Outline:
        blocks, silent, linked = self.blocks, self.silent, self.linked
        last = -1
        for node in body.traverse(include_text=True, skip_empty=True):
            tag = node.tag or ""
            parent = node.parent
            above = parent.mem_id if parent is not None else 0
            if above in silent:
                if tag != "-text":
                    silent.add(node.mem_id)
            elif tag == "-text":
                block = blocks.get(above, 0)
                if block != last:
                    self.begin(block)
                    last = block
                _add(self.current, node.text_content or "", above in linked)
            elif tag in INLINE:
                here = node.mem_id
                if tag == "a" or above in linked:
                    linked.add(here)
                blocks[here] = blocks.get(above, 0)
            elif tag in _BREAKS:
                last = -1
            elif tag in SILENT:
                silent.add(node.mem_id)
            else:
                self.open(node, tag, above)
                last = -1
        self.close()
        return self.page

    def open(self, node: LexborNode, tag: str, above: int) -> None:
        """Note a block element; text that follows it begins a segment."""
        if self.current.pieces:
            self.close()
        here = node.mem_id
        if above in self.linked:
            self.linked.add(here)
        attributes = node.attributes
        hinted = 0
        if attributes:
            if (style := attributes.get("style")) and _HIDDEN.search(style):
                self.silent.add(here)
            hinted = _hint(attributes)
        elements = self.page.elements
        self.page.index[here] = self.blocks[here] = len(elements)
        elements.append(Element(node, tag, self.blocks.get(above, -1), hinted, len(self.page.segments)))

    def begin(self, element: int) -> None:
        """Begin a segment in `element`."""
        if self.current.pieces:
            self.close()
        self.current.element = element
        self.current.heading = self.page.elements[element].tag in _HEADINGS

    def close(self) -> None:
        """End the segment when it holds text."""
        segment = self.current
        if segment.pieces:
            segment.text = "".join(segment.pieces).strip()
            segment.glued = SEAM.join(segment.pieces).strip()
            self.page.segments.append(segment)
            self.current = Segment(0)


def _hint(attributes: dict[str, str | None]) -> int:
    if "class" in attributes or "id" in attributes:
        return hint(f"{attributes.get('class') or ''} {attributes.get('id') or ''}")
    return 0


@lru_cache(maxsize=16_384)
def hint(named: str) -> int:
    """Tell what a class and an id hint at: 1 a body, -1 something beside it, 0 nothing."""
    named = _TAXONOMY.sub(" ", named)
    if _UNLIKELY.search(named):
        return 1 if _CERTAIN.search(named) else -1
    return 1 if _LIKELY.search(named) else 0


def _add(segment: Segment, raw: str, link: bool) -> None:
    text = " ".join(raw.split())
    if not text:
        return
    if segment.pieces and raw[0].isspace() and not segment.pieces[-1].endswith(" "):
        text = " " + text
    if raw[-1].isspace():
        text += " "
    segment.pieces.append(text)
    if link:
        segment.links += len(text)
