"""The attachments of an article as its page shows them: the archive's copy, the site's link, and what is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from archive.attachments.kinds import NAMES, ending
from archive.config import is_web
from archive.web.articles import Reading
from archive.web.cells import external
from archive.web.language import Interface

#: Characters of a file's text that the page shows; the file has all.
MAX_SHOWN = 50_000


@dataclass(frozen=True, slots=True)
class File:
    """One attachment: its `name`, the addresses of the archive's copy and of its capture (None: not held).

    `original` links to the site's own. `facts` are its type, pages and size in words. `text` is the beginning of what
    was read in it, `cut` says whether there is more, `error` what was not read (in English).
    """

    name: str
    copy: str | None
    capture: str | None
    original: Markup
    facts: tuple[str, ...]
    text: str
    cut: bool
    error: str | None


def files(reading: Reading, ui: Interface, root: str) -> list[File]:
    """Return the attachments of an article in order; `root` is the path of the archive's home page, without `/`."""
    read = _read(reading.row.get("attached"))
    return [_file(item, read.get(item["url"], {}), reading, ui, root) for item in reading.row["attachments"]]


def _file(item: Mapping[str, Any], read: Mapping[str, Any], reading: Reading, ui: Interface, root: str) -> File:
    url, uid = str(item["url"]), reading.row["uid"]
    held = reading.files.get(url)
    # An earlier revision may have had another file at the same address.
    if held is None or item.get("digest") not in (None, read.get("digest")):
        read = {}
    text = str(read.get("text") or "")
    capture = None if held is None else f"{root}/capture/{held}?article={uid}"
    return File(
        name=str(item.get("name") or url),
        copy=None if held is None else f"{root}/held/{uid}/{held}",
        capture=capture and ui.link(capture),
        original=external(url, str(ui.t("article.original_address"))) if is_web(url) else Markup(""),
        facts=tuple(_facts(url, read, ui)),
        text=text[:MAX_SHOWN],
        cut=len(text) > MAX_SHOWN,
        error=read.get("error"),
    )


def _facts(url: str, read: Mapping[str, Any], ui: Interface) -> list[str]:
    kind, pages, size = read.get("kind"), read.get("pages"), read.get("size")
    try:
        named = ending(urlsplit(url).path)
    except ValueError:
        named = ""
    shown = kind if kind in NAMES and kind not in ("image", "locked") else named
    found = [shown.upper()] if shown else []
    if pages:
        unit = {"pptx": "slides", "odp": "slides", "xls": "sheets", "xlsx": "sheets", "ods": "sheets"}
        key = f"article.file_{unit.get(str(kind), 'pages')}"
        found.append(str(ui.t(key if pages != 1 else f"{key[:-1]}", n=f"{pages:,}")))
    return [*found, bytes_in_words(size)] if isinstance(size, int) and size else found


def bytes_in_words(size: int) -> str:
    """Return a number of bytes as a reader says it: 812 B, 34 KB, 1.2 MB."""
    if size < 1_000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1_000:.0f} KB"
    return f"{size / 1_000_000:.1f} MB"


def _read(attached: str | None) -> dict[str, Mapping[str, Any]]:
    """Return what was read, by address; nothing where another program stored something else."""
    try:
        found = json.loads(attached or "[]")
    except ValueError:
        return {}
    return {str(one.get("url")): one for one in found if isinstance(one, dict)} if isinstance(found, list) else {}
