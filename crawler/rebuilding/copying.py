"""WARC files of other archives copied into `warc/`, each once: by their digests, whatever names they have there."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from archive import manifest
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import try_flock
from archive.warc import OPEN_SUFFIX
from archive.warcfile import recover

_CHUNK = 2**20
#: What a file is called while it is copied; no other program takes it for a WARC file.
_SUFFIX = ".merging"


def hold(shard: ArchiveDirectory, directory: ArchiveDirectory, stack: ExitStack) -> None:
    """See that a shard is an archive that nobody crawls, and keep it so until `stack` ends. Raises ArchiveError."""
    if not shard.warc.is_dir():
        raise ArchiveError(f"{shard.path}: is no archive directory, it has no warc/; name the directory of a crawl")
    if shard.path.resolve() == directory.path.resolve():
        raise ArchiveError(f"{shard.path}: is this archive itself; name another one")
    try:
        for path in sorted(shard.locks.glob("*.lock")):
            if not try_flock(stack.enter_context(path.open("rb"))):
                what = f"{shard.path}: {path.stem} is being worked on there"
                raise ArchiveError(f"{what}; wait until that ends, or stop it, then merge again")
        if any(shard.warc.glob("*" + OPEN_SUFFIX)):
            recover(shard.warc, lambda _: 0)
    except OSError as error:
        raise ArchiveError(f"{error.filename or shard.path}: {error.strerror}; check its permissions") from error
    for path in sorted(shard.warc.glob("*" + OPEN_SUFFIX)):
        raise ArchiveError(f"{path}: is being written; wait until that crawl ends, or stop it, then merge again")


class Copies:
    """Takes files into one `warc/`. Nobody packs it meanwhile."""

    def __init__(self, warc: Path) -> None:
        self.copied = 0
        self.names: list[str] = []
        """The files here that hold what was asked for, each once."""
        self._warc = warc
        for left in warc.glob("*" + _SUFFIX):  # of a merge that was killed
            left.unlink()
        manifest.adopt(warc)
        self._known = manifest.known(warc)
        self._packed = manifest.places(self._known.values())
        self._here = {line.sha256: name for name, line in self._known.items() if self._lies(name)}

    def take(self, shard: Path) -> None:
        """Copy the WARC files of the directory `shard`, but for those whose bytes lie here. Raises ArchiveError."""
        lines = manifest.known(shard)
        for path in manifest.closed_files(shard):
            digest = _digest(path)
            held = self._held(path.name, digest, lines)
            if held is None:
                held = [self._copy(path, digest)]
            self.names += [name for name in held if name not in self.names]
        manifest.adopt(self._warc)

    def _held(self, file: str, digest: str, lines: Mapping[str, manifest.Line]) -> list[str] | None:
        """Return which files here hold a file's bytes; None where some of them are not here."""
        found = self._here.get(digest)
        if found is not None:
            return [self._now(found)]
        line = lines.get(file)
        if line is None or line.what != "packed" or line.sha256 != digest:
            return None
        pieces: list[str] = []
        for name in line.replaces:  # what was packed there may lie here as it was before
            piece = lines.get(name)
            own = self._here.get(piece.sha256) if piece is not None else None
            if own is None:
                return None
            pieces.append(self._now(own))
        return pieces

    def _copy(self, path: Path, digest: str) -> str:
        name = path.name
        if name in self._known or (self._warc / name).exists():
            # Two machines may give the same name; the second keeps it, with a part of its digest.
            name = f"{name.removesuffix('.warc.gz')}-{digest[:12]}.warc.gz"
        part = self._warc / (name + _SUFFIX)
        try:
            with path.open("rb") as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
                manifest.fsync(target)
            part.rename(self._warc / name)
            manifest.sync_directory(self._warc)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ArchiveError(f"{self._warc / name}: cannot be written ({error.strerror}); mend that") from error
        self.copied += 1
        self._here[digest] = name
        return name

    def _now(self, name: str) -> str:
        """Return what a file here is called since it was packed."""
        return manifest.resolved(self._packed, name, 0)[0]

    def _lies(self, name: str) -> bool:
        return (self._warc / self._now(name)).exists()


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
