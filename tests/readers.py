"""Reading processes that are forked instead of started: most of a small crawl would be their imports.

Everything of `crawler.worker` runs as in a real one, from `_spawn` to `main`, with its session, pipes and limits; only
`exec` and the imports after it are left out. tests/test_worker.py starts real ones, and so do the crawls, killed ones
too, of kills.py in tests/test_benchmarks.py.
"""

import asyncio
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress

import forked

from crawler import worker

_start = asyncio.create_subprocess_exec


def fork_them():
    """Have the crawls of this process fork their readers, and its pools theirs (forked.py)."""
    forked.fork_them()
    asyncio.create_subprocess_exec = _fork_reader


async def _fork_reader(program, *arguments, **options):
    if arguments[:2] != ("-m", "crawler.worker"):
        return await _start(program, *arguments, **options)
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_reader(arguments[1:], options["stdin"].fileno(), sink)
    os.close(sink)
    loop = asyncio.get_running_loop()
    stdout = asyncio.StreamReader(limit=options["limit"], loop=loop)
    protocol = asyncio.StreamReaderProtocol(stdout, loop=loop)
    await loop.connect_read_pipe(lambda: protocol, os.fdopen(source, "rb", 0))
    return _Reader(loop, pid, stdout)


def _be_reader(arguments, stdin, stdout):
    """Become the reading process. What the crawl holds (locks, sockets, files) is closed, and nothing of it ended."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        sys.stdin = os.fdopen(0, "r", closefd=False)
        sys.argv = [*arguments]
        worker.main()
    except BaseException:  # noqa: BLE001 (nothing of the crawl's stack may go on here)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


class _Reader:
    """The part of asyncio's Process that `crawler.worker` uses; a thread waits for the end, as asyncio's does."""

    def __init__(self, loop, pid, stdout):
        self.pid = pid
        self.stdout = stdout
        self.returncode = None
        self._loop = loop
        self._ended = asyncio.Event()
        threading.Thread(target=self._reap, daemon=True).start()

    def kill(self):
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    async def wait(self):
        await self._ended.wait()
        return self.returncode

    def _reap(self):
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._ended.set)
