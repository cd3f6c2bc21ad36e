"""A real browser for tests: Debian's Chromium, driven by Playwright; where there is none, a visible skip."""

import os
import shutil
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from archive.web.serve import HOST, application, listen, url

#: Names of the program, and the variable that says where it is. In CI the variable REQUIRED forbids the skip.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "UNION_ARCHIVE_CHROMIUM"
REQUIRED = "UNION_ARCHIVE_BROWSER_REQUIRED"

#: The address bar's pop-ups cost a second of each window; the others are those that Playwright turns off, whose list
#: this one replaces.
WITHOUT = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    "AimEnabled", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying",
    "OptimizationHints", "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip
#: The browser looks nothing up by itself, and runs as root in a container.
ARGUMENTS = (
    f"--disable-features={','.join(WITHOUT)}",
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


@contextmanager
def served(directory):
    """The address of an archive that is served as `serve` does, in a thread."""
    server = uvicorn.Server(uvicorn.Config(application(directory).app(), log_level="warning", lifespan="on"))
    with listen(HOST, 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url(listener).rstrip("/")
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


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
