"""What is kept: articles, their revisions and captures, in SQLite and WARC.

Nothing here imports `crawler` or `scrapy`: the flow goes one way, from a website to the archive.
"""

__version__ = "0.1.0"
