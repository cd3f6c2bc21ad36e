"""The commands that show what needs a person, and take what is decided: `review`, `review show`, `review decide`."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from archive import review as reviewing
from archive.cli import cli, pass_directory
from archive.decisions import torn_line
from archive.directory import ArchiveDirectory, default_directory
from archive.errors import ArchiveError
from archive.plain import plain
from archive.review import MEANINGS, Item, Stored
from archive.review.item import CHECKED, FAILING, RANKS, SUSPICIOUS

#: Items of one kind and site that are listed; more where both are asked for.
SHOWN = 5
#: Characters of a stored page that `review show` prints.
CHARACTERS = 1200

#: What may be done about an item beside deciding it: what for, and the command without its first words.
ADVICE: dict[str, tuple[tuple[str, str], ...]] = {
    "layout": (("see what the profile makes of the site now, and mend it", "check {site}"),),
    "fields": (("see which fields the profile finds now, and mend it", "check {site}"),),
    "length": (("see what the profile makes of the site now, and mend it", "check {site}"),),
    "unread": (("see what the profile makes of the site now, and mend it", "check {site}"),),
    "nothing": (("see whether its listings are where the profile says, and mend it", "check {site}"),),
    "listing": (("see whether its listings are where the profile says, and mend it", "check {site}"),),
    "silent": (("see whether it publishes elsewhere now", "check {site}"),),
    "quiet": (("see whether the section has moved", "check {site}"),),
    "blocked": (("ask again, once; the site is never evaded", "crawl {site}"),),
    "down": (("ask again; if it has moved, mend the profile, or set its status to paused", "crawl {site}"),),
    "draft": (("look at the site as the draft describes it", "check {site}"),),
    "damaged": (("see whether the site sends it whole now", "extract {url}"),),
    "undated": (("see whether a date is found now", "extract {url}"),),
}


@cli.group(invoke_without_command=True)
@click.option("--site", metavar="SITE", help="Only of this site.")
@click.option("--kind", metavar="KIND", help="Only of this kind: layout, withdrawn, draft, …")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@pass_directory
@click.pass_context
def review(ctx: click.Context, directory: ArchiveDirectory, site: str | None, kind: str | None, as_json: bool) -> None:
    """List what needs a person, the worst first: what is wrong with sites, doubtful withdrawals, drafts.

    Each item has a name, the page that shows it, where its bytes are stored, and what may be done. What is decided goes
    to decisions.jsonl and leaves the queue.

    \b
    Examples:
      union-archive review
      union-archive review --site qdcyzgh --json
      union-archive review show layout:qdcyzgh:要闻:2026-11-20
      union-archive review decide withdrawn:41d0a9c2b7e85f36 not-withdrawn --reason "the site moved"
    """
    if ctx.invoked_subcommand is not None:
        if site or kind or as_json:
            raise click.UsageError(f"--site, --kind and --json stand without {ctx.invoked_subcommand}")
        return
    if torn := torn_line(directory):
        click.echo(torn, err=True)
    with closing(directory.read_database()) as db:
        items = reviewing.queue(directory, db.conn, site=site, kind=kind)
        if as_json:
            found = [_as_json(directory, item, reviewing.stored(db.conn, item)) for item in items]
            click.echo(json.dumps(found, ensure_ascii=False, indent=1))
            return
        limit = None if site and kind else SHOWN
        for line in _listed(directory, db.conn, items, limit):
            click.echo(line)
    click.echo(_summary(items), err=True)


@review.command()
@click.argument("id_", metavar="ID")
@click.option("--save", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Save the stored page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def show(directory: ArchiveDirectory, id_: str, save: Path | None, as_json: bool) -> None:
    """Tell everything about one item, with the beginning of the stored page.

    --save writes the page as it was sent, or its WARC records where FILE ends in .warc.gz.

    \b
    Examples:
      union-archive review show layout:qdcyzgh:要闻:2026-11-20
      union-archive review show withdrawn:41d0a9c2b7e85f36 --save page.html
    """
    with closing(directory.read_database()) as db:
        (item,) = reviewing.find(directory, db.conn, [id_])
        pages = reviewing.stored(db.conn, item)
        name = _site_name(db.conn, item.site)
    if save is not None:
        if not pages:
            raise ArchiveError(f"{id_}: no page of it is stored; look at {item.url or 'its site'}")
        size = reviewing.save(directory, pages[0], save)
        click.echo(f"{save}: {size:,} bytes of {plain(pages[0].url)}", err=True)
    if as_json:
        click.echo(json.dumps(_as_json(directory, item, pages), ensure_ascii=False, indent=1))
        return
    click.echo(click.style(f"{name} ({item.site})", bold=True))
    click.echo("\n".join(_lines(directory, item, pages)))
    for page in pages:
        click.echo(f"\n{plain(page.url)}, {page.fetched_at}, HTTP {page.status or '–'}:\n")
        try:
            click.echo(reviewing.beginning(directory, page, CHARACTERS))
        except ArchiveError as error:
            click.echo(f"cannot be shown: {error}", err=True)


@review.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.argument("action", metavar="ACTION")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept in decisions.jsonl and shown to no reader.")
@click.option("--by", metavar="NAME", help="Who decided it; kept with the reason.")
@pass_directory
def decide(directory: ArchiveDirectory, ids: tuple[str, ...], action: str, reason: str, by: str | None) -> None:
    """Decide about items; they leave the queue.

    ACTION is accept (it is as it is: an incident comes back only when it has ended and begun again, or is about
    something else), withdrawn or not-withdrawn, undated (right: no date), damaged (right: the page is). Of a site whose
    articles vanished, withdrawn and not-withdrawn decide all of them.

    \b
    Examples:
      union-archive review decide layout:qdcyzgh:要闻:2026-11-20 accept --reason "photo stories only"
      union-archive review decide withdrawn:41d0a9c2b7e85f36 withdrawn
      union-archive review decide undated:41d0a9c2b7e85f36 undated:9b1c0d4e5f607182 undated
    """
    if torn := torn_line(directory):
        click.echo(torn, err=True)
    for done in reviewing.decide(directory, ids, action, reason=reason.strip(), by=by):
        changed = {0: "", 1: "; 1 article changed"}.get(done.changed, f"; {done.changed:,} articles changed")
        click.echo(f"{done.item.id}: {action}, written to decisions.jsonl{changed}")


def _listed(
    directory: ArchiveDirectory, connection: sqlite3.Connection, items: Sequence[Item], limit: int | None
) -> Iterator[str]:
    """Yield the lines of the queue: of each site and kind the first few, and how many more there are."""
    for site, of_site in groupby(items, key=lambda item: item.site):
        yield click.style(f"{_site_name(connection, site)} ({site})", bold=True)
        for kind, group in groupby(of_site, key=lambda item: item.kind):
            of_kind = list(group)
            for item in of_kind[:limit]:
                yield from _lines(directory, item, reviewing.stored(connection, item))
            if more := len(of_kind[limit:] if limit is not None else []):
                command = _command(directory, "--site", site, "--kind", kind)
                yield f"  … and {more:,} more {kind}: {command}"
        yield ""


def _lines(directory: ArchiveDirectory, item: Item, pages: Sequence[Stored]) -> Iterator[str]:
    """Yield what is to be said of one item."""
    colour = {"failing": "red", "suspicious": "red", "warning": "yellow"}.get(RANKS.get(item.rank, ""))
    yield "  " + click.style(item.id, fg=colour)
    yield f"    {plain(item.why)}"
    if item.url and not item.id.startswith("draft:"):
        yield f"    page: {plain(item.url)}"
    for page in pages:
        file = reviewing.where(directory, page)
        shown = f", {_address(directory, page)}" if page.page else ""
        yield f"    stored: {file} at {page.offset}, record {page.record_id}{shown}"
    if item.decided is not None:
        one = item.decided
        who = f" by {one.by}" if one.by else ""
        yield plain(f"    decided: {one.what} on {one.at[:10]}{who}{': ' + one.reason if one.reason else ''}")
        return
    for action in _actions(directory, item):
        yield f"    {action['does']}: {action['command']}"


def _actions(directory: ArchiveDirectory, item: Item) -> list[dict[str, str]]:
    """Return what may be done about an item: what it `does`, and the `command`; first what may mend it."""
    found = []
    for does, words in ADVICE.get(item.kind, ()):
        filled = [word.format(site=item.site, url=item.url) for word in words.split()]
        found.append({"action": filled[0], "does": does, "command": _command(directory, *filled, of_review=False)})
    for what in item.actions:
        does = CHECKED if item.kind == "draft" else MEANINGS[what]
        found.append({"action": what, "does": does, "command": _command(directory, "decide", item.id, what)})
    return found


def _command(directory: ArchiveDirectory, *words: str, of_review: bool = True) -> str:
    """Return a command for this archive that can be pasted into a shell."""
    own = [] if directory == default_directory(None) else ["--archive", str(directory.path)]
    return shlex.join(["union-archive", *own, *(["review"] if of_review else []), *map(plain, words)])


def _address(directory: ArchiveDirectory, page: Stored) -> str:
    return f"{directory.config().address or ''}{page.page}"


def _as_json(directory: ArchiveDirectory, item: Item, pages: Sequence[Stored]) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "site": item.site,
        "section": item.section or None,
        "severity": RANKS.get(item.rank, "question"),
        "why": item.why,
        "since": item.since or None,
        "uid": item.uid,
        "url": item.url,
        "stored": [
            asdict(page)
            | {"warc": str(reviewing.where(directory, page)), "page": page.page and _address(directory, page)}
            for page in pages
        ],
        "actions": _actions(directory, item),
        "decided": None if item.decided is None else item.decided.what,
    }


def _site_name(connection: sqlite3.Connection, site: str) -> str:
    row = connection.execute("SELECT name FROM sites WHERE id = ?", [site]).fetchone()
    return plain(row["name"]) if row is not None else site


def _summary(items: Sequence[Item]) -> str:
    if not items:
        return "nothing needs a person"
    bad = sum(item.rank in (FAILING, SUSPICIOUS) for item in items)
    sites = len({item.site for item in items})
    number = "1 item" if len(items) == 1 else f"{len(items):,} items"
    line = f"{number} of {sites:,} site{'s' if sites != 1 else ''}, {bad:,} of them failing or suspicious"
    return f"{line}; look at one: union-archive review show ID"
