"""The WARC files in a WACZ (a zip), read where they lie; names in a zip are never used as paths."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from archive.errors import ArchiveError
from archive.foreign.containers import MAX_RATIO, MAX_UNPACKED, Container, recognise
from archive.foreign.model import Tally, Unfit
from archive.foreign.streams import CHUNK, Stretch

#: Some hundred thousand entries; a WACZ has a dozen.
_MAX_DIRECTORY = 8 * 2**20
_MAX_PACKAGE = 16 * 2**20
_DATA = re.compile(r"archive/[^\\]*\.w?arc(\.gz|\.zst)?", re.IGNORECASE)
_FAULTS = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    zlib.error,
    EOFError,
)


def entries(path: Path, tally: Tally, stack: ExitStack) -> Iterator[Container]:
    """Yield the containers in a WACZ; the temporary files of packed ones live as long as `stack`.

    An entry that may not be read costs itself. Raises ArchiveError when the file is no WACZ.
    """
    try:
        _check_directory(path)
        archive = stack.enter_context(zipfile.ZipFile(path))
    except _FAULTS as error:
        raise ArchiveError(f"{path}: cannot be read as a zip ({error}); give an intact copy") from error
    infos = archive.infolist()
    data = [info for info in infos if _DATA.fullmatch(info.filename)]
    nested = [info for info in infos if info.filename.lower().endswith(".wacz")]
    if not data and not nested:
        raise ArchiveError(f"{path}: is a zip but no WACZ, no WARC file lies in its archive/; give a WACZ")
    for info in nested:
        what = "a WACZ in a WACZ is not read; unzip it and give that file"
        tally.passed_over("nested", f"{path}!{info.filename}", what)
    hashes = _hashes(archive, path, tally)
    end = 0
    for info in sorted(data, key=lambda one: one.header_offset):
        label = f"{path}!{info.filename}"
        try:
            if info.header_offset < end:
                raise Unfit("zip", "it overlaps another entry of the zip, as bombs do")
            end = info.header_offset + info.compress_size
            yield _entry(path, archive, info, label, hashes.get(info.filename), stack)
        except Unfit as error:
            tally.passed_over(error.reason, label, str(error))
        except _FAULTS as error:
            tally.passed_over("zip", label, f"cannot be read ({error}); use an intact copy")


def _check_directory(path: Path) -> None:
    """Refuse a directory that would fill the memory. Raises BadZipFile."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65557))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            raise zipfile.BadZipFile("it has no end, it may be cut")
        length = struct.unpack_from("<L", tail, at + 12)[0]
        if length == 0xFFFFFFFF and at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
            file.seek(min(size, struct.unpack_from("<Q", tail, at - 12)[0]) + 40)
            length = struct.unpack("<Q", file.read(8))[0]
    if length > min(size, _MAX_DIRECTORY):
        raise zipfile.BadZipFile(f"its directory of {length:,} bytes is too large")


def _hashes(archive: zipfile.ZipFile, path: Path, tally: Tally) -> dict[str, str]:
    """Return what datapackage.json says of its files: sha256 or md5, labelled, by path."""
    where = f"{path}!datapackage.json"
    try:
        info = archive.getinfo("datapackage.json")
        with archive.open(info) as file:
            told = json.loads(file.read(_MAX_PACKAGE))
        resources = told["resources"]
        return {one["path"]: str(one["hash"]) for one in resources if isinstance(one["path"], str) and "hash" in one}
    except (*_FAULTS, KeyError, TypeError, RecursionError) as error:
        tally.remark("datapackage", where, f"cannot be read ({type(error).__name__}); its digests are not compared")
        return {}


def _entry(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str, digest: str | None, stack: ExitStack
) -> Container:
    """Return the container of one entry. Raises Unfit."""
    if info.filename.startswith("/") or ".." in info.filename.split("/") or ":" in info.filename:
        raise Unfit("zip", "its name leads out of the WACZ")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unfit("zip", "is a symbolic link; write the WACZ again with the file itself")
    if info.flag_bits & 0x1:
        raise Unfit("zip", "is encrypted; give a WACZ without a password")
    if info.compress_type == zipfile.ZIP_STORED:
        source, start, length = path, _data_offset(path, info), info.file_size
        if info.compress_size != info.file_size or start + length > path.stat().st_size:
            raise Unfit("zip", "its sizes contradict each other; use an intact copy")
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        source, start, length = _unpacked(archive, info, stack), 0, info.file_size
    else:
        raise Unfit("zip", "is packed in a way that is not read; write the WACZ again with its files stored")
    if digest is not None:
        _check_hash(source, start, length, digest)
    found = recognise(label, f"{path.name}!{info.filename}", source, start, length)
    if found is None:
        raise Unfit("zip", "is no WARC file, packed with gzip or not packed")
    return found


def _data_offset(path: Path, info: zipfile.ZipInfo) -> int:
    """Return where an entry's bytes begin: behind its local header, which has lengths of its own."""
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise Unfit("zip", "its header is damaged; use an intact copy")
    name, extra = struct.unpack_from("<HH", header, 26)
    return info.header_offset + 30 + int(name) + int(extra)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, stack: ExitStack) -> Path:
    """Unpack a deflated entry to a temporary file, within limits; its checksum is checked."""
    limit = min(MAX_UNPACKED, info.compress_size * MAX_RATIO)
    if info.file_size > limit:
        raise Unfit("bomb", f"it unpacks to {info.file_size:,} bytes, over {MAX_RATIO} times its size")
    target = stack.enter_context(tempfile.NamedTemporaryFile(prefix="union-archive-"))  # noqa: SIM115
    with archive.open(info) as file:
        while data := file.read(CHUNK):  # never more than the size that was compared
            target.write(data)
    target.flush()
    return Path(target.name)


def _check_hash(path: Path, start: int, length: int, labelled: str) -> None:
    """Compare a file with its digest in datapackage.json. Raises Unfit when that does not hold."""
    algorithm, _, value = labelled.partition(":")
    if algorithm not in ("sha256", "md5"):
        return
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with Stretch(path, start, length) as file:
        while data := file.read(1 << 20):
            digest.update(data)
    if digest.hexdigest() != value.lower():
        raise Unfit("digest", "its digest in datapackage.json does not hold; use an intact copy")
