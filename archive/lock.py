"""Locks that the kernel frees when their holder dies: `flock` on a file, held while the file is open."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import BinaryIO

from archive.errors import ArchiveBusy, ArchiveError


def lock(path: Path, what: str, *, wait: float = 0.0) -> BinaryIO:
    """Lock `path` (made if it is missing) and return the open file; closing it frees the lock.

    Raises ArchiveBusy, after `wait` seconds, naming `what` and the process that holds it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be opened for locking ({error.strerror}); check its permissions") from error
    end = time.monotonic() + wait
    while not (held := try_flock(file)) and time.monotonic() < end:
        time.sleep(0.02)
    if not held:
        file.seek(0)
        holder = file.read(32).decode("ascii", "replace").strip() or "unknown"
        file.close()
        raise ArchiveBusy(f"{what}: in use by process {holder}; wait until it ends, or stop it")
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file


def try_flock(file: BinaryIO) -> bool:
    """Take the exclusive lock of an open file; False when another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
