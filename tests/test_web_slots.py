"""How many costly requests are worked on at once, who waits, who is told, and that every slot comes free again."""

import asyncio

import pytest
from filled import filled

from archive.directory import ArchiveDirectory
from archive.web.serve import application
from archive.web.slots import Busy, Gone, Reader, Slots, wrapper


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    return filled(tmp_path_factory.mktemp("slots"), 1)


class Heavy:
    """An application whose requests wait until they are let go; `most` is how many were under way at once."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.now = self.most = self.done = 0

    async def __call__(self, scope, receive, send):
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.go.wait()
            if "fail" in scope["path"]:
                raise RuntimeError("broken")
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(3):
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
                await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": b""})
            self.done += 1
        finally:
            self.now -= 1


class Browser:
    """One request: `sent` is what came back, `leave` closes its connection."""

    def __init__(self, app, path: str, query: str = "", **headers: str) -> None:
        self.sent, self.left, self.stalled = [], asyncio.Event(), False
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": pairs}
        scope |= {"query_string": query.encode(), "http_version": "1.1", "scheme": "http"}
        self.task = asyncio.create_task(app(scope, self._receive, self._send))
        self._asked = False

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if self.stalled:
            await asyncio.Event().wait()
        self.sent.append(message)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    @property
    def body(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent[1:]).decode()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def under(directory, body, **slots):
    """Run `body(app, heavy)` with a limited application."""

    async def run():
        heavy = Heavy()
        datasette = application(directory)
        await datasette.invoke_startup()
        return await body(wrapper(datasette, **slots)(heavy), heavy)

    return asyncio.run(run())


def few(at_once=2, waiting=1, seconds=30.0):
    return Slots(at_once, waiting, seconds, again=5)


def test_so_many_costly_pages_are_worked_on_at_once_one_waits_and_the_rest_are_told(directory):
    async def body(app, heavy):
        first = [Browser(app, "/search", "q=%E5%B7%A5") for _ in range(3)]
        await settle()
        told = [
            Browser(app, "/search", accept_language="en"),
            Browser(app, "/timeline"),
            Browser(app, "/search.json"),
            Browser(app, "/archive/articles"),
        ]
        await asyncio.gather(*(browser.task for browser in told))
        assert heavy.now == 2
        heavy.go.set()
        await asyncio.gather(*(browser.task for browser in first))
        after = Browser(app, "/search")
        await after.task
        return [browser.status for browser in first], told, after.status, heavy.most

    first, told, after, most = under(directory, body, pages=few())
    assert (first, after, most) == ([200] * 3, 200, 2)
    assert [browser.status for browser in told] == [503] * 4
    for browser in told:
        assert [b"Retry-After", b"5"] in browser.sent[0]["headers"]
    assert "Too many requests are being worked on; try again in 5 seconds." in told[0].body
    assert "请在 5 秒后重试" in told[1].body
    assert '"ok": false' in told[2].body


def test_articles_files_and_sites_never_wait(directory):
    async def body(app, heavy):
        busy = [Browser(app, "/search") for _ in range(3)]
        await settle()
        light = [Browser(app, path) for path in ("/article/0123456789abcdef", "/sites", "/-/static/app.css", "/")]
        await settle()
        started = heavy.now
        heavy.go.set()
        await asyncio.gather(*(browser.task for browser in busy + light))
        return started, [browser.status for browser in light]

    assert under(directory, body, pages=few()) == (6, [200] * 4)


def test_exports_have_slots_of_their_own(directory):
    async def body(app, heavy):
        exports = [Browser(app, "/export.csv"), Browser(app, "/archive/articles.csv", "_stream=on")]
        await settle()
        refused, page = Browser(app, "/export.jsonl"), Browser(app, "/search")
        await refused.task
        heavy.go.set()
        await asyncio.gather(page.task, *(browser.task for browser in exports))
        return refused.status, [browser.status for browser in [*exports, page]]

    slots = {"pages": few(1), "exports": few(2, waiting=0)}
    assert under(directory, body, **slots) == (503, [200, 200, 200])


def test_who_has_waited_long_enough_is_told(directory):
    async def body(app, heavy):
        busy = [Browser(app, "/search") for _ in range(2)]
        await settle()
        waiting = Browser(app, "/search")
        await waiting.task
        heavy.go.set()
        await asyncio.gather(*(browser.task for browser in busy))
        return waiting.status

    assert under(directory, body, pages=few(seconds=0.01)) == 503


def test_a_slot_is_free_again_after_an_error_a_cancellation_and_a_reader_who_leaves(directory):
    async def body(app, heavy):
        failing, cancelled, leaving = Browser(app, "/search/fail"), Browser(app, "/search"), Browser(app, "/search")
        await settle()
        cancelled.task.cancel()
        leaving.left.set()
        await settle()
        heavy.go.set()
        ended = await asyncio.gather(failing.task, cancelled.task, leaving.task, return_exceptions=True)
        rest = [Browser(app, "/search") for _ in range(3)]
        await asyncio.gather(*(browser.task for browser in rest))
        return [type(end) for end in ended], leaving.sent, [browser.status for browser in rest], heavy.now

    ended, sent, rest, now = under(directory, body, pages=few(3, waiting=0))
    assert ended == [RuntimeError, asyncio.CancelledError, type(None)]
    assert (sent, rest, now) == ([], [200] * 3, 0)


def test_who_leaves_the_queue_is_not_worked_for(directory):
    async def body(app, heavy):
        busy = Browser(app, "/search")
        await settle()
        waiting = Browser(app, "/search")
        await settle()
        waiting.left.set()
        await settle()
        heavy.go.set()
        await asyncio.gather(busy.task, waiting.task)
        return heavy.done, waiting.sent

    assert under(directory, body, pages=few(1)) == (1, [])


def test_a_stream_ends_when_its_reader_leaves_or_takes_nothing_more(directory):
    async def body(app, heavy):
        heavy.go.set()
        stalled = Browser(app, "/export.jsonl")
        stalled.stalled = True
        await stalled.task
        after = Browser(app, "/export.jsonl")
        await after.task
        return after.status, heavy.now, heavy.done

    assert under(directory, body, exports=few(1), stalled=0.01) == (200, 0, 1)


def test_sending_to_a_reader_who_is_gone_ends_the_work():
    async def run():
        left = asyncio.Event()

        async def receive():
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            pass

        reader = Reader(receive, send)
        watching = asyncio.create_task(reader.watch())
        await reader.send({})
        left.set()
        await watching
        with pytest.raises(Gone):
            await reader.send({})
        assert (await reader.receive())["type"] == "http.request"
        assert (await reader.receive())["type"] == "http.disconnect"

    asyncio.run(run())


def test_slots_are_counted_right_under_many_at_once():
    async def run():
        slots, now, most, told = few(3, waiting=4, seconds=0.05), 0, 0, 0

        async def work(number):
            nonlocal now, most, told
            await asyncio.sleep(0.001 * (number % 7))
            try:
                async with slots.taken():
                    now, most = now + 1, max(most, now + 1)
                    try:
                        await asyncio.sleep(0.002)
                    finally:
                        now -= 1
            except Busy:
                told += 1

        tasks = [asyncio.create_task(work(number)) for number in range(200)]
        await asyncio.sleep(0.004)
        for task in tasks[::5]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (most, told > 0) == (3, True)
        for _ in range(3):
            await slots._take()
        assert slots._free.locked()
        assert slots._waiting == 0

    asyncio.run(run())
