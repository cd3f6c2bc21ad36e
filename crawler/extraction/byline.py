"""Byline: source, authors, correspondents, editors and dateline, from labels, datelines and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crawler.extraction.labels import Label, read_labels
from crawler.extraction.names import is_likely_name, is_name, split_names
from crawler.extraction.outline import SEAM

_DATE = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}[-月]\d{1,2}[\s日]|\d{1,2}:\d\d")
_TOOLS = re.compile(
    r"[【\[(（<>]|\s(?:分享|打印|字体|字号|浏览|点击|评论|手机|扫一扫|我要|参与|关注|收藏|投稿|订阅|发表|发布|更新|微信|微博|T\s?T|A\s?A)"
    r"|分享到|点击查看|\s[|｜]|\s\d+\s*(?:次|人|条)|^\d+$|(?<=[\u4e00-\u9fff])(?:分享：|分享:)",
    re.I,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_PLACE = r"[\u4e00-\u9fff·]{0,12}?"
_WHEN = r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?"
_DATELINE = re.compile(
    r"^[\s【\[]*(?P<line>(?:据)?[A-Za-z\u4e00-\u9fff《》“”]{0,14}?"
    r"(?:报|報|社|网|網|站|台|臺|客户端|在线|通讯社|新闻|频道|工会|刊)》?(?:[-—－·/\s][\u4e00-\u9fff]{2,10}?(?:报|网|社|客户端))?"
    rf"\s*{_PLACE}\s*{_WHEN}\s*(?<![通资简快喜短音])(?:专?电|電|讯|訊))"
    r"[\s】\]]*(?P<after>[（(][^（）()]{0,80}[）)]|(?=[\s:：　—，,\d“]|[\u4e00-\u9fff]))[\s:：　]*"
)
_ENGLISH_DATELINE = re.compile(
    r"^(?P<line>(?:[A-Z][\w'.-]+(?:\s[A-Z][\w'.-]+){0,3}),\s*"
    r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}(?:,\s*\d{4})?)"
    r"\s*(?P<after>\((?:[^()]{0,40}?Reporters?|By|Correspondents?|Xinhua)[^()]{0,80}\))?\s*(?:--|—|–|-)?\s*"
)
_IN_BRACKETS = re.compile(
    r"[（(【\u3014](?P<text>[^（）()【】\u3014\u3015]{0,40}?(?:记者|記者|通讯员|通訊員|Reporters?|撰稿)"
    r"[^（）()【】\u3014\u3015]{1,80})[）)】\u3015]"
)
_ROLE = re.compile(
    r"(记者|記者|通讯员|通訊員|实习生|评论员|撰稿人?|撰文|作者|摄影报道|Reporters?|Correspondents?)",
    re.I,
)
_EDITOR = "(?:责任编辑|責任編輯|责编|編輯|编辑)"
_CREDITS = re.compile(
    rf"{_EDITOR}\s+(?P<names>[\u4e00-\u9fff]{{2,4}}(?:[\s、]+(?![校审终监责编摄制值])[\u4e00-\u9fff]{{2,4}}){{0,4}})"
)
_CLOSING = re.compile(
    rf"(?P<open>[（(\[【\u3014])?\s*(?P<text>[\u4e00-\u9fff]{{0,8}}?(?:{_EDITOR}|[Ee]ditor in charge)\s*[:：|丨/\s]"
    r"\s*[^（）()。，]{1,60}?)\s*[)）\]】\u3015]?\s*\d{0,8}\s*$"
)
_SLASHED = re.compile(r"^\s*(?P<one>[\u4e00-\u9fff]{2,8})\s*[/／]\s*(?P<other>[\u4e00-\u9fff]{2,8})")
_OFFICE = re.compile(r"[报報社网網台臺]$|[快即]?[时時快]?[讯訊]$|新闻$|新聞$|记者$")
_BYLINE_LINE = re.compile(
    r"^[\s■□●○◎▲△◆◇★☆\-—]*(?:[\u4e00-\u9fffA-Za-z·《》-]{0,14}?(?:记者|記者|通讯员|通訊員|作者|评论员)"
    r"|文/图|图/文|文/|文图/|撰文)[\s:：/　]*[\u4e00-\u9fffA-Za-z·\s、，,/]{2,60}?"
    r"(?:文/图|图/文|摄影报道|报道|文并图|摄)?\s*$"
)
_SIGNATURE = re.compile(
    r"[（(]\s*(?P<role>(?:本报|本网|特约|特邀)?(?:记者|作者|文|供稿|通讯员|评论员|撰稿))?[\s:：/|]*"
    r"(?P<names>[\u4e00-\u9fff·、\s　，]{2,30})[）)]\s*$"
)


@dataclass(slots=True)
class Byline:
    """Who wrote a page and where it is from, as printed."""

    source: str | None = None
    authors: list[str] = field(default_factory=list)
    correspondents: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    dateline: str | None = None

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Add names to authors, correspondents or editors, once each."""
        held = {"author": self.authors, "correspondent": self.correspondents, "editor": self.editors}[kind]
        held += [name for name in dict.fromkeys(names) if name not in held]


