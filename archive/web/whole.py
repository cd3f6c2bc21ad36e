"""Asking archive.db itself: what our own pages count, and readers' SQL may not see (archive.web.connection)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from archive.database import read_database
from archive.web.asking import PATIENCE, within
from archive.web.metadata import DATABASE

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")


async def ask_whole(datasette: Datasette, work: Callable[[sqlite3.Connection], T], milliseconds: int = PATIENCE) -> T:
    """Return what `work` reads, on a connection of its own, in a thread. Raises TooSlow after the time limit.

    What restricted articles say is not in archive.db. Their addresses are (in captures, frontier and incidents): `work`
    must not show those.
    """
    path = Path(datasette.get_database(DATABASE).path)

    def read() -> T:
        with closing(read_database(path)) as db:
            return within(db.conn, work, milliseconds)

    return await asyncio.to_thread(read)
