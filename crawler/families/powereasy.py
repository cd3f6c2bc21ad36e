"""PowerEasy (动易 SiteWeaver, ASP), of county federations such as zjkqxqgh.cn; GBK.

Below a channel's folder (`/News/`, `/Article/`), articles are `ShowArticle.asp?ArticleID={n}`, their further pages
`…&Page=2`; lists are `ShowClass.asp?ClassID={c}&page={n}`. The server takes file names and parameters in any case. A
row's `title` attribute holds 文章标题, 作者 and 更新时间 in lines.

Seen: articles' addresses; the words of the pager in ASP code; a saved article page of the default template, with the
`title` attributes of its rows. Not seen: a list page whole; generated HTML files are left to the profile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import Entry, numbered
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.families.rows import printed_date
from crawler.profile import Layout, SiteProfile

_ARTICLE = re.compile(r"^(https?://[^?#]+/)ShowArticle\.asp\?ArticleID=(\d{1,9})(?:&Page=1)?$", re.I)
_ROW = re.compile(r"文章标题[：:]\s*(?P<title>.{1,200}?)\s*(?:作\s*者[：:].*?)?(?:(?:更新|发布)时间[：:](?P<time>.*))?")

#: Characters of a row's `title` that are read.
_LONGEST = 1000


class PowereasyFamily(GenericFamily):
    """Sites of PowerEasy's ASP edition."""

    name = "powereasy"
    article_url = _ARTICLE
    url_signs = re.compile(r"^https?://[^?#]+/Show(?:Article|Class)\.asp\?(?:Article|Class)ID=\d+", re.I)
    html_signs = re.compile(r"ShowArticle\.asp\?ArticleID=\d|GetHits\.asp\?ArticleID=\d|class=main_ArticleTitle", re.I)
    layouts = numbered("powereasy", Layout("", body="#fontzoom"))

    def key(self, url: str, profile: SiteProfile) -> str:
        """Return an article's address without `&Page=1`, in lower case as the server reads it."""
        found = _ARTICLE.match(url)
        return f"{found[1].lower()}showarticle.asp?articleid={found[2]}" if found else url

    def entries(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[Entry, ...]:
        """Return the rows, with the title and the time that the `title` attribute of each tells."""
        found = []
        for entry in super().entries(tree, links, url, profile):
            row = _ROW.fullmatch((entry.title or "")[:_LONGEST])
            if row is not None:
                told = printed_date(row["time"] or "", profile.timezone)
                entry = replace(entry, title=row["title"], date=told or entry.date)
            found.append(entry)
        return tuple(found)
