"""Words: tables of words and patterns, written as running text."""

from __future__ import annotations


def words(text: str) -> list[str]:
    """Return the words of a table: what blanks separate."""
    return text.split()


def either(text: str) -> str:
    """Return the regular expression that matches any one of the patterns in a table; `_` in them is a blank."""
    return "(?:" + "|".join(pattern.replace("_", r"\s+") for pattern in text.split()) + ")"
