"""What is asked of a synthetic archive: words of its texts, in the forms that readers type."""

import random
import re
import sqlite3
from collections.abc import Sequence

from opencc import OpenCC

from archive.search.tokens import RUN

_COMMON = (
    *("工会", "职工", "劳动", "集体协商", "工资", "职工代表大会", "女职工", "农民工", "劳动争议", "安全生产"),
    *("工會", "勞動", "新就业形态", "户外劳动者"),
)
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


class Drawn:
    """Words drawn from the texts of an archive, by a seed."""

    def __init__(self, connection: sqlite3.Connection, seed: int) -> None:
        self._draw = random.Random(f"queries/{seed}")
        self._connection = connection
        self._ids = connection.execute("SELECT min(id), max(id) FROM articles").fetchone()
        self.sites = [row[0] for row in connection.execute("SELECT id FROM sites ORDER BY id")]

    def text(self, language: str = "zh") -> str:
        """Return the body of some article in a language; one that follows a random moment."""
        sql = "SELECT text FROM articles WHERE id >= ? AND language >= ? AND language < ? ORDER BY id LIMIT 1"
        while True:
            moment = self._draw.randint(*self._ids)
            row = self._connection.execute(sql, [moment, language, language + "~"]).fetchone()
            if row is not None:
                return str(row[0])

    def part(self, length: int, language: str = "zh") -> str:
        """Return `length` Chinese characters that stand together somewhere, often across two words."""
        while True:
            runs = [run for run in RUN.findall(self.text(language)) if len(run) >= length]
            if runs:
                run = self._draw.choice(runs)
                at = self._draw.randint(0, len(run) - length)
                return run[at : at + length]

    def english(self) -> str:
        """Return an English word of four letters or more."""
        return self._draw.choice(re.findall(r"[a-z]{4,}", self.text("en")))

    def mixed(self, count: int) -> list[list[tuple[str, str]]]:
        """Return searches (parameters of an address) for two characters or more, of all kinds in turn; no two alike."""
        found: dict[str, list[tuple[str, str]]] = {}
        while len(found) < count:
            search = self._search(len(found) % 12)
            found.setdefault(repr(search), search)
        return list(found.values())

    def _search(self, kind: int) -> list[tuple[str, str]]:
        common, other = self._draw.choice(_COMMON), self.part(2)
        site, year = self._draw.choice(self.sites), str(self._draw.randint(2016, 2025))
        more = self.part(self._draw.choice((3, 4, 5)))
        return (
            lambda: [("q", common), ("page", str(self._draw.randint(1, 40)))],
            lambda: [("q", other)],
            lambda: [("q", more)],
            lambda: [("q", f"{common} {other}")],
            lambda: [("q", f'"{more}" OR {common}')],
            lambda: [("q", f"{common} -{other}")],
            lambda: [("q", common), ("site", site)],
            lambda: [("q", common), ("year", year), ("language", self._draw.choice(("zh-Hans", "zh-Hant")))],
            lambda: [("q", f"{common} {other}"), ("sort", "relevance")],
            lambda: [("q", f"{self.english()[:4]}*")],
            lambda: [("q", common), ("after", f"{year}-03-01"), ("before", f"{year}-09-15")],
            lambda: [("q", other), ("level", "provincial")],
        )[kind]()


def traditional(words: Sequence[str]) -> list[str]:
    """Return words as they are written in traditional characters."""
    return OpenCC("s2t").convert("\n".join(words)).split("\n")


def full_width(word: str) -> str:
    """Return a word with its Latin letters and digits in full width."""
    return word.translate(_FULL_WIDTH)
