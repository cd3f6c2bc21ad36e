"""Outline: the visible text of a page as segments in reading order, each with the element that holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extraction.lexicon import any_of, compiled, words_of

#: Between two pieces of a segment that different elements hold: glued labels are split here.
SEAM = "\x1f"

INLINE = frozenset(words_of("elements.inline"))
SILENT = frozenset(words_of("elements.silent"))

_BEGIN, _END = r"(?:^|[\s_-])", r"(?:$|[\s\d_-])"
_UNLIKELY = compiled(_BEGIN + any_of("elements.beside") + _END + "|" + any_of("elements.beside_part"), re.I)
_LIKELY = compiled(_BEGIN + any_of("elements.body") + _END + "|" + any_of("elements.body_part"), re.I)
_NEVER = compiled(_BEGIN + any_of("elements.never") + _END + "|" + any_of("elements.never_part"), re.I)
# Names that outweigh another one beside them: `sidebar-grid article__content`.
_CERTAIN = compiled(any_of("elements.certain_part"), re.I)
# WordPress writes the tags and categories of a post among its classes.
_TAXONOMY = compiled(rf"\b{any_of('elements.taxonomy')}-[\w-]+")
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
    """A run of text without a block boundary in it. `element` indexes the outline's elements."""

    __slots__ = ("element", "glued", "heading", "links", "text")

    text: str
    glued: str
    """The text with `SEAM` between pieces of different elements."""
    links: int
    """Characters of it that are link text."""

    def __init__(self, element: int, heading: bool, raw: list[str], linked: list[int]) -> None:
        """Join the strings of a segment; `linked` says of each, by 1 or 0, whether it is link text."""
        self.element = element
        self.heading = heading
        if len(raw) == 1:
            self.text = self.glued = text = " ".join(raw[0].split())
            self.links = len(text) if linked[0] else 0
            return
        pieces: list[str] = []
        links = 0
        for string, link in zip(raw, linked, strict=True):
            text = " ".join(string.split())
            if text != string:
                if pieces and string[0].isspace() and not pieces[-1].endswith(" "):
                    text = " " + text
                if string[-1].isspace():
                    text += " "
            pieces.append(text)
            links += len(text) if link else 0
        self.links = links
        self.text = "".join(pieces).strip()
        self.glued = SEAM.join(pieces).strip()


@dataclass(slots=True)
class Outline:
    """Elements and segments of a page in document order. Elements are columns: an object for each costs too much."""

    nodes: list[LexborNode] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    """Indexes of the elements that hold them; -1 for the first."""
    hints: list[int] = field(default_factory=list)
    """1: named like a body; -1: named like something beside it; -2: like comments or a footer; 0: nothing said."""
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

    def children(self, number: int) -> list[int]:
        """Return the elements directly below element `number`."""
        sizes, found = self._counted(), []
        child, end = number + 1, number + sizes[number]
        while child < end:
            found.append(child)
            child += sizes[child]
        return found

    def span(self, node: LexborNode) -> tuple[int, int]:
        """Return the segments [first, last) inside `node`."""
        start = self.index.get(node.mem_id)
        if start is None:
            return (0, 0)
        after = self._after(start)
        return self.firsts[start], (self.firsts[after] if after is not None else len(self.segments))

    def _after(self, start: int) -> int | None:
        """Return the first element that is not inside element `start` and comes after it."""
        after = start + self._counted()[start]
        return after if after < len(self.parents) else None

    def _counted(self) -> list[int]:
        """Return how many elements each holds, itself included; counted once."""
        if len(self._sizes) != len(self.parents):
            sizes = [1] * len(self.parents)
            for number in range(len(sizes) - 1, 0, -1):
                if self.parents[number] >= 0:
                    sizes[self.parents[number]] += sizes[number]
            self._sizes = sizes
        return self._sizes


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
    # An anchor, `<a name>`, is no link; left open, it would hold the rest of the page.
    anchors = {node.mem_id for node in body.css("a:not([href])")}
    kinds: dict[int, tuple[int, str]] = {}
    places: dict[int, int] = {}
    # The strings of the segment that is being read, and whether they are link text.
    raw: list[str] = []
    linked: list[int] = []
    block, last = 0, -1
    for node in body.traverse(include_text=True, skip_empty=True):
        kind, tag = kinds.get(node.tag_id) or _kind(node, kinds)
        parent = node.parent
        above = places.get(parent.mem_id) if parent is not None else None
        if kind == _TEXT:
            if above == _NOWHERE:
                continue
            place = above or 0
            if place >> 1 != last:
                if raw:
                    segments.append(Segment(block, tags[block] in _HEADINGS, raw, linked))
                    raw, linked = [], []
                block = last = place >> 1
            text = node.text_content
            if text and not text.isspace():
                raw.append(text)
                linked.append(place & 1)
        elif above == _NOWHERE or kind == _SILENT:
            places[node.mem_id] = _NOWHERE
        elif kind == _INLINE:
            place, number = above or 0, node.mem_id
            places[number] = place | 1 if tag == "a" and number not in anchors else place
        else:
            last = -1
            if kind == _BREAK:
                continue
            if raw:
                segments.append(Segment(block, tags[block] in _HEADINGS, raw, linked))
                raw, linked = [], []
            hidden = page.add(node, tag, -1 if above is None else above >> 1)
            places[node.mem_id] = _NOWHERE if hidden else len(tags) - 1 << 1 | (above or 0) & 1
    if raw:
        segments.append(Segment(block, tags[block] in _HEADINGS, raw, linked))


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
    """Tell what a class and an id hint at: 1 a body, -1 something beside it, -2 what never holds one, 0 nothing."""
    named = _TAXONOMY.sub(" ", named)
    if _UNLIKELY.search(named):
        return 1 if _CERTAIN.search(named) else -2 if _NEVER.search(named) else -1
    return 1 if _LIKELY.search(named) else 0
