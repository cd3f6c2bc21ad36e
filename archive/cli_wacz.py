"""`union-archive export --format wacz`: articles with their captures, in one file that replays offline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from archive import export as exporting
from archive import wacz
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.progress import Progress
from archive.search.selection import Selection


def export_wacz(directory: ArchiveDirectory, output: Path | None, selection: Selection, since: int) -> None:
    """Write a WACZ file to `output` or stdout; exit 1 when captures are missing, each WARC file named once on stderr.

    Raises ArchiveError when the file cannot be written, or stdout is a terminal.
    """
    config = directory.config()
    with closing(directory.read_database()) as db:
        exporting.check(db, selection, since)
        last = exporting.last_change(db)
        total = exporting.count(db, selection, since, last)
        with _destination(output) as out, Progress("export", total, "articles") as progress:
            written = wacz.write(
                out,
                db,
                directory.warc,
                selection,
                wacz.Facts(config.name, config.rights),
                since=since,
                until=last,
                note=lambda line: progress.note(line, err=True),
                advance=progress.advance,
                scratch=_beside(output),
            )
            out.flush()
    click.echo(f"{written.articles:,} articles, {written.captures:,} captures; next: --since {last}", err=True)
    if written.missing:
        click.echo(f"{written.missing:,} captures are missing in it; mend that and export again", err=True)
        sys.exit(1)


@contextmanager
def _destination(output: Path | None) -> Iterator[BinaryIO]:
    """Open the output: a file that appears when it is whole, or stdout."""
    if output is not None:
        with exporting.whole_binary(output) as out:
            yield out
    elif sys.stdout.isatty():
        raise ArchiveError("wacz: is no text for a terminal; name a file with -o")
    else:
        yield sys.stdout.buffer


def _beside(output: Path | None) -> Path | None:
    """Return the folder of the output, where there is room for it; None where it is no file."""
    if output is None or (output.exists() and not output.is_file()):
        return None
    return output.resolve().parent
