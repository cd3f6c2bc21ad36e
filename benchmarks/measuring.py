"""Measuring a program from outside: wall time, CPU time and the peak memory of it and all its child processes."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Seconds between two looks at /proc.
SAMPLE = 0.1
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one program took. `cpu` is user and system time of it and of every child it waited for."""

    started: float
    """By time.monotonic(), as the news server's log."""
    ended: float
    cpu: float
    peak: int
    """Bytes: the greatest sum of resident memory over its processes at one time."""
    status: int
    output: str

    @property
    def seconds(self) -> float:
        """Wall time."""
        return self.ended - self.started


def environment(root: Path = ROOT, **variables: str) -> dict[str, str]:
    """Return the environment of a contender: ours, with the repository (or a copy of it) on the path."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **variables}


def measure(command: Sequence[str], log: Path, *, root: Path = ROOT, **variables: str) -> Measured:
    """Run a program to its end; what it prints goes to `log` and is returned."""
    with log.open("w+", encoding="utf-8") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(root, **variables),
            cwd=root,
            start_new_session=True,
        )
        peak = 0
        while True:
            # wait4, because its figures hold the children too; Popen must then not wait again.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, sum(resident(pid) for pid in process_tree(process.pid)))
            time.sleep(SAMPLE)
        ended = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    return Measured(started, ended, usage.ru_utime + usage.ru_stime, peak, process.returncode, text)


def process_tree(root: int) -> list[int]:
    """Return a process and all its descendants, from /proc, whatever session or group they moved to."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            children.setdefault(parent, []).append(int(path.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_SIZE
    except OSError:
        return 0


def union_archive(directory: Path, *arguments: str) -> list[str]:
    """Return the command line of `union-archive` on an archive directory."""
    return [sys.executable, "-m", "crawler.cli", "--archive", str(directory), *arguments]


def write_profile(directory: Path, site: str, home: str, *, concurrency: int = 16, delay: float = 0) -> None:
    """Write the profile of a site of the news server into an archive directory."""
    host = home.removeprefix("http://").rstrip("/")
    (directory / "sites").mkdir(parents=True, exist_ok=True)
    (directory / "sites" / f"{site}.toml").write_text(
        f'name = "本地工会网"\nhome = "{home}"\nhosts = ["{host}"]\narticle_url = \'/news/\\d+\\.html$\'\n'
        f"delay = {delay}\nconcurrency = {concurrency}\n"
        '[evidence]\nseen = "written for a benchmark"\n'
        "[media]\nimages = false\nattachments = false\n"
        f'[[section]]\nname = "要闻"\nurl = "{home}list/"\n'
        '[[layout]]\nbody = "div.content"\ntitle = "h1"\ndate = "div.info"\n',
        encoding="utf-8",
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned columns; the first column is left-aligned, the others right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def verdict(value: float, target: float, *, at_least: bool) -> str:
    """Return a ratio beside its target: `0.52 (target ≥ 0.45: met)`."""
    met = value >= target if at_least else value <= target
    return f"{value:.2f} (target {'≥' if at_least else '≤'} {target:g}: {'met' if met else 'missed'})"
