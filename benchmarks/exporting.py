"""The export of a whole archive over HTTP: how fast, how much memory; and killed in the middle, again and again."""

import json
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
from export_client import last_change
from measuring import ROOT, environment, verdict
from serving import Peak, Server

from archive.article import Article
from archive.database import open_database, read_database, transaction
from archive.revisions import save_article

CLIENT = Path(__file__).resolve().parent / "export_client.py"
SPEED, MEMORY = 5_000, 50.0
#: Seconds between two articles that are inserted while an export runs.
PAUSE = 0.02


def speed(directory: Path) -> list[tuple[str, str]]:
    """Export everything in one request; return what it took. End the benchmark when an article is missing."""
    with closing(read_database(directory / "archive.db")) as db:
        held = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    with Server(directory) as server:
        httpx.get(f"{server.url}export.jsonl?since=0&q=zzzzzzzz", timeout=60).raise_for_status()
        idle = server.memory()
        lines = size = 0
        with Peak(server) as peak:
            started = time.monotonic()
            headers = {"accept-encoding": "identity"}
            with httpx.stream("GET", f"{server.url}export.jsonl", headers=headers, timeout=120) as answer:
                answer.raise_for_status()
                for chunk in answer.iter_raw():
                    size += len(chunk)
                    lines += chunk.count(b"\n")
            seconds = time.monotonic() - started
    if lines != held:
        raise SystemExit(f"/export.jsonl: {lines:,} lines of {held:,} articles")
    more = (peak.bytes - idle) / 1e6
    return [
        ("articles in one /export.jsonl", f"{lines:,} of {held:,}, {size / 1e6:,.0f} MB in {seconds:.0f} s"),
        ("articles/s", verdict(lines / seconds, SPEED, at_least=True)),
        ("memory of the server, idle and peak, MB", f"{idle / 1e6:.0f}, {peak.bytes / 1e6:.0f}"),
        ("peak above idle, MB", verdict(more, MEMORY, at_least=False)),
    ]


def kills(directory: Path, scratch: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """Kill the client `count` times and the server once while it exports a copy and another program adds articles.

    Returns what came of it: articles missed and had twice (the target is none), after the last continuation.
    """
    copy = scratch / "killed"
    shutil.copytree(directory, copy)
    out = scratch / "export.jsonl"
    draw = random.Random(f"kills/{seed}")
    try:
        with _Writer(copy) as writer:
            total = _size(copy)
            killed = 0
            shares = sorted(draw.uniform(0.05, 0.95) for _ in range(count + 1))
            with Server(copy) as server:
                for share in shares[:-1]:
                    killed += _killed(_client(server.url, out), None, out, int(share * total))
                killed += _killed(_client(server.url, out), server, out, int(shares[-1] * total))
            with Server(copy) as server:
                until = int(_finish(server.url, out))
                inserted_meanwhile = writer.end()
                last = int(_finish(server.url, out))
        return [
            ("kills (SIGKILL to the client, the last one to the server)", f"{killed} of {count + 1} in mid-export"),
            ("back-dated articles added meanwhile", f"{inserted_meanwhile}; the first whole export ran to {until}"),
            *_compared(copy, out, last),
        ]
    finally:
        shutil.rmtree(copy, ignore_errors=True)
        out.unlink(missing_ok=True)


def _size(directory: Path) -> int:
    """Return about how many bytes its export has."""
    lengths = "SELECT length(CAST(text AS BLOB)) AS length FROM articles LIMIT 1000"
    sql = f"SELECT 2.2 * avg(length) * (SELECT count(*) FROM articles) FROM ({lengths})"
    with closing(read_database(directory / "archive.db")) as db:
        return int(db.execute(sql).fetchone()[0])


def _client(url: str, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(CLIENT), url, str(out)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), cwd=ROOT
    )


def _killed(client: subprocess.Popen[str], server: Server | None, out: Path, size: int) -> bool:
    """Kill the client, or the server, when the file has `size` bytes; say whether that broke the export off.

    A client must not take what it has for the whole when it is not.
    """
    while client.poll() is None and (not out.exists() or out.stat().st_size < size):
        time.sleep(0.002)
    if server is not None:
        server.kill()
    else:
        client.kill()
    said, _ = client.communicate()
    if not client.returncode and int(said) != last_change(out):
        raise SystemExit(f"the client took a broken export for a whole one, up to change {said}")
    return client.returncode != 0


def _finish(url: str, out: Path) -> str:
    client = _client(url, out)
    said, _ = client.communicate()
    if client.returncode:
        raise SystemExit(f"export: exit {client.returncode}: {said}")
    return said


def _compared(directory: Path, out: Path, last: int) -> list[tuple[str, str]]:
    with closing(read_database(directory / "archive.db")) as db:
        held = {row[0]: (row[1], row[2]) for row in db.execute("SELECT uid, change, title FROM articles")}
    had: Counter[str] = Counter()
    other = 0
    with out.open(encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            had[article["uid"]] += 1
            other += held.get(article["uid"]) != (article["change"], article["title"])
    return [
        ("articles in the database, lines of the export", f"{len(held):,}, {had.total():,}; to change {last}"),
        ("articles missed", str(sum(uid not in had for uid in held))),
        ("articles had twice", str(sum(number > 1 for number in had.values()))),
        ("lines that say something else than the database", str(other)),
    ]


class _Writer:
    """Adds back-dated articles to an archive, some fifty a second, until it is told to end."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "archive.db"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._written = 0
        self._error: BaseException | None = None

    def __enter__(self) -> "_Writer":
        self._thread.start()
        return self

    def _write(self) -> None:
        try:
            with closing(open_database(self._path)) as db:
                while not self._ended.wait(PAUSE):
                    with transaction(db) as connection:
                        self._add(connection)
        except BaseException as error:  # noqa: BLE001 (raised by `end`)
            self._error = error

    def _add(self, connection) -> None:
        self._written += 1
        url = f"http://invented001.example.org/late/{self._written}.html"
        text = f"第{self._written}篇补登的文章，日期在前，入库在后。" * 20
        article = Article(
            url, f"补登第{self._written}篇", text, f"<p>{text}</p>", site="invented001", language="zh-Hans",
            published_at=f"2016-{1 + self._written % 12:02}-{1 + self._written % 28:02}", published_from="label",
        )  # fmt: skip
        save_article(
            connection, article, key=url, fetched_at="2026-01-02T03:04:05Z", captures=[], derived_with="synthetic"
        )

    def end(self) -> int:
        """Stop writing and return how many articles were added. Raises what stopped it before."""
        self._ended.set()
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._written

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
