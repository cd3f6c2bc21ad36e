"""One value of a table as a reader sees it: names, texts and addresses, always escaped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from archive.config import is_web
from archive.web.metadata import DATABASE

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Characters of an address that are shown where it has no name.
CUT = 120

NAMES = ("authors", "correspondents", "editors")
OBJECTS = ("images", "attachments")


def render(row: Any, value: Any, column: str, table: str, datasette: Datasette) -> Markup | str | None:
    """Return what a cell shows; None where Datasette's own way is right."""
    # A foreign key that Datasette has looked up comes with its label.
    label = value["label"] if isinstance(value, dict) else None
    value = value["value"] if isinstance(value, dict) else value
    if not isinstance(value, str):
        return None
    if column == "uid" and table != "articles":
        # Its row is found by uid here: Datasette would take the uid for the row's id.
        return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/article/{value}"), label or value)
    if label is not None:
        return None
    if table == "articles" and column == "title":
        # A table that is asked for without uids still leads to its rows.
        known = "uid" in row.keys()  # noqa: SIM118 (a sqlite3.Row)
        at = datasette.urls.path(f"/article/{row['uid']}") if known else datasette.urls.row(DATABASE, table, row["id"])
        return Markup('<a href="{}">{}</a>').format(at, value)
    if column in NAMES:
        return names(value) or Markup("&nbsp;")
    if column == "credits":
        return credits(value) or Markup("&nbsp;")
    if column in OBJECTS:
        return objects(value) or Markup("&nbsp;")
    if column == "attached":
        return attached(value) or Markup("&nbsp;")
    # Long texts are left to Datasette: cut in a table, whole on the page of their row.
    return external(value) if is_web(value) else None


def names(value: str) -> str:
    """Return a JSON list of names as text; what is no such list, as it stands."""
    read = _list(value)
    return value if read is None else "、".join(str(item) for item in read)


def credits(value: str) -> str:
    """Return a JSON list of credits as text, `责任编辑 王五；终审 赵六`; what is no such list, as it stands."""
    read = _list(value)
    if read is None or not all(isinstance(item, dict) and isinstance(item.get("names"), list) for item in read):
        return value
    return "；".join(f"{item.get('role', '')} {'、'.join(map(str, item['names']))}".strip() for item in read)


def objects(value: str) -> Markup | str:
    """Return a JSON list of images or attachments as links; what is no such list, as it stands."""
    read = _list(value)
    if read is None or not all(isinstance(item, dict) and "url" in item for item in read):
        return value
    links = [external(item["url"], item.get("caption") or item.get("name")) for item in read]
    return Markup("<br>").join(links)


def attached(value: str) -> Markup | str:
    """Return what was read in attachments as links, each with its kind and how much was read; else as it stands."""
    read = _list(value)
    if read is None or not all(isinstance(item, dict) and "url" in item for item in read):
        return value
    links = [external(item["url"], f"{item.get('kind')} · {len(str(item.get('text') or '')):,}") for item in read]
    return Markup("<br>").join(links)


def _list(value: str) -> list[Any] | None:
    try:
        read = json.loads(value)
    except ValueError:
        return None
    return read if isinstance(read, list) else None


def external(url: str, label: str | None = None) -> Markup:
    """Return a link to another site, which learns nothing of this one; only http(s) addresses become links."""
    if not is_web(url):
        return escape(label or url)
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(url, label or _cut(url))


def _cut(address: str) -> str:
    return address if len(address) <= CUT else address[: CUT - 1] + "…"
