"""Byline: source, authors, correspondents, editors, reviewers and dateline, from labels, datelines and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archive.article import Credit
from crawler.extraction.labels import Label, read_labels
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.names import is_likely_name, is_name, split_names
from crawler.extraction.outline import SEAM

_DATE = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}[-月]\d{1,2}[\s日]|\d{1,2}:\d\d")
_TOOLS = compiled(
    rf"[【\[(（<>]|\s{any_of('bylines.tool')}"
    r"|分享到|点击查看|\s[|｜]|\s\d+\s*(?:次|人|条)|^\d+$|(?<=[\u4e00-\u9fff])(?:分享：|分享:)",
    re.I,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
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
_ROLE = compiled(f"({any_of('bylines.role')})", re.I)
_MEDIUM = compiled(rf"[《\u4e00-\u9fff\u3400-\u4dbf·]{{1,14}}{any_of('bylines.medium')}》?")
_GLUED = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]+$")
# （中央社記者甲台北21日電）, （記者甲／台北報導）: name and place without anything between them, or with a slash.
_PLACED = re.compile(
    r"^[\s（(【\[\u3014\u3010]*(?P<line>[\u4e00-\u9fff]{0,8}?[记記]者\s?(?P<names>[\u4e00-\u9fff、·]{2,20}?)"
    r"(?:[／/](?P<place>[\u4e00-\u9fff]{2,8}?))?(?:\d{1,2}日)?(?:[專专]?[電电]|(?:[綜综]合|[連连][線线])?[報报][導导道]))"
    r"[）)】\]\u3015\u3011]"
)
_EDITOR = any_of("bylines.editor")
_REVIEWER = any_of("labels.reviewer")
_EDITS = compiled(f"(?:{any_of('labels.editor')}|{_EDITOR})", re.I)
# A role in the place of a name: 编辑 甲 本期校对 乙.
_NEXT = rf"[\u4e00-\u9fff]{{0,2}}(?:{_EDITOR}|{_REVIEWER})"
_CREDITS = compiled(
    rf"(?P<role>{_EDITOR}|{_REVIEWER}(?!\s+{_NEXT}))\s+"
    rf"(?P<names>[\u4e00-\u9fff]{{2,4}}(?:[\s、]+(?![校审终监责编摄制值]|{_NEXT})[\u4e00-\u9fff]{{2,4}}){{0,4}})"
)
# （甲 编辑）
_REVERSED = compiled(
    rf"[（(]\s*(?P<names>[\u4e00-\u9fff]{{2,4}}(?:[\s、][\u4e00-\u9fff]{{2,4}})?)[\s/]+(?P<role>{_EDITOR})\s*[)）]\s*$"
)
# A role without a colon in the value of a label: 责任编辑：甲 校对 乙.
_INNER = compiled(rf"[ \t\xa0\u3000]({_EDITOR}|{_REVIEWER})[ \t\xa0\u3000]+(?=[\u4e00-\u9fff])")
_CLOSING = compiled(
    r"(?P<open>[（(\[【\u3014])?\s*(?P<text>[\u4e00-\u9fff]{0,8}?"
    rf"(?:(?:{_EDITOR}|[Ee]ditor in charge)\s*[:：|丨/\s]|{_REVIEWER}\s*[:：|丨])"
    r"\s*[^（）()。，]{1,60}?)\s*[)）\]】\u3015]?\s*\d{0,8}\s*$"
)
_SLASHED = re.compile(r"^\s*(?P<one>[\u4e00-\u9fff]{2,8})\s*[/／]\s*(?P<other>[\u4e00-\u9fff]{2,8})")
_OFFICE = compiled(any_of("bylines.office") + "$")
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


@dataclass(slots=True)
class Byline:
    """Who wrote a page and where it is from, as printed."""

    source: str | None = None
    authors: list[str] = field(default_factory=list)
    correspondents: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    later: list[Credit] = field(default_factory=list)
    """Credits that are printed below the text, and so after those at its end."""
    dateline: str | None = None

    @property
    def all_credits(self) -> tuple[Credit, ...]:
        """Editors and reviewers by role, in the order printed, once each."""
        return tuple(dict.fromkeys((*self.credits, *self.later)))

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Add names to authors, correspondents or editors, once each."""
        held = {"author": self.authors, "correspondent": self.correspondents, "editor": self.editors}[kind]
        held += [name for name in dict.fromkeys(names) if name not in held]


