"""`/article/UID/revisions`: what an article said over time, and what its site changed; pages/article.py leads here."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from datasette.utils.asgi import Request, Response

from archive.differences import STEPS, Change, changes
from archive.history import History, Row, as_json, changes_json, history, runs, said
from archive.web import showing, withdrawn
from archive.web.asking import arguments, last
from archive.web.language import interface
from archive.web.metadata import DATABASE
from archive.web.pages.errors import json_response, told

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Revisions whose changes a page shows, and an answer in JSON has; the others lead to a page of their own.
MOST, MOST_JSON = 20, 200
#: Characters of revisions that are compared for one page: a second's work on a slow machine.
CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An article's history, the two revisions to compare (None: every one with the one before), and what each said."""

    held: History
    pair: tuple[int, int] | None
    said: dict[int, Row]

    def compared(self) -> dict[int, list[Change]]:
        """Return what the newest revisions changed, or the later one of the pair, by number."""
        pairs = [self.pair] if self.pair else [(number - 1, number) for number in self.said]
        pairs = [(old, new) for old, new in pairs if old in self.said and new in self.said]
        # All of them together may cost what four may.
        steps = STEPS * 4 // max(4, len(pairs))
        return {new: changes(self.said[old], self.said[new], steps) for old, new in pairs}


class NoRevision(Exception):
    """The numbers that were asked for are not those of two revisions; the article has so many."""

    def __init__(self, last: int) -> None:
        super().__init__(last)
        self.last = last


async def page(request: Request, datasette: Datasette) -> Response | None:
    """Show every revision with what it changed, or with `?from=1&to=3` what differs between two of them.

    None where the archive does not hold the article. Raises ArchiveError for data that cannot be read.
    """
    ui, uid = interface(request), request.url_vars["uid"]
    try:
        asked = await _asked(request, datasette, MOST)
    except NoRevision as error:
        return await _no_pair(request, datasette, error.last)
    if asked is None:
        return None
    held, path = asked.held, datasette.urls.path
    # It may take a while: not in the loop that answers everybody.
    compared = await asyncio.to_thread(asked.compared)
    context = {
        "article": held.article,
        "language": showing.language(held.article["language"]),
        "history": held,
        "pair": asked.pair,
        "changes": compared,
        "events": _events(held),
        "runs": runs,
        "moment": showing.moment,
        "span": lambda row: showing.span(ui, row),
        "published": showing.published,
        "told": lambda row: withdrawn.told(ui, row),
        "path": path(f"/article/{uid}"),
        "capture": lambda id_: ui.link(path(f"/capture/{id_}")),
    }
    return Response.html(await datasette.render_template("revisions.html", context, request=request))


async def data(request: Request, datasette: Datasette) -> Response | None:
    """Give the same as JSON: the object of `union-archive revisions --json`, or the two numbers and what differs."""
    try:
        asked = await _asked(request, datasette, MOST_JSON)
    except NoRevision as error:
        return await _no_pair(request, datasette, error.last)
    if asked is None:
        return None
    compared = await asyncio.to_thread(asked.compared)
    if asked.pair is None:
        return json_response(as_json(asked.held, compared))
    old, new = asked.pair
    found = changes_json(compared.get(new, []), whole=True)
    return json_response({"uid": asked.held.article["uid"], "from": old, "to": new, "changes": found})


async def earlier_address(request: Request, datasette: Datasette) -> Response:
    """Lead from the address that one revision's changes once had to the page that has them now."""
    given = unquote(request.url_vars["revision"])
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    address = datasette.urls.path(f"/article/{request.url_vars['uid']}/revisions?from={number - 1}&to={number}")
    return Response.redirect(interface(request).link(address))


async def _asked(request: Request, datasette: Datasette, most: int) -> Asked | None:
    """Read what is asked for; None where the archive does not hold the article. Raises ArchiveError, NoRevision."""
    uid, given = request.url_vars["uid"], arguments(request)

    def read(connection: sqlite3.Connection) -> Asked | None:
        held = history(connection, uid)
        if held is None:
            return None
        pair = _pair(last(given, "from"), last(given, "to"), [row["revision"] for row in held.revisions])
        newest = held.newest(most, CHARACTERS)
        wanted = pair or [number for one in newest for number in (one, one - 1)]
        texts = {number: said(connection, uid, number) for number in wanted}
        # A crawl may have stored another one meanwhile, or a person restricted the article.
        return Asked(held, pair, {number: text for number, text in texts.items() if text is not None})

    found: Asked | None = await datasette.get_database(DATABASE).execute_fn(read)
    return found


def _pair(old: str, new: str, known: list[int]) -> tuple[int, int] | None:
    """Return the two revisions that are asked for, the earlier first: a missing one is the present, or the one before.

    None where none is asked for. Raises NoRevision.
    """
    if not old and not new:
        return None
    digits = all(one.isascii() and one.isdigit() and len(one) < 10 for one in (old, new) if one)
    if not digits:
        raise NoRevision(known[-1])
    to = int(new) if new else known[-1]
    first, second = sorted((int(old) if old else to - 1, to))
    if first == second or first not in known or second not in known:
        raise NoRevision(known[-1])
    return first, second


def _events(held: History) -> list[tuple[str, str, Row]]:
    """Return revisions, withdrawals and returns, newest first: when, what, and its row."""
    events = [(row["fetched_at"], "revision", row) for row in held.revisions]
    events += [(row["since"], "withdrawn", row) for row in held.withdrawals]
    events += [(row["back_at"], "back", row) for row in held.withdrawals if row["back_at"]]
    # Of one moment, what came of the other stands above it.
    order = ("revision", "withdrawn", "back")
    return sorted(events, key=lambda event: (event[0], order.index(event[1])), reverse=True)


async def _no_pair(request: Request, datasette: Datasette, last_: int) -> Response:
    return await told(datasette, request, "revisions.bad" if last_ > 1 else "article.unchanged", last=last_)
