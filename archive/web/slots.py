"""How many costly requests are worked on at once; who comes after them waits a little, then is asked to come again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from datasette.utils.asgi import Request

from archive.web.pages.errors import told
from archive.web.security import App, Message, Receive, Send, of_database, path_of

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Seconds that a reader who takes no bytes is waited for.
STALLED = 60.0
#: Facets that one address of a table may ask for: each may take facet_time_limit_ms.
MAX_FACETS = 12

_EXPORTS = re.compile(r"^/export\b")
_PAGES = re.compile(r"^/(?:search|timeline|coverage|digest|health|feeds?)\b|^/article/[^/]+/revisions\b|\.atom$")


class Busy(Exception):
    """No slot came free in time."""


class Gone(asyncio.CancelledError):
    """The reader is gone, or takes nothing any more: work for him ends as if it were cancelled."""


class Slots:
    """So many requests at once, so many waiting for `seconds`; `again` is when a refused one may come again."""

    def __init__(self, at_once: int, waiting: int, seconds: float, again: int) -> None:
        self.again = again
        self._seconds = seconds
        self._places = waiting
        self._waiting = 0
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Hold a slot, and free it whatever happens. Raises Busy."""
        await self._take()
        try:
            yield
        finally:
            self._free.release()

    async def _take(self) -> None:
        if self._free.locked() and self._waiting >= self._places:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise Busy from error
        finally:
            self._waiting -= 1


class Reader:
    """The connection of one reader. After he is gone, sending raises Gone."""

    def __init__(self, receive: Receive, send: Send, stalled: float = STALLED) -> None:
        self._receive = receive
        self._send = send
        self._stalled = stalled
        self._asked = False
        self.gone = asyncio.Event()

    async def watch(self) -> None:
        """Wait until he is gone. What he sends is passed over: a request that only reads has no body."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone.set()

    async def receive(self) -> Message:
        """Give the request's body, which is empty, then that he is gone."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send him a part of the answer. Raises Gone."""
        if self.gone.is_set():
            raise Gone
        try:
            async with asyncio.timeout(self._stalled):
                await self._send(message)
        except TimeoutError as error:
            raise Gone from error


def wrapper(
    datasette: Datasette, *, pages: Slots | None = None, exports: Slots | None = None, stalled: float = STALLED
) -> Callable[[App], App]:
    """Return an ASGI middleware that works on 8 costly pages and 2 exports at once; others are never kept waiting."""
    pages = pages or Slots(8, waiting=32, seconds=10, again=5)
    exports = exports or Slots(2, waiting=4, seconds=10, again=60)

    def slots_for(scope: Message) -> Slots | None:
        if scope["type"] != "http":
            return None
        path = path_of(scope, datasette)
        own = of_database(path, datasette)
        if _EXPORTS.search(path) or (own and b"_stream" in scope["query_string"]):
            return exports
        return pages if own or _PAGES.search(path) else None

    def wrap(app: App) -> App:
        async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
            slots = slots_for(scope)
            if slots is None:
                await app(scope, receive, send)
                return
            reader = Reader(receive, send, stalled)
            watching = asyncio.create_task(reader.watch())
            try:
                with suppress(Gone):
                    await _answer(app, scope, reader, slots, datasette)
            finally:
                watching.cancel()

        return wrapped

    return wrap


async def _answer(app: App, scope: Message, reader: Reader, slots: Slots, datasette: Datasette) -> None:
    facets = sum(name.startswith("_facet") for name, _ in parse_qsl(scope["query_string"].decode("latin-1")))
    if facets > MAX_FACETS:
        await _refuse(datasette, scope, reader, "refusals.facets", 400, asked=facets, most=MAX_FACETS)
        return
    try:
        async with slots.taken():
            # Who has left the queue is not worked for.
            if not reader.gone.is_set():
                await app(scope, reader.receive, reader.send)
    except Busy:
        await _refuse(datasette, scope, reader, "refusals.busy", 503, seconds=slots.again)


async def _refuse(datasette: Datasette, scope: Message, reader: Reader, key: str, status: int, **values: int) -> None:
    # It may be the first answer of all, and comes before the layers of Datasette that add this to the scope.
    await datasette.invoke_startup()
    request = Request({**scope, "csrftoken": lambda: ""}, reader.receive)
    response = await told(datasette, request, key, status, **values)
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = str(values["seconds"])
    await response.asgi_send(reader.send)
