"""How a record begins in each form of file: WARC headers, and the one line of an ARC record."""

from __future__ import annotations

import io
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import IO, BinaryIO

from archive.foreign.model import MAX_HEAD, Unfit

Stream = BinaryIO | IO[bytes] | io.BufferedReader
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a block: WARC headers (of an ARC record, as they are to be), and the block's length."""

    headers: Headers
    length: int
    _first: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in self.headers:
            self._first.setdefault(name.lower(), value)

    def get(self, name: str) -> str:
        """Return the first value of a header, by any case; empty when it is not there."""
        return self._first.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file. `start` finds the line that begins a record, `anywhere` one behind a line's end (group 1)."""

    name: str
    start: re.Pattern[bytes]
    anywhere: re.Pattern[bytes]
    head: Callable[[bytes, Stream], Head]

    def begins(self, line: bytes) -> bool:
        """Say whether a record begins with this line."""
        return self.start.match(line) is not None


_VERSION = re.compile(rb"WARC/(0\.1[78]|1\.[01])[ \t]*\r?\n")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_LENGTH = re.compile(r"[0-9]{1,18}")


def _warc_head(first: bytes, stream: Stream) -> Head:
    """Read the headers behind the version line `first`. Raises Unfit for a version or a length that is none."""
    lines: list[bytes] = []
    room = MAX_HEAD
    while (line := stream.readline(room)).strip(b"\r\n"):
        room -= len(line)
        if room <= 0 or not line.endswith(b"\n"):
            raise Unfit("damaged", f"its WARC headers do not end within {MAX_HEAD:,} bytes")
        if WARC.begins(line):
            raise Unfit("damaged", "its WARC headers do not end before the next record begins")
        if line[:1] in b" \t" and lines:
            lines[-1] = lines[-1].rstrip() + b" " + line.strip()  # folded, as WARC/1.0 allows
        else:
            lines.append(line)
    headers = [_pair(line) for line in lines if b":" in line]
    if not _VERSION.fullmatch(first):
        raise Unfit("version", f"its version is {first.strip()[:20]!r}; versions 0.17 to 1.1 can be read")
    head = Head(headers, 0)
    length = head.get("Content-Length")
    if not _LENGTH.fullmatch(length):
        raise Unfit("length", f"its Content-Length is {length[:30]!r}")
    return replace(head, length=int(length))


def _pair(line: bytes) -> tuple[str, str]:
    name, _, value = line.partition(b":")
    return _text(name), _text(value)


def _text(data: bytes) -> str:
    """Decode a header; what would end a line elsewhere, or a text, becomes a space."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.strip() if text.isprintable() else _CONTROLS.sub(" ", text).strip()


#: URL, address, date, type, then (version 2) status, checksum, location, offset, file; then the length.
_ARC = (
    rb"([a-z][a-z0-9+.-]{0,20}:[^\r\n]{0,8000}?) ([0-9A-Fa-f.:]{1,45}|-) ([0-9]{12,14}) ([^ \r\n]{0,200})"
    rb"(?: ([0-9]{1,3}|-) ([^ \r\n]{0,200}) ([^ \r\n]{0,2000}) ([0-9]{1,18}|-) ([^ \r\n]{0,400}))? ([0-9]{1,18})\r?\n"
)
_ARC_LINE = re.compile(_ARC)


def _arc_head(first: bytes, stream: Stream) -> Head:
    """Read an ARC record's one line as WARC headers. Raises Unfit when it is none."""
    found = _ARC_LINE.fullmatch(first)
    if not found:
        raise Unfit("damaged", f"no ARC record begins with {first[:60]!r}")
    url, address, date, *_, length = (_text(part or b"") for part in found.groups())
    d = date.ljust(14, "0")
    headers = [
        ("WARC-Type", "warcinfo" if url.startswith("filedesc:") else "response"),
        ("WARC-Target-URI", url),
        ("WARC-Date", f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:14]}Z"),
        ("Content-Type", "text/dns" if url.startswith("dns:") else "application/http; msgtype=response"),
    ]
    if _is_address(address):
        headers.append(("WARC-IP-Address", address))
    return Head(headers, int(length))


def _is_address(text: str) -> bool:
    """Say whether an ARC record names an IP address; `0.0.0.0` is how it says that it knows none."""
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


WARC = Form("WARC", re.compile(rb"WARC/[0-9]"), re.compile(rb"\n(WARC/[0-9]\.[0-9]{1,2}[ \t]*\r?\n)"), _warc_head)
ARC = Form("ARC", _ARC_LINE, re.compile(rb"\n(" + _ARC + rb")"), _arc_head)
FORMS = (WARC, ARC)
