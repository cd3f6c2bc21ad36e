"""hanweb jpaas (大汉集约化平台), the younger system of hanweb: ministries, Zhejiang, Jiangsu, Shandong.

Articles are `…/art/{Y}/art_{32 hex digits}.html`; beside them stand those of JCMS, which it replaced. A list page holds
no rows, but scripts with a `queryData` attribute, an object in single quotes. The browser sends it to
`/api-gateway/jpaas-publish-server/front/page/build/unit` and shows `data.html` of the JSON that comes back; page n is
asked for with `paramJson={"pageNo":n,"pageSize":rows}` besides.

Seen: the script, the requests and their answers in crawlers of 2022 to 2026. Not seen: a page whole; which of several
units of a page is its list, so that each of them is asked for; the element around an article's text.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Listing, numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import site_links, site_url
from crawler.families.rows import entries
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
#: Scripts of a page that are looked at, units of it that are asked for, and the values of one.
_MOST_SCRIPTS, _MOST_UNITS, _MOST_VALUES = 200, 5, 30
#: Rows of a page where the answer does not say.
_ROWS = 15


class JpaasFamily(GenericFamily):
    """Sites of hanweb jpaas."""

    name = "jpaas"
    article_url = re.compile(
        r"^https?://[^?#]+/art/(?:19|20)\d\d/(?:art_[0-9a-f]{32}|\d{1,2}/\d{1,2}/art_\d+_\d+)\.html$"
    )
    url_signs = re.compile(r"^https?://[^?#]+/art/20\d\d/art_[0-9a-f]{32}\.html$")
    html_signs = re.compile(r"/api-gateway/jpaas-publish-server/|/AuthorizedRead/unitbuild\.js")
    layouts = numbered("jpaas", Layout("", body="#zoom, #Zoom"))

    def listing(self, body: bytes, url: str, profile: SiteProfile, *, content_type: str | None = None) -> Listing:
        """Read a list page, whose units are its `parts`, or a unit by its address.

        Raises ValueError where a unit is no JSON with `data.html`, and where none of a page's `queryData` can be read.
        """
        if urlsplit(url).path.endswith(_UNIT):
            return _read_unit(body, url, profile)
        tree, _ = self.parse(body, profile, content_type)
        found = super().listing(body, url, profile, content_type=content_type)
        return replace(found, parts=_units(tree, url, profile))


def _units(tree: LexborHTMLParser, url: str, profile: SiteProfile) -> tuple[str, ...]:
    """Return the addresses of the units that a list page is built of."""
    named, found = 0, []
    for script in tree.css("script[querydata]")[:_MOST_SCRIPTS]:
        target = site_url(script.attributes.get("url") or _UNIT, url, profile)
        if not target or not urlsplit(target).path.endswith(_UNIT):
            continue
        named += 1
        try:
            query = json.loads((script.attributes["querydata"] or "").replace("'", '"'))
        except (ValueError, RecursionError):
            continue
        if isinstance(query, dict) and query.get("pageId"):
            values = {name: str(value) for name, value in [*query.items()][:_MOST_VALUES]}
            found.append(canonical(f"{target}?{urlencode(values)}", profile))
    if named and not found:
        raise ValueError(f"{url}: no queryData of the page can be read; look at the page and give the unit's address")
    return tuple(dict.fromkeys(found))[:_MOST_UNITS]


def _read_unit(body: bytes, url: str, profile: SiteProfile) -> Listing:
    """Return the articles of a unit, and the page after it while there are any."""
    fix = "check the section's address"
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{url}: no JSON ({error}); {fix}") from error
    data = answer.get("data") if isinstance(answer, dict) else None
    html = data.get("html") if isinstance(data, dict) else None
    if not isinstance(html, str):
        raise ValueError(f"{url}: the JSON has no data.html; {fix}")
    tree = LexborHTMLParser(html)
    found = entries(site_links(tree, url, profile), profile)
    return Listing(found, _after(tree, url, profile) if found else ())


def _after(tree: LexborHTMLParser, url: str, profile: SiteProfile) -> tuple[str, ...]:
    """Return the address of the page after the one at `url`, as its `div.pagination[rows][count]` counts them."""
    here = canonical(url, profile)
    asked = _asked(here)
    page = asked.get("pageNo", 1)
    pager = tree.css_first("div.pagination[rows]")
    attributes = pager.attributes if pager else {}
    rows = _number(attributes.get("rows")) or asked.get("pageSize") or _ROWS
    count = _number(attributes.get("count"))
    if count is not None and page * rows >= count:
        return ()
    plain = re.sub(r"&paramJson=[^&]*", "", here)
    paged = urlencode({"paramJson": json.dumps({"pageNo": page + 1, "pageSize": rows}, separators=(",", ":"))})
    return (canonical(f"{plain}&{paged}", profile),)


def _asked(url: str) -> dict[str, int]:
    """Return the numbers of `paramJson` in an address; a page number or size that is none is left out."""
    try:
        asked = json.loads(parse_qs(urlsplit(url).query).get("paramJson", ["{}"])[0])
    except (ValueError, RecursionError):
        return {}
    values = asked.items() if isinstance(asked, dict) else ()
    return {name: number for name, value in values if (number := _number(str(value)))}


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text, re.ASCII) else None
