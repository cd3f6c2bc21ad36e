"""The captures that ship for `union-archive demo` are those that tests/make_demo.py builds, and they are sound."""

from __future__ import annotations

import zlib
from datetime import datetime
from functools import cache

import make_demo
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from seed_pages import stories
from warcio.checker import Checker

from crawler.extraction import extract
from crawler.families.base import Listing
from crawler.registry import registry
from crawler.urls import is_article, key

SITES = ("workercn", "qdcyzgh")


def members(content: bytes) -> list[bytes]:
    """Return what each gzip member holds."""
    found = []
    while content:
        member = zlib.decompressobj(31)
        found.append(member.decompress(content))
        content = member.unused_data
    return found


@cache
def responses() -> dict[str, tuple[str, bytes]]:
    """Return the content type and body of every answer in the shipped file, by URL."""
    found = {}
    with make_demo.DEMO.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            if record.http_headers.status_code == 200:
                url = record.headers["WARC-Target-URI"]
                found[url] = record.http_headers["Content-Type"], record.reader.read()
    return found


def profile_of(url: str):
    return registry()["workercn" if "workercn.cn" in url else "qdcyzgh"]


def article_urls() -> list[str]:
    return [url for url in responses() if is_article(url, profile_of(url))]


def test_shipped_file_is_what_the_program_builds():
    # Members are compared unpacked: another zlib may pack the same records otherwise.
    shipped = make_demo.DEMO.read_bytes()
    assert members(shipped) == members(make_demo.build()), "run python tests/make_demo.py"
    assert len(shipped) < 200_000


def test_two_builds_are_equal():
    assert make_demo.build() == make_demo.build()


def test_fastwarc_confirms_every_digest():
    kinds = []
    with make_demo.DEMO.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            kinds.append(record.record_type)
            assert record.verify_block_digest(), record.record_id
    with make_demo.DEMO.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            assert record.verify_payload_digest(), record.record_id
    pairs = [WarcRecordType.request, WarcRecordType.response] * (len(kinds) // 2)
    assert kinds == [WarcRecordType.warcinfo, *pairs]


def test_warcio_finds_nothing_to_complain_of(capsys: pytest.CaptureFixture):
    class Arguments:
        inputs = (str(make_demo.DEMO),)
        verbose = True

    checker = Checker(Arguments)
    checker.process_all()
    assert checker.exit_value == 0
    assert "digest pass" in capsys.readouterr().out


@pytest.mark.parametrize("site", SITES)
def test_home_and_every_section_are_answered(site: str):
    profile = registry()[site]
    listed = [profile.home, *(section.url for section in profile.sections)]
    assert [url for url in listed if url not in responses()] == []


@pytest.mark.parametrize("site", SITES)
def test_listings_lead_to_every_article_and_to_nothing_else(site: str):
    profile = registry()[site]
    home = read_listing(profile.home)
    sections = [section.url for section in profile.sections or home.sections]
    listings = [home, *map(read_listing, sections)]
    led_to = {key(entry.url, profile) for listing in listings for entry in listing.entries}
    held = {key(url, profile) for url in article_urls() if profile_of(url) is profile}
    assert len(held) >= 6
    assert led_to == held


def read_listing(url: str) -> Listing:
    content_type, body = responses()[url]
    profile = profile_of(url)
    return profile.behaviour.listing(body, url, profile, content_type=content_type)


def test_every_article_is_read():
    urls = article_urls()
    assert len(urls) == len(make_demo.SAVED) + len(stories()) == 20
    for url in urls:
        content_type, body = responses()[url]
        article = extract(
            body,
            url,
            content_type=content_type,
            profile=profile_of(url),
            fetched_at=datetime.fromisoformat("2024-07-10T02:00:00Z"),
        )
        assert not article.damaged
        assert len(article.text) > 100, url


@pytest.mark.parametrize("story", stories(), ids=lambda story: str(story.id))
def test_story_is_read_as_it_was_written(story):
    article = extract(story.html, story.url, profile=registry()[story.site], content_type="text/html; charset=utf-8")
    assert article.text == story.text.strip().replace("\n", "\n\n")
    whole = "——".join(part for part in (article.title, article.subtitle) if part)
    assert whole == story.title
    assert article.source == story.source
    assert article.editors == ((story.editor,) if story.editor else ())
    assert article.published_at == (f"{story.time.replace(' ', 'T')}:00+08:00" if story.time else None)
