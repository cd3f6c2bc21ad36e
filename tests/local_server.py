"""A website on loopback for tests: pages in memory, behaviours by path, every request written down."""

import asyncio
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

STORIES = ("车间里的安全角", "夜校又开课了", "食堂的意见簿", "班组长的新本子", "修鞋摊搬进服务站")


@dataclass
class Request:
    """One request as it arrived: seconds by time.monotonic(), method, path with query, headers in lower case, body."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Reply:
    """What a path answers. `delay` seconds pass before it."""

    body: bytes = b""
    status: int = 200
    reason: str = "OK"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    delay: float = 0.0


class LocalSite:
    """Serves `pages` (path -> Reply, bytes, or a function of the Request that returns one) until the with-block ends.

    `raw` (path -> coroutine of the Request and the StreamWriter) writes to the socket itself. Paths that nobody
    defined answer 404, /robots.txt too. `log` holds the requests in the order of their arrival.
    """

    def __init__(self, host="127.0.0.1"):
        self.host = host
        self.pages = {}
        self.raw = {}
        self.log: list[Request] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def requests(self, prefix="/"):
        """How often each path was asked for."""
        return Counter(one.path for one in self.log if one.path.startswith(prefix))

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self):
        self._stop = asyncio.Event()
        self._tasks = set()
        server = await asyncio.start_server(self._accept, self.host, 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Request(time.monotonic(), method, path, headers, body)
        self.log.append(request)
        if path in self.raw:
            await self.raw[path](request, writer)
            return False
        reply = self.pages.get(path, Reply(b"<h1>404</h1>", 404, "Not Found"))
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, bytes):
            reply = Reply(reply)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        lines = [f"HTTP/1.1 {reply.status} {reply.reason}", *(f"{name}: {value}" for name, value in reply.headers)]
        body = b"" if reply.status == 304 else reply.body
        lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        await writer.drain()
        return True


@dataclass
class News:
    """A site of `articles` articles on listing pages of `per_page`, newest first; `prefix` keeps sites apart."""

    articles: int
    per_page: int = 50
    prefix: str = ""
    paragraphs: int = 4
    extra: dict = field(default_factory=dict)

    def path(self, number):
        return f"{self.prefix}/news/{number}.html"

    def listing_path(self, page):
        return f"{self.prefix}/list/" if page == 1 else f"{self.prefix}/list/{page}.html"

    def article(self, number):
        story = STORIES[number % len(STORIES)]
        body = "".join(
            f"<p>第{number}号消息的第{part}段：{story}，工会干部把{number + part}条建议逐条记下，约定月底前答复。</p>"
            for part in range(1, self.paragraphs + 1)
        )
        day = f"2026-{number % 9 + 1:02d}-{number % 28 + 1:02d}"
        return (
            f"<!doctype html><html><head><meta charset=utf-8><title>{story}（{number}）-本地工会</title></head><body>"
            f"<h1>{story}（{number}）</h1><div class=info>来源：本地工会 发布时间：{day} 08:{number % 60:02d}</div>"
            f"<div class=content>{body}</div><p class=foot>版权所有 本地工会</p></body></html>"
        ).encode()

    def listing(self, page):
        first = (page - 1) * self.per_page + 1
        numbers = range(first, min(first + self.per_page, self.articles + 1))
        rows = "".join(f'<li><a href="{self.path(n)}">{STORIES[n % len(STORIES)]}（{n}）</a></li>' for n in numbers)
        more = f'<a href="{self.listing_path(page + 1)}">下一页</a>' if first + self.per_page <= self.articles else ""
        return f"<!doctype html><meta charset=utf-8><ul class=list>{rows}</ul><div>{more}</div>".encode()

    def put(self, site):
        """Put the pages on a LocalSite."""
        for page in range(1, (self.articles - 1) // self.per_page + 2):
            site.pages[self.listing_path(page)] = self.listing(page)
        for number in range(1, self.articles + 1):
            site.pages[self.path(number)] = self.article(number)
        return self


def profile(
    site, *, listing="/list/", more="", home=None, hosts=None, article=r"/news/\d+\.html$", delay=0, concurrency=8
):
    """The TOML of a profile for a LocalSite with one section at `listing`."""
    home = home or site.url
    hosts = json.dumps(hosts or [f"{site.host}:{site.port}"])
    return (
        f'name = "本地工会"\nhome = "{home}/"\nhosts = {hosts}\n'
        f"article_url = '{article}'\ndelay = {delay}\nconcurrency = {concurrency}\n"
        f'{more}\n[evidence]\nseen = "written for a test"\n'
        f'[[section]]\nname = "要闻"\nurl = "{home}{listing}"\n'
        '[[layout]]\nbody = "div.content"\ntitle = "h1"\ndate = "div.info"\n'
    )
