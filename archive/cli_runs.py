"""`union-archive runs`: what was crawled, when, how long it took and how it went."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

import click

from archive import clock
from archive.amounts import duration, size
from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.plain import plain

#: Counters of a run, as the table has them.
COUNTS = (
    "requests", "bytes", "listings", "links", "articles_new", "articles_changed", "articles_unchanged", "failed",
    "disallowed",
)  # fmt: skip


@cli.command()
@click.argument("site", metavar="[SITE]", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Runs to show.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@pass_directory
def runs(directory: ArchiveDirectory, site: str | None, limit: int, as_json: bool) -> None:
    """List crawls, the newest first: when, how long, how it went and why, and what came of it.

    \b
    Examples:
      union-archive runs
      union-archive runs workercn --limit 100
      union-archive runs --json | jq '.[] | select(.outcome == "failed")'
    """
    with closing(directory.read_database()) as db:
        if site is not None and db.execute("SELECT 1 FROM sites WHERE id = ?", [site]).fetchone() is None:
            raise ArchiveError(f"{site}: this archive knows no such site; `union-archive sites` names them")
        found = newest_runs(db.conn, site, limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(plain(line(one, clock.utcnow())))


def newest_runs(connection: sqlite3.Connection, site: str | None, limit: int) -> list[dict[str, Any]]:
    """Return the last runs (of one site, or of all), the newest first.

    `seconds` is None while a run goes on, and where it was killed: its end was written when the next one began.
    """
    names = ("id", "site", "started_at", "ended_at", "outcome", "reason", "cause", *COUNTS, "options", "version")
    where, values = ("WHERE site = ?", [site]) if site is not None else ("", [])
    query = f"SELECT {', '.join(names)} FROM runs {where} ORDER BY id DESC LIMIT ?"
    rows = connection.execute(query, [*values, limit])
    return [_run(dict(zip(names, row, strict=True))) for row in rows]


def _run(row: dict[str, Any]) -> dict[str, Any]:
    seconds = None
    if row["ended_at"] is not None and row["reason"] != "killed":
        seconds = (clock.moment(row["ended_at"]) - clock.moment(row["started_at"])).total_seconds()
    return {**row, "seconds": seconds, "options": json.loads(row["options"])}


def line(run: dict[str, Any], now: datetime) -> str:
    """Return a run for a person, in one line."""
    outcome = run["outcome"] + (f" ({run['reason']})" if run["reason"] else "")
    if run["outcome"] == "running":
        took = f"for {duration((now - clock.moment(run['started_at'])).total_seconds())}"
    else:
        took = duration(run["seconds"]) if run["seconds"] is not None else "?"
    return (
        f"{run['started_at']}  {took:>9}  {run['site']}: {outcome}; {run['articles_new']:,} new, "
        f"{run['articles_changed']:,} changed, {run['articles_unchanged']:,} unchanged, {run['failed']:,} failed; "
        f"{run['requests']:,} requests, {size(run['bytes'])}"
    )
