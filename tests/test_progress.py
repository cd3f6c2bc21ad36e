"""What a person sees of a crawl: rows on a terminal, plain lines elsewhere, and the runs afterwards."""

import fcntl
import json
import os
import pty
import struct
import sys
import termios
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import processes
import pyte
import pytest
from click.testing import CliRunner
from crawls import Crawls, finish, wait_until
from local_server import LocalSite, News, Reply

from archive.amounts import duration, size
from crawler import showing
from crawler.cli import main
from crawler.counts import Counts
from crawler.crawling import Summary
from crawler.showing import Show


@dataclass
class UnderWay:
    """A crawl under way, as the view sees it."""

    id: str
    counts: Counts = field(default_factory=Counts)
    rate: float = 0.5
    waits: str = ""
    began: float = 0.0

    @property
    def profile(self):
        return SimpleNamespace(id=self.id)

    @property
    def run(self):
        return SimpleNamespace(counts=self.counts)

    def waits_for(self):
        return self.waits


class Screen:
    """A terminal of so many columns and lines: what programs write to `slave` is on `lines()`."""

    def __init__(self, columns, lines):
        self._screen = pyte.HistoryScreen(columns, lines, history=1000, ratio=0.5)
        self._stream = pyte.ByteStream(self._screen)
        self.master, self.slave = pty.openpty()
        self.resize(columns, lines)
        self.written = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def resize(self, columns, lines):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen.resize(lines, columns)

    def _read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            self.written += data
            self._stream.feed(data)

    def lines(self):
        """Lines that scrolled away and lines that are shown, without empty ones at the end."""
        gone = ["".join(row[x].data for x in range(self._screen.columns)) for row in self._screen.history.top]
        lines = [text.rstrip() for text in [*gone, *self._screen.display]]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def close(self):
        os.close(self.slave)
        self._thread.join(5)
        os.close(self.master)


@pytest.fixture
def screen():
    made = []

    def make(columns=100, lines=24):
        made.append(Screen(columns, lines))
        return made[-1]

    yield make
    for one in made:
        one.close()


def on_terminal(name, *arguments):
    """Run the command with a terminal for stdout and stderr; in a process of its own."""
    slave = os.open(name, os.O_RDWR)
    for number in (1, 2):
        os.dup2(slave, number)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False, buffering=1)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    os.environ["TERM"] = "xterm"
    showing.TICK = 0.05
    main(args=list(arguments), prog_name="union-archive")


@pytest.fixture
def shown(monkeypatch, screen):
    """A view of these crawls on a terminal of this size, with stderr being that terminal."""
    opened = []

    def show(running, columns=100, lines=24, outlook=lambda: ["1/3 sites done, 1 to come"]):
        terminal = screen(columns, lines)
        stderr = os.fdopen(os.dup(terminal.slave), "w", encoding="utf-8", buffering=1)
        opened.append(stderr)
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setenv("TERM", "xterm")
        return Show({one.id: one for one in running}, outlook), terminal

    yield show
    for one in opened:
        one.close()


def settled(terminal, last):
    """The lines once the last of them begins so."""
    wait_until(lambda: terminal.lines() and terminal.lines()[-1].startswith(last), 5, str(terminal.lines()))
    return terminal.lines()


RUNNING = [
    UnderWay("qdcyzgh", Counts(pages=1234, new=12, changed=3, unchanged=100, failed=1), 2.25, "delay, 1 s"),
    UnderWay("workercn", Counts(pages=6, new=5), 0.5, "robots.txt", began=1.0),
]


def test_rows_tell_how_each_site_goes(shown):
    show, terminal = shown(RUNNING)
    with show:
        show.refresh()
        head, first, second, sums, outlook = settled(terminal, "1/3")
    assert head.split() == ["site", "pages", "/s", "new", "changed", "unchanged", "failed", "waits", "for"]
    assert first.split() == ["qdcyzgh", "1,234", "2.2", "12", "3", "100", "1", "delay,", "1", "s"]
    assert second.split() == ["workercn", "6", "0.5", "5", "0", "0", "0", "robots.txt"]
    assert sums.split() == ["all", "1,240", "2.8", "17", "3", "100", "1"]
    assert outlook == "1/3 sites done, 1 to come"


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (60, ["site", "pages", "/s", "new", "changed", "failed", "waits for"]),
        (44, ["site", "pages", "new", "failed", "waits for"]),
        (30, ["site", "pages", "new", "failed"]),
        (20, ["site", "new"]),
    ],
)
def test_rows_fit_a_narrow_terminal(shown, columns, names):
    show, terminal = shown(RUNNING, columns)
    with show:
        show.refresh()
        lines = settled(terminal, "1/3")
    assert len(lines) == 5  # none was folded
    assert lines[0].split() == " ".join(names).split()


