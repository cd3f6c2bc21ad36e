"""Section (栏目): what the breadcrumb above an article calls the column it stands in."""

from __future__ import annotations

import re

from crawler.extraction.folding import key
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.outline import SEAM, Outline

_LEAD = compiled(any_of("section.lead") + r"\s*[是为]?\s*[:：>]*", re.I)
_STEP = re.compile(r"\s*(?:>+|»|\u203a|→|\uff1e+|\\|/|\||\x1f|—+|-+(?=[\u4e00-\u9fff]))\s*")
_ARROW = re.compile(r">+|»|\u203a|→|\uff1e+")
_BLANKS = " \u3000[]【】:：>-–—" + SEAM
_HOME = compiled(any_of("section.home"), re.I)
_CRUMBS = compiled(any_of("elements.breadcrumb_part"), re.I)
_NO_SECTION = compiled(
    rf"^(?:{any_of('section.no_section')}|{any_of('section.home')})$|(?:19|20)\d\d[-/.年]\d|^\d+$", re.I
)


def read_breadcrumb(page: Outline, before: int, title: str, site_names: frozenset[str]) -> str | None:
    """Return the last step of the breadcrumb above segment `before` that names a section, or None.

    It has a lead, `当前位置：首页>>热点聚焦`, or begins at home, `首页 > 热点聚焦`, or its element is named for it.
    """
    segments = page.segments
    for number in range(min(before, len(segments)) - 1, -1, -1):
        text = segments[number].glued
        if len(text) > 300:
            continue
        if lead := _LEAD.search(text):
            trail = text[lead.end() :]
            for following in segments[number + 1 : min(number + 8, before)]:
                if len(following.text) > 40 or not (following.links or _STEP.match(following.text)):
                    break
                trail += SEAM + following.glued
            return _last_step(trail, title, site_names)
        if _is_trail(text, title) and (step := _last_step(text, title, site_names)):
            return step
    return _last_step(_named(page, before), title, site_names)


def _is_trail(text: str, title: str) -> bool:
    """Tell whether a line is a breadcrumb without a lead: short steps, from the home page or between two arrows.

    The last one may be the title, of any length.
    """
    steps = [step.strip(_BLANKS) for step in _STEP.split(text)]
    steps = [step for step in steps if step]
    last = len(steps) - (len(steps) > 2 and key(steps[-1]) == key(title))
    if not 2 <= len(steps) <= 7 or any(len(step) > 24 for step in steps[:last]):
        return False
    return _HOME.fullmatch(steps[0]) is not None or len(_ARROW.findall(text)) > 1


def _named(page: Outline, before: int) -> str:
    """Return the text of the last element above segment `before` that is named a breadcrumb."""
    for number in range(len(page.nodes) - 1, -1, -1):
        if page.firsts[number] < before and _is_named(page, number):
            first, last = page.span(page.nodes[number])
            text = SEAM.join(segment.glued for segment in page.segments[first : min(last, before)])
            return text if len(text) < 300 else ""
    return ""


def _is_named(page: Outline, number: int) -> bool:
    if page.hints[number] >= 0:
        return False
    attributes = page.nodes[number].attributes
    return _CRUMBS.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}") is not None


def read_trail(text: str, title: str, site_names: frozenset[str]) -> str | None:
    """Return the section that a breadcrumb's text names, with or without its lead."""
    lead = _LEAD.search(text)
    return _last_step(text[lead.end() :] if lead else text, title, site_names)


def _last_step(trail: str, title: str, site_names: frozenset[str]) -> str | None:
    folded = key(title)
    for step in reversed(_STEP.split(trail)):
        step = step.strip(_BLANKS)
        known = key(step)
        if not known or _NO_SECTION.match(step) or known in site_names or len(step) > 30:
            continue
        if (known in folded and len(known) > 8) or (folded and folded in known):
            continue
        return step
    return None
