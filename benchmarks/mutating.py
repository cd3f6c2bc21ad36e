"""Broken pages: what servers, editors, CMS and attackers do to HTML, by a seeded generator of chance.

Each mutation takes chance, a page's bytes and another page's, and returns bytes. Words and markup that mean something
to an extractor (labels, dates, captions, linked data) are put where they do not belong.
"""

import re
import unicodedata
from collections.abc import Callable
from random import Random

from corpora import decoded
from garbage import ATTRIBUTES, CHARSETS, CONTROLS, ENTITIES, PHRASES, TAGS, linked_data

Mutation = Callable[[Random, bytes, bytes], bytes]
_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?[\w-]+", re.I)
_VALUE = re.compile(r"=\s*(?:\"[^\"<>]*\"|'[^'<>]*')")


def flip(chance: Random, html: bytes, other: bytes) -> bytes:
    """Change some bytes, few or many."""
    raw = bytearray(html)
    for _ in range(chance.choice((1, 3, 10, 100, 1000)) if raw else 0):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def truncate(chance: Random, html: bytes, other: bytes) -> bytes:
    """Cut the page, at its end mostly."""
    at = chance.randint(0, len(html))
    return html[at:] if chance.random() < 0.2 else html[:at]


def delete(chance: Random, html: bytes, other: bytes) -> bytes:
    """Take some ranges out that begin at a tag and end before another."""
    for _ in range(chance.randint(1, 6)):
        start, end = _range(chance, html)
        html = html[:start] + html[end:]
    return html


