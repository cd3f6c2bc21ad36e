"""Names of people: split as bylines print them; words of roles and agencies are no names."""

from __future__ import annotations

import re

from crawler.extraction.lexicon import any_of, compiled, words_of
from crawler.extraction.outline import SEAM

_ROLES = compiled(any_of("names.desk") + r"?[\s-]*" + any_of("names.role") + r"[\s:：/／]*")
_SPLIT = re.compile(r"[\s、，,；;/／|丨&\x1f]+|(?<=[\u4e00-\u9fff])[和与及](?=[\u4e00-\u9fff]{2})")
_HAN_NAME = re.compile(
    r"[\u4e00-\u9fff\u3400-\u4dbf]{2,4}$|[\u4e00-\u9fff]{1,8}(?:[·•‧・.\uff0e][\u4e00-\u9fff]{1,8}){1,3}$|[a-zA-Z]{1,4}\d{3,6}$"
)
#: Capitals of Latin (its extended part has small letters among them), Greek and Cyrillic.
_CAPITAL = r"[A-ZÀ-Þ\u0100-\u0233\u0386-\u03ab\u0400-\u042f]"
_WESTERN_NAME = re.compile(rf"{_CAPITAL}[\w'\u2019.-]*(?:\s+(?:[a-z]{{1,3}}\s+)?{_CAPITAL}[\w'\u2019.-]*){{0,4}}$")
#: AFP, DPA: an agency.
_CAPITALS = re.compile(r"[A-Z]{2,6}$")
_NICK = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,20}$")
_EASTERN_NAME = re.compile(r"[\uac00-\ud7a3]{2,5}$|[\u3040-\u30ff\u4e00-\u9fff]{2,8}$")
# The number of a newsroom's terminal, printed beside an editor's name: 王五_AB0001, 王五 AB001.
_CODE = re.compile(r"(?<=[\u4e00-\u9fff])[\s_-]*[A-Z]{1,4}\d{2,6}\b")
# What is printed where a name belongs, and is none.
_NO_NAME = compiled(any_of("names.no_name"), re.I)
_AND = compiled(rf"\s*(?:[,;、，；/|&\x1f]|\b{any_of('names.and')}\b)\s*")
_BY = compiled(rf"^{any_of('names.by')}\s+", re.I)
_SURNAMES = frozenset(words_of("names.surname"))
_COMPOUND = words_of("names.compound")
_PINYIN = frozenset(words_of("names.pinyin"))


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a printed list, in order and once each; what is no name is left out.

    `王五、赵六`, `周文远 吴小山`, `钱 多` (one name, spaced) and `Li Na, Wang Wu` are all understood. Names that
    are printed without anything between them cannot be told apart: such a run is no name.
    """
    text = re.sub(r"《[^》]{1,20}》", " ", text.strip(" ()（）[]【】\u3014\u3015.。:：" + SEAM))
    text = _CODE.sub("", _ROLES.sub(" ", text))
    if re.search(r"[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7a3]", text):
        parts = _joined([part for part in _SPLIT.split(text) if part])
        names = (part.strip(" ()（）[]【】.。:：<>《》“”\"'") for part in parts)
        return tuple(dict.fromkeys(name for name in names if is_name(name)))
    parts = _AND.split(text)
    names = (name for part in parts for name in _paired(_BY.sub("", part).strip()))
    return tuple(dict.fromkeys(name for name in names if is_name(name)))


def _paired(text: str) -> list[str]:
    """Split `Lin Shuhe Du Ruoqing`, Chinese names without commas as translators print them: family names tell where."""
    words = text.split()
    if len(words) < 4 or len(words) % 2 or not all(word.lower() in _PINYIN for word in words[::2]):
        return [text]
    return [" ".join(pair) for pair in zip(words[::2], words[1::2], strict=True)]


def is_name(text: str) -> bool:
    """Tell whether `text` may be the name of a person, pen names included; never of an agency or an office."""
    if not 2 <= len(text) <= 40 or _NO_NAME.search(text) or _CAPITALS.match(text):
        return False
    return bool(_HAN_NAME.match(text) or _WESTERN_NAME.match(text) or _NICK.match(text) or _EASTERN_NAME.match(text))


def is_no_name(text: str) -> bool:
    """Tell whether `text` names an agency, an office or a role."""
    return _NO_NAME.search(text) is not None


def is_likely_name(text: str) -> bool:
    """Tell whether an unlabelled word is a Chinese personal name: it begins with a family name."""
    text = text.replace(" ", "").replace("\u3000", "")
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", text) or _NO_NAME.search(text):
        return False
    if text.startswith(_COMPOUND):
        return len(text) > 2
    return text[0] in _SURNAMES and len(text) <= 3


def _joined(parts: list[str]) -> list[str]:
    """Join 钱 多, a name of two characters spaced to the width of three, into one name."""
    joined: list[str] = []
    single = False
    for part in parts:
        alone = len(part) == 1 and "\u4e00" <= part <= "\u9fff"
        if alone and single:
            joined[-1] += part
            single = False
        else:
            joined.append(part)
            single = alone
    return joined
