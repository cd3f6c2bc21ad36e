#!/usr/bin/env python3
"""Check a proof that `union-archive prove` made: python3 check.py proof.zip, or the folder it was unpacked into.

It needs Python 3.9 or newer and nothing else; README.txt, beside it in the proof, says what is proved and what is not.
Exit 0: every byte is as it was when the proof was made. Exit 1: one is not, or it is no proof.
"""

# ruff: noqa: T201 (it prints, without the project's packages)

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

NAMES = ["README.txt", "check.py", "article.json", "proof.json", "manifest.jsonl", "records.warc.gz", "SHA256SUMS"]
FORMAT = "union-archive proof 1"


class NotProved(Exception):
    """What does not hold, in one line."""


def need(holds: object, what: str) -> None:
    """Raise NotProved with `what` unless it holds."""
    if not holds:
        raise NotProved(what)


def sha256(data: bytes) -> str:
    """Return a SHA-256 as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sums(members: dict[str, bytes]) -> bytes:
    """Return what SHA256SUMS must say of the other members, in the form that `sha256sum -c` reads."""
    return "".join(f"{sha256(members[name])}  {name}\n" for name in NAMES[:-1]).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    """Return the one zip file that these members make: stored, in order, dated 1980-01-01. No byte of it is free."""
    parts, directory, at = [], [], 0
    for name in NAMES:
        data = members[name]
        facts = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        parts += [b"PK\3\4" + facts + name.encode(), data]
        more = struct.pack("<3H2I", 0, 0, 0, 0o100644 << 16, at)
        directory.append(b"PK\1\2" + struct.pack("<H", 3 << 8 | 20) + facts + more + name.encode())
        at += len(parts[-2]) + len(data)
    listed = b"".join(directory)
    end = b"PK\5\6" + struct.pack("<4H2IH", 0, 0, len(NAMES), len(NAMES), len(listed), at, 0)
    return b"".join([*parts, listed, end])


def unpacked(path: Path) -> dict[str, bytes]:
    """Return the members of a proof, a zip file or a folder, by name."""
    holds = f"it must hold {', '.join(NAMES)} and nothing else"
    if path.is_dir():
        need(sorted(one.name for one in path.iterdir()) == sorted(NAMES), holds)
        return {name: (path / name).read_bytes() for name in NAMES}
    data = path.read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(data))
    need(archive.namelist() == NAMES, holds)
    need(all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist()), "the zip file was made anew")
    members = {name: archive.read(name) for name in NAMES}
    need(zipped(members) == data, "the zip file has bytes that its members do not account for")
    return members


def read_manifest(data: bytes) -> list[dict[str, Any]]:
    """Return the lines of a manifest, each with its own hash, after checking that each names the one before."""
    before, lines = "0" * 64, []
    need(data.endswith(b"\n"), "manifest.jsonl ends within a line")
    for number, line in enumerate(data[:-1].split(b"\n"), 1):
        values = json.loads(line)
        need((values["number"], values["before"]) == (number, before), f"manifest.jsonl: the chain breaks at {number}")
        before = values["hash"] = sha256(line)
        lines.append(values)
    return lines


def root(offset: int, member: bytes, index: int, count: int, path: list[str]) -> str:
    """Return the root of the tree (that of RFC 6962; the way up, RFC 9162 §2.1.3.2) with a member as one leaf."""
    found = hashlib.sha256(b"\0" + offset.to_bytes(8, "big") + member).digest()
    last = count - 1
    need(0 <= index <= last, "a record's place in its tree is outside it")
    for beside in map(bytes.fromhex, path):
        need(last > 0, "a record's path is too long")
        if index % 2 or index == last:
            found = hashlib.sha256(b"\1" + beside + found).digest()
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            found = hashlib.sha256(b"\1" + found + beside).digest()
        index, last = index // 2, last // 2
    need(last == 0, "a record's path is too short")
    return found.hex()


def fits(label: str, data: bytes) -> bool:
    """Say whether a WARC digest, `sha256:` and base32 or hexadecimal digits, is that of the data."""
    name, _, value = label.partition(":")
    actual = hashlib.new(name.lower().replace("-", ""), data)
    encoded = base64.b32encode(actual.digest()).decode().rstrip("=")
    return value.lower() == actual.hexdigest() or value.upper().rstrip("=") == encoded


def dechunked(body: bytes) -> bytes:
    """Return a body without HTTP's chunks; what follows a cut is missing."""
    out, at = b"", 0
    while size := re.compile(rb"\s*([0-9A-Fa-f]{1,15})[^\n]*\n").match(body, at):
        length = int(size[1], 16)
        if not length:
            break
        out += body[size.end() : size.end() + length]
        at = size.end() + length
    return out


def payload_fits(label: str, block: bytes) -> bool:
    """Say whether a digest is that of the body in a block: what follows a blank line, with or without its chunks.

    Interim responses (100 Continue) end with blank lines too, so a few are tried.
    """
    ends = [match.end() for match in re.finditer(rb"\r\n\r\n|\n\n", block[: 1 << 20])][:4]
    bodies = [block[end:] for end in ends] or [b""]
    return any(fits(label, body) for body in bodies) or any(fits(label, dechunked(body)) for body in bodies)


