"""The first show of visits.py: a site that has not changed, crawled again, and visited when its articles are due."""

import shutil
from contextlib import ExitStack
from pathlib import Path

from measuring import median, table
from visits_archive import Archive, Crawled, misread, steady_clock
from visits_pages import LAYOUTS
from visits_site import LocalSite, Site

#: Crawls of which the median is taken for the CPU of a page: with all articles due, and with none.
ROUNDS = 3


def show(scratch: Path, articles: int, *, brief: bool) -> list[str]:
    """Crawl a site with validators and one without, again, and a day later; print the figures, return the faults."""
    faults = []
    code = steady_clock(scratch / "steady-clock")
    lines = [["", "requests", "MB", "CPU s"]]
    ratios: list[str] = []
    for validators in (True,) if brief else (True, False):
        with ExitStack() as stack:
            name = "with validators" if validators else "without validators"
            site = Site(stack.enter_context(LocalSite()), articles, validators=validators)
            archive = Archive(scratch / name.replace(" ", "-"), {"site": site})
            archive.profile("site", LAYOUTS)
            first = archive.crawl(0)
            rounds = 1 if brief else ROUNDS
            again = [archive.crawl(0.1 + number / 50, root=code) for number in range(rounds)]
            due = _due(archive, rounds, code)
            faults += misread(archive, "site")
            faults += _unchanged(archive, articles)
        rows = ("first crawl", first), ("again, unchanged", again[0]), ("a day later, all due", due[0])
        lines += [[f"{name}: {what}", *_figures(one)] for what, one in rows]
        busy, idle = (median([one.cpu for one in some]) for some in (due, again))
        found, missed = _ratios(name, first, again[0], 1000 * (busy - idle) / articles, validators)
        ratios += found
        faults += missed
    print(table(lines))
    print("\n".join(["", *ratios]))
    return faults


def _due(archive: Archive, rounds: int, code: Path) -> list[Crawled]:
    """Crawl a day later, some times from the same archive."""
    kept = archive.directory.with_suffix(".kept")
    shutil.copytree(archive.directory, kept)
    crawls = []
    for _ in range(rounds):
        shutil.rmtree(archive.directory)
        shutil.copytree(kept, archive.directory)
        crawls.append(archive.crawl(1.3, root=code))
    return crawls


def _figures(one: Crawled) -> list[str]:
    return [str(one.requests), f"{one.sent / 1e6:.2f}", f"{one.cpu:.2f}"]


def _unchanged(archive: Archive, articles: int) -> list[str]:
    """Return what is wrong with the visits of articles that are as they were."""
    faults = [f"{path}: a revision of what has not changed" for path in archive.revised("site")]
    (last,) = archive.rows("SELECT articles_unchanged, failed FROM runs ORDER BY id DESC LIMIT 1")
    if (last["articles_unchanged"], last["failed"]) != (articles, 0):
        faults.append(f"{last['articles_unchanged']} of {articles} articles were visited, {last['failed']} failed")
    return faults


def _ratios(name: str, first: Crawled, again: Crawled, cpu: float, validators: bool) -> tuple[list[str], list[str]]:
    """Return the figures beside their targets, and those that miss; CPU is no fault, the machine may be busy."""
    told = [("requests, % of the first crawl's", 100 * again.requests / first.requests, 10.0)]
    if validators:
        told.append(("bytes, % of the first crawl's", 100 * again.sent / first.sent, 5.0))
    lines, faults = [], []
    for what, value, target in told:
        met = "met" if value <= target else "missed"
        lines.append(f"{name}, again: {what}: {value:.2f} (target ≤ {target:g}: {met})")
        faults += [lines[-1]] if met == "missed" else []
    target = f" (target ≤ 3: {'met' if cpu <= 3 else 'missed'})" if validators else ""
    what = "304" if validators else "the same bytes"
    lines.append(f"{name}, all due: CPU ms per unchanged page ({what}): {cpu:.2f}{target}")
    return lines, faults
