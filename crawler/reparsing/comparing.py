"""What today's code reads of an article's revisions, beside what the archive says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive import media
from archive.amending import PAGE_COLUMNS, article_row
from archive.plain import plain
from crawler.reparsing.sources import Derived

#: Columns that stay whatever is read: where the article was found.
_STAY = ("site", "section")
#: Characters of a difference that a sample shows, and of what stands before and after it.
_SHOWN, _BESIDE = 60, 12


@dataclass(frozen=True, slots=True)
class Reread:
    """A revision as it is stored and as today's code reads it, both by column of `articles`."""

    revision: int
    before: Mapping[str, Any]
    after: dict[str, Any]
    sha256: str

    @property
    def fields(self) -> list[str]:
        """The columns that differ. One that an older archive did not keep is none."""
        return [name for name in PAGE_COLUMNS if name in self.before and self.before[name] != self.after[name]]


def reread(derived: Derived) -> tuple[list[Reread], dict[int, str]]:
    """Return what was read of an article's revisions, and by number why others were not.

    Where the present one cannot be read, the article is left as it is: none is returned.
    """
    found, errors = [], {}
    for row in derived.revisions:
        number, done = row["revision"], derived.done.get(row["revision"])
        article = done.reading.article if done is not None else None
        if article is None:
            said = done.reading.error if done is not None else derived.unread.get(number)
            errors[number] = said or f"{derived.held['url']}: no article"
            continue
        before = _before(derived, number, row["content"])
        after = media.carry(article_row(article), before) | {name: before[name] for name in _STAY}
        found.append(Reread(number, before, after, article.sha256))
    return ([] if derived.held["revision"] in errors else found), errors


def _before(derived: Derived, number: int, content: str | None) -> dict[str, Any]:
    """Return what the archive says of a revision."""
    if number == derived.held["revision"]:
        return {name: derived.held[name] for name in PAGE_COLUMNS}
    said: dict[str, Any]
    try:
        said = json.loads(content or "")
        media.named(said)
    except (ValueError, KeyError, TypeError):
        # What it said is lost or damaged: it is read from its captures again.
        said = {"images": "[]", "attachments": "[]"}
    stay: dict[str, Any] = {name: derived.held[name] for name in _STAY}
    return stay | said


def shortened(before: Any, after: Any) -> tuple[str, str]:
    """Return two values around where they begin and end to differ, each in one short line."""
    one, other = (plain("" if value is None else str(value)) for value in (before, after))
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    end = next((at for at in range(most - start) if one[-1 - at] != other[-1 - at]), most - start)
    return _part(one, start, len(one) - end), _part(other, start, len(other) - end)


def _part(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _BESIDE), min(len(text), end + _BESIDE)
    shown = text[first:last]
    if len(shown) > _SHOWN + 2 * _BESIDE:
        shown, last = shown[: _SHOWN + 2 * _BESIDE], first + _SHOWN + 2 * _BESIDE
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"