def test_rows_follow_the_size_of_the_terminal(shown):
    show, terminal = shown(RUNNING, 100)
    with show:
        show.refresh()
        settled(terminal, "1/3")
        terminal.resize(40, 24)
        show.refresh()
        wait_until(lambda: "unchanged" not in " ".join(terminal.lines()), 5, str(terminal.lines()))
        assert len(settled(terminal, "1/3")) == 5


def test_many_sites_leave_room_for_the_sums(shown):
    show, terminal = shown([UnderWay(f"site-{number:02}", began=float(number)) for number in range(30)], lines=12)
    with show:
        show.refresh()
        lines = settled(terminal, "1/3")
    assert len(lines) <= 12
    assert lines[1].startswith("site-00 ")
    assert lines[-2].startswith("all ")
    assert "and 23 more sites" in lines[-2]


def test_what_is_printed_meanwhile_stays_and_the_rows_go(shown, capsys):
    show, terminal = shown(RUNNING, 40)
    with show:
        show.refresh()
        show.say("a line that is longer than the terminal is wide, 很长的一行")
        show.done(Summary("qdgh", "finished", counts=Counts(new=3, pages=4)), "told")
        sums = ["all", "1,244", "20"]
        wait_until(lambda: any(line.split()[:3] == sums for line in terminal.lines()), 5, str(terminal.lines()))
    wait_until(lambda: "1/3" not in " ".join(terminal.lines()), 5, str(terminal.lines()))
    text = "".join(terminal.lines()).replace(" ", "")
    assert text == (
        "alinethatislongerthantheterminaliswide,很长的一行qdgh:finished;3new,0changed,0unchanged,0failed,0requests"
    )
    assert b"\x1b[?25l" not in terminal.written  # the cursor is never hidden
    assert capsys.readouterr().out == "told\n"  # stdout is no terminal


def test_elsewhere_a_plain_line_now_and_then(capsys, monkeypatch):
    show = Show({one.id: one for one in RUNNING}, lambda: ["1/3 sites done, 1 to come", "next: qdgh 12:00"])
    with show:
        show.refresh()
        assert capsys.readouterr().err == ""
        monkeypatch.setattr(show, "_said", time.monotonic() - showing.PLAIN_SECONDS)
        show.refresh()
        show.refresh()
        show.done(Summary("qdgh", "finished"), "")
        show.done(Summary("qdgh", "finished"), "told")
    said = capsys.readouterr()
    assert said.err == "1/3 sites done, 1 to come; 1,240 pages, 120 articles, 2.8 pages/s, 1 errors\n"
    assert said.out == "told\n"


def test_a_dumb_terminal_is_written_lines(shown, monkeypatch):
    show, terminal = shown(RUNNING)
    monkeypatch.setenv("TERM", "dumb")
    show = Show({}, lambda: ["done"])
    with show:
        show.refresh()
        show.say("a line")
    settled(terminal, "a line")
    assert b"\x1b" not in terminal.written


@pytest.fixture
def crawls(tmp_path):
    found = Crawls(tmp_path / "archive")
    yield found
    found.end()


def crawl_on(terminal, crawls, *arguments):
    """Start a crawl on a terminal."""
    name = os.ttyname(terminal.slave)
    process = processes.start(on_terminal, name, "--archive", str(crawls.path), *arguments)
    crawls._started.append(process)
    return process


