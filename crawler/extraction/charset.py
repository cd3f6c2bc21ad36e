"""Charsets: the bytes of a page to text, and which charset they were in.

The order is fixed: byte order mark; UTF-8 that is whole, or where under 1 % of its characters are damaged; what the
page declares (meta before header, because servers are wrong more often than pages); the candidates of the site's
languages, best by share of plausible characters. What stays unreadable becomes U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)

#: Share of damaged characters up to which a charset still counts as the right one.
TOLERATED = 0.01
#: A declared charset is disbelieved when its reading is this implausible and another reading is this much likelier.
IMPLAUSIBLE, CONVINCING = 0.06, 0.2

#: Python's codecs that are no charsets: some fail on bytes, others read escapes as characters.
_NO_CHARSETS = frozenset(
    ("base64", "bz2", "hex", "idna", "mbcs", "oem", "punycode", "quopri", "raw-unicode-escape", "rot-13", "undefined",
     "unicode-escape", "uu", "zlib")
)  # fmt: skip
_SAMPLE = 20_000
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.I)

# Letters that make up a third or more of running text; a wrong charset meets them by accident only.
_FREQUENT = {
    "zh-Hans": "的一是了在不和有大这中人上为个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
    "面而方后多定行学法所民得经之进着等部家电力里如水化高自理起业实现加量全制机当使点从本去把性好应开它还因由其些然"
    "前外天政四日那社义事平形相间体与各总职区市省委长组新月建",
    "zh-Hant": "的一是了在不和有大這中人上為個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種"
    "面而方後多定行學法所民得經之進著等部家電力裡如水化高自理起業實現加量全制機當使點從本去把性好應開它還因由其些然"
    "前外天政四日那社義事平形相間體與各總職區市省委長組新月建",
    "ko": "이다는을의에가를은고하한로서지기사도자리대인정어시국일과노동조합회해부수전장있제원상년위보업주동아들으라나만"
    "그것성스공산용경여명안비화중구신게",
    "ja": "のはをにがとでたしいるれてかならもこすさまりっくんきあけつそうよめどえみわせじだ、。ーンスルトリイ"
    "日本年人月者会",
}
_CANDIDATES: dict[str, tuple[tuple[str, str], ...]] = {
    "zh-hans": (("gb18030", "zh-Hans"), ("big5hkscs", "zh-Hant")),
    "zh-hant": (("big5hkscs", "zh-Hant"), ("gb18030", "zh-Hans")),
    "ko": (("cp949", "ko"),),
    "ja": (("cp932", "ja"), ("euc_jp", "ja")),
    "ru": (("cp1251", "ru"),),
}
_WESTERN = (("cp1252", ""),)
_ANY = tuple(pair for language in ("zh-hans", "ko", "ja", "ru") for pair in _CANDIDATES[language]) + _WESTERN
_FREQUENT_OF = {"gb18030": "zh-Hans", "big5hkscs": "zh-Hant", "cp949": "ko", "cp932": "ja", "euc_jp": "ja"}
_FREQUENT_SETS = {language: frozenset(letters) for language, letters in _FREQUENT.items()}
_FOREIGN = re.compile(r"[^\x00-\xbf\u2000-\u206f\u3000-\u3004\u3008-\u303f\uff00-\uff0f\uff1a-\uff20]")
_CYRILLIC_WORD = re.compile(r"\b[\u0400-\u042f]?[\u0430-\u045f]{3,}\b")
_BESIDE_LATIN = re.compile(r"(?<=[A-Za-z])[À-ÿŒœŠšŽžŸ](?=[A-Za-z\s.,;:!?'-])|(?<=[\s'])[À-ÿŒœŠšŽžŸ](?=[a-z])")


def decode(raw: bytes, content_type: str | None = None, languages: Sequence[str] = ()) -> tuple[str, str]:
    """Return the text of `raw` and the Python codec it was read with.

    `languages` are BCP 47 tags: they choose the charsets tried when nothing usable is declared (none: all known).
    """
    marked, mark = read_bom(raw)
    if marked is not None and mark is not None:
        name = codecs.lookup(marked).name
        return raw[len(mark) :].decode(name, "replace"), name
    if b"\x1b$" in raw and "iso2022_jp" in _declared(raw, content_type):
        return raw.decode("iso2022_jp", "replace"), "iso2022_jp"
    text = _as_utf8(raw)
    if text is not None:
        return text, "utf-8"
    declared = _declared(raw, content_type)
    sample = raw[:_SAMPLE] if len(raw) <= _SAMPLE else _dense(raw)
    candidates = _candidates(languages)
    scores = {codec: plausibility(sample.decode(codec, "replace"), language) for codec, language in candidates}
    best = max(scores, key=lambda codec: scores[codec])
    for codec in declared:
        reading = raw.decode(codec, "replace")
        if damage(reading) >= TOLERATED:
            continue
        score = plausibility(sample.decode(codec, "replace"), _FREQUENT_OF.get(codec, ""))
        if score >= IMPLAUSIBLE or scores[best] < CONVINCING:
            return reading, codec
    return raw.decode(best, "replace"), best


def damage(text: str) -> float:
    """Return the share of U+FFFD among the characters of `text` beyond ASCII."""
    lost = text.count("\ufffd")
    if not lost:
        return 0.0
    return lost / max(1, len(text) - len(text.encode("ascii", "ignore")))


def plausibility(text: str, language: str) -> float:
    """Return how much `text` looks like running text of `language`: a share from 0 to 1.

    Counted are the language's most frequent letters among all letters beyond Latin-1 punctuation; for Western text
    (`language` empty) the accented letters that stand within a word of plain ones.
    """
    letters = _FOREIGN.findall(text)
    if not letters:
        return 0.0
    lost = 1 - damage(text)
    if language == "ru":
        # Read as Cyrillic, other charsets give single letters within Latin words, or capitals within words.
        return lost * sum(map(len, _CYRILLIC_WORD.findall(text))) / len(letters)
    frequent = _FREQUENT_SETS.get(language)
    if frequent is None:
        return lost * len(_BESIDE_LATIN.findall(text)) / len(letters)
    return lost * sum(letter in frequent for letter in letters) / len(letters)


def _as_utf8(raw: bytes) -> str | None:
    """Return `raw` as UTF-8 when it is, whole or with little damage; else None."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    return text if damage(text) < TOLERATED else None


