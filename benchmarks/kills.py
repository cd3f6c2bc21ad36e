"""SIGKILL in mid-crawl, again and again: what is lost, what is fetched twice, and is the archive whole afterwards?"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import news_pages
from archive_check import Checked, check
from measuring import ROOT, environment, median, process_tree, resident, table, union_archive, write_profile
from news_server import NewsServer

#: Requests on the wire at a time, of all sites together.
CONCURRENCY = 10
#: Pages of one transaction: no more is under way, but for one page a site.
BATCH = 20
#: Seconds after which a process of a killed crawl counts as left behind.
GRACE = 10.0
#: Seconds that one start of the crawl may take.
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the crawl: seconds to its first request, requests it made, whether it was killed, its processes."""

    first_request: float | None
    requests: int
    killed: bool
    processes: list[int]


def crawl_once(server: NewsServer, command: list[str], output: Path, moment: float | None, requests: int) -> Start:
    """Start the crawl; kill its whole process group `moment` seconds after `requests` requests, if it still runs."""
    before = server.served()
    started = time.monotonic()
    with output.open("a", encoding="utf-8") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=environment(),
            cwd=ROOT,
            start_new_session=True,
        )
        killed, processes = False, [process.pid]
        try:
            while process.poll() is None and time.monotonic() - started < PATIENCE:
                if moment is not None and server.served() - before >= requests:
                    time.sleep(moment)
                    killed = process.poll() is None
                    processes = process_tree(process.pid)
                    break
                time.sleep(0.02)
        finally:
            # Also when we are interrupted: nothing of ours outlives the benchmark.
            running = process.poll() is None
            if running:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if (running and not killed) or (not running and process.returncode):
        state = f"no end after {PATIENCE:g} s" if running else f"exit {process.returncode}"
        sys.exit(f"{' '.join(command)}: {state}; it said:\n{output.read_text(encoding='utf-8')[-2000:]}")
    log = server.log()
    first = log[before][0] - started if len(log) > before else None
    return Start(first, len(log) - before, killed, processes)


def crawl_to_the_end(server: NewsServer, command: list[str], scratch: Path, kills: int, seed: int) -> list[Start]:
    """Start and kill the crawl at random moments until it was killed `kills` times, then let it finish."""
    chance = random.Random(seed)
    total = server.articles * server.sites
    starts = []
    for _ in range(kills):
        # One in five is killed while it starts; the others after some of their share of the requests.
        requests = 0 if chance.random() < 0.2 else int(chance.uniform(0.1, 1.0) * total / (kills + 1)) + 1
        moment = chance.uniform(0.2, 2.0) if requests == 0 else chance.uniform(0.0, 0.1)
        starts.append(crawl_once(server, command, scratch / "output.txt", moment, requests))
        print(f"killed after {starts[-1].requests} requests", file=sys.stderr, flush=True)
    starts.append(crawl_once(server, command, scratch / "output.txt", None, 0))
    return starts


def again(log: list[tuple[float, int, str]]) -> Counter[tuple[int, str]]:
    """Return, for each page, how often it was fetched beyond the first time; robots.txt is asked for at every start."""
    counts = Counter((site, path) for _, site, path in log if path != "/robots.txt")
    return Counter({page: count - 1 for page, count in counts.items() if count > 1})


def per_kill(log: list[tuple[float, int, str]], starts: list[Start]) -> list[int]:
    """Return, for each killed start, how many of the pages it had fetched were fetched again by a later one."""
    slices, at = [], 0
    for start in starts:
        slices.append({(site, path) for _, site, path in log[at : at + start.requests] if path != "/robots.txt"})
        at += start.requests
    counts, later = [], set()
    for start, pages in reversed(list(zip(starts, slices, strict=True))):
        if start.killed:
            counts.append(len(pages & later))
        later |= pages
    return counts


def left_behind(starts: list[Start]) -> int:
    """Return how many processes of killed starts still hold memory; a worker may take a moment to see its pipe end."""
    pids = [pid for start in starts if start.killed for pid in start.processes]
    until = time.monotonic() + GRACE
    while (left := sum(resident(pid) > 0 for pid in pids)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def report(server: NewsServer, starts: list[Start], checked: Checked) -> list[str]:
    """Print the figures; return what is wrong, one line each."""
    log = server.log()
    total = server.articles * server.sites
    twice, repeated = again(log), per_kill(log, starts)
    firsts = [start.first_request for start in starts if start.first_request is not None]
    limit = BATCH + (server.sites if server.sites > 1 else 0)
    met = "met" if max(repeated or [0]) <= limit else "missed"
    kills = sum(start.killed for start in starts)
    outlived = left_behind(starts)
    wanted = {(site, news_pages.article_path(n)) for site in range(server.sites) for n in range(1, server.articles + 1)}
    missed = wanted - {(site, path) for _, site, path in log}
    rows = [
        ["sites, articles of each", f"{server.sites}, {server.articles}"],
        ["kills (SIGKILL to the process group)", str(kills)],
        ["articles in the database", f"{checked.articles} of {total}"],
        ["articles stored twice", str(checked.twice)],
        ["articles never asked for", str(len(missed))],
        ["page requests", str(sum(path != "/robots.txt" for _, _, path in log))],
        ["pages fetched more than once", f"{len(twice)} ({sum(twice.values())} extra requests)"],
        ["most often one page was fetched", str(max(twice.values(), default=0) + 1)],
        ["pages fetched again per kill, median and most", f"{median(repeated or [0]):.0f}, {max(repeated or [0])}"],
        ["  target: one batch, and a page a site of several", f"≤ {limit}: {met}"],
        ["processes that outlived their kill", str(outlived)],
        ["start to first request, median and longest", f"{median(firsts):.2f} s, {max(firsts):.2f} s"],
        ["captures that open in warcio", f"{checked.warcio} of {checked.captures}"],
        ["captures that open in FastWARC", f"{checked.fastwarc} of {checked.captures}"],
        ["WARC files, of them left .open", f"{checked.files}, {checked.left_open}"],
        ["union-archive verify", "clean" if checked.whole else "found problems"],
    ]
    print(table(rows))
    print(f"verify: {checked.verify}")
    faults = checked.faults(total)
    if outlived:
        faults.append(f"{outlived} processes of killed crawls are still there")
    if missed:
        faults.append(f"{len(missed)} articles were never asked for")
    return faults


def main() -> None:
    """Kill and restart a crawl, then print what came of it; exit 1 when anything was lost, doubled or damaged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000, metavar="N", help="articles, shared among the sites")
    parser.add_argument("--kills", type=int, default=10, metavar="N")
    parser.add_argument("--sites", type=int, default=1, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the moments of the kills")
    options = parser.parse_args()
    with NewsServer(options.articles // options.sites, options.sites) as server, tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        directory = scratch / "archive"
        sites = [f"site-{site}" for site in range(options.sites)]
        for number, site in enumerate(sites):
            write_profile(directory, site, server.home(number), concurrency=CONCURRENCY // options.sites)
        command = union_archive(directory, "crawl", *sites, "--jobs", str(options.sites))
        starts = crawl_to_the_end(server, command, scratch, options.kills, options.seed)
        faults = report(server, starts, check(directory))
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
