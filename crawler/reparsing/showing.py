"""One article beside what today's code reads of it, revision by revision; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import click

from archive.cli_revisions import Show, changed_lines
from archive.differences import Change, changes
from archive.directory import ArchiveDirectory
from archive.history import LISTS, changes_json
from archive.plain import plain
from crawler.pool import Pool
from crawler.profile import SiteProfile
from crawler.reparsing.comparing import Reread, reread, shortened
from crawler.reparsing.sources import Derived, Sources


def derive(directory: ArchiveDirectory, pool: Pool, profile: SiteProfile, uid: str) -> Derived:
    """Return an article that readers see, with what is read of each of its revisions."""
    with closing(directory.read_database()) as db:
        found = Sources(db.conn, None, profile).article(uid, restricted=False)
    assert found is not None
    for done in pool.read(found.tasks.values()):
        found.take_in(done)
    return found


def lines(derived: Derived, show: Show) -> Iterator[str]:
    """Yield what differs of an article, as `revisions` shows what its site changed."""
    held = derived.held
    found, errors = reread(derived)
    yield click.style(plain(held["title"]), bold=True)
    yield plain(f"  {held['uid']} · {held['site']} · {held['url']}")
    for one in found:
        yield ""
        yield click.style(f"revision {one.revision}", bold=True) + ("" if one.fields else " · read as it is stored")
        compared, others = _differences(one)
        yield from changed_lines(compared, show, whole=False)
        for name, before, after in others:
            yield f"  {name}: {before or '(nothing)'} → {after or '(nothing)'}"
    for number, error in errors.items():
        yield ""
        yield click.style(f"revision {number}", bold=True) + plain(f" · stays as it is: {error}")


def as_json(derived: Derived) -> dict[str, Any]:
    """Return what differs of an article as an object."""
    found, errors = reread(derived)
    revisions = []
    for one in found:
        compared, others = _differences(one)
        fields = [{"field": name, "before": one.before[name], "after": one.after[name]} for name, _, _ in others]
        revisions.append({"revision": one.revision, "changes": changes_json(compared), "other": fields})
    told = {name: derived.held[name] for name in ("uid", "url", "site", "title")}
    return {**told, "revisions": revisions, "errors": errors}


def _differences(one: Reread) -> tuple[list[Change], list[tuple[str, str, str]]]:
    """Return the fields that a revision compares, in pieces, and the others that differ, shortened."""
    compared = changes(_decoded(one.before), _decoded(one.after))
    shown = {change.field for change in compared}
    others = [name for name in one.fields if name not in shown]
    return compared, [(name, *shortened(one.before[name], one.after[name])) for name in others]


def _decoded(row: Any) -> dict[str, Any]:
    return {name: json.loads(value or "[]") if name in LISTS else value for name, value in row.items()}
