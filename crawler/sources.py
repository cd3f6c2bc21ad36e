"""Sources: an archive's profiles and settings, read again when their files change while it is watched."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.config import ArchiveConfig
from archive.errors import ArchiveError
from crawler.choosing import require_contact
from crawler.registry import record, registry

if TYPE_CHECKING:
    from archive.directory import ArchiveDirectory
    from crawler.profile import SiteProfile
    from crawler.session import Session

#: Seconds that files must have been as they are before they are read: they may be half written.
SETTLED_SECONDS = 0.5

_Seen = tuple[tuple[str, int, int, int], ...]


class Sources:
    """The profiles of the registry (of `only` these sites, where any is named) and archive.toml, as they are now.

    Raises ArchiveError at first when one of them is bad; later the last good ones stay in use.
    """

    def __init__(self, directory: ArchiveDirectory, only: tuple[str, ...] = ()) -> None:
        self._directory = directory
        self._only = only
        self._seen = self._latest = self._look()
        self._since = 0.0
        self.profiles, self.config = self._read()
        if not self.config.contact:
            require_contact(directory, [one for one in self.profiles if one.status == "active"])

    def refresh(self, session: Session | None, say: Callable[[str], None]) -> None:
        """Read again what has changed, and have `session` go by it. What is bad is said in one line, once."""
        seen, now = self._look(), time.monotonic()
        if seen != self._latest:
            self._latest, self._since = seen, now
        if seen == self._seen or now - self._since < SETTLED_SECONDS:
            return
        try:
            self.profiles, self.config = self._read()
        except ArchiveError as error:
            self._seen = seen
            say(f"{' '.join(str(error).split())}; until then the last good profiles and settings stay in use")
            return
        if session is not None:
            session.configure(self.config)
        self._seen = seen

    def _read(self) -> tuple[list[SiteProfile], ArchiveConfig]:
        config = self._directory.config()
        profiles = registry(self._directory.sites)
        record(self._directory, profiles.values())
        return [one for one in profiles.values() if not self._only or one.id in self._only], config

    def _look(self) -> _Seen:
        """Return what tells whether a file has changed: its name, its inode, its time and its size."""
        return tuple(
            (path.name, found.st_ino, found.st_mtime_ns, found.st_size)
            for path in (self._directory.config_file, *sorted(self._directory.sites.glob("*.toml")))
            for found in _stat(path)
        )


def _stat(path: Path) -> Iterator[os.stat_result]:
    """Yield what the system knows of a file, if it is there."""
    try:
        yield path.stat()
    except OSError:
        return
