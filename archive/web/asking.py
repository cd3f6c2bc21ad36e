"""What a request asks of the search, and asking the database for it within a time limit."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs

from datasette.utils.asgi import Request

from archive.search.find import NEWEST, PAGE, Order
from archive.search.selection import QueryError, Selection, from_pairs
from archive.web.metadata import DATABASE

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")

ORDERS: tuple[Order, ...] = ("newest", "relevance")
#: Pages of a search; further hits are to be had by narrowing it, or in the export.
PAGES = NEWEST // PAGE
#: Milliseconds a search may take.
PATIENCE = 3_000
#: SQLite's steps between two looks at the clock.
_STEPS = 4_000


class TooSlow(QueryError):
    """The database did not answer in time: too much was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A selection, the order of its hits, and which page of them, from 1."""

    selection: Selection
    order: Order = ORDERS[0]
    page: int = 1

    @property
    def offset(self) -> int:
        """How many hits stand before the page."""
        return (self.page - 1) * PAGE

    def address(self, path: str, selection: Selection | None = None, page: int = 1) -> str:
        """Return the address of another selection or page in the same order."""
        more: dict[str, str] = {"sort": self.order} if self.order != ORDERS[0] else {}
        if page > 1:
            more["page"] = str(page)
        return joined(path, (self.selection if selection is None else selection).query_string(**more))


def joined(path: str, query_string: str) -> str:
    """Return an address; without a query string there is no question mark."""
    return f"{path}?{query_string}" if query_string else path


def arguments(request: Request) -> dict[str, list[str]]:
    """Return the parameters of an address, each with all its values."""
    return parse_qs(request.query_string, keep_blank_values=True, errors="replace")


def asked(request: Request) -> Asked:
    """Read what a request asks for. Raises QueryError, one line that names the parameter and the fix."""
    given = arguments(request)
    selection = from_pairs(given)
    sort = last(given, "sort") or ORDERS[0]
    order = next((one for one in ORDERS if one == sort), None)
    if order is None:
        raise QueryError(
            f"sort: {sort[:40]!r} is no order; give {' or '.join(ORDERS)}",
            f"sort：“{sort[:40]}”不是排序方式，可用 {'、'.join(ORDERS)}",
        )
    page = number(given, "page", 1)
    if page < 1:
        raise QueryError("page: pages are counted from 1", "page：页码从 1 开始")
    if page > PAGES:
        raise QueryError(
            f"page {page}: a search shows its first {NEWEST:,} hits, {PAGES:,} pages; "
            "narrow it with a filter or dates, or take the export, which has all",
            f"page {page}：检索只显示前 {NEWEST:,} 条（{PAGES:,} 页），请用筛选或日期缩小范围，或导出全部结果",
        )
    return Asked(selection, order if selection.query else ORDERS[0], page)


def last(given: dict[str, list[str]], name: str) -> str:
    """Return the last value of a parameter, stripped; empty where there is none."""
    return given.get(name, [""])[-1].strip()


def number(given: dict[str, list[str]], name: str, default: int) -> int:
    """Return a parameter that is a whole number of at most 18 digits. Raises QueryError."""
    text = last(given, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise QueryError(
            f"{name}: {text[:40]!r} is no number; give digits only", f"{name}：“{text[:40]}”不是数字，请只写数字"
        )
    return int(text)


async def ask(datasette: Datasette, work: Callable[[sqlite3.Connection], T], milliseconds: int = PATIENCE) -> T:
    """Return what `work` reads from the archive, in a thread of Datasette's. Raises TooSlow after the time limit."""
    database = datasette.get_database(DATABASE)
    result: T = await database.execute_fn(lambda connection: within(connection, work, milliseconds))
    return result


def within(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T], milliseconds: int = PATIENCE) -> T:
    """Return what `work` reads from a connection. Raises TooSlow after the time limit."""
    deadline = time.perf_counter() + milliseconds / 1000
    connection.set_progress_handler(lambda: time.perf_counter() > deadline, _STEPS)
    try:
        return work(connection)
    except sqlite3.OperationalError as error:
        if str(error) != "interrupted":
            raise
        raise TooSlow(
            f"the archive did not answer within {milliseconds / 1000:g} seconds; "
            "ask for a longer word, or narrow it with a filter or dates",
            f"档案在 {milliseconds / 1000:g} 秒内没有答复，请换用更长的词，或用筛选、日期缩小范围",
        ) from error
    finally:
        connection.set_progress_handler(None, 0)
