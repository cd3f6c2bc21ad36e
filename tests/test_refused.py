"""Every refused page is no article, and the error says why it is none."""

from __future__ import annotations

import json

import pytest
from saved_pages import REFUSED, RefusedPage, dump, refused_pages

from crawler.extraction import ExtractionError, extract

every_page = pytest.mark.parametrize("page", refused_pages(), ids=lambda page: page.id)


@every_page
def test_page_is_refused_for_the_right_reason(page: RefusedPage):
    with pytest.raises(ExtractionError) as caught:
        extract(page.html, page.url, content_type=page.content_type, fetched_at=page.fetched)
    assert page.reason in caught.value.reason.lower(), f"{page.id}: right {page.reason!r}, said {caught.value.reason!r}"
    assert str(caught.value).startswith(page.url)


@every_page
def test_refused_page_is_sound(page: RefusedPage):
    page.html.decode(page.encoding)
    meta = page.path.with_suffix(".json").read_text(encoding="utf-8")
    assert meta == dump(json.loads(meta))
    assert page.reason == page.reason.strip().lower() != ""


def test_every_json_file_has_its_page():
    pages = {path.with_suffix("") for path in REFUSED.glob("*.html")}
    assert pages == {path.with_suffix("") for path in REFUSED.glob("*.json")}
