"""An article as its page shows it: body, pictures and files from the archive, dates in words, tags for scholars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from archive.article import paragraphs
from archive.citing import Cited
from archive.config import is_web
from archive.plain import plain
from archive.web import attachments
from archive.web.articles import Reading
from archive.web.body import body
from archive.web.cells import external
from archive.web.language import Interface, messages

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


class Shown:
    """What the template of an article asks for. `root` is the path of the archive's home page.

    `body` is HTML, or None where `paragraphs` of text stand for it. `pictures` are those that the body does not show,
    each with its caption.
    """

    def __init__(self, reading: Reading, ui: Interface, root: str) -> None:
        self.reading = reading
        self.row = reading.row
        self._ui = ui
        self._root = root.rstrip("/")
        self._drawn: set[str] = set()
        self.body = body(self.row["html"], self.row["text"], self._picture)
        self.paragraphs = [] if self.body is not None else paragraphs(self.row["text"])
        if self.body is None:
            self._drawn.clear()
        self.pictures = [
            (self._picture(item["url"], item.get("caption") or ""), item.get("caption") or "")
            for item in self.row["images"]
            if item["url"] not in self._drawn
        ]

    @property
    def language(self) -> str:
        """The value of the attribute `lang`; empty where the language is unknown."""
        return language(self.row["language"])

    @property
    def byline(self) -> list[tuple[str, str]]:
        """Source, names and credits: pairs of a label and what is printed."""
        t, row = self._ui.t, self.row
        comma = "、" if self.language.startswith(("zh", "ja")) or not self.language else ", "
        lines = [(str(t("article.source")), row["source"])] if row["source"] else []
        for name in ("authors", "correspondents", "editors"):
            # Credits name the editors again, with their roles.
            if row[name] and not (name == "editors" and self._credited(row[name])):
                lines.append((str(t(f"article.{name}")), comma.join(map(str, row[name]))))
        lines += [(str(one["role"]), comma.join(map(str, one["names"]))) for one in row["credits"]]
        return lines

    def _credited(self, editors: list[str]) -> bool:
        return set(editors) <= {name for one in self.row["credits"] for name in one["names"]}

    @property
    def date(self) -> Markup:
        """When it was published, as far as the page says, or that it does not."""
        if not self.row["published_at"]:
            return escape(self._ui.t("article.no_date"))
        return published(self.row["published_at"])

    @property
    def date_from(self) -> str:
        """Where the date was read, in words; empty where it is unknown."""
        key = f"article.from.{self.row['published_from']}"
        return str(self._ui.t(key)) if self.row["published_at"] and key in messages() else ""

    @property
    def section_search(self) -> str:
        """The address of everything in the article's section."""
        query = urlencode({"site": self.row["site"], "section": self.row["section"]})
        return self._ui.link(f"{self._root}/search?{query}")

    @property
    def site_name(self) -> str:
        """The name of the site in the reader's language."""
        site = self.reading.site
        return str((site["name_en"] if self._ui.language == "en" else None) or site["name"])

    @property
    def files(self) -> list[attachments.File]:
        """The attachments, in order."""
        return attachments.files(self.reading, self._ui, self._root)

    def _held(self, captures: Mapping[str, int], url: str) -> str | None:
        return f"{self._root}/held/{self.row['uid']}/{captures[url]}" if url in captures else None

    def _picture(self, url: str, label: str) -> Markup:
        self._drawn.add(url)
        at = self._held(self.reading.pictures, url)
        if at is None:
            return self._missing(url, label or str(self._ui.t("article.picture")))
        return Markup('<img src="{}" alt="{}" loading="lazy">').format(at, label)

    def _missing(self, url: str, label: str) -> Markup:
        link = external(url, str(self._ui.t("article.original_address"))) if is_web(url) else Markup("")
        facts = self._aside(Markup("{} {}").format(self._ui.t("article.not_held"), link))
        return Markup('<span class="unheld"><bdi>{}</bdi> {}</span>').format(label, facts)

    def _aside(self, words: Markup) -> Markup:
        return Markup('<span class="facts" lang="{}">{}</span>').format(self._ui.tag, words)


def language(tag: str | None) -> str:
    """Return the value of the attribute `lang`; empty (of unknown language) for what is no BCP 47 tag."""
    return tag if tag and _LANGUAGE.fullmatch(tag) else ""


def published(value: str) -> Markup:
    """Return a printed date (a time with its zone, a day or a month) for a reader."""
    day, _, clock = value.partition("T")
    words = f"{day} {clock[:5]} {_zone(clock)}".rstrip() if clock else day
    return Markup('<time datetime="{}">{}</time>').format(value, words)


def _zone(clock: str) -> str:
    zone = re.search(r"(Z|[+-]\d{2}:?\d{2})$", clock)
    return "" if zone is None or zone[1] == "+08:00" else "UTC" if zone[1] == "Z" else f"UTC{zone[1]}"


def moment(value: str | None) -> Markup:
    """Return a time of the archive (UTC) to the minute."""
    if not value:
        return Markup("–")
    return Markup('<time datetime="{}">{} UTC</time>').format(value, value[:16].replace("T", " "))


def span(ui: Interface, revision: Mapping[str, Any]) -> Markup | str:
    """Return from when to when a revision was seen; one time where both are the same to the minute."""
    first, last = moment(revision["fetched_at"]), moment(revision["seen_until"])
    if revision["fetched_at"][:16] == revision["seen_until"][:16]:
        return first
    return ui.t("article.span", first=first, last=last)


def scholars(article: Mapping[str, Any], site: str, cited: Cited) -> list[tuple[str, str]]:
    """Return the `<meta>` tags that reference managers read: Highwire's and Dublin Core's names, and values.

    `article` is an exported object.
    """
    day = (article["published_at"] or "")[:10]
    people = [*article["authors"], *article["correspondents"]]
    tags = [("citation_title", article["title"]), *(("citation_author", name) for name in people)]
    tags += [
        ("citation_publication_date", day.replace("-", "/")),
        ("citation_publisher", article["source"] or site),
        ("citation_language", article["language"]),
        ("citation_public_url", cited.page),
        ("DC.type", "Text"),
        ("DC.format", "text/html"),
        ("DC.title", article["title"]),
        *(("DC.creator", name) for name in people),
        *(("DC.contributor", name) for name in article["editors"]),
        ("DC.date", day),
        ("DC.publisher", article["source"] or site),
        ("DC.language", article["language"]),
        ("DC.identifier", article["url"]),
        ("DC.identifier", article["uid"]),
        ("DC.isPartOf", cited.archive),
    ]
    return [(name, plain(value)) for name, value in tags if value]


def link(address: str, words: object) -> Markup:
    """Return a link within the archive."""
    return Markup('<a href="{}">{}</a>').format(address, escape(words))
