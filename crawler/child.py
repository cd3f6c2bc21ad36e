"""What all processes that read pages have in common: frames on their pipes, limits, and what a bad page costs."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from crawler.profile import SiteProfile
from crawler.reading import Page, Reading, too_long

#: Bytes of memory that the process may take.
MAX_MEMORY = 2**30
#: Exit status of a reading process whose memory is used up.
NO_MEMORY = 3
#: Bytes that a pipe to or from the process holds (Linux's most), so that neither end need wait for the other.
PIPE_BYTES = 2**20
#: The length of a message stands before it.
LENGTH = struct.Struct(">Q")
#: Objects made before the process looks for garbage: a page makes tens of thousands and frees nearly all itself.
_GARBAGE = 50_000
#: From linux/prctl.h.
_PR_SET_PDEATHSIG = 1

_Read = Callable[[Sequence[Page], SiteProfile | None], Reading]


def frame(message: Any) -> bytes:
    """Return a message between our own processes: a pickle, its length before it."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def send(sink: BinaryIO, message: Any) -> None:
    """Write a message, whole."""
    sink.write(frame(message))
    sink.flush()


def receive(source: BinaryIO) -> Any | None:
    """Wait for a message; None when the other end has closed the pipe."""
    header = source.read(LENGTH.size)
    return pickle.loads(source.read(LENGTH.unpack(header)[0])) if header else None


def refused(pages: Sequence[Page]) -> Reading | None:
    """Return the reading of pages of which one is too long for a parser; None when all may be read."""
    for page in pages:
        if (most := too_long(page)) is not None:
            return Reading(error=f"{page.url}: {len(page.body)} bytes, over {most}; not a page of news")
    return None


def read_within(read: _Read, pages: Sequence[Page], profile: SiteProfile | None, seconds: float) -> Reading:
    """Read pages; what goes wrong is the reading's `error`, or ends this process.

    After `seconds` the kernel ends it by SIGALRM, whose default action needs no interpreter: a parser may hang.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        reading = read(pages, profile)
    except MemoryError:
        os._exit(NO_MEMORY)  # what this page took is not given back: the next one gets a new process
    except Exception as error:  # noqa: BLE001 (a bad page costs that page)
        reading = Reading(error=f"{pages[0].url}: {type(error).__name__} while it was read: {error}")
    signal.setitimer(signal.ITIMER_REAL, 0)
    return reading


def how_it_ended(status: int) -> str:
    """Say what a page did whose reading process ended with this status (minus a signal's number)."""
    if status == NO_MEMORY:
        return f"needs more than {MAX_MEMORY >> 20} MB of memory to read"
    return f"crashed the reader ({signal.Signals(-status).name if status < 0 else f'exit {status}'})"


def become_reader(parent: int) -> tuple[BinaryIO, BinaryIO]:
    """Make this the reading process of `parent`, with its limits; return the pipes from and to it."""
    die_with(parent)
    # Ctrl-C and a service manager's stop go to every process; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not break the frames
    return sys.stdin.buffer, sink


def warm_up() -> None:
    """Import the parsers now, rather than with the first page, and leave them out when garbage is looked for."""
    import crawler.extraction  # noqa: F401

    gc.freeze()
    gc.set_threshold(_GARBAGE, 20, 20)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends, whatever a parser is doing then."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
