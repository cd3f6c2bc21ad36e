"""What is read of one attachment, how much of it, and the form that its text is kept in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

#: Pages of a PDF or slides that are read.
MAX_PAGES = 500
#: Characters that are kept of one file.
MAX_CHARACTERS = 2_000_000
#: Characters that are kept of all the files of an article: readers of the database take values of 16 MB.
MAX_OF_ARTICLE = 2_000_000
#: Seconds after which no further page is begun; what was read by then is kept. The process has 30.
PATIENCE = 20.0

#: Of files that are kept as they are.
UNREAD = "kept; its text is not read"

# What shows nothing, turns the reading direction or cannot be stored; U+FFFE is PDFium's hyphen at the end of a line.
_HYPHEN = re.compile("[\x02\ufffe\u00ad]\n?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_GOES_ON = re.compile(f"[{_CJK}，、；：“（《]$")
_BEGINS = re.compile(f"[{_CJK}，。、；：！？”）》]")
#: Share of the longest line of a page from which a line has filled its row.
_FULL = 0.75


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """What was read of a file.

    `kind`: `pdf`, `docx`, `xls`, … as its bytes say; `pages`: its pages, slides or sheets, None where it has none or
    they are not known; `error`: one line on what was not read, None where all was. A part may have been read all the
    same, so `text` and `error` can stand together. `size`: bytes of the file, 0 where they are not known.
    """

    kind: str
    pages: int | None = None
    text: str = ""
    error: str | None = None
    size: int = 0


class Unreadable(Exception):
    """A file cannot be read; the message is the `error` of its AttachmentText."""


class Clock:
    """Says when it is time to stop. The time is never written down."""

    def __init__(self, seconds: float = PATIENCE) -> None:
        self._end = time.monotonic() + seconds

    @property
    def is_late(self) -> bool:
        """Whether no further page is to be begun."""
        return time.monotonic() > self._end


def tidy(text: str) -> tuple[str, bool]:
    """Return a text as it is kept, and whether it was cut at MAX_CHARACTERS."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", _HYPHEN.sub("", text).replace("\x0b", "\n").replace("\x0c", "\n"))
    text = re.sub(r"[ \t\u00a0\u3000]+\n", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text[:MAX_CHARACTERS], len(text) > MAX_CHARACTERS


def unwrapped(page: str) -> str:
    """Return the text of a page with its lines joined where one goes on in the next.

    A Chinese line breaks in the middle of a word: 疗休养工 / 作 would not be found as 工作. Only lines that fill their
    row go on; headings and cells of tables are shorter.
    """
    lines = page.replace("\r\n", "\n").split("\n")
    longest = max(map(len, lines), default=0)
    joined: list[str] = []
    before = ""
    for line in lines:
        stripped = line.strip()
        goes_on = len(before) >= _FULL * longest and _GOES_ON.search(before) and _BEGINS.match(stripped)
        if joined and goes_on:
            joined[-1] += stripped
        else:
            joined.append(line.rstrip())
        before = line.strip()
    return "\n".join(joined)


def sentences(parts: Iterable[str | None]) -> str | None:
    """Return what was not read as one line; None where there is nothing to say."""
    return "; ".join(part for part in parts if part) or None
