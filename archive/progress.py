"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tqdm import tqdm

#: Seconds between plain lines.
PLAIN_SECONDS = 30.0


class Progress:
    """Counts units of work of a known total. Use as a context manager; `note` prints a line between."""

    def __init__(self, what: str, total: int, unit: str, *, scale: bool = False) -> None:
        self.what = what
        self.total = total
        self.unit = unit
        self.count = 0
        self._said = time.monotonic()
        self._bar: tqdm[Any] | None = None
        if sys.stderr.isatty():
            from tqdm import tqdm  # takes longer to import than most commands to run

            self._bar = tqdm(
                total=total, desc=what, unit=unit, unit_scale=scale, leave=False, file=sys.stderr, smoothing=0.1
            )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, count: int = 1) -> None:
        """Note that `count` more units are done."""
        self.count += count
        if self._bar is not None:
            self._bar.update(count)
        elif time.monotonic() - self._said >= PLAIN_SECONDS:
            self._said = time.monotonic()
            click.echo(f"{self.what}: {self.count:,} of {self.total:,} {self.unit}", err=True)

    def note(self, line: str, *, err: bool = False) -> None:
        """Print a line on stdout (or stderr) without tearing the bar."""
        if self._bar is None:
            click.echo(line, err=err)
        else:
            with self._bar.external_write_mode(file=sys.stderr):
                click.echo(line, err=err)
