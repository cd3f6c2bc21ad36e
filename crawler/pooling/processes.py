"""Reading processes of this machine, fed and emptied by one thread that never blocks on one of them."""

from __future__ import annotations

import fcntl
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from crawler import child
from crawler.pool import DEADLINE, Done, Pool, Task
from crawler.pooling.chunks import Chunk, chunks
from crawler.profile import SiteProfile

#: Tasks in a message to a process.
CHUNK = 32
#: Messages that a process has: while it is at one, the next lies in its pipe.
_AHEAD = 2
#: Messages under way, a process: those that wait for an earlier one are held in memory.
_UNDER_WAY = 4
#: Bytes that are taken from a pipe at once.
_READ_BYTES = 2**18
#: While all processes have enough to do, what they say is let gather for so long: waking up costs more than listening.
_GATHER_SECONDS = 0.02


class LocalPool(Pool):
    """`jobs` processes. Each starts when there is something to read, and again after each loss."""

    def __init__(
        self, warc: Path, profiles: Mapping[str, SiteProfile], *, jobs: int, deadline: float = DEADLINE
    ) -> None:
        self.deadline = deadline
        self.restarts = 0
        self._warc = warc
        self._profiles = dict(profiles)
        self._jobs = max(1, jobs)
        self._children: list[_Child] = []
        self._queue: deque[Chunk] = deque()
        self._selector = selectors.DefaultSelector()

    def read(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what comes of each task, in order."""
        portions = chunks(tasks, CHUNK)
        waiting: deque[Chunk] = deque()
        try:
            while True:
                while len(waiting) < _UNDER_WAY * self._jobs and (portion := next(portions, None)) is not None:
                    waiting.append(Chunk(portion))
                    self._queue.append(waiting[-1])
                if not waiting:
                    return
                self._hand_out()
                yield from _taken(waiting[0])
                if waiting[0].complete:
                    waiting.popleft()
                else:
                    self._wait()
        finally:
            if waiting:  # whoever asked has left: what is under way is nobody's
                self.close()

    def learn(self, profiles: Mapping[str, SiteProfile]) -> None:
        """Take in profiles of further sites."""
        self._profiles.update(profiles)

    def close(self) -> None:
        """End the processes. The pool starts others when it is read from again."""
        self._queue.clear()
        for one in self._children:
            one.end(wait=0.0)
        self._children.clear()

    def _hand_out(self) -> None:
        """Give what is queued to those that have least; start processes while there are fewer than may be."""
        while self._queue:
            least = min(self._children, key=lambda one: len(one.chunks), default=None)
            if (least is None or least.chunks) and len(self._children) < self._jobs:
                least = _Child(self._warc, self.deadline, self._selector)
                self._children.append(least)
            if least is None or len(least.chunks) >= _AHEAD:
                return
            least.give(self._queue.popleft(), self._profiles)

    def _wait(self) -> None:
        """Wait until a process says something, takes something or ends."""
        if all(len(one.chunks) == _AHEAD for one in self._children):
            time.sleep(_GATHER_SECONDS)
        for key, events in self._selector.select():
            one: _Child = key.data
            if one.ended:
                continue
            if events & selectors.EVENT_WRITE:
                one.write()
            elif not one.take_in():
                self._lose(one)
        self._hand_out()

    def _lose(self, one: _Child) -> None:
        """Take back what a process had that has ended; the page it was at is to blame when it is the second."""
        status = one.end(wait=self.deadline)
        self._children.remove(one)
        if not one.ready:
            raise ArchiveError(
                f"a reading process ended before it was ready (status {status}); its own message is above"
            )
        self.restarts += 1
        if one.chunks:
            hung = status == -signal.SIGALRM
            one.chunks[0].lose(f"took longer than {self.deadline:g} s to read" if hung else child.how_it_ended(status))
        self._queue.extendleft(chunk for chunk in reversed(one.chunks) if not chunk.complete)


def _taken(chunk: Chunk) -> Iterator[Done]:
    """Yield what has come of a chunk and was not yet taken."""
    while chunk.done:
        yield chunk.done.popleft()


class _Child:
    """One reading process and its pipes, neither of which blocks."""

    def __init__(self, warc: Path, deadline: float, selector: selectors.BaseSelector) -> None:
        command = [sys.executable, "-m", "crawler.pooling.process", str(deadline), str(os.getpid()), str(warc)]
        pipe = subprocess.PIPE
        # A session of its own: a Ctrl-C is its parent's to answer.
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, start_new_session=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        for end in (self._in.fileno(), self._out.fileno()):
            os.set_blocking(end, False)
            if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
                with suppress(PermissionError):  # the user has many pipes: a small one does, more slowly
                    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, child.PIPE_BYTES)
        self.chunks: deque[Chunk] = deque()
        self.ready = self.ended = False
        self._selector = selector
        self._known: set[str] = set()
        self._unsent = self._unread = b""
        selector.register(self._out, selectors.EVENT_READ, self)

    def give(self, chunk: Chunk, profiles: Mapping[str, SiteProfile]) -> None:
        """Send what is left of a chunk, with the profiles that the process does not know yet."""
        tasks = chunk.tasks[chunk.received :]
        new = {task.site for task in tasks} - self._known
        self._known |= new
        self.chunks.append(chunk)
        message = tasks, {site: profiles[site] for site in sorted(new) if site in profiles}, chunk.head_only
        if not self._unsent:
            self._selector.register(self._in, selectors.EVENT_WRITE, self)
        self._unsent += child.frame(message)

    def write(self) -> None:
        """Send as much as the pipe takes now."""
        try:
            self._unsent = self._unsent[os.write(self._in.fileno(), self._unsent) :]
        except BrokenPipeError:  # it has ended; what it said before is taken first, its loss noted after
            self._unsent = b""
        if not self._unsent:
            self._selector.unregister(self._in)

    def take_in(self) -> bool:
        """Take what the process has said; False when it has ended."""
        data = os.read(self._out.fileno(), _READ_BYTES)
        self._unread += data
        at = 0
        while (end := _end_of_frame(self._unread, at)) is not None:
            message = pickle.loads(memoryview(self._unread)[at + child.LENGTH.size : end])
            at = end
            self._hear(message)
        self._unread = self._unread[at:]
        return bool(data)

    def _hear(self, message: Any) -> None:
        if not self.ready:
            self.ready = True
            return
        self.chunks[0].take_in(message)
        if self.chunks[0].complete:
            self.chunks.popleft()

    def end(self, wait: float) -> int:
        """End the process, unless it ends by itself within `wait` seconds; return its status (-number of a signal)."""
        self.ended = True
        if not wait:
            self._process.kill()  # before its pipes close, of which it would complain
        for pipe in (self._in, self._out):
            if pipe in self._selector.get_map():
                self._selector.unregister(pipe)
            pipe.close()
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(wait or None)
        self._process.kill()
        return self._process.wait()


def _end_of_frame(data: bytes, at: int) -> int | None:
    """Return where the message at an offset ends; None while it is not whole."""
    start = at + child.LENGTH.size
    if len(data) < start:
        return None
    end = start + int(child.LENGTH.unpack_from(data, at)[0])
    return end if end <= len(data) else None
