"""What is true of every article that extraction returns, whatever the page was."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from archive.article import Article
from crawler.extraction.outline import SEAM
from crawler.extraction.reader import MIN_TEXT

_ISO = re.compile(r"\d{4}-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?", re.A)
_FROM = frozenset(("meta", "label", "url", "listing", "body"))
_LISTS = ("authors", "correspondents", "editors")
_NEVER = "script, style, iframe, object, embed, form, input, svg, math, link, meta, base, template, noscript"
#: Attributes whose values are addresses.
_ADDRESSES = ("href", "src", "action", "formaction", "background", "srcset", "poster", "xlink:href")


def faults(article: Article) -> list[str]:
    """Return what is wrong with an article, one line each."""
    return [*_texts(article), *_html(article.html), *_dates(article), *_lists(article)]


def refusal_faults(message: str, url: str) -> list[str]:
    """Return what is wrong with a refusal: it names the URL and says why, on one line."""
    found = [] if message.startswith(f"{url}: ") else ["the refusal does not begin with the address"]
    return found + (["the refusal has several lines"] if len(message.splitlines()) > 1 else [])


def _texts(article: Article) -> Iterator[str]:
    title, text = article.title, article.text
    if len(title.splitlines()) > 1:
        yield f"title of several lines: {title!r:.120}"
    if len(text) < MIN_TEXT and not any(image.caption for image in article.images):
        yield f"{len(text)} characters of text and no captioned picture"
    if any(not paragraph.strip() for paragraph in text.split("\n\n")) and text:
        yield "an empty paragraph"
    if article.damaged != ("\ufffd" in title or "\ufffd" in text):
        yield f"damaged is {article.damaged}"
    for name, value in _strings(article):
        # A control character of the page itself stays in its HTML and its addresses.
        if SEAM in value and name != "html" and not name.endswith("url"):
            yield f"a seam in {name}: {value!r:.120}"
        try:
            value.encode()
        except UnicodeEncodeError:
            yield f"{name} cannot be stored as UTF-8: {value!r:.120}"
        if not value.strip() and name not in ("text", "html"):
            yield f"{name} is blank: {value!r}"


def _strings(article: Article) -> Iterator[tuple[str, str]]:
    """Yield the names and values of all texts of an article; absent ones are None, never empty."""
    for name in article.__slots__:
        value = getattr(article, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, str):
                yield name, each
            elif hasattr(each, "url"):
                parts = ((part, getattr(each, part, None)) for part in ("url", "caption", "name"))
                yield from ((f"{name}.{part}", text) for part, text in parts if text is not None)


def _html(html: str) -> Iterator[str]:
    tree = LexborHTMLParser(f"<body>{html}")
    if tree.css_first(_NEVER) is not None or "<script" in html.lower():
        yield f"an element that is not safe to show: {tree.css_first(_NEVER)}"
    for node in tree.css("body *"):
        for name, value in node.attributes.items():
            if name.startswith("on") or name == "style":
                yield f"attribute {name} in html"
            if name in _ADDRESSES and not _is_web(value):
                yield f"{name} in html: {value!r:.80}"


def _is_web(address: str | None) -> bool:
    try:
        return urlsplit(address or "").scheme in ("http", "https")
    except ValueError:
        return False


def _dates(article: Article) -> Iterator[str]:
    said, came = article.published_at, article.published_from
    if (said is None) != (came is None) or (came is not None and came not in _FROM):
        yield f"published_at {said!r} with published_from {came!r}"
    if said is None:
        return
    if not _ISO.fullmatch(said):
        yield f"published_at is not ISO 8601: {said!r}"
        return
    try:
        datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said if len(said) > 7 else f"{said}-01")
    except ValueError:
        yield f"published_at does not exist: {said!r}"


def _lists(article: Article) -> Iterator[str]:
    for name in _LISTS:
        people = getattr(article, name)
        if len(set(people)) < len(people):
            yield f"{name} repeats a name: {people!r:.120}"
        if any(not person.strip() for person in people):
            yield f"{name} holds an empty name"
    for name in ("images", "attachments"):
        urls = [each.url for each in getattr(article, name)]
        if len(set(urls)) < len(urls):
            yield f"{name} repeats an address"
        if bad := [url for url in urls if not _is_web(url)]:
            yield f"{name} holds an address that is not http(s): {bad[0]!r:.80}"
