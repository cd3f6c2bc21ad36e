"""The template that the district federations of Qingdao (青岛) share: `/news_{section}/{id}.html`.

Seen: article addresses and the words of pages of six districts. Not seen: a listing, a pager and the HTML of any
page, so that sections are discovered from the home page and articles are read by the generic extractor.
"""

from __future__ import annotations

import re

from crawler.families.generic import GenericFamily


class QingdaoFamily(GenericFamily):
    """Sites named `qd…zgh.cn`; ids are one sequence over all sections of a site and rise with time."""

    name = "qingdao"
    url_signs = re.compile(r"^https?://(?:www\.)?qd[a-z]+zgh\.cn/")
    article_url = re.compile(r"^https?://[^/?#]+/news_\d+/\d+\.html$")
