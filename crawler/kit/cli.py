"""The commands of the kit: `check` and `new-site`."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from crawler.choosing import check_replay, profile_of, require_contact, split_replay
from crawler.registry import registry


@cli.command()
@click.argument("sites", nargs=-1, metavar="SITE...")
@click.option("--all", "all_sites", is_flag=True, help="Every active site of the registry.")
@click.option("--jobs", type=click.IntRange(min=1), help="Sites side by side; else [crawl] jobs of archive.toml.")
@click.option("--replay", multiple=True, metavar="FILE", help="Read WARC files instead of the network.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a site.")
@pass_directory
def check(
    directory: ArchiveDirectory,
    sites: tuple[str, ...],
    all_sites: bool,
    jobs: int | None,
    replay: tuple[str, ...],
    as_json: bool,
) -> None:
    """Look at sites and say whether they are as their profiles say; store nothing.

    Reads every section's first listing page and three articles of each, as politely as a crawl, and tells the fields
    found, layouts, charsets, the newest date, and which of the inferred facts turned out true. Exit 1 where a site
    falls short.

    \b
    Examples:
      union-archive check qdcyzgh
      union-archive check --all --json
      union-archive check workercn --replay saved.warc.gz
    """
    from crawler.kit.checking import check_sites
    from crawler.kit.scratch import scratch
    from crawler.kit.telling import lines

    replay, sites = split_replay(replay, sites)
    profiles = registry(directory.sites)
    chosen = [profile_of(profiles, site) for site in dict.fromkeys(sites)]
    if all_sites:
        chosen += [one for one in profiles.values() if one.status == "active" and one not in chosen]
    if not chosen:
        raise click.UsageError("name a SITE, or give --all; `union-archive sites` names them")
    config = directory.config()
    if not replay and not config.contact:
        require_contact(directory, chosen)
    with scratch(directory) as place:
        checks = check_sites(place, chosen, jobs=jobs or config.jobs, replay=check_replay(replay))
    for one in checks:
        click.echo(json.dumps(one.to_json(), ensure_ascii=False) if as_json else "\n".join(lines(one)))
    if any(one.shortfalls for one in checks):
        sys.exit(1)


@cli.command("new-site")
@click.argument("url", metavar="URL")
@click.option("--id", "id_", metavar="ID", help="Its id; else made from the host.")
@click.option(
    "--project", type=click.Path(path_type=Path), metavar="DIR", help="A checkout of union-archive to write into."
)
@click.option("--replay", multiple=True, metavar="FILE", help="Read WARC files instead of the network.")
@pass_directory
def new_site(
    directory: ArchiveDirectory, url: str, id_: str | None, project: Path | None, replay: tuple[str, ...]
) -> None:
    """Look at a site that has no profile and write a draft of one.

    Reads its home page, its listings and two articles, names the CMS family, and writes the profile, the pages and
    what was read from them into the archive's directory, or with --project into a checkout of union-archive. Prints
    what a person must check.

    \b
    Examples:
      union-archive new-site http://www.example.org/
      union-archive new-site http://www.example.org/ --id example --project .
    """
    from crawler.kit.drafting import Places, draft_site, unknown_site
    from crawler.kit.scratch import scratch

    first = unknown_site(url, id_, registry(directory.sites))
    places = Places.of(directory, project, first.id)
    places.require_free()
    with scratch(directory) as place:
        drafted = draft_site(place, first, contact=directory.config().contact, replay=check_replay(replay))
    if project is None:
        directory.create()
    written = drafted.write(places)
    for line in written:
        click.echo(line)
