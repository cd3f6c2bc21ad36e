"""A simulated year: planner, frontier, store, revisions, withdrawals and health against a simulated web."""

import argparse
import asyncio
import ctypes
import gc
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from year_reckoning import Reckoned, reckon
from year_report import figures, printed
from year_stories import START
from year_visit import Clock, Visit, Visitor, simulated
from year_web import Site, end, made

from archive.directory import ArchiveDirectory
from crawler.due import due_sites, next_due

#: Where scratch archives go, if it is there: what is measured is not the disk.
_MEMORY = Path("/dev/shm")
#: From linux/prctl.h.
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a year is made of; the same parameters give the same year."""

    sites: int
    days: int
    seed: int
    budget: int


def lived(directory: ArchiveDirectory, sites: Sequence[Site], parameters: Parameters) -> list[Reckoned]:
    """Let the time pass: visit each site when it is due, then reckon."""
    directory.create()
    settings = f'contact = "archive@example.org"\n[crawl]\nbudget = {parameters.budget}\n'
    directory.config_file.write_text(settings, encoding="utf-8")
    clock, ended = Clock(START), end(parameters.days)
    profiles, by_id = [site.profile(START) for site in sites], {site.id: site for site in sites}
    visits: dict[str, list[Visit]] = {site.id: [] for site in sites}
    with simulated(clock):
        visitor = Visitor(directory, sites, clock)
        connection = visitor.session.db.conn
        try:
            now = START
            while (now := next_due(connection, profiles, now) or ended) < ended:
                for profile in due_sites(connection, profiles, now):
                    clock.now = now  # sites are crawled side by side
                    visits[profile.id].append(visitor.visit(by_id[profile.id]))
            return [reckon(site, visits[site.id], connection, ended) for site in sites]
        finally:
            visitor.close()


def part(number: int, parts: int, directory: Path, parameters: Parameters) -> tuple[list[Reckoned], float]:
    """Live the year of every `parts`-th site in an archive of its own; return its figures and the CPU seconds."""
    logging.disable(logging.WARNING)  # sites that are down are what this is about

    async def live() -> list[Reckoned]:
        sites = made(parameters.sites, parameters.days, parameters.seed)
        gc.freeze()
        own = [site for site in sites if (site.number + site.number // 12) % parts == number]
        return lived(ArchiveDirectory(directory / f"archive-{number + 1}"), own, parameters) if own else []

    return asyncio.run(live()), time.process_time()


def lived_by_parts(jobs: int, directory: Path, parameters: Parameters) -> list[tuple[list[Reckoned], float]]:
    """Live the year in so many processes; one is this one."""
    if jobs == 1:
        return [part(0, 1, directory, parameters)]
    arguments = [(number, jobs, directory, parameters) for number in range(jobs)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_die_with_parent) as pool:
        return list(pool.map(part, *zip(*arguments, strict=True)))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)


def main() -> None:
    """Live a year and print its table; exit 1 when a figure misses its target, but for the minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=60, metavar="N")
    parser.add_argument("--days", type=int, default=365, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--budget", type=int, default=200, metavar="N", help="requests to a site in a day")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes, each with an archive of its sites")
    parser.add_argument("--directory", type=Path, help="where the archives stay (default: a scratch one in memory)")
    options = parser.parse_args()
    parameters = Parameters(options.sites, options.days, options.seed, options.budget)
    started = time.monotonic()
    with nullcontext(options.directory) if options.directory else _scratch() as parent:
        parts = lived_by_parts(options.jobs, Path(parent), parameters)
    sites = sorted((one for reckoned, _ in parts for one in reckoned), key=lambda one: one.site)
    rows = figures(sites, parameters.budget, time.monotonic() - started, sum(cpu for _, cpu in parts))
    print(printed(sites, rows))
    sys.exit(any(row.met is False for row in rows if row.name != "minutes"))


if __name__ == "__main__":
    main()
