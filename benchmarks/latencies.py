"""How long the pages of the reading room take to answer, each kind beside its target."""

import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
from queries import Drawn
from serving import Latencies, Server, timed

from archive.database import read_database
from archive.search.find import facets
from archive.search.selection import from_pairs

HEADER = ["milliseconds", "requests", "p50", "p95", "max", "target p95", ""]
#: Kinds of measures, as `--only` names them.
KINDS = ("search", "character", "facets", "timeline", "home", "article", "site", "table", "table-search")
#: Seconds that an answer may take before the benchmark ends.
TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the table: what was asked for, how long it took, and what 95 of 100 may take (None: no target)."""

    name: str
    latencies: Latencies
    target: float | None = None

    def cells(self) -> list[str]:
        """Return the row as it is printed."""
        p50, p95, most = (f"{self.latencies.quantile(share):.0f}" for share in (0.5, 0.95, 1))
        row = [self.name, str(len(self.latencies.values)), p50, p95, most]
        if self.target is None:
            return [*row, "", ""]
        return [*row, f"{self.target:g}", "met" if self.latencies.quantile(0.95) <= self.target else "missed"]


def measured(directory: Path, kinds: Sequence[str], requests: int, seed: int) -> Iterator[Measured]:
    """Start the server and yield what each kind of request took; `requests` of each, drawn by the seed."""
    with (
        closing(read_database(directory / "archive.db")) as db,
        Server(directory) as server,
        httpx.Client(base_url=server.url, timeout=TIMEOUT) as client,
    ):
        asking = _Asking(db.conn, client, requests, seed)
        for kind in kinds:
            yield from getattr(asking, kind.replace("-", "_"))()


class _Asking:
    """One method a kind."""

    def __init__(self, connection: sqlite3.Connection, client: httpx.Client, requests: int, seed: int) -> None:
        self._connection, self._client, self._requests = connection, client, requests
        self._seed = seed
        self._draw = random.Random(f"asking/{seed}")
        self._mixed = Drawn(connection, seed).mixed(requests)

    def _timed(self, paths: Sequence[str]) -> Latencies:
        return timed(self._client, paths)

    def _searches(self, path: str, searches: Sequence[Sequence[tuple[str, str]]], **more: str) -> list[str]:
        return [f"{path}?{urlencode([*search, *more.items()])}" for search in searches]

    def search(self) -> Iterator[Measured]:
        """Yield queries of two characters or more: results, excerpts and count; then the whole page with its facets."""
        yield Measured("/search without facets", self._timed(self._searches("/search", self._mixed, facets="0")), 150)
        yield Measured(
            "/search.json without facets", self._timed(self._searches("/search.json", self._mixed, facets="0"))
        )
        yield Measured("/search", self._timed(self._searches("/search", self._mixed)))

    def character(self) -> Iterator[Measured]:
        """Yield the same for single characters."""
        drawn = Drawn(self._connection, self._seed + 1)
        characters = dict.fromkeys(("工", "会"))
        while len(characters) < self._requests:
            characters[drawn.part(1)] = None
        searches = [[("q", character)] for character in list(characters)[: self._requests]]
        paths = self._searches("/search", searches, facets="0")
        yield Measured("/search without facets, 1 character", self._timed(paths), 700)

    def facets(self) -> Iterator[Measured]:
        """Yield the facets of the mixed queries: no address gives them alone, so they are counted in this process."""
        values = []
        for search in self._mixed:
            selection = from_pairs({name: [value] for name, value in search})
            started = time.perf_counter()
            facets(self._connection, selection)
            values.append(1000 * (time.perf_counter() - started))
        yield Measured("facets of /search, alone", Latencies(tuple(values)), 300)

    def timeline(self) -> Iterator[Measured]:
        """Yield the timeline of each mixed query for the first time, and again."""
        searches = [[pair for pair in search if pair[0] not in ("page", "sort")] for search in self._mixed]
        unique = [list(pairs) for pairs in dict.fromkeys(tuple(search) for search in searches)]
        paths = self._searches("/timeline", unique)
        yield Measured("/timeline, first", self._timed(paths), 1500)
        yield Measured("/timeline, again", self._timed(paths), 20)
        yield Measured("/timeline.json, again", self._timed(self._searches("/timeline.json", unique)))

    def home(self) -> Iterator[Measured]:
        """Yield the first page, once after the start and then again and again."""
        yield Measured("/, first", self._timed(["/"]))
        yield Measured("/", self._timed(["/"] * self._requests), 100)

    def article(self) -> Iterator[Measured]:
        """Yield articles from all over the archive."""
        first, last = self._connection.execute("SELECT min(id), max(id) FROM articles").fetchone()
        sql = "SELECT uid FROM articles WHERE id >= ? ORDER BY id LIMIT 1"
        places = [self._draw.randint(first, last) for _ in range(self._requests)]
        uids = [self._connection.execute(sql, [place]).fetchone()[0] for place in places]
        yield Measured("/article/UID", self._timed([f"/article/{uid}" for uid in uids]), 30)

    def site(self) -> Iterator[Measured]:
        """Yield sites, those with most articles first; and the list of them."""
        rows = self._connection.execute("SELECT id FROM sites ORDER BY id").fetchall()
        paths = [f"/sites/{rows[number % len(rows)][0]}" for number in range(self._requests)]
        yield Measured("/sites/ID", self._timed(paths), 150)
        yield Measured("/sites", self._timed(["/sites"] * self._requests))

    def table(self) -> Iterator[Measured]:
        """Yield the table of articles with its default facets: whole, and of one site, language or section."""
        row = "SELECT site, language, section FROM articles ORDER BY id DESC LIMIT 1 OFFSET ?"
        whole, narrowed = self._requests - self._requests // 2, []
        for number in range(self._requests // 2):
            site, language, section = self._connection.execute(row, [number]).fetchone()
            narrowed.append((("site", site), ("language", language), ("section", section))[number % 3])
        yield Measured("/archive/articles", self._timed(["/archive/articles"] * whole), 500)
        if narrowed:
            paths = [f"/archive/articles?{urlencode([pair])}" for pair in narrowed]
            yield Measured("/archive/articles, narrowed", self._timed(paths), 500)

    def table_search(self) -> Iterator[Measured]:
        """Yield the table of articles searched, with its default facets."""
        words = ["工会", *(search[0][1] for search in self._mixed)][: self._requests]
        paths = [f"/archive/articles?{urlencode({'_search': word})}" for word in words]
        yield Measured("/archive/articles?_search=", self._timed(paths))
