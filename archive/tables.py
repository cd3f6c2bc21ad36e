"""Which tables a database has: one that was not opened for writing since an upgrade lacks the newer ones."""

from __future__ import annotations

import sqlite3


def has_tables(connection: sqlite3.Connection, *names: str) -> bool:
    """Say whether a database has these tables."""
    held = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return held.issuperset(names)
