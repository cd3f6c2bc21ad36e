"""What SQL from strangers may use: limits of each connection on time, memory, sizes and functions.

Datasette ends a statement by the clock, but looks at it only between SQLite's steps, and counts no memory. Here is what
a single step or a single row could still do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

#: Bytes of one value. A page of 2 MB, the most that is read, makes far smaller ones; a query could ask for a gigabyte.
MAX_VALUE = 16 * 2**20
#: Characters and bytes of all rows that one statement returns.
MAX_ANSWER = 64 * 2**20
#: Bytes that SQLite may hold in this process, all connections together.
MAX_HEAP = 512 * 2**20
#: Characters that `trim` and its like may be asked to strip; SQLite looks at each of them for every character.
MAX_STRIPPED = 100

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    # A long pattern is compared within one step, at every character of the text.
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}

#: Functions that no question about articles needs, and that fill memory or take quadratic time within one step.
FORBIDDEN_FUNCTIONS = frozenset(
    {"format", "fts3_tokenizer", "json_patch", "load_extension", "printf", "randomblob", "zeroblob"}
)
#: Virtual tables that show other readers' statements, or walk the whole file.
FORBIDDEN_TABLES = frozenset({"dbstat", "sqlite_stmt"})


def prepare(connection: sqlite3.Connection) -> None:
    """Limit what statements of a connection may use. Rows stay sqlite3.Row; MAX_HEAP holds for the whole process.

    A connection has one authorizer: one that is set afterwards has to ask `authorize` too.
    """
    connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP}")
    for category, limit in LIMITS.items():
        connection.setlimit(category, limit)
    for name, arguments, function in _FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    connection.row_factory = _counting_rows()
    connection.set_authorizer(authorize)


def authorize(action: int, first: str | None, second: str | None, database: str | None, by: str | None) -> int:
    """Say whether a statement may be prepared, as SQLite's authorizer: without what is forbidden above."""
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and (first or "").lower() in FORBIDDEN_TABLES:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _counting_rows() -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """Return a row factory that raises OperationalError when a cursor has given more than MAX_ANSWER."""
    given: WeakKeyDictionary[sqlite3.Cursor, int] = WeakKeyDictionary()

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        size = given.get(cursor, 0) + sum([len(value) for value in values if isinstance(value, (str, bytes))])
        if size > MAX_ANSWER:
            raise sqlite3.OperationalError(
                f"the answer is larger than {MAX_ANSWER // 2**20} MB; ask for fewer rows (LIMIT) or columns"
            )
        given[cursor] = size
        return sqlite3.Row(cursor, values)

    return row


# SQLite's own functions of these names compare at every character: two megabytes in another two take it minutes,
# within one step, where no time limit reaches. Python's need time in proportion to the text.

_Value = str | bytes | int | float | None

#: SQLite answers it with "string or blob too big". An exception would be printed for the server's operator to read.
_TOO_BIG = " " * (MAX_VALUE + 1)


def _text(value: _Value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _instr(text: _Value, part: _Value) -> int | None:
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _replace(text: _Value, old: _Value, new: _Value) -> _Value:
    if text is None or old is None or new is None:
        return None
    whole, part, other = _text(text), _text(old), _text(new)
    if not part:
        return whole
    if len(whole) + whole.count(part) * (len(other) - len(part)) > MAX_VALUE:
        return _TOO_BIG
    return whole.replace(part, other)


def _stripped(strip: Callable[[str, str], str]) -> Callable[[_Value, _Value], str | None]:
    def stripped(text: _Value, characters: _Value) -> str | None:
        if text is None or characters is None:
            return None
        stripping = "".join(dict.fromkeys(_text(characters)))
        return strip(_text(text), stripping) if len(stripping) <= MAX_STRIPPED else _TOO_BIG

    return stripped


_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("instr", 2, _instr),
    ("replace", 3, _replace),
    ("trim", 2, _stripped(str.strip)),
    ("ltrim", 2, _stripped(str.lstrip)),
    ("rtrim", 2, _stripped(str.rstrip)),
)
