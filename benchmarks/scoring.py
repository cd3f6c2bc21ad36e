"""How right an extractor's reading of a page is, against what its corpus expects."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from extractors import Found

#: Characters of a shingle: two bodies agree in so far as they share them.
SHINGLE = 4
_DAY = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")
_BETWEEN_NAMES = re.compile(r"[\s,，、;；]+")


def folded(text: object) -> str:
    """Return the letters and digits of a text, NFKC and in lower case."""
    plain = unicodedata.normalize("NFKC", str(text or ""))
    return "".join(character for character in plain if unicodedata.category(character)[0] in "LN").lower()


def overlap(found: str | None, right: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a body's shingles, each counted as often as it stands there."""
    ours, theirs = _shingles(found), _shingles(right)
    shared = (ours & theirs).total()
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / ours.total(), shared / theirs.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shingles(text: str | None) -> Counter[str]:
    letters = folded(text)
    ends = range(SHINGLE, max(SHINGLE, len(letters)) + 1)
    return Counter(letters[end - SHINGLE : end] for end in ends) if letters else Counter()


def day(value: object) -> tuple[int, ...] | None:
    """Return year, month and day of a date, whatever it is written with; None where there is none."""
    match = _DAY.search(str(value or ""))
    return tuple(map(int, match.groups())) if match else None


def names(value: Iterable[str] | str | None) -> set[str]:
    """Return names as a set; a text holds them between blanks or commas."""
    each = _BETWEEN_NAMES.split(value) if isinstance(value, str) else value or ()
    return {folded(name) for name in each} - {""}


@dataclass(slots=True)
class Names:
    """Names of people, over all pages that have any."""

    pages: int = 0
    hits: int = 0
    given: int = 0
    right: int = 0

    def add(self, given: set[str], right: set[str]) -> None:
        """Count the names of one page."""
        self.pages += 1
        self.hits += len(given & right)
        self.given += len(given)
        self.right += len(right)

    @property
    def f1(self) -> float | None:
        """F1, all names pooled; None where no page has any."""
        return 2 * self.hits / (self.given + self.right) if self.pages else None


@dataclass(slots=True)
class Score:
    """What one extractor got right."""

    bodies: list[tuple[float, float, float]] = field(default_factory=list)
    """Precision, recall and F1 of each page with a known body."""
    titles: list[bool] = field(default_factory=list)
    days: list[bool] = field(default_factory=list)
    wrong_days: int = 0
    """Days that were given and are not the right one."""
    sources: list[bool] = field(default_factory=list)
    authors: Names = field(default_factory=Names)
    editors: Names = field(default_factory=Names)

    def add(self, found: Found, expected: dict[str, Any]) -> None:
        """Count what was read from one page, in the fields whose answer is known."""
        if body := expected.get("body"):
            self.bodies.append(overlap(found.text, body))
        if title := expected.get("title"):
            self.titles.append(folded(found.title) == folded(title))
        if source := expected.get("source"):
            self.sources.append(folded(found.source) == folded(source))
        if people := names(expected.get("author")):
            self.authors.add(names(found.authors), people)
        if people := names(expected.get("editor")):
            self.editors.add(names(found.editors), people)
        if "date" in expected:
            self._add_day(day(found.date), expected["date"])

    def _add_day(self, given: tuple[int, ...] | None, expected: str | None) -> None:
        right = day(expected)
        # A month alone is no day to compare; an answer of null means that the page tells none.
        if right or expected is None:
            self.days.append(given == right)
            self.wrong_days += given is not None and given != right

    def body(self) -> tuple[float | None, float | None, float | None]:
        """Return the means of precision, recall and F1 over the pages."""
        precision, recall, f1 = zip(*self.bodies, strict=True) if self.bodies else ((), (), ())
        return share(precision), share(recall), share(f1)


def share(values: Iterable[float]) -> float | None:
    """Return the mean of values; None where there are none."""
    each = list(values)
    return sum(each) / len(each) if each else None
