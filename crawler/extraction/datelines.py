"""Datelines: who wrote an article and from where, as its own paragraphs print it.

本报北京5月24日电（记者 甲） opens one, （责任编辑：甲） or （周小满） closes it.
"""

from __future__ import annotations

import re

from archive.article import Credit
from crawler.extraction.byline import (
    EDITOR,
    REVIEWER,
    ROLE,
    Byline,
    add_editors,
    add_roles,
    is_editing,
    labelled,
    names_editor,
    names_reviewer,
    unlabelled,
)
from crawler.extraction.labels import read_labels
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.names import is_likely_name, is_name, split_names

_PLACE = r"[\u4e00-\u9fff·]{0,12}?"
_WHEN = r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?"
_DATELINE = compiled(
    r"^[\s【\[]*(?P<line>(?:据)?[A-Za-z\u4e00-\u9fff《》“”]{0,14}?"
    rf"{any_of('bylines.agency')}》?(?:[-—－·/\s][\u4e00-\u9fff]{{2,10}}?{any_of('bylines.partner')})?"
    rf"\s*{_PLACE}\s*{_WHEN}\s*(?<![通资简快喜短音])(?:专?电|電|讯|訊))"
    r"[\s】\]]*(?P<after>[（(][^（）()]{0,80}[）)]|(?=[\s:：　—，,\d“]|[\u4e00-\u9fff]))[\s:：　]*"
)
_ENGLISH_DATELINE = re.compile(
    r"^(?P<line>(?:[A-Z][\w'.-]+(?:\s[A-Z][\w'.-]+){0,3}),\s*"
    r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}(?:,\s*\d{4})?)"
    r"\s*(?P<after>\((?:[^()]{0,40}?Reporters?|By|Correspondents?|Xinhua)[^()]{0,80}\))?\s*(?:--|—|–|-)?\s*"
)
_IN_BRACKETS = compiled(
    rf"[（(【\u3014](?P<text>[^（）()【】\u3014\u3015]{{0,40}}?{any_of('bylines.bracket')}"
    r"[^（）()【】\u3014\u3015]{1,80})[）)】\u3015]"
)
# （中央社記者甲台北21日電）, （記者甲／台北報導）: name and place without anything between them, or with a slash.
_PLACED = re.compile(
    r"^[\s（(【\[\u3014\u3010]*(?P<line>[\u4e00-\u9fff]{0,8}?[记記]者\s?(?P<names>[\u4e00-\u9fff、·]{2,20}?)"
    r"(?:[／/](?P<place>[\u4e00-\u9fff]{2,8}?))?(?:\d{1,2}日)?(?:[專专]?[電电]|(?:[綜综]合|[連连][線线])?[報报][導导道]))"
    r"[）)】\]\u3015\u3011]"
)
# （甲 编辑）
_REVERSED = compiled(
    rf"[（(]\s*(?P<names>[\u4e00-\u9fff]{{2,4}}(?:[\s、][\u4e00-\u9fff]{{2,4}})?)[\s/]+(?P<role>{EDITOR})\s*[)）]\s*$"
)
_CLOSING = compiled(
    r"(?P<open>[（(\[【\u3014])?\s*(?P<text>[\u4e00-\u9fff]{0,8}?"
    rf"(?:(?:{EDITOR}|[Ee]ditor in charge)\s*[:：|丨/\s]|{REVIEWER}\s*[:：|丨])"
    r"\s*[^（）()。，]{1,60}?)\s*[)）\]】\u3015]?\s*\d{0,8}\s*$"
)
_LINE_MARK = compiled(any_of("bylines.line_mark"))
_BYLINE_LINE = compiled(
    rf"^[\s■□●○◎▲△◆◇★☆\-—]*(?:[\u4e00-\u9fffA-Za-z·《》-]{{0,14}}?{any_of('bylines.line')}"
    rf"|{_LINE_MARK.pattern})[\s:：/　]*[\u4e00-\u9fffA-Za-z·\s、，,/]{{2,60}}?"
    rf"{any_of('bylines.line_end')}?\s*$"
)
_SIGNATURE = compiled(
    rf"[（(]\s*(?P<role>{any_of('bylines.desk')}?{any_of('bylines.signature')})?[\s:：/|]*"
    r"(?P<names>[\u4e00-\u9fff·、\s　，]{2,30})[）)]\s*$"
)


