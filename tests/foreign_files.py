"""Files as other tools write them: WARC by hand and by warcio, ARC and WACZ by hand."""

import base64
import gzip
import hashlib
import io
import json
import zipfile

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.foreign import Tally, read
from archive.warc import copy_member

PAGE = "<!doctype html><title>河湾区总工会</title><p>修车棚里添了一排充电桩，是职工代表提的建议。".encode()
URL = "http://hewan.example.org/news/7.html"
DATE = "2019-03-04T05:06:07Z"


def http(body=PAGE, *headers, first="HTTP/1.1 200 OK"):
    """The bytes of a response."""
    return "\r\n".join([first, "Content-Type: text/html", *headers, "", ""]).encode() + body


def sha1(data):
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def id_of(number):
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>"


def record(block, *headers, number=1, type_="response", url=URL, date=DATE, version="WARC/1.0", length=None):
    """A WARC record, not packed; `None` for id, url or date leaves the header out, `headers` are lines."""
    named = {
        "WARC-Type": type_,
        "WARC-Record-ID": number if number is None else id_of(number),
        "WARC-Target-URI": url,
        "WARC-Date": date,
        "Content-Type": f"application/http; msgtype={'request' if type_ == 'request' else 'response'}",
        "Content-Length": len(block) if length is None else length,
    }
    lines = [version, *(f"{name}: {value}" for name, value in named.items() if value is not None), *headers, "", ""]
    return "\r\n".join(lines).encode() + block + b"\r\n\r\n"


def packed(*records):
    """One gzip member a record."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def request(of=1, *, number=100, method="GET", url=URL):
    block = f"{method} /news/7.html HTTP/1.1\r\nHost: hewan.example.org\r\n\r\n".encode()
    return record(block, f"WARC-Concurrent-To: {id_of(of)}", number=number, type_="request", url=url)


def revisit(*headers, number=2, block=b"HTTP/1.1 200 OK\r\nServer: later\r\n\r\n", url=URL):
    profile = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    return record(block, profile, *headers, number=number, type_="revisit", url=url, date="2020-01-02T03:04:05Z")


def arc(*records, version=1):
    """An ARC file of `records`: (url, date, block)."""
    fields = "URL IP-address Archive-date Content-type" + (
        " Archive-length" if version == 1 else " Result-code Checksum Location Offset Filename Archive-length"
    )
    about = f"{version} 0 Hewan Archive\n{fields}\n\n".encode()
    more = "" if version == 1 else "200 - - 0 hewan.arc "
    lines = [f"filedesc://hewan.arc 0.0.0.0 20040102030405 text/plain {more}{len(about)}\n".encode() + about]
    lines += [f"{url} 192.0.2.7 {date} text/html {more}{len(block)}\n".encode() + block for url, date, block in records]
    return [line + b"\n" for line in lines]


def wacz(path, files, *, package=True, method=zipfile.ZIP_STORED):
    """A WACZ of `files` (name -> bytes), which are stored, with a datapackage.json."""
    hashes = [{"path": name, "hash": "sha256:" + hashlib.sha256(data).hexdigest()} for name, data in files.items()]
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if package:
            archive.writestr("datapackage.json", json.dumps({"profile": "data-package", "resources": hashes}))
    return path


def warcio_file(*, version="1.0", gzip=True, chunked=False):
    """A file of a request, its response, a revisit, a resource and a metadata record, by warcio."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzip, warc_version=version)
    writer.write_record(writer.create_warcinfo_record("hewan.warc.gz", {"software": "warcio"}))
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE) if chunked else PAGE
    lines = [("Content-Type", "text/html"), *([("Transfer-Encoding", "chunked")] if chunked else [])]
    head = StatusAndHeaders("200 OK", lines, protocol="HTTP/1.1")
    dated = {"WARC-Date": DATE}
    response = writer.create_warc_record(URL, "response", io.BytesIO(body), http_headers=head, warc_headers_dict=dated)
    asked = StatusAndHeaders("GET /news/7.html HTTP/1.1", [("Host", "hewan.example.org")], is_http_request=True)
    sent = writer.create_warc_record(URL, "request", http_headers=asked, warc_headers_dict=dict(dated))
    writer.write_request_response_pair(sent, response)
    digest = response.rec_headers.get_header("WARC-Payload-Digest")
    again = writer.create_revisit_record(URL, digest, URL, DATE, http_headers=head)
    writer.write_record(again)
    page = writer.create_warc_record("urn:text:" + URL, "resource", io.BytesIO(b"text"), warc_content_type="text/plain")
    writer.write_record(page)
    for one in (sent, response, again, page):
        one.raw_stream.close()
    return out.getvalue()


def take(path, data=None, **limits):
    """Write and read a file; return what it gives and the tally."""
    if data is not None:
        path.write_bytes(data)
    tally = Tally(**limits)
    return list(read(path, tally)), tally


def copies(found):
    """The records that are kept, as the archive writes them."""
    records = [one for each in found for one in (each.response, each.request, each.original) if one]
    return b"".join(copy_member(one) for one in {one.headers["WARC-Record-ID"]: one for one in records}.values())


def read_by_others(data):
    """Have warcio and FastWARC read WARC members with their digests; return the types and ids, which both agree on."""
    seen = []
    for one in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        one.raw_stream.read()
        seen.append((one.rec_type, one.rec_headers.get_header("WARC-Record-ID")))
        assert one.rec_headers.protocol == "WARC/1.1"
    fast = list(FastIterator(io.BytesIO(data), parse_http=False, verify_digests=True))
    assert [(one.headers["WARC-Type"], one.record_id) for one in fast] == seen
    return seen
