"""ExtractionError: why a page is no article."""

from __future__ import annotations

import re

#: How the reason begins where a page says that there is no such page.
MISSING = "not an article: error page (页面不存在)"
_REFUSAL = re.compile(r"not an article: ((?:challenge|login|script|maintenance|error|empty) page)")


class ExtractionError(ValueError):
    """A page is no article: the message names the URL, what is missing or wrong, then the fix."""

    def __init__(self, url: str, reason: str, fix: str) -> None:
        super().__init__(f"{url}: {reason}; {fix}")
        self.url = url
        self.reason = reason

    @property
    def refusal(self) -> str | None:
        """What the page is instead where it says so: `missing page`, `challenge page`, `error page`, …"""
        if self.reason.startswith(MISSING):
            return "missing page"
        match = _REFUSAL.match(self.reason)
        return match and match[1]
