"""How an export is streamed: at the client's pace, resumed after a cut, and visibly broken when it breaks."""

import asyncio
import csv
import gzip
import io
import json
import logging
import threading
import zlib
from contextlib import suppress

import httpx
import pytest
import uvicorn
from exported import PLAIN, command, fill, get
from filled import article, reading

from archive import export as exporting
from archive.web import streaming
from archive.web.serve import application, listen, url


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("export")).close()


class Client:
    """Asks for one path as a server of the ASGI kind does, and takes one piece of the answer after another."""

    def __init__(self, directory, path: str, **headers: str) -> None:
        path, _, query = path.partition("?")
        self.app = application(directory).app()
        pairs = {"host": "localhost", **PLAIN, **headers}
        self.scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        }  # fmt: skip
        self.sent: asyncio.Queue = asyncio.Queue()
        self.takes = asyncio.Semaphore(0)
        self.left = asyncio.Event()
        self.task = asyncio.create_task(self.app(self.scope, self._receive, self._send))
        self._asked = False

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message) -> None:
        await self.takes.acquire()
        self.sent.put_nowait(message)

    async def take(self):
        """The next message of the answer."""
        self.takes.release()
        return await asyncio.wait_for(self.sent.get(), 5)

    async def take_all(self) -> list:
        """What is left of the answer."""
        messages = []
        while not self.task.done() or not self.sent.empty():
            self.takes.release()
            with suppress(TimeoutError):
                messages.append(await asyncio.wait_for(self.sent.get(), 0.2))
        await self.task
        return messages

    async def leave(self) -> None:
        self.left.set()
        self.takes.release()
        await asyncio.wait_for(self.task, 5)


def writing() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("export.")]


async def until_quiet() -> None:
    for _ in range(200):
        if not writing():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"still writing: {writing()}")


@pytest.fixture
def small_chunks(monkeypatch):
    """Every article is a chunk, and a page of the export."""
    monkeypatch.setattr(streaming, "CHUNK", 100)
    monkeypatch.setattr(exporting, "PAGE", 1)


@pytest.fixture
def read_articles(monkeypatch):
    """The numbers of the articles that the server has read so far."""
    read = []
    original = exporting.export_pages

    def watched(*arguments, **options):
        for page in original(*arguments, **options):
            read.extend(one["change"] for one in page)
            yield page

    monkeypatch.setattr(exporting, "export_pages", watched)
    return read


def test_no_more_is_read_than_the_client_takes(directory, small_chunks, read_articles):
    async def slow():
        client = Client(directory, "/export.jsonl")
        start = await client.take()
        assert start["status"] == 200
        lines = []
        for _ in range(3):
            lines.append((await client.take())["body"])
            await asyncio.sleep(0.1)
        # One is on its way, AHEAD wait, one is written and cannot be handed over.
        assert len(lines) <= len(read_articles) <= len(lines) + streaming.AHEAD + 2
        rest = await client.take_all()
        return [*lines, *(message["body"] for message in rest)], rest[-1]

    lines, end = asyncio.run(slow())
    assert end == {"type": "http.response.body", "body": b"", "more_body": False}
    assert b"".join(lines) == command(directory)


def test_an_export_ends_when_its_client_leaves(directory, small_chunks, read_articles):
    async def leaving():
        client = Client(directory, "/export.json")
        await client.take()
        await client.take()
        assert writing() == ["export.json"]
        await client.leave()
        await until_quiet()

    asyncio.run(leaving())
    assert len(read_articles) < 10


def test_an_export_ends_when_its_client_leaves_in_the_middle_of_a_search(directory, monkeypatch):
    begun = threading.Event()

    def endless(db, *arguments, **options):
        begun.set()
        db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n").fetchall()
        yield {}

    monkeypatch.setattr(exporting, "export", endless)

    async def leaving():
        client = Client(directory, "/export.jsonl")
        await client.take()
        await asyncio.to_thread(begun.wait, 5)
        await client.leave()
        await until_quiet()

    asyncio.run(leaving())


