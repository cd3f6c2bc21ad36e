"""Runs as a reading process of a pool in tests, with a reader that first does what the page says (stand_in.py)."""

import os
import signal
import sys
from pathlib import Path

import stand_in

from crawler.pooling import process


def obey(pages, profile):
    """As in stand_in.py; `once FILE` ends the process the first time, by what might be another's signal."""
    order, _, rest = pages[0].body.partition(b" ")
    if order == b"once":
        noted = Path(rest.split(b"\n")[0].decode())
        if not noted.exists():
            noted.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return stand_in.obey(pages, profile)


if __name__ == "__main__":
    process.read = obey
    sys.exit(process.main())
