"""The archive's history in order of time, out of the scratch database: responses, notes of runs, decisions."""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from archive.decisions import Decision
from archive.payload import HTTPResponse, parse_response


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the WARC files tell of it; `fact` is its row of `runs` when it began."""

    id: int
    site: str
    number: int
    fact: dict[str, Any]


@dataclass(frozen=True)
class Response:
    """A response that lies in `warc/`, and the fact of what it was asked for ({} where none was kept)."""

    at: str
    run: Run
    fact: dict[str, Any]
    record_id: str
    warc: str
    offset: int
    is_revisit: bool
    url: str
    truncated: str | None
    digest: str
    refers_to: str | None
    head: bytes
    original_warc: str | None
    original_offset: int | None
    """Where the record lies that holds the payload, where this one is a revisit and that one is here."""

    @cached_property
    def http(self) -> HTTPResponse:
        """The response without its payload."""
        return parse_response(self.head)

    @property
    def payload(self) -> tuple[str, int] | None:
        """File and offset of the record that holds the payload; None where it is not in these files."""
        if not self.is_revisit:
            return self.warc, self.offset
        if self.original_warc is None or self.original_offset is None:
            return None
        return self.original_warc, self.original_offset

    @property
    def fetched_at(self) -> datetime:
        """When it was fetched."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about a run that belongs to no response: a look without an answer, or how the run ended."""

    at: str
    run: Run
    fact: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of a person."""

    at: str
    decision: Decision


Event = Response | Note | Decided

_OF = "coalesce(a.info, r.info)"
_RESPONSES = f"""
    SELECT r.fetched_at, i.run, a.fact, r.record_id, r.warc, r.offset, r.revisit, r.url, r.truncated, r.digest,
        r.refers_to, r.head, o.warc, o.offset
    FROM responses AS r LEFT JOIN abouts AS a ON a.of = r.record_id JOIN infos AS i ON i.id = {_OF}
    LEFT JOIN responses AS o ON r.revisit AND o.record_id = r.refers_to AND NOT o.revisit
    ORDER BY r.fetched_at, r.warc, r.offset
"""
_NOTES = "SELECT n.at, i.run, n.fact FROM notes AS n JOIN infos AS i ON i.id = n.info ORDER BY n.at, n.rowid"
_NOBODYS = f"""
    SELECT count(*) FROM responses AS r LEFT JOIN abouts AS a ON a.of = r.record_id
    WHERE NOT EXISTS (SELECT 1 FROM infos AS i WHERE i.id = {_OF})
"""


class History:
    """What a scratch database holds, in order of time. Close it when it is read."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        rows = self._connection.execute("SELECT id, site, number, fact FROM runs")
        self.runs = {id_: Run(id_, site, number, json.loads(fact)) for id_, site, number, fact in rows}

    def events(self, decisions: Iterable[Decision]) -> Iterator[Event]:
        """Yield all events, the earliest first."""
        decided = sorted((Decided(one.at, one) for one in decisions), key=lambda one: one.at)
        return heapq.merge(self._responses(), self._notes(), decided, key=lambda event: event.at)

    def sites(self) -> list[str]:
        """Return the sites that anything is to be told of."""
        told = (
            f"SELECT {_OF} FROM responses AS r LEFT JOIN abouts AS a ON a.of = r.record_id UNION SELECT info FROM notes"
        )
        query = f"SELECT DISTINCT runs.site FROM infos JOIN runs ON runs.id = infos.run WHERE infos.id IN ({told})"
        return sorted(site for (site,) in self._connection.execute(query))

    def responses(self) -> int:
        """Return how many responses there are."""
        return int(self._connection.execute("SELECT count(*) FROM responses").fetchone()[0])

    def nobodys(self) -> int:
        """Return how many responses no run of this archive made, or took over."""
        return int(self._connection.execute(_NOBODYS).fetchone()[0])

    def close(self) -> None:
        """Let go of the scratch database."""
        self._connection.close()

    def _responses(self) -> Iterator[Response]:
        with closing(self._connection.cursor()) as cursor:
            for at, run, fact, record_id, warc, offset, revisit, *rest in cursor.execute(_RESPONSES):
                told = json.loads(fact) if fact else {}
                yield Response(at, self.runs[run], told, record_id, warc, offset, bool(revisit), *rest)

    def _notes(self) -> Iterator[Note]:
        with closing(self._connection.cursor()) as cursor:
            for at, run, fact in cursor.execute(_NOTES):
                yield Note(at, self.runs[run], json.loads(fact))
