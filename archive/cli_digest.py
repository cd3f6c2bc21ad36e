"""The command that tells what happened in a week: `digest`."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime

import click

from archive import digest as digesting
from archive.cli import DATE, cli, pass_directory
from archive.cli_coverage import LastDay
from archive.clock import utcnow
from archive.digest import Period
from archive.digest.period import ZONE
from archive.digest.reading import Named
from archive.directory import ArchiveDirectory
from archive.health.words import Language


@cli.command()
@click.option("--week", metavar="WEEK", help="Such as 2026-W47; else the last one that is over.")
@click.option("--since", metavar="DATE", type=DATE, help="From this day on, in place of a week.")
@click.option("--until", metavar="DATE", type=LastDay(DATE.formats), help="To this day, and with it; else to today.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Language of the text.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def digest(
    directory: ArchiveDirectory,
    week: str | None,
    since: datetime | None,
    until: datetime | None,
    lang: Language,
    as_json: bool,
) -> None:
    """Tell what happened in a week: new articles, edits, withdrawals, sites with something wrong.

    Days are those of +08:00, weeks begin on Monday. Restricted articles are in none. `/digest` and `/digest.atom` of
    the reading room have the same.

    \b
    Examples:
      union-archive digest --lang zh | mail -s "archive" archivist@example.org
      union-archive digest --week 2026-W47 --json
      union-archive digest --since 2026-11-01 --until 2026-11-30
    """
    now = utcnow()
    period = _period(week, since, until, now)
    config = directory.config()

    def address(article: Named) -> str:
        return f"{config.address}/article/{article.uid}" if config.address else article.url

    with closing(directory.read_database()) as db:
        made = digesting.read(db.conn, period, now)
    if as_json:
        click.echo(json.dumps(digesting.as_json(made, address), ensure_ascii=False, indent=1))
    else:
        click.echo(digesting.text(made, config.name, lang, address))


def _period(week: str | None, since: datetime | None, until: datetime | None, now: datetime) -> Period:
    if since is None and until is None:
        return digesting.last_week(now) if week is None else digesting.week_named(week)
    if week is not None or since is None:
        raise click.UsageError("give --week WEEK, or --since DATE with or without --until DATE")
    last = now.astimezone(ZONE).date() if until is None else until.date()
    if last < since.date():
        raise click.UsageError(f"--until {last} is before --since {since.date()}; exchange them")
    return Period(since.date(), last)
