-- An archive.db of version 1, as union-archive 0.1 left it: two invented articles, one of them with two revisions.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'union-archive','create_tables','2026-11-25 15:56:25.017749+00:00');
CREATE TABLE aliases (
    url TEXT PRIMARY KEY,
    uid TEXT NOT NULL REFERENCES articles(uid)
);
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
INSERT INTO "articles" VALUES(1780103577600,'5f586d3447a9e122','chengnan','工会要闻','2025-02-01','第1期技能培训班开班',NULL,NULL,'运河工人报','[]','[]','["王五"]',NULL,'第1期培训班在职工之家开课，学员来自十二家企业。

课程为期五天。','<p>第1期培训班在职工之家开课。</p>','[]','[]','zh-Hans',NULL,'label','1',0,'utf-8','http://chengnan.example.org/news/1.html','http://chengnan.example.org/news/1.html','2025-03-01T01:01:00Z','2025-03-01T01:01:00Z',NULL,NULL,1,'debdeba19ccedee6d2d8ca0c6152c1e6ec18d66ed0f803e2eda0e430d17a7fe3','test',1);
INSERT INTO "articles" VALUES(1780192051200,'716b2074dc02f17c','chengnan','工会要闻','2025-02-02','第2期技能培训班延期',NULL,NULL,'运河工人报','[]','[]','[]',NULL,'第2期培训班在职工之家开课，学员来自十二家企业。

课程为期五天。','<p>第2期培训班在职工之家开课。</p>','[]','[]','zh-Hans',NULL,'label','1',0,'utf-8','http://chengnan.example.org/news/2.html','http://chengnan.example.org/news/2.html','2025-03-01T01:02:00Z','2025-03-01T01:03:00Z',NULL,NULL,2,'f75f7056a50ad304f6b8e776d1d320025d8884fb30041756b21245780cd522c5','test',3);
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
INSERT INTO "captures" VALUES(1,'chengnan','http://chengnan.example.org/news/1.html','http://chengnan.example.org/news/1.html','5f586d3447a9e122',1,'2025-03-01T01:01:00Z',200,NULL,'response',NULL,'union-20261125155625-29589-00001.warc.gz',325,'<urn:uuid:df0247ac-b2e6-411f-a64c-3fc5d87a11ae>','sha256:LWNJG4CLSFMCDXLWLMVSIXKQT4M53SQKQDLUELFZQWSXPAUJIPYA====',NULL,NULL);
INSERT INTO "captures" VALUES(2,'chengnan','http://chengnan.example.org/news/2.html','http://chengnan.example.org/news/2.html','716b2074dc02f17c',1,'2025-03-01T01:02:00Z',200,NULL,'response',NULL,'union-20261125155625-29589-00001.warc.gz',1229,'<urn:uuid:622f8c47-ed46-4151-a70d-0681c9a1af22>','sha256:RQANBTNVYJSIQ5ZPFQWS5ICSU3J4VCJ7PSEGA6V3YP7PGRC35WKQ====',NULL,NULL);
INSERT INTO "captures" VALUES(3,'chengnan','http://chengnan.example.org/news/2.html','http://chengnan.example.org/news/2.html','716b2074dc02f17c',1,'2025-03-01T01:03:00Z',200,NULL,'response',NULL,'union-20261125155625-29589-00001.warc.gz',2132,'<urn:uuid:3f20add6-0a5e-4247-97b5-e4bbfbab2aaf>','sha256:MLD5MPVGG63RVDWFQZQFN23QXBHOX5ZJOEQHVGJN3L23F4F2KVUQ====',NULL,NULL);
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
INSERT INTO "revisions" VALUES('5f586d3447a9e122',1,'debdeba19ccedee6d2d8ca0c6152c1e6ec18d66ed0f803e2eda0e430d17a7fe3','2025-03-01T01:01:00Z','2025-03-01T01:01:00Z',1,NULL);
INSERT INTO "revisions" VALUES('716b2074dc02f17c',1,'8c967e744361e511bdc0a6dc403cbca22f1ea9a1bacc1bcd423fe418d4e34018','2025-03-01T01:02:00Z','2025-03-01T01:02:00Z',2,'{"site": "chengnan", "section": "工会要闻", "published_at": "2025-02-02", "title": "第2期技能培训班开班", "kicker": null, "subtitle": null, "source": "运河工人报", "authors": "[]", "correspondents": "[]", "editors": "[]", "dateline": null, "text": "第2期培训班在职工之家开课，学员来自十二家企业。\n\n课程为期五天。", "html": "<p>第2期培训班在职工之家开课。</p>", "images": "[]", "attachments": "[]", "language": "zh-Hans", "translation_of": null, "published_from": "label", "layout": "1", "damaged": 0, "charset": "utf-8"}');
INSERT INTO "revisions" VALUES('716b2074dc02f17c',2,'f75f7056a50ad304f6b8e776d1d320025d8884fb30041756b21245780cd522c5','2025-03-01T01:03:00Z','2025-03-01T01:03:00Z',3,NULL);
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
INSERT INTO "sites" VALUES('chengnan','城南区总工会',NULL,NULL,NULL,'http://chengnan.example.org/','generic','active',NULL,NULL,NULL);
INSERT INTO "sites" VALUES('yunhe','运河市总工会',NULL,NULL,NULL,'http://yunhe.example.org/','generic','active',NULL,NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX runs_site ON runs(site, id);
CREATE INDEX captures_key ON captures(site, key, id);
CREATE INDEX captures_uid ON captures(uid, id) WHERE uid IS NOT NULL;
CREATE INDEX captures_warc ON captures(warc, offset);
CREATE INDEX captures_digest ON captures(digest) WHERE kind = 'response';
CREATE INDEX articles_site ON articles(site, id);
CREATE INDEX articles_section ON articles(section);
CREATE INDEX articles_language ON articles(language);
CREATE INDEX articles_source ON articles(source);
CREATE INDEX aliases_uid ON aliases(uid);
CREATE INDEX frontier_due ON frontier(site, priority DESC, id) WHERE state = 'due';
CREATE INDEX frontier_state ON frontier(site, state) WHERE state != 'done';
CREATE INDEX frontier_part ON frontier(site, part_of) WHERE part_of IS NOT NULL;
CREATE INDEX frontier_redirect ON frontier(site, redirect_to) WHERE redirect_to IS NOT NULL;
COMMIT;
PRAGMA user_version = 1;
