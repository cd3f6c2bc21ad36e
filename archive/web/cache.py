"""Answers that are costly to compute, kept until the archive changes: one computation at a time for each."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from archive.web.metadata import DATABASE

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database

T = TypeVar("T")

#: Answers kept; the one that was longest not asked for goes first.
MAX_ANSWERS = 256
#: What took less seconds is computed again as soon as the archive has changed.
CHEAP = 0.25
#: What took more is kept for that many times as long, however often the archive changes: a crawl commits every second.
PATIENCE = 20


async def cached(datasette: Datasette, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
    """Return what `compute` gives, or gave for `key` since the archive last changed (for costly answers: see PATIENCE).

    Whoever asks meanwhile waits for the same computation; it goes on when the first who asked is gone. What it raises
    reaches everybody who waits and is not kept. The answer is shared: do not change it. Keep counts in it and no texts:
    an article that is restricted must be gone at once.
    """
    db = datasette.get_database(DATABASE)
    cache = _caches.get(db)
    if cache is None:
        cache = _caches[db] = Cache()
    return await cached_in(cache, db, key, compute)


async def cached_in(cache: Cache, db: Database, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
    """Do the same with a cache of one's own, which must always be asked with the same database."""
    state = await asyncio.to_thread(cache.state, db)
    held = cache.held(key, state)
    if held is not None:
        return held.value  # type: ignore[no-any-return]
    task = cache.running.get(key)
    if task is None:
        task = cache.running[key] = asyncio.ensure_future(_computed(cache, key, state, compute))
        task.add_done_callback(lambda done: cache.ended(key, done))
    return await asyncio.shield(task)


async def _computed(cache: Cache, key: Hashable, state: int, compute: Callable[[], Awaitable[T]]) -> T:
    began = cache.clock()
    value = await compute()
    ended = cache.clock()
    cost = ended - began
    # It belongs to the state before it began: what was committed meanwhile may be missing.
    cache.keep(key, Answer(value, state, ended + PATIENCE * cost if cost > CHEAP else ended))
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """A value, the state of the database it is of, and until when (by the cache's clock) it is good in any other."""

    value: Any
    state: int
    until: float


class Cache:
    """The answers of one database, and the computations under way; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # It does not hold the database, which holds the key to it.
        self.clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self.running: dict[Hashable, asyncio.Future[Any]] = {}

    def state(self, db: Database) -> int:
        """Return a number that another connection's commit changes, of whatever kind; it costs microseconds.

        `change` would not do: restricting an article deletes its row and gives no row a new number.
        """
        with self._lock:
            if self._connection is None:
                # data_version compares with what the same connection saw before: it must always be this one.
                self._connection = db.connect()
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def held(self, key: Hashable, state: int) -> Answer | None:
        """Return the answer that may still be given in a state."""
        answer = self._answers.get(key)
        if answer is None or (answer.state != state and answer.until <= self.clock()):
            return None
        self._answers.move_to_end(key)
        return answer

    def keep(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer, in place of the one that was longest not asked for."""
        self._answers[key] = answer
        self._answers.move_to_end(key)
        while len(self._answers) > MAX_ANSWERS:
            self._answers.popitem(last=False)

    def ended(self, key: Hashable, task: asyncio.Future[Any]) -> None:
        """Forget a computation that has ended. Those who wait have its error; without any, nobody misses it."""
        self.running.pop(key, None)
        if not task.cancelled():
            task.exception()


_caches: WeakKeyDictionary[Database, Cache] = WeakKeyDictionary()
