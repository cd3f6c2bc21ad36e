"""Byline: source, authors, correspondents, editors and reviewers, as the lines of small print tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from archive.article import Credit
from crawler.extraction.labels import Label, read_labels
from crawler.extraction.lexicon import any_of, compiled, finder
from crawler.extraction.names import is_likely_name, split_names
from crawler.extraction.outline import SEAM

_DATE = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}[-月]\d{1,2}[\s日]|\d{1,2}:\d\d")
_TOOLS = compiled(
    rf"[【\[(（<>]|\s{any_of('bylines.tool')}"
    r"|分享到|点击查看|\s[|｜]|\s\d+\s*(?:次|人|条)|^\d+$|(?<=[\u4e00-\u9fff])(?:分享：|分享:)",
    re.I,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
ROLE = compiled(f"({any_of('bylines.role')})", re.I)
_MEDIUM = compiled(rf"[《\u4e00-\u9fff\u3400-\u4dbf·]{{1,14}}{any_of('bylines.medium')}》?")
_GLUED = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]+$")
EDITOR = any_of("bylines.editor")
REVIEWER = any_of("labels.reviewer")
_EDITS = compiled(f"(?:{any_of('labels.editor')}|{EDITOR})", re.I)
# A role in the place of a name: 编辑 甲 本期校对 乙.
_NEXT = rf"[\u4e00-\u9fff]{{0,2}}(?:{EDITOR}|{REVIEWER})"
#: Whether a text holds such a word: few do, and that is told at once.
names_editor, names_reviewer = finder("bylines.editor"), finder("labels.reviewer")
_CREDITS = compiled(
    rf"(?P<role>{EDITOR}|{REVIEWER}(?!\s+{_NEXT}))\s+"
    rf"(?P<names>[\u4e00-\u9fff]{{2,4}}(?:[\s、]+(?![校审终监责编摄制值]|{_NEXT})[\u4e00-\u9fff]{{2,4}}){{0,4}})"
)
# A role without a colon in the value of a label: 责任编辑：甲 校对 乙.
_INNER = compiled(rf"[ \t\xa0\u3000]({EDITOR}|{REVIEWER})[ \t\xa0\u3000]+(?=[\u4e00-\u9fff])")
_SLASHED = re.compile(r"^\s*(?P<one>[\u4e00-\u9fff]{2,8})\s*[/／]\s*(?P<other>[\u4e00-\u9fff]{2,8})")
_OFFICE = compiled(any_of("bylines.office") + "$")


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
            add_roles(byline, f"作者 {_name_value(label.value)}")
        elif label.kind == "correspondent":
            byline.add("correspondent", split_names(_name_value(label.value)))
        elif label.kind in ("editor", "reviewer"):
            found += [(label.line, label.start, credit) for credit in labelled(label)]
    add_editors(byline, [credit for *_, credit in found])
    for number, line in enumerate(lines):
        if len(line) < 80 and not any(label.line == number and label.kind in ("author", "editor") for label in labels):
            credits = _read_unlabelled(line, byline)
            found += [(number, start, credit) for start, credit in credits]
    byline.credits = [credit for *_, credit in sorted(found, key=lambda each: each[:2])]
    byline.source = byline.source or next((medium for line in lines if (medium := _medium(line))), None)
    return byline, labels


@lru_cache(maxsize=4096)
def _medium(line: str) -> str | None:
    """Return the paper or office that stands beside a date without a label: `2024-05-25 07:05 青禾日报`."""
    if len(line) > 90 or not _DATE.search(line):
        return None
    pieces = re.split(rf"[{SEAM}\s|｜丨/]+", line)
    return next((piece for piece in pieces if 2 < len(piece) <= 16 and _MEDIUM.fullmatch(piece)), None)


def is_editing(role: str) -> bool:
    """Tell whether a role is an editor's; reviewers and proofreaders are none."""
    return _EDITS.fullmatch(role) is not None


def add_editors(byline: Byline, credits: Iterable[Credit]) -> None:
    """Add those of `credits` who edited to the editors."""
    byline.add("editor", [name for credit in credits if is_editing(credit.role) for name in credit.names])


def labelled(label: Label) -> list[Credit]:
    """Return the people of a label of editors or reviewers, each under the role before them."""
    value, *rest = _INNER.split(label.value)
    pairs = [(label.word, value), *zip(rest[::2], rest[1::2], strict=True)]
    people = [Credit(role, split_names(_name_value(value))) for role, value in pairs]
    return [credit for credit in people if credit.names]


def unlabelled(line: str) -> list[tuple[int, Credit]]:
    """Return the people of `编辑 甲 校对 乙` and where they stand; none without an editor, 审核 may be anything."""
    if not names_editor(line):
        return []
    matches = list(_CREDITS.finditer(line.replace(SEAM, " ")))
    if not any(is_editing(match["role"]) for match in matches):
        return []
    people = [(match.start(), Credit(match["role"], split_names(match["names"]))) for match in matches]
    return [(start, credit) for start, credit in people if credit.names]


@lru_cache(maxsize=4096)  # the lines below a text come again on every page
def _names_role(line: str) -> bool:
    """Tell whether a line that is no sentence holds a role."""
    return ROLE.search(line) is not None and not re.search(r"[，。！？]", line)


def _read_unlabelled(line: str, byline: Byline) -> list[tuple[int, Credit]]:
    """Read small print without colons: `澎湃新闻记者 甲`, `甲/中国青年报`, `编辑 甲 校对 乙`."""
    if _names_role(line):
        add_roles(byline, line)
    elif match := _SLASHED.match(line):
        one, other = match["one"], match["other"]
        if _OFFICE.search(other) and is_likely_name(one):
            byline.add("author", [one])
        elif _OFFICE.search(one) and is_likely_name(other):
            byline.add("author", [other])
    credits = unlabelled(line)
    add_editors(byline, [credit for _, credit in credits])
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


def add_roles(byline: Byline, text: str) -> None:
    """Add names to the role word they follow: `记者 甲 乙 通讯员 丙`; what is glued to the next one is an agency's."""
    parts = ROLE.split(text)
    last = len(parts) - 1
    for number in range(1, last, 2):
        word, names = parts[number], parts[number + 1]
        if number + 1 < last:
            names = _GLUED.sub("", names)
        kind = "correspondent" if word.lower().startswith(("通讯", "通訊", "correspondent")) else "author"
        byline.add(kind, split_names(names))
