"""archive.toml: what a person decides about an archive, read strictly; a wrong key stops the command."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive import wanted
from archive.errors import ArchiveError
from archive.pace import Pace, duration
from archive.wanted import Wanted

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
HOURS = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
SERVER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})")


class ConfigError(ArchiveError):
    """archive.toml cannot be used: the message names the file and the key, then the fix."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day, from `start` to before `end`; it may span midnight."""

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
    """[crawl] Hours, by a site's own clock, in which it is sent no request; its crawl goes on when it is due."""
    pace: Pace = field(default_factory=Pace)
    """[schedule] How often listings are looked at, where a profile does not say otherwise."""
    media: Wanted = field(default_factory=Wanted)
    """[media] Which pictures and attachments are fetched, where a profile does not say otherwise."""
    webhook: str | None = None
    """[notify] http(s) address that is sent word when a site turns bad or recovers. May hold a secret."""
    mail: str | None = None
    """[notify] E-mail address that is sent word when a site turns bad or recovers."""
    smtp: tuple[str, int] | None = None
    """[notify] Host and port of the server that takes the mail; None is the program sendmail."""
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
    pace = Pace(**{name: read.pop(name) for name in KEYS["schedule"] if name in read})
    if fault := pace.fault():
        raise ConfigError(f"{path}: [schedule] {fault}")
    if "smtp" in read and "mail" not in read:
        raise ConfigError(f"{path}: [notify] smtp takes mail, but mail does not say to whom; give it, or remove smtp")
    media = Wanted(**{name: read.pop(name) for name in KEYS["media"] if name in read})
    return ArchiveConfig(**read, pace=pace, media=media)


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
                said = key if key in SECRET else f"{key} = {value!r}"
                raise ConfigError(f"{where} {said}: {error}") from error
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
        parts.port  # noqa: B018 (raises ValueError for one that cannot be)
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


def _server(value: object) -> tuple[str, int]:
    match = SERVER.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < int(match[3]) < 65536:
        raise ValueError('give a host and a port, such as "localhost:25"')
    return match[1] or match[2], int(match[3])


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
    "schedule": {"least": duration, "most": duration, "asleep": duration, "audit": duration},
    "media": {
        "images": wanted.switch,
        "attachments": wanted.switch,
        "image_size": wanted.size,
        "attachment_size": wanted.size,
        "attachment_types": wanted.types,
    },
    "notify": {"webhook": _web, "mail": _email, "smtp": _server},
    "publish": {"rights": _text, "address": _place},
}
#: Keys whose values no message repeats.
SECRET = frozenset({"webhook"})

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
# Hours in which a site is left alone, by its own clock: one, or a list.
# quiet_hours = "08:00-10:00"

[schedule]
# Time between two looks at a section, in minutes (m), hours (h), days (d) or weeks (w): the least, while it shows new
# articles; the most, while it does not; and the most for one that has shown none for two months.
# least = "12h"
# most = "1d"
# asleep = "7d"
# Time between two audits, which read beyond the first page of a section that is known.
# audit = "7d"

[media]
# Whether the pictures of articles, and the files that they link to, are fetched.
# images = true
# attachments = true
# How long one may be, in kB or MB, 32 MB at most; a longer one is left.
# image_size = "5 MB"
# attachment_size = "20 MB"
# Files of other types are left. Without this line all are fetched that articles are known to link to.
# attachment_types = ["pdf", "doc", "docx", "xls", "xlsx", "wps", "et", "ppt", "pptx", "ofd", "zip", "rar"]

[notify]
# Where to send word when a site turns bad, and when it recovers: an address that takes JSON, or mail, or both. Try it
# with `union-archive notify --test`.
# webhook = "https://example.org/hook"
# mail = "archive@example.org"
# The server that takes the mail. Without it the program sendmail is asked; that of most mail systems cannot work in the
# units of `schedule`: give a server there.
# smtp = "localhost:25"

[publish]
# What a reader may do with the articles: a sentence, or the address of one.
# rights = "© the federations; for research and quotation"
# Where readers find it: citations and feeds name it, also in what `export` writes.
# address = "https://archive.example.org"
"""
