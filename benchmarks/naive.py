"""The naive pipeline: every field by BeautifulSoup over the whole page, warcio, one SQLite transaction an item."""

import argparse
import io
import json
import re
from pathlib import Path
from urllib.parse import urljoin

import nh3
import scrapy
from bare import BareSpider, crawl
from bs4 import BeautifulSoup
from sqlite_utils import Database
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

_SOURCE = re.compile(r"来源：(\S+)")
_AUTHORS = re.compile(r"作者：(.+?)\s*发布时间")
_DATE = re.compile(r"发布时间：(\d{4}-\d\d-\d\d) (\d\d:\d\d)")


class NaiveSpider(BareSpider):
    """Does the pipeline's work in the ordinary way: a callback reads the page and writes it to WARC and database."""

    name = "naive"

    def __init__(self, home: str, directory: Path):
        super().__init__(home)
        directory.mkdir(parents=True, exist_ok=True)
        self.db = Database(directory / "naive.db")
        self.db.enable_wal()
        self.file = (directory / "naive.warc.gz").open("wb")
        self.writer = WARCWriter(self.file, gzip=True, warc_version="WARC/1.1")

    def parse(self, response):
        """Keep a listing, then follow it."""
        self.keep(response)
        soup = BeautifulSoup(response.text, "lxml")
        for link in soup.select("div.list li a[href]"):
            yield scrapy.Request(response.urljoin(link["href"]), self.article, priority=1)
        for link in soup.select("div.pages a[href]"):
            if link.get_text() == "下一页":
                yield scrapy.Request(response.urljoin(link["href"]), self.parse)

    def article(self, response):
        """Keep an article page, read it, store it."""
        self.keep(response)
        self.db["articles"].insert(read(response.text, response.url), pk="url", replace=True)
        self.articles += 1

    def keep(self, response) -> None:
        """Write the response and its request into the WARC file."""
        request = response.request
        head = StatusAndHeaders("200 OK", _pairs(response.headers), protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            response.url, "response", payload=io.BytesIO(response.body), http_headers=head
        )
        asked = StatusAndHeaders(f"GET {request.url} HTTP/1.1", _pairs(request.headers), is_http_request=True)
        question = self.writer.create_warc_record(response.url, "request", payload=io.BytesIO(), http_headers=asked)
        self.writer.write_request_response_pair(question, record)

    def closed(self, reason: str) -> None:
        """Close file and database."""
        self.file.close()
        self.db.conn.close()


def read(markup: str, url: str) -> dict[str, object]:
    """Return the fields of an article page, found by walking the whole page."""
    soup = BeautifulSoup(markup, "lxml")
    for tag in soup(["script", "style"]):
        tag.decompose()
    info = soup.select_one("div.info").get_text(" ", strip=True)
    body = soup.select_one("div.content")
    source, authors, date = _SOURCE.search(info), _AUTHORS.search(info), _DATE.search(info)
    for tag in body.find_all(["a", "img"]):
        name = "href" if tag.name == "a" else "src"
        tag[name] = urljoin(url, tag.get(name, ""))
    texts = [paragraph.get_text(strip=True) for paragraph in body.find_all("p")]
    return {
        "url": url,
        "title": soup.select_one("h1").get_text(strip=True),
        "published_at": f"{date[1]}T{date[2]}:00+08:00" if date else None,
        "source": source[1] if source else None,
        "authors": json.dumps(authors[1].split() if authors else [], ensure_ascii=False),
        "text": "\n\n".join(text for text in texts if text),
        "html": nh3.clean(str(body)),
        "images": json.dumps([tag["src"] for tag in body.find_all("img")]),
        "links": json.dumps([urljoin(url, tag["href"]) for tag in soup.find_all("a", href=True)]),
    }


def _pairs(headers) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, values in headers.items() for value in values]


def main() -> None:
    """Run as the contender's process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", help="address of the site, with its slash")
    parser.add_argument("directory", type=Path, help="where database and WARC file go")
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    spider = crawl(NaiveSpider, options.concurrency, {}, home=options.home, directory=options.directory)
    print(f"{spider.articles} articles")


if __name__ == "__main__":
    main()
