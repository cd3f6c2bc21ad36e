"""Running the command as an archivist does, in a process of its own."""

import json
import signal
import subprocess
from pathlib import Path

import processes

from archive.database import read_database

SECONDS = 60


def run(archive, *args, check=True, timeout=SECONDS, hurried=False):
    """Run `union-archive --archive ARCHIVE …`; with `check`, it must exit 0 and say nothing of a traceback."""
    process = start(archive, *args, hurried=hurried)
    try:
        done = subprocess.CompletedProcess(args, None, *process.communicate(timeout=timeout))
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    done.returncode = process.returncode
    assert "Traceback" not in done.stderr, done.stderr
    if check:
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


def crawl(archive, *args, check=True, timeout=SECONDS, hurried=False):
    """Crawl and return the summaries by site."""
    done = run(archive, "crawl", *args, "--json", check=check, timeout=timeout, hurried=hurried)
    return {one["site"]: one for one in map(json.loads, done.stdout.splitlines())}


def start(archive, *args, hurried=False):
    """Start the command in a process group of its own; the caller ends it with `kill`."""
    target = processes.hurried if hurried else processes.command
    return processes.start(target, "--archive", str(archive), *map(str, args))


def kill(process, number=signal.SIGKILL):
    """Send a signal to the whole process group of a started command."""
    process.kill_group(number)


def add_profile(archive, site_id, text):
    sites = Path(archive) / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    (sites / f"{site_id}.toml").write_text(text, encoding="utf-8")


def rows(archive, sql, *values):
    """The rows of a query as dicts."""
    db = read_database(Path(archive) / "archive.db")
    try:
        return [dict(row) for row in db.conn.execute(sql, values)]
    finally:
        db.close()
