"""One form for characters that a reader takes for the same: full and half width, traditional and simplified.

Text is folded where it is indexed and where it is asked for, so that 工會 and 工会 find each other.
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache

import opencc

from archive.nfkc import nfkc

#: Blocks of Chinese characters: ideographs, their extensions A and B to I, compatibility ideographs.
_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x32400))
#: One word, two characters: OpenCC leaves 著 alone, because it is written in both scripts, and 着 is in one.
_ALSO = {"着": "著"}


@cache
def simplified() -> dict[int, str]:
    """Return the simplified form of each character that has another one, by code point.

    Characters only: OpenCC's own table of them, asked character by character, so that neighbours never matter.
    """
    every = [chr(code) for first, end in _BLOCKS for code in range(first, end)]
    converted = opencc.OpenCC("t2s").convert("\n".join(every)).split("\n")
    table = {ord(old): new for old, new in zip(every, converted, strict=True) if old != new and len(new) == 1}
    table |= {ord(old): new for old, new in _ALSO.items()}
    # 薴 becomes 苧, and 苧 becomes 苎: all three are one, and nothing has to be replaced twice.
    return {old: table.get(ord(new), new) for old, new in table.items()}


@cache
def digest() -> str:
    """Return a digest of the table (8 hex digits): an index that was made with another one must be made again."""
    rows = "".join(f"{old:x}{new}" for old, new in sorted(simplified().items()))
    return hashlib.sha256(rows.encode()).hexdigest()[:8]


def fold(text: str) -> str:
    """Return the text in NFKC with simplified characters. Letters keep their case: SQLite folds that."""
    text = nfkc(text)
    # Most texts have one or two characters to replace; `translate` would look up every one of theirs.
    others = _others().intersection(text)
    if len(others) > _FEW:
        return text.translate(simplified())
    for character in others:
        text = text.replace(character, simplified()[ord(character)])
    return text


#: So many characters are replaced one after the other; none becomes another one of them.
_FEW = 12


@cache
def _others() -> frozenset[str]:
    return frozenset(map(chr, simplified()))


def fold_with_places(text: str) -> tuple[str, list[int] | None]:
    """Return the folded text, and for each of its characters the place of the one it came from.

    None instead of places where every character stays in its place. Characters are folded one by one here: of a letter
    and its combining mark both are kept, and marked as they stand.
    """
    folded = text.translate(simplified())
    if unicodedata.is_normalized("NFKC", folded):
        return folded, None
    pieces = [unicodedata.normalize("NFKC", character) for character in folded]
    if all(len(piece) == 1 for piece in pieces):
        return "".join(pieces), None
    places = [at for at, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), places
