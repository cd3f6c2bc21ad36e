"""`union-archive watch`: the command that keeps crawling what is due."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from archive import clock
from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from crawler.choosing import profile_of
from crawler.registry import registry

if TYPE_CHECKING:
    from crawler.crawling import Summary


@cli.command()
@click.argument("sites", nargs=-1, metavar="[SITE...]")
@click.option("--jobs", type=click.IntRange(min=1), help="Sites side by side; else [crawl] jobs of archive.toml.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each crawl of a site.")
@pass_directory
def watch(directory: ArchiveDirectory, sites: tuple[str, ...], jobs: int | None, as_json: bool) -> None:
    """Crawl what is due, and what becomes due, until Ctrl-C or SIGTERM.

    Without a SITE, every active one. Profiles and archive.toml are read again when they change. When the disk is full
    or the database locked it waits and tries again. The first signal lets what is on the wire end (exit 0), a second
    one does not (exit 1); either way nothing is lost.

    \b
    Examples:
      union-archive watch
      union-archive watch workercn qdcyzgh --jobs 2
      union-archive watch --json >> watch.jsonl
    """
    from crawler.sources import Sources
    from crawler.watching import watch as watch_sites

    profiles = registry(directory.sites)
    for site in sites:
        profile = profile_of(profiles, site)
        if profile.status != "active":
            raise click.UsageError(f"{site}: {profile.status} ({profile.reason}); only active sites are watched")
    sources = Sources(directory, sites)
    if not watch_sites(directory, sources, jobs=jobs, told=_json if as_json else _text):
        sys.exit(1)


def _text(summary: Summary) -> str:
    text = summary.text()
    return f"{clock.now()} {text}" if text else ""


def _json(summary: Summary) -> str:
    return json.dumps({"at": clock.now(), **summary.to_json()}, ensure_ascii=False)
