"""An article: what a page says, what of it a revision compares, and the keys of its export."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from archive.nfkc import nfkc

#: What a revision compares (design: the site's changes, never ours). `html` and image URLs do not count.
COMPARED = (
    "title",
    "kicker",
    "subtitle",
    "source",
    "authors",
    "correspondents",
    "editors",
    "published_at",
    "text",
    "attachments",
)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the body: absolute `url`, `caption` as printed or None, `digest` once its capture is held."""

    url: str
    caption: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the body links to: absolute `url`, its printed `name`, `digest` once its capture is held."""

    url: str
    name: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Who edited, reviewed or proofread an article or was on duty: `role` as printed (责任编辑, 初审), and `names`."""

    role: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """What one page says. Absent values are None, lists are empty; nothing is guessed.

    Names of people are kept as printed, without their role word. Dates are ISO 8601 strings, because a page may
    print a time (`2024-05-25T07:05:00+08:00`), a day (`2024-05-25`) or a month (`2024-05`).
    """

    url: str
    """Canonical URL of the page."""
    title: str
    """主题, without its marker."""
    text: str
    """The body: paragraphs separated by a blank line; no navigation, labels, captions or footers."""
    html: str
    """The body, sanitised: headings, paragraphs, lists, tables, links, images with absolute URLs."""
    site: str | None = None
    """Profile id."""
    section: str | None = None
    """栏目 as the site names it."""
    kicker: str | None = None
    """引题, without its marker."""
    subtitle: str | None = None
    """副题, without its marker."""
    source: str | None = None
    """来源 as printed: `中工网-工人日报`."""
    authors: tuple[str, ...] = ()
    """记者, 作者."""
    correspondents: tuple[str, ...] = ()
    """通讯员."""
    editors: tuple[str, ...] = ()
    """编辑, 责任编辑, 责编."""
    credits: tuple[Credit, ...] = ()
    """Editors and reviewers (初审, 终审, 校对, 监制 …) by role, in the order printed; not compared, not exported."""
    dateline: str | None = None
    """`本报北京5月24日电`, as printed."""
    published_at: str | None = None
    """ISO 8601 time, day or month, or None. Everything Chinese is +08:00."""
    published_from: str | None = None
    """Where the date came from: meta, label, url, listing, body, or None."""
    language: str | None = None
    """BCP 47 tag by the text: zh-Hans, zh-Hant, en, ko, …"""
    translation_of: str | None = None
    """URL of the original when the page is a translated copy."""
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    layout: str = "generic"
    """Which profile layout matched (`1`, `2`, … or its family's, `qingdao:1`), or `generic`."""
    damaged: bool = False
    """True when characters were lost in the source (U+FFFD)."""
    charset: str | None = None
    """What the bytes were decoded with, for the archive's statistics; not exported."""
    parts: tuple[str, ...] = ()
    """Absolute URLs of the article's pages after this one, in order, as far as it names them; not exported."""
    part_of: str | None = None
    """Absolute URL of the article's first page, on a further one; not exported."""
    part_guessed: bool = False
    """True when no link of the page leads to `part_of`: its address and its pager suggest it; not exported."""

    @property
    def sha256(self) -> str:
        """Digest of the compared fields, white space and NFKC folded: equal digests are one revision."""
        return digest({name: getattr(self, name) for name in COMPARED})


def digest(values: dict[str, Any]) -> str:
    """SHA-256 (hex) of article fields as a revision compares them.

    Lists keep their order. Of an attachment its name and URL count: the digest of its bytes is known only later.
    """

    def fold(value: Any) -> Any:
        if isinstance(value, str):
            return " ".join(nfkc(value).split())
        if isinstance(value, Attachment):
            return [fold(value.name), value.url]
        if isinstance(value, tuple | list):
            return [fold(item) for item in value]
        return value

    folded = json.dumps({name: fold(values[name]) for name in COMPARED}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a body's plain text."""
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def uid(url: str) -> str:
    """Return the id of an article: 16 hex digits of the SHA-256 of the first canonical URL it was seen under."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


#: Keys of an exported object, in order (design §3).
EXPORTED = (
    "uid", "url", "site", "section", "title", "kicker", "subtitle", "source", "authors", "correspondents",
    "editors", "dateline", "published_at", "published_from", "language", "translation_of", "text", "html",
    "images", "attachments", "layout", "damaged", "fetched_at", "first_seen_at", "withdrawn_at", "revision",
    "sha256", "captures", "change",
)  # fmt: skip


def to_json(article: Article) -> dict[str, Any]:
    """Return an article that is not stored as an exported object: what only the archive knows is None."""
    said = asdict(article)
    known = {"uid": uid(article.url), "sha256": article.sha256, "captures": []}
    return {name: known.get(name, said.get(name)) for name in EXPORTED}


ARTICLE_FIELDS = tuple(f.name for f in fields(Article))
