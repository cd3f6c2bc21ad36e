"""Lines: what is printed in a body, in order: lines of text, and pictures between them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bs4 import NavigableString, Tag

from crawler.extraction.media import is_captioning, picture_url
from crawler.extraction.outline import INLINE, SEAM

_BLANK = frozenset(" \t\r\n\f\xa0\u3000\u200b\ufeff")
_STOPS = re.compile(r"[。！？]|[.!?](?=\s|$)")
_CELLS = frozenset(("td", "th"))
#: What a `<figure>` may hold beside a picture and its caption.
_NO_CAPTION = frozenset(("table", "blockquote", "pre", "code", "ul", "ol", "dl"))


@dataclass(slots=True)
class Line:
    """A printed line, or a picture (`picture` is its address)."""

    block: Tag
    strings: list[NavigableString] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    links: int = 0
    picture: str | None = None
    starts: bool = True
    """A paragraph begins here: a block or an empty line lies before it, or it is indented."""
    row: Tag | None = None
    text: str = ""
    glued: str = ""
    dropped: bool = False
    caption: bool = False

    @property
    def linked(self) -> float:
        """Share of the line that is link text."""
        return self.links / (len(self.text) or 1)

    def drop(self) -> None:
        """Take the line out of the body: out of the text and out of the tree."""
        self.dropped = True
        for string in self.strings:
            string.extract()
        self.strings = []


class _Reader:
    """Collects the lines below one element in one pass, without recursion."""

    def __init__(self, root: Tag, absolute: Callable[[str | None], str | None]) -> None:
        self.root = root
        self.absolute = absolute
        self.lines: list[Line] = []
        self.current: Line | None = None
        self.breaks = 2
        self.places: dict[int, tuple[Tag, bool, Tag | None, bool]] = {}

    def read(self) -> list[Line]:
        for element in self.root.descendants:
            if isinstance(element, Tag):
                if element.name == "br":
                    self.close()
                    self.breaks += 1
                elif element.name == "img":
                    self.picture(element)
            elif type(element) is NavigableString:
                if not _BLANK.issuperset(element):
                    self.add(element)
                elif self.current is not None and element and not self.current.pieces[-1].endswith(" "):
                    self.current.pieces[-1] += " "
        self.close()
        return self.lines

    def picture(self, image: Tag) -> None:
        """Add a picture; an ornament is left without attributes, which cleaning takes out."""
        url = picture_url(image, self.absolute)
        if url is None:
            image.attrs.clear()
            return
        self.close()
        self.breaks = 2
        image["src"] = url
        self.lines.append(Line(image, picture=url))

    def add(self, string: NavigableString) -> None:
        block, linked, row, caption = self.place(string.parent)
        if self.current is not None and self.current.block is not block:
            self.close()
            self.breaks = 2
        if self.current is None:
            same = bool(self.lines) and self.lines[-1].block is block
            starts = self.breaks > 1 or not same or string.lstrip("\r\n\t ")[:2].isspace()
            self.current = Line(block, starts=starts, row=row, caption=caption)
        text = " ".join(string.split())
        pieces = self.current.pieces
        if pieces and not pieces[-1].endswith(" ") and string[0].isspace():
            text = " " + text
        if string[-1].isspace():
            text += " "
        pieces.append(text)
        self.current.strings.append(string)
        self.current.links += len(text) if linked else 0
        self.breaks = 0

    def close(self) -> None:
        line = self.current
        if line is not None:
            line.text = "".join(line.pieces).strip()
            line.glued = SEAM.join(line.pieces).strip()
            self.lines.append(line)
        self.current = None

    def place(self, parent: Tag | None) -> tuple[Tag, bool, Tag | None, bool]:
        """Return the block that `parent` stands in, whether it is link text, its table row, and if it is a caption."""
        chain: list[Tag] = []
        tag = parent
        while tag is not None and tag is not self.root and id(tag) not in self.places:
            chain.append(tag)
            tag = tag.parent
        known = self.places.get(id(tag)) if tag is not None else None
        block, linked, row, caption = known or (self.root, False, None, False)
        for tag in reversed(chain):
            if tag.name == "tr":
                row = tag
            linked = linked or (tag.name == "a" and "href" in tag.attrs)
            block = block if tag.name in INLINE else tag
            caption = is_captioning(tag) or (caption and tag.name not in _NO_CAPTION)
            self.places[id(tag)] = (block, linked, row, caption)
        return block, linked, row, caption


def read_lines(root: Tag, absolute: Callable[[str | None], str | None]) -> list[Line]:
    """Return the lines and pictures below `root`; the `src` of pictures is made absolute in the tree."""
    return _Reader(root, absolute).read()


def paragraphs(lines: list[Line], *, captions: bool = False) -> list[str]:
    """Return the paragraphs that lines make up: joined at single line breaks, cells of a row by tabs.

    With `captions`, those of several sentences are among them: in a photo story they tell what there is to tell.
    """
    joined: list[str] = []
    previous: Line | None = None
    for line in lines:
        told = not line.caption or (captions and len(_STOPS.findall(line.text)) > 1)
        if line.dropped or not told or line.picture or not line.text:
            continue
        if previous is not None and joined:
            if line.row is not None and line.row is previous.row and len(line.text) < 80 and len(previous.text) < 80:
                joined[-1] += "\t" + line.text
                previous = line
                continue
            if not line.starts and not _ends(previous.text):
                joined[-1] += "\n" + line.text
                previous = line
                continue
        joined.append(line.text)
        previous = line
    return joined


def _ends(text: str) -> bool:
    """Tell whether a line ends a sentence: what follows its line break is a new paragraph."""
    return text[-1] in "。！？…”：；.!?:;》）)"