def read_byline(lines: Sequence[str]) -> tuple[Byline, list[Label]]:
    """Return what the labels of the small print say, and the labels themselves."""
    byline = Byline()
    labels = read_labels(lines)
    for label in labels:
        if label.kind == "source" and byline.source is None:
            byline.source = source_value(label.value)
        elif label.kind in ("author", "correspondent", "editor"):
            value = _name_value(label.value)
            if label.kind == "author":
                _add_roles(byline, f"作者 {value}")
            else:
                byline.add(label.kind, split_names(value))
    for number, line in enumerate(lines):
        if len(line) < 80 and not any(label.line == number and label.kind in ("author", "editor") for label in labels):
            _read_unlabelled(line, byline)
    return byline, labels


def _read_unlabelled(line: str, byline: Byline) -> None:
    """Read small print without colons: `澎湃新闻记者 甲`, `甲/中国青年报`, `编辑 甲 校对 乙`."""
    if _ROLE.search(line) and not re.search(r"[，。！？]", line):
        _add_roles(byline, line)
    elif match := _SLASHED.match(line):
        one, other = match["one"], match["other"]
        if _OFFICE.search(other) and is_likely_name(one):
            byline.add("author", [one])
        elif _OFFICE.search(one) and is_likely_name(other):
            byline.add("author", [other])
    for match in _CREDITS.finditer(line.replace(SEAM, " ")):
        byline.add("editor", split_names(match["names"]))


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
    """Add names to the role word they follow: `记者 甲 乙 通讯员 丙`."""
    parts = _ROLE.split(text)
    for word, names in zip(parts[1::2], parts[2::2], strict=False):
        kind = "correspondent" if word.lower().startswith(("通讯", "通訊", "correspondent")) else "author"
        byline.add(kind, split_names(names))


def read_paragraphs(paragraphs: list[str], byline: Byline) -> list[str]:
    """Read datelines, bylines and a closing signature in a body's paragraphs into `byline`.

    They are words of the article and stay in its text, where revisions are compared and searches look. Returned are
    the paragraphs without labelled credits: `（责任编辑：甲）` at the end of the last one is small print.
    """
    kept = list(paragraphs)
    for _ in range(2):
        if kept and not (rest := _closing(kept[-1], byline)):
            kept.pop()
        elif kept:
            kept[-1] = rest
    for number, paragraph in enumerate(kept):
        if len(paragraph) <= 60 and (number < 8 or number >= len(kept) - 2) and _BYLINE_LINE.match(paragraph):
            _add_roles(byline, re.sub(r"文/图|图/文|文图/|文/|撰文", "作者", paragraph))
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


def _closing(paragraph: str, byline: Byline) -> str:
    """Take `（责任编辑：甲）` off the end of the last paragraph."""
    start = max(0, len(paragraph) - 100)
    match = _CLOSING.search(paragraph, start)
    if match is None or (
        match["open"] is None and match.start() > 0 and paragraph[match.start() - 1] not in "。！？”…)） \n\t"
    ):
        return paragraph
    before = len(byline.editors)
    labels = read_labels([match["text"]])
    byline.add(
        "editor", [name for label in labels if label.kind == "editor" for name in split_names(_name_value(label.value))]
    )
    for credits in _CREDITS.finditer(match["text"]):
        byline.add("editor", split_names(credits["names"]))
    return paragraph[: match.start()].rstrip() if len(byline.editors) > before or labels else paragraph


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
