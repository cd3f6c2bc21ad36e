"""Values of the archive's columns in a reader's words: levels, regions, statuses, outcomes."""

from __future__ import annotations

from archive.web.language import Interface, messages

#: Levels of federations in the order that pages show them; None is a site without one.
LEVELS = (
    "national", "provincial", "prefecture", "district", "industrial", "grassroots", "media", "international", None,
)  # fmt: skip


def term(ui: Interface, kind: str, value: str | None) -> str:
    """Return what a value (`provincial`) of a kind (level, region, status, look, run) is called; else the value."""
    key = f"{kind}.{value or 'none'}"
    return str(ui.t(key)) if key in messages() else value or ""


def site_name(ui: Interface, name: str, name_en: str | None) -> str:
    """Return the name of a federation in the language of the page, as far as it has one."""
    return name_en if ui.language == "en" and name_en else name
