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
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5"))
_BLOCK, _TEXT, _INLINE, _BREAK, _SILENT = range(5)
_KINDS = {
    "-text": _TEXT,
    "br": _BREAK,
    "hr": _BREAK,
    **dict.fromkeys(INLINE, _INLINE),
    **dict.fromkeys(SILENT, _SILENT),
}
#: The place of what is not shown.
_NOWHERE = -1


class Segment:
    """A run of text without a block boundary in it. `element` indexes the outline's elements.

    Its text is put together when it is first asked for: of most segments, those of menus, nobody asks.
    """

    __slots__ = ("_end", "_linked", "_raw", "_start", "element", "glued", "heading", "links", "text")

    text: str
    glued: str
    """The text with `SEAM` between pieces of different elements."""
    links: int
    """Characters of it that are link text."""

    def __init__(self, element: int, heading: bool, raw: list[str], linked: list[int], start: int) -> None:
        self.element = element
        self.heading = heading
        self._raw = raw
        self._linked = linked
        self._start = start
        self._end = len(raw)

    def __getattr__(self, name: str) -> str | int:
        """Fill in the text; Python asks here only for a slot that is empty."""
        if name not in ("text", "glued", "links"):
            raise AttributeError(f"a Segment has no {name!r}")
        pieces: list[str] = []
        links = 0
        for number in range(self._start, self._end):
            raw = self._raw[number]
            text = " ".join(raw.split())
            if text != raw:
                if pieces and raw[0].isspace() and not pieces[-1].endswith(" "):
                    text = " " + text
                if raw[-1].isspace():
                    text += " "
            pieces.append(text)
            links += len(text) if self._linked[number] else 0
        self.links = links
        self.text = "".join(pieces).strip()
        self.glued = SEAM.join(pieces).strip() if len(pieces) > 1 else self.text
        return self.links if name == "links" else self.text if name == "text" else self.glued


@dataclass(slots=True)
class Outline:
    """Elements and segments of a page in document order. Elements are columns: an object for each costs too much."""

    nodes: list[LexborNode] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    """Indexes of the elements that hold them; -1 for the first."""
    hints: list[int] = field(default_factory=list)
    """1: named like a body; -1: named like something beside it; 0: nothing said."""
    firsts: list[int] = field(default_factory=list)
    """Index of the first segment at or after an element's start."""
    index: dict[int, int] = field(default_factory=dict)
    """`LexborNode.mem_id` to the index of an element."""
    segments: list[Segment] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)

    def add(self, node: LexborNode, tag: str, parent: int) -> bool:
        """Add an element that begins here; return whether its style hides it."""
        hinted, hidden = _hint(attributes) if (attributes := node.attributes) else (0, False)
        self.index[node.mem_id] = len(self.nodes)
        self.nodes.append(node)
        self.tags.append(tag)
        self.parents.append(parent)
        self.hints.append(hinted)
        self.firsts.append(len(self.segments))
        return hidden

    def span(self, node: LexborNode) -> tuple[int, int]:
        """Return the segments [first, last) inside `node`."""
        start = self.index.get(node.mem_id)
        if start is None:
            return (0, 0)
        after = self._after(start)
        return self.firsts[start], (self.firsts[after] if after is not None else len(self.segments))

    def _after(self, start: int) -> int | None:
        """Return the first element that is not inside element `start` and comes after it."""
        count = len(self.parents)
        if len(self._sizes) != count:
            # How many elements each holds, itself included: counted once, as elements in one another ask in turn.
            self._sizes = [1] * count
            for number in range(count - 1, 0, -1):
                if self.parents[number] >= 0:
                    self._sizes[self.parents[number]] += self._sizes[number]
        after = start + self._sizes[start]
        return after if after < count else None


def outline(tree: LexborHTMLParser) -> Outline:
    """Read the segments of a page in one walk (no recursion: pages may nest a hundred thousand elements)."""
    page = Outline()
    if tree.body is not None:
        _walk(tree.body, page)
    return page


def _walk(body: LexborNode, page: Outline) -> None:
    """Read the elements and segments below `body` into `page`.

    `places` tells by `mem_id` where the text of an element stands: twice the index of its block, one more where it is
    link text. Nodes are many: this loop is the costliest of extraction, so it asks and calls as little as it can.
    """
    tags, segments = page.tags, page.segments
    kinds: dict[int, tuple[int, str]] = {}
    places: dict[int, int] = {}
    # The texts of the page, and whether they are links; those of a segment begin at `start`.
    raw: list[str] = []
    linked: list[int] = []
    start, block, last = 0, 0, -1
    for node in body.traverse(include_text=True, skip_empty=True):
        kind, tag = kinds.get(node.tag_id) or _kind(node, kinds)
        parent = node.parent
        above = places.get(parent.mem_id) if parent is not None else None
        if kind == _TEXT:
            if above == _NOWHERE:
                continue
            place = above or 0
            if place >> 1 != last:
                if start < len(raw):
                    segments.append(Segment(block, tags[block] in _HEADINGS, raw, linked, start))
                    start = len(raw)
                block = last = place >> 1
            text = node.text_content
            if text and not text.isspace():
                raw.append(text)
                linked.append(place & 1)
        elif above == _NOWHERE or kind == _SILENT:
            places[node.mem_id] = _NOWHERE
        elif kind == _INLINE:
            places[node.mem_id] = (above or 0) | 1 if tag == "a" else above or 0
        else:
            last = -1
            if kind == _BREAK:
                continue
            if start < len(raw):
                segments.append(Segment(block, tags[block] in _HEADINGS, raw, linked, start))
                start = len(raw)
            hidden = page.add(node, tag, -1 if above is None else above >> 1)
            places[node.mem_id] = _NOWHERE if hidden else len(tags) - 1 << 1 | (above or 0) & 1
    if start < len(raw):
        segments.append(Segment(block, tags[block] in _HEADINGS, raw, linked, start))


def _kind(node: LexborNode, kinds: dict[int, tuple[int, str]]) -> tuple[int, str]:
    """Note what the elements are that share a node's tag; return that and the tag."""
    tag = node.tag or ""
    return kinds.setdefault(node.tag_id, (_KINDS.get(tag, _BLOCK), tag))


def _hint(attributes: dict[str, str | None]) -> tuple[int, bool]:
    """Return what the attributes of an element hint at, and whether they hide it."""
    style = attributes.get("style")
    hidden = style is not None and _HIDDEN.search(style) is not None
    if "class" in attributes or "id" in attributes:
        return hint(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"), hidden
    return 0, hidden


@lru_cache(maxsize=16_384)
def hint(named: str) -> int:
    """Tell what a class and an id hint at: 1 a body, -1 something beside it, 0 nothing."""
    named = _TAXONOMY.sub(" ", named)
    if _UNLIKELY.search(named):
        return 1 if _CERTAIN.search(named) else -1
    return 1 if _LIKELY.search(named) else 0
