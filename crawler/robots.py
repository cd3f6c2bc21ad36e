"""robots.txt, asked before anything else of a host: what may be fetched, and how slowly."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

#: RFC 9309 §2.5: a crawler reads at least the first 500 KiB.
MAX_BYTES = 500 * 1024
#: A longer delay than this is a mistake or a refusal; the site is then left alone for the run.
MAX_DELAY = 120.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says to us. `delay` is in seconds, None where it asks for none.

    `available` is False when the host did not answer: then nothing may be fetched from it for now
    (RFC 9309 §2.3.1.4).
    """

    available: bool
    note: str
    delay: float | None = None
    parser: Protego | None = None
    agent: str = "*"

    def allows(self, url: str) -> bool:
        """Say whether `url` may be fetched."""
        return self.available and (self.parser is None or bool(self.parser.can_fetch(url, self.agent)))


def origin(url: str) -> str:
    """Return scheme, host and port of a URL: each has a robots.txt of its own."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def robots_url(origin_: str) -> str:
    """Return where an origin keeps its robots.txt."""
    return origin_ + "/robots.txt"


def answered(status: int, body: bytes, agent: str) -> Rules:
    """Return the rules that an answer gives: 2xx is read, 3xx and 4xx mean none, 5xx means wait (RFC 9309 §2.3.1)."""
    if status >= 500 or status == 429:
        return Rules(False, f"robots.txt answered {status}")
    if status >= 300:
        return Rules(True, f"robots.txt answered {status}: everything is allowed")
    parser = Protego.parse(_text(body))
    delays = [float(delay) for delay in (parser.crawl_delay(agent),) if delay is not None]
    rate = parser.request_rate(agent)
    if rate is not None and rate.requests:
        delays.append(rate.seconds / rate.requests)
    delay = max(delays, default=None)
    if delay is not None and delay > MAX_DELAY:
        return Rules(False, f"robots.txt asks for {delay:g} s between requests, more than {MAX_DELAY:g} s")
    return Rules(True, "robots.txt read", delay, parser, agent)


def _text(body: bytes) -> str:
    """Return what is read of a robots.txt; a line that is cut would forbid more than it says."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES].rpartition(b"\n")[0]
    return body.decode("utf-8-sig", "replace")


def silent(reason: str) -> Rules:
    """Return the rules of a host whose robots.txt could not be had: it waits."""
    return Rules(False, f"robots.txt: {reason}")
