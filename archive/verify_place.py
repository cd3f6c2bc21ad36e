"""How far a `verify` has come: one JSON object a line in locks/verify.jsonl, so that a stopped one can go on.

The first line says which version began it, and when; each other one is a part that was checked through: with what it
was like then (`stamp`), what was counted, and the problems found. A part that is no longer like that is checked again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from archive import __version__, clock
from archive.directory import ArchiveDirectory
from archive.lock import try_flock
from archive.problems import Problem

FILE = "verify.jsonl"


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was checked: its `stamp` (what it was like then, in numbers), counts by name, problems.

    `compared`: a WARC file was compared with its line in the manifest.
    """

    name: str
    stamp: Sequence[int]
    counts: dict[str, int]
    problems: Sequence[Problem]
    compared: bool = False


class Place(AbstractContextManager["Place"]):
    """The place of one `verify`; `Place()` keeps none. `why_not` says why none is kept, where it should be.

    The file is locked while it is open: a second `verify` keeps no place. `finish` removes it.
    """

    def __init__(self, path: Path | None = None, *, resume: bool = False) -> None:
        self.why_not: str | None = None
        self.began: str | None = None
        """When the `verify` that is gone on with began; None when there is none."""
        self._path = path
        self._done: dict[str, Part] = {}
        self._file: BinaryIO | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(exist_ok=True)
            file = path.open("a+b")
        except OSError as error:
            self.why_not = f"{path}: cannot be written ({error.strerror}), so this one cannot be gone on with"
            return
        if not try_flock(file):
            file.close()
            self.why_not = f"{path}: another `verify` keeps its place there, so this one cannot be gone on with"
            return
        self._file = file
        if resume:
            self._read()
        if self.began is None:
            file.truncate(0)
            self._write({"verify": __version__, "at": clock.now()})

    @classmethod
    def of(cls, directory: ArchiveDirectory, *, resume: bool) -> Place:
        """Return the place kept in an archive: of the `verify` that was stopped, or of one that begins now."""
        return cls(directory.locks / FILE, resume=resume)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def is_kept(self) -> bool:
        """Whether it can be gone on with."""
        return self._file is not None

    def held(self, name: str, stamp: Sequence[int] | None) -> Part | None:
        """Return what came of a part, if it was checked and is still as it was."""
        part = self._done.get(name)
        return part if part is not None and stamp is not None and list(part.stamp) == list(stamp) else None

    def add(self, part: Part) -> None:
        """Note that a part was checked. A disk that is full costs the place, not the `verify`."""
        self._write({"part": part.name, **{name: value for name, value in asdict(part).items() if name != "name"}})

    def finish(self) -> None:
        """Forget the place: all was checked."""
        if self._file is not None and self._path is not None:
            self._path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
            self._file.flush()
        except OSError as error:
            self.why_not = f"{self._path}: cannot be written ({error.strerror}), so this one cannot be gone on with"
            with suppress(OSError):  # what is left in its buffer
                self._file.close()
            self._file = None

    def _read(self) -> None:
        """Take up what an earlier one has noted, if it was of this version; a line that a kill tore is cut off."""
        assert self._file is not None
        self._file.seek(0)
        *lines, torn = self._file.read().split(b"\n")
        self._file.truncate(self._file.tell() - len(torn))
        for data in lines:
            try:
                line = json.loads(data)
                if "verify" in line:
                    self.began = str(line["at"]) if line["verify"] == __version__ else None
                elif self.began is not None:
                    problems = [Problem(**problem) for problem in line["problems"]]
                    part = Part(line["part"], line["stamp"], line["counts"], problems, line["compared"])
                    self._done[part.name] = part
            except (ValueError, TypeError, KeyError):
                continue