def _declared(raw: bytes, content_type: str | None) -> list[str]:
    """Return the codecs the page and then the header declare, UTF-8 left out: it was tried already."""
    labels = [html_body_declared_encoding(raw[:4096])]
    if labels[0] is None and (late := _DECLARED.search(raw, 0, 65_536)):
        labels.append(resolve_encoding(late[1].decode("ascii")))
    if content_type:
        labels.append(http_content_type_encoding(content_type))
    names = (codecs.lookup(label).name for label in labels if label)
    return list(dict.fromkeys(name for name in names if not name.startswith("utf") and name not in _NO_CHARSETS))


def _candidates(languages: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (codec, language of its frequent letters) pairs for the languages of a site."""
    if not languages:
        return _ANY
    pairs: list[tuple[str, str]] = []
    for language in languages:
        tag = language.lower()
        tag = "zh-hant" if tag in ("zh-tw", "zh-hk", "zh-mo") else "zh-hans" if tag == "zh" else tag
        pairs += _CANDIDATES.get(tag) or _CANDIDATES.get(tag.partition("-")[0]) or _WESTERN
    return tuple(dict.fromkeys(pairs))


def _dense(raw: bytes) -> bytes:
    """Return a sample of `raw` where its bytes beyond ASCII lie: pages begin with kilobytes of markup."""
    first = re.search(rb"[\x80-\xff]", raw)
    middle = len(raw) // 3
    start = first.start() if first else 0
    return raw[start : start + _SAMPLE // 2] + b" " + raw[middle : middle + _SAMPLE // 2]
