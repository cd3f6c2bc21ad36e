"""WARC/1.1 records: building them from what crossed the wire, and reading them back by position."""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from zlib_ng import zlib_ng

from archive.errors import ArchiveError
from archive.leftovers import without_leftovers
from archive.locating import OPEN_SUFFIX as OPEN_SUFFIX
from archive.locating import locate as locate
from archive.locating import place as place
from archive.payload import HTTPResponse, parse_response

#: Profiles of revisit records (WARC/1.1 §6.7).
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

GZIP_LEVEL = 6
#: Window size that asks for a gzip member.
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back, byte for byte. `truncated` says why it was cut: length, time, disconnect."""

    url: str
    fetched_at: datetime
    request: bytes
    response: bytes
    ip: str | None = None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The earlier capture that a revisit record stands for."""

    record_id: str
    url: str
    fetched_at: str
    digest: str


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record read back: WARC headers (names as written) and its block."""

    headers: dict[str, str]
    block: bytes
    offset: int

    @property
    def type(self) -> str:
        """`response`, `revisit`, `request`, `metadata`, `warcinfo`, …"""
        return self.headers.get("WARC-Type", "unknown")

    @property
    def http(self) -> HTTPResponse:
        """The HTTP response in the block, codings that its body lacks renamed. Raises PayloadError if there is none."""
        return without_leftovers(parse_response(self.block))


def payload_digest(payload: bytes) -> str:
    """Return the labelled digest of a payload as sent: `sha256:` and base32, which warcio and FastWARC both verify."""
    return "sha256:" + base64.b32encode(hashlib.sha256(payload).digest()).decode("ascii")


def record_id() -> str:
    """Return a fresh WARC-Record-ID."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_date(moment: datetime) -> str:
    """Return a WARC-Date: UTC with microseconds, so that captures of one second keep their order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def member(
    type_: WarcRecordType,
    block: bytes,
    headers: Mapping[str, str | None],
    *,
    id_: str,
    date: datetime,
    content_type: str,
) -> bytes:
    """Return one record as one gzip member. Headers whose value is None are left out."""
    record = WarcRecord()
    record.init_headers(type_)
    record.record_id = id_
    record.set_bytes_content(block)
    record.headers["WARC-Date"] = warc_date(date)
    record.headers["Content-Type"] = content_type
    record.headers["WARC-Block-Digest"] = payload_digest(block)
    for name, value in headers.items():
        if value is not None:
            record.headers[name] = value
    return pack(record)


def pack(record: WarcRecord) -> bytes:
    """Return a record as one gzip member, its headers as they are."""
    plain = io.BytesIO()
    record.write(plain)
    return zlib_ng.compress(plain.getvalue(), level=GZIP_LEVEL, wbits=_GZIP)


def response_member(
    exchange: Exchange,
    http: HTTPResponse,
    *,
    id_: str,
    warcinfo: str | None,
    digest: str | None = None,
    same_as: Reference | None = None,
) -> bytes:
    """Return the response, or the revisit that stands for it when `same_as` is given (then the head alone is kept).

    `digest` is the payload's, where it is known already.
    """
    not_modified = same_as is not None and http.status == 304
    headers = {
        "WARC-Target-URI": exchange.url,
        "WARC-IP-Address": exchange.ip,
        "WARC-Warcinfo-ID": warcinfo,
        "WARC-Truncated": exchange.truncated,
        # The digest of a 304 is that of the entity it confirms (WARC/1.1 §6.7.3).
        "WARC-Payload-Digest": same_as.digest if same_as and not_modified else digest or payload_digest(http.payload),
    }
    block = exchange.response
    if same_as is not None:
        block = http.head
        headers |= {
            "WARC-Profile": NOT_MODIFIED if not_modified else SAME_PAYLOAD,
            "WARC-Refers-To": same_as.record_id,
            "WARC-Refers-To-Target-URI": same_as.url,
            "WARC-Refers-To-Date": same_as.fetched_at,
        }
    return member(
        WarcRecordType.revisit if same_as else WarcRecordType.response,
        block,
        headers,
        id_=id_,
        date=exchange.fetched_at,
        content_type="application/http; msgtype=response",
    )


def request_member(exchange: Exchange, *, response_id: str, warcinfo: str | None) -> bytes:
    """Return the request that was sent for the response `response_id`."""
    return member(
        WarcRecordType.request,
        exchange.request,
        {
            "WARC-Target-URI": exchange.url,
            "WARC-Concurrent-To": response_id,
            "WARC-Warcinfo-ID": warcinfo,
        },
        id_=record_id(),
        date=exchange.fetched_at,
        content_type="application/http; msgtype=request",
    )


def fields_member(
    type_: WarcRecordType,
    fields: Mapping[str, str | None],
    headers: Mapping[str, str | None],
    *,
    id_: str,
    date: datetime,
) -> bytes:
    """Return a warcinfo or metadata record of `name: value` lines (application/warc-fields), UTF-8."""
    lines = [f"{name}: {' '.join(str(value).split())}\r\n" for name, value in fields.items() if value is not None]
    return member(type_, "".join(lines).encode(), headers, id_=id_, date=date, content_type="application/warc-fields")


def parse_fields(block: bytes) -> dict[str, str]:
    """Read the lines of an application/warc-fields block."""
    pairs = (line.split(":", 1) for line in block.decode("utf-8", "replace").splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def copy_member(stored: StoredRecord) -> bytes:
    """Return a record that was read back as one gzip member, its headers and block unchanged."""
    record = WarcRecord()
    record.init_headers(getattr(WarcRecordType, stored.type))
    record.set_bytes_content(stored.block)
    for name, value in stored.headers.items():
        record.headers[name] = value
    return pack(record)


def read_record(directory: Path, name: str, offset: int) -> StoredRecord:
    """Read the record of the archive's file `name` at `offset`. Raises ArchiveError when there is none."""
    try:
        return read_record_at(*place(directory, name, offset))
    except FileNotFoundError:  # packed and removed between the look and the reading: it has its new place by now
        return read_record_at(*place(directory, name, offset))


