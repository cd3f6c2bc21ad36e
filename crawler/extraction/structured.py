"""Structured data: what a page's JSON-LD says about its article, read once.

It is written for machines and is not printed: it decides between printed things, and never adds text of its own.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting)$|^Report$")
_PAGE_TYPES = re.compile(r"^WebPage$")
#: Half of a character, as a script writes it that cut a text: no database can hold it.
_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_TAGS = re.compile(r"<[^>]{0,300}>")
#: What some CMS wrap a script in: a comment, or a CDATA section.
_OPENING = re.compile(r"\s*(?:<!--|(?://|/\*)?\s{0,9}<!\[CDATA\[\s{0,9}(?:\*/)?)")
_CLOSING = re.compile(r"(?:-->|(?://|/\*)?\s{0,9}\]\]>\s{0,9}(?:\*/)?)$")
#: Commas before a closing bracket, which JSON forbids and templates leave behind.
_LOOSE_COMMA = re.compile(r",(?=\s*[}\]])")
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage")


def article_data(scripts: Iterable[str]) -> dict[str, Any]:
    """Return the object of JSON-LD scripts that describes an article, else the one of the page, else an empty one."""
    items = [item for script in scripts for item in _objects(script)]
    people = {item["@id"]: item for item in items if isinstance(item.get("@id"), str) and "name" in item}
    for wanted in (_ARTICLE_TYPES, _PAGE_TYPES):
        for item in items:
            types = item.get("@type")
            if any(wanted.search(str(kind)) for kind in (types if isinstance(types, list) else [types])):
                authors = item.get("author") or item.get("creator")
                listed = authors if isinstance(authors, list) else [authors]
                named = [_person(each, people) for each in listed]
                return item | {"author": named}
    return {}


def plain(value: Any) -> str:
    """Return a value as one line of text: entities resolved, tags taken out; an empty one when it is no text."""
    if not isinstance(value, str):
        return ""
    text = unescaped(value)
    return " ".join(_TAGS.sub(" ", text).split())


def unescaped(text: str) -> str:
    """Resolve character references; a text with one that is thousands of figures long stays as it is."""
    try:
        return unescape(text) if "&" in text else text
    except ValueError:
        return text


def _person(said: Any, people: dict[str, dict[str, Any]]) -> Any:
    """Return the object that an author only names by its `@id`; anything else as it is."""
    id_ = said.get("@id") if isinstance(said, dict) else None
    return people.get(id_, said) if isinstance(id_, str) else said


def _objects(source: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD script, `@graph` unfolded; broken JSON holds none."""
    try:
        pending = deque([_parsed(_HALF.sub(r"\\ufffd", source))])
    except (ValueError, RecursionError):
        return
    while pending:
        item = pending.popleft()
        if isinstance(item, list):
            pending.extendleft(reversed(item))
        elif isinstance(item, dict):
            yield item
            pending += [item[key] for key in _NESTED if isinstance(item.get(key), list | dict)]


def _parsed(source: str) -> Any:
    """Parse a script; one that is no JSON again, without its wrapping and loose commas."""
    try:
        return json.loads(source, strict=False)
    except ValueError:
        bare = source.strip().rstrip(";")
        if opening := _OPENING.match(bare):
            bare = bare[opening.end() :]
        if closing := _CLOSING.search(bare, max(0, len(bare) - 40)):
            bare = bare[: closing.start()]
        return json.loads(_LOOSE_COMMA.sub("", bare), strict=False)
