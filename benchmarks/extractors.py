"""The contenders of extraction.py: ours and other extractors, each behind one function, where it is installed.

Each returns what its library reads from a page with the settings that it ships, but for these: comments are left out
of trafilatura's text; newspaper4k is told that a Chinese page is one, and fetches no pictures; jusText has no list of
Chinese stop words and lengths made for words with blanks, so it gets no list and the lengths 20 and 60.
"""

import importlib
import importlib.metadata
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from corpora import decoded


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor read from one page."""

    text: str | None = None
    title: str | None = None
    date: object = None
    source: str | None = None
    authors: Iterable[str] | str | None = None
    editors: Iterable[str] | None = None


#: Takes a page's bytes, its address and the tag of its language, which may be empty.
Reader = Callable[[bytes, str, str], Found]


@dataclass(frozen=True, slots=True)
class Contender:
    """An extractor: its package, the fields it looks for (as a corpus calls them), and how it is called."""

    name: str
    package: str
    fields: frozenset[str]
    read: Reader

    @property
    def version(self) -> str:
        """Name and version of its package."""
        return f"{self.package} {importlib.metadata.version(self.package)}"


def _ours() -> Reader:
    from crawler.extraction import extract

    def read(html: bytes, url: str, language: str) -> Found:
        article = extract(html, url)
        return Found(
            article.text, article.title, article.published_at, article.source, article.authors, article.editors
        )

    return read


def _readability() -> Reader:
    readability = importlib.import_module("readability")
    fromstring = importlib.import_module("lxml.html").fromstring

    def read(html: bytes, url: str, language: str) -> Found:
        document = readability.Document(decoded(html), url=url)
        return Found(fromstring(document.summary(html_partial=True)).text_content(), document.short_title())

    return read


def _trafilatura() -> Reader:
    bare_extraction = importlib.import_module("trafilatura").bare_extraction

    def read(html: bytes, url: str, language: str) -> Found:
        found = bare_extraction(decoded(html), url=url, include_comments=False, with_metadata=True)
        if found is None:
            return Found()
        return Found(found.text, found.title, found.date, authors=(found.author or "").split(";"))

    return read


def _newspaper() -> Reader:
    newspaper = importlib.import_module("newspaper")
    importlib.import_module("jieba")  # without it, newspaper4k reads no Chinese page

    def read(html: bytes, url: str, language: str) -> Found:
        # It reads a page that declares no language as English, and finds no words in it.
        article = newspaper.Article(url, language=language if language == "zh" else None, fetch_images=False)
        article.download(input_html=decoded(html))
        article.parse()
        return Found(article.text, article.title, article.publish_date, authors=article.authors)

    return read


def _gne() -> Reader:
    extractor = importlib.import_module("gne").GeneralNewsExtractor()

    def read(html: bytes, url: str, language: str) -> Found:
        found = extractor.extract(decoded(html))
        return Found(found["content"], found["title"], found["publish_time"], authors=found["author"])

    return read


def _justext() -> Reader:
    justext = importlib.import_module("justext").justext

    def read(html: bytes, url: str, language: str) -> Found:
        found = justext(decoded(html), frozenset(), length_low=20, length_high=60, stopwords_low=0, stopwords_high=0)
        return Found("\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate))

    return read


_BODY = frozenset({"body"})
_NEWS = _BODY | {"title", "date", "author"}
#: Name, its package, the fields it looks for, and what makes its function (ImportError where it is not installed).
_CONTENDERS = (
    ("ours", "union-news-archive", _NEWS | {"source", "editor"}, _ours),
    ("readability-lxml", "readability-lxml", _BODY | {"title"}, _readability),
    ("trafilatura", "trafilatura", _NEWS, _trafilatura),
    ("newspaper4k", "newspaper4k", _NEWS, _newspaper),
    ("GNE", "gne", _NEWS, _gne),
    ("jusText", "jusText", _BODY, _justext),
)
NAMES = tuple(name for name, *_ in _CONTENDERS)


def contenders(wanted: Iterable[str] = NAMES) -> tuple[list[Contender], list[str]]:
    """Return the wanted contenders that are installed, and the names of those that are not."""
    # They report what they dislike about a page to their logs; here only what they return counts.
    logging.disable(logging.CRITICAL)
    names = {name.lower() for name in wanted}
    found, absent = [], []
    for name, package, fields, make in _CONTENDERS:
        if name.lower() in names:
            try:
                found.append(Contender(name, package, fields, make()))
            except ImportError:
                absent.append(name)
    return found, absent
