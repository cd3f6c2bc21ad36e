"""From a record made elsewhere to one that the archive may keep: block unchanged, headers valid, digests compared."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from archive import clock
from archive.foreign.model import Unfit
from archive.foreign.walk import Raw
from archive.leftovers import MAX_CHUNKS, count_chunks, without_leftovers
from archive.members import digest_fits, payload_fits
from archive.payload import HTTPResponse, PayloadError, dechunk, decode_content, parse_response
from archive.warc import StoredRecord, payload_digest, warc_date

#: A header of ours: the payload digest as its maker wrote it, where another one had to take its place.
GIVEN = "X-Payload-Digest-Given"
#: A header of ours: where a record came from that was no WARC record.
SOURCE = "WARC-Source-URI"
#: Derived record ids: the same file gives the same ids again.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:union-archive:foreign")
_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+>")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?")
_WARC_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ALGORITHMS = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
#: The first website; an earlier date is no date (clocks that were never set say 1970).
_FIRST = datetime(1991, 8, 6, tzinfo=UTC)
_NAMES = (
    "WARC-Type WARC-Record-ID WARC-Date Content-Length Content-Type WARC-Concurrent-To WARC-Block-Digest"
    " WARC-Payload-Digest WARC-IP-Address WARC-Refers-To WARC-Refers-To-Target-URI WARC-Refers-To-Date WARC-Target-URI"
    " WARC-Truncated WARC-Warcinfo-ID WARC-Profile WARC-Identified-Payload-Type WARC-Segment-Number"
)
_SPELT = {name.lower(): name for name in _NAMES.split()}


def address(raw: Raw) -> str:
    """Return the URL of a record. Raises Unfit for one that is no http(s) address."""
    url = raw.head.get("WARC-Target-URI").removeprefix("<").removesuffix(">").strip()
    scheme = url.partition(":")[0].lower()
    if scheme == "dns":
        raise Unfit("dns", named=False)
    if scheme not in ("http", "https") and re.fullmatch(r"[a-z][a-z0-9+.-]*:\S*", url, re.IGNORECASE):
        raise Unfit("not http", named=False)
    try:
        parts = urlsplit(url)
        named = scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        sound = named and not re.search(r"[\s<>\ud800-\udfff]", url)
    except ValueError:
        sound = False
    if not sound:
        raise Unfit("address", f"its WARC-Target-URI {url[:80]!r} is no address")
    return url


def moment(raw: Raw) -> datetime:
    """Return the date of a record, UTC. Raises Unfit where it has none, or one that cannot be."""
    text = raw.head.get("WARC-Date")
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date = datetime.fromisoformat(text)
        date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unfit("date", f"its WARC-Date {text[:40]!r} is no time") from error
    if date < _FIRST:
        raise Unfit("date", f"its WARC-Date {text} is before the first website")
    if date > clock.utcnow() + timedelta(days=1):
        raise Unfit("future", f"its WARC-Date {text} lies in the future; mend the clock that wrote it")
    return date


def http_of(block: bytes) -> HTTPResponse:
    """Take a response apart. Raises Unfit when it is none."""
    try:
        http = parse_response(block)
    except PayloadError as error:
        raise Unfit("not HTTP", f"it holds no HTTP response ({error})") from error
    if count_chunks(http.payload) > MAX_CHUNKS:
        raise Unfit("bomb", f"its body is cut into more than {MAX_CHUNKS:,} chunks")
    return http


def derived_id(name: str, raw: Raw) -> str:
    """Return a record id made of the file's name, the place in it, and the record."""
    content = hashlib.sha256(repr(raw.head.headers).encode("utf-8", "surrogatepass") + (raw.block or b"")).hexdigest()
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'{name} {raw.place} {content}')}>"


