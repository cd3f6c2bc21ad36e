"""The commands that decide what readers see: restrict and publish."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
from pathlib import Path

import click

from archive import decisions, publishing, restricting
from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.plain import plain
from archive.progress import Progress


@cli.command()
@click.argument("target", metavar="UID|URL|SITE", required=False)
@click.option("--reason", metavar="TEXT", help="Why; it is kept in decisions.jsonl and shown to no reader.")
@click.option("--by", metavar="NAME", help="Who decided it; kept with the reason.")
@click.option("--lift", is_flag=True, help="Show it again.")
@click.option("--list", "as_list", is_flag=True, help="List what is restricted, and why.")
@click.option("--json", "as_json", is_flag=True, help="With --list: print one JSON array.")
@pass_directory
def restrict(
    directory: ArchiveDirectory,
    target: str | None,
    reason: str | None,
    by: str | None,
    lift: bool,
    as_list: bool,
    as_json: bool,
) -> None:
    """Keep an article or a whole site from readers: from pages, search, feeds, exports and publications.

    The archive keeps it: its captures, its WARC records, and its text in restricted.db, where crawls go on writing it.

    \b
    Examples:
      union-archive restrict 41d0a9c2b7e85f36 --reason "asked for by the person named"
      union-archive restrict --lift 41d0a9c2b7e85f36 --reason "the person has agreed"
      union-archive restrict --list
    """
    if torn := decisions.torn_line(directory):
        click.echo(torn, err=True)
    if as_list:
        if target or reason or by or lift:
            raise click.UsageError("--list stands alone, or with --json")
        _list(directory, as_json)
        return
    if target is None or as_json:
        raise click.UsageError("name the UID, URL or SITE, or give --list; --json goes with --list")
    if not (reason or "").strip():
        raise click.UsageError("give --reason TEXT: whoever keeps the archive later must know why")
    work = restricting.lift if lift else restricting.restrict
    with Progress("lift" if lift else "restrict", restricting.size(directory, target), "articles") as progress:
        done = work(directory, target, str(reason).strip(), by=by, advance=progress.advance)
    click.echo(_told(done, lift=lift))


def _told(done: restricting.Done, *, lift: bool) -> str:
    if done.already:
        return f"{done.target}: {'not restricted' if lift else 'restricted already'}; nothing was changed"
    if lift:
        line = f"{done.target}: lifted; {_number(done.articles)} shown again"
        return line + (f", {_number(done.stay)} still hidden by another restriction" if done.stay else "")
    return f"{done.target}: restricted; {_number(done.articles)} hidden, captures and WARC files kept"


def _number(articles: int) -> str:
    return f"{articles:,} article{'s' if articles != 1 else ''}"


def _list(directory: ArchiveDirectory, as_json: bool) -> None:
    found = restricting.restrictions(directory)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in found:
        what = (
            f"{one['uid']} {one['title']} {one['url']}" if one["uid"] else f"{one['site']} {one['articles']:,} articles"
        )
        click.echo(plain(f"{one['since'][:10]} {what}: {one['reason'] or 'no reason in decisions.jsonl'}"))
    click.echo(f"{len(found):,} restricted", err=True)


@cli.command()
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--metadata-only", is_flag=True, help="Without bodies: no text, no HTML, no pictures.")
@pass_directory
def publish(directory: ArchiveDirectory, out: Path, metadata_only: bool) -> None:
    """Write a compact copy of the archive for readers; stock Datasette and sqlite3 open it.

    It lacks what is restricted, the crawler's own tables, and what no held article was read from. It takes its place
    when it is whole, also that of an earlier publication; another file is never replaced.

    \b
    Examples:
      union-archive publish public.db && datasette --immutable public.db
      union-archive publish --metadata-only catalogue.db
    """
    with Progress("publish", publishing.size(directory), "B", scale=True) as progress:
        made = publishing.publish(directory, out, metadata_only=metadata_only, advance=progress.advance)
    click.echo(
        f"{out}: {made.articles:,} articles, {made.revisions:,} revisions, {made.captures:,} captures, "
        f"{made.size / 1e6:,.1f} MB"
    )
