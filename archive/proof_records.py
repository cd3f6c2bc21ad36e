"""The records of a proof: found in the archive's files, with the audit path of each to the file's line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive import merkle
from archive.errors import ArchiveError
from archive.manifest import Line
from archive.merkle import Member

#: Bytes of records in a proof: it is checked in memory.
MAX_BYTES = 2**30
_INFO = b"\r\nWARC-Type: warcinfo\r\n"

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Region:
    """A file as its line lists it, which lies from byte `begin` on in the file `path` (0 unless it was packed).

    `wanted`: by offset in the region, the WARC-Record-ID that must be there.
    """

    path: Path
    begin: int
    line: Line
    wanted: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A record that is to be proved: which leaf it is, its member, its WARC headers."""

    index: int
    member: Member
    headers: dict[str, str]


def collect(regions: Iterable[Region], advance: Advance = lambda _: None) -> tuple[list[dict[str, Any]], bytes]:
    """Return what proof.json says of each record, and the records' members one after another.

    With each wanted record come those that belong to it (WARC-Concurrent-To), the warcinfo that it names, and the
    file's own. `advance` hears of the bytes read. Raises ArchiveError where a file is not what its line lists, and for
    more than a proof can hold.
    """
    told: list[dict[str, Any]] = []
    parts: list[bytes] = []
    size = 0
    for region in regions:
        leaves, found = _scan(region, advance)
        size += sum(len(one.member.data) for one in found)
        if size > MAX_BYTES:
            raise ArchiveError(f"{region.path}: over {MAX_BYTES:,} bytes are to be proved; take one --revision")
        paths = merkle.paths(leaves, [one.index for one in found])
        for one in found:
            told.append(_told(region, one, paths[one.index]))
            parts.append(one.member.data)
    return told, b"".join(parts)


def _scan(region: Region, advance: Advance) -> tuple[list[bytes], list[_Found]]:
    """Read a region: every leaf of its tree, and the records to be proved, in their order."""
    leaves: list[bytes] = []
    found: list[_Found] = []
    infos: list[_Found] = []
    current = None
    with region.path.open("rb") as file:
        for index, member in enumerate(merkle.members(file, region.begin, region.line.size)):
            advance(len(member.data))
            leaves.append(merkle.leaf(member.offset, member.data))
            wanted = region.wanted.get(member.offset)
            if wanted is not None or current is not None:
                one = _Found(index, member, _headers(member.head))
                if wanted is not None:
                    current = wanted
                    found.append(one)
                elif one.headers.get("WARC-Concurrent-To") == current:
                    found.append(one)
                else:
                    current = None
            if _INFO in member.head:
                infos.append(_Found(index, member, _headers(member.head)))
    _check(region, leaves, found)
    named = {one.headers.get("WARC-Warcinfo-ID") for one in found}
    found += [one for one in infos if one.index == 0 or one.headers.get("WARC-Record-ID") in named]
    return leaves, list(_once(found))


def _once(found: Iterable[_Found]) -> Iterator[_Found]:
    """Yield records in the order of their file, each once."""
    return iter({one.index: one for one in sorted(found, key=lambda one: one.index)}.values())


def _check(region: Region, leaves: list[bytes], found: Iterable[_Found]) -> None:
    """Raise ArchiveError where a file, or a record in it, is another than was listed."""
    tree = merkle.Tree()
    for leaf in leaves:
        tree.add(leaf)
    if (tree.count, tree.root().hex()) != (region.line.members, region.line.records):
        number = region.line.number
        raise ArchiveError(f"{region.path}: is not what line {number} of the manifest lists; put it back from a copy")
    have = {one.member.offset: one.headers.get("WARC-Record-ID") for one in found}
    for offset, id_ in region.wanted.items():
        if have.get(offset) != id_:
            at = region.begin + offset
            raise ArchiveError(f"{region.path} at {at}: no record {id_}; run `union-archive verify`")


def _told(region: Region, one: _Found, path: list[bytes]) -> dict[str, Any]:
    """Return what proof.json says of a record; `url` and `at`, its address and WARC-Date, are for its capture."""
    return {
        "record_id": one.headers.get("WARC-Record-ID"),
        "type": one.headers.get("WARC-Type"),
        "digest": one.headers.get("WARC-Payload-Digest"),
        "file": region.line.file,
        "offset": one.member.offset,
        "length": len(one.member.data),
        "sha256": merkle.sha256(one.member.data),
        "line": region.line.number,
        "file_sha256": region.line.sha256,
        "index": one.index,
        "path": [hash_.hex() for hash_ in path],
        "url": one.headers.get("WARC-Target-URI"),
        "at": one.headers.get("WARC-Date"),
    }


def _headers(head: bytes) -> dict[str, str]:
    """Return the WARC headers at the beginning of a record."""
    lines = head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:])
    return {name.strip(): value.strip() for name, _, value in pairs}
