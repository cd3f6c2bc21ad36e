"""`union-archive prove`: what an article's pages said, for somebody who trusts neither us nor this program."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from archive import proof
from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.progress import Progress


@cli.command()
@click.argument("uid", metavar="UID")
@click.option("--revision", metavar="N", type=click.IntRange(min=1), help="Only what this revision was read from.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Else proof-UID.zip in this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def prove(directory: ArchiveDirectory, uid: str, revision: int | None, output: Path | None, as_json: bool) -> None:
    """Write a zip file that proves what an article's pages said when they were archived.

    It holds the article's WARC records byte for byte, the manifest of the archive's files, what leads from one to the
    other, and check.py, which checks all that with Python alone. Publish the two hashes that are printed: they are what
    a proof is compared with. Captures in a file that is still being written are left out, and told.

    \b
    Examples:
      union-archive prove 41d0a9c2b7e85f36
      union-archive prove 41d0a9c2b7e85f36 --revision 2 -o before-the-edit.zip
    """
    out = output or Path(f"proof-{uid}.zip")
    with Progress("prove", proof.size(directory, uid, revision), "B", scale=True) as progress:
        made = proof.prove(directory, uid, out, revision=revision, advance=progress.advance)
    if as_json:
        click.echo(json.dumps(asdict(made), ensure_ascii=False, indent=1))
        return
    for one in made.left_out:
        click.echo(f"left out: the capture of {one['fetched_at']}, {one['why']} ({one['file']})", err=True)
    click.echo(f"{made.file}: captures {made.captures:,}, records {made.records:,}, bytes {made.size:,}")
    click.echo(f"SHA256SUMS: {made.sums}")
    click.echo(f"last line of the manifest: {made.last}")
