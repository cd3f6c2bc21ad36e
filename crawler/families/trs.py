"""TRS WCM (拓尔思), of acftu.org, hebzgfw.cn, ordoszgh.gov.cn and many government sites.

Articles are `{YYYYMM}/t{YYYYMMDD}_{id}.html` beside their column's listing, whose script calls
`createPageHTML(pages, current, "index", "html")`: page 1 is `index.html`, page k `index_{k-1}.html`. Some sites number
the files from 1, so that page 2 is `index_2.html`: `index_base = 1` in [options].

Seen: addresses in stored pages and crawlers; article pages in saved pages of government sites; the call and its files
in crawlers of 2019 to 2025. No listing page was seen whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link, base_url
from crawler.profile import Layout, SiteProfile
from crawler.urls import canonical
from crawler.values import either

_CALL = re.compile(
    r"createPageHTML\(\s*(?:['\"][\w-]*['\"]\s*,\s*)?(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*['\"]([\w-]+)['\"]\s*,"
    r"\s*['\"](\w+)['\"]"
)
#: Scripts that are looked through for the call.
_MOST_SCRIPTS = 200


class TrsFamily(GenericFamily):
    """Sites of TRS WCM."""

    name = "trs"
    article_url = re.compile(r"^https?://[^?#]+/t20\d{6}_\d+\.s?html?$")
    url_signs = re.compile(r"^https?://[^?#]+/20\d{4}/t20\d{6}_\d+\.s?html?$")
    html_signs = re.compile(r"createPageHTML\(|TRS_Editor|trs_editor_view|TRS_UEDITOR")
    options = {"index_base": either(0, 1)}  # noqa: RUF012 (read, never written)
    layouts = numbered(
        "trs",
        Layout("", body=".TRS_Editor"),
        Layout("", body=".trs_editor_view, .TRS_UEDITOR"),
    )

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the page after this one as its script counts them; without the script, what the pager's links name."""
        for script in tree.css("script")[:_MOST_SCRIPTS]:
            if (call := _CALL.search(script.text() or "")) is None:
                continue
            pages, current = int(call[1]), int(call[2])
            if current + 1 >= pages:
                return ()
            # The file of page k + 1 is numbered k, or k + 1.
            number = current + 1 + profile.option("index_base", 0)
            target = canonical(urljoin(base_url(tree, url), f"{call[3]}_{number}.{call[4]}"), profile)
            return (target,) if target != canonical(url, profile) else ()
        return super().next_pages(tree, links, url, profile)
