"""Section (栏目): what the breadcrumb above an article calls the column it stands in."""

from __future__ import annotations

import re

from crawler.extraction.headline import key
from crawler.extraction.lexicon import any_of, compiled
from crawler.extraction.outline import SEAM, Segment

_LEAD = compiled(any_of("section.lead") + r"\s*[是为]?\s*[:：>]*", re.I)
_STEP = re.compile(r"\s*(?:>+|»|\u203a|→|\uff1e+|\\|/|\||\x1f|—+|-+(?=[\u4e00-\u9fff]))\s*")
_NO_SECTION = compiled(rf"^{any_of('section.no_section')}$|(?:19|20)\d\d[-/.年]\d|^\d+$", re.I)


def read_breadcrumb(segments: list[Segment], before: int, title: str, site_names: frozenset[str]) -> str | None:
    """Return the last step of `当前位置：首页>>热点聚焦` above segment `before` that names a section, or None."""
    for number in range(min(before, len(segments)) - 1, -1, -1):
        text = segments[number].glued
        lead = _LEAD.search(text)
        if lead is None or len(text) > 300:
            continue
        trail = text[lead.end() :]
        for following in segments[number + 1 : min(number + 8, before)]:
            if len(following.text) > 40 or not (following.links or _STEP.match(following.text)):
                break
            trail += SEAM + following.glued
        return _last_step(trail, title, site_names)
    return None


def read_trail(text: str, title: str, site_names: frozenset[str]) -> str | None:
    """Return the section that a breadcrumb's text names, with or without its lead."""
    lead = _LEAD.search(text)
    return _last_step(text[lead.end() :] if lead else text, title, site_names)


def _last_step(trail: str, title: str, site_names: frozenset[str]) -> str | None:
    folded = key(title)
    for step in reversed(_STEP.split(trail)):
        step = step.strip(" \u3000[]【】:：>" + SEAM)
        known = key(step)
        if not known or _NO_SECTION.match(step) or known in site_names or len(step) > 30:
            continue
        if (known in folded and len(known) > 8) or (folded and folded in known):
            continue
        return step
    return None