def test_a_broken_export_continues_where_it_was_cut_while_a_crawl_writes(tmp_path, small_chunks):
    filler = fill(tmp_path)

    async def cut() -> list[dict]:
        client = Client(filler.directory, "/export.jsonl")
        await client.take()
        held = b"".join([(await client.take())["body"] for _ in range(6)])
        filler.page(article(40, published_at="2019-05-01"))  # back-dated
        filler.page(article(7, title="第7期技能培训班取消"))  # not exported yet
        filler.page(article(1, title="第1期技能培训班取消"))  # exported already
        held += (await client.take())["body"][:200]
        await client.leave()
        return [json.loads(line) for line in held.decode("utf-8", "ignore").split("\n")[:-1]]

    first = asyncio.run(cut())
    assert 5 <= len(first) < 10
    rest = [
        json.loads(line)
        for line in get(filler.directory, f"/export.jsonl?since={first[-1]['change']}").text.splitlines()
    ]
    changes = [one["change"] for one in [*first, *rest]]
    assert changes == sorted(set(changes))
    with reading(filler.directory) as db:
        now = {row["uid"]: row["change"] for row in db.execute("SELECT uid, change FROM articles")}
    assert {one["uid"]: one["change"] for one in [*first, *rest]} == now
    filler.close()


def test_an_export_runs_to_the_number_it_names_and_the_next_begins_there(tmp_path, small_chunks):
    filler = fill(tmp_path)

    async def during() -> tuple[int, list[dict]]:
        client = Client(filler.directory, "/export.jsonl")
        headers = dict((await client.take())["headers"])
        filler.page(article(41))
        body = b"".join([message["body"] for message in await client.take_all()])
        return int(headers[b"archive-until"]), [json.loads(line) for line in body.splitlines()]

    until, first = asyncio.run(during())
    assert first[-1]["change"] == until
    (later,) = get(filler.directory, f"/export.jsonl?since={until}").text.splitlines()
    assert json.loads(later)["title"] == article(41).title
    filler.close()


@pytest.fixture
def damaged(tmp_path):
    """An archive in which one article, not the first, cannot be exported."""
    filler = fill(tmp_path)
    filler.db.execute("UPDATE articles SET authors = 'no JSON' WHERE title LIKE '第9期%'")
    return filler.close()


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
def test_an_export_that_fails_in_the_middle_never_looks_whole(damaged, small_chunks, caplog, ending):
    async def broken():
        client = Client(damaged, f"/export.{ending}")
        return await client.take_all()

    with caplog.at_level(logging.ERROR):
        messages = asyncio.run(broken())
    assert len(messages) > 5
    assert all(message.get("more_body") for message in messages[1:])
    text = b"".join(message["body"] for message in messages[1:]).decode()
    assert "第8期" in text
    assert not text.endswith("]\n")
    assert f"export.{ending}: broken off, article" in caplog.text
    assert "union-archive reparse" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_real_client_sees_that_an_export_is_broken(damaged, caplog):
    async def ask() -> None:
        with listen("127.0.0.1", 0) as listener:
            config = uvicorn.Config(application(damaged).app(), log_level="critical", lifespan="off", ws="none")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                async with httpx.AsyncClient() as client:
                    address = url(listener) + "export.jsonl"
                    with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                        await client.get(address)
                    whole = await client.get(address + "?q=延期")
                    assert len(whole.text.splitlines()) == 1
            finally:
                server.should_exit = True
                await serving

    asyncio.run(ask())


def test_a_packed_export_that_is_cut_gives_every_line_that_was_sent(directory, small_chunks):
    async def cut() -> bytes:
        client = Client(directory, "/export.jsonl", **{"accept-encoding": "gzip"})
        await client.take()
        held = b"".join([(await client.take())["body"] for _ in range(5)])
        await client.leave()
        return held

    text = zlib.decompressobj(31).decompress(asyncio.run(cut())).decode()
    assert text.endswith("\n")
    assert [json.loads(line)["change"] for line in text.splitlines()] == [1, 3, 4, 5, 6]


def test_a_packed_export_is_one_gzip_file(directory, small_chunks):
    async def whole() -> bytes:
        client = Client(directory, "/export.csv", **{"accept-encoding": "gzip"})
        return b"".join([message.get("body", b"") for message in await client.take_all()])

    text = gzip.decompress(asyncio.run(whole())).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 16
    assert rows[-2]["title"] == "'=1+1"
