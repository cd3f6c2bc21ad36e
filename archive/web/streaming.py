"""A long answer: written by a thread of its own, sent as fast as the client takes it, never held as a whole."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, BinaryIO, TextIO, cast

from zlib_ng import zlib_ng

from archive.errors import ArchiveError

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
#: Writes an answer to a file; may look at the second argument, which says whether nobody wants it any more.
Work = Callable[[TextIO, Callable[[], bool]], None]
#: The same for an answer that is no text.
BinaryWork = Callable[[BinaryIO, Callable[[], bool]], None]
_Run = Callable[[Callable[[bytes], None], Callable[[], bool]], None]

#: Characters that are sent at a time; sizes of a network's buffers do not matter beside them.
CHUNK = 256 * 1024
#: Chunks that are made before they are taken.
AHEAD = 2
#: Of zlib: Chinese text shrinks to 40 %, ten times as fast as at the usual level.
LEVEL = 1

_log = logging.getLogger(__name__)


class _Gone(Exception):
    """Nobody wants the rest of the answer."""


class _Sink:
    """What the writing thread takes for a file: collects chunks, packs them and hands them over."""

    def __init__(self, hand_over: Callable[[bytes], None], *, packed: bool) -> None:
        self._hand_over = hand_over
        self._parts: list[str] = []
        self._size = 0
        self._packer = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, 31) if packed else None

    def write(self, text: str) -> int:
        self._parts.append(text)
        self._size += len(text)
        if self._size >= CHUNK:
            self.flush()
        return len(text)

    def flush(self, *, end: bool = False) -> None:
        """Hand over what there is. Packed, each chunk can be read without the next: no whole line of it is lost."""
        # A lone surrogate (a list of names can hold one) becomes \udXXX, which JSON reads back.
        data = "".join(self._parts).encode("utf-8", "backslashreplace")
        self._parts, self._size = [], 0
        if self._packer is not None:
            mode = zlib_ng.Z_FINISH if end else zlib_ng.Z_SYNC_FLUSH
            data = self._packer.compress(data) + self._packer.flush(mode)
        if data:
            self._hand_over(data)


class _Bytes:
    """The same for bytes, which are sent as they are. It cannot seek: a zip file is written to it in one go."""

    def __init__(self, hand_over: Callable[[bytes], None]) -> None:
        self._hand_over = hand_over
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        if len(self._kept) >= CHUNK:
            self.flush()
        return len(data)

    def flush(self, *, end: bool = False) -> None:
        """Hand over what is there once it is a chunk, or the end."""
        if self._kept and (end or len(self._kept) >= CHUNK):
            self._hand_over(bytes(self._kept))
            self._kept.clear()


async def stream(
    name: str, send: Send, receive: Receive, headers: Mapping[str, str], work: Work, *, packed: bool = False
) -> None:
    """Send what `work` writes, with status 200. `name` is what it is called in the log.

    The thread waits while the client has chunks to take, and ends when the client is gone (archive.web.slots gives up
    one that takes nothing). When `work` fails, the answer stays unfinished and the server breaks the connection: a part
    never passes for the whole. The failure is logged.
    """

    def run(hand_over: Callable[[bytes], None], gone: Callable[[], bool]) -> None:
        sink = _Sink(hand_over, packed=packed)
        work(cast(TextIO, sink), gone)
        sink.flush(end=True)

    await _send(name, send, receive, headers, run)


async def stream_bytes(name: str, send: Send, receive: Receive, headers: Mapping[str, str], work: BinaryWork) -> None:
    """Send bytes as `stream` does text."""

    def run(hand_over: Callable[[bytes], None], gone: Callable[[], bool]) -> None:
        sink = _Bytes(hand_over)
        work(cast(BinaryIO, sink), gone)
        sink.flush(end=True)

    await _send(name, send, receive, headers, run)


async def _send(name: str, send: Send, receive: Receive, headers: Mapping[str, str], run: _Run) -> None:
    pipe = _Pipe(asyncio.get_running_loop())
    await send({"type": "http.response.start", "status": 200, "headers": _encoded(headers)})
    threading.Thread(target=pipe.produce, args=(run,), name=name, daemon=True).start()
    left = asyncio.ensure_future(_left(receive))
    try:
        while (item := await pipe.next(left)) is not None:
            if isinstance(item, Exception):
                known = isinstance(item, ArchiveError)
                _log.error("%s: broken off, %s", name, item, exc_info=None if known else item)
                return
            await send({"type": "http.response.body", "body": item, "more_body": True})
        if not left.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        left.cancel()
        pipe.close()


class _Pipe:
    """Chunks on their way from a thread to the event loop, never more than AHEAD of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self._free = threading.Semaphore(AHEAD)
        self._gone = threading.Event()

    def produce(self, run: _Run) -> None:
        """Run the work to its end; whatever it raises is handed over in its place."""
        try:
            run(self._put, self._gone.is_set)
            self._put(None)
        except _Gone:
            pass
        except Exception as error:  # noqa: BLE001 (it is logged where the answer is sent)
            self._last(error)

    def _last(self, error: Exception) -> None:
        try:
            self._put(error)
        except _Gone:
            _log.debug("broken off by its reader: %s", error)

    def _put(self, item: bytes | Exception | None) -> None:
        self._free.acquire()
        if self._gone.is_set():
            raise _Gone
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)
        except RuntimeError as error:  # the server has ended
            raise _Gone from error

    async def next(self, left: asyncio.Future[None]) -> bytes | Exception | None:
        """Return the next chunk, a failure, or None at the end or when the client has left."""
        getting = asyncio.ensure_future(self._queue.get())
        try:
            either: set[asyncio.Future[Any]] = {getting, left}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if left.done():
                return None
            return getting.result()
        finally:
            getting.cancel()
            self._free.release()

    def close(self) -> None:
        """Have the thread end at its next chunk."""
        self._gone.set()
        self._free.release()


async def _left(receive: Receive) -> None:
    """Return when the client closes the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def takes_gzip(accepted: str) -> bool:
    """Say whether an Accept-Encoding header (RFC 9110 §12.5.3) asks for gzip."""
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() in ("gzip", "x-gzip"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
