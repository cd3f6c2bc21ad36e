"""Wanted: which pictures and attachments are fetched, and how long they may be, as archive.toml and profiles say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

_SIZE = re.compile(r"(\d{1,6}(?:\.\d)?) ?(kB|MB)")
_UNITS = {"kB": 1_000, "MB": 1_000_000}
#: What is longer could be fetched, but not read again (archive.payload.MAX_CONTENT).
LEAST, MOST = 1_000, 32_000_000
#: Suffixes of files that are attachments: those that extraction knows (lexicon/media.toml).
TYPES = (
    "pdf", "doc", "docx", "wps", "xls", "xlsx", "et", "csv", "ppt", "pptx", "dps", "ofd", "rtf", "zip", "rar", "7z",
    "tar", "gz", "txt", "ceb", "mp3", "mp4",
)  # fmt: skip
_SUFFIX = re.compile(r"\.([0-9a-z]{1,8})$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the pictures and attachments of articles is fetched. Sizes are in bytes."""

    images: bool = True
    attachments: bool = True
    image_size: int = 5_000_000
    attachment_size: int = 20_000_000
    attachment_types: tuple[str, ...] = TYPES

    def wants(self, kind: str, url: str) -> bool:
        """Say whether an `image` or an `attachment` is fetched; an address that names no type may be of any."""
        if kind == "image":
            return self.images
        return self.attachments and bool(types_of(url) <= {*self.attachment_types})

    def most(self, kind: str) -> int:
        """Return how many bytes an `image` or an `attachment` may have."""
        return self.image_size if kind == "image" else self.attachment_size


def types_of(url: str) -> set[str]:
    """Return the suffix of the file that an address names, in its path or its query; empty where it names none."""
    try:
        parts = urlsplit(url)
        names = [parts.path, *(value for _, value in parse_qsl(parts.query))]
    except ValueError:
        return set()
    found = {match[1] for name in names if (match := _SUFFIX.search(unquote(name).lower()))}
    return found & {*TYPES}


def size(value: object) -> int:
    """Read a size such as 500 kB or 5 MB, in bytes. Raises ValueError with the fix."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    found = int(float(match[1]) * _UNITS[match[2]]) if match else None
    if found is None or not LEAST <= found <= MOST:
        raise ValueError('give a size from "1 kB" to "32 MB"')
    return found


def size_text(number: int) -> str:
    """Write a size for a person, as `size` reads it: 5 MB, 1.5 MB, 500 kB."""
    unit = "MB" if number >= _UNITS["MB"] else "kB"
    return f"{number / _UNITS[unit]:.1f}".removesuffix(".0") + f" {unit}"


def switch(value: object) -> bool:
    """Read true or false. Raises ValueError with the fix."""
    if not isinstance(value, bool):
        raise ValueError("give true or false, without quotes")
    return value


def types(value: object) -> tuple[str, ...]:
    """Read a list of suffixes of files. Raises ValueError with the fix."""
    if not isinstance(value, list) or not value or not {*map(str, value)} <= {*TYPES}:
        raise ValueError(f"give a list of some of {', '.join(TYPES)}")
    return tuple(str(one) for one in value)
