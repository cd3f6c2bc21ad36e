"""The values a profile's keys may hold: each reader returns the value checked, or raises ValueError with the fix."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from archive.article import ARTICLE_FIELDS
from archive.pace import duration
from crawler.urls import HOST
from crawler.zones import zone_of

LEVELS = (
    "national", "provincial", "prefecture", "district", "industrial", "grassroots", "media", "international",
)  # fmt: skip
STATUSES = ("active", "paused", "unsupported")

_REGION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?")
_PINYIN = re.compile(r"[A-Z][a-z]*(?:[ '\u2019-]?[A-Za-z]+)*")
#: A site's id: the name of its file.
SITE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ZONE_NAME = re.compile(r"[A-Z]\w+(?:/[A-Z][\w+-]+){1,2}")
_TIMEZONE = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
_EMPTY_PAGE = LexborHTMLParser("<html></html>")

Reader = Callable[[object], Any]


def text(value: object) -> str:
    """Read a string that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("give some text in quotes, or remove the line")
    return value.strip()


def duration_text(value: object) -> str:
    """Read a time such as 6h, and return it as written."""
    duration(value)
    return str(value)


def one_of(*names: str) -> Reader:
    """Return a reader of one of `names`."""

    def read(value: object) -> str:
        if value not in names or not isinstance(value, str):
            raise ValueError(f"give one of {', '.join(names)}")
        return value

    return read


def matching(pattern: re.Pattern[str], example: str) -> Reader:
    """Return a reader of strings that match `pattern` as a whole; `example` is shown when one does not."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"give a value such as {example}")
        return value

    return read


def many(read_one: Reader, example: str) -> Reader:
    """Return a reader of a non-empty list without repetition, each of its values read by `read_one`."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"give a list such as {example}")
        items = tuple(read_one(item) for item in value)
        if len(set(items)) < len(items):
            raise ValueError("remove what is listed twice")
        return items

    return read


def seconds(value: object) -> float:
    """Read a duration in seconds, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError("give a number of seconds that is not below 0")
    return float(value)


def count(value: object) -> int:
    """Read a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("give a whole number of at least 1")
    return value


def address(value: object) -> str:
    """Read an absolute http(s) URL."""
    fix = ValueError("give an address that begins with http:// or https:// and has no # part")
    if not isinstance(value, str) or value.split() != [value]:
        raise fix
    try:
        parts = urlsplit(value)
    except ValueError:
        raise fix from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise fix
    return value


def host(value: object) -> str:
    """Read a host name in lower case, with a port where it is not the default one."""
    found = HOST.fullmatch(value) if isinstance(value, str) else None
    if not isinstance(value, str) or not found:
        raise ValueError("give hosts in lower case without http:// and path, such as www.example.org")
    if found[1] in ("80", "443"):
        raise ValueError("leave the default port out")
    return value


def regex(value: object) -> re.Pattern[str]:
    """Read a regular expression that says something about a URL."""
    if not isinstance(value, str):
        raise ValueError("give a regular expression in single quotes")
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error}); mend it") from error
    if pattern.search(""):
        raise ValueError("matches every URL; say what only an article's URL has")
    return pattern


def css(value: object) -> str:
    """Read a CSS selector that both parsers understand: lexbor finds, BeautifulSoup cleans."""
    import soupsieve  # with BeautifulSoup a tenth of a second, and many commands read no profile

    fix = "give a CSS selector such as 'div.content > p'"
    if not isinstance(value, str) or not value.strip():
        raise ValueError(fix)
    try:
        _EMPTY_PAGE.css(value)
        soupsieve.compile(value)
    except (SelectolaxError, soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ValueError(f"is no usable CSS selector ({reason}); {fix}") from error
    return value.strip()


def timezone(value: object) -> str:
    """Read an offset, or the name of a zone whose clocks change."""
    fix = ValueError('give an offset such as "+08:00", or where clocks change a name such as "Europe/London"')
    if not isinstance(value, str) or not (_TIMEZONE.fullmatch(value) or _ZONE_NAME.fullmatch(value)):
        raise fix
    try:
        zone_of(value)
    except ValueError:
        raise fix from None
    return value


def either(*choices: int) -> Reader:
    """Return a reader of one of some whole numbers."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value not in choices:
            raise ValueError(f"give {' or '.join(map(str, choices))}")
        return value

    return read


region = matching(_REGION, '"CN-SD" (ISO 3166-2) or "CN" (ISO 3166-1)')
languages = many(matching(_LANGUAGE, '"zh-Hans"'), '["zh-Hans"]')
pinyin = matching(_PINYIN, '"Qingdao Shi Zonggonghui", without tone marks')
site_id = matching(SITE_ID, '"qdszgh", the id of a site of the registry')
addresses = many(address, '["https://www.example.org/news/1.html"]')
hosts = many(host, '["www.example.org", "example.org"]')
selectors = many(css, "['div.share', 'p.tools']")
article_fields = many(one_of(*ARTICLE_FIELDS), '["published_at"]')
