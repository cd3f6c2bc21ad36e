"""What `verify` finds: where something is wrong, what, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `where` (a file and offset, or a table and key), `what`, and the `fix`."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return " ".join(f"{self.where}: {self.what}; {self.fix}".split())


Report = Callable[[Problem], None]