def test_a_crawl_on_a_terminal(crawls, screen):
    terminal = screen(100)
    with LocalSite("127.0.0.2") as one, LocalSite("127.0.0.3") as two:
        News(8).put(one)
        crawls.profile(one, "eins", delay=0.1, concurrency=1)
        # What is logged is no row.
        two.pages["/list/"] = Reply(status=503, reason="Busy", headers=(("Retry-After", "3600"),))
        crawls.profile(two, "zwei")
        process = crawl_on(terminal, crawls, "crawl", "eins", "zwei")
        wait_until(lambda: any("delay, 0.1 s" in line for line in terminal.lines()), 30, str(terminal.lines()))
        assert finish(process, 30).returncode == 1
    wait_until(lambda: "eins: finished" in terminal.lines()[-1], 5, str(terminal.lines()))
    text = "".join(line.ljust(100) for line in terminal.lines())
    assert "eins: finished; 8 new, 0 changed, 0 unchanged, 0 failed, 10 requests" in terminal.lines()
    assert text.count("WARNING: zwei: http://") == text.count("zwei: failed (http://") == 1
    assert "waits for" not in text


def test_a_crawl_on_a_terminal_that_is_interrupted(crawls, screen):
    terminal = screen(60)
    with LocalSite() as site:
        News(30).put(site)
        crawls.profile(site, delay=0.2, concurrency=1)
        process = crawl_on(terminal, crawls, "crawl", "lokal")
        wait_until(lambda: any(line.startswith("all ") for line in terminal.lines()), 30, str(terminal.lines()))
        process.kill_group(2)
        assert finish(process, 30).returncode == 1
    wait_until(lambda: terminal.lines()[:1] and len(terminal.lines()) == 2, 5, str(terminal.lines()))
    assert "".join(terminal.lines()).startswith("lokal: interrupted (stopped); ")


def test_runs_are_listed_newest_first(crawls):
    with LocalSite() as site:
        News(3).put(site)
        crawls.profile(site)
        for _ in range(2):
            assert crawls.command("crawl", "lokal").returncode == 0
    said = CliRunner().invoke(main, ["--archive", str(crawls.path), "runs"])
    second, first = said.output.splitlines()
    assert ": finished; 3 new, 0 changed, 0 unchanged, 0 failed; 5 requests, " in first
    assert ": finished; 0 new, 0 changed, 0 unchanged, 0 failed; 2 requests, " in second
    args = ["--archive", str(crawls.path), "runs", "lokal", "--json", "--limit", "1"]
    (run,) = json.loads(CliRunner().invoke(main, args).output)
    assert (run["site"], run["outcome"], run["requests"]) == ("lokal", "finished", 2)
    assert run["seconds"] >= 0
    unknown = CliRunner().invoke(main, ["--archive", str(crawls.path), "runs", "lokl"])
    assert (unknown.exit_code, unknown.output) == (
        1,
        "Error: lokl: this archive knows no such site; `union-archive sites` names them\n",
    )


def test_runs_of_all_kinds_are_told(crawls):
    with crawls.directory.open_database().conn as connection:
        connection.execute("INSERT INTO sites (id, name, home, family, status) VALUES ('a', 'n', 'h', 'f', 'active')")
        columns = "INSERT INTO runs (site, started_at, ended_at, outcome, reason, bytes, version) VALUES ('a', "
        for values in (
            "'2026-05-01T08:00:00Z', '2026-05-01T10:05:09Z', 'failed', 'the site does not answer', 57300, '1')",
            "'2026-05-02T08:00:00Z', '2026-05-09T10:05:09Z', 'interrupted', 'killed', 0, '1')",
            "'2026-05-03T08:00:00Z', '2026-05-03T07:00:00Z', 'finished', NULL, 0, '1')",
            "'2026-05-04T08:00:00Z', NULL, 'running', NULL, 0, '1')",
        ):
            connection.execute(columns + values)
    connection.close()
    (crawls.path / "clock").write_text("2026-05-04T08:00:40Z")
    environment = {"UNION_ARCHIVE_CLOCK": str(crawls.path / "clock")}
    said = CliRunner(env=environment).invoke(main, ["--archive", str(crawls.path), "runs"]).output.splitlines()
    told = [line.partition(";")[0].split("Z")[1].split() for line in said]
    assert told == [
        ["for", "40", "s", "a:", "running"],
        ["0", "s", "a:", "finished"],
        ["?", "a:", "interrupted", "(killed)"],
        ["2", "h", "5", "min", "a:", "failed", "(the", "site", "does", "not", "answer)"],
    ]
    assert said[-1].endswith("0 requests, 57.3 kB")


@pytest.mark.parametrize(
    ("seconds", "said"), [(-5, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (3600, "1 h"), (97_200, "1 d 3 h")]
)
def test_durations(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000_000, "2.5 GB")])
def test_sizes(number, said):
    assert size(number) == said
