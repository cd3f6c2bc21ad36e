"""Which stored captures each revision of an article was read from, as tasks of a reading pool."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crawler import urls
from crawler.families.base import Entry
from crawler.families.numbering import Place
from crawler.pool import Done, Spot, Task
from crawler.profile import SiteProfile

#: The response that a capture stands for, and the first of its address with that payload: the page's URL and time
#: are that one's, as Keeper.content has them.
_SPOT = """
    SELECT payload.warc, payload.offset, first.url, first.fetched_at
    FROM captures AS own
    JOIN captures AS payload ON payload.id = coalesce(own.payload, own.id)
    JOIN captures AS first ON first.site = own.site AND first.key = own.key
        AND coalesce(first.payload, first.id) = payload.id
    WHERE own.id = ? ORDER BY first.id LIMIT 1
"""
_REVISIONS = "SELECT * FROM revisions WHERE uid = ? ORDER BY revision"


@dataclass(slots=True)
class Derived:
    """An article that is held, its revisions from the first on, and what today's code reads of each."""

    held: sqlite3.Row
    restricted: bool
    revisions: list[dict[str, Any]]
    tasks: dict[int, Task] = field(default_factory=dict)
    """By revision. One is missing whose captures are not known for certain, or are not there any more."""
    done: dict[int, Done] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    """By revision: why it has no task."""

    @property
    def complete(self) -> bool:
        """Whether all that can be read has been read."""
        return len(self.done) == len(self.tasks)

    def take_in(self, done: Done) -> None:
        """Note what came of the next task."""
        self.done[list(self.tasks)[len(self.done)]] = done


class Sources:
    """The articles of one site and where they were read from. `own` is restricted.db's connection, if there is one."""

    def __init__(self, connection: sqlite3.Connection, own: sqlite3.Connection | None, profile: SiteProfile) -> None:
        self._connection = connection
        self._own = own
        self._profile = profile

    def uids(self) -> list[tuple[bool, str]]:
        """Return whether each article of the site is restricted, and its uid; in the order of their first captures."""
        found: list[tuple[bool, str]] = []
        for restricted, where in ((False, self._connection), (True, self._own)):
            query = "SELECT uid FROM articles WHERE site = ? ORDER BY first_seen_at, uid"
            rows = where.execute(query, [self._profile.id]).fetchall() if where is not None else []
            found += [(restricted, row["uid"]) for row in rows]
        return found

    def article(self, uid: str, restricted: bool) -> Derived | None:
        """Return an article with the tasks of reading it; None when it is not there any more."""
        where = self._own if restricted else self._connection
        assert where is not None
        held = where.execute("SELECT * FROM articles WHERE uid = ?", [uid]).fetchone()
        if held is None:
            return None
        found = Derived(held, restricted, [dict(row) for row in where.execute(_REVISIONS, [uid])])
        about = self._about(held)
        for revision, captures in self._captures(found.revisions):
            if not captures:
                found.unread[revision] = "its captures are not held, or not known for certain"
                continue
            try:
                pages = tuple(self._spot(capture, number, *about) for number, capture in enumerate(captures, 1))
            except ValueError as error:
                found.unread[revision] = f"{held['url']}: its captures name no page ({error})"
            else:
                found.tasks[revision] = Task(self._profile.id, pages)
        return found

    def _about(self, held: sqlite3.Row) -> tuple[str, Entry]:
        """Return the address of an article's frontier row, and what its listing said of it."""
        query = "SELECT url, section, listing FROM frontier WHERE site = ? AND key = ?"
        row = self._connection.execute(query, [held["site"], held["key"]]).fetchone()
        if row is None:
            return held["url"], Entry(held["url"], section=held["section"])
        listed = Entry(**json.loads(row["listing"])) if row["listing"] else Entry(row["url"])
        return row["url"], replace(listed, section=row["section"] or held["section"])

    def _spot(self, capture: int, number: int, first: str, about: Entry) -> Spot:
        row = self._connection.execute(_SPOT, [capture]).fetchone()
        place = Place(urls.canonical(first, self._profile), number) if number > 1 else None
        url, moment = urls.canonical(row["url"], self._profile), datetime.fromisoformat(row["fetched_at"])
        return Spot(row["warc"], row["offset"], "article", url, moment, about, place)

    def _captures(self, revisions: Sequence[dict[str, Any]]) -> Iterator[tuple[int, list[int]]]:
        """Yield each revision's number and the last captures of its pages, in order; none where not certain."""
        query = "SELECT id, part, fetched_at FROM captures WHERE uid = ? ORDER BY fetched_at, id"
        rows = self._connection.execute(query, [revisions[0]["uid"]]).fetchall() if revisions else []
        begun = [_first(row, rows) for row in revisions]
        last: list[dict[int, int]] = [{} for _ in revisions]
        ever: dict[int, int] = {}
        for place, row in enumerate(rows):
            at = max(bisect_right(begun, place) - 1, 0)
            last[at][row["part"]] = ever[row["part"]] = row["id"]
        for row, pages in zip(revisions, last, strict=True):
            found = _in_order(pages)
            # Of the present one, pages may have been read before the first was.
            yield row["revision"], found or (_in_order(ever) if row is revisions[-1] else [])


def _first(revision: Mapping[str, Any], captures: Sequence[sqlite3.Row]) -> int:
    """Return the place of a revision's first capture among those of its article, in order of time.

    Its row names the capture that it was read from last; the first is of the second in which it begins.
    """
    begins = [at for at, row in enumerate(captures) if f"{row['fetched_at'][:19]}Z" >= revision["fetched_at"]]
    named = [at for at in begins if captures[at]["id"] == revision["capture"]]
    if named and f"{captures[named[0]]['fetched_at'][:19]}Z" == revision["fetched_at"]:
        return named[0]
    return begins[0] if begins else len(captures)


def _in_order(pages: Mapping[int, int]) -> list[int]:
    """Return the captures of pages 1, 2, 3, …; none where one of them is missing."""
    numbers = range(1, len(pages) + 1)
    return [pages[number] for number in numbers] if pages.keys() == set(numbers) else []
