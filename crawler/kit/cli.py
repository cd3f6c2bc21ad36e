"""The commands of the kit: `check` and `new-site`."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler.choosing import check_replay, profile_of, require_contact, split_replay
from crawler.profile import SiteProfile
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
@click.argument("addresses", nargs=-1, required=True, metavar="URL...")
@click.option("--id", "id_", metavar="ID", help="The site's id; else made from its host.")
@click.option(
    "--project", type=click.Path(path_type=Path), metavar="DIR", help="A checkout of union-archive to write into."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Sites side by side; else [crawl] jobs of archive.toml.")
@click.option("--replay", multiple=True, metavar="FILE", help="Read WARC files instead of the network.")
@pass_directory
def new_site(
    directory: ArchiveDirectory,
    addresses: tuple[str, ...],
    id_: str | None,
    project: Path | None,
    jobs: int | None,
    replay: tuple[str, ...],
) -> None:
    """Look at sites that have no profile and write a draft of one for each.

    Reads the home page, its listings and two articles of each, names the CMS family, and writes the profile, the pages
    and what was read from them into the archive's directory, or with --project into a checkout of union-archive.
    Prints what a person must check. Exit 1 where a site could not be drafted; the others are.

    \b
    Examples:
      union-archive new-site http://www.example.org/
      union-archive new-site http://www.example.org/ --id example --project .
    """
    from crawler.kit.drafting import Places, draft_sites, unknown_site
    from crawler.kit.scratch import scratch

    replay, addresses = split_replay(replay, addresses)
    if id_ is not None and len(addresses) > 1:
        raise click.UsageError("--id is for one URL; leave it out, or draft the sites one by one")
    files, config, profiles = check_replay(replay), directory.config(), registry(directory.sites)
    firsts: dict[str, SiteProfile] = {}
    failed: list[ArchiveError] = []
    for address in addresses:
        try:
            first = unknown_site(address, id_, {**profiles, **firsts})
            Places.of(directory, project, first.id).require_free()
            firsts[first.id] = first
        except ArchiveError as error:
            failed.append(error)
    if not files and not config.contact:
        require_contact(directory, [*firsts.values()])
    with scratch(directory) as place:
        drafts = draft_sites(place, [*firsts.values()], jobs=jobs or config.jobs, replay=files) if firsts else {}
    for name, draft in drafts.items():
        if isinstance(draft, ArchiveError):
            failed.append(draft)
            continue
        try:
            if project is None:
                directory.create()
            click.echo("\n".join(draft.write(Places.of(directory, project, name))))
        except ArchiveError as error:
            failed.append(error)
    for problem in failed:
        click.echo(f"Error: {problem}", err=True)
    if failed:
        sys.exit(1)
