"""The command that derives articles again from their stored captures: `reparse`."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING

import click

from archive.cli import cli, pass_directory
from archive.cli_revisions import held_article, shower
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.progress import Progress
from crawler.choosing import profile_of
from crawler.profile import SiteProfile
from crawler.registry import registry

if TYPE_CHECKING:
    from crawler.pool import Pool


@cli.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that read pages; else one a core.")
@click.option("--dry-run", "dry", is_flag=True, help="Tell what would change, and write nothing.")
@click.option("--diff", metavar="UID|URL", help="Show what differs of one article, and write nothing.")
@click.option("--dask", metavar="ADDRESS", help="Read with the workers of a Dask scheduler (tcp://HOST:8786).")
@click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
@pass_directory
def reparse(
    directory: ArchiveDirectory,
    sites: tuple[str, ...],
    jobs: int | None,
    dry: bool,
    diff: str | None,
    dask: str | None,
    as_object: bool,
) -> None:
    """Derive every article again from its stored captures, with today's code and profiles; tell what changed.

    No revision is added or removed: a site has edited nothing. An article that cannot be read stays as it is. A site
    that is being crawled is left alone. Exit 1 when a site was left alone or an article cannot be read.

    \b
    Examples:
      union-archive reparse --dry-run qdcyzgh
      union-archive reparse --jobs 4
      union-archive reparse --diff 41d0a9c2b7e85f36
      union-archive reparse --dask tcp://10.0.0.5:8786 --json > report.json
    """
    profiles = registry(directory.sites)
    directory.require()
    if diff is not None:
        _show(directory, profiles, diff, as_object)
        return
    chosen = [profile_of(profiles, site) for site in dict.fromkeys(sites)] or _held(directory, profiles)
    with _pool(directory, profiles, jobs, dask) as pool:
        good = _derive(directory, pool, chosen, sites, dry=dry, as_object=as_object)
    if not good:
        sys.exit(1)


def _pool(directory: ArchiveDirectory, profiles: Mapping[str, SiteProfile], jobs: int | None, dask: str | None) -> Pool:
    from crawler.pool import distributed, local  # parsers take half a second to import

    if dask is not None:
        return distributed(dask, directory.warc, profiles)
    return local(directory.warc, profiles, jobs=jobs or len(os.sched_getaffinity(0)))


def _held(directory: ArchiveDirectory, profiles: Mapping[str, SiteProfile]) -> list[SiteProfile]:
    """Return the sites that have been crawled; one whose profile is gone is named, and left alone."""
    with closing(directory.read_database()) as db:
        names = [row["site"] for row in db.conn.execute("SELECT DISTINCT site FROM captures ORDER BY site")]
    for name in names:
        if name not in profiles:
            click.echo(
                f"{name}: left alone; it has no profile any more, put {name}.toml into {directory.sites}", err=True
            )
    return [profiles[name] for name in names if name in profiles]


def _derive(
    directory: ArchiveDirectory,
    pool: Pool,
    chosen: list[SiteProfile],
    asked: tuple[str, ...],
    *,
    dry: bool,
    as_object: bool,
) -> bool:
    """Run, and print what came of it; say whether every article could be read."""
    from crawler.reparsing.running import Reparse, count

    reports = []
    with Progress("reparse", count(directory, chosen), "articles") as progress:
        for report in Reparse(directory, pool, dry=dry, advance=progress.advance).run(chosen, asked):
            reports.append(report)
            if not as_object:
                for line in report.lines():
                    progress.note(line)
    if as_object:
        said = {"dry_run": dry, "sites": {report.site: report.as_json() for report in reports}}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
    elif dry:
        click.echo("nothing was written: this was a dry run")
    return not any(report.skipped or report.failed for report in reports)


def _show(directory: ArchiveDirectory, profiles: Mapping[str, SiteProfile], name: str, as_object: bool) -> None:
    from crawler.reparsing import showing

    with closing(directory.read_database()) as db:
        article = held_article(db.conn, name).article
    if article["site"] not in profiles:
        raise ArchiveError(f"{article['site']}: it has no profile any more; put its profile into {directory.sites}")
    with _pool(directory, profiles, 1, None) as pool:
        derived = showing.derive(directory, pool, profiles[article["site"]], article["uid"])
    if as_object:
        click.echo(json.dumps(showing.as_json(derived), ensure_ascii=False, indent=1))
        return
    show, colours = shower()
    for line in showing.lines(derived, show):
        click.echo(line, color=colours)
