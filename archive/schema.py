"""Tables and indexes as data, applied by sqlite-utils migrations; docs/data-model.md describes every column."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from archive.search import index

#: Written to PRAGMA user_version: a database with a higher one was made by a newer union-archive.
VERSION = 4

migrations = Migrations("union-archive")

TABLES_1 = """
CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT,
    level TEXT,
    region TEXT,
    home TEXT NOT NULL,
    family TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    profile_sha256 TEXT,
    next_check TEXT
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL REFERENCES sites(id),
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'finished', 'interrupted', 'failed')),
    reason TEXT,
    requests INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    articles_new INTEGER NOT NULL DEFAULT 0,
    articles_changed INTEGER NOT NULL DEFAULT 0,
    articles_unchanged INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    disallowed INTEGER NOT NULL DEFAULT 0,
    options TEXT NOT NULL DEFAULT '{}',
    version TEXT NOT NULL
);
CREATE INDEX runs_site ON runs(site, id);

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL REFERENCES sites(id),
    url TEXT NOT NULL,
    key TEXT NOT NULL,
    uid TEXT,
    part INTEGER NOT NULL DEFAULT 1,
    fetched_at TEXT NOT NULL,
    status INTEGER,
    content_type TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('response', 'same', 'unmodified')),
    truncated TEXT,
    warc TEXT NOT NULL,
    offset INTEGER NOT NULL,
    record_id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    payload INTEGER REFERENCES captures(id),
    run INTEGER REFERENCES runs(id)
);
CREATE INDEX captures_key ON captures(site, key, id);
CREATE INDEX captures_uid ON captures(uid, id) WHERE uid IS NOT NULL;
CREATE INDEX captures_warc ON captures(warc, offset);
CREATE INDEX captures_digest ON captures(digest) WHERE kind = 'response';

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    site TEXT NOT NULL REFERENCES sites(id),
    section TEXT,
    published_at TEXT,
    title TEXT NOT NULL,
    kicker TEXT,
    subtitle TEXT,
    source TEXT,
    authors TEXT NOT NULL DEFAULT '[]',
    correspondents TEXT NOT NULL DEFAULT '[]',
    editors TEXT NOT NULL DEFAULT '[]',
    dateline TEXT,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    images TEXT NOT NULL DEFAULT '[]',
    attachments TEXT NOT NULL DEFAULT '[]',
    language TEXT,
    translation_of TEXT,
    published_from TEXT,
    layout TEXT NOT NULL,
    damaged INTEGER NOT NULL DEFAULT 0,
    charset TEXT,
    url TEXT NOT NULL,
    key TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    withdrawn_at TEXT,
    next_check TEXT,
    revision INTEGER NOT NULL DEFAULT 1,
    sha256 TEXT NOT NULL,
    derived_with TEXT NOT NULL,
    change INTEGER NOT NULL UNIQUE,
    UNIQUE (site, key)
);
CREATE INDEX articles_site ON articles(site, id);
CREATE INDEX articles_section ON articles(section);
CREATE INDEX articles_language ON articles(language);
CREATE INDEX articles_source ON articles(source);

CREATE TABLE revisions (
    uid TEXT NOT NULL REFERENCES articles(uid),
    revision INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    seen_until TEXT NOT NULL,
    capture INTEGER REFERENCES captures(id),
    content TEXT,
    PRIMARY KEY (uid, revision)
);

CREATE TABLE aliases (
    url TEXT PRIMARY KEY,
    uid TEXT NOT NULL REFERENCES articles(uid)
);
CREATE INDEX aliases_uid ON aliases(uid);

CREATE TABLE frontier (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL REFERENCES sites(id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('home', 'listing', 'article', 'part')),
    state TEXT NOT NULL CHECK (state IN
        ('due', 'waiting', 'done', 'failed', 'disallowed', 'redirected', 'excluded')),
    priority INTEGER NOT NULL DEFAULT 0,
    section TEXT,
    depth INTEGER NOT NULL DEFAULT 0,
    listing TEXT,
    part_of TEXT,
    part INTEGER NOT NULL DEFAULT 1,
    redirect_to TEXT,
    redirects INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    status INTEGER,
    etag TEXT,
    last_modified TEXT,
    capture INTEGER REFERENCES captures(id),
    discovered_at TEXT NOT NULL,
    checked_at TEXT,
    next_check TEXT,
    run INTEGER REFERENCES runs(id),
    UNIQUE (site, key)
);
CREATE INDEX frontier_due ON frontier(site, priority DESC, id) WHERE state = 'due';
CREATE INDEX frontier_state ON frontier(site, state) WHERE state != 'done';
CREATE INDEX frontier_part ON frontier(site, part_of) WHERE part_of IS NOT NULL;
CREATE INDEX frontier_redirect ON frontier(site, redirect_to) WHERE redirect_to IS NOT NULL;

CREATE TABLE looks (
    site TEXT NOT NULL REFERENCES sites(id),
    section TEXT NOT NULL,
    day TEXT NOT NULL,
    depth INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('read', 'unchanged', 'empty', 'failed', 'disallowed')),
    articles INTEGER NOT NULL DEFAULT 0,
    articles_new INTEGER NOT NULL DEFAULT 0,
    run INTEGER REFERENCES runs(id),
    PRIMARY KEY (site, section, day)
);
"""


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


TABLES_4 = (
    # Sections of a site, without looking at its articles.
    "DROP INDEX articles_section",
    "CREATE INDEX articles_section ON articles(section, site)",
    # What lists, facets and months are read from: a hundred bytes an article instead of the pages of its text.
    "CREATE INDEX articles_facets ON articles(id, site, section, source, language, published_at, change)",
    # The few revisions that are edits, among very many.
    "CREATE INDEX revisions_later ON revisions(fetched_at) WHERE revision > 1",
    # The few that were withdrawn, among very many.
    "CREATE INDEX articles_withdrawn ON articles(withdrawn_at) WHERE withdrawn_at IS NOT NULL",
    # Kept by triggers: how many articles of a site bear a date in a month ('' where they bear none).
    """CREATE TABLE months (
        site TEXT NOT NULL REFERENCES sites(id), month TEXT NOT NULL, articles INTEGER NOT NULL,
        PRIMARY KEY (site, month)
    ) WITHOUT ROWID""",
    "CREATE TABLE search_index (version TEXT NOT NULL)",
    # What is kept from readers: an article (uid, key) or a whole site (uid and key are NULL). `change` is the last one
    # given out when it was restricted: numbers are never given out twice (revisions._next_change).
    """CREATE TABLE restrictions (
        site TEXT NOT NULL REFERENCES sites(id),
        uid TEXT UNIQUE,
        key TEXT,
        since TEXT NOT NULL,
        change INTEGER NOT NULL,
        UNIQUE (site, key),
        CHECK ((uid IS NULL) = (key IS NULL))
    )""",
    "CREATE UNIQUE INDEX restrictions_site ON restrictions(site) WHERE uid IS NULL",
)


@migrations()
def add_search(db: Database) -> None:
    """Add full-text search, and what the reading room counts by."""
    for statement in TABLES_4:
        db.execute(statement)
    index.create(db.conn)


def upgrade(db: Database) -> None:
    """Apply what is pending, then note the version; nothing happens to a database that is up to date."""
    migrations.apply(db)
    if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        db.execute(f"PRAGMA user_version = {VERSION}")