def stored(raw: Raw, name: str, form: str, *, new_id: bool = False) -> StoredRecord:
    """Return a request, response or revisit as a record to keep. Raises Unfit when its digests do not hold.

    `name` is the file's, `form` its form. Headers stay as they are, but: names as WARC/1.1 spells them, none that is no
    token, the first of repeated ones, addresses without `<>`; a date and an id that are none are written anew (`new_id`
    asks for one), and so are digests that nobody can compare. ARC records say where they lay, in WARC-Source-URI.
    """
    assert raw.block is not None
    headers: dict[str, str] = {}
    for key, value in raw.head.headers:
        if _TOKEN.fullmatch(key):
            headers.setdefault(_SPELT.get(key.lower(), key), value)
    headers["WARC-Type"] = raw.type
    headers["WARC-Target-URI"] = address(raw)
    date = moment(raw)
    if not _WARC_DATE.fullmatch(headers["WARC-Date"]):
        headers["WARC-Date"] = warc_date(date)
    headers["WARC-Record-ID"] = _record_id(headers.get("WARC-Record-ID", ""))
    if new_id or not headers["WARC-Record-ID"]:
        headers["WARC-Record-ID"] = derived_id(name, raw)
    if raw.block and not headers.get("Content-Type", "").startswith("application/http"):
        headers["Content-Type"] = f"application/http; msgtype={'request' if raw.type == 'request' else 'response'}"
    if form == "ARC":
        headers[SOURCE] = f"file:{name}#offset={raw.place.offset}"
    _compare_block(headers, raw.block)
    return StoredRecord(headers, raw.block, raw.place.offset)


def _record_id(given: str) -> str:
    """Return an id with the `<>` that some writers forget; empty when it is none."""
    with_marks = given if given.startswith("<") else f"<{given}>"
    return with_marks if _ID.fullmatch(with_marks) else ""


def _compare_block(headers: dict[str, str], block: bytes) -> None:
    label = readable(headers.get("WARC-Block-Digest", ""))
    if label is None:
        headers["WARC-Block-Digest"] = payload_digest(block)
    elif not digest_fits(label, block):
        raise Unfit("digest", "its block digest does not hold; use an intact copy")


def readable(label: str) -> str | None:
    """Return a digest's label where it can be compared: a known algorithm, and a value of its length."""
    algorithm, colon, value = label.partition(":")
    if not colon and len(label) == 32:
        algorithm, value = "sha1", label  # Heritrix and early Common Crawl wrote the base32 alone
    if algorithm.lower().replace("-", "") not in _ALGORITHMS or not value.isascii():
        return None
    try:
        digest_fits(f"{algorithm}:{value}", b"")
    except ValueError:
        return None
    return f"{algorithm}:{value}"


def compare_payload(record: StoredRecord, http: HTTPResponse) -> str | None:
    """Hold a response's payload against its digest, and give it one where it has none that can be compared.

    Writers disagree on what the payload is: as sent, without its chunks, or decoded. Return a remark when it is kept
    for a reason that has to be told. Raises Unfit when it was altered.
    """
    given = record.headers.get("WARC-Payload-Digest", "")
    label = readable(given)
    remark = None
    if label is not None:
        as_sent = _fits(record, label)
        if as_sent and label == given:
            return None
        if not as_sent and not _fits_decoded(http, label):
            if without_leftovers(http) is http:
                raise Unfit("digest", "its payload digest does not hold; use an intact copy")
            remark = "its payload digest is of a body that was still coded; the body was stored decoded, it is kept"
    give_digest(record, payload_digest(http.payload))
    return remark


def give_digest(record: StoredRecord, label: str) -> None:
    """Give a record another WARC-Payload-Digest; what stood there goes to a header of its own."""
    given = record.headers.get("WARC-Payload-Digest")
    if given and given != label:
        record.headers.setdefault(GIVEN, given)
    record.headers["WARC-Payload-Digest"] = label


def stands_for(revisit: StoredRecord, original: StoredRecord, http: HTTPResponse) -> bool:
    """Say whether a revisit's payload digest is that of its original (`http`), where it can be compared at all."""
    if revisit.headers.get("WARC-Profile", "").endswith("server-not-modified"):
        return True  # some writers give the digest of the empty body of the 304
    label = readable(revisit.headers.get("WARC-Payload-Digest", ""))
    if label is None or label.lower() == original.headers.get(GIVEN, "").lower():
        return True
    return _fits(original, label) or _fits_decoded(http, label)


def _fits(record: StoredRecord, label: str) -> bool:
    try:
        return payload_fits(record, label)
    except (ValueError, PayloadError):
        return False


def _fits_decoded(http: HTTPResponse, label: str) -> bool:
    try:
        body = http.payload
        if "chunked" in (http.header("Transfer-Encoding") or "").lower():
            body = dechunk(body)
        return digest_fits(label, decode_content(body, http.header("Content-Encoding")))
    except PayloadError:
        return False
