"""Kicker: the short line over a headline (Dachzeile, overline), where it stands in the headline's own element."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawler.extraction.lexicon import any_of, compiled

_NAME = compiled(
    rf"(?:^|[\s_-])(?:{any_of('elements.kicker')}|{any_of('elements.kicker_inside')})(?=$|[\s\d_-])",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: What may stand between a kicker and the title.
_JOINT = re.compile(r"\s*[:|–—·/]+\s*$|\s+-\s+$")
#: A kicker is shorter than this.
_LONGEST = 60


def split_element(heading: LexborNode) -> tuple[str, str] | None:
    """Return (kicker, title) of a heading whose first element is named a kicker, or None."""
    first = _first(heading)
    # Some CMS wrap both into one more element.
    for _ in range(2):
        if first is None or _NAME.search(_CAMEL.sub("-", first.attributes.get("class") or "")):
            break
        first = _first(first)
    if first is None:
        return None
    whole, kicker = _text(heading), _text(first)
    if not kicker or not whole.startswith(kicker) or len(kicker) >= _LONGEST:
        return None
    title = whole[len(kicker) :].lstrip(" :|–—·/-")
    return (kicker.rstrip(" :|–—·/-"), title) if len(title) > 8 else None


def split_printed(printed: str, told: list[str]) -> tuple[str, str] | None:
    """Return (kicker, title) of a printed headline that ends in a title that the head tells, or None."""
    for title in told:
        if len(title) > 8 and printed.endswith(title) and (kicker := printed[: -len(title)]):
            bare = _JOINT.sub("", kicker)
            if 1 < len(bare) < len(kicker) and len(bare) < _LONGEST:
                return bare, title
    return None


def _first(node: LexborNode) -> LexborNode | None:
    """Return the element that a node begins with; None where it begins with text."""
    child = node.child
    while child is not None and (child.tag == "-comment" or (child.tag == "-text" and not child.text().strip())):
        child = child.next
    return None if child is None or child.tag == "-text" else child


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())
