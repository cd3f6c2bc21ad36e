"""The command that tells how each site is, against its own past: status."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import click

from archive import clock, health
from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.health import figures
from archive.health.figures import ORDER, SiteHealth, State, Yield
from archive.plain import plain
from archive.tables import has_tables

#: What a state is called, and its colour on a terminal.
STATES: Mapping[State, tuple[str, str | None]] = {
    "failing": ("FAILING", "red"),
    "unlooked": ("not looked at", "yellow"),
    "warning": ("warning", "yellow"),
    "ok": ("ok", "green"),
    "never": ("never crawled", None),
    "paused": ("paused", None),
    "unsupported": ("unsupported", None),
}
#: States of sites that are told of as a number only, unless all are asked for.
FOLDED: frozenset[State] = frozenset({"never", "paused", "unsupported"})
_FIELDS = ("date", "source", "authors", "editors", "images")


@cli.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option("--all", "all_sites", is_flag=True, help="Also a line for each site that is not crawled.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with every figure.")
@pass_directory
def status(directory: ArchiveDirectory, sites: tuple[str, ...], all_sites: bool, as_json: bool) -> None:
    """Tell how sites are, against their own past; those that fail come first.

    Each site has a line: how it is, its last success, its newest article, the articles of the last week (and of the
    median week of the year), then what is wrong and what to do. With SITE, its sections too. Exit 1 when an active site
    fails.

    \b
    Examples:
      union-archive status
      union-archive status workercn
      union-archive status --json | jq '.sites[] | select(.state == "failing") | .id'
    """
    now = clock.utcnow()
    with closing(directory.read_database()) as db:
        _check(db.conn, directory, sites)
        found = figures.sites(db.conn, now, sites)
        if as_json:
            answer = {"at": clock.stamp(now), "totals": _totals(found)}
            shown = [_as_json(db.conn, site, now) for site in found]
            click.echo(json.dumps(answer | {"sites": shown}, ensure_ascii=False, indent=1))
        else:
            lines = [one for one in found if all_sites or sites or one.state not in FOLDED]
            for line in _lines(db.conn, lines, now, with_sections=bool(sites)):
                click.echo(line)
            click.echo(_summary(found), err=True)
    if any(site.is_bad for site in found):
        sys.exit(1)


def _check(connection: sqlite3.Connection, directory: ArchiveDirectory, sites: Sequence[str]) -> None:
    """Raise ArchiveError for a database without the tables of health; UsageError for a site that is not in it."""
    if not has_tables(connection, "incidents", "readings", "withdrawals"):
        raise ArchiveError(f"{directory.database}: made by an older union-archive; the next crawl brings it up to date")
    known = [row[0] for row in connection.execute("SELECT id FROM sites")]
    for site in sites:
        if site not in known:
            near = get_close_matches(site, known, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else "`union-archive sites` lists them"
            raise click.UsageError(f"{site}: no such site in this archive; {hint}")


def _lines(
    connection: sqlite3.Connection, sites: Sequence[SiteHealth], now: datetime, *, with_sections: bool
) -> Iterator[str]:
    width = max((len(site.id) for site in sites), default=0)
    for site in sites:
        yield _line(site, width)
        for incident in site.incidents:
            colour = "red" if incident.severity == "bad" else "yellow"
            yield f"  {click.style('!', fg=colour)} {plain(health.words(incident, 'en'))}"
        if site.state in FOLDED and site.reason:
            yield f"  {plain(site.reason)}"
        if with_sections:
            yield from _sections(connection, site, now)


def _line(site: SiteHealth, width: int) -> str:
    name, colour = STATES[site.state]
    if site.state == "unlooked":
        name = f"not looked at for {site.unlooked_days} days"
    said = f"{site.id:<{width}}  {click.style(f'{name:<13}', fg=colour, bold=site.is_bad)}"
    if site.last_run is None:
        return f"{said}  {plain(site.name)}"
    usual = "" if site.median_week is None else f" (median {site.median_week:g})"
    week = f"{site.week} in 7 days{usual}"
    return f"{said}  last success {_day(site.last_success)}  newest {_day(site.newest)}  {week:<27}  {plain(site.name)}"


def _day(moment: str | None) -> str:
    return f"{moment[:10] if moment else 'none':<10}"


def _sections(connection: sqlite3.Connection, site: SiteHealth, now: datetime) -> Iterator[str]:
    """Yield a table of a site's sections: of its pages lately, and of those before where they differ."""
    whole, sections = figures.sections(connection, site.id, now)
    if not sections:
        return
    heads = "".join(f"{name:>9}" for name in (*_FIELDS, "generic", "unread", "damaged", "length"))
    yield f"  {'last look':<22}{'newest':<12}{'pages':>7}{heads}  section"
    for section in sections:
        look = f"{section.looked or 'never'} {section.outcome or ''}"
        name = plain(section.section) or "(none)"
        yield f"  {look:<22}{section.newest or '':<12}{_figures(section.pages.lately)}  {name}"
    for title, one in ((f"last {figures.LATELY} days", whole.lately), (f"{figures.BEFORE} before", whole.before)):
        yield f"  {title:<34}{_figures(one)}  all sections"


def _figures(one: Yield) -> str:
    shares = [getattr(one, name) for name in (*_FIELDS, "generic", "unread", "damaged")]
    said = "".join("        –" if share is None else f"{share:>9.0%}" for share in shares)
    return f"{one.pages:>7,}{said}{'–' if one.characters is None else one.characters:>9}"


def _summary(sites: Sequence[SiteHealth]) -> str:
    counts = _totals(sites)
    said = [f"{counts[state]} {STATES[state][0]}" for state in ORDER if counts[state]]
    hidden = sum(counts[state] for state in FOLDED)
    more = "; --all lists them all" if hidden and len(sites) > 1 else ""
    return f"{len(sites)} site{'' if len(sites) == 1 else 's'}: {', '.join(said) or 'none'}{more}"


def _totals(sites: Sequence[SiteHealth]) -> dict[State, int]:
    counts = Counter(site.state for site in sites)
    return {state: counts[state] for state in ORDER}


def _as_json(connection: sqlite3.Connection, site: SiteHealth, now: datetime) -> dict[str, Any]:
    whole, sections = figures.sections(connection, site.id, now)
    blocked = next((one.began_at for one in site.incidents if one.kind == "blocked"), None)
    incidents = [
        asdict(one)
        | {"severity": one.severity, "words": {"zh": health.words(one, "zh"), "en": health.words(one, "en")}}
        for one in site.incidents
    ]
    return {
        **asdict(site), "blocked_since": blocked, "incidents": incidents, "pages": asdict(whole),
        "sections": [asdict(section) for section in sections],
    }  # fmt: skip
