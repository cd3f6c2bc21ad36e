"""Unpaging: the pager of an article of several pages is taken out of its body, or its numbers would be text."""

from __future__ import annotations

import re
from typing import Literal

from selectolax.lexbor import LexborNode

from crawler.families.links import MOST_LINKS, absolute, fold
from crawler.families.numbering import Addresses
from crawler.families.pager import NEXT
from crawler.families.parts import BACK, ENDS, MOST_WORDS, REST, pager_word

#: Nothing but a pager's words, numbers and marks; what one alternative has taken is not tried with another.
_PAGER = re.compile(
    rf"(?:{NEXT}|{REST}|{BACK}|{ENDS}|第[一二三四五六七八九十][页頁]|分页|页码|跳转|pages?|of|[共第到转页頁]|\d{{1,3}}(?!\d)"
    r"|[\s\[\]【】()（）<>《》«»\u2039\u203a|/·.…,，:：_-])*+",
    re.I,
)
#: Longer elements are no pager.
_LONGEST = 200
#: What ends a line, and so a pager in it.
_BREAKS = frozenset(("br", "p", "div", "table", "ul"))


def drop_pager(body: LexborNode, first: str, base: str) -> None:
    """Take the links to an article's pages out of its body, with what is of the pager around them.

    `first` is the address of the article's first page, `base` what relative links start from.
    """
    addresses = Addresses.of(first)
    if addresses is None:
        return
    links = []
    for node in body.css("a[href]")[:MOST_LINKS]:
        if pager_word(node) is not None:
            target = absolute(node.attributes.get("href") or "", base, "utf-8")
            if target and (addresses.is_first(target) or addresses.read(target)):
                links.append(node)
    taken: set[int] = set()
    known: dict[int, bool] = {}
    for link in links[:MOST_WORDS]:
        for node in _pager_around(link, body, known) if link.mem_id not in taken else ():
            taken.update(each.mem_id for each in (node, *node.css("a")))
            node.decompose()


def _pager_around(link: LexborNode, body: LexborNode, known: dict[int, bool]) -> list[LexborNode]:
    """Return the nodes of the pager that `link` is of: its neighbours, or the largest element that is nothing else.

    `known` keeps by `mem_id` which elements are a pager.
    """
    node = link
    while (parent := node.parent) is not None and parent.mem_id != body.mem_id:
        if parent.mem_id not in known:
            known[parent.mem_id] = _is_pager(parent)
        if not known[parent.mem_id]:
            break
        node = parent
    return [*_neighbours(node, "prev"), node, *_neighbours(node, "next")]


def _neighbours(node: LexborNode, way: Literal["prev", "next"]) -> list[LexborNode]:
    """Return the nodes beside `node` in its line that hold nothing but words of a pager, up to the first other one."""
    found: list[LexborNode] = []
    while (beside := getattr(found[-1] if found else node, way)) is not None:
        if beside.tag in _BREAKS or not _is_pager(beside):
            break
        found.append(beside)
    return found


def _is_pager(node: LexborNode) -> bool:
    text = fold(node.text(deep=True) if node.is_element_node else node.text_content)
    return len(text) <= _LONGEST and _PAGER.fullmatch(text) is not None and not node.css("img")
