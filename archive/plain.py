"""Text that shows what it holds: on one line, without characters that steer a terminal, turn its order or hide."""

from __future__ import annotations

import re

#: Never kept: controls (C0 and C1, so no escape sequence works), bidi controls (a title must not turn round what
#: stands beside it), soft hyphens, zero-width spaces and joins of words, blank letters (Hangul fillers, Khmer inherent
#: vowels), tags and other invisible format characters, lone surrogates and noncharacters. Visible ones of category
#: Cf (Arabic number signs) stay. Flags that are spelt with tags (England) become plain black flags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
#: Tabs and every end of a line that a reader of RIS, BibTeX or a terminal may know, with the spaces around them.
_LINE_ENDS = re.compile(r"[ ]*[\t-\r\x85\u2028\u2029][ \t-\r\x85\u2028\u2029]*")
#: Zero-width joiner and non-joiner: part of the spelling in Arabic and Indic scripts, and of emoji families, so they
#: stay behind a character of these; anywhere else they only make equal texts differ.
_JOINERS = re.compile(
    r"(?<![\u0600-\u109f\u1780-\u18af\u1900-\u1cff\u2190-\u2bff\ua800-\uabff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
#: One variation selector chooses a form (emoji; characters of Han names); more behind it could only carry a message.
_SELECTORS = re.compile(r"(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")


def plain(text: str) -> str:
    """Return a text for a terminal, a citation or another line of plain text.

    Removes what `_HIDDEN`, `_JOINERS` and `_SELECTORS` name. A tab, and the end of a line or paragraph, becomes one
    space with the spaces around it. Everything that can be seen stays as it is, so do spaces at the ends: a snippet is
    put together from pieces. It escapes nothing: HTML, BibTeX and CSV have rules of their own.
    """
    text = _LINE_ENDS.sub(" ", _HIDDEN.sub("", text))
    return _SELECTORS.sub("", _JOINERS.sub("", text))
