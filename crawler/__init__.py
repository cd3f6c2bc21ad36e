"""From a website to articles, in one direction.

    sites/*.toml ─ profile ─ spider ─ capture (WARC) ─ extraction ─ Article ─ store (SQLite)
                      └ family (how its CMS lists and marks up)                 └ Datasette · export

`crawler` may import `archive`; `archive` never imports `crawler`. Extraction is pure: bytes, an address and a
profile go in, an Article comes out; no network, no database, no clock.
"""
