"""The command `import`: the database again from `warc/`, and files made elsewhere."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from crawler.registry import registry

if TYPE_CHECKING:
    from crawler.rebuilding.importing import Imported
    from crawler.rebuilding.rebuild import MakePool, Rebuilt


@cli.command("import")
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--rebuild", "again", is_flag=True, help="Make the whole database again from warc/ and decisions.jsonl.")
@click.option("--generic", is_flag=True, help="Take in hosts without a profile too, by the generic extractor.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes that read pages; else one a core.")
@click.option("--dask", metavar="ADDRESS", help="Read pages by the workers of this Dask scheduler (extra `dask`).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def import_(
    directory: ArchiveDirectory,
    files: tuple[Path, ...],
    again: bool,
    generic: bool,
    jobs: int | None,
    dask: str | None,
    as_json: bool,
) -> None:
    """Take in WARC, WACZ and ARC files made elsewhere, or make the database again.

    What the files hold of the archive's sites becomes its history, with its own dates: older captures become earlier
    revisions. With --rebuild, archive.db comes back from warc/ and decisions.jsonl alone; it must not be there.

    \b
    Examples:
      union-archive import crawl-2019.wacz other.warc.gz
      union-archive import --generic federation.warc.gz
      union-archive import --rebuild
    """
    from crawler.rebuilding.importing import import_files  # parsers take half a second to import
    from crawler.rebuilding.rebuild import local_pool, rebuild

    if again == bool(files) or (again and generic):
        raise click.UsageError("give FILE... to take in, or --rebuild alone")
    processes = jobs or os.cpu_count() or 1
    pool = dask_pool(dask) if dask else local_pool(processes)
    profiles = registry(directory.sites)
    if again:
        rebuilt = rebuild(directory, profiles, jobs=processes, pool=pool)
        _say(asdict(rebuilt), _rebuilt_problems(rebuilt), _rebuilt(rebuilt), as_json=as_json)
        if rebuilt.contents.problems or rebuilt.folded.problems:
            raise SystemExit(1)
    else:
        imported = import_files(directory, profiles, files, jobs=processes, generic=generic, pool=pool)
        _say(asdict(imported), imported.problems, _imported(imported), as_json=as_json)
        if not imported.responses and not imported.known:
            raise SystemExit(1)


def dask_pool(address: str) -> MakePool:
    """Return what makes a pool of the workers of a Dask scheduler."""
    from crawler.pool import distributed

    return lambda warc, profiles: distributed(address, warc, profiles)


def _say(values: dict[str, Any], problems: Sequence[str], text: str, *, as_json: bool) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(json.dumps(values, ensure_ascii=False) if as_json else text)


def _rebuilt_problems(rebuilt: Rebuilt) -> list[str]:
    lines = [*rebuilt.contents.problems, *rebuilt.folded.problems]
    for site, count in sorted(rebuilt.folded.no_profile.items()):
        fix = f"add sites/{site}.toml, then rebuild again"
        lines.append(f"{site}: has no profile, so {count:,} responses stay in warc/ alone; {fix}")
    for uid in rebuilt.undecided:
        lines.append(f"decisions.jsonl: {uid} is to be restricted, and no file holds that article")
    if rebuilt.nobodys:
        fix = "take their file in with `union-archive import FILE`"
        lines.append(f"{rebuilt.nobodys:,} responses in warc/ are of no run of this archive; {fix}")
    return lines


def _rebuilt(rebuilt: Rebuilt) -> str:
    hidden = f" and {rebuilt.restricted:,} restricted ones" if rebuilt.restricted else ""
    return (
        f"rebuilt {rebuilt.articles:,} articles{hidden}, {rebuilt.revisions:,} revisions and "
        f"{rebuilt.withdrawals:,} withdrawals from {rebuilt.folded.captures:,} responses of {rebuilt.folded.runs:,} "
        f"runs in {rebuilt.contents.files:,} WARC files"
    )


def _imported(imported: Imported) -> str:
    lines = [
        f"{imported.responses:,} responses taken in, {imported.known:,} were held already: {imported.articles_new:,} "
        f"articles new, {imported.articles_changed:,} with another revision, {imported.articles_unchanged:,} as they "
        f"were, {imported.failed:,} pages gave no article"
    ]
    if imported.made:
        lines.append(f"profiles written into sites/: {', '.join(imported.made)}")
    for what, counts in (
        ("left out of these sites", imported.left_out),
        ("hosts without a profile", imported.hosts),
        ("records passed over", imported.passed),
    ):
        if counts:
            lines.append(f"{what}: " + ", ".join(f"{name} {count:,}" for name, count in counts.items()))
    return "\n".join(lines)