def duplicate(chance: Random, html: bytes, other: bytes) -> bytes:
    """Repeat a range of tags, up to a thousand times."""
    start, end = _range(chance, html)
    times = min(chance.choice((1, 2, 5, 50, 1000)), 1 + 500_000 // (end - start + 1))
    return html[:end] + html[start:end] * times + html[end:]


def move(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put ranges of tags elsewhere."""
    for _ in range(chance.randint(1, 6)):
        start, end = _range(chance, html)
        moved, html = html[start:end], html[:start] + html[end:]
        at, _ = _range(chance, html)
        html = html[:at] + moved + html[at:]
    return html


def unclose(chance: Random, html: bytes, other: bytes) -> bytes:
    """Lose closing tags, or the ends or the quotation marks of tags."""
    lost = chance.choice((rb"</[^>]*>", rb">", rb"[\"']", rb"</(?:div|p|td|tr|table|a|script|style|title|head)>"))
    share = chance.choice((0.02, 0.2, 1.0))
    return re.sub(lost, lambda match: b"" if chance.random() < share else match[0], html)


def nest(chance: Random, html: bytes, other: bytes) -> bytes:
    """Open elements in one another, up to thousands; close them or not."""
    tag, times = chance.choice(TAGS), chance.choice((3, 30, 300, 3000))
    text = chance.choice(("", "", "甲", "，职工说。"))
    opened, closed = (f"<{tag}>{text}" * times).encode(), f"</{tag.split()[0]}>".encode() * times
    start, end = _range(chance, html)
    return html[:start] + opened + html[start:end] + closed * chance.randint(0, 1) + html[end:]


def charset(chance: Random, html: bytes, other: bytes) -> bytes:
    """Declare another charset."""
    name = chance.choice(CHARSETS).encode()
    kind = chance.randrange(3)
    if kind == 0 and _CHARSET.search(html):
        return _CHARSET.sub(lambda _: b"charset=" + name, html)
    if kind == 1:
        return b'<?xml version="1.0" encoding="' + name + b'"?>' + html
    return b'<meta charset="' + name + b'">' + html


def recode(chance: Random, html: bytes, other: bytes) -> bytes:
    """Write the page in another charset and declare what it declared before; or read it in a wrong one first."""
    codecs = ("gb18030", "gb2312", "big5", "euc-kr", "euc-jp", "shift_jis", "utf-16", "utf-16-be", "cp1252", "utf-7")
    text = decoded(html) if chance.random() < 0.6 else html.decode(chance.choice(codecs), "replace")
    return text.encode(chance.choice((*codecs, "utf-8")), chance.choice(("replace", "ignore", "xmlcharrefreplace")))


def control(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put NULs, control characters and separators of every kind between the characters."""
    return _sprinkled(chance, html, lambda: chance.choice(CONTROLS))


def digits(chance: Random, html: bytes, other: bytes) -> bytes:
    """Replace digits: by others, by those of other scripts, by nothing, by many."""
    some = chance.choice(("0123456789", "９０１２３", "٠١٢٣", "²³①⑨", "〇一二三十", ("", "99"), ("1" * 5000, "0")))
    share = chance.choice((0.05, 0.3, 1.0)) if "1" * 5000 not in some else 0.01
    return re.sub(r"\d", lambda m: chance.choice(some) if chance.random() < share else m[0], decoded(html)).encode()


def lines(chance: Random, html: bytes, other: bytes) -> bytes:
    """Write the page on one line, or a run of one phrase that does not end into it."""
    text = " ".join(decoded(html).split()) if chance.random() < 0.5 else decoded(html)
    phrase = chance.choice(PHRASES)
    return _put(chance, text, phrase * chance.randint(1, 200_000 // len(phrase))).encode("utf-8", "replace")


def entities(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put character references that are wrong, forbidden or unfinished."""
    return _sprinkled(chance, html, lambda: chance.choice(ENTITIES))


def attributes(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put attributes into tags that hide, link, run scripts or mean nothing, or garbage in place of values."""
    text, share = decoded(html), chance.choice((0.01, 0.1, 0.5))

    def changed(match: re.Match[str]) -> str:
        if match[0].startswith(("</", "<!", "<?")) or chance.random() > share:
            return match[0]
        if chance.random() < 0.5:
            junk = chance.choice((*PHRASES, *ENTITIES, "http://[", "//", "javascript:alert(1)", "data:,"))
            return _VALUE.sub(lambda _: '="' + junk.replace('"', "") + '"', match[0])
        return f"{match[0][:-1].rstrip('/')} {chance.choice(ATTRIBUTES)}>"

    return _TAG.sub(changed, text).encode("utf-8", "replace")


def splice(chance: Random, html: bytes, other: bytes) -> bytes:
    """Join the beginning of a page and the end of another, or put a piece of one into the other."""
    if chance.random() < 0.5:
        return html[: _range(chance, html)[0]] + other[_range(chance, other)[0] :]
    start, end = _range(chance, other)
    at, _ = _range(chance, html)
    return html[:at] + other[start:end] + html[at:]


def width(chance: Random, html: bytes, other: bytes) -> bytes:
    """Make characters full-width, in the text or in the tags too; or fold wide ones."""
    wide = {n: n + 0xFEE0 for n in range(0x21, 0x7F)} | {0x20: 0x3000}
    text, kind = decoded(html), chance.randrange(3)
    if kind == 0:
        return unicodedata.normalize("NFKC", text).encode()
    if kind == 1:
        pieces = re.split(r"(<[^>]*>)", text)
        return "".join(each if each.startswith("<") else each.translate(wide) for each in pieces).encode()
    return "".join(chr(wide.get(ord(c), ord(c))) if chance.random() < 0.05 else c for c in text).encode()


def characters(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put characters of all Unicode: other planes, combining ones, directions, unassigned ones."""

    def one() -> str:
        number = chance.choice((chance.randrange(0x300), chance.randrange(0x10000), chance.randrange(0x110000)))
        return chr(number) if not 0xD800 <= number < 0xE000 else "\u202e"

    return _sprinkled(chance, html, one)


def phrases(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put labels, dates, names and other small print where they do not belong."""
    return _sprinkled(chance, html, lambda: chance.choice(PHRASES))


def data(chance: Random, html: bytes, other: bytes) -> bytes:
    """Put linked data or metas that hold the wrong kinds of things."""
    return _put(chance, decoded(html), linked_data(chance)).encode("utf-8", "replace")


KINDS: tuple[Mutation, ...] = (
    flip, truncate, delete, duplicate, move, unclose, nest, charset, recode, control, digits, lines, entities,
    attributes, splice, width, characters, phrases, data,
)  # fmt: skip


def _range(chance: Random, html: bytes) -> tuple[int, int]:
    """Return where two tags begin, in order; anywhere in a page without tags."""
    places = sorted(chance.randint(0, len(html)) for _ in range(2))
    start, end = (max(0, html.find(b"<", place)) for place in places)
    return start, max(start, end)


def _put(chance: Random, text: str, piece: str) -> str:
    """Put a piece before some tag."""
    at = max(0, text.find("<", chance.randint(0, len(text))))
    return text[:at] + piece + text[at:]


def _sprinkled(chance: Random, html: bytes, piece: Callable[[], str]) -> bytes:
    """Put pieces between the characters of a page, few or many; into its tags or only into its text."""
    text = decoded(html)
    spots = {chance.randint(0, len(text)) for _ in range(chance.choice((1, 5, 50, 500)))}
    if chance.random() < 0.7 and (ends := [match.end() for match in _TAG.finditer(text)]):
        spots = {chance.choice(ends) for _ in spots}
    cut = sorted(spots)
    pieces = [text[: cut[0]]]
    for start, end in zip(cut, [*cut[1:], len(text)], strict=True):
        pieces += [piece(), text[start:end]]
    return "".join(pieces).encode("utf-8", "replace")