def read_paragraphs(paragraphs: list[str], byline: Byline) -> list[str]:
    """Read datelines, bylines and a closing signature in a body's paragraphs into `byline`.

    They are words of the article and stay in its text, where revisions are compared and searches look. Returned are
    the paragraphs without labelled credits: `（责任编辑：甲）` at the end of the last one is small print.
    """
    kept = list(paragraphs)
    closing: list[Credit] = []
    if kept and (reversed_ := _REVERSED.search(kept[-1])) and (names := split_names(reversed_["names"])):
        closing.append(Credit(reversed_["role"], names))
        kept[-1:] = [rest] if (rest := kept[-1][: reversed_.start()].rstrip()) else []
    for _ in range(2):
        if not kept:
            break
        rest, credits = _closing(kept[-1])
        closing = credits + closing
        if rest:
            kept[-1] = rest
        else:
            kept.pop()
    add_editors(byline, closing)
    byline.credits += closing
    for number, paragraph in enumerate(kept):
        if len(paragraph) <= 60 and (number < 8 or number >= len(kept) - 2) and _BYLINE_LINE.match(paragraph):
            add_roles(byline, _LINE_MARK.sub("作者", paragraph))
        elif number < 3:
            _read_dateline(paragraph, byline)
    for paragraph in kept[:-3:-1]:
        if _read_signature(paragraph, byline):
            break
    if not byline.authors and not byline.correspondents:
        for paragraph in (*kept[:2], *kept[-2:]):
            for bracket in _IN_BRACKETS.finditer(paragraph):
                add_roles(byline, bracket["text"])
    return kept


def _read_dateline(paragraph: str, byline: Byline) -> None:
    """Read `本报北京5月24日电（记者 甲 乙 丙）` at the head of a paragraph."""
    head = paragraph[:140]
    if placed := _PLACED.match(head):
        byline.dateline = byline.dateline or placed["line"]
        byline.add("author", _placed_names(placed["names"], placed["place"] is not None))
        return
    match = _DATELINE.match(head) or _ENGLISH_DATELINE.match(head)
    if match is None:
        if bracket := _IN_BRACKETS.match(head):
            add_roles(byline, bracket["text"])
        return
    if len(paragraph) - match.end() < 4 or paragraph[match.end("line") : match.end("line") + 1] in "题稿":
        return
    byline.dateline = byline.dateline or " ".join(match["line"].split())
    after = match["after"] or ""
    if ROLE.search(after):
        add_roles(byline, after.strip("（）()"))
        return
    words = [word for word in re.split(r"[\s、，,]+", after.strip("（）() ")) if word]
    if words and all(is_likely_name(word) for word in words):
        byline.add("author", words)


def _placed_names(text: str, apart: bool) -> list[str]:
    """Return the names of `甲、乙台北`; the place that is glued to the last one is left out unless it stands apart."""
    *names, last = text.split("、")
    if not apart:
        lengths = (n for n in (3, 2, 4) if 2 <= len(last) - n <= 5 and is_likely_name(last[:n]))
        last = last[: next(lengths, 0)]
    return [name for name in (*names, last) if is_name(name)]


def _closing(paragraph: str) -> tuple[str, list[Credit]]:
    """Take `（责任编辑：甲）` off the end of the last paragraph; return the rest, and who it names."""
    start = max(0, len(paragraph) - 100)
    tail = paragraph[start:]
    if not (names_editor(tail) or names_reviewer(tail) or "ditor in charge" in tail):
        return paragraph, []
    match = _CLOSING.search(paragraph, start)
    if match is None or (
        match["open"] is None and match.start() > 0 and paragraph[match.start() - 1] not in "。！？”…)） \n\t"
    ):
        return paragraph, []
    labels = read_labels([match["text"]])
    people = [
        (label.start, credit) for label in labels if label.kind in ("editor", "reviewer") for credit in labelled(label)
    ]
    people += unlabelled(match["text"])
    credits = [credit for _, credit in sorted(people, key=lambda each: each[0])]
    if not any(is_editing(credit.role) for credit in credits) and all(label.kind == "reviewer" for label in labels):
        # Words of the text may look so (复审：现场进行), where neither a bracket nor a family name tells.
        names = [name for credit in credits for name in credit.names]
        if not names or not (match["open"] or all(is_likely_name(name) for name in names)):
            return paragraph, []
    return paragraph[: match.start()].rstrip(), credits


def _read_signature(paragraph: str, byline: Byline) -> bool:
    """Read `（周小满）` at the end of a body when it names people; an office (某州总工会) is no author."""
    match = _SIGNATURE.search(paragraph)
    if match is None:
        return False
    words = [word for word in re.split(r"[、，\s]+", match["names"].strip()) if word]
    if len(words) == 2 and all(len(word) == 1 for word in words):
        words = ["".join(words)]
    if not words or not all(is_name(word) and (match["role"] or is_likely_name(word)) for word in words):
        return False
    byline.add("correspondent" if match["role"] and "通讯员" in match["role"] else "author", words)
    return True
