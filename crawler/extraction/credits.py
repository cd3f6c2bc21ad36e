"""Credits: who wrote a page and where it is from, gathered from its small print, its layout and its head."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.extraction.around import Around
from crawler.extraction.byline import Byline, is_editing, read_byline, source_value
from crawler.extraction.labels import Label, read_labels, starts_with_label
from crawler.extraction.lexicon import any_of, compiled, words_of
from crawler.extraction.names import is_likely_name, split_names
from crawler.extraction.page import Page
from crawler.extraction.people import meta_people, printed_people, told_people, without
from crawler.extraction.trim import SmallPrint

#: How labels of a publication date begin; below the body, 时间 and 日期 may be anything's.
_PUBLICATION = words_of("labels.publication")
_SOURCES = words_of("metas.source")
_LABEL = compiled(rf"^\s*{any_of('labels.source')}\s*[:：]", re.I)


def head_lines(around: Around, small: SmallPrint) -> list[str]:
    """Return the lines of small print between headline and text, those in the body's element last."""
    # An empty line, so that no label is completed by what stands above the headline.
    return [*around.head, *small.head, ""]


def read_credits(
    page: Page, told: Mapping[str, str], around: Around, small: SmallPrint, site_names: frozenset[str]
) -> tuple[Byline, list[Label]]:
    """Return the byline that small print gives, with all labels of it.

    `told` is what a layout's elements say, by their keys; `small` the lines that were in the body. Below it only
    editors and reviewers are looked for, and what the others lack.
    """
    head, end, below = [*head_lines(around, small), *around.above], small.tail, around.below
    byline, labels = read_byline(head)
    inner, _ = read_byline(end)
    byline.add("author", inner.authors)
    byline.add("correspondent", inner.correspondents)
    byline.add("editor", inner.editors)
    after, _ = read_byline(below)
    byline.source = byline.source or inner.source or _meta_source(page) or after.source
    if not byline.editors:
        byline.add("editor", after.editors)
    _add_credits(byline, inner, after)
    if not byline.authors:
        near, _ = read_byline([line for line in below[:4] if starts_with_label(line)])
        byline.add("author", [name for name in near.authors if is_likely_name(name)])
    _read_layout(told, byline)
    if not byline.authors:
        # Some CMS write the editor or the source into the author's meta.
        known = (*byline.editors, *([byline.source] if byline.source else []))
        low, high = around.region
        people = (
            without(told_people(page, site_names), known)
            or printed_people(page, [*head, *end], low, high, site_names)
            or without(meta_people(page, site_names), known)
        )
        byline.add("author", people)
    dated = read_labels([*end, "", *below, "", *around.table])
    labels += [label for label in dated if label.kind == "date" and label.word.lower().startswith(_PUBLICATION)]
    return byline, labels


def _read_layout(told: Mapping[str, str], byline: Byline) -> None:
    """Read the elements that a layout names for source, author and editor."""
    if text := told.get("source"):
        labelled = [label.value for label in read_labels([text]) if label.kind == "source"]
        byline.source = source_value(labelled[0] if labelled else text) or byline.source
    for kind in ("author", "editor"):
        if text := told.get(kind):
            said, labels = read_byline([text])
            if kind == "author" and said.correspondents:  # 本报记者 甲 通讯员 乙
                byline.add("author", said.authors)
                byline.add("correspondent", said.correspondents)
                continue
            values = [label.value for label in labels if label.kind == kind] or [text]
            names = [name for value in values for name in split_names(value)]
            byline.add(kind, (said.editors or names) if kind == "editor" else names)
            byline.later += said.credits


def _add_credits(byline: Byline, inner: Byline, after: Byline) -> None:
    """Add who is named at the end of the body; of those below it the article's editors, and reviewers it lacks."""
    byline.later += inner.credits
    reviewed = any(not is_editing(credit.role) for credit in (*byline.credits, *inner.credits))
    for credit in after.credits:
        if set(credit.names) <= set(byline.editors) if is_editing(credit.role) else not reviewed:
            byline.later.append(credit)


def _meta_source(page: Page) -> str | None:
    for name in _SOURCES:
        if value := page.meta.get(name):
            source = source_value(_LABEL.sub("", value))
            if source:
                return source
    # A page of WeChat names the account that published it.
    return page.text_of("#js_name")
