"""A news site that lives: articles appear and are edited while it is crawled, and it remembers what it has shown."""

import hashlib
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import news_pages

PER_LISTING = 20
_EDIT = "（编者按：第{}次修订，补记了会后的答复。）"


@dataclass
class Shown:
    """One article: how often it was edited, and which of its versions were asked for, in order, since the last note."""

    edits: int = 0
    shown: list[int] = field(default_factory=list)


class LivingSite:
    """One site on a loopback port: `publish` and `edit` change it, `articles` tell what it has shown."""

    def __init__(self, *, validators: bool) -> None:
        self.validators = validators
        self.articles: dict[int, Shown] = {}
        self.requests = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": self}))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        """Serve in a thread until the with-block ends."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def home(self) -> str:
        """The site's address, with its slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def publish(self) -> int:
        """Put a new article at the head of the listing; return its number."""
        with self._lock:
            number = len(self.articles) + 1
            self.articles[number] = Shown()
            return number

    def edit(self, number: int) -> None:
        """Change the text of an article."""
        with self._lock:
            self.articles[number].edits += 1

    def page(self, path: str) -> tuple[bytes, str | None] | None:
        """Return what a path shows and its ETag; None where there is nothing."""
        with self._lock:
            self.requests += 1
            number = path.removeprefix("/news/").removesuffix(".html")
            if path.startswith("/news/") and number.isdigit() and int(number) in self.articles:
                article = self.articles[int(number)]
                article.shown.append(article.edits)
                return self._tagged(text_page(int(number), article.edits))
            page = path.removeprefix("/list/").removesuffix(".html") or "1"
            if path.startswith("/list/") and page.isdigit() and 1 <= int(page) <= self._pages():
                return self._tagged(self._listing(int(page)))
        return None

    def _pages(self) -> int:
        return max(1, -(-len(self.articles) // PER_LISTING))

    def _listing(self, page: int) -> bytes:
        newest = sorted(self.articles, reverse=True)[(page - 1) * PER_LISTING : page * PER_LISTING]
        rows = "".join(
            f'<li><a href="{news_pages.article_path(number)}">{news_pages.title(number)}</a></li>' for number in newest
        )
        more = f'<a href="{news_pages.listing_path(page + 1)}">下一页</a>' if page < self._pages() else ""
        return f"<!doctype html><meta charset=utf-8><ul>{rows}</ul><div>{more}</div>".encode()

    def _tagged(self, body: bytes) -> tuple[bytes, str | None]:
        return body, f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"' if self.validators else None


def text_page(number: int, edits: int) -> bytes:
    """Return the page of an article after so many edits; its furniture is light, because nothing is timed."""
    paragraphs = "".join(
        f"<p>第{number}号消息的第{part}段：会议记录在公告栏张贴一个月，第{number + part}条建议已有答复。</p>"
        for part in range(1, 4)
    )
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{news_pages.title(number)}</title></head><body>"
        f"<h1>{news_pages.title(number)}</h1><div class=info>来源：本地工会报 发布时间：2026-05-04 08:00</div>"
        f"<div class=content>{paragraphs}<p>{_EDIT.format(edits)}</p></div></body></html>"
    ).encode()


def edits_in(text: str) -> int:
    """Return which version of an article a text is."""
    before, after = _EDIT.split("{}")
    return int(text.partition(before)[2].partition(after)[0])


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    site: LivingSite

    def do_GET(self) -> None:
        """Answer a request; one with the right ETag by 304."""
        found = self.site.page(self.path)
        body, tag = found or (b"<h1>404</h1>", None)
        same = tag is not None and self.headers.get("If-None-Match") == tag
        self.send_response(304 if same else 200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", "0" if same else str(len(body)))
        if tag is not None:
            self.send_header("ETag", tag)
        self.end_headers()
        if not same:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        """Answer requests until the connection ends, also by a kill."""
        with suppress(ConnectionError):
            super().handle()
