"""Every saved page is read as its JSON file says, and complains when it is broken on purpose."""

from __future__ import annotations

import difflib
import json
import shutil
from dataclasses import replace
from functools import cache

import pytest
from saved_pages import FIELDS, PAGES, SavedPage, dump, load, plain, saved_pages, update

from archive.article import Article, Image
from crawler.extraction import ExtractionError, extract
from crawler.families.base import Entry
from crawler.registry import registry

every_page = pytest.mark.parametrize("page", saved_pages(), ids=lambda page: page.id)


@cache
def profile_of(site: str | None):
    return None if site is None else registry()[site]


def read(page: SavedPage, html: bytes, listing: Entry | None = None) -> Article:
    return extract(
        html,
        page.url,
        content_type=page.content_type,
        profile=profile_of(page.site),
        fetched_at=page.fetched,
        listing=listing,
    )


def differences(expected: dict, article: Article) -> str:
    found = plain(article)
    lines = []
    for name, right in expected.items():
        if found[name] == right:
            continue
        if name == "text":
            texts = right.split("\n\n"), found[name].split("\n\n")
            diff = difflib.unified_diff(*texts, "right", "read", lineterm="", n=0)
            lines.append("text:\n    " + "\n    ".join(diff))
        else:
            lines.append(f"{name}: right {right!r}\n{' ' * len(name)}   read {found[name]!r}")
    return "\n".join(lines)


@every_page
def test_page_is_read_as_expected(page: SavedPage, request: pytest.FixtureRequest):
    article = read(page, page.html, Entry(**page.listing) if page.listing else None)
    if request.config.getoption("--update-expected"):
        update(page, article)
        page = load(page.path)
    assert page.expected, f"{page.id}: its JSON file expects nothing; --update-expected writes a draft"
    found = differences(page.expected, article)
    assert not found, f"{page.id} (layout {article.layout})\n{found}"


@every_page
def test_emptied_page_is_no_article(page: SavedPage):
    with pytest.raises(ExtractionError):
        read(page, b"")


@every_page
def test_page_cut_before_its_body_is_no_article(page: SavedPage):
    with pytest.raises(ExtractionError):
        read(page, page.without_body)


@every_page
def test_page_without_digits_has_no_date(page: SavedPage):
    article = read(page, page.without_digits)
    assert article.published_at is None or article.published_from == "url"


@every_page
def test_saved_page_is_sound(page: SavedPage):
    page.html.decode(page.encoding)  # raw bytes: nothing was lost on the way into the file
    assert page.without_body.strip()
    meta = page.path.with_suffix(".json").read_text(encoding="utf-8")
    assert "\ufffd" not in meta
    assert meta == dump(json.loads(meta))
    assert page.expected["title"]
    assert page.expected["text"] or any(image["caption"] for image in page.expected["images"])
    assert set(page.expected) <= set(FIELDS)


def test_every_json_file_has_its_page():
    pages = {path.with_suffix("") for path in PAGES.glob("*/*.html")}
    assert pages == {path.with_suffix("") for path in PAGES.glob("*/*.json")}


READ = Article(url="https://a.example/1", title="标题", text="正文" * 20, html="<p>正文</p>")


@pytest.fixture
def draft(tmp_path):
    for path in (PAGES / "workercn").glob("2024-06-night-drill.*"):
        shutil.copy(path, tmp_path)
    return load(tmp_path / "2024-06-night-drill.html")


def test_update_rewrites_the_named_fields_and_nothing_else(draft: SavedPage):
    html = draft.html
    update(draft, READ)
    after = load(draft.path)
    assert after.expected == {name: value for name, value in plain(READ).items() if name in draft.expected}
    assert (after.url, after.body, after.listing) == (draft.url, draft.body, draft.listing)
    assert after.html == html


def test_update_writes_every_field_where_none_is_named(draft: SavedPage):
    update(replace(draft, expected={}), READ)
    assert load(draft.path).expected == plain(READ)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"title": ""}, "no title"),
        ({"text": ""}, "no text"),
        ({"text": "", "images": (Image("https://a.example/1.jpg"),)}, "no text"),
        ({"source": "工人\ufffd报"}, r"U\+FFFD"),
    ],
)
def test_update_refuses_what_cannot_be_right(draft: SavedPage, wrong, reason):
    before = draft.path.with_suffix(".json").read_bytes()
    with pytest.raises(ValueError, match=reason):
        update(draft, replace(READ, **wrong))
    assert draft.path.with_suffix(".json").read_bytes() == before


def test_update_keeps_a_photo_story(draft: SavedPage):
    story = replace(READ, text="", images=(Image("https://a.example/1.jpg", "说明"),))
    update(draft, story)
    assert load(draft.path).expected["text"] == ""
