"""Reading pages in a process of its own: C parsers cannot be interrupted, a process can be killed.

Jobs and results cross two pipes as length-prefixed pickles, between our own processes only. A page that takes longer
than the deadline, crashes the parser or needs too much memory costs itself; its neighbours are read by the next
process.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from crawler import child
from crawler.profile import SiteProfile
from crawler.reading import Page, Reading, read

#: Seconds that one page may take (design §4).
DEADLINE = 5.0
#: Pages in the pipe at a time: the next one lies there when one is done.
WINDOW = 16
_START_SECONDS = 60.0


_Started = tuple[asyncio.subprocess.Process, asyncio.WriteTransport]
_spares: list[_Started] = []


@dataclass(slots=True)
class _Job:
    pages: Sequence[Page]
    profile: SiteProfile | None
    result: asyncio.Future[Reading]


class Worker:
    """The reading process, seen from the crawl. It starts with the first page and again after each loss."""

    def __init__(self, *, deadline: float = DEADLINE) -> None:
        self.deadline = deadline
        self.restarts = 0
        self._queue: deque[_Job] = deque()
        self._sent = 0
        self._wake = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._pipe: asyncio.WriteTransport | None = None
        self._profiles: dict[str | None, SiteProfile | None] = {}
        self._task: asyncio.Task[None] | None = None

    async def read(self, pages: Sequence[Page], profile: SiteProfile | None) -> Reading:
        """Read a listing page, or an article's pages; what goes wrong is the reading's `error`."""
        if (refused := child.refused(pages)) is not None:
            return refused
        job = _Job(pages, profile, asyncio.get_running_loop().create_future())
        self._queue.append(job)
        self._fill_pipe()
        self._wake.set()
        if self._task is None:
            self._task = asyncio.ensure_future(self._work())
            self._task.add_done_callback(self._ended)
        return await job.result

    async def close(self) -> None:
        """End the process. Pages that were not read yet are left to the next run."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._stop()
        for job in self._queue:
            job.result.cancel()
        self._queue.clear()

    def kill(self) -> None:
        """End the process when the event loop has stopped already."""
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process = None

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Tell whoever waits for a page when our own code fails: nobody reads it any more."""
        error = None if task.cancelled() else task.exception()
        while error is not None and self._queue:
            job = self._queue.popleft()
            if not job.result.done():
                job.result.set_exception(error)

    async def _work(self) -> None:
        while True:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
            try:
                await self._serve_head()
            except TimeoutError:
                await self._lose(f"took longer than {self.deadline:g} s to read")
            except (asyncio.IncompleteReadError, ConnectionError):
                await self._lose(await self._why())
            except Exception as error:  # noqa: BLE001 (whoever waits for a page must hear of it)
                await self._lose(f"could not be read ({type(error).__name__}: {error})")

    async def _serve_head(self) -> None:
        """Keep the pipe filled, then take the result of the job at the head of the queue."""
        if self._process is not None and self._process.returncode is not None and not self._sent:
            await self._stop()  # ended while it had nothing to read: no page is to blame
        if self._process is None:
            await self._start()
        process = self._process
        assert process is not None
        assert process.stdout is not None
        self._fill_pipe()
        reading = await asyncio.wait_for(_receive(process.stdout), self.deadline)
        job = self._queue.popleft()
        self._sent -= 1
        if not job.result.cancelled():
            job.result.set_result(reading)

    def _fill_pipe(self) -> None:
        """Send the next pages, as many as may lie in the pipe."""
        if self._process is None or self._process.returncode is not None or self._pipe is None:
            return
        while self._sent < min(WINDOW, len(self._queue)):
            job = self._queue[self._sent]
            id_ = job.profile.id if job.profile is not None else None
            sent = id_ in self._profiles and self._profiles[id_] is job.profile  # once a process is enough
            self._profiles[id_] = job.profile
            self._pipe.write(child.frame((job.pages, id_, None if sent else job.profile)))
            self._sent += 1

    async def _why(self) -> str:
        """Say how the process ended that closed its pipe."""
        assert self._process is not None
        try:
            status = await asyncio.wait_for(self._process.wait(), self.deadline)
        except TimeoutError:
            return "made the reader close its pipe"
        return child.how_it_ended(status)

    async def _lose(self, why: str) -> None:
        """Give up the page at the head of the queue and the process with it."""
        await self._stop()
        self.restarts += 1
        job = self._queue.popleft()
        if not job.result.cancelled():
            job.result.set_result(Reading(error=f"{job.pages[0].url}: {why}"))

    async def _start(self) -> None:
        process, pipe = _spares.pop() if _spares else await _spawn(self.deadline)
        self._process = process
        assert process.stdout is not None
        try:
            await asyncio.wait_for(_receive(process.stdout), _START_SECONDS)
        finally:
            self._pipe = pipe
        self._profiles.clear()

    async def _stop(self) -> None:
        process, self._process, self._sent = self._process, None, 0
        pipe, self._pipe = self._pipe, None
        if pipe is not None and not pipe.is_closing():
            pipe.abort()
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def prestart() -> None:
    """Start a process that the next Worker takes: it imports its parsers while the crawl imports Scrapy."""
    _spares.append(await _spawn(DEADLINE))


async def _spawn(deadline: float) -> _Started:
    source, sink = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, child.PIPE_BYTES)
    with os.fdopen(source, "rb") as stdin:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crawler.worker",
            str(deadline),
            str(os.getpid()),
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
            start_new_session=True,  # a Ctrl-C while it starts would cost a page
        )
    pipe, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.Protocol, os.fdopen(sink, "wb"))
    return process, pipe


async def _receive(stream: asyncio.StreamReader) -> Any:
    (length,) = child.LENGTH.unpack(await stream.readexactly(child.LENGTH.size))
    return pickle.loads(await stream.readexactly(length))


def serve(source: BinaryIO, sink: BinaryIO, deadline: float) -> None:
    """Read pages from `source` and write readings to `sink` until `source` ends."""
    child.warm_up()
    profiles: dict[str | None, SiteProfile] = {}
    child.send(sink, "ready")
    while (message := child.receive(source)) is not None:
        pages, id_, profile = message
        if profile is not None:
            profiles[id_] = profile
        # Where the kernel does not end this process with the crawl, it ends itself in spite of a parser that hangs.
        child.send(sink, child.read_within(read, pages, profiles.get(id_), 4 * deadline))


def main() -> None:
    """Run as the reading process: limits first, then pages from standard input."""
    source, sink = child.become_reader(int(sys.argv[2]))
    serve(source, sink, float(sys.argv[1]))


if __name__ == "__main__":
    main()
