"""ExtractionError: why a page is no article."""

from __future__ import annotations


class ExtractionError(ValueError):
    """A page is no article: the message names the URL, what is missing or wrong, then the fix."""

    def __init__(self, url: str, reason: str, fix: str) -> None:
        super().__init__(f"{url}: {reason}; {fix}")
        self.url = url
        self.reason = reason
