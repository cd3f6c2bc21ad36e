"""Options of a crawl: what a person asks of it, on the command line or as Scrapy arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked of a crawl."""

    limit: int | None = None
    """Articles a site."""
    after: str | None = None
    """ISO day: articles known to be older are left out."""
    section: str | None = None
    full: bool = False
    """Ignore what is known."""
    due: bool = False
    """Only what is due: listings and articles whose next check has come."""
    replay: tuple[str, ...] = ()
    """WARC files to read instead of the network."""
    sample: int | None = None
    """Articles of each listing, whose further pages are then left alone: a look at the site, not a crawl of it."""


def options_from(arguments: dict[str, Any]) -> Options:
    """Return the options that Scrapy arguments (`-a limit=5 -a replay=a.warc.gz,b.warc.gz`) ask for."""
    limit = arguments.pop("limit", None)
    replay = arguments.pop("replay", None)
    return Options(
        limit=int(limit) if limit is not None else None,
        after=arguments.pop("after", None),
        section=arguments.pop("section", None),
        full=str(arguments.pop("full", "")).lower() in ("1", "true", "yes"),
        due=str(arguments.pop("due", "")).lower() in ("1", "true", "yes"),
        replay=tuple(replay.split(",")) if replay else (),
    )
