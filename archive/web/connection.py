"""What a reader's SQL may see of archive.db: reading only, nothing of the crawler's own, no restricted captures.

`captures` means a temporary view to every statement here: the table without the captures of what is restricted (their
text is not in archive.db, their addresses are). SQLite's authorizer lets that view alone read the table. It knows the
view by its name, and a reader's `WITH` can give any name to anything: so the view that reads has a name that is made
up for each connection and that no statement can look up.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable

from archive.search.index import INDEX

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]

#: Kept from readers: what is to be visited (its listings hold titles, also of what is restricted), what is restricted,
#: incidents (they name pages), and the bytes of the search index, where words of an article stay until its parts are
#: merged.
PRIVATE = frozenset({"frontier", "restrictions", "incidents", "reparses", f"{INDEX}_data"})

#: What could let a statement see more than its reader may. Other writes fail: the file is open for reading only.
REFUSED = frozenset(
    {
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_CREATE_TEMP_INDEX,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_CREATE_VTABLE,
        sqlite3.SQLITE_DROP_TEMP_VIEW,
    }
)

#: Those that Datasette asks with; `table_list` would tell the names of temporary views.
PRAGMAS = frozenset(
    {
        "data_version", "database_list", "foreign_key_list", "index_info", "index_list", "index_xinfo", "page_count",
        "page_size", "schema_version", "table_info", "table_xinfo",
    }
)  # fmt: skip

#: The captures of restricted articles are looked up once a statement, so that counting a million takes no time of its
#: own for each. Datasette takes `rowid` for the key of what has no primary key: its pages of rows work by it.
_VIEWS = """
CREATE TEMP VIEW {inner} AS SELECT c.* FROM main.captures AS c
    WHERE c.site NOT IN (SELECT site FROM main.restrictions WHERE uid IS NULL)
    AND c.id NOT IN (
        SELECT x.id FROM main.restrictions AS r CROSS JOIN main.captures AS x ON x.uid = r.uid
        UNION ALL
        SELECT x.id FROM main.restrictions AS r CROSS JOIN main.captures AS x ON x.site = r.site AND x.key = r.key
    );
CREATE TEMP VIEW captures AS SELECT id AS rowid, * FROM {inner};
"""


def prepare(connection: sqlite3.Connection, also: Authorizer | None = None) -> None:
    """Restrict a connection of readers to what they may see; `also` is asked about what this allows.

    To be called last: nothing can be made on the connection afterwards.
    """
    inner = f"held_{secrets.token_hex(16)}"
    # An archive of an older version knows no restrictions.
    restrictions = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'restrictions'").fetchone()
    if restrictions:
        connection.executescript(_VIEWS.format(inner=inner))
    only_by_view = frozenset({"captures"} if restrictions else ())

    def authorize(action: int, first: str | None, second: str | None, database: str | None, by: str | None) -> int:
        name = (first or "").lower()
        allowed = action not in REFUSED
        if action == sqlite3.SQLITE_PRAGMA:
            allowed = name in PRAGMAS
            if name == "foreign_key_list" and (second or "").lower() in PRIVATE:
                # Datasette would count the rows of these tables on the page of a row that they refer to.
                return sqlite3.SQLITE_IGNORE
        elif action == sqlite3.SQLITE_READ and database == "temp":
            allowed = not name.startswith("sqlite_")
        elif action == sqlite3.SQLITE_READ and by != inner:
            # No column is named where rows are only counted, as Datasette does with every table.
            allowed = name not in only_by_view and (name not in PRIVATE or not second)
        if not allowed:
            return sqlite3.SQLITE_DENY
        return also(action, first, second, database, by) if also is not None else sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)
