"""What all tests share."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

#: Processes that tests start compile this checkout once, not each anew.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""

#: Where there is room in it, archives of tests lie in memory: each of their commits would wait for a disk.
MEMORY, ROOM = Path("/dev/shm"), 2**30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-expected",
        action="store_true",
        help="rewrite the expected values of the saved pages (JSON only); read the difference before you keep it",
    )
    parser.addoption(
        "--pin-floor",
        nargs="?",
        const="raise",
        choices=("raise", "lower"),
        help="pin what is reached on the saved pages (tests/floor.json); =lower lets values sink",
    )
