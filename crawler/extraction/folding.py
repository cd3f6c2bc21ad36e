"""Folding: the letters and digits that two printings of one text share."""

from __future__ import annotations

import unicodedata


def key(text: str) -> str:
    """Return the letters and digits of a text, without its marks, blanks, widths and capitals."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if c.isalnum()).lower()
