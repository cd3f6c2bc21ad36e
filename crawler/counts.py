"""Counts: what a run did so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """What a run did so far, for the progress line and the summary."""

    requests: int = 0
    pages: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    disallowed: int = 0
    found: int = 0
    """Article links seen on listings."""
    looked: int = 0
    """Listing pages that were to be read, whatever came of it."""
    listings_unchanged: int = 0
    visited: int = 0
    """Articles held whose pages were asked for again and answered."""
    withheld: int = 0
    """Of these differing, but read by no layout any more: they revise nothing."""
    media: int = 0
    """Pictures and attachments that came, or were confirmed."""
    media_failed: int = 0
    """Those that did not; no page failed by that."""
    media_elsewhere: int = 0
    """Those that articles name on hosts that are neither the site's nor its profile's `[media] hosts`."""
    challenges: int = 0
    """Pages that were a challenge to browsers, a login or a notice of maintenance."""

    @property
    def articles(self) -> int:
        """Articles stored or confirmed."""
        return self.new + self.changed + self.unchanged
