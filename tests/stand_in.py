"""Runs as the reading process of tests, with a reader that first does what the page says."""

import os
import signal
import time

from crawler import worker

_read = worker.read


def obey(pages, profile):
    order = pages[0].body.split(b" ", 1)[0]
    if order == b"hang":
        while True:
            pass
    if order == b"sleep":
        time.sleep(600)
    if order == b"die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if order == b"exit":
        os._exit(7)
    if order == b"grow":
        hold = []
        while True:
            hold.append(bytearray(64 << 20))
    if order == b"raise":
        raise LookupError("no such thing")
    if order == b"recurse":
        return obey(pages, profile)
    if order == b"print":
        print("a stray print")  # noqa: T201
    return _read(pages, profile)


if __name__ == "__main__":
    worker.read = obey
    worker.main()
