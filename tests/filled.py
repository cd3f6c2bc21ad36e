"""An archive for tests: filled through the archive's own store, with invented pages."""

import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.article import Article
from archive.directory import ArchiveDirectory
from archive.payload import parse_response
from archive.revisions import save_article
from archive.store import save_capture, save_site
from archive.warc import Exchange, Reference, payload_digest, record_id, request_member, response_member, warc_date
from archive.warcfile import WarcFile

START = datetime(2025, 3, 1, 1, 0, tzinfo=UTC)
SITES = {"chengnan": "城南区总工会", "yunhe": "运河市总工会"}


def article(number: int, **changes) -> Article:
    """An invented article; `changes` are its fields."""
    site = changes.pop("site", "chengnan")
    values = {
        "url": f"http://{site}.example.org/news/{number}.html",
        "title": f"第{number}期技能培训班开班",
        "text": f"第{number}期培训班在职工之家开课，学员来自十二家企业。\n\n课程为期五天。",
        "html": f"<p>第{number}期培训班在职工之家开课。</p>",
        "site": site,
        "section": "工会要闻",
        "published_at": f"2025-02-{1 + (number - 1) % 28:02}",
        "published_from": "label",
        "language": "zh-Hans",
        "source": "运河工人报",
        "layout": "1",
        "charset": "utf-8",
    }
    return Article(**{**values, **changes})


def response(article: Article) -> bytes:
    """What the server sends for an article."""
    body = f"<html><title>{article.title}</title><body>{article.text}</body></html>".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Filler:
    """Writes pages to an archive directory as a crawl does; `close` ends it."""

    def __init__(self, path: Path) -> None:
        self.directory = ArchiveDirectory(path)
        self.db = self.directory.open_database()
        self.warc = WarcFile(self.directory.warc, {"software": "union-archive tests"})
        self.moment = START
        for id_, name in SITES.items():
            home = f"http://{id_}.example.org/"
            save_site(self.db.conn, {"id": id_, "name": name, "home": home, "family": "generic", "status": "active"})

    def exchange(self, url: str, wire: bytes) -> Exchange:
        """One request and its answer, a minute after the last."""
        self.moment += timedelta(minutes=1)
        host = url.split("/")[2]
        return Exchange(url, self.moment, f"GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), wire)

    def capture(self, url: str, wire: bytes, *, site: str, same_as: int | None = None) -> int:
        """Write a response to the WARC file and its row; with `same_as`, a revisit of that capture."""
        exchange, id_ = self.exchange(url, wire), record_id()
        http = parse_response(wire)
        row = {
            "site": site,
            "url": url,
            "key": url,
            "fetched_at": exchange.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": http.status,
            "kind": "response",
            "record_id": id_,
            "digest": payload_digest(http.payload),
        }
        reference = None
        if same_as is not None:
            held = self.db.execute("SELECT * FROM captures WHERE id = ?", [same_as]).fetchone()
            date = warc_date(datetime.fromisoformat(held["fetched_at"]))
            reference = Reference(held["record_id"], held["url"], date, held["digest"])
            row |= {"kind": "unmodified" if http.status == 304 else "same", "payload": same_as}
            row["digest"] = held["digest"]
        member = response_member(exchange, http, id_=id_, warcinfo=None, same_as=reference)
        request = request_member(exchange, response_id=id_, warcinfo=None)
        row["warc"], row["offset"] = self.warc.append(member + request)
        self.warc.sync()
        return save_capture(self.db.conn, row)

    def page(self, article: Article) -> str:
        """Fetch an article's page and store it; returns the outcome."""
        capture = self.capture(article.url, response(article), site=article.site)
        return save_article(
            self.db.conn,
            article,
            key=article.url,
            fetched_at=self.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            captures=[capture],
            derived_with="test",
        )

    def close(self) -> ArchiveDirectory:
        """End the crawl."""
        self.warc.close()
        self.db.close()
        return self.directory

    def leave_open(self) -> ArchiveDirectory:
        """End as a killed crawl does: the WARC file keeps the name it has while it is written."""
        self.warc.sync()
        self.warc._file.close()
        self.db.close()
        return self.directory


@contextmanager
def reading(directory: ArchiveDirectory):
    """The archive's database, open for reading."""
    db = directory.read_database()
    try:
        yield db
    finally:
        db.close()


def rows(directory: ArchiveDirectory, sql: str) -> list[dict]:
    """What a query gives."""
    with reading(directory) as db:
        return [dict(row) for row in db.execute(sql)]


def version_1(path: Path) -> None:
    """Make a database of version 1, as it was written then: two articles, one of them with two revisions."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parent / "version_1.sql").read_text(encoding="utf-8"))
        db.execute("PRAGMA journal_mode = WAL")


def filled(path: Path, count: int = 5) -> ArchiveDirectory:
    """An archive of `count` articles of one site and one of another."""
    filler = Filler(path)
    for number in range(1, count + 1):
        filler.page(article(number))
    filler.page(article(1, site="yunhe", section=None, language="en", title="Spring meeting held"))
    return filler.close()
