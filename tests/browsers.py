"""A real browser for tests: Debian's Chromium, driven by Playwright; where there is none, a visible skip."""

import os
import shutil
from contextlib import contextmanager

import pytest

#: Names of the program, and the variable that says where it is. In CI the variable REQUIRED forbids the skip.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "UNION_ARCHIVE_CHROMIUM"
REQUIRED = "UNION_ARCHIVE_BROWSER_REQUIRED"

#: The browser looks nothing up by itself, and runs as root in a container.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str:
    """The browser's path; skips the test where none is installed."""
    found = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        message = f"no Chromium on this machine: install Debian's package chromium, or name it with {VARIABLE}"
        if os.environ.get(REQUIRED):
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def browser():
    """A headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = program()
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield started
        finally:
            started.close()


class Watched:
    """What a page did that no page of ours may do: `faults` stays empty."""

    def __init__(self, page, address: str) -> None:
        self.faults: list[str] = []
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", lambda said: self._said(said, page))
        page.on("request", lambda asked: self._request(asked.url, address))

    def _said(self, said, page) -> None:
        # That a page itself is a 400 or a 404 is no fault of it.
        if said.type == "error" and said.location["url"] != page.url:
            self.faults.append(f"console: {said.text} {said.location['url']}")

    def _dialog(self, dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:", "about:")):
            self.faults.append(f"request: {url}")
