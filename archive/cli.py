"""The commands that need no crawler: init, export, serve; crawler/cli.py adds its own to the same group."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import io
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click
from sqlite_utils import Database

from archive import __version__, citing
from archive import export as exporting
from archive.directory import ArchiveDirectory, default_directory
from archive.errors import ArchiveError
from archive.progress import Progress
from archive.search.selection import QueryError, Selection, checked

pass_directory = click.make_pass_decorator(ArchiveDirectory)
"""Hands the chosen ArchiveDirectory to a command as its first argument."""

DATE = click.DateTime(formats=["%Y-%m-%d", "%Y-%m", "%Y"])
"""A day, or the first day of a month or a year."""


def iso_date(moment: datetime | None) -> str | None:
    """Return a DATE option as an ISO 8601 day."""
    return moment.date().isoformat() if moment is not None else None


class WrongQuery(click.ClickException):
    """A query or filter that cannot be understood: one line, and exit 2."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands fail in one line: what is wrong and the fix, never a traceback of ours."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an ArchiveError or a database's error becomes `Error: …` and exit 1."""
        try:
            return super().invoke(ctx)
        except QueryError as error:
            raise WrongQuery(" ".join(str(error).split())) from error
        except ArchiveError as error:
            raise click.ClickException(" ".join(str(error).split())) from error
        except sqlite3.Error as error:
            where = ctx.obj.database if isinstance(ctx.obj, ArchiveDirectory) else "archive.db"
            raise click.ClickException(f"{where}: {error}; look at it with `union-archive verify`") from error
        except BrokenPipeError:
            # The reader (`| head`) has had enough. Python would complain when it flushes stdout at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The archive directory. Else the variable UNION_ARCHIVE, else ./data.",
)
@click.version_option(__version__, prog_name="union-archive", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, directory: Path | None) -> None:
    """Keep an archive of record of trade-union news.

    \b
    Examples:
      union-archive init
      union-archive --archive /srv/union export -o articles.jsonl
    """
    ctx.obj = default_directory(directory)


@cli.command()
@pass_directory
def init(directory: ArchiveDirectory) -> None:
    """Make an archive directory with a commented archive.toml.

    What is there already stays as it is.

    \b
    Example:
      union-archive --archive /srv/union init
    """
    held = directory.config_file.exists()
    directory.create()
    directory.config()
    click.echo(f"{directory.config_file}: {'kept as it was' if held else 'written'}")
    if not directory.config().contact:
        click.echo("Next: put a contact into it; a crawl from the network does not start without one.")


@cli.command()
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Else stdout.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([*exporting.FORMATS, *citing.FORMATS, "wacz"]),
    help="Else by the end of FILE's name, else jsonl.",
)
@click.option("--site", "sites", metavar="SITE", multiple=True, help="Only of this site; may be repeated.")
@click.option("--section", metavar="NAME", help="Only of this section (栏目), as the site names it.")
@click.option("--language", metavar="TAG", help="Only in this language: zh-Hans, zh-Hant, en, …")
@click.option("--query", metavar="QUERY", default="", help="Only what `search` finds with it.")
@click.option("--after", metavar="DATE", type=DATE, help="Only published on this day or later.")
@click.option("--before", metavar="DATE", type=DATE, help="Only published before this day.")
@click.option(
    "--since",
    metavar="CHANGE",
    type=click.IntRange(min=0),
    default=0,
    help="Only changed after this number, which the last export printed.",
)
@click.option("--revisions", is_flag=True, help="Add each article's revisions, what they said, and withdrawals.")
@pass_directory
def export(
    directory: ArchiveDirectory,
    output: Path | None,
    format_: str | None,
    sites: tuple[str, ...],
    section: str | None,
    language: str | None,
    query: str,
    after: datetime | None,
    before: datetime | None,
    since: int,
    revisions: bool,
) -> None:
    """Write articles to stdout or a file, in order of their last change.

    A DATE is a day, 2024-05-25, or the first day of a month or a year: 2024-05, 2024. Articles without a date are
    left out by --after and --before. The number to give as the next --since goes to stderr. The format wacz holds the
    stored pages, pictures and files too, and replays offline in ReplayWeb.page.

    \b
    Examples:
      union-archive export -o articles.jsonl
      union-archive export --site workercn --after 2024 -o workercn.wacz
      union-archive export --site workercn --after 2024 --before 2025 --format csv -o 2024.csv
      union-archive export --since 5210 | jq -r .title
    """
    selection = checked(
        Selection(
            query,
            sites,
            sections=(section,) if section else (),
            languages=(language,) if language else (),
            after=after and after.date(),
            before=before and before.date(),
        )
    )
    if str(output) == "-":
        output = None
    format_ = format_ or _format_of(output)
    if format_ == "wacz":
        from archive.cli_wacz import export_wacz  # it needs this module

        export_wacz(directory, output, selection, since)
        return
    keys = exporting.keys(revisions=revisions)
    with closing(directory.read_database()) as db:
        exporting.check(db, selection, since)
        write = _writer(directory, db, format_)
        last = exporting.last_change(db)
        total = exporting.count(db, selection, since, last)
        with _destination(output) as out, Progress("export", total, "articles") as progress:

            def counted() -> Iterator[dict[str, Any]]:
                for article in exporting.export(db, selection, since=since, until=last, revisions=revisions):
                    yield article
                    progress.advance()

            write(counted(), out, keys)
            out.flush()
    click.echo(f"{progress.count:,} articles; next: --since {last}", err=True)


def _writer(directory: ArchiveDirectory, db: Database, format_: str) -> citing.Writer:
    """Return what writes articles in a format; citations name the address where readers find the archive, if any."""
    config = directory.config()
    page = f"{config.address}/article/{{}}".format if config.address else None
    cite = citing.citer(config.name, citing.site_names(db.conn), page)
    return {**exporting.FORMATS, **citing.writers(cite)}[format_]


def _format_of(output: Path | None) -> str:
    """Return the format that the end of a file's name tells, jsonl where it tells none."""
    suffix = output.suffix.removeprefix(".").lower() if output else ""
    suffix = {"bib": "bibtex"}.get(suffix, suffix)
    return suffix if suffix in (*exporting.FORMATS, *citing.FORMATS, "wacz") else "jsonl"


@contextmanager
def _destination(output: Path | None) -> Iterator[TextIO]:
    """Open the output: a file that appears when it is whole, or stdout, UTF-8 whatever the terminal's charset."""
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        yield sys.stdout
    else:
        with exporting.whole_file(output) as out:
            yield out


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@pass_directory
def serve(directory: ArchiveDirectory, host: str, port: int) -> None:
    """Publish the archive with Datasette, for reading only, until Ctrl-C.

    \b
    Examples:
      union-archive serve
      union-archive serve --port 8080
    """
    from archive.web.serve import serve as serve_archive  # Datasette takes half a second to import

    serve_archive(directory, host, port)


# The modules that hold the other commands: importing them adds these.
from archive import (  # noqa: E402
    cli_coverage,  # noqa: F401
    cli_digest,  # noqa: F401
    cli_health,  # noqa: F401
    cli_notify,  # noqa: F401
    cli_pack,  # noqa: F401
    cli_prove,  # noqa: F401
    cli_publish,  # noqa: F401
    cli_review,  # noqa: F401
    cli_revisions,  # noqa: F401
    cli_runs,  # noqa: F401
    cli_search,  # noqa: F401
    cli_verify,  # noqa: F401
)
