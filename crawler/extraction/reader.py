"""Reader: one page's bytes to its Article: the order in which the parts of extraction are asked."""

from __future__ import annotations

import re
from datetime import datetime

from selectolax.lexbor import LexborNode, SelectolaxError

from archive.article import Article
from crawler.extraction.body import find_body
from crawler.extraction.byline import read_paragraphs
from crawler.extraction.charset import decode
from crawler.extraction.clean import Cleaned, clean
from crawler.extraction.credits import read_credits
from crawler.extraction.errors import ExtractionError
from crawler.extraction.headline import Headline, complete, find_headline, key, merge_roles
from crawler.extraction.language import language_of
from crawler.extraction.page import Page
from crawler.extraction.parts import find_parts
from crawler.extraction.published import Clues, published
from crawler.extraction.refusal import check_body, check_bytes, check_depth, check_page
from crawler.extraction.section import read_breadcrumb, read_trail
from crawler.families.base import Entry, Family
from crawler.profile import Layout, SiteProfile

#: Characters of text below which a page without a captioned picture is no article.
MIN_TEXT = 20
#: Segments after the body in which its editors may be named.
_BELOW = 12
#: Tags in a body, opening and closing ones, above which cleaning would cost seconds.
MAX_TAGS = 80_000
#: What never holds an article's text.
_NO_TEXT = (
    "script, style, noscript, iframe, object, embed, input, select, textarea, button, template, svg, canvas, link,"
    " meta, nav, aside, footer, video, audio, map, dialog, title"
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_ZONES = {"zh": "+08:00", "ko": "+09:00", "ja": "+09:00"}


def extract(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    profile: SiteProfile | None = None,
    fetched_at: datetime | None = None,
    listing: Entry | None = None,
) -> Article:
    """Read the article that a page holds.

    `html` is the page as the server sent it, `url` its canonical address, `content_type` the header, `listing` the
    row that led here; `fetched_at` (aware) is what relative times count from. The same arguments always give the same
    article. Raises ExtractionError, which names the URL and says why the page is no article.
    """
    check_bytes(html, url)
    markup, charset = decode(html, content_type, profile.languages if profile else ())
    check_depth(markup, url)
    try:
        return _Reading(url, markup, profile, fetched_at, listing).article(charset)
    except RecursionError as error:
        raise ExtractionError(
            url, "elements nested too deep to read", "look at the page: it is damaged or hostile"
        ) from error


class _Reading:
    """One page while it is read."""

    def __init__(
        self, url: str, markup: str, profile: SiteProfile | None, fetched_at: datetime | None, listing: Entry | None
    ) -> None:
        self.page = Page.parse(markup, url)
        self.profile = profile
        self.family = _family(profile)
        self.fetched_at = fetched_at
        self.listing = listing
        self.site_names = self._site_names()

    def article(self, charset: str) -> Article:
        """Return the article that the page holds; ExtractionError when it holds none."""
        page, outline = self.page, self.page.outline
        check_page(page)
        parts = self._parts()
        layout, node = self._body()
        if node is None:
            raise ExtractionError(
                page.url, "missing text: nothing on the page reads like an article", self._fix("body")
            )
        first, last = outline.span(node)
        check_body(page, first, last)
        told = self._told(layout)
        headline = self._headline(told, first)
        head = self._head_lines(headline, first)
        below = [segment.glued for segment in outline.segments[last : last + _BELOW]]
        cleaned = self._clean(node, layout, headline)
        merge_roles(headline, cleaned.small.roles)
        lines = [*head, *cleaned.small.head]
        byline, labels = read_credits(page, told, lines, cleaned.small.tail, below, self.site_names)
        paragraphs = read_paragraphs(cleaned.paragraphs, byline)
        text = "\n\n".join(paragraphs)
        title = headline.title or ""
        language = language_of(text or title, page.meta.get("og:locale", "")[:2] or None)
        listed = self.listing.date if self.listing else None
        clues = Clues(
            lines, labels, paragraphs, byline.dateline, listed, self._zone(language), self.fetched_at, told.get("date")
        )
        published_at, published_from = published(page, clues)
        return self._required(
            Article(
                url=page.url,
                title=title,
                text=text,
                html=cleaned.html,
                site=self.profile.id if self.profile else None,
                section=self._section(told, title, first),
                kicker=headline.kicker,
                subtitle=headline.subtitle,
                source=byline.source,
                authors=tuple(byline.authors),
                correspondents=tuple(byline.correspondents),
                editors=tuple(byline.editors),
                dateline=byline.dateline,
                published_at=published_at,
                published_from=published_from,
                language=language,
                translation_of=page.original,
                images=tuple(cleaned.images),
                attachments=tuple(cleaned.attachments),
                layout=layout.name if layout else "generic",
                damaged="\ufffd" in text or "\ufffd" in title,
                charset=charset,
                parts=parts,
            )
        )

    def _told(self, layout: Layout | None) -> dict[str, str]:
        """Return what the elements that a layout names say, by its keys; read before cleaning removes some."""
        keys = ("title", "kicker", "subtitle", "date", "source", "author", "editor", "section") if layout else ()
        texts = {key: self.page.text_of(getattr(layout, key)) for key in keys}
        return {key: text for key, text in texts.items() if text}

    def _zone(self, language: str | None) -> str | None:
        """Return the offset that printed times have: the profile's, else that of a language with one zone."""
        if self.profile:
            return self.profile.timezone
        translated = self.page.original and "from=zh" in self.page.url
        return _ZONES.get("zh" if translated else (language or "")[:2])

    def _parts(self) -> tuple[str, ...]:
        if self.page.original:
            return ()
        if self.family is not None:
            return self.family.parts(self.page.tree, self.page.url, self.profile)
        return find_parts(self.page)

    def _body(self) -> tuple[Layout | None, LexborNode | None]:
        """Return the layout that reads this page with its body; without one, what the generic finder found."""
        layouts = (self.profile.layouts if self.profile else ()) + (self.family.layouts if self.family else ())
        for layout in layouts:
            try:
                nodes = self.page.tree.css(layout.body)
            except SelectolaxError as error:
                raise ExtractionError(
                    self.page.url, f"layout {layout.name}: bad selector {layout.body!r}", self._fix("body")
                ) from error
            for node in nodes:
                if node.text(strip=True) or node.css_first("img") is not None:
                    return layout, node
        return None, find_body(self.page.outline)

    def _headline(self, told: dict[str, str], first: int) -> Headline:
        title = told.get("title")
        headline = Headline(title) if title else find_headline(self.page, first, self.site_names)
        if headline.title is None and self.listing is not None:
            headline.title = self.listing.title
        headline.kicker = told.get("kicker")
        headline.subtitle = told.get("subtitle")
        return complete(headline, self.page.outline.segments)

    def _head_lines(self, headline: Headline, first: int) -> list[str]:
        """Return the printed lines between the headline and the body, where small print stands."""
        segments = self.page.outline.segments
        low = headline.segment - 3 if 0 <= headline.segment < first else first - 15
        return [
            segment.glued
            for segment in segments[max(0, low, first - 60) : first]
            if segment.links * 2 <= len(segment.text) or ":" in segment.text or "：" in segment.text
        ]

    def _clean(self, node: LexborNode, layout: Layout | None, headline: Headline) -> Cleaned:
        for selector in layout.remove if layout else ():
            for unwanted in node.css(selector):
                if unwanted.mem_id != node.mem_id:
                    unwanted.decompose()
        for unwanted in node.css(_NO_TEXT):
            unwanted.decompose()
        inner = _COMMENT.sub("", node.inner_html or "")
        if (tags := inner.count("<")) > MAX_TAGS:
            raise ExtractionError(self.page.url, f"a body of {tags:,} tags, over {MAX_TAGS:,}", self._fix("body"))
        markup = f"<table>{inner}</table>" if node.tag in ("table", "tbody", "tr") else f"<div>{inner}</div>"
        titles = (
            headline.title,
            headline.kicker,
            headline.subtitle,
            f"{headline.title}{headline.subtitle}",
            self.page.title,
        )
        return clean(markup, self.page, [title for title in titles if title])

    def _section(self, told: dict[str, str], title: str, first: int) -> str | None:
        if text := told.get("section"):
            return read_trail(text, title, self.site_names)
        crumb = read_breadcrumb(self.page.outline.segments, first, title, self.site_names)
        return crumb or self._meta_section() or (self.listing.section if self.listing else None)

    def _meta_section(self) -> str | None:
        name = self.page.meta.get("columnname")
        return name if name and not name.isdigit() and key(name) not in self.site_names else None

    def _site_names(self) -> frozenset[str]:
        names = [self.page.meta.get(name) for name in ("sitename", "og:site_name", "application-name")]
        if self.profile is not None:
            names += [self.profile.name, self.profile.name_en]
        return frozenset(key(name) for name in names if name)

    def _required(self, article: Article) -> Article:
        """Return an article that has what every one must have, and what its profile adds."""
        if not article.title:
            raise ExtractionError(article.url, "missing title", self._fix("title"))
        if len(article.text) < MIN_TEXT and not any(image.caption for image in article.images):
            raise ExtractionError(article.url, f"missing text: {len(article.text)} characters", self._fix("body"))
        for name in self.profile.expect.required if self.profile else ():
            if not getattr(article, name):
                raise ExtractionError(article.url, f"missing {name}, which the site's articles have", self._fix(name))
        return article

    def _fix(self, name: str) -> str:
        if self.profile is None:
            return "give a profile with a layout for it, or leave the address out"
        return f"check `{name}` in the [[layout]] of {self.profile.id}.toml, or leave the address out"


def _family(profile: SiteProfile | None) -> Family | None:
    if profile is None:
        return None
    # Families read their listings with this package: importing them above would be a circle.
    from crawler.families import FAMILIES

    return FAMILIES[profile.family]
