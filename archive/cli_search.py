"""The commands that search: `search`, and `reindex`, which makes the index again."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import click

from archive.cli import cli, pass_directory
from archive.database import reindex as make_index
from archive.directory import ArchiveDirectory
from archive.plain import plain
from archive.search.find import NEWEST, Count, Hit, count, find
from archive.search.selection import Selection, checked
from archive.search.snippets import Pieces

#: Keys of a hit with --json.
SHOWN = ("uid", "url", "site", "section", "title", "source", "published_at", "language", "revision", "withdrawn_at")


@cli.command(context_settings={"ignore_unknown_options": True})  # -word is no option here
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Hits to show.")
@click.option("--offset", type=click.IntRange(0, NEWEST), default=0, help="Hits to pass over.")
@click.option("--relevance", is_flag=True, help=f"The best of the newest {NEWEST:,} first, not the newest.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_directory
def search(
    directory: ArchiveDirectory, query: tuple[str, ...], limit: int, offset: int, relevance: bool, as_json: bool
) -> None:
    """Find articles, newest first, with excerpts.

    Words are all wanted; "a phrase" stands together; OR or | is either; -word is not wanted; a word* begins so.
    Fields: site: section: source: author: level: region: lang: after: before: date: (date:unknown, without a date).
    Traditional and simplified, full and half width find each other.

    \b
    Examples:
      union-archive search 集体协商
      union-archive search '劳模|工匠 level:provincial after:2024 -北京'
      union-archive search --json '"hard hats" lang:en' | jq '.hits[].title'
    """
    for word in query:
        if word.startswith("--"):
            raise click.UsageError(f"No such option: {word}")
    selection = checked(Selection(" ".join(query)))
    with closing(directory.read_database()) as db:
        found = count(db.conn, selection)
        hits = find(db.conn, selection, order="relevance" if relevance else "newest", limit=limit, offset=offset)
    if as_json:
        click.echo(json.dumps(_as_json(found, hits), ensure_ascii=False, indent=1))
    else:
        for hit in hits:
            click.echo("\n".join(_lines(hit)) + "\n")
        click.echo(_summary(found, len(hits), offset), err=True)


def _as_json(found: Count, hits: list[Hit]) -> dict[str, Any]:
    shown = [
        {name: hit.row[name] for name in SHOWN}
        | {"snippet": "".join(text for text, _ in hit.snippet), "attachment": hit.attachment}
        for hit in hits
    ]
    return {"count": found.number, "more": found.more, "hits": shown}


def _lines(hit: Hit) -> list[str]:
    row = hit.row
    facts = [(row["published_at"] or "no date")[:10], row["site"], row["section"], row["source"]]
    flags = [f"revision {row['revision']}"] if row["revision"] > 1 else []
    flags += ["withdrawn"] if row["withdrawn_at"] else []
    about = " · ".join(plain(str(fact)) for fact in [*facts, *flags] if fact)
    inside = [f"  in the attachment {plain(hit.attachment)} · 见附件"] if hit.attachment else []
    return [_marked(hit.title, bold=True), f"  {about}", *inside, f"  {_marked(hit.snippet)}", f"  {plain(row['url'])}"]


def _marked(pieces: Pieces, bold: bool | None = None) -> str:
    """Return pieces for a terminal; click leaves the colours out where there is none."""
    return "".join(click.style(plain(text), fg="red" if marked else None, bold=bold) for text, marked in pieces)


def _summary(found: Count, shown: int, offset: int) -> str:
    number = f"{found.number:,}{'+' if found.more else ''}"
    if shown == found.number and not offset:
        return f"{number} articles" if shown != 1 else "1 article"
    return f"{number} articles; {shown:,} shown" + (f" from the {offset + 1:,}th on" if offset else "; more: --limit")


@cli.command()
@pass_directory
def reindex(directory: ArchiveDirectory) -> None:
    """Read attachments that are not read yet, and make the search index again. Readers see the old one meanwhile.

    Crawls wait while the index is made. It is kept by every change and needs this only after a fault, or when a new
    version reads text otherwise (the next crawl does it then by itself; attachments are read again by this command
    alone).

    \b
    Example:
      union-archive reindex
    """
    from archive.attachments import keeping  # it reads records, which a search needs not

    directory.require()
    read = keeping.update_shown(directory)
    if read.files:
        click.echo(f"{directory.database}: {read.files:,} attachments read, {read.failed:,} of them not or not whole")
    with closing(directory.open_database()) as db:
        total = make_index(db)
    click.echo(f"{directory.database}: {total:,} articles in the search index")
