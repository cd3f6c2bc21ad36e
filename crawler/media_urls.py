"""Addresses of pictures and attachments: as articles name them, and as they are asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from w3lib.url import safe_url_string

from crawler import urls

if TYPE_CHECKING:
    from crawler.profile import SiteProfile


def address(named: str, profile: SiteProfile) -> str | None:
    """Return the address that is asked for where an article names this one; None where it is not to be fetched."""
    try:
        found = safe_url_string(named).partition("#")[0]
    except ValueError:
        return None
    return found if is_allowed(found, profile) else None


def is_allowed(url: str, profile: SiteProfile) -> bool:
    """Say whether a picture or file may be fetched from there: a host of the site, or one of its `[media] hosts`."""
    return urls.on_site(url, profile) or (bool(profile.media_hosts) and urls.on_site(url, _elsewhere(profile)))


@lru_cache(maxsize=256)
def _elsewhere(profile: SiteProfile) -> SiteProfile:
    return replace(profile, hosts=profile.media_hosts)
