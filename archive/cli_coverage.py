"""The command that tells when a site was looked at, and what came of it: coverage."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import calendar
import json
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import click

from archive import coverage as covering
from archive.cli import DATE, cli, pass_directory
from archive.coverage import Day, Ledger, Span, Tally
from archive.directory import ArchiveDirectory
from archive.plain import plain

#: Days that are told of without --from.
DAYS = 90
#: What is said of days by their kind, where somebody looked or tried to.
_WORDS = {
    "empty": "looked at, but no listing showed an article",
    "failed": "failed",
    "blocked": "blocked",
    "disallowed": "forbidden by robots.txt",
    "nobody": "nobody looked",
}


class LastDay(click.DateTime):
    """A day, or the last day of a month or a year."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the day as a datetime."""
        moment = super().convert(value, param, ctx)
        parts = value.count("-") if isinstance(value, str) else 2
        if parts == 2:
            return moment
        month = moment.month if parts else 12
        return moment.replace(month=month, day=calendar.monthrange(moment.year, month)[1])


@cli.command()
@click.argument("site")
@click.option("--section", metavar="NAME", help="Only this section (栏目); '' is the home page.")
@click.option("--from", "first", metavar="DATE", type=DATE, help=f"First day; else {DAYS} days up to the last.")
@click.option("--to", "last", metavar="DATE", type=LastDay(DATE.formats), help="Last day, included; else today.")
@click.option("--gaps", is_flag=True, help="Only days on which the site was not seen.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def coverage(
    directory: ArchiveDirectory,
    site: str,
    section: str | None,
    first: datetime | None,
    last: datetime | None,
    gaps: bool,
    as_json: bool,
) -> None:
    """Tell on which days a site was looked at, with what result, and on which nobody looked.

    A day on which somebody looked and no article appeared was silent; of a day on which nobody looked, silence says
    nothing. Articles are counted by the day they bear. A DATE is a day, a month or a year.

    \b
    Examples:
      union-archive coverage workercn
      union-archive coverage workercn --section 要闻 --from 2025 --to 2025
      union-archive coverage workercn --gaps --json | jq '.spans[]'
    """
    today = covering.today()
    end = last.date() if last else today
    start = first.date() if first else end - timedelta(days=DAYS - 1)
    if start > end or start > today:
        raise click.UsageError(f"--from {start} is after {min(end, today)}, the last day there is; give an earlier one")
    with closing(directory.read_database()) as db:
        ledger = covering.read(db.conn, site, start, end)
    ledger.require(section)
    days = ledger.days(today, section)
    tally = ledger.tally(days, section)
    spans = [span for span in covering.spans(days) if not gaps or span.state != "looked"]
    if as_json:
        shown = [day for day in days if not gaps or day.state != "looked"]
        answer = _as_json(site, section, ledger, tally, spans, shown)
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for span in spans:
        click.echo(_line(span))
    click.echo(_summary(site, section, ledger, days, tally), err=True)


def _as_json(
    site: str, section: str | None, ledger: Ledger, tally: Tally, spans: Sequence[Span], days: Sequence[Day]
) -> dict[str, Any]:
    return {
        "site": site,
        "section": section,
        "sections": list(ledger.sections),
        "from": ledger.first.isoformat(),
        "to": ledger.last.isoformat(),
        "days_looked": tally.looked,
        "days_failed": tally.failed,
        "days_nobody": tally.nobody,
        "articles": tally.articles,
        "spans": [
            {
                "from": span.first.isoformat(),
                "to": span.last.isoformat(),
                "days": span.days,
                "state": span.state,
                "kind": span.kind,
                "days_partly": span.partly,
                "articles": span.articles,
            }
            for span in spans
        ],
        "days": [day.row() for day in days],
    }


def _line(span: Span) -> str:
    """Return a span in words: `2026-03-01 … 2026-03-09: looked at daily, 12 articles`."""
    when = _between(span.first, span.last)
    articles = _number(span.articles, "article")
    if span.kind == "looked":
        looked = "looked at daily" if span.days > 1 else "looked at"
        said = f"{looked}, {articles if span.articles else 'nothing published'}"
    else:
        said = _WORDS.get(span.kind, span.kind) + (f" ({articles} found by other looks)" if span.articles else "")
    if span.partly:
        said += "; some sections failed" + (f" on {_number(span.partly, 'day')}" if span.days > 1 else "")
    return f"{when}: {said}"


def _summary(site: str, section: str | None, ledger: Ledger, days: Sequence[Day], tally: Tally) -> str:
    of = "the home page" if section == "" else f"section {plain(section)}" if section else _sections(ledger)
    if not days:
        return f"{site}, {of}: no day to tell of yet"
    looked = f"looked at on {tally.looked} of {_number(tally.days, 'day')}"
    rest = f"failed on {tally.failed}, nobody looked on {tally.nobody}"
    when = _between(days[0].day, days[-1].day)
    return f"{site}, {of}, {when}: {looked}, {rest}; {_number(tally.articles, 'article')}"


def _sections(ledger: Ledger) -> str:
    return "never looked at" if not ledger.sections else f"all of {_number(len(ledger.sections), 'section')}"


def _between(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} … {last}"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
