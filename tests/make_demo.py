"""Build crawler/demo/demo.warc.gz, the captures that `union-archive demo` replays: `python tests/make_demo.py`.

Twenty articles of the two seed sites, all invented: eight saved pages (tests/pages) and the stories of
seed_stories.toml in the sites' templates, with the listings and home pages that lead to them. The file is WARC/1.1,
one gzip member a record: a warcinfo, then a request and its response for each address. Record ids, dates and headers
are fixed, so the same pages make the same file; tests/test_demo_warc.py compares the one that ships.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import seed_pages as seeds
from saved_pages import PAGES, SavedPage, load
from seed_pages import QDCYZGH, QDCYZGH_SECTIONS, WORKERCN, Row

DEMO = Path(__file__).parent.parent / "crawler" / "demo" / "demo.warc.gz"
#: When the demo was "crawled": one request every two seconds from here.
START = datetime(2024, 7, 10, 2, 0, tzinfo=UTC)
AGENT = "union-archive demo"

#: The saved pages that take part: their section, and the date that a listing prints beside them.
SAVED = {
    "workercn/2024-05-training": ("工会", "2024-05-25 07:05"),
    "workercn/2024-06-night-drill": ("工会", "2024-06-18 16:42"),
    "workercn/2022-01-return-kit": ("工会", "2022-01-05 07:18"),
    "workercn/2014-09-service-van": ("全总", "2014-09-16 07:46"),
    "workercn/2024-07-reading-room": ("人物", "2024-07-09 08:16"),
    "qdcyzgh/chairs-in-training": ("热点聚焦", "2024-05-13"),
    "qdcyzgh/bogie-contest": ("基层动态", None),
    "qdcyzgh/innovation-notice": ("通知公告", None),
}
JSON_LISTS = {
    "工会": "ghgz/34165", "全总": "main/34166", "维权": "wq/34164", "人物": "rw/34167",
    "就业": "jyycy/34168", "评论": "pl/34199", "理论": "lilun/34198", "时政": "sz/34196",
}  # fmt: skip
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What one address answers with."""

    url: str
    body: bytes
    content_type: str
    status: str = "200 OK"


def saved(name: str) -> SavedPage:
    return load(PAGES / f"{name}.html")


def address(page: SavedPage) -> str:
    """Return a saved page's URL by the scheme that a crawl of its site asks for."""
    return page.url.replace("http://", "https://", 1) if page.site == "workercn" else page.url


def rows(site: str) -> dict[str, list[Row]]:
    """Return what the listings of a site show, by section, newest first."""
    found: dict[str, list[Row]] = {}
    for name, (section, date) in SAVED.items():
        page = saved(name)
        if page.site == site:
            title, source = page.expected["title"], page.expected["source"]
            found.setdefault(section, []).append(Row(address(page), title, date, source))
    for story in seeds.stories():
        if story.site == site:
            found.setdefault(story.section, []).append(seeds.row(story))
    return {name: sorted(each, key=lambda row: row.date or row.url, reverse=True) for name, each in found.items()}


def answers() -> Iterator[Answer]:
    """Yield every answer of the demo, in the order in which a crawl might have asked."""
    for host in (WORKERCN, QDCYZGH):
        yield Answer(f"{host}/robots.txt", b"User-agent: *\nDisallow: /search/\n", "text/plain")
    yield Answer("https://acftu.workercn.cn/robots.txt", b"not found\n", "text/plain", "404 Not Found")
    lists = rows("workercn")
    current = [row for section in lists.values() for row in section if row.url.startswith(f"{WORKERCN}/c/")]
    newest = sorted(current, key=lambda row: row.date, reverse=True)
    yield Answer(f"{WORKERCN}/", seeds.workercn_list("中工网", newest), HTML)
    yield Answer(f"{WORKERCN}/character/", seeds.workercn_list("人物", lists["人物"]), HTML)
    for section, path in JSON_LISTS.items():
        yield Answer(f"{WORKERCN}/json/{path}_1.json", seeds.workercn_json(lists[section]), "application/json")
        yield Answer(f"{WORKERCN}/json/{path}_2.json", b"[]\n", "application/json")
    lists = rows("qdcyzgh")
    yield Answer(f"{QDCYZGH}/", seeds.qdcyzgh_home(lists["热点聚焦"]), HTML)
    for section, number in QDCYZGH_SECTIONS.items():
        yield Answer(f"{QDCYZGH}/news_{number}/", seeds.qdcyzgh_list(section, lists[section]), HTML)
    for name in SAVED:
        page = saved(name)
        yield Answer(address(page), page.html, page.content_type or "text/html")
    for story in seeds.stories():
        yield Answer(story.url, story.html, HTML)
    for attachment in saved("qdcyzgh/innovation-notice").expected["attachments"]:
        yield Answer(attachment["url"], PDF, "application/pdf")


#: One empty page: the least that a reader opens as the notice's form.
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R/Size 4>>
%%EOF
"""


def sha256(content: bytes) -> str:
    return "sha256:" + base64.b32encode(hashlib.sha256(content).digest()).decode()


def record(kind: str, name: str, moment: datetime, content_type: str, block: bytes, **more: str) -> bytes:
    """Return one record as one gzip member.

    Written here and not by FastWARC, whose header map has no fixed order.
    """
    lines = [
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: {record_id(kind, name)}",
        f"WARC-Date: {moment:%Y-%m-%dT%H:%M:%SZ}",
        *(f"{key.replace('_', '-')}: {value}" for key, value in more.items()),
        f"WARC-Block-Digest: {sha256(block)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(block)}",
    ]
    whole = "\r\n".join(["WARC/1.1", *lines, "", ""]).encode() + block + b"\r\n\r\n"
    pack = zlib.compressobj(6, zlib.DEFLATED, 31)
    return pack.compress(whole) + pack.flush()


def record_id(kind: str, name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{kind} {name}')}>"


def exchange(answer: Answer, moment: datetime) -> bytes:
    """Return the request and response records of one address."""
    parts = urlsplit(answer.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n\r\n"
    head = (
        f"HTTP/1.1 {answer.status}\r\nServer: nginx\r\nDate: {format_datetime(moment, usegmt=True)}\r\n"
        f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n"
        f'ETag: "{hashlib.sha256(answer.body).hexdigest()[:16]}"\r\nConnection: keep-alive\r\n\r\n'
    )
    response = record_id("response", answer.url)
    common = {"WARC_Target_URI": answer.url, "WARC_Warcinfo_ID": record_id("warcinfo", DEMO.name)}
    return record(
        "request", answer.url, moment, "application/http; msgtype=request", request.encode(),
        **common, WARC_Concurrent_To=response,
    ) + record(
        "response", answer.url, moment, "application/http; msgtype=response", head.encode() + answer.body,
        **common, WARC_Payload_Digest=sha256(answer.body),
    )  # fmt: skip


def build() -> bytes:
    """Return the whole file."""
    info = "software: tests/make_demo.py\r\nformat: WARC File Format 1.1\r\ndescription: invented pages\r\n"
    first = record("warcinfo", DEMO.name, START, "application/warc-fields", info.encode(), WARC_Filename=DEMO.name)
    pairs = (exchange(answer, START + timedelta(seconds=2 * n)) for n, answer in enumerate(answers(), 1))
    return first + b"".join(pairs)


if __name__ == "__main__":
    DEMO.parent.mkdir(parents=True, exist_ok=True)
    content = build()
    DEMO.write_bytes(content)
    sys.stdout.write(f"{DEMO}: {len(content)} bytes\n")
