"""The zip file itself: members that are hashed as they are written, then the two files that list them."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from archive import clock

VERSION = "1.1.1"


class Resource:
    """A member that is being written: takes bytes, counts and hashes them."""

    def __init__(self, path: str, file: IO[bytes]) -> None:
        self.path = path
        self.size = 0
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)

    def listed(self) -> dict[str, Any]:
        """Return its entry in datapackage.json."""
        name = self.path.rpartition("/")[2].lower()
        return {"name": name, "path": self.path, "hash": f"sha256:{self._digest.hexdigest()}", "bytes": self.size}


class Package:
    """A WACZ file that is written from its beginning to its end, so that it may be a pipe or the answer to a request.

    Use as a context manager. `close` ends the file; without that it is no zip file.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w")
        self._listed: list[dict[str, Any]] = []

    def __enter__(self) -> Package:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        # A ZipFile that is not closed ends its file when it is collected: a part would pass for the whole.
        self._zip.fp = None

    @contextmanager
    def member(self, path: str, *, packed: bool, size: int = 0) -> Iterator[Resource]:
        """Write a member. Readers seek in what is not `packed`. Beyond 2 GiB its `size` (bytes) must be told before."""
        with self._zip.open(_entry(path, packed=packed, size=size), "w") as file:
            resource = Resource(path, file)
            yield resource
        self._listed.append(resource.listed())

    def take(self, path: str, file: IO[bytes], *, packed: bool) -> None:
        """Write a member from a file that is open, all of it."""
        size = file.seek(0, 2)
        file.seek(0)
        with self.member(path, packed=packed, size=size) as out:
            shutil.copyfileobj(file, out, 1 << 16)

    def close(self, facts: Mapping[str, str]) -> None:
        """Write datapackage.json, with `facts` of the whole (title, description, software …), and its digest."""
        head = {"profile": "data-package", "wacz_version": VERSION, "created": clock.now(), **facts}
        package = _json({**head, "resources": self._listed})
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(package).hexdigest()}"}
        self._zip.writestr(_entry("datapackage.json", packed=True), package)
        self._zip.writestr(_entry("datapackage-digest.json", packed=True), _json(digest))
        self._zip.close()


def _entry(path: str, *, packed: bool, size: int = 0) -> zipfile.ZipInfo:
    now = clock.utcnow()
    entry = zipfile.ZipInfo(path, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    entry.file_size = size
    return entry


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
