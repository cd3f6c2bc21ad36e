"""Checking an archive from outside: every capture opens to its record in two WARC readers that are not ours."""

import base64
import hashlib
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from measuring import ROOT, environment, union_archive
from warcio.archiveiterator import ArchiveIterator as WarcioIterator


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `warcio` and `fastwarc` count the captures that each opened to the right record and payload."""

    articles: int
    twice: int
    captures: int
    warcio: int
    fastwarc: int
    files: int
    left_open: int
    verify: str
    """The last line that `union-archive verify` printed."""
    whole: bool

    def faults(self, articles: int) -> list[str]:
        """Return what is wrong, one line each."""
        checks = (
            (self.articles == articles, f"{self.articles} articles of {articles}"),
            (self.twice == 0, f"{self.twice} articles stored twice"),
            (self.warcio == self.captures, f"{self.captures - self.warcio} captures do not open in warcio"),
            (self.fastwarc == self.captures, f"{self.captures - self.fastwarc} captures do not open in FastWARC"),
            (self.left_open == 0, f"{self.left_open} WARC files were left open"),
            (self.whole, f"verify: {self.verify}"),
        )
        return [fault for right, fault in checks if not right]


def check(directory: Path) -> Checked:
    """Check the archive in `directory`, which nobody writes meanwhile."""
    with closing(sqlite3.connect(directory / "archive.db")) as db:
        articles, urls = db.execute("SELECT count(*), count(DISTINCT url) FROM articles").fetchone()
        rows = db.execute("SELECT warc, offset, record_id, digest, kind FROM captures ORDER BY warc, offset").fetchall()
    opened = {"warcio": 0, "fastwarc": 0}
    for warc, offset, record_id, digest, kind in rows:
        for name, read in (("warcio", _by_warcio), ("fastwarc", _by_fastwarc)):
            opened[name] += read(directory / "warc" / warc, offset) == (record_id, digest, kind)
    verify = subprocess.run(
        union_archive(directory, "verify"), capture_output=True, text=True, env=environment(), cwd=ROOT, check=False
    )
    printed = (verify.stdout + verify.stderr).strip().splitlines()
    files = [path.name for path in (directory / "warc").glob("*.warc.gz*")]
    return Checked(
        articles,
        articles - urls,
        len(rows),
        opened["warcio"],
        opened["fastwarc"],
        len(files),
        sum(name.endswith(".open") for name in files),
        printed[-1] if printed else "printed nothing",
        verify.returncode == 0,
    )


def _by_warcio(path: Path, offset: int) -> tuple[str, str, str]:
    with path.open("rb") as file:
        file.seek(offset)
        record = next(iter(WarcioIterator(file)))
        headers = record.rec_headers
        payload = record.raw_stream.read()
        return _found(headers.get_header("WARC-Record-ID"), record.rec_type, payload, headers.get_header)


def _by_fastwarc(path: Path, offset: int) -> tuple[str, str, str]:
    with path.open("rb") as file:
        file.seek(offset)
        record = next(iter(FastIterator(file, parse_http=True)))
        return _found(record.record_id, record.headers.get("WARC-Type"), record.reader.read(), record.headers.get)


def _found(record_id: str, kind: str, payload: bytes, header) -> tuple[str, str, str]:
    """Return record id, payload digest and kind as a row of `captures` has them."""
    if kind == "revisit":
        same = header("WARC-Profile").endswith("identical-payload-digest")
        return record_id, header("WARC-Payload-Digest"), "same" if same else "unmodified"
    digest = "sha256:" + base64.b32encode(hashlib.sha256(payload).digest()).decode()
    return record_id, digest, kind
