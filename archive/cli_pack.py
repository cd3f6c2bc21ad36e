"""`union-archive pack`: many small WARC files become a few."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import click

from archive import packing
from archive.amounts import size
from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.packing import Packing
from archive.progress import Progress

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def bytes_of(value: str) -> int:
    """Return the bytes of a size: 900 kB, 64MB, 1 GB. Raises BadParameter: the command then exits 2."""
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,3})?)\s*(|b|kb|mb|gb)\s*", value.lower())
    if found is None:
        raise click.BadParameter(f"{value!r} is no size; write it as 64MB, 900kB or 1GB")
    return int(float(found[1]) * _UNITS[found[2]])


@cli.command()
@click.option(
    "--below", metavar="SIZE", type=bytes_of, default="64MB", show_default=True, help="Files of at least this stay."
)
@click.option("--dry-run", is_flag=True, help="Tell what would be joined; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def pack(directory: ArchiveDirectory, below: int, dry_run: bool, as_json: bool) -> None:
    """Join small closed WARC files into greater ones, up to 1 GB each; nothing else of the archive changes.

    Records are copied byte for byte, read back and checked before the small files are removed; the manifest says what
    was packed into what. Crawls may run meanwhile: files that are open, or were written to in the last 10 minutes, are
    left. Killed at any moment it loses nothing; the next one finishes it. Exit 1 when a file is damaged.

    \b
    Examples:
      union-archive pack --dry-run
      union-archive pack --below 200MB
      union-archive pack --json | jq '.joined[].file'
    """
    directory.require()
    groups, young = packing.plan(directory, below)
    if dry_run:
        _told_plan(groups, young, as_json)
        return
    total = 2 * sum(path.stat().st_size for group in groups for path in group)
    with Progress("pack", total, "B", scale=True) as progress:
        done = packing.pack(directory, below, advance=progress.advance)
    if as_json:
        click.echo(json.dumps({"ok": not done.problems, **asdict(done)}, ensure_ascii=False, indent=2))
    else:
        _told(done)
    if done.problems:
        sys.exit(1)


def _told_plan(groups: list[list[Path]], young: int, as_json: bool) -> None:
    would = [
        {"size": sum(path.stat().st_size for path in one), "replaces": [path.name for path in one]} for one in groups
    ]
    if as_json:
        click.echo(json.dumps({"dry_run": True, "joined": would, "young": young}, ensure_ascii=False, indent=2))
        return
    for one, group in zip(would, groups, strict=True):
        click.echo(f"{len(group):,} files from {group[0].name} to {group[-1].name}: {size(int(str(one['size'])))}")
    click.echo(f"would join {sum(map(len, groups)):,} files into {len(groups):,}{_young(young)}")


def _told(done: Packing) -> None:
    for name in done.finished:
        click.echo(f"{name}: finished, a `pack` before had been cut off")
    for one in done.joined:
        click.echo(f"{one.file}: {len(one.replaces):,} files, {size(one.size)}")
    for problem in done.problems:
        click.echo(str(problem))
    number = sum(len(one.replaces) for one in done.joined)
    click.echo(f"joined {number:,} files into {len(done.joined):,}{_young(done.young)}")


def _young(number: int) -> str:
    return f"; {number:,} closed just now can be joined later" if number else ""
