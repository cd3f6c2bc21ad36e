"""Reader: one page's bytes to its Article: the order in which the parts of extraction are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from selectolax.lexbor import LexborNode, SelectolaxError

from archive.article import Article
from crawler.extraction.around import Around, read_around
from crawler.extraction.body import find_body
from crawler.extraction.byline import Byline
from crawler.extraction.charset import decode
from crawler.extraction.clean import Cleaned, clean
from crawler.extraction.companions import add_companions
from crawler.extraction.credits import head_lines, read_credits
from crawler.extraction.datelines import read_paragraphs
from crawler.extraction.dates import day_first
from crawler.extraction.errors import ExtractionError
from crawler.extraction.excerpt import excerpt
from crawler.extraction.folding import key
from crawler.extraction.headline import Headline, complete, find_headline, merge_roles
from crawler.extraction.labels import Label
from crawler.extraction.language import language_of
from crawler.extraction.lead import find_lead
from crawler.extraction.lexicon import words_of
from crawler.extraction.page import Page
from crawler.extraction.published import Clues, published
from crawler.extraction.refusal import check_article, check_body, check_bytes, check_depth, check_page, missing
from crawler.extraction.section import read_breadcrumb, read_trail
from crawler.extraction.unpaging import drop_pager
from crawler.families.base import Entry, Family
from crawler.families.numbering import FirstPage, Place
from crawler.profile import Layout, SiteProfile
from crawler.urls import is_article

#: Characters of text below which a page without a captioned picture is no article.
MIN_TEXT = 20
#: Tags in a body, opening and closing ones, above which cleaning would cost seconds.
MAX_TAGS = 80_000
_SECTIONS = words_of("metas.section")
_ZONES = {"zh": "+08:00", "ko": "+09:00", "ja": "+09:00"}


def extract(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    profile: SiteProfile | None = None,
    fetched_at: datetime | None = None,
    listing: Entry | None = None,
    place: Place | None = None,
) -> Article:
    """Read the article that a page holds.

    `html` is the page as the server sent it, `url` its canonical address, `content_type` the header, `listing` the
    row that led here; `fetched_at` (aware) is what relative times count from. `place` says that it is a further page
    of an article, which may lack what an article must have. The same arguments always give the same article.
    Raises ExtractionError, which names the URL and says why the page is no article.
    """
    check_bytes(html, url)
    markup, charset = decode(html, content_type, profile.languages if profile else ())
    check_depth(markup, url)
    try:
        return _Reading(url, markup, profile, fetched_at, listing, place).article(charset)
    except RecursionError as error:
        raise ExtractionError(
            url, "elements nested too deep to read", "look at the page: it is damaged or hostile"
        ) from error


class _Reading:
    """One page while it is read."""

    def __init__(
        self,
        url: str,
        markup: str,
        profile: SiteProfile | None,
        fetched_at: datetime | None,
        listing: Entry | None,
        place: Place | None,
    ) -> None:
        self.page = Page.parse(markup, url)
        self.profile = profile
        self.family = _family(profile)
        self.fetched_at = fetched_at
        self.listing = listing
        self.place = place
        self.site_names = self._site_names()
        self.headed, self.span = False, (0, 0)

    def article(self, charset: str) -> Article:
        """Return the article that the page holds; ExtractionError when it holds none."""
        page, outline = self.page, self.page.outline
        check_page(page)
        layout, nodes = self._body()
        if not nodes:
            raise missing(page, "missing text: nothing on the page reads like an article", self._fix("body"))
        first, last = max((outline.span(node) for node in nodes), key=lambda span: span[1] - span[0])
        check_body(page, first, last)
        told = self._told(layout)
        headline = self._headline(told, first)
        self.headed, self.span = headline.segment >= 0, (first, last)
        part_of, parts = self._paging(nodes)
        around = read_around(outline, headline.segment, first, last)
        cleaned = self._clean(nodes, layout, headline, self._lead(nodes, layout, headline))
        merge_roles(headline, cleaned.small.roles)
        byline, labels = read_credits(page, told, around, cleaned.small, self.site_names)
        paragraphs = read_paragraphs(cleaned.paragraphs, byline)
        article = self._printed(headline, byline, cleaned, "\n\n".join(paragraphs))
        clues = self._clues(told, around, cleaned, labels, paragraphs, byline.dateline, article.language)
        published_at, published_from = published(page, clues)
        return self._required(
            replace(
                article,
                section=self._section(told, article.title, first),
                published_at=published_at,
                published_from=published_from,
                layout=layout.name if layout else "generic",
                charset=charset,
                parts=parts,
                part_of=part_of.url if part_of else None,
                part_guessed=part_of is not None and part_of.guessed,
            )
        )

    def _lead(self, nodes: list[LexborNode], layout: Layout | None, headline: Headline) -> list[str]:
        """Return the paragraphs of a lead that stand above the body and in none of its elements."""
        if layout is not None:
            return []
        outline = self.page.outline
        spans = [outline.span(node) for node in nodes]
        lead = find_lead(self.page, headline.segment, *self.span)
        apart = (number for number in lead if not any(low <= number < high for low, high in spans))
        return [outline.segments[number].text for number in apart]

    def _printed(self, headline: Headline, byline: Byline, cleaned: Cleaned, text: str) -> Article:
        """Return what the page prints as an article, without its section, its date and how it was found."""
        title = headline.title or ""
        return Article(
            url=self.page.url,
            title=title,
            text=text,
            html=cleaned.html,
            site=self.profile.id if self.profile else None,
            kicker=headline.kicker,
            subtitle=headline.subtitle,
            source=byline.source,
            authors=tuple(byline.authors),
            correspondents=tuple(byline.correspondents),
            editors=tuple(byline.editors),
            credits=byline.all_credits,
            dateline=byline.dateline,
            language=language_of(text or title, self.page.meta.get("og:locale", "")[:2] or None),
            translation_of=self.page.original,
            images=tuple(cleaned.images),
            attachments=tuple(cleaned.attachments),
            damaged="\ufffd" in text or "\ufffd" in title,
        )

    def _clues(
        self,
        told: dict[str, str],
        around: Around,
        cleaned: Cleaned,
        labels: Sequence[Label],
        paragraphs: Sequence[str],
        dateline: str | None,
        language: str | None,
    ) -> Clues:
        """Return what may date the article."""
        return Clues(
            lines=head_lines(around, cleaned.small),
            above=around.above,
            labels=labels,
            paragraphs=paragraphs,
            dateline=dateline,
            listed=self.listing.date if self.listing else None,
            zone=self._zone(language),
            fetched_at=self.fetched_at,
            printed=told.get("date"),
            day_first=self._day_first(language),
        )

    def _told(self, layout: Layout | None) -> dict[str, str]:
        """Return what the elements that a layout names say, by its keys; read before cleaning removes some."""
        names = ("title", "kicker", "subtitle", "date", "source", "author", "editor", "section") if layout else ()
        texts = {name: self.page.text_of(getattr(layout, name)) for name in names}
        return {name: text for name, text in texts.items() if text}

    def _zone(self, language: str | None) -> str | None:
        """Return the offset that printed times have: the profile's, else that of a language with one zone."""
        if self.profile:
            return self.profile.timezone
        translated = self.page.original and "from=zh" in self.page.url
        return _ZONES.get("zh" if translated else (language or "")[:2])

    def _day_first(self, language: str | None) -> bool:
        """Tell whether the page writes the day before the month: by its language, and the region that it declares."""
        node = self.page.tree.css_first("html[lang]")
        declared = (node.attributes.get("lang") or "") if node is not None else ""
        return day_first(declared if language and declared.lower().startswith(language) else language)

    def _paging(self, body: Sequence[LexborNode]) -> tuple[FirstPage | None, tuple[str, ...]]:
        """Return the first page where this is a further one, and the pages after this; their links leave the body."""
        tree, url, place = self.page.tree, self.page.url, self.place
        if self.page.original:
            return None, ()
        first = FirstPage(place.first) if place else self.family.first_page(tree, url, self.profile, body=body)
        known = place is not None or first is None or first.guessed
        parts = self.family.parts(tree, url, self.profile, place=place, body=body) if known else ()
        firsts = {first.url} if first else set()
        if parts:
            firsts.add(place.first if place else url)
        for node in body:
            for each in firsts:
                drop_pager(node, each, self.page.base)
        return first, parts

    def _body(self) -> tuple[Layout | None, list[LexborNode]]:
        """Return the layout that reads this page and its body; without one, what the generic finder found."""
        layouts = (self.profile.layouts if self.profile else ()) + self.family.layouts
        for layout in layouts:
            try:
                nodes = self.page.tree.css(layout.body)
            except SelectolaxError as error:
                raise ExtractionError(
                    self.page.url, f"layout {layout.name}: bad selector {layout.body!r}", self._fix("body")
                ) from error
            for node in nodes:
                if node.text(strip=True) or node.css_first("img") is not None:
                    return layout, [node]
        return None, find_body(self.page.outline, self.page.title)

    def _headline(self, told: dict[str, str], first: int) -> Headline:
        title = told.get("title")
        headline = Headline(title) if title else find_headline(self.page, first, self.site_names)
        if headline.title is None and self.listing is not None:
            headline.title = self.listing.title
        headline.kicker = told.get("kicker") or headline.kicker
        headline.subtitle = told.get("subtitle")
        return add_companions(complete(headline, self.page.outline.segments), self.page)

    def _clean(
        self, nodes: list[LexborNode], layout: Layout | None, headline: Headline, lead: Sequence[str]
    ) -> Cleaned:
        markup = excerpt(nodes, lead, layout.remove if layout else ())
        if (tags := markup.count("<")) > MAX_TAGS:
            raise ExtractionError(self.page.url, f"a body of {tags:,} tags, over {MAX_TAGS:,}", self._fix("body"))
        titles = (
            headline.title,
            headline.kicker,
            headline.subtitle,
            f"{headline.title}{headline.subtitle}",
            f"{headline.kicker}{headline.title}",
            self.page.title,
        )
        return clean(markup, self.page, [title for title in titles if title])

    def _section(self, told: dict[str, str], title: str, first: int) -> str | None:
        if text := told.get("section"):
            return read_trail(text, title, self.site_names)
        crumb = read_breadcrumb(self.page.outline, first, title, self.site_names)
        return crumb or self._meta_section() or (self.listing.section if self.listing else None)

    def _meta_section(self) -> str | None:
        names = (self.page.meta.get(name) for name in _SECTIONS)
        return next((name for name in names if name and not name.isdigit() and key(name) not in self.site_names), None)

    def _site_names(self) -> frozenset[str]:
        names = [self.page.meta.get(name) for name in words_of("metas.site")]
        if self.profile is not None:
            names += [self.profile.name, self.profile.name_en]
        return frozenset(key(name) for name in names if name)

    def _required(self, article: Article) -> Article:
        """Return an article that has what every one must have, and what its profile adds."""
        if self.place is not None:
            return article
        if not article.title:
            raise missing(self.page, "missing title", self._fix("title"))
        if len(article.text) < MIN_TEXT and not any(image.caption for image in article.images):
            raise missing(self.page, f"missing text: {len(article.text)} characters", self._fix("body"))
        check_article(self.page, article.title if self.headed else "", article.text, self._is_told(article), self.span)
        for name in self.profile.expect.required if self.profile else ():
            if not getattr(article, name):
                raise ExtractionError(article.url, f"missing {name}, which the site's articles have", self._fix(name))
        return article

    def _is_told(self, article: Article) -> bool:
        """Tell whether an article cannot be a list of others: it names people or a source, or a profile knows it."""
        if self.profile is not None and is_article(self.page.url, self.profile):
            return True
        return bool(article.source or article.editors or (article.authors and article.published_at))

    def _fix(self, name: str) -> str:
        if self.profile is None:
            return "give a profile with a layout for it, or leave the address out"
        return f"check `{name}` in the [[layout]] of {self.profile.id}.toml, or leave the address out"


def _family(profile: SiteProfile | None) -> Family:
    # Families read their listings with this package: importing them above would be a circle.
    from crawler.families import FAMILIES

    return FAMILIES[profile.family if profile else "generic"]