def read_record_at(path: Path, offset: int) -> StoredRecord:
    """Read the record of a file at `offset`. Raises ArchiveError when there is none."""
    with path.open("rb") as file:
        file.seek(offset)
        try:
            for record in ArchiveIterator(file, parse_http=False):
                return StoredRecord(dict(record.headers.items()), record.reader.read(), offset)
        except (OSError, ValueError, RuntimeError) as error:
            raise ArchiveError(f"{path}: the record at {offset} cannot be read ({error})") from error
    raise ArchiveError(f"{path}: no record at {offset}; the file is cut or altered, put it back from a copy")


def records(path: Path) -> Iterator[StoredRecord]:
    """Yield the records of a WARC file in order. Raises ArchiveError where it is torn, corrupt or no WARC file.

    A compressed file must hold one gzip member a record, as WARC/1.1 recommends: only then has a record an offset.
    """
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                size, whole = path.stat().st_size, last_whole_member(file)
                if whole != size:
                    raise ArchiveError(f"{path}: torn or corrupt at byte {whole} of {size}; use an intact copy")
                file.seek(0)
            before = -1
            for record in ArchiveIterator(file, parse_http=False):
                if record.stream_pos == before:
                    raise ArchiveError(
                        f"{path}: several records in one gzip member; run `warcio recompress` on it first"
                    )
                before = record.stream_pos
                yield StoredRecord(dict(record.headers.items()), record.reader.read(), record.stream_pos)
            if before < 0:
                raise ArchiveError(f"{path}: holds no WARC record; give a WARC file")
    except (OSError, ValueError, RuntimeError) as error:
        raise ArchiveError(f"{path}: cannot be read as WARC ({error}); use an intact copy") from error


def last_whole_member(file: BinaryIO, start: int = 0) -> int:
    """Return the offset behind the last complete gzip member, looking from `start` (which begins a member)."""
    end, position = start, start
    file.seek(start)
    data = file.read(1 << 20)
    inflater = zlib.decompressobj(31)
    while data:
        try:
            inflater.decompress(data)
        except zlib.error:
            break
        position += len(data)
        if inflater.eof:
            position -= len(inflater.unused_data)
            end, data = position, inflater.unused_data
            inflater = zlib.decompressobj(31)
        else:
            data = b""
        if not data:
            data = file.read(1 << 20)
    return end
