"""WARC files of invented pages, and the tasks that read them with a pool."""

import itertools
import re
from datetime import UTC, datetime

from archive.payload import parse_response
from archive.warc import Exchange, record_id, response_member
from crawler.pool import Spot, Task
from crawler.profile import Layout, SiteProfile

SEEN = datetime(2026, 3, 1, tzinfo=UTC)
HOST = "lokal.example.org"
PROFILE = SiteProfile(
    "lokal",
    "本地工会",
    f"http://{HOST}/",
    (HOST,),
    layouts=(Layout("news", body="div.content", title="h1"),),
    article_url=re.compile(r"/news/\d+\.html$"),
)
PROFILES = {"lokal": PROFILE}


class Stored:
    """A directory of WARC files into which pages are put."""

    def __init__(self, path):
        self.path = path
        self._numbers = itertools.count(1)

    def put(
        self, body, *, warc="a.warc.gz", kind="article", head=b"Content-Type: text/html; charset=utf-8\r\n", **more
    ):
        """Store a page as one response; returns where it lies."""
        url = f"http://{HOST}/news/{next(self._numbers)}.html"
        wire = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body
        exchange = Exchange(url, SEEN, b"GET / HTTP/1.1\r\n\r\n", wire)
        with (self.path / warc).open("ab") as file:
            offset = file.tell()
            file.write(response_member(exchange, parse_response(wire), id_=record_id(), warcinfo=None))
        return Spot(warc, offset, kind, url, SEEN, **more)

    def task(self, body, **more):
        """Store a page; returns the task of reading it."""
        return Task("lokal", (self.put(body, **more),))
