"""Reads listing pages for the tests of families."""

from pathlib import Path

from crawler.families import FAMILIES
from crawler.families.base import Listing
from crawler.profile import SiteProfile
from crawler.values import regex

LISTINGS = Path(__file__).parent / "listings"
EXAMPLE = SiteProfile(
    "example", "a", "http://gh.example/", ("gh.example",), article_url=regex(r"/show\.asp\?id=\d+$|/a/\d+\.html$")
)


def listing(body: bytes | str, url: str, profile: SiteProfile = EXAMPLE, content_type: str | None = None) -> Listing:
    """Read a listing page that a test writes itself."""
    raw = body.encode() if isinstance(body, str) else body
    return FAMILIES[profile.family].listing(raw, url, profile, content_type=content_type)


def read(saved: str, url: str, profile: SiteProfile, content_type: str | None = None) -> Listing:
    """Read a saved listing page."""
    return listing((LISTINGS / saved).read_bytes(), url, profile, content_type)
