"""Every profile is a spider: `scrapy list` and `scrapy crawl SITE` see the registry."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.profile import SiteProfile
from crawler.registry import registry
from crawler.urls import site_of

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings


class ProfileSpiderLoader:
    """Scrapy's spider loader over the package's profiles and those of the archive in use.

    The archive is the setting UNION_ARCHIVE, else the environment's UNION_ARCHIVE, else ./data. Raises ProfileError
    when a profile cannot be used. Unsupported sites have no spider.
    """

    def __init__(self, settings: BaseSettings) -> None:
        archive = settings.get("UNION_ARCHIVE") or os.environ.get("UNION_ARCHIVE") or "data"
        self._profiles = registry(Path(archive) / "sites")

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> ProfileSpiderLoader:
        """Return a loader for the project's settings."""
        return cls(settings)

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of the site `spider_name`; KeyError when there is no such site, or none to crawl."""
        profile = self._profiles.get(spider_name)
        if profile is None:
            raise KeyError(f"{spider_name}: no such site; `scrapy list` names them")
        if profile.status == "unsupported":
            raise KeyError(f"{spider_name}: the site is unsupported ({profile.reason}); choose another")
        return spider_class(profile)

    def list(self) -> Sequence[str]:
        """Return the ids of the sites that can be crawled."""
        return [name for name, profile in self._profiles.items() if profile.status != "unsupported"]

    def find_by_request(self, request: Request) -> Sequence[str]:
        """Return the ids of the sites that the request's URL lies on."""
        return [name for name in self.list() if site_of(request.url, [self._profiles[name]])]


def spider_class(profile: SiteProfile) -> type[Spider]:
    """Return the spider of one site: SiteSpider with the site's `name` and `profile`."""
    # Listing the sites needs no spider code.
    from crawler.spiders.site import SiteSpider

    return type("SiteSpider", (SiteSpider,), {"name": profile.id, "profile": profile, "__module__": __name__})
