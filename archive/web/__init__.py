"""The Datasette plugin: how cells of the archive are shown, the index page, and what browsers may do with a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pluggy
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment
from markupsafe import Markup

from archive.web import cells, overview, security
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
    }


@hookimpl
def extra_template_vars(
    view_name: str, database: str | None, datasette: Datasette
) -> Callable[[], Awaitable[dict[str, Any]]] | None:
    """Tell the index page what is new and how much there is."""
    if view_name != "index" or DATABASE not in datasette.databases:
        return None

    async def variables() -> dict[str, Any]:
        return {"archive": await overview.overview(datasette.get_database(DATABASE))}

    return variables


@hookimpl
def extra_css_urls(datasette: Datasette) -> list[str]:
    """Add the archive's style sheet to every page."""
    return [datasette.urls.static_plugins("archive.web", "archive.css")]


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Add `/article/UID`: the address of an article that stays when its row moves."""
    return [(r"^/article/(?P<uid>[0-9a-f]{16})$", article)]


async def article(request: Request, datasette: Datasette) -> Response:
    """Lead from an article's uid to its row."""
    db = datasette.get_database(DATABASE)
    found = await db.execute("SELECT id FROM articles WHERE uid = ?", [request.url_vars["uid"]])
    if not found.rows:
        raise NotFound(f"This archive holds no article {request.url_vars['uid']}")
    return Response.redirect(datasette.urls.row(DATABASE, "articles", str(found.rows[0]["id"])))


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[security.App], security.App]:
    """Send the security headers with every page."""
    return security.wrapper()
