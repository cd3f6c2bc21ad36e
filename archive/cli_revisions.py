"""The command that shows what an article said over time: `revisions`."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import click

from archive.article import uid as uid_of
from archive.cli import cli, pass_directory
from archive.differences import GONE, NEW, SAME, Change, Line, Piece
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.history import History, Row, as_json, compare, history, said
from archive.plain import plain

#: Characters of what stayed that are shown on each side of a change.
WIDTH = 30

#: Shows a line of an article.
Show = Callable[[Line], str]


@cli.command()
@click.argument("uid", metavar="UID|URL")
@click.option("--text", "whole", is_flag=True, help="The whole text, unchanged paragraphs too.")
@click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
@pass_directory
def revisions(directory: ArchiveDirectory, uid: str, whole: bool, as_object: bool) -> None:
    """Show what an article said over time: when each revision was seen, what its site changed, when it was withdrawn.

    On a terminal, red is what went and green what came; elsewhere they stand as [-went-] and {+came+}.

    \b
    Examples:
      union-archive revisions 41d0a9c2b7e85f36
      union-archive revisions --text 41d0a9c2b7e85f36 | less
      union-archive revisions --json 41d0a9c2b7e85f36 | jq '.revisions[].changes'
    """
    with closing(directory.read_database()) as db:
        held = held_article(db.conn, uid)
        if as_object:
            numbers = [row["revision"] for row in held.revisions[1:]]
            found = {number: compare(db.conn, held.article["uid"], number - 1, number) for number in numbers}
            click.echo(json.dumps(as_json(held, found, whole=whole), ensure_ascii=False, indent=1))
            return
        show, colours = shower()
        for line in _story(db.conn, held, show, whole):
            click.echo(line, color=colours)


def shower() -> tuple[Show, bool]:
    """Return what shows a line on standard output, and whether it does so in colours."""
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return (_coloured if colours else _marked), colours


def held_article(connection: sqlite3.Connection, name: str) -> History:
    """Return the history of the article that a uid or an address names. Raises ArchiveError where it is not shown."""
    uids = [name]
    if "://" in name:
        aliases = connection.execute("SELECT uid FROM aliases WHERE url = ?", [name])
        uids = [uid_of(name), *(row["uid"] for row in aliases)]
    for uid in uids:
        held = history(connection, uid, waiting=True)
        if held is not None:
            return held
    raise ArchiveError(
        f"{name}: no article that this archive shows; `union-archive search --json` gives uids, "
        "`union-archive restrict --list` those that are kept from readers"
    )


def _story(connection: sqlite3.Connection, held: History, show: Show, whole: bool) -> Iterator[str]:
    """Yield the lines that tell a history: revisions, withdrawals and returns in the order of time."""
    article = held.article
    yield click.style(plain(article["title"]), bold=True)
    yield plain(f"  {article['uid']} · {article['site']} · {article['url']}")
    events = [(row["fetched_at"], 0, row) for row in held.revisions]
    events += [(row["since"], 1, row) for row in held.withdrawals]
    events += [(row["back_at"], 2, row) for row in held.withdrawals if row["back_at"]]
    for _, kind, row in sorted(events, key=lambda event: event[:2]):
        yield ""
        if kind == 0:
            yield _seen(row)
            yield from _said(connection, article["uid"], row["revision"], show, whole)
        else:
            yield click.style(_gone(row) if kind == 1 else f"back · {_time(row['back_at'])}", fg="yellow")


def _seen(row: Row) -> str:
    first, last = _time(row["fetched_at"]), _time(row["seen_until"])
    return (
        click.style(f"revision {row['revision']}", bold=True)
        + f" · seen {first}"
        + (f" to {last}" if last != first else "")
    )


def _gone(row: Row) -> str:
    visits = "1 visit" if row["visits"] == 1 else f"{row['visits']} visits, the last {_time(row['seen_at'])}"
    what = "withdrawn" if row["confirmed_at"] else "found gone, not yet withdrawn"
    return plain(f"{what} · {_time(row['since'])}: {row['how']}; {visits}")


def _said(connection: sqlite3.Connection, uid: str, revision: int, show: Show, whole: bool) -> Iterator[str]:
    """Yield what a revision changed; of the first one its headline, and with `whole` its text."""
    if revision > 1:
        yield from changed_lines(compare(connection, uid, revision - 1, revision), show, whole)
        return
    first = said(connection, uid, 1) or {}
    yield f"  title: {plain(first.get('title') or '')}"
    if whole:
        yield "  text:"
        yield from (f"    {plain(part)}" for part in (first.get("text") or "").split("\n") if part.strip())


def changed_lines(found: Iterable[Change], show: Show, whole: bool) -> Iterator[str]:
    """Yield changes: a text's paragraphs on lines of their own, the values of another field on one."""
    for change in found:
        all_ = whole or change.field != "text"
        lines = [line if whole else line.shortened(WIDTH) for line in change.lines if all_ or line.kind != SAME]
        shown = [("(moved) " if line.moved else "") + show(line) for line in lines]
        if change.field != "text" or len(change.lines) == 1:
            yield f"  {change.field}: {' '.join(shown)}"
            continue
        yield f"  {change.field}:"
        yield from (f"    {line}" for line in shown)


def _coloured(line: Line) -> str:
    def shown(piece: Piece) -> str:
        text = plain(piece.text)
        if piece.kind == SAME:
            return text
        gone = piece.kind == GONE
        return click.style(text, fg="red" if gone else "green", strikethrough=gone or None)

    return "".join(map(shown, line.pieces))


def _marked(line: Line) -> str:
    marks = {GONE: "[-{}-]", NEW: "{{+{}+}}", SAME: "{}"}
    return "".join(marks[piece.kind].format(plain(piece.text)) for piece in line.pieces)


def _time(value: str) -> str:
    return f"{value[:16].replace('T', ' ')} UTC"
