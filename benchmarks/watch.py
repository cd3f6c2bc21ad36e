"""`union-archive watch` for simulated days, killed again and again: is anything lost, doubled, or left behind?"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive_check import Checked, check
from living_news import LivingSite, edits_in
from measuring import ROOT, environment, table, union_archive, write_profile

from archive import clock
from archive.lock import try_flock

START = datetime(2026, 5, 4, tzinfo=UTC)
#: Articles that the sites publish in a day, the first site the first of these.
RHYTHM = (12.0, 6.0, 3.0, 1.0, 0.5)
#: Articles that each site begins with, and the share of its articles that is edited in a day.
FIRST, EDITED = 15, 0.04
#: Seconds that the crawls of an hour, and the end, may take.
PATIENCE = 120.0
CONFIG = 'contact = "benchmark@example.org"\n[crawl]\njobs = 3\n[schedule]\nleast = "2h"\nmost = "8h"\n'


@dataclass
class World:
    """The sites, the archive that watches them, and the clock of both."""

    directory: Path
    sites: list[LivingSite]
    chance: random.Random
    now: datetime = START
    edits: int = 0
    kills: int = 0
    in_crawls: int = 0
    """Kills while a site was being crawled."""
    process: subprocess.Popen | None = None
    started: list[float] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The ids of the sites."""
        return [f"site-{number}" for number in range(len(self.sites))]

    def set_clock(self, moment: datetime) -> None:
        """Set the time, at once."""
        self.now = moment
        new = self.directory / "clock.new"
        new.write_text(moment.isoformat(), encoding="ascii")
        new.replace(self.directory / "clock")

    def start(self) -> None:
        """Start a watch in a process group of its own."""
        with (self.directory / "output.txt").open("a", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                union_archive(self.directory, "watch", *self.names),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment() | {"UNION_ARCHIVE_CLOCK": str(self.directory / "clock")},
                cwd=ROOT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the watch and all its children."""
        self.in_crawls += "running" in self.outcomes()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.kills += 1

    def live(self, hours: float) -> None:
        """Let the sites publish and edit for a time, as often as their rhythm says."""
        for site, rhythm in zip(self.sites, RHYTHM, strict=False):
            for _ in range(_times(self.chance, rhythm * hours / 24)):
                site.publish()
            for _ in range(_times(self.chance, len(site.articles) * EDITED * hours / 24)):
                site.edit(self.chance.choice(list(site.articles)))
                self.edits += 1

    def outcomes(self) -> Counter[str]:
        """Return how runs ended; empty while there is no archive yet."""
        return Counter(row[0] for row in self.rows("SELECT outcome FROM runs"))

    def rows(self, query: str) -> list[tuple]:
        """Return what a query gives; nothing while there is no archive yet."""
        try:
            with closing(sqlite3.connect(f"file:{self.directory / 'archive.db'}?mode=ro", uri=True)) as db:
                return db.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    @property
    def requests(self) -> int:
        """How many requests the sites have had."""
        return sum(site.requests for site in self.sites)

    def idle(self) -> bool:
        """Say whether nothing is due any more and nothing is under way."""
        query = f"SELECT count(*) FROM sites WHERE next_check > '{clock.stamp(self.now)}'"
        query += " AND NOT EXISTS (SELECT 1 FROM runs WHERE outcome = 'running')"
        return self.rows(f"{query} AND id IN ({', '.join(map(repr, self.names))})") == [(len(self.sites),)]

    def settle(self) -> None:
        """Return when the watch has nothing to do."""
        until = time.monotonic() + PATIENCE
        while not self.idle():
            self.check_alive()
            if time.monotonic() > until:
                sys.exit(f"{self.now}: after {PATIENCE:g} s sites are still due; it said:\n{self.said()}")
            time.sleep(0.05)

    def said(self) -> str:
        """Return the end of what the watches have printed."""
        return (self.directory / "output.txt").read_text(encoding="utf-8")[-2000:]

    def check_alive(self) -> None:
        """End with what the watch said when it ended by itself."""
        if self.process.poll() is not None:
            sys.exit(f"the watch ended by itself, exit {self.process.returncode}; it said:\n{self.said()}")


def _times(chance: random.Random, mean: float) -> int:
    """Return how often something happens that happens `mean` times on average."""
    return int(mean) + (chance.random() < mean % 1)


def simulate(world: World, hours: int, kills: int) -> None:
    """Let the hours pass, one at a time, and kill the watch at random moments of them."""
    moments = Counter(world.chance.randrange(1, hours) for _ in range(kills))
    world.set_clock(START)
    for site in world.sites:
        for _ in range(FIRST):
            site.publish()
    world.start()
    for hour in range(hours):
        world.live(1)
        world.set_clock(world.now + timedelta(hours=1))
        for _ in range(moments[hour]):
            _kill_and_restart(world)
        world.settle()
        if hour % 24 == 23:
            print(f"day {hour // 24 + 1}: {world.kills} kills, {world.outcomes()}", file=sys.stderr, flush=True)


def _kill_and_restart(world: World) -> None:
    """Kill the watch and start another: two times in three as soon as it asks for something, else whenever it is."""
    if world.chance.random() < 2 / 3:
        before, until = world.requests, time.monotonic() + 5
        while world.requests == before and time.monotonic() < until:
            world.check_alive()
            if world.idle():
                world.set_clock(world.now + timedelta(minutes=20))
            time.sleep(0.02)
        time.sleep(world.chance.uniform(0, 0.3))
    else:
        time.sleep(world.chance.uniform(0, 1))
    world.kill()
    world.start()


def finish(world: World) -> int:
    """Stop publishing, let every site be looked at twice more, and stop the watch; return its exit status."""
    for _ in range(2):
        world.set_clock(world.now + timedelta(days=2))
        world.settle()
    world.process.send_signal(signal.SIGTERM)
    return world.process.wait(PATIENCE)


@dataclass(frozen=True)
class Compared:
    """The archive against the sites."""

    published: int
    lost: int
    other_text: int
    """Articles whose text is not what the site showed last."""
    revisions: int
    never_shown: int
    """Revisions of a text that the site did not show, or showed later than the one after it."""


def compare(world: World) -> Compared:
    """Hold what is stored against what the sites have shown."""
    held = {
        (site, int(url.rpartition("/")[2].removesuffix(".html"))): (uid, edits_in(text))
        for uid, site, url, text in world.rows("SELECT uid, site, url, text FROM articles")
    }
    earlier: dict[str, list[int]] = {}
    for uid, content in world.rows("SELECT uid, content FROM revisions WHERE content IS NOT NULL ORDER BY revision"):
        earlier.setdefault(uid, []).append(edits_in(json.loads(content)["text"]))
    lost = other = never = 0
    for name, site in zip(world.names, world.sites, strict=True):
        for number, article in site.articles.items():
            if (name, number) not in held:
                lost += 1
                continue
            uid, last = held[name, number]
            versions = [*earlier.get(uid, []), last]
            other += last != article.shown[-1]
            never += sum(one not in article.shown for one in versions) + (versions != sorted(set(versions)))
    revisions = sum(len(one) for one in earlier.values())
    return Compared(sum(len(site.articles) for site in world.sites), lost, other, revisions, never)


def locks_held(directory: Path) -> int:
    """Count the locks of the archive that somebody still holds."""
    held = 0
    for path in (directory / "locks").iterdir():
        with path.open("a+b") as file:
            held += not try_flock(file)
    return held


def report(world: World, days: float, status: int, seconds: float) -> list[str]:
    """Print the figures; return what is wrong, one line each."""
    compared, checked = compare(world), check(world.directory)
    outcomes, locks = world.outcomes(), locks_held(world.directory)
    rows = [
        ["sites, simulated days", f"{len(world.sites)}, {days:g}"],
        ["real seconds", f"{seconds:.0f}"],
        ["kills (SIGKILL to the process group), of them in a crawl", f"{world.kills}, {world.in_crawls}"],
        ["runs finished, interrupted, failed", ", ".join(str(outcomes[name]) for name in _ENDED)],
        ["requests", str(world.requests)],
        ["articles published, held", f"{compared.published}, {checked.articles}"],
        ["articles lost, stored twice", f"{compared.lost}, {checked.twice}"],
        ["edits made, revisions stored", f"{world.edits}, {compared.revisions}"],
        ["texts that are not what the site showed last", str(compared.other_text)],
        ["revisions that no site has shown", str(compared.never_shown)],
        ["captures that open in warcio, in FastWARC", f"{checked.warcio}, {checked.fastwarc} of {checked.captures}"],
        ["WARC files, of them left .open", f"{checked.files}, {checked.left_open}"],
        ["locks held at the end", str(locks)],
        ["union-archive verify", "clean" if checked.whole else "found problems"],
        ["exit status after SIGTERM", str(status)],
    ]
    print(table(rows))
    return _faults(compared, checked, outcomes, locks, status)


_ENDED = ("finished", "interrupted", "failed")


def _faults(compared: Compared, checked: Checked, outcomes: Counter[str], locks: int, status: int) -> list[str]:
    checks = (
        (compared.lost == 0, f"{compared.lost} articles were lost"),
        (compared.other_text == 0, f"{compared.other_text} articles are not as the site showed them last"),
        (compared.never_shown == 0, f"{compared.never_shown} revisions were never shown"),
        (outcomes.keys() <= {"finished", "interrupted"}, f"runs ended otherwise: {dict(outcomes)}"),
        (locks == 0, f"{locks} locks are held"),
        (status == 0, f"exit {status} after SIGTERM"),
    )
    return [*checked.faults(compared.published), *(fault for right, fault in checks if not right)]


def main() -> None:
    """Watch and kill, then print what came of it; exit 1 when anything was lost, doubled or left behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=5, choices=range(1, len(RHYTHM) + 1), metavar="N", help="1 to 5")
    parser.add_argument("--days", type=int, default=14, metavar="N")
    parser.add_argument("--hours", type=int, default=0, metavar="N", help="besides the days")
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what the sites do and when kills come")
    options = parser.parse_args()
    hours = options.days * 24 + options.hours
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sites = [stack.enter_context(LivingSite(validators=number % 2 == 0)) for number in range(options.sites)]
        world = World(directory, sites, random.Random(options.seed))
        for name, site in zip(world.names, sites, strict=True):
            write_profile(directory, name, site.home, concurrency=2, delay=0.05)
        (directory / "archive.toml").write_text(CONFIG, encoding="utf-8")
        began = time.monotonic()
        try:
            simulate(world, hours, options.kills)
            status = finish(world)
        finally:
            if world.process is not None and world.process.poll() is None:
                os.killpg(world.process.pid, signal.SIGKILL)
                world.process.wait()
        faults = report(world, hours / 24, status, time.monotonic() - began)
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
