"""Charsets: the bytes of a page to text, and which charset they were in.

The order is fixed: byte order mark; UTF-8 that is whole or little damaged; what the page declares (meta before header,
because servers are wrong more often than pages), unless the text that it gives looks like no language; the candidates
of the site's languages, then all, best by likeness. What stays unreadable becomes U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence

from w3lib.encoding import read_bom, resolve_encoding, to_unicode

from crawler.extraction.likeness import likeness

#: Share of damaged characters up to which a charset still counts as the right one.
TOLERATED = 0.01
#: For UTF-8, undeclared and declared, it may be larger: bytes of other charsets seldom are whole sequences by accident.
_TOLERATED_UTF8 = (0.25, 0.45)
#: A charset is the right one when its text is this likely. A declared one is believed when its text is half as likely
#: as the likeliest; where both are charsets for Latin letters, which all give some text, when it is nearly so.
_LIKELY, _HALF, _NEARLY = 0.97, 0.5, 0.95

#: Python's codecs that are no charsets: some fail on bytes, others read escapes as characters.
_NO_CHARSETS = frozenset(
    ("base64", "bz2", "hex", "idna", "mbcs", "oem", "punycode", "quopri", "raw-unicode-escape", "rot-13", "undefined",
     "unicode-escape", "uu", "zlib")
)  # fmt: skip
_SAMPLE = 20_000
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})|<\?xml[^>]{0,80}?encoding\s*=\s*[\"']([\w:.-]{2,40})",
    re.I,
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.I)
_ALIASES = {
    "gb_2312": "gb18030",
    "csgb2312": "gb18030",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "windows-949": "cp949",
    "ksc_5601": "cp949",
    "ks_c_5601-1989": "cp949",
}
_CENTRAL, _CYRILLIC = ("cp1250", "iso8859-2"), ("cp1251", "koi8-u")
#: The charsets tried for the languages of a site.
_CANDIDATES: dict[str, tuple[str, ...]] = {
    "zh-hans": ("gb18030", "big5hkscs"),
    "zh-hant": ("big5hkscs", "gb18030"),
    "ko": ("cp949",),
    "ja": ("cp932", "euc_jp"),
    **dict.fromkeys(("ru", "uk"), _CYRILLIC),
    "el": ("cp1253", "iso8859-7"),
    "tr": ("cp1254",),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "hr", "sl", "ro"), _CENTRAL),
}
_WESTERN = ("cp1252",)
_ANY = ("gb18030", "big5hkscs", "cp949", "cp932", "euc_jp", *_CYRILLIC, *_WESTERN, *_CENTRAL, "cp1253", "cp1254")
#: The languages, as `likeness` knows them, that are written in a charset.
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "gb18030": ("zh-Hans", "zh-Hant"),
    "big5hkscs": ("zh-Hant",),
    "cp949": ("ko",),
    **dict.fromkeys(("cp932", "euc_jp"), ("ja",)),
    **dict.fromkeys((*_CYRILLIC, "koi8-r", "iso8859-5", "cp866"), ("ru",)),
    **dict.fromkeys(("cp1253", "iso8859-7"), ("el",)),
    **dict.fromkeys(_CENTRAL, ("pl", "cs", "sk", "hu", "hr", "ro")),
    **dict.fromkeys(("cp1252", "iso8859-15"), ("", "is", "fi")),
    "cp1254": ("tr",),
}
_LATIN = frozenset((*_CENTRAL, *_WESTERN, "iso8859-15", "cp1254"))


def decode(raw: bytes, content_type: str | None = None, languages: Sequence[str] = ()) -> tuple[str, str]:
    """Return the text of `raw` and the Python codec it was read with; any bytes give a text.

    `languages` are BCP 47 tags: their charsets are tried first when nothing usable is declared (none: all known).
    """
    marked, mark = read_bom(raw)
    if marked is not None and mark is not None:
        name = codecs.lookup(marked).name
        return raw[len(mark) :].decode(name, "replace"), name
    if b"\x1b$" in raw and raw.isascii():
        return _read(raw, "iso2022_jp_ext"), "iso2022_jp"
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    declared = _declared(raw, content_type)
    if damage(text) <= _TOLERATED_UTF8["utf-8" in declared]:
        return text, "utf-8"
    sample = raw[:_SAMPLE] if len(raw) <= _SAMPLE else _dense(raw)
    readings = {codec: _read(raw, codec) for codec in declared if not codec.startswith("utf")}
    scores = {codec: _score(sample, codec) for codec, text in readings.items() if damage(text) < TOLERATED}
    best, score = max(scores.items(), key=lambda each: each[1], default=("", 0.0))
    if score < (_LIKELY if best in _LATIN else _HALF):
        best, score = _likeliest(sample, languages)
    for codec in scores:
        enough = _NEARLY if codec in _LATIN and best in _LATIN else _HALF
        if score < _HALF or scores[codec] >= score * enough:
            return readings[codec], codec
    return _read(raw, best), best


def damage(text: str) -> float:
    """Return the share of U+FFFD among the characters of `text` beyond ASCII."""
    lost = text.count("\ufffd")
    if not lost:
        return 0.0
    return lost / max(1, len(text) - len(text.encode("ascii", "ignore")))


def _read(raw: bytes, codec: str) -> str:
    """Return `raw` in a charset, with the characters that browsers read and Python's codec lacks."""
    if codec == "gb18030":
        return to_unicode(raw, codec)
    return raw.decode(codec, f"{codec}_wider" if codec in _WIDER else "replace")


