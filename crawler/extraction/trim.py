"""Trimming: which printed lines of a body are the article, and which are small print, tools or other articles.

The lines of small print are handed back: they name editors, sources and dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bs4 import Tag

from archive.article import Image
from crawler.extraction.asides import (
    is_byline,
    is_closing,
    is_foreign,
    is_heading_of_pointers,
    is_link,
    is_meta,
    is_pointer,
    is_tool,
)
from crawler.extraction.folding import key
from crawler.extraction.headline import may_be_title, read_roles
from crawler.extraction.labels import read_labels, role_values, starts_with_label
from crawler.extraction.lines import Line
from crawler.extraction.media import is_caption, is_file
from crawler.extraction.names import split_names
from crawler.extraction.phrases import NOTICE, RELATED, TOOL, TOOLS

_PROSE = re.compile(r"[，。！？；、,.!?]")
_SENTENCE = re.compile(r"[，。！？]")
_DATE = re.compile(r"(?:19|20)\d\d\s*[-/.年년]\s*\d{1,2}\s*[-/.月월]\s*\d{1,2}")
_CENTRED = re.compile(r"text-align\s*:\s*center", re.I)
#: Lines above the first paragraph that are looked at.
_HEAD = 26
#: Lines that tell the language of a body.
_SAMPLE = 60
#: Lines below `Read also` that may be other articles.
_POINTED = 8
#: A centred line below a picture that is longer than this is no caption.
_CAPTION = 90
#: Share of a body's prose below a heading 相关新闻 from which on the heading is the article's own.
_OWN = 0.3
#: Share of link text in a body from which on its links tell nothing.
_LINKED = 0.85
#: Share of a body that repeats make up when the body is printed twice.
_TWICE = 0.4


@dataclass(slots=True)
class SmallPrint:
    """What the lines that were dropped said: above and below the text, and the marked parts of a headline."""

    head: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)


def trim(lines: list[Line], small: SmallPrint, titles: set[str]) -> None:
    """Drop from `lines` what is not the article and mark captions; `titles` are folded headline texts."""
    if sum(line.links for line in lines) > _LINKED * sum(len(line.text) for line in lines):
        # The text itself leads to another edition of it.
        for line in lines:
            line.links = 0
    _mark_captions(lines)
    _drop_repeats(lines)
    foreign = is_foreign("".join(line.text for line in lines[:_SAMPLE]))
    if foreign:
        _drop_asides(lines)
    _drop_head(lines, small, titles, foreign)
    _cut_related(lines, small)
    _drop_tail(lines, small, foreign)
    _drop_between(lines, small)


def pictures(lines: Sequence[Line]) -> list[Image]:
    """Return the pictures in order, once each, with the caption below them."""
    found: dict[str, Image] = {}
    for line, following in pairwise([*lines, None]):
        if line is None or not line.picture:
            continue
        caption = (following.text or None) if following and following.caption and not following.dropped else None
        held = found.get(line.picture)
        if held is None or held.caption is None:
            found[line.picture] = Image(line.picture, caption)
    return list(found.values())


def named(tag: Tag) -> str:
    """Return the class and id of an element, as one text."""
    return f"{' '.join(tag.get_attribute_list('class', ''))} {tag.get('id', '')}"


def _is_prose(line: Line) -> bool:
    """Tell whether a line is running text of the article."""
    if line.picture or line.linked > 0.5:
        return False
    return len(line.text) >= 15 and bool(_PROSE.search(line.text)) and not _is_small_print(line)


def _is_tool(line: Line) -> bool:
    """Tell whether a line is a tool of the page; a number or 大 in a cell of a table may be data."""
    if line.row is not None and len(line.text) < 4:
        return False
    return bool(TOOL.match(line.text) or TOOLS.match(line.text))


def _is_small_print(line: Line) -> bool:
    text = line.text
    if _is_tool(line) or NOTICE.match(text):
        return True
    if len(text) < 160 and starts_with_label(line.glued):
        return True
    short = len(text) < 80 and not _SENTENCE.search(text)
    return short and any(each.kind == "editor" for each in read_labels([line.glued]))


def _is_date(text: str) -> bool:
    """Tell whether a short line is a date with its time, source or place beside it."""
    return len(text) < 60 and bool(_DATE.search(text)) and not _SENTENCE.search(text)


def _leads_on(line: Line) -> bool:
    """Tell whether a line is a link to another page, with its date perhaps; links to files are the article's own."""
    linked = line.linked > 0.8 or (line.linked > 0.5 and _DATE.search(line.text) is not None)
    return linked and not _holds_file(line)


def _drop_head(lines: list[Line], small: SmallPrint, titles: set[str], foreign: bool) -> None:
    """Drop the headline and the small print above the first paragraph; read marked parts of the headline."""
    printed = [line for line in lines[:_HEAD] if not (line.picture or line.dropped or line.caption)]
    number = 0
    while number < len(printed):
        line = printed[number]
        roles, taken = read_roles([each.text for each in printed[number : number + 5]])
        folded = key(line.text)
        if taken:
            small.roles.update(roles)
            for each in printed[number : number + taken]:
                each.drop()
            number += taken
            continue
        headed = bool(folded) and folded in titles and may_be_title(line.text)
        known = headed or _is_small_print(line) or _is_date(line.text)
        if known or (foreign and is_meta(line.text)):
            if headed:
                # Above the headline stand the section and the like.
                for each in printed[:number]:
                    each.drop()
            small.head.append(line.glued)
            line.drop()
        elif _is_prose(line):
            return
        number += 1


