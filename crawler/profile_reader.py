"""Reading a profile strictly from its TOML file: what is not understood stops the load, in one line with the fix."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archive import wanted
from archive.errors import ArchiveError
from archive.pace import Pace
from crawler import values
from crawler.profile import Evidence, Expect, Layout, Section, SiteProfile
from crawler.urls import canonical, on_site


class ProfileError(ArchiveError, ValueError):
    """A profile cannot be used: the message names the file and the key, then the fix."""


def _family(value: object) -> str:
    from crawler.families import FAMILIES  # see SiteProfile.behaviour

    read: str = values.one_of(*FAMILIES)(value)
    return read


#: Table → key → reader. "" is the site itself; keys and readers of [[section]] and [[layout]] are those of one item.
KEYS: dict[str, dict[str, values.Reader]] = {
    "": {
        "name": values.text,
        "name_en": values.text,
        "name_pinyin": values.pinyin,
        "parent": values.site_id,
        "level": values.one_of(*values.LEVELS),
        "region": values.region,
        "home": values.address,
        "hosts": values.hosts,
        "family": _family,
        "status": values.one_of(*values.STATUSES),
        "reason": values.text,
        "article_url": values.regex,
        "delay": values.seconds,
        "concurrency": values.count,
        "languages": values.languages,
        "timezone": values.timezone,
    },
    "evidence": {"seen": values.text, "inferred": values.text, "row": values.text, "examples": values.addresses},
    "options": {},  # the family's
    "section": {"name": values.text, "url": values.address},
    "layout": {
        **dict.fromkeys(
            ("body", "title", "kicker", "subtitle", "date", "source", "author", "editor", "section"), values.css
        ),
        "remove": values.selectors,
    },
    "schedule": dict.fromkeys(("least", "most", "asleep", "audit"), values.duration_text),
    "media": {
        "images": wanted.switch,
        "attachments": wanted.switch,
        "image_size": wanted.size,
        "attachment_size": wanted.size,
        "attachment_types": wanted.types,
        "hosts": values.hosts,
    },
    "expect": {"required": values.article_fields, "max_days_between_articles": values.count},
}
#: Tables written [[…]], any number of them.
REPEATED = ("section", "layout")
NEEDED = {"": ("name", "home", "hosts"), "section": ("url",), "layout": ("body",)}


def read_profile(path: Path) -> SiteProfile:
    """Read one profile. Raises ProfileError in one line: unreadable, unknown or missing key, wrong value."""
    try:
        data = path.read_bytes()
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror}); give the path of a profile") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path.name}: {error}; mend the TOML there") from error
    if not values.SITE_ID.fullmatch(path.stem):
        raise ProfileError(f"{path.name}: the file's name is the site's id; use lower-case letters, digits, - and _")
    top = {key: value for key, value in tables.items() if key not in KEYS}
    media = _one(path.name, tables, "media")
    profile = SiteProfile(
        id=path.stem,
        media_hosts=media.pop("hosts", ()),
        media=tuple(media.items()),
        evidence=Evidence(**_one(path.name, tables, "evidence")),
        sections=tuple(Section(item.pop("name", None), **item) for item in _items(path.name, tables, "section")),
        layouts=tuple(
            Layout(str(number), **item) for number, item in enumerate(_items(path.name, tables, "layout"), 1)
        ),
        expect=Expect(**_one(path.name, tables, "expect")),
        options=_options(path.name, tables),
        schedule=tuple(_one(path.name, tables, "schedule").items()),
        digest=hashlib.sha256(data).hexdigest(),
        **_table(path.name, "", top),
    )
    for fault in _faults(profile):
        raise ProfileError(f"{path.name}: {fault}")
    return profile


def _one(file: str, tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the checked values of the table [name]; none when the file has no such table."""
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise ProfileError(f"{file}: {name} is a table; write [{name}] on a line of its own")
    return _table(f"{file}: [{name}]", name, table)


def _options(file: str, tables: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return the checked values of [options]: its keys are those of the family."""
    from crawler.families import FAMILIES  # see SiteProfile.behaviour

    table, family = tables.get("options", {}), tables.get("family", "generic")
    if not isinstance(table, dict):
        raise ProfileError(f"{file}: options is a table; write [options] on a line of its own")
    readers = FAMILIES[family].options if family in FAMILIES else {}
    for key in table:
        if key not in readers:
            known = f"expected one of {', '.join(readers)}" if readers else "remove it: the family has none"
            raise ProfileError(f"{file}: [options]: unknown key {key!r} of family {family!r}; {known}")
    return tuple(sorted(_read(f"{file}: [options]", table, readers).items()))


def _items(file: str, tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the checked values of each [[name]], in order."""
    items = tables.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProfileError(f"{file}: {name} is a list of tables; write [[{name}]] on a line of its own")
    return [_table(f"{file}: [[{name}]] {number}", name, item) for number, item in enumerate(items, 1)]


def _table(where: str, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values of one table; `where` begins the message of an error."""
    readers = KEYS[name]
    for key in table:
        if key not in readers:
            known = [*readers, *(_header(other) for other in KEYS if other and not name)]
            misplaced = name and key in KEYS[""]
            fix = "move it above the first [table]" if misplaced else f"expected one of {', '.join(known)}"
            raise ProfileError(f"{where}: unknown key {key!r}; {fix}")
    for key in NEEDED.get(name, ()):
        if key not in table:
            raise ProfileError(f"{where}: missing key {key!r}; add it")
    return _read(where, table, readers)


def _read(where: str, table: Mapping[str, Any], readers: Mapping[str, values.Reader]) -> dict[str, Any]:
    read = {}
    for key, value in table.items():
        try:
            read[key] = readers[key](value)
        except ValueError as error:
            raise ProfileError(f"{where}: {key} = {value!r}: {error}") from error
    return read


def _header(name: str) -> str:
    return f"[[{name}]]" if name in REPEATED else f"[{name}]"


def _faults(profile: SiteProfile) -> list[str]:
    """Return what is wrong between values that are right by themselves, each with its fix."""
    faults = []
    if not on_site(profile.home, profile):
        faults.append(f"home {profile.home!r} is not on a host of the site; add its host to hosts")
    if profile.status != "active" and not profile.reason:
        faults.append(f'status {profile.status!r} needs a reason; add reason = "…"')
    if profile.delay == 0 and not profile.loopback:
        faults.append("delay = 0 is for sites on this machine; give the seconds between two requests")
    if fault := profile.pace(Pace()).fault():
        faults.append(f"[schedule] {fault}")
    pattern = profile.article_pattern
    if pattern is None and profile.status == "active":
        faults.append(f"missing key 'article_url', which family {profile.family!r} does not supply; add it")
    starts = [canonical(profile.home, profile)]
    for number, section in enumerate(profile.sections, 1):
        where, url = f"[[section]] {number}: url {section.url!r}", canonical(section.url, profile)
        if not on_site(url, profile):
            faults.append(f"{where} is not on a host of the site; add its host to hosts")
        elif url in starts[1:]:
            faults.append(f"{where} is listed twice; remove one")
        starts.append(url)
    for url in starts:
        if pattern and pattern.search(url):
            faults.append(f"article_url matches {url!r}, which is a listing; say what only an article's URL has")
    return faults
