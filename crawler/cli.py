"""`union-archive`: the one command; adds what crawls to the commands of archive.cli."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime

import click

from archive import clock
from archive.article import to_json
from archive.cli import DATE, cli, iso_date, pass_directory
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler import cli_import, cli_merge, cli_reparse, cli_schedule, cli_watch, gazetteer
from crawler.choosing import check_replay, profile_of, require_contact, split_replay
from crawler.due import due_sites
from crawler.kit import cli as kit
from crawler.options import Options
from crawler.profile import SiteProfile
from crawler.registry import record, registry

__all__ = [
    "cli_import",
    "cli_merge",
    "cli_reparse",
    "cli_schedule",
    "cli_watch",
    "gazetteer",
    "kit",
    "main",
]  # the other modules of commands: importing them adds these

main = cli


@cli.command()
@click.argument("sites", nargs=-1, metavar="SITE...")
@click.option("--all", "all_sites", is_flag=True, help="Every active site of the registry.")
@click.option("--due", is_flag=True, help="What is due, of every active site or of those named.")
@click.option("--jobs", type=click.IntRange(min=1), help="Sites side by side; else [crawl] jobs of archive.toml.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N articles a site.")
@click.option("--after", type=DATE, metavar="DATE", help="Leave out articles published before this day.")
@click.option("--section", metavar="NAME", help="Only this section (栏目).")
@click.option("--full", is_flag=True, help="Read everything again, whatever is known.")
@click.option(
    "--replay",
    multiple=True,
    metavar="FILE",
    help="Read WARC files instead of the network; may be repeated.",
)
@click.option("--dask", metavar="ADDRESS", help="Crawl by the workers of this Dask scheduler (extra `dask`).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a site.")
@pass_directory
def crawl(
    directory: ArchiveDirectory,
    sites: tuple[str, ...],
    all_sites: bool,
    due: bool,
    jobs: int | None,
    limit: int | None,
    after: datetime | None,
    section: str | None,
    full: bool,
    replay: tuple[str, ...],
    dask: str | None,
    as_json: bool,
) -> None:
    """Crawl sites into the archive.

    A crawl can be stopped at any time, by Ctrl-C or by force, and goes on where it stopped when it is started again.
    Exit 1 when a site failed or was stopped. With --dask each site is crawled by a worker, which must see the archive
    under the same path, and merged when it is done.

    \b
    Examples:
      union-archive crawl qdcyzgh --limit 20
      union-archive crawl workercn qdcyzgh --after 2026-01-01
      union-archive crawl workercn --replay saved.warc.gz
    """
    replay, sites = split_replay(replay, sites)
    profiles = registry(directory.sites)
    chosen = [profile_of(profiles, site) for site in dict.fromkeys(sites)]
    if all_sites or (due and not chosen):
        chosen += [one for one in profiles.values() if one.status == "active" and one not in chosen]
    if due:
        chosen = _due(directory, chosen)
    elif not chosen:
        raise click.UsageError("name a SITE, or give --all or --due; `union-archive sites` names them")
    for profile in chosen:
        if profile.status == "unsupported":
            raise ArchiveError(f"{profile.id}: unsupported ({profile.reason}); choose another site")
    if replay and dask:
        raise click.UsageError("--replay reads files of this machine; leave --dask out")
    files = check_replay(replay)
    config = directory.config()
    if not replay and not config.contact:
        require_contact(directory, chosen)
    record(directory, profiles.values())
    options = Options(limit, iso_date(after), section, full, due, files)
    if not _crawl(directory, profiles, chosen, options, jobs=jobs, dask=dask, as_json=as_json):
        sys.exit(1)


def _crawl(
    directory: ArchiveDirectory,
    profiles: Mapping[str, SiteProfile],
    chosen: list[SiteProfile],
    options: Options,
    *,
    jobs: int | None,
    dask: str | None,
    as_json: bool,
) -> bool:
    """Crawl sites here, or by a Dask cluster; say whether all went well."""
    from crawler.crawling import Summary, crawl_sites

    told = Summary.json if as_json else Summary.text
    if dask is not None:
        from crawler.afar.crawl import crawl_afar

        summaries = crawl_afar(directory, profiles, chosen, options, address=dask, jobs=jobs, told=told)
    else:
        jobs = jobs or directory.config().jobs
        summaries = crawl_sites(directory, chosen, options, jobs=jobs, told=told)
    return not any(summary.bad for summary in summaries)


def _due(directory: ArchiveDirectory, chosen: list[SiteProfile]) -> list[SiteProfile]:
    """Return the sites among these that are due, those that have waited longest first."""
    if not directory.database.exists():
        return chosen
    with closing(directory.read_database()) as db:
        return due_sites(db.conn, chosen, clock.utcnow())


@cli.command()
@click.argument("page", metavar="FILE|URL")
@click.option("--url", help="The page's address, where FILE is given: links and dates depend on it.")
@click.option("--site", metavar="SITE", help="Read with this site's profile; else by the address.")
@pass_directory
def extract(directory: ArchiveDirectory, page: str, url: str | None, site: str | None) -> None:
    """Print the article of one page as JSON; store nothing. Further pages of the article are named, not read.

    \b
    Examples:
      union-archive extract page.html --url http://www.qdcyzgh.cn/news_2/981.html
      union-archive extract https://www.workercn.cn/c/2024-05-25/8266352.shtml
    """
    from crawler.onepage import extract_page

    profiles = registry(directory.sites)
    profile = profile_of(profiles, site) if site is not None else None
    article = extract_page(page, url, profile, profiles, contact=directory.config().contact)
    click.echo(json.dumps(to_json(article), ensure_ascii=False, indent=1))
    if article.part_of is not None:
        click.echo(f"this {'may be' if article.part_guessed else 'is'} a further page of {article.part_of}", err=True)
    elif article.parts:
        click.echo(f"the article goes on, and a crawl joins its pages: {' '.join(article.parts)}", err=True)


@cli.command()
@click.option("--no-serve", is_flag=True, help="End after the three lines.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="A taken one gives the next."
)
@pass_directory
def demo(directory: ArchiveDirectory, no_serve: bool, host: str, port: int) -> None:
    """Crawl captures that ship with the package, without the network, and serve the result until Ctrl-C.

    \b
    Examples:
      union-archive demo
      union-archive --archive /tmp/demo demo --no-serve
    """
    from crawler.demo import fill

    for line in fill(directory):
        click.echo(line)
    if not no_serve:
        from archive.web.serve import serve

        serve(directory, host, port, find_free=True)


if __name__ == "__main__":
    main()
