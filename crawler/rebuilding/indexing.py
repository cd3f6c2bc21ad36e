"""One WARC file to rows: its responses, what they were asked for, the runs that made them. Pure; runs in parallel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.members import Fault, record_faults, walk
from archive.payload import PayloadError, parse_response
from archive.warc import StoredRecord, parse_fields, payload_digest, warc_date
from crawler import facts

#: What a warcinfo record said of its run before it held facts.
_DESCRIPTION = re.compile(r"run (\d+) of (\S+) \(")


@dataclass(slots=True)
class Indexed:
    """What one file holds, in rows for the tables of the same names (crawler.rebuilding.scratch)."""

    responses: list[tuple[Any, ...]] = field(default_factory=list)
    """record id, offset, is a revisit, url, fetched_at, truncated, digest, refers to, warcinfo id, head."""
    abouts: list[tuple[Any, ...]] = field(default_factory=list)
    """id of a response, warcinfo id, the fact (a dict)."""
    infos: list[tuple[Any, ...]] = field(default_factory=list)
    """warcinfo id, site, run, the fact (a dict; empty in files of older versions), date."""
    notes: list[tuple[Any, ...]] = field(default_factory=list)
    """date, warcinfo id, url, the fact (a dict)."""
    problems: list[str] = field(default_factory=list)
    """What cannot be read, one line each."""
    records: int = 0


def index(path: Path) -> Indexed:
    """Read a whole file. What is damaged costs itself, and is named."""
    found = Indexed()
    with path.open("rb") as file:
        for record, _ in walk(file):
            if isinstance(record, Fault):
                found.problems.append(f"{path} at {record.offset}: {record.what}; put the file back from a copy")
                continue
            found.records += 1
            faults = record_faults(record)
            if faults:
                problem = f"{path} at {record.offset}: {faults[0]}, so it is left out; put the file back from a copy"
                found.problems.append(problem)
                continue
            try:
                _READERS.get(record.type, _pass_over)(found, record)
            except (PayloadError, KeyError, ValueError) as error:
                found.problems.append(f"{path} at {record.offset}: no record of ours ({error}); it is left out")
    return found


def _pass_over(found: Indexed, record: StoredRecord) -> None:
    """Leave requests: they belong to their responses."""


def _response(found: Indexed, record: StoredRecord) -> None:
    headers = record.headers
    http = parse_response(record.block)
    found.responses.append(
        (
            headers["WARC-Record-ID"],
            record.offset,
            record.type == "revisit",
            headers["WARC-Target-URI"],
            warc_date(_date(headers)),
            headers.get("WARC-Truncated"),
            headers.get("WARC-Payload-Digest") or payload_digest(http.payload),
            headers.get("WARC-Refers-To"),
            headers.get("WARC-Warcinfo-ID"),
            http.head,
        )
    )


def _metadata(found: Indexed, record: StoredRecord) -> None:
    headers, said = record.headers, parse_fields(record.block)
    fact = facts.parse(said)
    of, info = headers.get("WARC-Concurrent-To"), headers.get("WARC-Warcinfo-ID")
    if fact is None and of is not None and info is not None:
        fact = _older(said)
    if fact is None:
        return  # of another program
    if of is not None:
        found.abouts.append((of, info, fact))
    else:
        found.notes.append((warc_date(_date(headers)), info, headers["WARC-Target-URI"], fact))


def _older(said: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the fact in a metadata record of an older version: what the listing said."""
    listing = {"title": said.get("listing-title"), "date": said.get("listing-date")}
    fact = {"section": said.get("section"), "listing": listing if any(listing.values()) else None}
    return {name: value for name, value in fact.items() if value} or None


def _warcinfo(found: Indexed, record: StoredRecord) -> None:
    said = parse_fields(record.block)
    fact = facts.parse(said)
    described = _DESCRIPTION.match(said.get("description", ""))
    if fact is not None:
        site, run = str(fact["site"]), int(fact["id"])
    elif described is not None:
        site, run, fact = described[2], int(described[1]), {}
    else:
        return  # of the file
    found.infos.append((record.headers["WARC-Record-ID"], site, run, fact, warc_date(_date(record.headers))))


def _date(headers: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(headers["WARC-Date"]).astimezone(UTC)


_READERS = {"response": _response, "revisit": _response, "metadata": _metadata, "warcinfo": _warcinfo}
