"""A query for one Chinese character that stands nearly everywhere: 工, 的.

To the index one character is the beginning of every pair with it, and SQLite gathers all of these before it gives the
first hit: seconds, among a million articles. Where a character stands in many of the newest articles, going through
these is quicker; where it stands in few, the index is. Both find the same.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

from archive.search import tokens
from archive.search.fold import fold, simplified

#: Below so many articles the index answers at once.
MANY = 50_000
#: Newest articles that tell how common a character is.
SAMPLE = 200
#: Share of them that hold it: from the first on it is searched for in the articles, from the second on for facets too,
#: which need twenty thousand of them.
COMMON, EVERYWHERE = 0.05, 0.4
#: Pairs that a lower bound of the count is asked with.
PAIRS = 24
_COLUMNS = ("text", "title", "kicker", "subtitle")
#: Few articles have any: these are listed once, so that the others need not be read to their last column.
_ATTACHED = (
    "(t.id IN (SELECT id FROM articles WHERE attached != '[]') AND json_valid(t.attached)"
    " AND EXISTS (SELECT 1 FROM json_each(t.attached) AS j WHERE ({holds}) AND json_extract(j.value, '$.url') IN"
    " (SELECT json_extract(n.value, '$.url') FROM json_each(t.attachments) AS n)))"
)


@dataclass(frozen=True, slots=True)
class Character:
    """How common a character is: its `share` of the newest articles, and the words of the index it stands in most."""

    forms: tuple[str, ...]
    share: float
    words: tuple[str, ...]

    @property
    def condition(self) -> tuple[str, list[str]]:
        """SQL that says whether the article `t` holds it, in any of its forms, and its parameters."""
        parts = [f"instr(t.{column}, ?)" for column in _COLUMNS for _ in self.forms]
        attached = _ATTACHED.format(holds=" OR ".join(["instr(json_extract(j.value, '$.text'), ?)"] * len(self.forms)))
        return " OR ".join([*parts, attached]), [form for _ in (*_COLUMNS, "attached") for form in self.forms]


def look(connection: sqlite3.Connection, character: str) -> Character | None:
    """Return how common a (folded) character is; None in a small archive, and where it is rare."""
    total = connection.execute("SELECT sum(articles) FROM months").fetchone()[0]
    if (total or 0) < MANY:
        return None
    forms = _forms().get(character, (character,))
    pattern = re.compile(f"[{''.join(forms)}](?P<next>[{tokens.CJK}]?)")
    held, words = 0, Counter[str]()
    newest = connection.execute("SELECT text FROM articles ORDER BY id DESC LIMIT ?", [SAMPLE]).fetchall()
    for row in newest:
        found = {character + fold(match["next"]) for match in pattern.finditer(row[0])}
        held += bool(found)
        words.update(word for word in found if len(word) <= 2)
    share = held / max(len(newest), 1)
    if share < COMMON:
        return None
    return Character(forms, share, tuple(word for word, _ in words.most_common(PAIRS)))


@cache
def _forms() -> dict[str, tuple[str, ...]]:
    """Return every form that a character is folded from, itself first: 会 from 會, 工 from the radical ⼯."""
    forms: dict[str, list[str]] = {}
    signs = [
        chr(code) for first, end in ((0x2E80, 0x2FE0), (0x3200, 0x3400), (0xF900, 0xFB00)) for code in range(first, end)
    ]
    signs += [chr(code) for code in range(0x2F800, 0x2FA20)]
    for sign in [*map(chr, simplified()), *signs]:
        for character in unicodedata.normalize("NFKC", sign).translate(simplified()):
            if tokens.RUN.match(character) and character != sign:
                forms.setdefault(character, [character]).append(sign)
    return {character: tuple(dict.fromkeys(others)) for character, others in forms.items()}
