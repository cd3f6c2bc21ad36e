"""Translated copies: a web translator's page without the translator's additions.

Seen in saved pages of Baidu's web translation: the text is wrapped in `<trans>`, links lead back through the
translator, and a script that creates `trans` elements is added at the top. Where the source splits a date over several
tags, its translation is wrong: 5月11日 became `five On November 11`. So no worded date of a copy is ever read as one.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from crawler.urls import translated_original


def unwrap(tree: LexborHTMLParser) -> None:
    """Take the translator's wrapping off the text of a page."""
    if tree.root is not None:
        tree.unwrap_tags(["trans"])


def direct(url: str) -> str:
    """Return where a link leads when the translator is taken out of it."""
    return translated_original(url) or url