def read_byline(lines: Sequence[str]) -> tuple[Byline, list[Label]]:
    """Return what the labels of the small print say, and the labels themselves."""
    byline = Byline()
    labels = read_labels(lines)
    found: list[tuple[int, int, Credit]] = []
    for label in labels:
        if label.kind == "source" and byline.source is None:
            byline.source = source_value(label.value)
        elif label.kind == "author":
            _add_roles(byline, f"作者 {_name_value(label.value)}")
        elif label.kind == "correspondent":
            byline.add("correspondent", split_names(_name_value(label.value)))
        elif label.kind in ("editor", "reviewer"):
            found += [(label.line, label.start, credit) for credit in _labelled(label)]
    _add_editors(byline, [credit for *_, credit in found])
    for number, line in enumerate(lines):
        if len(line) < 80 and not any(label.line == number and label.kind in ("author", "editor") for label in labels):
            credits = _read_unlabelled(line, byline)
            found += [(number, start, credit) for start, credit in credits]
    byline.credits = [credit for *_, credit in sorted(found, key=lambda each: each[:2])]
    byline.source = byline.source or next((medium for line in lines if (medium := _medium(line))), None)
    return byline, labels


def _medium(line: str) -> str | None:
    """Return the paper or office that stands beside a date without a label: `2024-05-25 07:05 青禾日报`."""
    if len(line) > 90 or not _DATE.search(line):
        return None
    pieces = re.split(rf"[{SEAM}\s|｜丨/]+", line)
    return next((piece for piece in pieces if 2 < len(piece) <= 16 and _MEDIUM.fullmatch(piece)), None)


def is_editing(role: str) -> bool:
    """Tell whether a role is an editor's; reviewers and proofreaders are none."""
    return _EDITS.fullmatch(role) is not None


def _add_editors(byline: Byline, credits: Iterable[Credit]) -> None:
    byline.add("editor", [name for credit in credits if is_editing(credit.role) for name in credit.names])


def _labelled(label: Label) -> list[Credit]:
    """Return the people of a label of editors or reviewers, each under the role before them."""
    value, *rest = _INNER.split(label.value)
    pairs = [(label.word, value), *zip(rest[::2], rest[1::2], strict=True)]
    people = [Credit(role, split_names(_name_value(value))) for role, value in pairs]
    return [credit for credit in people if credit.names]


def _unlabelled(line: str) -> list[tuple[int, Credit]]:
    """Return the people of `编辑 甲 校对 乙` and where they stand; none without an editor, 审核 may be anything."""
    matches = list(_CREDITS.finditer(line.replace(SEAM, " ")))
    if not any(is_editing(match["role"]) for match in matches):
        return []
    people = [(match.start(), Credit(match["role"], split_names(match["names"]))) for match in matches]
    return [(start, credit) for start, credit in people if credit.names]


def _read_unlabelled(line: str, byline: Byline) -> list[tuple[int, Credit]]:
    """Read small print without colons: `澎湃新闻记者 甲`, `甲/中国青年报`, `编辑 甲 校对 乙`."""
    if _ROLE.search(line) and not re.search(r"[，。！？]", line):
        _add_roles(byline, line)
    elif match := _SLASHED.match(line):
        one, other = match["one"], match["other"]
        if _OFFICE.search(other) and is_likely_name(one):
            byline.add("author", [one])
        elif _OFFICE.search(one) and is_likely_name(other):
            byline.add("author", [other])
    credits = _unlabelled(line)
    _add_editors(byline, [credit for _, credit in credits])
    return credits


