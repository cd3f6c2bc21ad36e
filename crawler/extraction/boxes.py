"""Boxes: elements inside a body that are beside the article, as their names, their links and their headings say.

Newsrooms of many countries set them between paragraphs: newsletters, offers to subscribe, consent for embedded
content, players, polls, lists of other articles, and words for screen readers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bs4 import Tag

from crawler.extraction.words import either

#: Words that only a screen reader says.
_UNSEEN = re.compile(
    r"(?:^|[\s_-])(?:visually-?hidden|sr-only|screen-?reader(?:-text)?|sr-?label|a11y-hidden)(?:$|[\s_-])"
)
_HIDDEN = re.compile(r"(?:^|\s)(?:u-|is-)?hidden(?:\s|$)")
#: `hidden md:block` is hidden on small screens only.
_SHOWN_WIDE = re.compile(r":(?:block|flex|grid|inline|table|contents)")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5"))
_COLUMNS = frozenset(("body", "main", "table", "tbody"))
#: A card of another article holds less text, and less than this share of the body's.
_CARD, _SHARE = 450, 0.35
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = re.compile(
    r"(?:^|[\s_-])"
    + either(
        r"newsletters? inline-newsletter sign-?up sign-in opt-?in opt-?out consent cookie affiliate subscribe\w*"
        r" subscription identity login registration paywall-?(?:offer|teaser|box) abo-?(?:box|teaser|hint) recirc\w*"
        r" recommend\w* related\w* similar\w* read-?(?:more|also|next|too) see-also more-?(?:topics?|stories|from)"
        r" trending most-?(?:read|popular|viewed) popular list-widget in-?line-?teasers? article-?(?:card|preview)"
        r" teaser-?(?:list|box) promo\w* outbrain taboola shares? sharing social\w* comments? community disqus"
        r" author-?(?:bio|box|card|info|profile|detail)s? about-?(?:the-?)?author bio-?box"
        r" video-?(?:fallback|player|placeholder|item|card|info|meta|overlay|data)s? player\w* media-?player\w*"
        r" jwplayer audio-?player podcast polls? survey voting quiz feedback toc table-of-contents breadcrumbs?"
        r" tag-?(?:list|box|cloud)s? app-?(?:hint|banner|download|promo) print-?(?:box|info|only)"
        r" published-?(?:by|date) reading-?time read-?time article-?meta(?:data)? meta-?(?:data|info|line) web-?time"
        r" last-?changed last-?updated time-?stamp display-?date technical-?line text-?author skip-?link skip"
        r" teaser-?(?:padding|text|image|info)"
    )
    + r"(?=$|[\s_-])"
)
_LINKING_NAME = re.compile(
    r"(?:^|[\s_-])(?:\w*teasers?|cards?|link-?list|info-?box|content-?box|widget|more|embed\w*|inline)(?=$|[\s_-])"
)


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
    if "hidden" not in name and "sr" not in name and "screen" not in name:
        return False
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
