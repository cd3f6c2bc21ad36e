"""Filters of a search as a reader sees them: values with their names and counts, each a link that adds or drops it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from archive.search.selection import PARAMETERS, UNKNOWN, Selection
from archive.web import terms
from archive.web.language import Interface

#: Fields of a Selection by their parameter, for the filters that hold values.
_FIELDS = {PARAMETERS[field.name]: field.name for field in fields(Selection)}
#: Filters in the order a page shows them.
SHOWN = ("year", "site", "level", "region", "section", "source", "language")

Sites = Mapping[str, sqlite3.Row]
#: Makes the address of a selection.
Link = Callable[[Selection], str]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a filter: its name, how many hits have it, whether it is chosen, and where a click leads."""

    label: str
    number: int
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter's name, and its values."""

    title: str
    values: list[Value]


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that narrows the search, in words, and the search without it."""

    label: str
    href: str


def read_sites(connection: sqlite3.Connection) -> dict[str, sqlite3.Row]:
    """Return the sites' names by id."""
    return {row["id"]: row for row in connection.execute("SELECT id, name, name_en FROM sites")}


def label(ui: Interface, sites: Sites, name: str, value: str) -> str:
    """Return how a filter's value is called in the reader's language; a value without a name stands for itself."""
    if name == "site":
        return site_name(ui, sites, value)
    if name == "year" and value == UNKNOWN:
        return str(ui.t("search.undated"))
    return terms.term(ui, name, value) if name in ("level", "region", "language") else value


def site_name(ui: Interface, sites: Sites, site: str) -> str:
    """Return a site's name in the reader's language; its id where the archive does not have it."""
    row = sites.get(site)
    return site if row is None else terms.site_name(ui, row["name"], row["name_en"])


def facets(
    ui: Interface, sites: Sites, selection: Selection, found: Mapping[str, Sequence[tuple[str, int]]], link: Link
) -> list[Facet]:
    """Return the facets that tell hits apart: those with two values or more, or with a chosen one."""
    shown = []
    for name in SHOWN:
        chosen = getattr(selection, _FIELDS[name])
        values = [
            Value(label(ui, sites, name, value), number, value in chosen, link(_toggled(selection, name, value)))
            for value, number in found.get(name, ())
        ]
        if len(values) > 1 or (values and chosen):
            shown.append(Facet(str(ui.t(f"search.facet.{name}")), values))
    return shown


def chips(ui: Interface, sites: Sites, selection: Selection, link: Link) -> list[Chip]:
    """Return everything that narrows the search apart from the query."""
    shown = []
    for name, values in selection.filters.items():
        title = ui.t(f"search.facet.{name}")
        for value in values:
            words = ui.t("search.chip", name=title, value=label(ui, sites, name, value))
            shown.append(Chip(str(words), link(_toggled(selection, name, value))))
    if selection.after:
        words = ui.t("search.chip_after", day=selection.after.isoformat())
        shown.append(Chip(str(words), link(replace(selection, after=None))))
    if selection.before:
        words = ui.t("search.chip_before", day=selection.before.isoformat())
        shown.append(Chip(str(words), link(replace(selection, before=None))))
    return shown


def _toggled(selection: Selection, name: str, value: str) -> Selection:
    """Return the selection without a value that it has, or with one that it lacks."""
    held: tuple[str, ...] = getattr(selection, _FIELDS[name])
    kept = tuple(one for one in held if one != value) if value in held else (*held, value)
    changes: dict[str, tuple[str, ...]] = {_FIELDS[name]: kept}
    return replace(selection, **changes)  # type: ignore[arg-type]
