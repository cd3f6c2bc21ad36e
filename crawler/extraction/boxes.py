"""Boxes: elements inside a body that are beside the article, as their names, their links and their headings say.

Newsrooms of many countries set them between paragraphs: newsletters, offers to subscribe, consent for embedded
content, players, polls, lists of other articles, and words for screen readers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bs4 import Tag

from crawler.extraction.lexicon import any_of, compiled

_BEGIN, _END = r"(?:^|[\s_-])", r"(?=$|[\s_-])"
_UNSEEN = compiled(_BEGIN + any_of("elements.unseen") + _END)
_HIDDEN = compiled(rf"(?:^|\s){any_of('elements.hidden')}(?:\s|$)")
#: `hidden md:block` is hidden on small screens only.
_SHOWN_WIDE = re.compile(r":(?:block|flex|grid|inline|table|contents)")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5"))
_COLUMNS = frozenset(("body", "main", "table", "tbody"))
#: A card of another article holds less text, and less than this share of the body's.
_CARD, _SHARE = 450, 0.35
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = compiled(_BEGIN + any_of("elements.box") + _END)
_LINKING_NAME = compiled(_BEGIN + any_of("elements.linking_box") + _END)


def is_unseen(tag: Tag) -> bool:
    """Tell whether an element is not shown: by its attribute, or by a class that says so."""
    attributes = tag.attrs
    if "hidden" in attributes:
        return True
    name = attributes.get("class")
    return name is not None and _is_unseen_name(" ".join(name) if isinstance(name, list) else str(name))


@lru_cache(maxsize=4096)
def _is_unseen_name(name: str) -> bool:
    name = name.lower()
    return bool(_UNSEEN.search(name) or (_HIDDEN.search(name) and not _SHOWN_WIDE.search(name)))


@lru_cache(maxsize=4096)
def names_box(name: str) -> int:
    """Tell what a class and an id say: 2 for a box beside the article, 1 for one if it is made of links, 0 nothing."""
    folded = _CAMEL.sub("-", name).lower()
    return 2 if _NAME.search(folded) else 1 if _LINKING_NAME.search(folded) else 0


def cards(root: Tag, headings: list[Tag]) -> list[Tag]:
    """Return the elements that show other articles: a heading that is a link, with little text beside it."""
    found: list[Tag] = []
    lengths: dict[int, int] = {}
    most = min(_CARD, _SHARE * _length(root, lengths))
    for heading in headings:
        link = heading.find("a") or heading.find_parent("a")
        text = heading.get_text(strip=True) if link is not None else ""
        if not text or link is None or len(link.get_text(strip=True)) * 5 < len(text) * 4:
            continue
        card: Tag = heading
        while card.parent is not None and card.parent is not root and card.parent.name not in _COLUMNS:
            if _length(card.parent, lengths) > most:
                break
            card = card.parent
        if card is not heading and _length(card, lengths) > len(text):
            found.append(card)
    return found


def _length(tag: Tag, known: dict[int, int]) -> int:
    """Return how much text an element holds; counted once."""
    if id(tag) not in known:
        known[id(tag)] = len(tag.get_text(strip=True))
    return known[id(tag)]


def is_linking(tag: Tag, text: str) -> bool:
    """Tell whether an element is mostly links to other pages."""
    linked = sum(len(link.get_text(strip=True)) for link in tag.find_all("a"))
    return linked * 2 > len(text)
