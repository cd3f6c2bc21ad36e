"""The news server: sites of news_pages.py on loopback ports, in a process of its own; it logs every request."""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import news_pages

ROBOTS = b"User-agent: *\nDisallow: /admin/\n"
_NOT_FOUND = b"<h1>404</h1>"


class NewsServer:
    """The server's process, seen from a benchmark: `with NewsServer(articles=2000) as server: …`."""

    def __init__(self, articles: int, sites: int = 1):
        self.articles = articles
        self.sites = sites

    def __enter__(self) -> Self:
        """Start the process; it ends when our end of its standard input closes, so also when we are killed."""
        command = [sys.executable, __file__, "--articles", str(self.articles), "--sites", str(self.sites)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self._process.stdout.readline()
        if not ready:
            raise RuntimeError(f"{Path(__file__).name}: did not start; run `{' '.join(command)}` to see why")
        self.ports = json.loads(ready)
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def home(self, site: int = 0) -> str:
        """Return the address of a site, with its slash."""
        return f"http://127.0.0.1:{self.ports[site]}/"

    def served(self) -> int:
        """Return how many requests arrived since the log was cleared."""
        return int(self._ask("count"))

    def log(self) -> list[tuple[float, int, str]]:
        """Return the requests since the log was cleared: seconds by time.monotonic(), site, path."""
        return [(at, site, path) for at, site, path in self._ask("log")]

    def clear(self) -> None:
        """Forget the requests so far."""
        self._ask("clear")

    def _ask(self, what: str) -> object:
        with urlopen(f"{self.home()}-/{what}", timeout=30) as answer:
            return json.load(answer)


class _Connection(asyncio.Protocol):
    """One kept-alive connection: requests without bodies in, whole pages out."""

    def __init__(self, articles: int, site: int, log: list[tuple[float, int, str]]):
        self.articles = articles
        self.site = site
        self.log = log
        self.buffer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Keep the transport to write to."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("latin-1")
            if path.startswith("/-/"):
                self._control(path)
                continue
            self.log.append((time.monotonic(), self.site, path))
            self._reply(*self._page(path))

    def _page(self, path: str) -> tuple[str, str, bytes]:
        if path.startswith("/news/"):
            number = path[6:].removesuffix(".html")
            if number.isdigit() and 1 <= int(number) <= self.articles:
                return "200 OK", "text/html; charset=utf-8", news_pages.article(int(number))
        elif path.startswith("/list/"):
            page = path[6:].removesuffix(".html") or "1"
            if page.isdigit() and 1 <= int(page) <= news_pages.listings(self.articles):
                return "200 OK", "text/html; charset=utf-8", news_pages.listing(int(page), self.articles)
        elif path == "/robots.txt":
            return "200 OK", "text/plain", ROBOTS
        return "404 Not Found", "text/html", _NOT_FOUND

    def _reply(self, status: str, kind: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nServer: news\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)

    def _control(self, path: str) -> None:
        if path == "/-/clear":
            self.log.clear()
        answer = {"/-/log": self.log, "/-/count": len(self.log)}.get(path, 0)
        self._reply("200 OK", "application/json", json.dumps(answer).encode())


async def serve(articles: int, sites: int) -> None:
    """Serve sites until standard input ends; their ports are printed as one line of JSON."""
    loop = asyncio.get_running_loop()
    log: list[tuple[float, int, str]] = []
    servers = [
        await loop.create_server(lambda site=site: _Connection(articles, site, log), "127.0.0.1", 0, backlog=256)
        for site in range(sites)
    ]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


def main() -> None:
    """Run as the server's process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--sites", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(serve(options.articles, options.sites))


if __name__ == "__main__":
    main()
