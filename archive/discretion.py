"""Incidents for others than the archivist: without addresses of what is restricted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from archive.health import Incident
from archive.tables import has_tables

#: Stands where an address was.
TAKEN_OUT = "…"
#: An address in a sentence, without the punctuation after it.
_ADDRESS = re.compile(r"https?://\S+?(?=[:;,.)]*(?:\s|$))")


def restricted_sites(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the sites that are kept from readers as a whole."""
    if not has_tables(connection, "restrictions"):
        return frozenset()
    return frozenset(row[0] for row in connection.execute("SELECT site FROM restrictions WHERE uid IS NULL"))


def discreet(connection: sqlite3.Connection, incidents: Iterable[Incident]) -> list[Incident]:
    """Return incidents without the addresses of restricted articles; of a restricted site, without any."""
    if not has_tables(connection, "restrictions"):
        return list(incidents)
    whole = restricted_sites(connection)
    hidden: dict[str, frozenset[str]] = {}
    found = []
    for one in incidents:
        if one.site not in hidden:
            hidden[one.site] = _addresses(connection, one.site)
        found.append(_without(one, None if one.site in whole else hidden[one.site]))
    return found


def _addresses(connection: sqlite3.Connection, site: str) -> frozenset[str]:
    """Return every address that the restricted articles of a site are known by."""
    found: set[str] = set()
    query = "SELECT uid, key FROM restrictions WHERE site = ? AND uid IS NOT NULL"
    for uid, key in connection.execute(query, [site]).fetchall():
        queries = (
            ("SELECT url FROM captures WHERE uid = ?", [uid]),
            ("SELECT url FROM captures WHERE site = ? AND key = ?", [site, key]),
            ("SELECT url FROM frontier WHERE site = ? AND key = ?", [site, key]),
        )
        found |= {key, *(row[0] for query, values in queries for row in connection.execute(query, values))}
    return frozenset(found)


def _without(one: Incident, hidden: frozenset[str] | None) -> Incident:
    """Return an incident without these addresses; without any where they are None."""
    if hidden is not None and not hidden:
        return one
    pattern = _ADDRESS if hidden is None else _any_of(hidden)
    facts = {name: pattern.sub(TAKEN_OUT, fact) if isinstance(fact, str) else fact for name, fact in one.facts.items()}
    if hidden is None or one.url in hidden:
        return replace(one, facts=facts, url=None, capture=None)
    return replace(one, facts=facts)


def _any_of(addresses: frozenset[str]) -> re.Pattern[str]:
    """Return what finds these addresses, and none that only begins as one of them does."""
    longest_first = sorted(addresses, key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})(?!\\w)")
