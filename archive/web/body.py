"""The body of an article as a page shows it: its stored HTML, sanitised again, or its paragraphs of plain text."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable

import nh3
from markupsafe import Markup

from archive.article import paragraphs
from archive.config import is_web

#: Longer or deeper HTML is not parsed for a reader: the time it takes grows with the product of the two.
MAX_LENGTH = 1_000_000
MAX_DEPTH = 100

#: What extraction keeps (crawler/extraction/clean.py).
TAGS = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "table",
    "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "a", "img", "blockquote", "figure", "figcaption",
    "strong", "b", "em", "i", "u", "s", "sup", "sub", "pre", "code",
}  # fmt: skip
_SPAN = {"colspan", "rowspan"}
ATTRIBUTES = {"*": {"lang"}, "a": {"href"}, "img": {"src", "alt"}, "td": _SPAN, "th": _SPAN}
#: What the values of attributes must be like.
_VALUES = {
    "lang": re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"),
    "colspan": re.compile(r"[0-9]{1,2}"),
    "rowspan": re.compile(r"[0-9]{1,2}"),
}

# As nh3 writes them: values are quoted, and hold no quotation mark. Every tag is matched, so none is found in a value.
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_HEADING = re.compile(r"<h([1-6])\b")
# Elements that end by themselves do not nest.
_NESTING = re.compile(r"<(/?)(?!(?:p|br|hr|img|li|t[drh]|d[td]|option|input|meta|link|base|area|col)\b)([a-zA-Z]+)")
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\ufeff]+")

#: Given the address of a picture and what stands for it, returns what is shown.
Picture = Callable[[str, str], Markup]


def body(html: str, text: str, picture: Picture) -> Markup | None:
    """Return the body as safe HTML; None where the HTML lacks a part of `text`, or cannot be parsed in time.

    The body's headings begin below the page's own. `picture` is called for each image in turn.
    """
    if not is_quick(html):
        return None
    safe = _CLEANER.clean(html)
    if not _holds(safe, text):
        return None
    levels = {old: f"h{min(new, 6)}" for new, old in enumerate(sorted(set(_HEADING.findall(safe))), start=2)}

    def shown(tag: re.Match[str]) -> str:
        end, name, attributes = tag.groups()
        if name == "img":
            values = {key: entities.unescape(value) for key, value in _ATTRIBUTE.findall(attributes)}
            return str(picture(values["src"], values.get("alt", ""))) if "src" in values else ""
        if name == "table":
            return "</table></div>" if end else f'<div class="wide"><table{attributes}>'
        if name[0] == "h" and name[1:] in levels:
            return f"<{end}{levels[name[1:]]}{attributes}>"
        return tag[0]

    return Markup(_TAG.sub(shown, safe))


def is_quick(html: str, deepest: int = MAX_DEPTH) -> bool:
    """Say whether HTML is parsed in a moment: it is neither too long nor nested too deeply."""
    if len(html) > MAX_LENGTH:
        return False
    opened: list[str] = []
    for end, name in _NESTING.findall(html):
        if not end:
            opened.append(name.lower())
            if len(opened) > deepest:
                return False
        elif opened and opened[-1] == name.lower():
            opened.pop()
        elif name.lower() in opened:
            # What was left open within it stays: a parser opens formatting again in whatever follows.
            del opened[len(opened) - 1 - opened[::-1].index(name.lower())]
    return True


def _allowed(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src"):
        return value if is_web(value) else None
    if (pattern := _VALUES.get(name)) is not None:
        return value if pattern.fullmatch(value) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer nofollow",
)


def _holds(html: str, text: str) -> bool:
    """Say whether every paragraph of `text` stands in the HTML, white space apart."""
    shown = _folded(entities.unescape(_TAG.sub("", html)))
    return all(_folded(part) in shown for part in paragraphs(text))


def _folded(text: str) -> str:
    return _UNSEEN.sub("", text)
