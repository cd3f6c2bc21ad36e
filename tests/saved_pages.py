"""Saved pages: raw bytes as a server might send them, with what is right to read from them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from archive.article import Article, Attachment, Credit, Image

PAGES = Path(__file__).parent / "pages"
REFUSED = Path(__file__).parent / "refused"

#: Fields a page may be compared in; an expected file names those that its page determines.
FIELDS = (
    "title", "kicker", "subtitle", "section", "source", "authors", "correspondents", "editors", "credits",
    "dateline", "published_at", "published_from", "language", "translation_of", "text", "images", "attachments",
    "damaged", "parts",
)  # fmt: skip


@dataclass(frozen=True)
class SavedPage:
    """One page: `path` of its bytes, and the keys of its JSON file (tests/pages/README.md)."""

    path: Path
    url: str
    content_type: str | None
    encoding: str
    body: str
    site: str | None
    fetched_at: str
    listing: dict[str, str] | None
    expected: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def html(self) -> bytes:
        return self.path.read_bytes()

    @property
    def fetched(self) -> datetime:
        return datetime.fromisoformat(self.fetched_at)

    @property
    def without_body(self) -> bytes:
        """The bytes before the body node: head, headline and labels."""
        html, mark = self.html, self.body.encode(self.encoding)
        if html.count(mark) != 1:
            raise ValueError(f"{self.id}: {self.body!r} stands {html.count(mark)} times; name the body's start tag")
        return html[: html.index(mark)]

    @property
    def without_digits(self) -> bytes:
        """The page without a digit in its text, meta values and times; tags, addresses and charsets stay.

        Dates in Chinese numerals go too.
        """
        html = re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), self.html.decode(self.encoding))
        parts = re.split(r"(<[^>]*>)", html)
        return "".join(_no_digits(part) for part in parts).encode(self.encoding, "xmlcharrefreplace")


@dataclass(frozen=True)
class RefusedPage:
    """A page that is no article: `reason` is what the error must say, in lower case."""

    path: Path
    url: str
    content_type: str | None
    encoding: str
    fetched_at: str
    reason: str

    @property
    def id(self) -> str:
        return self.path.stem

    @property
    def html(self) -> bytes:
        return self.path.read_bytes()

    @property
    def fetched(self) -> datetime:
        return datetime.fromisoformat(self.fetched_at)


_WRITTEN = re.compile("[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日")


def _no_digits(part: str) -> str:
    if not part.startswith("<"):
        return _WRITTEN.sub("", re.sub(r"\d", "", part))
    if "charset" in part.lower():
        return part
    return re.sub(r'((?:content|datetime|title)=")([^"]*)', lambda m: m[1] + re.sub(r"\d", "", m[2]), part)


@cache
def saved_pages(root: Path = PAGES) -> tuple[SavedPage, ...]:
    """Return every saved page below `root`, by site and name."""
    return tuple(load(path) for path in sorted(root.glob("*/*.html")))


@cache
def refused_pages(root: Path = REFUSED) -> tuple[RefusedPage, ...]:
    """Return every page below `root` that is no article, by name."""
    return tuple(RefusedPage(path=path, **_meta(path)) for path in sorted(root.glob("*.html")))


def load(path: Path) -> SavedPage:
    """Read one page's JSON file; a missing one is an error that names it."""
    return SavedPage(path=path, **_meta(path))


def _meta(path: Path) -> dict[str, Any]:
    meta = path.with_suffix(".json")
    if not meta.exists():
        raise FileNotFoundError(f"{meta}: write it by hand, see tests/pages/README.md")
    return json.loads(meta.read_text(encoding="utf-8"))


def plain(article: Article) -> dict[str, Any]:
    """Return the comparable fields of an article as JSON values; digests belong to captures, not to pages."""

    def value(item: Any) -> Any:
        if isinstance(item, Image):
            return {"url": item.url, "caption": item.caption}
        if isinstance(item, Attachment):
            return {"url": item.url, "name": item.name}
        if isinstance(item, Credit):
            return {"role": item.role, "names": list(item.names)}
        return [value(each) for each in item] if isinstance(item, tuple) else item

    return {name: value(getattr(article, name)) for name in FIELDS}


def update(page: SavedPage, article: Article) -> None:
    """Rewrite the expected values of `page`, in the fields it names (all, where it names none).

    Raises ValueError where the reading cannot be right: no title, neither text nor a caption, or U+FFFD.
    """
    found = plain(article)
    captions = [image["caption"] for image in found["images"] if image["caption"]]
    if not found["title"] or not (found["text"] or captions):
        raise ValueError(f"{page.id}: no title or no text was read; expected values are not rewritten")
    if "\ufffd" in json.dumps(found, ensure_ascii=False):
        raise ValueError(f"{page.id}: U+FFFD was read; expected values are not rewritten, save the raw bytes")
    names = [name for name in FIELDS if name in page.expected] or FIELDS
    meta = page.path.with_suffix(".json")
    document = json.loads(meta.read_text(encoding="utf-8"))
    document["expected"] = {name: found[name] for name in names}
    meta.write_text(dump(document), encoding="utf-8", newline="\n")


def dump(document: dict[str, Any]) -> str:
    """Return the one form of a JSON file: UTF-8 characters as they are, indented by one, a newline at the end."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
