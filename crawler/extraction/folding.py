"""Folding: the letters and digits that two printings of one text share."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.nfkc import nfkc

_NO_LETTERS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1024)  # of one page, titles are asked for again and again
def key(text: str) -> str:
    """Fold a text to the letters and digits that two printings of one title share."""
    return _NO_LETTERS.sub("", nfkc(text)).lower()
