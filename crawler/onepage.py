"""One page to its article, for `union-archive extract`: from a file or an address, nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx

from archive import __version__
from archive.article import Article
from archive.errors import ArchiveError
from crawler import robots, urls
from crawler.profile import SiteProfile
from crawler.reading import Page, Reading
from crawler.worker import Worker

TIMEOUT = 60.0


def extract_page(
    page: str, url: str | None, profile: SiteProfile | None, profiles: Mapping[str, SiteProfile], *, contact: str | None
) -> Article:
    """Return the article of a file (`url` is then its address) or of an address. Raises ArchiveError saying why not."""
    content_type = None
    if page.startswith(("http://", "https://")):
        url = page
        body, content_type = _fetch(page, contact)
    else:
        try:
            body = Path(page).read_bytes()
        except OSError as error:
            raise ArchiveError(
                f"{page}: cannot be read ({error.strerror}); give a file or an http(s) address"
            ) from error
        url = url or "http://page.example/"
    profile = profile or urls.site_of(url, profiles.values())
    address = urls.canonical(url, profile) if profile is not None else url
    asked = Page("article", body, address, datetime.now(UTC), content_type)
    reading = asyncio.run(_read(asked, profile))
    if reading.article is None:
        raise ArchiveError(reading.error or f"{url}: no article")
    return reading.article


async def _read(page: Page, profile: SiteProfile | None) -> Reading:
    worker = Worker()
    try:
        return await worker.read([page], profile)
    finally:
        await worker.close()


def _fetch(url: str, contact: str | None) -> tuple[bytes, str | None]:
    """Fetch one page as the crawl would: by robots.txt, under our own name."""
    agent = f"union-archive/{__version__}" + (f" (+{contact})" if contact else "")
    try:
        with httpx.Client(headers={"User-Agent": agent}, timeout=TIMEOUT, follow_redirects=True) as client:
            answer = client.get(robots.robots_url(robots.origin(url)))
            rules = robots.answered(answer.status_code, answer.content, "union-archive")
            if not rules.allows(url):
                raise ArchiveError(
                    f"{url}: {rules.note}; robots.txt does not allow it" if rules.available else rules.note
                )
            response = client.get(url)
            response.raise_for_status()
            return response.content, response.headers.get("Content-Type")
    except httpx.HTTPError as error:
        raise ArchiveError(f"{url}: cannot be fetched ({error}); check the address and the network") from error
