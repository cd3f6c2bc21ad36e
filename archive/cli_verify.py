"""`union-archive verify`: is the archive whole?"""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.problems import By, Problem, tally
from archive.progress import Progress
from archive.verify import Summary, size
from archive.verify import verify as verify_archive
from archive.verify_place import Place


@cli.command()
@click.option("--resume", is_flag=True, help="Go on where a `verify` that was stopped left off.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def verify(directory: ArchiveDirectory, resume: bool, as_json: bool) -> None:
    """Check every digest, every WARC record, every reference both ways, the manifest and the search index.

    Each problem is one line: where, what, and the fix; the last line counts them by what mends them. Exit 1 when there
    is one. Nothing is changed, and crawls may run meanwhile.

    With --resume, WARC files that are as they were, and an archive.db that is, are not read again; what was found in
    them is told again.

    \b
    Examples:
      union-archive verify
      union-archive verify --resume
      union-archive verify --json | jq '.problems[].where'
    """
    directory.require()
    problems: list[Problem] = []
    by: Counter[By] = Counter()
    with Place.of(directory, resume=resume) as place:
        _say_place(place, resume)
        with Progress("verify", size(directory), "B", scale=True) as progress:

            def report(problem: Problem) -> None:
                by[problem.by] += 1
                if as_json:
                    problems.append(problem)
                else:
                    progress.note(str(problem))

            try:
                summary = verify_archive(directory, report, progress.advance, place=place)
            except KeyboardInterrupt:
                progress.note(_stopped(place, by), err=True)
                sys.exit(1)
    _tell(summary, by, problems, as_json)
    if by:
        sys.exit(1)


def _say_place(place: Place, resume: bool) -> None:
    if place.why_not is not None:
        click.echo(place.why_not, err=True)
    elif resume:
        began = f"going on with the `verify` that began at {place.began}" if place.began else "none to go on with"
        click.echo(began if place.began else f"{began}: this one begins anew", err=True)


def _stopped(place: Place, by: Counter[By]) -> str:
    said = f"stopped; {tally(by)}" if by else "stopped; no problem so far"
    return f"{said}; go on with `union-archive verify --resume`" if place.is_kept else said


def _tell(summary: Summary, by: Counter[By], problems: list[Problem], as_json: bool) -> None:
    if as_json:
        found = [{**asdict(problem), "by": problem.by} for problem in problems]
        answer = {"ok": not by, **asdict(summary), "mended_by": dict(by), "problems": found}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{summary}; {tally(by)}" if by else str(summary))
