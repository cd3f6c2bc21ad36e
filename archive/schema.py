"""Tables and indexes as data, applied by sqlite-utils migrations; docs/data-model.md describes every column."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from archive.search import index
from archive.statements import TABLES_1, TABLES_4, TABLES_5, TABLES_6

#: Written to PRAGMA user_version: a database with a higher one was made by a newer union-archive.
VERSION = 6

migrations = Migrations("union-archive")


@migrations()
def create_tables(db: Database) -> None:
    """Create the tables of the first version."""
    for statement in TABLES_1.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def add_credits(db: Database) -> None:
    """Add who edited and reviewed an article, by role; empty until its page is read again."""
    db.execute("ALTER TABLE articles ADD COLUMN credits TEXT NOT NULL DEFAULT '[]'")


@migrations()
def add_gazetteer(db: Database) -> None:
    """Add what places a federation among others, and the form that a listing page is asked for with."""
    db.execute("ALTER TABLE sites ADD COLUMN name_pinyin TEXT")
    db.execute("ALTER TABLE sites ADD COLUMN parent TEXT")
    db.execute("ALTER TABLE frontier ADD COLUMN form TEXT")


@migrations()
def add_search(db: Database) -> None:
    """Add what the reading room counts by. The search index came with it; today's is made by `add_media`."""
    for statement in TABLES_4:
        db.execute(statement)


@migrations()
def add_years(db: Database) -> None:
    """Add what crawling for years needs: next checks, withdrawals, and each site's health against its own past."""
    for statement in TABLES_5:
        db.execute(statement)


@migrations()
def add_media(db: Database) -> None:
    """Add what outlives its host: pictures and attachments of articles, and reports of reading all again.

    The search index is made again: it has a column for the words of attachments.
    """
    index.drop(db.conn)
    for statement in TABLES_6:
        db.execute(statement)
    index.create(db.conn)


def upgrade(db: Database) -> None:
    """Apply what is pending, then note the version; nothing happens to a database that is up to date."""
    migrations.apply(db)
    if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        db.execute(f"PRAGMA user_version = {VERSION}")
