"""The gazetteer: the registry as a table of federations, and how they are covered (`union-archive sites`)."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from crawler import values
from crawler.profile import SiteProfile
from crawler.registry import registry

#: What sites are counted by, at the end of the table.
COUNTED = ("status", "level", "family", "region")


@cli.command()
@click.option("--status", type=click.Choice(values.STATUSES), help="Only sites of this status.")
@click.option("--level", type=click.Choice(values.LEVELS), help="Only sites of this level.")
@click.option("--family", metavar="NAME", help="Only sites of this CMS family.")
@click.option("--region", metavar="CODE", help="Only sites of this region, and of the regions in it: CN, CN-SD.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@pass_directory
def sites(
    directory: ArchiveDirectory,
    status: str | None,
    level: str | None,
    family: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """List the registry: every site with its family, status, last crawl and the articles held; then counts.

    \b
    Examples:
      union-archive sites
      union-archive sites --region CN-SD --status active
      union-archive sites --json | jq -r '.[] | select(.status == "active") | .id'
    """
    held = _held(directory)
    wanted = {"status": status, "level": level, "family": family}
    chosen = [
        profile
        for profile in registry(directory.sites).values()
        if all(value in (None, getattr(profile, name)) for name, value in wanted.items())
        and (region is None or region in (profile.region, (profile.region or "").partition("-")[0]))
    ]
    rows = [_row(profile, *held.get(profile.id, (None, None, 0))) for profile in chosen]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for line in (*_table(rows), "", *_counts(rows)):
        click.echo(line)


def _row(profile: SiteProfile, crawled: str | None, outcome: str | None, articles: int) -> dict[str, Any]:
    names = (
        "id", "name", "name_en", "name_pinyin", "level", "region", "parent", "home", "family", "status", "reason",
    )  # fmt: skip
    return {name: getattr(profile, name) for name in names} | {
        "name_en": profile.english,
        "last_crawl": crawled,
        "outcome": outcome,
        "articles": articles,
    }


def _table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        crawled = f"{row['last_crawl'][:10]} {row['outcome']}" if row["last_crawl"] else "never crawled"
        yield (
            f"{row['id']:<{width}} {row['status']:<11} {row['family']:<12} {row['level'] or '':<13} "
            f"{row['region'] or '':<6} {crawled:<22} {row['articles']:>8,}  {row['name']}"
        )


def _counts(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield how many sites there are, and how many by each of `COUNTED`, the most first."""
    yield f"{len(rows)} sites, {sum(row['articles'] for row in rows):,} articles"
    for name in COUNTED:
        counts = Counter(row[name] or "none" for row in rows)
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        yield f"by {name}: {', '.join(f'{value} {count}' for value, count in ordered) or 'none'}"


def _held(directory: ArchiveDirectory) -> dict[str, tuple[str | None, str | None, int]]:
    """Return, by site: when it was last crawled, how that ended, and how many articles are held."""
    if not directory.database.exists():
        return {}
    rows = directory.read_database().execute(
        """
        SELECT s.id, r.started_at, r.outcome, (SELECT count(*) FROM articles a WHERE a.site = s.id) AS articles
        FROM sites s LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE site = s.id)
        """
    )
    return {row["id"]: (row["started_at"], row["outcome"], row["articles"]) for row in rows}
