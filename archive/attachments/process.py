"""Reading an attachment in a process of its own, which has a deadline and little memory: attachments are few.

The file goes in by standard input, what it says comes back as one JSON object. A file that hangs its parser, crashes
it or needs too much memory costs itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import asdict

from archive.attachments.kinds import kind_of
from archive.attachments.reading import read as read_here
from archive.attachments.text import AttachmentText

#: Seconds that one file may take, the start of its process among them.
DEADLINE = 30.0
#: Bytes of memory that the process may take.
MAX_MEMORY = 2**30
#: Exit status when it is used up.
_NO_MEMORY = 3
#: From linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def read(content: bytes, name: str, content_type: str | None = None, *, deadline: float = DEADLINE) -> AttachmentText:
    """Return what an attachment says (archive.attachments.read), within `deadline` seconds and 1 GB of memory.

    What goes wrong is the answer's `error`. Blocks meanwhile; safe to call from several threads.
    """
    header = json.dumps({"name": name[-400:], "type": content_type, "parent": os.getpid(), "seconds": deadline})
    command = [sys.executable, "-m", "archive.attachments.process"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as child:
        try:
            out, told = child.communicate(header.encode() + b"\n" + content, deadline)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return _lost(content, name, f"took longer than {deadline:g} s to read")
        except BaseException:
            child.kill()
            raise
    if child.returncode == 0:
        return AttachmentText(**json.loads(out))
    if child.returncode == _NO_MEMORY or b"memory allocation" in told:
        return _lost(content, name, f"needs more than {MAX_MEMORY >> 20:,} MB of memory to read")
    if child.returncode < 0:
        return _lost(content, name, f"crashed its reader ({signal.Signals(-child.returncode).name})")
    why = told.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
    return _lost(content, name, f"could not be read ({why or f'exit {child.returncode}'})")


def _lost(content: bytes, name: str, why: str) -> AttachmentText:
    return AttachmentText(kind_of(content, name), error=why, size=len(content))


def _limit(parent: int, seconds: float) -> None:
    """Bound this process, and have it end with the one that started it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    # Ctrl-C goes to every process; whoever asked decides when this one ends. (SIGALRM needs no interpreter.)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds)
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Read one file from standard input: a line of JSON, then its bytes."""
    sys.dont_write_bytecode = True
    header = json.loads(sys.stdin.buffer.readline())
    _limit(header["parent"], header["seconds"])
    sink = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # a stray print must not pass for an answer
    try:
        found = read_here(sys.stdin.buffer.read(), header["name"], header["type"])
        json.dump(asdict(found), sink)
        sink.flush()
    except MemoryError:
        os._exit(_NO_MEMORY)
    # What a parser left behind may crash when it is taken down; the answer is given.
    os._exit(0)


if __name__ == "__main__":
    main()