def source_value(value: str) -> str | None:
    """Return a source as printed, cut where dates, tools or another element begin; None when nothing is printed."""
    value = value.strip(" \u3000|丨:：" + SEAM)
    pieces = value.split(SEAM)
    kept = pieces[0]
    for piece in pieces[1:]:
        if kept.rstrip().endswith(("-", "—", "－", "《", "·")) or piece.lstrip().startswith(
            ("-", "—", "－", "》", "·")
        ):
            kept += piece
        else:
            break
    for pattern in (_DATE, _TOOLS):
        if cut := pattern.search(kept):
            kept = kept[: cut.start()]
    kept = kept.strip(" \u3000|丨,，;；、:：)）]】" + SEAM)
    return kept if 1 < len(kept) <= (40 if _HAN.search(kept) else 80) and re.search(r"[^\W\d_]", kept) else None


def _name_value(value: str) -> str:
    """Return the part of a label's value that holds names: to its bracket, or to another element after a name."""
    value = re.split(r"[)）\]】]", value.strip(" \u3000|丨" + SEAM), maxsplit=1)[0]
    pieces = value.split(SEAM)
    kept = pieces[:1]
    for piece in pieces[1:]:
        if len(piece.strip(" 、，,/")) > 12 or (split_names(" ".join(kept)) and not _continues(kept[-1], piece)):
            break
        kept.append(piece)
    return " ".join(kept)


def _continues(before: str, piece: str) -> bool:
    return (
        before.rstrip().endswith(("、", "，", ",", "/"))
        or piece.lstrip().startswith(("、", "，", ",", "/"))
        or not piece.strip(" 、，,/")
    )


def _add_roles(byline: Byline, text: str) -> None:
    """Add names to the role word they follow: `记者 甲 乙 通讯员 丙`; what is glued to the next one is an agency's."""
    parts = _ROLE.split(text)
    last = len(parts) - 1
    for number in range(1, last, 2):
        word, names = parts[number], parts[number + 1]
        if number + 1 < last:
            names = _GLUED.sub("", names)
        kind = "correspondent" if word.lower().startswith(("通讯", "通訊", "correspondent")) else "author"
        byline.add(kind, split_names(names))


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
    _add_editors(byline, closing)
    byline.credits += closing
    for number, paragraph in enumerate(kept):
        if len(paragraph) <= 60 and (number < 8 or number >= len(kept) - 2) and _BYLINE_LINE.match(paragraph):
            _add_roles(byline, _LINE_MARK.sub("作者", paragraph))
        elif number < 3:
            _read_dateline(paragraph, byline)
    for paragraph in kept[:-3:-1]:
        if _read_signature(paragraph, byline):
            break
    if not byline.authors and not byline.correspondents:
        for paragraph in (*kept[:2], *kept[-2:]):
            for bracket in _IN_BRACKETS.finditer(paragraph):
                _add_roles(byline, bracket["text"])
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
            _add_roles(byline, bracket["text"])
        return
    if len(paragraph) - match.end() < 4 or paragraph[match.end("line") : match.end("line") + 1] in "题稿":
        return
    byline.dateline = byline.dateline or " ".join(match["line"].split())
    after = match["after"] or ""
    if _ROLE.search(after):
        _add_roles(byline, after.strip("（）()"))
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
    match = _CLOSING.search(paragraph, start)
    if match is None or (
        match["open"] is None and match.start() > 0 and paragraph[match.start() - 1] not in "。！？”…)） \n\t"
    ):
        return paragraph, []
    labels = read_labels([match["text"]])
    people = [
        (label.start, credit) for label in labels if label.kind in ("editor", "reviewer") for credit in _labelled(label)
    ]
    people += _unlabelled(match["text"])
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
