"""Rows of the frontier: URLs as they are handed out, and as they are put in."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from crawler.families.base import Entry
from crawler.reading import Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One URL of the frontier, as it is handed out."""

    id: int
    key: str
    url: str
    kind: Kind
    section: str | None = None
    depth: int = 0
    listing: Entry | None = None
    part_of: str | None = None
    part: int = 1
    redirects: int = 0
    form: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    capture: int | None = None
    error: str | None = None
    tries: int = 0
    interval: float | None = None
    changed_at: str | None = None
    read_with: str | None = None
    next_audit: str | None = None
    visits: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A URL to put into the frontier; `form` is what a listing page is asked for with by POST."""

    key: str
    url: str
    kind: Kind
    section: str | None = None
    depth: int = 0
    listing: Entry | None = None
    part_of: str | None = None
    part: int = 1
    redirects: int = 0
    priority: int | None = None
    form: str | None = None


def to_row(row: sqlite3.Row) -> Row:
    """Return a row of the table as it is handed out."""
    values = {name: row[name] for name in Row.__dataclass_fields__ if name not in ("listing", "tries")}
    return Row(**values, listing=entry_of(row["listing"]))


def entry_json(entry: Entry | None) -> str | None:
    """Write what a listing said of a URL as `frontier.listing` has it."""
    if entry is None:
        return None
    values = {"url": entry.url, "title": entry.title, "date": entry.date, "section": entry.section}
    return json.dumps(values, ensure_ascii=False)


def entry_of(text: str | None) -> Entry | None:
    """Read what a listing said of a URL, as `frontier.listing` has it."""
    return None if text is None else Entry(**json.loads(text))