def _wider(codec: str) -> Callable[[UnicodeError], tuple[str, int]]:
    """Return an error handler that reads with a second codec the two bytes that the first one lacks."""

    def read(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        pair = error.object[error.start : error.start + 2]
        if pair.isascii():
            # ISO-2022-JP is EUC-JP in seven bits.
            pair = bytes(byte | 0x80 for byte in pair)
        try:
            return pair.decode(codec), error.start + 2
        except UnicodeDecodeError:
            return "\ufffd", error.end

    return read


_WIDER = {"big5hkscs": "cp950", "euc_jp": "euc_jis_2004", "iso2022_jp_ext": "euc_jis_2004"}
for _codec, _other in _WIDER.items():
    codecs.register_error(f"{_codec}_wider", _wider(_other))


def _score(sample: bytes, codec: str) -> float:
    """Return how much a sample in a charset looks like a language that is written in it; 1 where none is known."""
    text = _read(sample, codec)
    return max((likeness(text, language) for language in _LANGUAGES.get(codec, ())), default=1.0) * (1 - damage(text))


def _likeliest(sample: bytes, languages: Sequence[str]) -> tuple[str, float]:
    """Return the charset that gives the likeliest text, and how likely: of the site's, or of all where none fits."""
    first: tuple[str, float] | None = None
    for candidates in filter(None, (_candidates(languages), _ANY)):
        best, score = "", -1.0
        for codec in candidates:
            if (found := _score(sample, codec)) > score:
                best, score = codec, found
            if score >= _LIKELY:
                break
        if score >= _HALF:
            return best, score
        first = first or (best, score)
    return first or ("cp1252", 0.0)


def _declared(raw: bytes, content_type: str | None) -> list[str]:
    """Return the codecs that the page and then the header declare."""
    labels = [match[1] or match[2] for match in [_DECLARED.search(raw, 0, 65_536)] if match]
    if content_type and (match := _HEADER.search(content_type)):
        labels.append(match[1].encode("ascii", "ignore"))
    names = (_codec_of(label.decode("ascii", "ignore").lower()) for label in labels)
    return list(dict.fromkeys(name for name in names if name))


def _codec_of(label: str) -> str | None:
    """Return the Python codec of a label as HTML has them, or None."""
    label = re.sub(r"^(?:x-|cn-)+", "", label)
    label = re.sub(r"^iso8859-?(\d+)$", r"iso-8859-\1", label)
    resolved = resolve_encoding(_ALIASES.get(label, label))
    name = codecs.lookup(resolved).name if resolved else None
    return None if name in _NO_CHARSETS else name


def _candidates(languages: Sequence[str]) -> tuple[str, ...]:
    """Return the codecs that the languages of a site are written in; none for no languages."""
    found: list[str] = []
    for language in languages:
        tag = language.lower()
        tag = "zh-hant" if tag in ("zh-tw", "zh-hk", "zh-mo") else "zh-hans" if tag == "zh" else tag
        found += _CANDIDATES.get(tag) or _CANDIDATES.get(tag.partition("-")[0]) or _WESTERN
    return tuple(dict.fromkeys(found))


def _dense(raw: bytes) -> bytes:
    """Return a sample of `raw` where its bytes beyond ASCII lie: pages begin with kilobytes of markup."""
    first = re.search(rb"[\x80-\xff]", raw)
    middle = len(raw) // 3
    start = first.start() if first else 0
    return raw[start : start + _SAMPLE // 2] + b" " + raw[middle : middle + _SAMPLE // 2]
