"""The Datasette plugin: how cells of the archive are shown, the index page, and what browsers may do with a page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pluggy
from datasette.utils.asgi import Request, Response
from jinja2 import Environment
from markupsafe import Markup

from archive.search.match import table_match
from archive.web import about, cells, connection, limits, missing, pages, refusals, security, slots
from archive.web.language import interface
from archive.web.metadata import DATABASE

if TYPE_CHECKING:
    from datasette.app import Datasette

# Datasette's own marker has no types.
hookimpl = pluggy.HookimplMarker("datasette")


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Datasette
) -> Markup | str | None:
    """Show names, titles, long texts and addresses for a reader; None leaves a cell to Datasette."""
    if database != DATABASE or table is None:
        return None
    return cells.render(row, value, column, table, datasette)


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Give templates the filters that cells are shown with."""
    env.filters |= {
        "names": cells.names,
        "credits": cells.credits,
        "objects": cells.objects,
        "external": cells.external,
        "rights": about.rights,
    }
    env.globals |= about.without_request(datasette)


@hookimpl
def extra_template_vars(request: Request | None, datasette: Datasette) -> dict[str, Any]:
    """Tell every template its language (`ui`, `t`), and the archive's name and rights."""
    ui = interface(request)
    return {"ui": ui, "t": ui.t, **about.about(datasette)}


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Add the pages of the reading room."""
    return pages.routes()


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Limit what SQL may use, and have `?_search=` of tables read as a reader types. After Datasette's own hook."""
    if database == DATABASE:
        conn.create_function("escape_fts", 1, table_match, deterministic=True)
        limits.prepare(conn)
        connection.prepare(conn, limits.authorize)


@hookimpl
async def handle_exception(datasette: Datasette, request: Request, exception: BaseException) -> Response | None:
    """Say what the database could not do, and what is not there; None leaves an exception to Datasette."""
    refused = await refusals.of_exception(datasette, request, exception)
    return refused or await missing.of_exception(datasette, request, exception)


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[security.App], security.App]:
    """Send the security headers with every page, and work on few costly ones at once."""
    headers, few = security.wrapper(datasette), slots.wrapper(datasette)
    return lambda app: headers(few(app))
