"""Drupal, of the AFL-CIO, the ETUC, the TUC, China Labour Bulletin and other unions.

Articles are wherever the site's aliases put them: the profile says. Page n of a listing is `?page={n-1}`. An article is
also at `/node/{id}`; the two addresses do not tell that they are one: let a profile's `article_url` take one of them.

Seen: addresses of articles and of `?page=` in stored pages, `.field-name-body` (Drupal 7) in a crawler, the template
of the pager (8 and later) in Drupal's own code, heads of pages in public code. Not seen: a listing of a union's site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser

from crawler.families.base import numbered
from crawler.families.counting import by_parameter, page_after
from crawler.families.generic import GenericFamily
from crawler.families.links import Link
from crawler.profile import Layout, SiteProfile

_place = by_parameter(re.compile("page"), 0)


class DrupalFamily(GenericFamily):
    """Sites of Drupal."""

    name = "drupal"
    html_signs = re.compile(
        r"<meta\s+name=\"generator\"\s+content=\"Drupal\b|data-drupal-(?:selector|link-system-path)="
        r"|jQuery\.extend\(Drupal\.settings|<body[^>]{0,300}\bpage-node-\d",
        re.I,
    )
    layouts = numbered(
        "drupal",
        # Drupal 7, and 8 and later; the author is who the page says has submitted it.
        Layout("", body=".field-name-body", author=".submitted .username"),
        Layout("", body="article .field--name-body, .node .field--name-body"),
    )

    def next_pages(
        self, tree: LexborHTMLParser, links: Sequence[Link], url: str, profile: SiteProfile
    ) -> tuple[str, ...]:
        """Return the linked page with the next number, in whatever language the pager is; else what the pager names."""
        counted = page_after(links, url, profile, _place)
        return super().next_pages(tree, links, url, profile) if counted is None else counted
