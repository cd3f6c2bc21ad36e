"""Labels: the small print about an article (来源, 发布时间, 作者, 责任编辑 …) and the values beside it.

Pages glue them (`来源:某区总工会发布时间:2025-09-09`) and space them out (`信 息 | 甲`), so a line is split at the
labels known here, not at blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawler.extraction.lexicon import words_of
from crawler.extraction.outline import SEAM

# "other" labels only end the value before them. What two kinds list is of the first one.
_KINDS = ("source", "date", "author", "correspondent", "editor", "reviewer", "original", "other")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
# Labels of Chinese characters are looked for backwards from their separator, all others by a regular expression.
_KIND_OF = {word: kind for kind in reversed(_KINDS) for word in words_of(f"labels.{kind}") if _HAN.fullmatch(word)}
_SPELT = {kind: "|".join(re.escape(w) for w in words_of(f"labels.{kind}") if not _HAN.fullmatch(w)) for kind in _KINDS}
_LONGEST = max(map(len, _KIND_OF))
_UNMARKED = "|".join(f"(?<={re.escape(word)}{SEAM})" for word in words_of("labels.unmarked"))
_SEPARATOR = re.compile(rf"[:：\ufe30丨︱|｜/／]|{SEAM}(?:{_UNMARKED})(?=[^\s:：|/丨])")
# Words that may stand before a slash: 文/图, 摄影/甲, 编辑/乙.
_SLASHED = frozenset(words_of("labels.slashed"))
_ENGLISH_LABEL = re.compile(
    r"(?:^|(?<=[\s\x1f(（|]))(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _SPELT.items() if words)
    + r")\s*[:：]",
    re.I,
)
_MUTE = frozenset(" \u3000\xa0" + SEAM)
_OPENERS = frozenset(SEAM + "|丨/　（([【;；,，。、>》 ")
#: Longer lines are prose, whatever they begin with.
_LONGEST_LINE = 600


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the raw value up to the next label; `line` numbers the line it stood on, `start` the character.

    `word` is as printed, without the blanks inside a Chinese one.
    """

    kind: str
    word: str
    value: str
    line: int
    start: int


def read_labels(lines: Iterable[str]) -> list[Label]:
    """Return the labels of lines, in order; values keep their seams."""
    found: list[Label] = []
    alone = ""
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            continue
        spots = _spots(line)
        if alone and not spots:
            # Cells of a table: a label in one, its value in the next.
            found.append(Label(_KIND_OF[alone], alone, line, number, 0))
        alone = word if len(word := _fold(line)) > 1 and word in _KIND_OF else ""
        for i, (start, end, kind, word) in enumerate(spots):
            stop = spots[i + 1][0] if i + 1 < len(spots) else len(line)
            found.append(Label(kind, word, line[end:stop], number, start))
    return found


def _fold(line: str) -> str:
    """Return a short line without what may stand around a label and in it."""
    return "".join(c for c in line if c not in _MUTE and c not in ":：") if len(line) < 16 else ""


def starts_with_label(line: str) -> bool:
    """Tell whether a line is small print: it begins with a label, past brackets and seams.

    What a court found is none, though it begins like a reviewer's: `二审：驳回上诉，维持原判。`
    """
    if len(line) > _LONGEST_LINE:
        return False
    lead = len(line) - len(line.lstrip(" （([【\u3000\xa0>·●■◎" + SEAM))
    said = any(mark in line for mark in "。！？")
    return any(start <= lead and not (said and kind == "reviewer") for start, _, kind, _ in _spots(line[:40]))


def role_values(line: str) -> list[tuple[str, str]]:
    """Return (kind, value) of the people that a line names from its beginning on; empty when it begins otherwise."""
    labels = [label for label in read_labels([line]) if label.kind in ("author", "correspondent", "editor")]
    return [(label.kind, label.value) for label in labels] if labels and labels[0].start <= 3 else []


@lru_cache(maxsize=4096)  # the lines around a body are asked for label after label, and come again on every page
def _spots(line: str) -> tuple[tuple[int, int, str, str], ...]:
    """Return (start of the label, start of its value, kind, word) of each label in a line, by their start."""
    return tuple(sorted(_read_spots(line)))


def _read_spots(line: str) -> Iterator[tuple[int, int, str, str]]:
    last = 0
    for separator in _SEPARATOR.finditer(line):
        if (spot := _before(line, separator.start(), last)) is None:
            continue
        start, word = spot
        if separator[0] in "/／" and (word not in _SLASHED or line[separator.end() : separator.end() + 1] in ("", "/")):
            continue
        last = separator.end()
        yield start, last, _KIND_OF[word], word
    if ":" in line or "：" in line:
        for match in _ENGLISH_LABEL.finditer(line):
            yield match.start(), match.end(), match.lastgroup or "other", match[0].rstrip(":： ")


def _before(line: str, stop: int, last: int) -> tuple[int, str] | None:
    """Return (start, word) of the longest known label that ends at `stop`, blanks inside it ignored."""
    word, best, position = "", None, stop
    while position > last and len(word) < _LONGEST:
        position -= 1
        character = line[position]
        if character in _MUTE:
            continue
        if not "\u4e00" <= character <= "\u9fff":
            break
        word = character + word
        if word in _KIND_OF and _begins(line, position, word):
            best = (position, word)
    return best


def _begins(line: str, position: int, word: str) -> bool:
    """Words of one character (文, 图) are labels only where a phrase begins; longer ones stand anywhere."""
    return len(word) > 1 or position == 0 or line[position - 1] in _OPENERS
