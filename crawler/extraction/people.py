"""People: who wrote a page, as its head tells it, as elements are marked for it, and as lines print it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from crawler.extraction.asides import BY, is_byline
from crawler.extraction.folding import key
from crawler.extraction.lexicon import any_of, compiled, words_of
from crawler.extraction.names import is_no_name, split_names
from crawler.extraction.page import Page
from crawler.extraction.structured import plain

_METAS = words_of("metas.author")
_MARKED = ", ".join(
    [
        "[rel~=author]",
        "[itemprop=author]",
        "address",
        *(f"[class*={word} i]" for word in words_of("elements.author_part")),
    ]
)
_MORE = compiled(any_of("elements.author_more_part"), re.I)
_AND = compiled(rf"\s*(?:[,;/|·•\n\x1f]|\b(?:{any_of('names.and')}|{any_of('names.in')})\b)\s*")
#: A name before its role, as a piece of a line: 나루한 기자.
_NAMED_ROLE = compiled(
    rf"(?:^|[\s|｜/·,=(\[\x1f])(?P<name>[\uac00-\ud7a3]{{2,4}}|[\u4e00-\u9fff]{{2,5}})\s?{any_of('bylines.role_after')}"
    r"(?=$|[\s|｜/·,=)\]\x1f])"
)
_WORD = re.compile(r"[^\W\d_][\w'\u2019.-]*$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30fa]")
_TITLES = re.compile(r"^(?:(?:Dr|Prof|Mag|Ing|Mr|Mrs|Ms)\.\s*)+")
#: Elements of a page that are looked at; characters of a line that may name people.
_MOST, _LINE = 60, 120


def told_people(page: Page, site_names: frozenset[str]) -> list[str]:
    """Return the people that JSON-LD names as authors; organisations and the site itself are none."""
    site = site_names | _host_names(page.url)
    data = page.linked_data.get("author")
    found = [name for person in (data if isinstance(data, list) else [data]) for name in _names_of(person)]
    return _people_of(found, site)


def meta_people(page: Page, site_names: frozenset[str]) -> list[str]:
    """Return the people that the head's metas name as authors."""
    site = site_names | _host_names(page.url)
    found: list[str] = []
    for name in _METAS:
        value = page.meta.get(name)
        if not value or value.startswith("http"):
            continue
        parts = [part for part in _AND.split(value) if part.strip()]
        names = split_names(value)
        # `example.org, Frankfurt, Germany`: where one part is no name, the others may be places.
        if _HAN.search(value) or (len(names) >= len(parts) and site.isdisjoint(map(key, parts))):
            found += names
    return _people_of(found, site)


def printed_people(page: Page, lines: Sequence[str], first: int, last: int, site_names: frozenset[str]) -> list[str]:
    """Return the people that lines print, or that elements between segments [first, last) are marked for."""
    found: list[str] = []
    for line in lines:
        if is_byline(line.replace("\x1f", " ")):
            found += _people(BY.sub("", line))
        elif len(line) < _LINE:
            found += [match["name"] for match in _NAMED_ROLE.finditer(line) if not is_no_name(match["name"])]
    if not found and not (_HAN.search(page.title) and not _KANA.search(page.title)):
        for node in page.tree.css(_MARKED)[:_MOST]:
            if first <= _segment(page, node) < last and not _MORE.search(node.attributes.get("class") or ""):
                text = node.text(separator="\x1f")
                found += _people(BY.sub("", text)) if len(text) < 300 else []
            if len(found) > 1:
                break
    return _people_of(found, site_names | _host_names(page.url))


def _names_of(person: Any) -> Iterator[str]:
    """Yield the names of a JSON-LD author."""
    if isinstance(person, dict):
        if "Organization" in str(person.get("@type")):
            return
        given, family = plain(person.get("givenName")), plain(person.get("familyName"))
        name = plain(person.get("name")) or f"{given} {family}".strip()
    else:
        name = plain(person)
    if isinstance(person, dict) and person.get("@type") == "Person" and _is_one(name):
        yield name
    else:
        yield from split_names(name)


def _is_one(name: str) -> bool:
    """Tell whether a name that a page marks as a person's is one name, in any script."""
    words = _TITLES.sub("", name).split()
    if not 2 <= len(words) <= 5 or is_no_name(name) or _AND.search(name):
        return False
    if _HAN.search(name):
        return len(words) == 2 and all(len(word) <= 3 for word in words)
    return all(_WORD.match(word) for word in words)


def _people(text: str) -> list[str]:
    """Return the names of several words, capitalised, at the beginning of a byline."""
    found: list[str] = []
    for part in _AND.split(" ".join(text.replace("\x1f", " \x1f ").split(" "))):
        part = _TITLES.sub("", " ".join(part.split()).strip(" .:()"))
        words = part.split()
        if not part:
            continue
        if not 2 <= len(words) <= 4 or _HAN.search(part) or is_no_name(part):
            break
        if not all(_WORD.match(word) for word in words) or not (words[0][0].isupper() and words[-1][0].isupper()):
            break
        found.append(part)
    return found


def _segment(page: Page, node: LexborNode) -> int:
    """Return the segment that a node begins at or near."""
    above: LexborNode | None = node
    for _ in range(6):
        if above is None:
            break
        if (number := page.outline.index.get(above.mem_id)) is not None:
            return page.outline.firsts[number]
        above = above.parent
    return -1


def _host_names(url: str) -> frozenset[str]:
    """Return what a site may be called by its address: `www.example.org` is `example` and `example.org`."""
    parts = (urlsplit(url).hostname or "").split(".")
    own = parts[-3:] if len(parts) > 2 and len(parts[-2]) <= 3 else parts[-2:]
    return frozenset((own[0], key("".join(own))))


def _people_of(names: Iterable[str], site: frozenset[str]) -> list[str]:
    """Return names, once each, without those of the site and of its parts (`Example Sachsen` of example.org)."""
    return list(dict.fromkeys(name for name in names if key(name) not in site and key(name.split()[0]) not in site))


def without(names: Iterable[str], known: Collection[str]) -> list[str]:
    """Return `names` without those that are editors or sources, or end in one: a newsroom may stand before a name."""
    return [name for name in names if not name.endswith(tuple(known))]
