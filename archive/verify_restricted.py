"""Proof that what is restricted is whole too, and that every decision is carried out."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from archive import hidden
from archive.article import COMPARED
from archive.decisions import in_force, read, torn_line
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.problems import COPY, Problem, Report
from archive.verify_rows import columns_of

#: What `verify` reads of the tables that both databases have, and what stands for a column that an older version of
#: restricted.db has not.
_CHECKED = {
    "articles": ("uid", "url", "site", "key", "revision", *COMPARED, "sha256", "withdrawn_at", "images", "attached"),
    "revisions": ("uid", "revision", "sha256", "content"),
    "withdrawals": ("uid", "since", "confirmed_at", "back_at"),
    "media": ("uid", "url", "kind"),
}
_MISSING = {"attached": "'[]'"}


def check(db: Database, directory: ArchiveDirectory, report: Report) -> int:
    """Check decisions and restricted.db; return how many articles are restricted.

    From then on `articles`, `revisions`, `withdrawals` and `media` mean those of both databases to this connection of
    archive.db, so that restricted articles are checked as all others are.
    """
    if not db["restrictions"].exists():
        return 0  # an archive of an older version
    restricted = {row[0] for row in db.execute("SELECT coalesce(uid, site) FROM restrictions")}
    _check_decisions(directory, restricted, report)
    path = directory.path / hidden.FILE
    if not path.exists():
        if restricted:
            report(Problem(str(path), "is missing, it holds what is restricted", COPY))
        return 0
    db.execute("ATTACH ? AS restricted", [f"{path.resolve().as_uri()}?mode=ro"])
    for row in db.execute("PRAGMA restricted.integrity_check"):
        if row[0] != "ok":
            report(Problem(str(path), row[0], COPY))
    for row in db.execute("SELECT uid FROM main.articles INTERSECT SELECT uid FROM restricted.articles"):
        report(Problem(f"article {row[0]}", "is shown, and in restricted.db too", "repeat the command that was killed"))
    for table, columns in _CHECKED.items():
        both = [one for schema in ("main", "restricted") if (one := _select(db, schema, table, columns))]
        if both:
            db.execute(f"CREATE TEMP VIEW {table} AS {' UNION ALL '.join(both)}")
    return int(db.execute("SELECT count(*) FROM restricted.articles").fetchone()[0])


def _select(db: Database, schema: str, table: str, columns: Iterable[str]) -> str:
    """Return SQL for the rows of one database's table; "" where it has none."""
    held = columns_of(db, schema, table)
    wanted = ", ".join(name if name in held else f"{_MISSING.get(name, 'NULL')} AS {name}" for name in columns)
    return f"SELECT {wanted} FROM {schema}.{table}" if held else ""


def _check_decisions(directory: ArchiveDirectory, restricted: set[str], report: Report) -> None:
    try:
        decided = set(in_force(read(directory.decisions)[0]))
        torn = torn_line(directory)
    except ArchiveError as error:
        torn, decided = str(error), restricted
    if torn is not None:
        what, _, fix = torn.removeprefix(f"{directory.decisions}: ").partition("; ")
        report(Problem(str(directory.decisions), what, fix))
    for name in sorted(restricted - decided):
        fix = f"decide it: `union-archive restrict --lift {name} --reason TEXT`, or write the line that is missing"
        report(Problem(f"{directory.decisions}: {name}", "is restricted without a decision", fix))
    for name in sorted(decided - restricted):
        fix = f"run `union-archive restrict {name} --reason TEXT` again"
        report(Problem(f"{directory.decisions}: {name}", "was to be restricted and is not", fix))
