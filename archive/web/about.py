"""What every page says of the archive: its name, and what a reader may do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request
from markupsafe import Markup, escape

from archive.config import ArchiveConfig, is_web
from archive.web.language import Interface
from archive.web.metadata import PLUGIN

if TYPE_CHECKING:
    from datasette.app import Datasette


def about(datasette: Datasette) -> dict[str, Any]:
    """Return `archive_name` and `archive_rights` (a sentence, an address or None), from Datasette's metadata."""
    # What `serve` was given: the method that reads it is another one in Datasette 1.0.
    told: dict[str, Any] = datasette._metadata_local
    return {
        "archive_name": told.get("title") or ArchiveConfig().name,
        "archive_rights": told.get("license_url") or told.get("license"),
    }


def public(datasette: Datasette, request: Request, path: str) -> str:
    """Return the address of a page that is meant to be kept: in citations and feeds.

    Below `[publish] address` of archive.toml; where it is not set, as the request asked.
    """
    address = (datasette.plugin_config(PLUGIN) or {}).get("address")
    if address is not None:
        return f"{address}{path}"
    return str(datasette.absolute_url(request, datasette.urls.path(path)))


def without_request(datasette: Datasette) -> dict[str, Any]:
    """Return what a page has that Datasette renders without asking plugins (an error): the first language."""
    ui = Interface("zh", {})
    return {"ui": ui, "t": ui.t, **about(datasette)}


def rights(value: str) -> Markup:
    """Return the rights as a sentence, or as a link where they are an address."""
    if not is_web(value):
        return escape(value)
    return Markup('<a href="{0}" rel="license noopener noreferrer">{0}</a>').format(value)
