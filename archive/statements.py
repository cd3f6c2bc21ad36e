"""The statements of each version of the schema, as data; archive/schema.py applies them."""

from __future__ import annotations

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

#: A listing page that shows a challenge to browsers was not looked at; no table refers to `looks`.
_LOOKS_5 = """
CREATE TABLE looks_5 (
    site TEXT NOT NULL REFERENCES sites(id),
    section TEXT NOT NULL,
    day TEXT NOT NULL,
    depth INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('read', 'unchanged', 'empty', 'failed', 'disallowed', 'blocked')),
    articles INTEGER NOT NULL DEFAULT 0,
    articles_new INTEGER NOT NULL DEFAULT 0,
    run INTEGER REFERENCES runs(id),
    PRIMARY KEY (site, section, day)
)
"""

TABLES_5 = (
    _LOOKS_5,
    "INSERT INTO looks_5 SELECT site, section, day, depth, outcome, articles, articles_new, run FROM looks",
    "DROP TABLE looks",
    "ALTER TABLE looks_5 RENAME TO looks",
    # Of a listing's first page: hours until the next look, when it last showed something new, what read it, and when
    # it is to be read deeper than usual. Of an article: visits since it was new or changed.
    "ALTER TABLE frontier ADD COLUMN interval REAL",
    "ALTER TABLE frontier ADD COLUMN changed_at TEXT",
    "ALTER TABLE frontier ADD COLUMN read_with TEXT",
    "ALTER TABLE frontier ADD COLUMN next_audit TEXT",
    "ALTER TABLE frontier ADD COLUMN visits INTEGER NOT NULL DEFAULT 0",
    # Articles of earlier versions are visited again a month after their last visit.
    """UPDATE frontier SET next_check = strftime('%Y-%m-%dT%H:%M:%SZ', checked_at, '+30 days')
        WHERE kind = 'article' AND state = 'done'""",
    "CREATE INDEX frontier_next ON frontier(site, next_check) WHERE next_check IS NOT NULL AND state != 'due'",
    "CREATE INDEX frontier_listings ON frontier(site) WHERE kind IN ('home', 'listing') AND depth = 0",
    # Why a run failed, for programs: blocked, down, robots, nothing, … And listing pages read, article links on them.
    "ALTER TABLE runs ADD COLUMN cause TEXT",
    "ALTER TABLE runs ADD COLUMN listings INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE runs ADD COLUMN links INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX articles_damaged ON articles(site) WHERE damaged = 1",
    # An article that its site no longer shows: found gone at `since`, last visited at `seen_at`, withdrawn once a visit
    # at least a day after the first found it gone too, and back again if it came back.
    """CREATE TABLE withdrawals (
        uid TEXT NOT NULL,
        site TEXT NOT NULL REFERENCES sites(id),
        since TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        visits INTEGER NOT NULL DEFAULT 1,
        how TEXT NOT NULL,
        capture INTEGER REFERENCES captures(id),
        confirmed_at TEXT,
        back_at TEXT,
        PRIMARY KEY (uid, since)
    )""",
    "CREATE INDEX withdrawals_pending ON withdrawals(site) WHERE confirmed_at IS NULL",
    "CREATE INDEX withdrawals_confirmed ON withdrawals(confirmed_at) WHERE confirmed_at IS NOT NULL",
    # What the article pages read on a day yielded, by the layout that read them ('' where none gave an article).
    """CREATE TABLE readings (
        site TEXT NOT NULL REFERENCES sites(id),
        section TEXT NOT NULL,
        day TEXT NOT NULL,
        layout TEXT NOT NULL,
        pages INTEGER NOT NULL,
        new INTEGER NOT NULL DEFAULT 0,
        changed INTEGER NOT NULL DEFAULT 0,
        dated INTEGER NOT NULL DEFAULT 0,
        sourced INTEGER NOT NULL DEFAULT 0,
        signed INTEGER NOT NULL DEFAULT 0,
        edited INTEGER NOT NULL DEFAULT 0,
        illustrated INTEGER NOT NULL DEFAULT 0,
        damaged INTEGER NOT NULL DEFAULT 0,
        characters INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (site, section, day, layout)
    ) WITHOUT ROWID""",
    # What is, or was, wrong with a site or one of its sections ('' is the whole site), in facts (JSON) that
    # archive.health puts into words; ended once it is no longer so.
    """CREATE TABLE incidents (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites(id),
        section TEXT NOT NULL DEFAULT '',
        kind TEXT NOT NULL,
        began_at TEXT NOT NULL,
        noticed_at TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        ended_at TEXT,
        facts TEXT NOT NULL DEFAULT '{}',
        url TEXT,
        capture INTEGER REFERENCES captures(id),
        told INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE UNIQUE INDEX incidents_open ON incidents(site, section, kind) WHERE ended_at IS NULL",
    "CREATE INDEX incidents_ended ON incidents(ended_at) WHERE ended_at IS NOT NULL",
)

#: Pictures and attachments have rows of the frontier too; no table refers to `frontier`.
_FRONTIER_6 = """
CREATE TABLE frontier_6 (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL REFERENCES sites(id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('home', 'listing', 'article', 'part', 'media')),
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
    form TEXT,
    interval REAL,
    changed_at TEXT,
    read_with TEXT,
    next_audit TEXT,
    visits INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site, key)
)
"""
_FRONTIER_COLUMNS = (
    "id, site, key, url, kind, state, priority, section, depth, listing, part_of, part, redirect_to, redirects, tries,"
    " error, status, etag, last_modified, capture, discovered_at, checked_at, next_check, run, form, interval,"
    " changed_at, read_with, next_audit, visits"
)

TABLES_6 = (
    _FRONTIER_6,
    f"INSERT INTO frontier_6 ({_FRONTIER_COLUMNS}) SELECT {_FRONTIER_COLUMNS} FROM frontier",
    "DROP TABLE frontier",
    "ALTER TABLE frontier_6 RENAME TO frontier",
    "CREATE INDEX frontier_due ON frontier(site, priority DESC, id) WHERE state = 'due'",
    "CREATE INDEX frontier_state ON frontier(site, state) WHERE state != 'done'",
    "CREATE INDEX frontier_part ON frontier(site, part_of) WHERE part_of IS NOT NULL",
    "CREATE INDEX frontier_redirect ON frontier(site, redirect_to) WHERE redirect_to IS NOT NULL",
    "CREATE INDEX frontier_next ON frontier(site, next_check) WHERE next_check IS NOT NULL AND state != 'due'",
    "CREATE INDEX frontier_listings ON frontier(site) WHERE kind IN ('home', 'listing') AND depth = 0",
    # Which articles show a picture, or link to a file; its captures have the address as their key.
    """CREATE TABLE media (
        uid TEXT NOT NULL,
        url TEXT NOT NULL,
        site TEXT NOT NULL REFERENCES sites(id),
        kind TEXT NOT NULL CHECK (kind IN ('image', 'attachment')),
        PRIMARY KEY (uid, url)
    ) WITHOUT ROWID""",
    "CREATE INDEX media_url ON media(site, url)",
    # What was read in its attachments, for search: [{url, digest, kind, pages, text, error}].
    "ALTER TABLE articles ADD COLUMN attached TEXT NOT NULL DEFAULT '[]'",
    # The few with any, among very many.
    "CREATE INDEX articles_attached ON articles(id) WHERE attached != '[]'",
    # What `reparse` changed, each time it ran: counts, and a report by site and field (JSON).
    """CREATE TABLE reparses (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        sites TEXT NOT NULL DEFAULT '[]',
        version TEXT NOT NULL,
        articles INTEGER NOT NULL DEFAULT 0,
        revisions INTEGER NOT NULL DEFAULT 0,
        changed INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        report TEXT NOT NULL DEFAULT '{}'
    )""",
)
