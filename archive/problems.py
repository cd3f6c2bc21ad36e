"""What `verify` finds: where something is wrong, what, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

#: What mends a problem. `by hand`: what its line says, and no command alone.
By = Literal["copy", "rebuild", "reparse", "reindex", "crawl", "by hand"]

COPY = "put the file back from a copy of the archive"
REBUILD = "put archive.db aside and make it again with `union-archive import --rebuild`"
REPARSE = "derive it again with `union-archive reparse`"
REINDEX = "make the index again with `union-archive reindex`"

#: By what words of a fix it is told what mends the problem; the first that is there counts.
_WORDS: Mapping[str, By] = {
    "from a copy": "copy",
    "import --rebuild": "rebuild",
    "union-archive reparse": "reparse",
    "union-archive reindex": "reindex",
    "next crawl": "crawl",
    "crawl its site": "crawl",
}
_SAID: Mapping[By, tuple[str, str]] = {
    "copy": ("needs a copy of a file", "need a copy of a file"),
    "rebuild": ("is mended by `union-archive import --rebuild`", "are mended by `union-archive import --rebuild`"),
    "reparse": ("is mended by `union-archive reparse`", "are mended by `union-archive reparse`"),
    "reindex": ("is mended by `union-archive reindex`", "are mended by `union-archive reindex`"),
    "crawl": ("is mended by a crawl", "are mended by a crawl"),
    "by hand": ("needs what its line says", "need what their lines say"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `where` (a file and offset, or a table and key), `what`, and the `fix`."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return " ".join(f"{self.where}: {self.what}; {self.fix}".split())

    @property
    def by(self) -> By:
        """What mends it, in a word: as its `fix` says."""
        return next((by for words, by in _WORDS.items() if words in self.fix), "by hand")


Report = Callable[[Problem], None]


def tally(counts: Mapping[By, int]) -> str:
    """Say how many problems there are and what mends them: `12 problems: 3 need a copy of a file, 9 are …`.

    `counts` are problems by what mends them; "" when there is none.
    """
    total = sum(counts.values())
    if not total:
        return ""
    parts = [f"{counts[by]:,} {words[counts[by] > 1]}" for by, words in _SAID.items() if counts.get(by)]
    said = f"{total:,} problem{'s' if total > 1 else ''}: {', '.join(parts)}"
    if counts.get("copy") and counts.get("rebuild"):
        said += "; put the copies back first, a rebuild leaves out what is damaged"
    return said
