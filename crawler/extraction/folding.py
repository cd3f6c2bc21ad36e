"""Folding: the letters and digits that two printings of one text share."""

from __future__ import annotations

import re
import unicodedata

_NO_LETTERS = re.compile(r"[\W_]+")


def key(text: str) -> str:
    """Fold a text to the letters and digits that two printings of one title share."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text)).lower()
