"""Excerpt: the HTML of a body's elements, cut out of their page without what never holds an article's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from selectolax.lexbor import LexborNode

#: What never holds an article's text.
_NO_TEXT = (
    "script, style, noscript, iframe, object, embed, input, select, textarea, button, template, svg, canvas, link,"
    " meta, nav, aside, footer, video, audio, map, dialog, title"
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)


def excerpt(nodes: Iterable[LexborNode], lead: Iterable[str], remove: Sequence[str]) -> str:
    """Return the HTML of a lead's paragraphs and of a body's elements; `remove` are selectors of what goes besides."""
    paragraphs = (f"<p>{escape(text, quote=False)}</p>" for text in lead)
    return "".join((*paragraphs, *(_markup(node, remove) for node in nodes)))


def _markup(node: LexborNode, remove: Sequence[str]) -> str:
    for selector in (*remove, _NO_TEXT):
        for unwanted in node.css(selector):
            if unwanted.mem_id != node.mem_id:
                unwanted.decompose()
    inner = _COMMENT.sub("", node.inner_html or "")
    return f"<table>{inner}</table>" if node.tag in ("table", "tbody", "tr") else f"<div>{inner}</div>"
