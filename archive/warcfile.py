"""The WARC file that a process writes: one at a time, rolled by size and day, whole after any crash."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import WarcRecordType

from archive import clock, manifest
from archive.errors import ArchiveError
from archive.lock import try_flock
from archive.merkle import Sums
from archive.progress import Progress
from archive.warc import OPEN_SUFFIX, fields_member, last_whole_member, record_id

MAX_BYTES = 2**30


class WarcFile:
    """The one WARC file of this process, shared by the sites it crawls.

    It is named `….warc.gz.open` and locked until it is closed, and is never appended to after a crash: `recover`
    cuts it to its last whole member and gives it its name. Offsets are final when `append` returns; the bytes are
    in the file, and on the disk, when `sync` returns. A closed file has its line in the manifest: what is written is
    hashed on the way.
    """

    def __init__(self, directory: Path, software: Mapping[str, str], *, max_bytes: int = MAX_BYTES) -> None:
        self.directory = directory
        self.software = dict(software)
        self.max_bytes = max_bytes
        self._file: BinaryIO | None = None
        self._name = ""
        self._size = 0
        self._day = ""
        self._serial = 0
        self._infos: dict[int, str] = {}
        self._buffer: list[bytes] = []
        self._synced = 0
        self._sums = Sums()

    def append(self, *members: bytes) -> tuple[str, int]:
        """Write whole gzip members; return the file's (final) name and the offset of the first of them.

        Members that come one by one need not be told apart again for the manifest, which takes as long as to hash them.
        """
        self.roll()
        if self._file is None:
            self._open()
        offset = self._size
        for member in members:
            self._write(member)
        return self._name, offset

    def run_info(self, run: int, fields: Mapping[str, str | None]) -> str:
        """Return the record id of the warcinfo of `run` in the current file, written when it is not there yet."""
        self.roll()
        if self._file is None:
            self._open()
        if run not in self._infos:
            self._infos[run] = self._warcinfo({**self.software, **fields})
        return self._infos[run]

    def roll(self) -> None:
        """Close the file when it is full or its day is over; the next record opens another."""
        if self._file is not None and (self._size >= self.max_bytes or self._day != _today()):
            self.close()

    def sync(self) -> None:
        """Return when everything appended so far would survive a power cut.

        Raises ArchiveError when the disk is full or fails; the file then ends with the last record that was synced.
        """
        if self._file is None or not self._buffer:
            return
        try:
            view = memoryview(b"".join(self._buffer))
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(self._synced)
            self._size = self._synced
            self._buffer.clear()
            raise ArchiveError(
                f"{self.directory / self._name}: {error.strerror}; free some space on the disk and crawl again"
            ) from error
        self._synced = self._size
        for members in self._buffer:
            self._sums.add(members)
        self._buffer.clear()

    def close(self) -> None:
        """Close the file under its name, and list it; a file that is already closed stays as it is.

        Raises ArchiveError when the manifest cannot be written: the file is whole then, `recover` lists it.
        """
        if self._file is None:
            return
        self.sync()
        path = self.directory / (self._name + OPEN_SUFFIX)
        if self._synced:
            path.rename(self.directory / self._name)
        else:
            path.unlink()
        manifest.sync_directory(self.directory)
        self._file.close()
        self._file = None
        if self._synced:
            manifest.append(self.directory, "closed", self._name, self._sums)

    def _open(self) -> None:
        now = clock.utcnow()
        self._day = _today()
        listed = manifest.known(self.directory)
        while self._file is None:
            self._serial += 1
            self._name = f"union-{now:%Y%m%d%H%M%S}-{os.getpid()}-{self._serial:05d}.warc.gz"
            path = self.directory / (self._name + OPEN_SUFFIX)
            if self._name in listed or (self.directory / self._name).exists():
                continue  # closed within this second, by the crawl of a site before; a listed name is never used again
            try:
                file = path.open("xb", buffering=0)
            except FileExistsError:
                continue
            except OSError as error:
                raise ArchiveError(
                    f"{path}: cannot be made ({error.strerror}); check the directory's permissions and free space"
                ) from error
            # Another process may have taken the new file for an orphan before it was locked.
            if try_flock(file) and path.exists():
                self._file = file
            else:
                file.close()
        self._size = self._synced = 0
        self._buffer.clear()
        self._infos = {}
        self._sums = Sums()
        manifest.sync_directory(self.directory)
        self._warcinfo({**self.software, "format": "WARC File Format 1.1"})

    def _warcinfo(self, fields: Mapping[str, str | None]) -> str:
        id_ = record_id()
        headers = {"WARC-Filename": self._name}
        self._write(fields_member(WarcRecordType.warcinfo, fields, headers, id_=id_, date=clock.utcnow()))
        return id_

    def _write(self, data: bytes) -> int:
        offset = self._size
        self._buffer.append(data)
        self._size += len(data)
        return offset


def recover(directory: Path, known_offset: Callable[[str], int]) -> list[str]:
    """Close the files that dead processes left open: cut to the last whole member, then named. Returns the names.

    `known_offset(name)` is the offset of a record known to be whole, from which to look (0 if none is known). Closed
    files that the manifest lacks are listed in it, those of older archives too.
    """
    closed = [name for path in sorted(directory.glob("*" + OPEN_SUFFIX)) if (name := _close_orphan(path, known_offset))]
    if unlisted := manifest.unlisted(directory):
        # Of an archive made before there was a manifest these are all its files.
        total = sum(path.stat().st_size for path in unlisted if path.exists())
        with Progress("manifest", total, "B", scale=True) as progress:
            manifest.adopt(directory, progress.advance)
    return closed


def _close_orphan(path: Path, known_offset: Callable[[str], int]) -> str | None:
    """Close and list a file that is being written by nobody; return its name, None where there is nothing to keep."""
    directory, name = path.parent, path.name.removesuffix(OPEN_SUFFIX)
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return None  # its writer closed it just now
    with file:
        if not try_flock(file) or not path.exists():
            return None
        end = last_whole_member(file, known_offset(name))
        file.truncate(end)
        os.fsync(file.fileno())
        if not end:
            path.unlink()
            return None
        sums = Sums.of(file)
        path.rename(directory / name)
    manifest.sync_directory(directory)
    manifest.append(directory, "closed", name, sums)
    return name


def _today() -> str:
    return clock.utcnow().strftime("%Y%m%d")
