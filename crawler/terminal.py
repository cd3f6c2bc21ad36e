"""The end of a terminal: a few rows that are kept up to date there, while lines scroll by above them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TextIO

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

#: Columns between two of a table.
_GAP = 2


class _Console(Console):
    @property  # type: ignore[misc]  # nobody sets it
    def size(self) -> ConsoleDimensions:
        """Return the size of this terminal now, whatever variables say and other streams are."""
        columns, lines = os.get_terminal_size(self.file.fileno())
        return ConsoleDimensions(columns or 80, lines or 25)  # some terminals do not know

    def show_cursor(self, show: bool = True) -> bool:
        """Leave the cursor as it is: what is never hidden need not be restored, even by a process that is killed."""
        return False


class Terminal:
    """Keeps rows at the end of the terminal of stderr. Use as a context manager; log lines are printed above them."""

    def __init__(self) -> None:
        # Long lines are left to the terminal to fold.
        self._console = _Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
        # Where stdout goes elsewhere, what is printed there tears nothing.
        self._with_stdout = sys.stdout.isatty()
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=self._with_stdout,
            vertical_overflow="crop",
        )
        self._stderr: TextIO = sys.stderr

    def __enter__(self) -> Terminal:
        self._live.start()
        _move_log(self._stderr, sys.stderr)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        proxy = sys.stderr
        self._live.stop()
        _move_log(proxy, self._stderr)

    @property
    def height(self) -> int:
        """Lines of the terminal now."""
        return self._console.height

    def draw(self, rows: Sequence[Mapping[str, str]], spare: Sequence[str], lines: Sequence[str]) -> None:
        """Show a table of `rows` and `lines` below it instead of what was shown.

        Where the terminal is too narrow, columns of `spare` are left out, in their order, until the rest fits; a line
        is cut.
        """
        parts: list[RenderableType] = [_table(rows, spare, self._console.width)] if rows else []
        parts += [Text(line, no_wrap=True, overflow="ellipsis") for line in lines]
        self._live.update(Group(*parts), refresh=True)

    def print(self, text: str) -> None:
        """Print text above the rows."""
        self._console.print(Text(text))

    def print_out(self, text: str, shown: str) -> None:
        """Print `text` on stdout. Where that is no terminal, `shown` tells of it on this one."""
        if self._with_stdout:
            self.print(text)
            return
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        self.print(shown)


def _table(rows: Sequence[Mapping[str, str]], spare: Sequence[str], width: int) -> Table:
    """Return a table of rows with the same keys: the first and the last column to the left, numbers between them."""
    names = list(rows[0])
    needs = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    left = list(spare)
    while left and sum(needs.values()) + _GAP * (len(needs) - 1) > width:
        needs.pop(left.pop(0))
    made = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim", show_edge=False)
    for name in needs:
        words = name in (names[0], names[-1])
        made.add_column(name, justify="left" if words else "right", no_wrap=True, overflow="ellipsis")
    for row in rows:
        made.add_row(*(Text(row[name]) for name in needs))
    return made


def _move_log(source: TextIO, target: TextIO) -> None:
    """Have what is logged to one stream go to another."""
    for handler in logging.root.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is source:
            handler.setStream(target)