def _drop_tail(lines: list[Line], small: SmallPrint, foreign: bool) -> None:
    """Drop what stands below the last paragraph: editors, tools, notices, links to other articles, their pictures."""
    pictures: list[Line] = []
    for line in reversed(lines):
        if line.dropped or line.caption:
            continue
        if line.picture:
            pictures.append(line)
            continue
        notice = NOTICE.match(line.text) is not None or RELATED.match(line.text) is not None
        if not (
            notice
            or (not pictures and (_leads_on(line) or _is_small_print(line) or (foreign and is_closing(line.text))))
        ):
            return
        small.tail.insert(0, line.glued)
        line.drop()
        for picture in pictures:
            picture.picture = None
            picture.block.extract()
        pictures = []


def _cut_related(lines: list[Line], small: SmallPrint) -> None:
    """Cut a body at 相关新闻 or 延伸阅读 when little of the article's own text follows."""
    headings = {number for number, line in enumerate(lines) if not line.dropped and RELATED.match(line.text)}
    if not headings:
        return
    prose = [len(line.text) if _is_prose(line) else 0 for line in lines]
    before, total = 0, sum(prose)
    for number in range(len(lines)):
        if before and number in headings and total - before <= _OWN * total:
            for each in lines[number:]:
                small.tail.append(each.glued)
                each.drop()
                each.picture = None
            return
        before += prose[number]


def _drop_between(lines: list[Line], small: SmallPrint) -> None:
    """Drop tools and credits between paragraphs, and runs of links to other articles."""
    run: list[Line] = []
    for line in lines:
        if line.dropped or line.picture:
            continue
        if len(line.text) > 5 and _leads_on(line):
            run.append(line)
            continue
        if len(run) > 2 and not any(each.row for each in run):
            for each in run:
                each.drop()
        run = []
        if _is_tool(line):
            line.drop()
        elif len(line.text) < 60 and _names_people(line):
            small.tail.append(line.glued)
            line.drop()


def _names_people(line: Line) -> bool:
    """Tell whether a line is a credit: labels of authors or editors, and after them nothing but names."""
    roles = role_values(line.glued)
    return bool(roles) and all(split_names(value) for _, value in roles) and not _SENTENCE.search(line.text)


def _drop_asides(lines: list[Line]) -> None:
    """Drop the lines of Western, Japanese and Korean pages that are beside the article."""
    pointing = 0
    for line in lines:
        if line.dropped or line.caption or line.picture:
            continue
        if is_pointer(line):
            pointing = _POINTED if is_heading_of_pointers(line.text) else 0
            line.drop()
            continue
        pointed = pointing > 0 and (is_byline(line.text) or line.linked > 0.6)
        if pointed or (line.row is None and (is_tool(line.text) or (is_link(line) and not _holds_file(line)))):
            line.drop()
        elif len(line.text) > 60:
            pointing = 0
        pointing -= pointing > 0


def _drop_repeats(lines: list[Line]) -> None:
    """Drop paragraphs that were printed before: some pages hold their body twice.

    Long ones always; shorter ones, which may be a refrain, where the repeats are nearly half of the text.
    """
    seen: set[str] = set()
    repeats: list[Line] = []
    for line in lines:
        if len(line.text) >= 15:
            if line.text in seen:
                repeats.append(line)
            seen.add(line.text)
    whole = sum(len(line.text) for line in lines)
    twice = sum(len(line.text) for line in repeats) > _TWICE * whole
    for line in repeats:
        if twice or len(line.text) >= 40:
            line.drop()


def _mark_captions(lines: list[Line]) -> None:
    """Mark the lines below pictures that are captions."""
    centred: list[Line] = []
    for line, following in pairwise(lines):
        if not line.picture or following.picture or not following.text:
            continue
        if following.block.name == "figcaption" or is_caption(following.text, named(following.block)):
            following.caption = True
        elif len(following.text) < _CAPTION and not following.text.endswith(("：", ":")) and _is_centred(following):
            centred.append(following)
    # Below a picture a centred line is its caption, unless the text is set so too.
    others = sum(_is_centred(line) and _is_prose(line) for line in lines if line.text) - len(centred)
    if others < 3 and sum(len(line.text) for line in centred) * 4 < sum(len(line.text) for line in lines):
        for line in centred:
            line.caption = True


def _is_centred(line: Line) -> bool:
    """Tell whether a line is set in the middle, as captions are; bold lines there are headings."""
    block = line.block
    centred = block.name == "center" or str(block.get("align", "")).lower() == "center"
    if not line.strings or not (centred or _CENTRED.search(str(block.get("style", "")))):
        return False
    holder = line.strings[0].parent
    return holder is None or holder.name not in ("b", "strong", "h2", "h3", "h4")


def _holds_file(line: Line) -> bool:
    """Tell whether a line links to a file."""
    for string in line.strings[:3]:
        tag = string.parent
        while tag is not None and tag is not line.block and tag.name != "a":
            tag = tag.parent
        if tag is not None and tag.name == "a" and is_file(str(tag.get("href", ""))):
            return True
    return False
