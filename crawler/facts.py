"""Facts that lie in WARC files beside what sites sent, so that the database can be made again from them alone.

Beside each response: what it was asked for. By themselves: looks at listings that got no answer, how each run ended.
They are metadata records (application/warc-fields) whose field `union-archive` holds a JSON object in one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.frontier import Row

FIELD = "union-archive"
ROBOTS: Mapping[str, Any] = {"kind": "robots"}
#: What a fact leaves out, being so nearly always.
_USUAL: Mapping[str, Any] = {"depth": 0, "part": 1, "redirects": 0}


def of_row(row: Row, first: str | None = None) -> dict[str, Any]:
    """Return what is known of a URL when it is asked for; `first` is the address of a further page's first page."""
    values = {
        "kind": row.kind,
        "key": row.key,
        "url": row.url,
        "section": row.section,
        "depth": row.depth,
        "listing": asdict(row.listing) if row.listing else None,
        "part_of": row.part_of,
        "part": row.part,
        "first": first,
        "redirects": row.redirects,
        "form": row.form,
    }
    return {name: value for name, value in values.items() if value is not None and value != _USUAL.get(name)}


def of_look(row: Row, day: str, outcome: str) -> dict[str, Any]:
    """Return what is to be known of a look at a listing that got no answer, as the table `looks` has it."""
    return {"look": {"section": row.section or "", "day": day, "depth": row.depth + 1, "outcome": outcome}}


def fields(fact: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the fields of a metadata record: the fact, and for a reader of the file what the listing said."""
    listing = fact.get("listing") or {}
    return {
        "section": fact.get("section"),
        "listing-title": listing.get("title"),
        "listing-date": listing.get("date"),
        FIELD: line(fact),
    }


def parse(found: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the fact in the fields of a metadata record; None where there is none that can be read."""
    try:
        fact = json.loads(found[FIELD])
    except (KeyError, ValueError):
        return None
    return fact if isinstance(fact, dict) else None


def line(fact: Mapping[str, Any]) -> str:
    """Write a fact as JSON that stays as it is where runs of white space are folded into one space."""
    text = json.dumps(fact, separators=(",", ":"))
    return re.sub("  +", lambda spaces: r"\u0020" * len(spaces[0]), text)
