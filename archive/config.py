"""archive.toml: what a person decides about an archive, read strictly; a wrong key stops the command."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import ArchiveError

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
HOURS = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


class ConfigError(ArchiveError):
    """archive.toml cannot be used: the message names the file and the key, then the fix."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day, from `start` to before `end`, by the machine's own clock; it may span midnight."""

    start: time
    end: time

    def __contains__(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class ArchiveConfig:
    """The settings of one archive. What archive.toml does not say has the value given here."""

    name: str = "Trade-union news archive"
    """What readers see as the archive's name."""
    contact: str | None = None
    """E-mail or http(s) address for the user agent; a crawl from the network needs one."""
    jobs: int = 4
    """[crawl] Sites crawled side by side, at least 1."""
    budget: int | None = None
    """[crawl] Requests to one site in one day (UTC), at most; None is no limit."""
    quiet_hours: tuple[Hours, ...] = ()
    """[crawl] Hours in which no request is sent; a crawl stops there and goes on when it is started again."""
    webhook: str | None = None
    """[notify] http(s) address that is sent word when a site fails."""
    mail: str | None = None
    """[notify] E-mail address that is sent word when a site fails."""
    rights: str | None = None
    """[publish] What a reader may do with the published articles: a sentence or an address."""
    address: str | None = None
    """[publish] http(s) address of the reading room as its readers know it, without a slash at its end."""


def read_config(path: Path) -> ArchiveConfig:
    """Read archive.toml. Raises ConfigError in one line: missing, no TOML, unknown key, wrong value."""
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); write it with `union-archive init`") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}; mend the TOML there") from error
    read: dict[str, Any] = {}
    _read_table(path, "", values, read)
    return ArchiveConfig(**read)


def _read_table(path: Path, table: str, values: Mapping[str, Any], read: dict[str, Any]) -> None:
    """Put the checked values of one table ("" is the top) into `read`."""
    readers = KEYS[table]
    tables = [] if table else [name for name in KEYS if name]
    where = f"{path}: [{table}]" if table else f"{path}:"
    for key, value in values.items():
        if key in readers:
            try:
                read[key] = readers[key](value)
            except ValueError as error:
                raise ConfigError(f"{where} {key} = {value!r}: {error}") from error
        elif key in tables:
            if not isinstance(value, dict):
                raise ConfigError(f"{where} {key} = {value!r}: is a table; write [{key}] on a line of its own")
            _read_table(path, key, value, read)
        else:
            known = [*readers, *(f"[{name}]" for name in tables)]
            raise ConfigError(f"{where} unknown key {key!r}; expected one of {', '.join(known)}")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("give some text in quotes, or remove the line")
    return value.strip()


def _web(value: object) -> str:
    text = _text(value)
    if not is_web(text):
        raise ValueError("give an address that begins with http:// or https://")
    return text


def _place(value: object) -> str:
    return _web(value).rstrip("/")


def is_web(text: str) -> bool:
    """Say whether `text` is an http(s) address with a host and no white space."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.split() == [text]


def _email(value: object) -> str:
    text = _text(value)
    if not EMAIL.fullmatch(text):
        raise ValueError("give an e-mail address such as archive@example.org")
    return text


def _contact(value: object) -> str:
    text = _text(value)
    # It goes into an HTTP header.
    if not text.isascii() or not (EMAIL.fullmatch(text) or is_web(text)):
        raise ValueError("give an e-mail address or an http(s) address in ASCII, or remove the line")
    return text


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("give a whole number of at least 1")
    return value


def _hours(value: object) -> tuple[Hours, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_hour(item) for item in items)


def _hour(item: object) -> Hours:
    match = HOURS.fullmatch(item) if isinstance(item, str) else None
    if match:
        numbers = [int(number) for number in match.groups()]
        if numbers[0] < 24 and numbers[2] < 24 and numbers[1] < 60 and numbers[3] < 60:
            return Hours(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))
    raise ValueError('give hours as "22:00-06:30", or a list of them')


#: Table → key → reader; a reader raises ValueError with the fix.
KEYS: dict[str, dict[str, Callable[[object], Any]]] = {
    "": {"name": _text, "contact": _contact},
    "crawl": {"jobs": _count, "budget": _count, "quiet_hours": _hours},
    "notify": {"webhook": _web, "mail": _email},
    "publish": {"rights": _text, "address": _place},
}

TEMPLATE = """\
# The settings of this archive. A key that is not known here is an error.

# What readers see as its name.
name = "Trade-union news archive"

# Who answers for the crawl: an e-mail address or a web page. It goes into the user agent that sites see.
# A crawl from the network does not start without it; replaying captures does.
# contact = "archive@example.org"

[crawl]
# Sites crawled side by side.
jobs = 4
# Requests to one site in one day, at most.
# budget = 5000
# Hours without crawling, by this machine's clock: one, or a list.
# quiet_hours = "08:00-10:00"

[notify]
# Where to send word when a site fails. Checked, but nothing is sent yet.
# webhook = "https://example.org/hook"
# mail = "archive@example.org"

[publish]
# What a reader may do with the articles: a sentence, or the address of one.
# rights = "© the federations; for research and quotation"
# Where readers find it: citations and feeds name it, also in what `export` writes.
# address = "https://archive.example.org"
"""
