"""The command `merge`: what was crawled into other archive directories, taken into this one."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from crawler.registry import registry


@cli.command()
@click.argument("shards", nargs=-1, required=True, metavar="SHARD...", type=click.Path(path_type=Path))
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes that read pages; else one a core.")
@click.option("--dask", metavar="ADDRESS", help="Read pages by the workers of this Dask scheduler (extra `dask`).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def merge(
    directory: ArchiveDirectory, shards: tuple[Path, ...], jobs: int | None, dask: str | None, as_json: bool
) -> None:
    """Take crawls that were made into other archive directories into this one, as if they had been made here.

    Their WARC files are copied into warc/, each once, and what they tell is added to the database in its place in time.
    What is here already is left out, so that it can be done again. The SHARDs stay as they are. Exit 1 when something
    of them could not be taken in.

    \b
    Examples:
      union-archive merge /media/laptop/archive
      union-archive --archive /srv/union merge /srv/machine-1 /srv/machine-2
    """
    from crawler.cli_import import dask_pool  # parsers take half a second to import
    from crawler.rebuilding.merging import merge as merge_shards
    from crawler.rebuilding.rebuild import local_pool

    processes = jobs or os.cpu_count() or 1
    pool = dask_pool(dask) if dask else local_pool(processes)
    others = [ArchiveDirectory(path) for path in dict.fromkeys(shards)]
    merged = merge_shards(directory, registry(directory.sites), others, jobs=processes, pool=pool)
    for problem in merged.problems:
        click.echo(problem, err=True)
    click.echo(
        json.dumps(asdict(merged), ensure_ascii=False)
        if as_json
        else f"{merged.files:,} WARC files copied; {merged.responses:,} responses of {merged.runs:,} runs taken in, "
        f"{merged.known:,} were held already"
    )
    if merged.problems:
        raise SystemExit(1)
