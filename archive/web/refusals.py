"""Requests that are not done: too much at once, or what the database cannot do; told in the reader's language."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError

from archive.web.pages.errors import told
from archive.web.security import of_database, path_of

if TYPE_CHECKING:
    from datasette.app import Datasette


async def of_exception(datasette: Datasette, request: Request, exception: BaseException) -> Response | None:
    """Answer 400 where Datasette's own pages fail by what they were asked; None leaves an exception to Datasette."""
    if not of_database(path_of(request.scope, datasette), datasette):
        return None
    if isinstance(exception, QueryInterrupted) or getattr(exception, "title", None) == "SQL Interrupted":
        seconds = datasette.setting("sql_time_limit_ms") / 1000
        return await told(datasette, request, "refusals.slow", 400, seconds=f"{seconds:g}")
    if isinstance(exception, MemoryError):
        return await told(datasette, request, "refusals.memory", 400)
    if isinstance(exception, DatasetteError) and exception.status >= 500:
        # Only a wrong address leads there: a column that does not sort, two orders at once.
        return await told(datasette, request, "refusals.impossible", 400, reason=exception.message)
    if isinstance(exception, (sqlite3.Error, OverflowError, ValueError)):
        # A number, a cursor or a name in the address that Datasette hands on as it is. It prints the traceback.
        return await told(datasette, request, "refusals.impossible", 400, reason=str(exception))
    return None
