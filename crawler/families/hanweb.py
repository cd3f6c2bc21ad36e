"""hanweb JCMS (大汉), of sdgh.org.cn, jsgh.org and many government sites and universities.

Articles are `/art/{Y}/{M}/{D}/art_{column}_{id}.html`, month and day without zeros, lists
`/col/col{column}/index.html`. A list page holds its first rows as XML, a `<datastore>` of `<record>`s in a script of
type text/xml, and the browser asks `dataproxy.jsp` for more of such XML, in one of two ways:

* GET `…/jpage/dataproxy.jsp?page=N&…&columnid=…&unitid=…`, as the `<nextgroup>` of the last rows says;
* POST `…/jpage/dataproxy.jsp?startrecord=S&endrecord=E&perpage=P`, the column in the form: `ajaxParam` of the page.

Seen: addresses, the XML of both ways and their parameters in stored pages and in crawlers of 2018 to 2026; article
pages in saved pages of government sites. Not seen: a list page whole, nor how its script writes `ajaxParam`. Answers
of the oldest proxy (`/module/jslib/…`), a JavaScript array, are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, Listing, Post, numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link, site_links, site_url
from crawler.families.rows import entries
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical
from crawler.urls import key as key_of

_PROXY = re.compile(r"/\w*dataproxy\.jsp$")
_COLUMN = re.compile(r"/col/col(\d{1,12})/")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_PAGE = re.compile(r"([?&]page=)(\d{1,9})(?=&|$)")
_RANGE = ("startrecord", "endrecord", "perpage")
_PROXY_URL = re.compile(r"proxyUrl['\"]?\s*:\s*['\"]([^'\"\s]{1,300})['\"]")
_PER_PAGE = re.compile(r"perPage['\"]?\s*:\s*['\"]?(\d{1,4})")
_TOTAL = re.compile(r"totalRecord['\"]?\s*:\s*['\"]?(\d{1,9})")
_FORM = re.compile(r"ajaxParam['\"]?\s*:\s*\{([^{}]{1,3000})\}")
_PAIR = re.compile(r"['\"]?(\w{1,40})['\"]?\s*:\s*(?:'([^']*)'|\"([^\"]*)\"|(\d{1,20}))")
#: The browser asks for the rows of so many pages of its pager at once.
_GROUP = 3
#: Scripts of a page and records of an answer that are looked at.
_MOST_SCRIPTS, _MOST_RECORDS = 200, 5_000


@dataclass(frozen=True, slots=True)
class _Store:
    """One `<datastore>`: the markup of its records, each once, and what it says about the rest of the list."""

    rows: tuple[str, ...]
    following: str | None
    """The href of its `<nextgroup>`."""
    pages: int | None
    records: int | None


class HanwebFamily(GenericFamily):
    """Sites of hanweb JCMS that list by `dataproxy.jsp`."""

    name = "hanweb"
    article_url = re.compile(r"^https?://[^?#]+/art/(?:19|20)\d\d/\d{1,2}/\d{1,2}/art_\d+_\d+\.html$")
    url_signs = article_url
    html_signs = re.compile(r"<datastore>|/jpage/\w*dataproxy\.jsp|<!--ZJEG_RSS\.content|<!--<\$\[信息内容\]>")
    layouts = numbered(
        "hanweb",
        Layout("", body="#zoom, #Zoom"),
        Layout("", body="#ivs_content"),
        Layout("", body=".wzzw-article"),
    )

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a list page, or an answer of the proxy by its address. Raises ValueError where that is no datastore."""
        tree, charset = self.parse(body, profile, content_type)
        if not _PROXY.search(urlsplit(url).path):
            found = super().listing(body, url, profile, content_type=content_type)
            further = found.next_pages or _first_range(tree, _stores(tree, url), url, profile)
            return replace(found, next_pages=further)
        store = _store(body.decode(charset, "replace"))
        if store is None:
            raise ValueError(f"{url}: the answer holds no <datastore>; check the section's address")
        return Listing(_entries([store], url, profile), _after(store, url, profile))

    def entries(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[Entry, ...]:
        """Return the records of the column; all articles of the page where it has none, and on the home page."""
        listed = _entries(_stores(tree, url), url, profile)
        if listed and canonical(url, profile) != canonical(profile.home, profile):
            return listed
        return _once([*listed, *super().entries(tree, links, url, profile)], profile)

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return what the datastore's `<nextgroup>` leads to; what a pager's links name where there is no datastore."""
        stores = _stores(tree, url)
        if not stores:
            return super().next_pages(tree, links, url, profile)
        found = (site_url(store.following, url, profile) for store in stores if store.rows and store.following)
        return tuple(target for target in found if target)[:1]


def _stores(tree: LexborHTMLParser, url: str) -> list[_Store]:
    """Return the datastores of a list page: the column's own, else those of no other column, else all of them."""
    texts = (script.text() or "" for script in tree.css("script")[:_MOST_SCRIPTS])
    stores = [store for text in texts if "<datastore" in text and (store := _store(text)) is not None]
    if column := _COLUMN.search(url):
        named = re.compile(rf"[?&]columnid={column[1]}(?:&|$)")
        own = [store for store in stores if named.search(store.following or "")]
        # A column whose rows are all on the page has nothing that names it.
        return own or [store for store in stores if "columnid=" not in (store.following or "")] or stores
    return stores


def _store(text: str) -> _Store | None:
    """Return what a datastore's XML holds; None where it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(_DECLARATION.sub("", text, count=1).strip().encode(), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None or root.tag != "datastore":
        return None
    records = (_text(record) for _, record in zip(range(_MOST_RECORDS), root.iter("record"), strict=False))
    anchor = LexborHTMLParser(_text(root.find(".//nextgroup"))).css_first("a[href]")
    return _Store(
        tuple(dict.fromkeys(filter(None, records))),
        anchor.attributes.get("href") if anchor else None,
        _number(_text(root.find(".//totalpage"))),
        _number(_text(root.find(".//totalrecord"))),
    )


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _entries(stores: Iterable[_Store], url: str, profile: SiteProfile) -> tuple[Entry, ...]:
    """Return the articles of the records, each of which is a row's markup."""
    rows = "".join(f"<div>{row}</div>" for store in stores for row in store.rows)
    return entries(site_links(LexborHTMLParser(rows), url, profile), profile) if rows else ()


def _once(found: Iterable[Entry], profile: SiteProfile) -> tuple[Entry, ...]:
    by_key: dict[str, Entry] = {}
    for entry in found:
        by_key.setdefault(key_of(entry.url, profile), entry)
    return tuple(by_key.values())


def _after(store: _Store, url: str, profile: SiteProfile) -> tuple[str | Post, ...]:
    """Return the answer behind the one at `url`: there is none behind the last page, nor behind one without rows."""
    here = canonical(url, profile)
    if not store.rows:
        return ()
    page = _PAGE.search(here)
    if page is None:
        return _next_range(store, here, profile)
    number = int(page[2])
    if store.pages is not None and number >= store.pages:
        return ()
    target = site_url(store.following or "", url, profile)
    if target and ((ahead := _PAGE.search(target)) is None or int(ahead[2]) > number):
        return (target,) if target != here else ()
    return (_PAGE.sub(rf"\g<1>{number + 1}", here, count=1),) if store.pages is not None else ()


def _first_range(tree: LexborHTMLParser, stores: Sequence[_Store], url: str, profile: SiteProfile) -> tuple[Post, ...]:
    """Return the request for the records behind those of the page, as its script describes it."""
    rows = max((len(store.rows) for store in stores), default=0)
    if not rows:
        return ()
    for script in tree.css("script")[:_MOST_SCRIPTS]:
        text = script.text() or ""
        proxy, form = _PROXY_URL.search(text), _FORM.search(text)
        if proxy is None or form is None or not (target := site_url(proxy[1], url, profile)):
            continue
        total, per_page = _TOTAL.search(text), _PER_PAGE.search(text)
        if total is not None and rows >= int(total[1]):
            return ()
        size = max(int(per_page[1]) if per_page else 0, 1)
        pairs = [(pair[1], pair[2] or pair[3] or pair[4] or "") for pair in _PAIR.finditer(form[1])]
        return (_range(target, pairs, rows + 1, rows + _GROUP * size, size, profile),)
    return ()


def _next_range(store: _Store, here: str, profile: SiteProfile) -> tuple[Post, ...]:
    pairs = parse_qsl(urlsplit(here).query, keep_blank_values=True)
    first, last, size = (_number(dict(pairs).get(name)) for name in _RANGE)
    if not (first and last and size) or last < first or (store.records is not None and last >= store.records):
        return ()
    form = [(name, value) for name, value in pairs if name not in _RANGE]
    return (_range(here.partition("?")[0], form, last + 1, 2 * last - first + 1, size, profile),)


def _range(
    proxy: str, pairs: Sequence[tuple[str, str]], first: int, last: int, size: int, profile: SiteProfile
) -> Post:
    """Return the request for records `first` to `last`.

    Its address carries the column too: the answer to it does not say which column it is of, the next request must.
    """
    form = urlencode(pairs)
    query = urlencode(dict(zip(_RANGE, (first, last, size), strict=True)))
    return Post(canonical(f"{proxy}?{query}&{form}", profile), form)
