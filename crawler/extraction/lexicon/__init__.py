"""Lexicon: the words that extraction knows (labels, tools, suffixes, names of elements), as data.

They stand in the TOML files of this folder, are read once, strictly, and asked for by file and kind: `labels.source`.
How a word is added: README.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from archive.errors import ArchiveError

FOLDER = Path(__file__).parent

#: The kinds of words that each file lists; what they mean stands above them in the file.
KINDS: Mapping[str, tuple[str, ...]] = {
    "asides": ("pointer", "tool", "offer", "offer_part", "duration", "dated", "with", "credit"),
    "bylines": (
        "tool", "agency", "partner", "medium", "role", "role_after", "bracket", "editor", "office", "line", "line_mark",
        "line_end", "signature", "desk", "writer", "newsroom", "written",
    ),
    "dates": (
        "second", "minute", "hour", "day", "one", "half", "before", "after", "now", "today", "yesterday", "day_before",
        "alone", "between", "before_dot", "weekday", "morning", "small_hours", "noon", "afternoon", "night",
        "china_time", "greenwich", "version",
    ),
    "elements": (
        "inline", "silent", "holder", "body", "body_part", "certain_part", "beside", "beside_part", "never",
        "never_part", "breadcrumb_part", "taxonomy", "junk", "junk_part", "never_text_part", "title_part", "kicker",
        "subtitle", "kicker_inside", "lead", "lead_end", "box", "linking_box", "unseen", "hidden", "author_part",
        "author_more_part", "published_part", "changed_part",
    ),
    "headline": ("kicker", "title", "subtitle", "original", "site", "site_end", "noise"),
    "labels": (
        "source", "date", "author", "correspondent", "editor", "reviewer", "original", "other", "unmarked",
        "slashed", "publication", "updated", "undated", "today",
    ),
    "media": (
        "lazy", "placeholder", "ornament", "file", "download", "caption", "caption_name", "caption_name_part",
    ),
    "metas": ("title", "date", "changed", "source", "author", "site", "section", "description"),
    "names": ("desk", "role", "no_name", "and", "in", "by", "surname", "compound", "pinyin"),
    "refusal": ("challenge", "missing", "broken", "maintenance", "login", "app", "script"),
    "section": ("lead", "home", "no_section"),
    "tools": ("tool", "row", "notice", "related", "legal"),
}  # fmt: skip
#: The keys of a table: plain words, regular expressions, and words of one character each, written without a gap.
KEYS = ("words", "patterns", "letters")

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?")


class LexiconError(ArchiveError, ValueError):
    """A file of the lexicon cannot be used: the message names the file and the key, then the fix."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What is listed of one kind, in the order of its file, all languages together."""

    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


def read_lexicon(folder: Path = FOLDER) -> dict[str, Entries]:
    """Read every file of a folder; return the entries by file and kind. LexiconError where it says anything else."""
    for path in folder.glob("*.toml"):
        if path.stem not in KINDS:
            raise LexiconError(f"{path.name}: not a file of the lexicon; use one of {', '.join(KINDS)}")
    read: dict[str, Entries] = {}
    for name, kinds in KINDS.items():
        tables = _tables(folder / f"{name}.toml")
        for kind in tables:
            if kind not in kinds:
                raise LexiconError(f"{name}.toml: unknown key {kind!r}; use one of {', '.join(kinds)}")
        for kind in kinds:
            read[f"{name}.{kind}"] = _entries(f"{name}.toml: [{kind}]", tables.get(kind))
    return read


def check_patterns(lexicon: Mapping[str, Entries]) -> None:
    """Raise LexiconError where a pattern is no regular expression, or one whose groups would disturb the code's."""
    for place, entries in lexicon.items():
        name, _, kind = place.partition(".")
        for pattern in entries.patterns:
            where = f"{name}.toml: [{kind}] pattern {pattern!r}"
            try:
                groups = re.compile(pattern).groups
            except re.error as error:
                raise LexiconError(f"{where}: is no regular expression ({error}); mend it") from error
            if groups:
                raise LexiconError(f"{where}: has a group that captures; write (?:…)")


def _tables(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LexiconError(f"{path.name}: cannot be read ({error.strerror}); restore the file") from error
    except UnicodeDecodeError as error:
        raise LexiconError(f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path.name}: {error}; mend the TOML there") from error


def _entries(where: str, table: object) -> Entries:
    """Return what the table of a kind lists, and the tables of languages in it."""
    listed: dict[str, list[str]] = {"words": [], "patterns": []}
    seen: set[str] = set()
    for key, entry in _listed(where, table):
        if entry in seen:
            raise LexiconError(f"{where}: {entry!r} is listed twice; remove one of them")
        seen.add(entry)
        listed[key].append(entry)
    if not seen:
        raise LexiconError(f'{where}: lists nothing; add words = ["…"]')
    return Entries(tuple(listed["words"]), tuple(listed["patterns"]))


def _listed(where: str, table: object, language: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield (`words` or `patterns`, entry) of a table."""
    if not isinstance(table, dict):
        raise LexiconError(f'{where}: missing; write {where.partition(" ")[2]} with words = ["…"] below it')
    for key, value in table.items():
        if language is None and _LANGUAGE.fullmatch(key):
            yield from _listed(f"{where[:-1]}.{key}]", value, key)
        elif key not in KEYS:
            tags = "" if language else ", or a table of a language such as zh-Hans"
            raise LexiconError(f"{where}: unknown key {key!r}; use one of {', '.join(KEYS)}{tags}")
        elif key == "letters" and isinstance(value, str):
            yield from (("words", letter) for letter in "".join(value.split()))
        elif key != "letters" and isinstance(value, list) and all(isinstance(e, str) and e.strip() for e in value):
            yield from ((key, entry) for entry in value)
        else:
            form = "text in quotes" if key == "letters" else 'a list such as ["来源", "出处"]'
            raise LexiconError(f"{where}: {key}: give {form}")


LEXICON: Mapping[str, Entries] = read_lexicon()


def words_of(kind: str) -> tuple[str, ...]:
    """Return the words of a kind (`labels.source`) that takes no patterns, all languages together, in order."""
    entries = LEXICON[kind]
    if entries.patterns:
        name, _, key = kind.partition(".")
        raise LexiconError(f"{name}.toml: [{key}] takes no patterns; give every form as a word")
    return entries.words


def any_of(kind: str) -> str:
    """Return the regular expression of any word or pattern of a kind; longer words are tried before shorter ones.

    A blank in a word stands for blanks of any number.
    """
    entries = LEXICON[kind]
    words = (re.escape(word).replace(r"\ ", r"\s+") for word in sorted(entries.words, key=len, reverse=True))
    return f"(?:{'|'.join((*words, *entries.patterns))})"


def compiled(source: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a regular expression that `any_of` is a part of; a pattern that breaks it is named by LexiconError."""
    try:
        return re.compile(source, flags)
    except re.error:
        check_patterns(LEXICON)
        raise


def finder(kind: str) -> Callable[[str], bool]:
    """Return a function that tells whether a text, its blanks folded, holds a word or pattern of a kind, in any case.

    Of many words this is several times as fast as the regular expression of them all.
    """
    words = tuple(word.lower() for word in LEXICON[kind].words)
    patterns = compiled(f"(?:{'|'.join(LEXICON[kind].patterns)})", re.I) if LEXICON[kind].patterns else None

    @lru_cache(maxsize=4096)  # menus and small print come again on every page
    def find(text: str) -> bool:
        folded = text.lower()
        for word in words:  # a loop: `any` asks half as fast
            if word in folded:
                return True
        return patterns is not None and patterns.search(text) is not None

    return find
