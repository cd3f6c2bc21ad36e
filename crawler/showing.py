"""What a person sees of crawls: rows that are kept up to date on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING

import click

from crawler.counts import Counts

if TYPE_CHECKING:
    from crawler.crawling import Summary
    from crawler.process import UnderWay
    from crawler.terminal import Terminal

logger = logging.getLogger(__name__)

#: Seconds between two looks.
TICK = 0.5
#: Seconds between plain progress lines, where stderr is no terminal.
PLAIN_SECONDS = 15.0
#: Lines of a terminal that are left to what scrolls by.
SPARE_LINES = 4
COLUMNS = (
    "site", "pages", "/s", "new", "changed", "unchanged", "failed", "waits for",
)  # fmt: skip
#: Columns that a narrow terminal lacks, the first of them first.
SPARE = ("unchanged", "/s", "changed", "waits for", "pages", "failed")


class Show:
    """Shows the crawls under way, and each that has ended as one line. Use as a context manager.

    `outlook` gives the line that says how far the whole is, and others that say what comes next.
    """

    def __init__(
        self,
        running: Mapping[str, UnderWay],
        outlook: Callable[[], list[str]],
        *,
        plain_seconds: float | None = None,
    ) -> None:
        self._running = running
        self._outlook = outlook
        self._ended = Counts()
        self._plain_seconds = PLAIN_SECONDS if plain_seconds is None else plain_seconds
        self._said = time.monotonic()
        self._terminal = _terminal()

    def __enter__(self) -> Show:
        if self._terminal is not None:
            self._terminal.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal is not None:
            self._terminal.__exit__(kind, error, trace)

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """Show how it goes until the block ends."""
        showing = asyncio.ensure_future(self._keep_up())
        try:
            yield
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)

    async def _keep_up(self) -> None:
        while True:
            try:
                self.refresh()
            except Exception:  # what cannot be shown must not end a crawl
                logger.exception("the crawls go on, but are not shown any more")
                return
            await asyncio.sleep(TICK)

    def refresh(self) -> None:
        """Show how it goes now; where there is no terminal, only when it is time for a line and there is work."""
        if self._terminal is not None:
            lines = self._outlook()
            rows = self._rows(max(self._terminal.height - len(lines) - SPARE_LINES, 1)) if self._running else []
            self._terminal.draw(rows, SPARE, lines)
        elif self._running and time.monotonic() - self._said >= self._plain_seconds:
            self.say(self._line())

    def done(self, summary: Summary, told: str) -> None:
        """Count a crawl that has ended; print `told` on stdout, unless it is empty."""
        self._ended = total([self._ended, summary.counts])
        if not told:
            return
        if self._terminal is not None:
            self._terminal.print_out(told, "\n".join(summary.lines()))
            self.refresh()
        else:
            click.echo(told)

    def say(self, text: str) -> None:
        """Print a line for a person on stderr."""
        self._said = time.monotonic()
        if self._terminal is not None:
            self._terminal.print(text)
        else:
            click.echo(text, err=True)

    def note(self, text: str) -> None:
        """Print a line that a terminal shows anyway, where there is none."""
        if self._terminal is None:
            self.say(text)

    def _counts(self) -> Counts:
        return total([self._ended, *(one.run.counts for one in self._running.values() if one.run is not None)])

    def _rows(self, most: int) -> list[dict[str, str]]:
        """Return `most` of the sites under way, those longest under way first, and the sums of all."""
        oldest = sorted(self._running.values(), key=lambda one: one.began)
        rows = [
            _row(one.profile.id, one.run.counts if one.run else Counts(), one.rate, one.waits_for())
            for one in oldest[:most]
        ]
        more = len(oldest) - len(rows)
        return [*rows, _row("all", self._counts(), self._rate(), f"and {more} more sites" if more else "")]

    def _rate(self) -> float:
        return sum(one.rate for one in self._running.values())

    def _line(self) -> str:
        counts = self._counts()
        return (
            f"{self._outlook()[0]}; {counts.pages:,} pages, {counts.articles:,} articles, "
            f"{self._rate():.1f} pages/s, {counts.failed:,} errors"
        )


def _terminal() -> Terminal | None:
    """Return the terminal of stderr; None where stderr is none, or one that cannot move its cursor."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "") in ("dumb", "unknown"):
        return None
    from crawler.terminal import Terminal  # only here: it takes a tenth of a second to import

    return Terminal()


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sums of what is shown of several counts."""
    made = Counts()
    for one in counts:
        for name in ("pages", "new", "changed", "unchanged", "failed", "requests"):
            setattr(made, name, getattr(made, name) + getattr(one, name))
    return made


def _row(name: str, counts: Counts, rate: float, waits: str) -> dict[str, str]:
    numbers = (counts.new, counts.changed, counts.unchanged, counts.failed)
    cells = (name, f"{counts.pages:,}", f"{rate:.1f}", *(f"{number:,}" for number in numbers), waits)
    return dict(zip(COLUMNS, cells, strict=True))
