"""Processes for tests: each command in one of its own, forked from a server that has imported the packages.

Importing Scrapy takes longer than most crawls of these tests, and every crawl needs a fresh process, because a Twisted
reactor runs once. A forked child leads a session of its own, as a shell would have it.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["warm"])
#: Imports of the server and of all that is started beside it: this checkout, and what it does first.
_PATHS = (str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH"))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, _PATHS))


class Process:
    """A started process, with the part of subprocess.Popen's interface that tests need."""

    def __init__(self, target, args, environment):
        self.args = args
        self._files = [tempfile.TemporaryFile("w+b") for _ in ("out", "err")]  # noqa: SIM115 (until the end)
        self._said = None
        names = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in self._files]
        self._process = _context.Process(target=_child, args=(target, args, environment, *names), daemon=False)
        self._process.start()
        self.pid = self._process.pid

    def poll(self):
        """The exit status, minus the signal's number if one ended it; None while the process runs."""
        return self._process.exitcode

    @property
    def returncode(self):
        return self._process.exitcode

    def communicate(self, timeout=None):
        """Wait for the end; return what was said. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        if self._said is None:
            said = []
            for file in self._files:
                with file:
                    file.seek(0)
                    said.append(file.read().decode("utf-8", "replace"))
            self._said = tuple(said)
        return self._said

    def kill_group(self, number=signal.SIGKILL):
        """Send a signal to the process and all its children that share its group."""
        os.killpg(self.pid, number)

    def send_signal(self, number):
        os.kill(self.pid, number)


def start(target, *args, **environment):
    """Run `target(*args)` in a process of its own; its result is the exit status."""
    return Process(target, args, environment)


def command(*args):
    """Run `union-archive` with these arguments, as its entry point does."""
    from crawler.cli import main

    main(args=list(args), prog_name="union-archive")


def hurried(*args):
    """Run `union-archive` as `command` does, by a crawler that waits a moment where a real one waits for seconds."""
    from crawler import setbacks

    setbacks.RETRY_SECONDS, setbacks.HOLD_SECONDS = 0.02, 0.3
    command(*args)


def _child(target, args, environment, out, err):
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(environment)
    os.chdir(ROOT)
    for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, out, os.O_WRONLY), (2, err, os.O_WRONLY)):
        descriptor = os.open(name, flags)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    import readers
    import warm  # noqa: F401 (the server says nothing when it cannot import what it should)

    readers.fork_them()
    try:
        sys.exit(target(*args))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
