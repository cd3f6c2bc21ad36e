"""What the page of an article tells of its edits: how many, when the last was, and in short what it changed."""

from __future__ import annotations

from dataclasses import dataclass

from archive.differences import SAME, STEPS, Line, changes
from archive.history import Row
from archive.web.articles import Reading

#: Lines that are shown, characters of each of them beside a change, and of what went or came.
LINES, WIDTH, LONGEST = 3, 20, 80
#: Characters of a text whose last edit is shown: comparing longer ones would keep its readers waiting.
SHORT = 50_000


@dataclass(frozen=True, slots=True)
class Edit:
    """The last edit: the `row` of its revision, its first `lines` with their fields, and how many `more` there are."""

    row: Row
    lines: list[tuple[str, Line]]
    more: int


def newest(reading: Reading) -> Edit | None:
    """Return the last edit of the article that is read; None where it has none, or another revision is read."""
    if reading.is_earlier or reading.present == 1:
        return None
    row = next(one for one in reading.revisions if one["revision"] == reading.present)
    before, after = reading.before, reading.row
    if before is None or len(before.get("text") or "") + len(after["text"]) > SHORT:
        return Edit(row, [], 0)
    lines = [
        (change.field, line.shortened(WIDTH, LONGEST))
        for change in changes(before, after, STEPS // 5)
        for line in change.lines
        if line.kind != SAME
    ]
    return Edit(row, lines[:LINES], max(0, len(lines) - LINES))
