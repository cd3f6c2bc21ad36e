"""What a site changed in an article: two revisions compared, field by field, to the word or the Chinese character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from archive.article import COMPARED
from archive.web.body import paragraphs

#: Comparing costs the product of two lengths. What is left of this many steps decides how finely it is done.
STEPS = 2_000_000

SAME, GONE, NEW = "same", "gone", "new"
_TOKEN = re.compile(r"[^\W\d_\u2e80-\U0003ffff]+|\d+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed (`same`), went (`gone`) or came (`new`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose value changed: its lines, each in pieces. A None stands for lines that stayed as they were."""

    field: str
    lines: list[list[Piece] | None]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what differs of the fields that a revision compares; values as they are read from the database."""
    left = STEPS
    found = []
    for field in COMPARED:
        before, after = _lines(old.get(field)), _lines(new.get(field))
        if before != after:
            lines, left = _compared(before, after, left)
            found.append(Change(field, lines))
    return found


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return paragraphs(value)
    return [f"{item.get('name', '')} {item['url']}".strip() if isinstance(item, dict) else str(item) for item in value]


def _compared(before: list[str], after: list[str], left: int) -> tuple[list[list[Piece] | None], int]:
    """Compare lines, and the words of lines that changed, as long as steps are left; return those that still are."""
    cost = len(before) * len(after)
    if cost > left:
        return [*([Piece(GONE, line)] for line in before), *([Piece(NEW, line)] for line in after)], left
    left -= cost
    lines: list[list[Piece] | None] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            lines.append(None)
            continue
        for one, other in zip_longest(before[i:j], after[k:m]):
            if one is None or other is None:
                lines.append([Piece(GONE, one) if other is None else Piece(NEW, other)])
                continue
            a, b = _TOKEN.findall(one), _TOKEN.findall(other)
            fine = len(a) * len(b) <= left
            left -= len(a) * len(b) if fine else 0
            lines.append(list(_pieces(a, b)) if fine else [Piece(GONE, one), Piece(NEW, other)])
    return lines, left


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.3:  # another sentence: marking the few characters that they share would be noise
        yield Piece(GONE, "".join(before))
        yield Piece(NEW, "".join(after))
        return
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield Piece(SAME, "".join(before[i:j]))
            continue
        if i < j:
            yield Piece(GONE, "".join(before[i:j]))
        if k < m:
            yield Piece(NEW, "".join(after[k:m]))
