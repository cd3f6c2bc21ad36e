"""`union-archive watch` for tests: started in a process of its own, by a clock that the test sets."""

import asyncio
import gc
import os
import sqlite3
from datetime import UTC, datetime, timedelta

import processes
from crawls import Crawls

from archive.errors import ArchiveError

START = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)


class Watches(Crawls):
    """An archive for tests, its clock, and watches of it."""

    def __init__(self, path):
        super().__init__(path)
        self._clock = self.path / "clock"
        self.set_clock(START)

    @property
    def environment(self):
        return {"UNION_ARCHIVE_CLOCK": str(self._clock)}

    def set_clock(self, moment):
        """Set the clock: at once, as a file that is replaced."""
        self.now = moment
        new = self._clock.with_suffix(".new")
        new.write_text(moment.isoformat(), encoding="ascii")
        new.replace(self._clock)

    def later(self, **span):
        """Move the clock on."""
        self.set_clock(self.now + timedelta(**span))

    def watch(self, *arguments, modules=None, **constants):
        """Start `watch`; `constants` are set in crawler.watching, those of `modules` in others."""
        command = ["--archive", str(self.path), "watch", *arguments]
        modules = {"crawler.watching": constants, **(modules or {})}
        process = processes.start(_watch, command, modules, **self.environment)
        self._started.append(process)
        return process

    def runs(self, site="lokal"):
        """How the runs of a site ended, in their order; running ones have not."""
        try:
            return [row["outcome"] for row in self.rows("SELECT outcome FROM runs WHERE site = ? ORDER BY id", site)]
        except (ArchiveError, sqlite3.Error):
            return []  # the archive is only being made


def _watch(command, modules):
    import importlib

    from crawler.cli import main

    for module, constants in modules.items():
        for name, value in constants.items():
            assert hasattr(importlib.import_module(module), name), name
            setattr(importlib.import_module(module), name, value)
    main(args=command, prog_name="union-archive")


def watch_broken(command):
    """Watch with a scheduler that breaks the first time."""
    from crawler.scheduler import FrontierScheduler

    whole = FrontierScheduler.open

    def broken(self, spider):
        FrontierScheduler.open = whole
        raise RuntimeError("broken on purpose")

    FrontierScheduler.open = broken
    _watch(command, {})


def watch_for_long(path, sites, times):
    """Watch in this process; whenever a site is done the clock goes on. Prints the objects left each time."""
    from pathlib import Path

    from scrapy.core.engine import ExecutionEngine
    from scrapy.crawler import Crawler

    from archive import clock
    from archive.directory import ArchiveDirectory
    from crawler import watching
    from crawler.capture import CaptureHandler
    from crawler.process import UnderWay
    from crawler.run import SiteRun
    from crawler.sources import Sources
    from crawler.spiders.site import SiteSpider

    watching.POLL_SECONDS = 0.05
    now, left = START, []
    directory = ArchiveDirectory(Path(path))

    def go_on():
        nonlocal now
        now += timedelta(days=8)

    def told(summary):
        asyncio.get_running_loop().call_later(0.01, go_on)
        gc.collect()
        kinds = (Crawler, SiteSpider, SiteRun, UnderWay, ExecutionEngine, CaptureHandler)
        left.append(sum(issubclass(type(one), kinds) for one in gc.get_objects()))
        if len(left) == times:
            os.kill(os.getpid(), 15)
        return summary.outcome

    with clock.using(lambda: now):
        ended = watching.watch(directory, Sources(directory, sites), jobs=None, told=told)
    print(*left)  # noqa: T201
    return int(not ended)
