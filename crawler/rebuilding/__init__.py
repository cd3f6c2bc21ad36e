"""Rebuilding: the database made from `warc/` and decisions.jsonl alone, by asking of stored records what crawls asked.

indexing (WARC files → rows of a scratch database) → history (captures, runs, looks, decisions in order of time) →
folding (each of them, through the code that a crawl writes with). Files of another archive, and files made elsewhere,
take the same way into a database that is there.
"""
