"""Does the search find what a search through the whole text finds, and nothing else?

Each query is compared with `LIKE '%query%'` over headline lines and body, in two ways: of the text as it stands, and of
text and query folded (NFKC, simplified characters). What LIKE finds in one way must be found; what is found and LIKE
finds in neither counts against precision. Latin words are compared as whole words, in folded text: a part of one is
not searched for.
"""

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from measuring import verdict
from queries import Drawn, full_width, traditional

from archive.database import read_database
from archive.search.find import changes, count
from archive.search.fold import fold
from archive.search.selection import Selection

HEADER = ["queries", "number", "hits", "LIKE", "recall", "precision", "lowest recall", "lowest precision"]
RECALL, PRECISION = 1.0, 0.99
#: Queries that SQLite itself is asked with LIKE too, to hold our own reading against it.
_CHECKED = 3
_COLUMNS = "change, title, coalesce(kicker, ''), coalesce(subtitle, ''), text"


@dataclass(slots=True)
class Asked:
    """A query and the change numbers of articles: what LIKE finds, plain and folded, and what the search finds."""

    kind: str
    query: str
    plain: set[int] = field(default_factory=set)
    folded: set[int] = field(default_factory=set)
    found: set[int] = field(default_factory=set)

    @property
    def latin(self) -> bool:
        """Say whether it is a Latin word, in full width or half."""
        return fold(self.query).isascii()

    @property
    def wanted(self) -> set[int]:
        """What must be found."""
        return self.plain | self.folded

    @property
    def recall(self) -> float:
        """Share of what LIKE finds that was found."""
        return len(self.found & self.wanted) / len(self.wanted) if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that LIKE finds."""
        return len(self.found & self.wanted) / len(self.found) if self.found else 1.0


def recall(directory: Path, number: int, seed: int) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """Return the rows of the table, one a kind of query, and the ratios beside their targets."""
    with closing(read_database(directory / "archive.db")) as db:
        asked = list(_queries(db.conn, number, seed))
        _search_texts(db.conn, asked)
        _check_like(db.conn, asked, seed)
        found: dict[str, set[int]] = {}
        for one in asked:
            one.found = found[one.query] = found.get(one.query) or _find(db.conn, one.query)
    kinds = list(dict.fromkeys(one.kind for one in asked))
    rows = [_row(kind, [one for one in asked if one.kind == kind]) for kind in kinds]
    pairs = _pairs(asked)
    return [HEADER, *rows], [
        ("lowest recall of a query", verdict(min(one.recall for one in asked), RECALL, at_least=True)),
        ("lowest precision of a query", verdict(min(one.precision for one in asked), PRECISION, at_least=True)),
        ("queries in two scripts that find the same articles", f"{sum(map(_same, pairs))} of {len(pairs)}"),
    ]


def _queries(connection: sqlite3.Connection, number: int, seed: int) -> Iterator[Asked]:
    """Yield `number` queries of each length, in simplified and in traditional characters."""
    drawn = Drawn(connection, seed)
    for name, lengths in (("1 character", (1,)), ("2 characters", (2,)), ("3 characters", (3,)), ("4+", (4, 5, 6, 8))):
        words = ["工会", "劳动"] if name == "2 characters" else []
        while len(words) < number:
            at = len(words)
            words.append(drawn.part(lengths[at % len(lengths)], "zh-Hant" if at % 4 == 3 else "zh"))
        yield from (Asked(f"{name}, as it stands", word) for word in words)
        yield from (Asked(f"{name}, simplified", fold(word)) for word in words)
        yield from (Asked(f"{name}, traditional", word) for word in traditional([fold(word) for word in words]))
    for word in ("APP", "GDP", "app", "gdp"):
        yield Asked("half width", word)
        yield Asked("full width", full_width(word))


def _search_texts(connection: sqlite3.Connection, asked: list[Asked]) -> None:
    """Look for every query in every text, as LIKE does: any part of it, ASCII letters in either case."""
    plain: dict[str, set[int]] = {_lower(one.query): set() for one in asked if not one.latin}
    folded: dict[str, set[int]] = {_lower(fold(one.query)): set() for one in asked}
    tests = {query: _test(query) for query in folded}
    for change, *lines in connection.execute(f"SELECT {_COLUMNS} FROM articles"):
        text = "\n".join(lines)
        as_it_stands, as_folded = _lower(text), _lower(fold(text))
        for query, found in plain.items():
            if query in as_it_stands:
                found.add(change)
        for query, found in folded.items():
            if tests[query](as_folded):
                found.add(change)
    for one in asked:
        one.plain, one.folded = plain.get(_lower(one.query), set()), folded[_lower(fold(one.query))]


def _test(query: str) -> Callable[[str], object]:
    if query.isascii():
        return re.compile(f"(?<![a-z0-9]){query}(?![a-z0-9])").search
    return lambda text: query in text


def _lower(text: str) -> str:
    return text.translate(_LOWER)


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _check_like(connection: sqlite3.Connection, asked: list[Asked], seed: int) -> None:
    """End the benchmark when SQLite's LIKE finds something else than we did."""
    like = " OR ".join(f"{name} LIKE ?1" for name in ("title", "kicker", "subtitle", "text"))
    for one in random.Random(f"like/{seed}").sample([one for one in asked if not one.latin], _CHECKED):
        rows = connection.execute(f"SELECT change FROM articles WHERE {like}", [f"%{one.query}%"])
        if {row[0] for row in rows} != one.plain:
            raise SystemExit(f"LIKE '%{one.query}%' finds other articles than the benchmark's own reading of the texts")


def _find(connection: sqlite3.Connection, query: str) -> set[int]:
    """Return what the search finds; end the benchmark when it counts another number."""
    selection = Selection(query=query)
    found = set(changes(connection, selection, 0, 2**62))
    counted = count(connection, selection)
    if counted.number != len(found) and not (counted.more and counted.number < len(found)):
        raise SystemExit(f"{query}: counted {counted}, found {len(found)}")
    return found


def _pairs(asked: list[Asked]) -> list[tuple[Asked, Asked]]:
    """Return queries that differ only in script or width."""
    kinds = {name: [one for one in asked if one.kind.endswith(name)] for name in ("simplified", "traditional")}
    widths = {name: [one for one in asked if one.kind == name] for name in ("half width", "full width")}
    pairs = [*zip(*kinds.values(), strict=True), *zip(*widths.values(), strict=True)]
    return [(first, second) for first, second in pairs if first.query != second.query]


def _same(pair: tuple[Asked, Asked]) -> bool:
    return pair[0].found == pair[1].found


def _row(kind: str, asked: list[Asked]) -> list[str]:
    found, wanted = sum(len(one.found) for one in asked), sum(len(one.wanted) for one in asked)
    both = sum(len(one.found & one.wanted) for one in asked)
    shares = [both / wanted if wanted else 1.0, both / found if found else 1.0]
    shares += [min(one.recall for one in asked), min(one.precision for one in asked)]
    return [kind, str(len(asked)), f"{found:,}", f"{wanted:,}", *(f"{share:.4f}" for share in shares)]
