"""One item of the queue: why it is there, the page that shows it, and what may be decided about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.decisions import Decision, Question, What

#: What each decision means, for the person who makes it.
MEANINGS: dict[What, str] = {
    "accept": "it is as it is",
    "withdrawn": "the site has withdrawn it",
    "not-withdrawn": "it has not been withdrawn: the site moved, or is broken",
    "undated": "right: the page has no date",
    "damaged": "right: the page itself is damaged",
}
#: The same of a draft of a profile.
CHECKED = "it has been checked: it is no draft any more"
#: From the worst on: incidents that make a site fail, articles that may be withdrawn, and the rest.
FAILING, SUSPICIOUS, WARNING, DAMAGED, UNDATED, WITHDRAWN, DRAFT = range(7)
RANKS = {FAILING: "failing", SUSPICIOUS: "suspicious", WARNING: "warning", DRAFT: "draft"}

_DATE = re.compile(r"\d{4}-\d{2}\b")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a person is to look at.

    `id` names it on the command line, `question` in decisions.jsonl. `why` is a sentence in English. `url` is the page
    that shows it, `capture` (an id) the stored one. `names` are the names in an incident's facts: where others come up,
    it is another matter. `decided` is the decision that settles it.
    """

    id: str
    kind: str
    site: str
    why: str
    since: str
    rank: int
    question: Question
    actions: tuple[What, ...]
    section: str = ""
    uid: str | None = None
    url: str | None = None
    capture: int | None = None
    names: tuple[str, ...] = ()
    decided: Decision | None = None


#: Facts that say something else after every run.
_SENTENCES = ("reason", "error")


def names(facts: Any, path: str = "") -> Iterator[str]:
    """Yield the names in an incident's facts, without its figures, days and sentences, which every run may change."""
    if isinstance(facts, dict):
        for key, value in facts.items():
            if key not in _SENTENCES:
                yield from names(value, f"{path}.{key}" if path else str(key))
    elif isinstance(facts, list | tuple):
        for value in facts:
            yield from names(value, path)
    elif isinstance(facts, str) and not _DATE.match(facts):
        yield f"{path}={facts}"
