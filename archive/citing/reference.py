"""What a citation of an article says, before any format: cleaned texts, nothing guessed, nothing escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from archive.plain import plain

_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?(?=T|$)")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Cited:
    """What the archive adds to an article's citation. An unknown value is None and stays absent."""

    archive: str
    """The archive's name (archive.toml)."""
    site: str | None = None
    """The name of the site, as the federation writes it."""
    site_en: str | None = None
    """Its name in English; used for articles in English."""
    page: str | None = None
    """Absolute address of the article's page in the archive's reading room."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words and marks of a note, in the language of the article."""

    site: str
    source: str
    archived: str
    article: str
    payload: str
    number: str
    comma: str
    semicolon: str


WORDS = {
    "zh": Words("网站：", "来源：", "存档：", "文章 SHA-256：", "网页校验值：", "文章编号：", "，", "；"),
    "zh-Hant": Words("網站：", "來源：", "存檔：", "文章 SHA-256：", "網頁校驗值：", "文章編號：", "，", "；"),
    "en": Words(
        "Site: ", "Source: ", "Archived: ", "article SHA-256: ", "page digest: ", "article number: ", ", ", "; "
    ),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """An article as every format cites it: texts of one line, free of hidden characters; absent values are None."""

    key: str
    """`union-` and the article's uid: the same for ever, whatever is corrected."""
    persons: tuple[str, ...]
    """记者, 作者, then 通讯员, each whole and as printed: a name is never taken apart."""
    body: str | None
    """Without persons, who answers for the article: 来源 as printed, else the site's name."""
    titles: tuple[str, ...]
    """主题, 副题, 引题 as printed. The last two are "other title information": they follow, whatever the page does."""
    published: str | None
    """Day, month or year that the page prints, in its own zone: 2024-05-25, 2024-05."""
    accessed: str | None
    """Day (UTC) of the last capture: the page said this then."""
    url: str
    """Address of the original, percent-encoded to ASCII."""
    site: str | None
    archive: str
    page: str | None
    """Address of the archive's page, percent-encoded to ASCII."""
    language: str | None
    """BCP 47."""
    words: str
    """Which of WORDS go with it."""
    note: str
    """Site and source where they are not the body; then the archive's copy: its name, the time of the capture (UTC),
    the article's SHA-256, the labelled digest of the captured payload, its address (or the uid)."""

    @property
    def title(self) -> str:
        """The titles in one: 主题：副题：引题."""
        return (": " if self.words == "en" else "：").join(self.titles)

    @property
    def authors(self) -> tuple[str, ...]:
        """Persons, else the body, else nobody."""
        return self.persons or ((self.body,) if self.body else ())


def reference(article: Mapping[str, Any], cited: Cited) -> Reference:
    """Gather what a citation says from an exported article (keys of `archive.article.EXPORTED`)."""
    persons = tuple(dict.fromkeys(filter(None, map(_text, [*article["authors"], *article["correspondents"]]))))
    language = _text(article["language"])
    language = language if language and _TAG.fullmatch(language) else None
    main = _text(article["title"]) or article["uid"]
    key = words_key(language, main)
    english = (language or "").lower().split("-")[0] == "en"
    site = _text(cited.site_en if english and cited.site_en else cited.site)
    source = _text(article["source"])
    body = None if persons else source or site
    words, page = WORDS[key], address(cited.page) if cited.page else None
    origin = [f"{label}{name}" for label, name in ((words.site, site), (words.source, source)) if name and name != body]
    return Reference(
        key=f"union-{article['uid']}",
        persons=persons,
        body=body,
        titles=tuple(title for title in (main, _text(article["subtitle"]), _text(article["kicker"])) if title),
        published=_day(article["published_at"]),
        accessed=_day(article["fetched_at"]),
        url=address(article["url"]),
        site=site,
        archive=_text(cited.archive) or "",
        page=page,
        language=language,
        words=key,
        note=words.semicolon.join([*origin, *_copy(article, cited, words, page)]),
    )


def _copy(article: Mapping[str, Any], cited: Cited, words: Words, page: str | None) -> list[str]:
    """Return the parts of a note that say which copy the archive holds."""
    held = words.comma.join(filter(None, (_text(cited.archive), _text(article["fetched_at"]))))
    digest = _text(article["captures"][-1]["digest"]) if article["captures"] else None
    parts = [
        (words.archived, held),
        (words.article, _text(article["sha256"])),
        (words.payload, digest),
        ("", page) if page else (words.number, article["uid"]),
    ]
    return [f"{label}{value}" for label, value in parts if value]


def words_key(language: str | None, title: str) -> str:
    """Return which of WORDS go with an article: by its language, where that is unknown by the title's characters."""
    tag = (language or "").lower()
    if tag.startswith("zh"):
        return "zh-Hant" if any(part in tag.split("-") for part in ("hant", "tw", "hk", "mo")) else "zh"
    if not tag and _HAN.search(title) and not _KANA_HANGUL.search(title):
        return "zh"
    return "en"


def address(url: str) -> str:
    """Return an address in ASCII: what RFC 3986 does not allow (spaces, braces, backslashes, Chinese) is encoded.

    Such an address cannot end a field, a line or an entry, and says the same to a browser.
    """
    return quote(plain(url).strip(), safe="%/:?#[]@!$&'()*+,;=-._~")


def _text(value: str | None) -> str | None:
    return (plain(value).strip() or None) if value else None


def _day(value: str | None) -> str | None:
    """Return the day, month or year that an ISO 8601 time begins with, None for anything else."""
    match = _DAY.match(value or "")
    return match[0] if match else None
