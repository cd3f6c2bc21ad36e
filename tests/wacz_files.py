"""An archive whose articles have pictures and files, some of them seen again; its WACZ file, and what reads it."""

import gzip
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from filled import Filler, article
from warcio.archiveiterator import ArchiveIterator

from archive.article import Attachment, Image
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.revisions import save_article
from archive.search.selection import Selection
from archive.wacz import Facts, Written, write

PICTURE = "http://chengnan.example.org/images/hall.png"
NOTICE = "http://chengnan.example.org/files/notice.pdf"
PDF = b"%PDF-1.4\n" + "1 0 obj <</Title (招聘公告)>> endobj\n".encode() + b"%%EOF\n"


def png(width: int = 40, height: int = 30) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = zlib.compress((b"\0" + b"\xc8\x1e\x1e" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def answer(body: bytes, content_type: str, status: str = "200 OK") -> bytes:
    """A response as a server sends it."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def page(text: str) -> bytes:
    """The page of an article with a picture and a file."""
    body = f"""<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>培训班开班</title></head><body>
    <h1>培训班开班</h1><p id="said">{text}</p><img id="picture" src="/images/hall.png" alt="礼堂">
    <a id="file" href="/files/notice.pdf">公告</a></body></html>"""
    return answer(body.encode(), "text/html; charset=utf-8")


class Packer(Filler):
    """A Filler whose captures have their content type, as those of a crawl."""

    def keep(self, url: str, wire: bytes, *, same_as: int | None = None) -> int:
        """Write a response of chengnan; returns its capture."""
        id_ = self.capture(url, wire, site="chengnan", same_as=same_as)
        kind = wire.split(b"Content-Type: ")[1].split(b"\r\n")[0].decode()
        self.db.execute("UPDATE captures SET content_type = ? WHERE id = ?", [kind, id_])
        return id_

    def store(self, number: int, captures: list[int], **changes) -> str:
        """Store an article that was read from captures; returns its uid."""
        one = article(number, **changes)
        seen = self.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        save_article(self.db.conn, one, key=one.url, fetched_at=seen, captures=captures, derived_with="test")
        return self.db.execute("SELECT uid FROM articles WHERE url = ?", [one.url]).fetchone()[0]


def illustrated(path: Path) -> tuple[ArchiveDirectory, str]:
    """An archive of two articles; and the uid of the first.

    The first was seen four times (edited, repeated, a 304), and has a picture and a file. The second shows the same
    picture from an address of its own, which sent the same bytes.
    """
    packer = Packer(path)
    url, other = (article(number).url for number in (1, 2))
    pictures = {"images": (Image(PICTURE, "礼堂"),), "attachments": (Attachment(NOTICE, "公告"),)}
    first = packer.keep(url, page("第一次报道"))
    uid = packer.store(1, [first], **pictures)
    shown = packer.keep(PICTURE, answer(png(), "image/png"))
    packer.keep(NOTICE, answer(PDF, "application/pdf"))
    second = packer.keep(url, page("更正后的报道"))
    packer.store(1, [second], title="培训班延期", **pictures)
    again = packer.keep(url, page("更正后的报道"), same_as=second)
    unmodified = packer.keep(url, answer(b"", "text/html", "304 Not Modified"), same_as=second)
    packer.store(1, [again, unmodified], title="培训班延期", **pictures)
    beside = other.replace(".html", ".png")
    packer.keep(beside, answer(png(), "image/png"), same_as=shown)
    packer.store(2, [packer.keep(other, page("第二期报道"))], images=(Image(beside),))
    return packer.close(), uid


def packed(directory: ArchiveDirectory, path: Path, **how) -> Written:
    """Write a WACZ file of an archive to `path`."""
    db = directory.read_database()
    try:
        with path.open("wb") as out:
            selection = Selection(**how.pop("selection", {}))
            return write(out, db, directory.warc, selection, Facts("运河档案", "© 各工会"), **how)
    finally:
        db.close()


def export(directory: ArchiveDirectory, out: Path, *arguments: str):
    """The command, run with a name of a file."""
    return CliRunner().invoke(cli, ["--archive", str(directory.path), "export", "-o", str(out), *arguments])


def unpacked(path: Path, folder: Path) -> Path:
    """The folder with what a WACZ file holds."""
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        file.extractall(folder)
    return folder


def valid(path: Path) -> bool:
    """What `wacz validate` says; its package is a heavy one, so it has a process of its own."""
    pytest.importorskip("wacz")
    program = [sys.executable, "-W", "ignore", "-c", "from wacz.main import main; raise SystemExit(main())"]
    done = subprocess.run([*program, "validate", "-f", path], capture_output=True, text=True, timeout=120, check=False)
    assert ("Validation succeeded" in done.stdout) == (done.returncode == 0), done.stdout + done.stderr
    return done.returncode == 0


def lines(path: Path) -> list[dict]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def index(folder: Path) -> list[tuple[str, str, dict]]:
    """The lines of the index, each key, stamp and facts."""
    text = gzip.decompress((folder / "indexes/index.cdx.gz").read_bytes()).decode()
    split = [line.split(" ", 2) for line in text.splitlines()]
    return [(key, at, json.loads(facts)) for key, at, facts in split]


def stored(folder: Path) -> list[tuple[str, str]]:
    """Type and address of every record, each opened by warcio and its digests checked."""
    found = []
    for path in sorted((folder / "archive").iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                record.content_stream().read()
                found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI")))
    return found
