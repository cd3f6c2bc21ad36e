"""What of an article goes into the search index: text that SQLite's own tokeniser cuts into the right words.

Chinese is written without spaces, so every two neighbouring characters are a word, and the last one of a run is one by
itself: 总工会 becomes 总工 工会 会. A query of two characters is then one word, a longer one a phrase, and a single
character the beginning of a word; each finds what a search through the whole text would. Any stock SQLite can open and
MATCH such an index (design §4: measured against other tokenisers).
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from operator import add

from archive.search import fold
from archive.search.selection import UNKNOWN

#: Raised when anything below puts other words into the index.
RULES = 2
TOKENIZE = "porter unicode61 remove_diacritics 2"

#: Chinese characters (their iteration mark and zero too), kana, Hangul: in these a part of a run must be found.
CJK = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af"
RUN = re.compile(f"[{CJK}]+")
SEGMENT = re.compile(f"[{CJK}]+|[^{CJK}]+")

#: Private characters that begin and end hidden words; SQLite takes them for letters. They are taken out of texts.
_MARK, _END = "\uf8f0", "\uf8f1"
_PRIVATE = re.compile(f"[{_MARK}{_END}\0]")

#: Kinds of hidden words: a filter's value whole, or a word of a field.
SITE, SECTION, SOURCE, LANGUAGE, PRIMARY, YEAR = "s", "c", "o", "g", "p", "y"
IN_SECTION, IN_SOURCE, IN_NAMES = "1", "2", "3"

#: A hidden word that every article has: what `-word` alone is taken from.
EVERY = f"{_MARK}all{_END}"


def version() -> str:
    """Return what the words of an index depend on; an index of another version is made again."""
    return f"{RULES}-{fold.digest()}"


def clean(text: str) -> str:
    """Return folded text without what is hidden words' own."""
    return _PRIVATE.sub("", fold.fold(text))


def index_text(text: str | None) -> str:
    """Return a text as it is indexed: SQL function `index_text`."""
    return RUN.sub(_words, clean(text)) if text else ""


def index_title(title: str, kicker: str | None, subtitle: str | None) -> str:
    """Return the lines of a headline as they are indexed: SQL function `index_title`."""
    return " ".join(index_text(line) for line in (title, kicker, subtitle) if line)


def index_attached(attachments: str, attached: str) -> str:
    """Return what was read in an article's attachments as it is indexed: SQL function `index_attached`.

    Both are JSON lists; what was read of a file that the article no longer has counts for nothing.
    """
    if attached in ("", "[]"):
        return ""
    named = {item.get("url") for item in _objects(attachments)}
    return " ".join(index_text(str(item.get("text") or "")) for item in _objects(attached) if item.get("url") in named)


def _objects(text: str) -> list[dict[str, object]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _words(run: re.Match[str]) -> str:
    text = run[0]
    return f" {' '.join(map(add, text, text[1:]))} {text[-1]} "


def index_tags(
    site: str,
    section: str | None,
    source: str | None,
    authors: str,
    correspondents: str,
    language: str | None,
    published_at: str | None,
) -> str:
    """Return the hidden words of an article, for filters and fields: SQL function `index_tags`.

    `authors` and `correspondents` are JSON lists; what cannot be read as one is a name.
    """
    words = [EVERY, tag(SITE, site), tag(YEAR, published_at[:4] if published_at else UNKNOWN)]
    if section:
        words += [tag(SECTION, section), *field_words(IN_SECTION, section)]
    if source:
        words += [tag(SOURCE, source), *field_words(IN_SOURCE, source)]
    if language:
        words += [tag(LANGUAGE, language), tag(PRIMARY, language.split("-")[0])]
    for names in (authors, correspondents):
        for name in _names(names):
            words += field_words(IN_NAMES, name)
    return " ".join(words)


def _names(names: str) -> list[str]:
    try:
        found = json.loads(names or "[]")
    except ValueError:
        return [names]
    return [str(name) for name in found] if isinstance(found, list) else [names]


@lru_cache(8192)
def tag(kind: str, value: str) -> str:
    """Return the hidden word that stands for a filter's whole value. Case, width and script are folded."""
    key = hashlib.blake2b(clean(value).casefold().encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    # Its last character is no letter of English: the stemmer leaves it alone.
    return f"{_MARK}{kind}{key}{_END}"


@lru_cache(8192)
def field_words(kind: str, value: str) -> tuple[str, ...]:
    """Return the words of a field's text as hidden words, in order."""
    return tuple(hidden(kind, word) for word in re.findall(r"[^\W_]+", index_text(value)))


def hidden(kind: str, word: str) -> str:
    """Return one word of a field as it stands in the index."""
    return f"{_MARK}{kind}{word}"
