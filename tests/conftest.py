"""What all tests share."""

import os

import pytest

#: Processes that tests start compile this checkout once, not each anew.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""


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