def read_record(member: bytes, where: str) -> dict[str, str]:
    """Return the WARC headers of a gzip member that is one record, after checking its length and its digests."""
    inflater = zlib.decompressobj(31)
    plain = inflater.decompress(member)
    need(inflater.eof and not inflater.unused_data, f"{where} is not one gzip member")
    head, _, rest = plain.partition(b"\r\n\r\n")
    version, *lines = head.decode("utf-8", "replace").split("\r\n")
    headers = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    block = rest[:-4]
    need(version.startswith("WARC/1.") and rest.endswith(b"\r\n\r\n"), f"{where} is no WARC record")
    need(headers["Content-Length"] == str(len(block)), f"{where} has another length than it says")
    label = headers.get("WARC-Block-Digest")
    need(label is None or fits(label, block), f"{where}: its block does not have its digest")
    label = headers.get("WARC-Payload-Digest")
    if label is not None and headers["WARC-Type"] == "response":
        need(payload_fits(label, block), f"{where}: its payload does not have its digest")
    return headers


def check_records(proof: Any, lines: list[dict[str, Any]], data: bytes) -> dict[str, Any]:
    """Check every record: its bytes, its digests, and that it lay in a file that the manifest lists."""
    at, found = 0, {}
    for number, record in enumerate(proof["records"], 1):
        where = f"record {number}"
        member = data[at : at + record["length"]]
        at += record["length"]
        need(0 < record["line"] <= len(lines), f"{where} names no line of the manifest")
        line = lines[record["line"] - 1]
        told = (record["file"], record["file_sha256"])
        need(told == (line["file"], line["sha256"]), f"{where} names another file than its line")
        need(sha256(member) == record["sha256"], f"{where} does not have its digest")
        top = root(record["offset"], member, record["index"], line["members"], record["path"])
        need(top == line["records"], f"{where}: its path does not lead to line {record['line']}")
        headers = read_record(member, where)
        kept = (headers["WARC-Record-ID"], headers["WARC-Type"], headers.get("WARC-Payload-Digest"))
        need(kept == (record["record_id"], record["type"], record["digest"]), f"{where} is not what proof.json says")
        found[record["record_id"]] = (headers, line)
    need(at == len(data), "records.warc.gz holds bytes that are in no record")
    return found


def check_captures(proof: Any, article: Any, found: dict[str, Any]) -> list[str]:
    """Check that each capture of the article has its record; return what is proved of each."""
    need((article["uid"], article["url"]) == (proof["uid"], proof["url"]), "article.json is about another article")
    need(proof["captures"], "it holds no capture")
    listed = {one["record_id"] for one in article["captures"]}
    said = []
    for one in proof["captures"]:
        need(one["record_id"] in found and one["record_id"] in listed, "a capture's record is missing")
        headers, line = found[one["record_id"]]
        told = (headers["WARC-Target-URI"], headers["WARC-Date"])
        need(told == (one["url"], one["fetched_at"]), "a capture has another address or date than its record")
        original = one["stands_for"]
        need(original is None or original in found, "the record that a capture stands for is missing")
        what = headers["WARC-Type"] if original is None else f"{headers['WARC-Type']} of {original}"
        said.append(f"  {one['fetched_at']}  {what}  {one['url']}")
        said.append(f"    in {line['file']}, listed {line['at']} (line {line['number']})")
    return said


def check(path: Path) -> list[str]:
    """Check a proof; return what it proves as lines of text. Raises NotProved, or whatever broken bytes cause."""
    members = unpacked(path)
    need(members["SHA256SUMS"] == sums(members), "SHA256SUMS does not fit: a file was changed")
    proof, article = json.loads(members["proof.json"]), json.loads(members["article.json"])
    need(proof["format"] == FORMAT, "proof.json has another format than this checker")
    lines = read_manifest(members["manifest.jsonl"])
    need(proof["manifest"] == {"lines": len(lines), "last": lines[-1]["hash"]}, "the manifest is another one")
    found = check_records(proof, lines, members["records.warc.gz"])
    said = [f"article {proof['uid']}, {proof['url']}", *check_captures(proof, article, found)]
    said.append(f"{len(found)} records, each unchanged since its file was listed")
    if proof["left_out"]:
        said.append(f"left out: {len(proof['left_out'])} captures (proof.json says why)")
    said.append(f"manifest: {len(lines)} lines, an unbroken chain; hash of the last: {lines[-1]['hash']}")
    said.append(f"SHA256SUMS itself: {sha256(members['SHA256SUMS'])}")
    return said


def show(line: str) -> None:
    """Print a line that a stranger may have written: nothing in it steers the terminal."""
    print("".join(one if one.isprintable() else "?" for one in line))


def main(arguments: list[str]) -> int:
    """Check what the command line names, else the folder that this file lies in."""
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        said = check(path)
    except Exception as error:  # noqa: BLE001 (whatever breaks, nothing is proved)
        show(f"NOT PROVED: {error if isinstance(error, NotProved) else f'it cannot be read ({error!r})'}")
        return 1
    for line in said:
        show(line)
    show("PROVED, as far as README.txt says. Compare both hashes with those that were published.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
