"""The archive directory: it holds a whole archive; copy it and you have copied the archive."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import database
from archive.config import TEMPLATE, ArchiveConfig, read_config
from archive.errors import ArchiveError

VARIABLE = "UNION_ARCHIVE"
DEFAULT = Path("data")


@dataclass(frozen=True, slots=True)
class ArchiveDirectory:
    """The paths below one archive directory. Nothing is made or opened before a method is called."""

    path: Path

    @property
    def database(self) -> Path:
        """archive.db: articles, revisions, captures, frontier, runs."""
        return self.path / "archive.db"

    @property
    def warc(self) -> Path:
        """warc/: what sites sent, in WARC files."""
        return self.path / "warc"

    @property
    def sites(self) -> Path:
        """sites/: the archive's own profiles."""
        return self.path / "sites"

    @property
    def locks(self) -> Path:
        """locks/: one file a site, held while it is crawled."""
        return self.path / "locks"

    @property
    def config_file(self) -> Path:
        """archive.toml."""
        return self.path / "archive.toml"

    @property
    def decisions(self) -> Path:
        """decisions.jsonl: what a person decided."""
        return self.path / "decisions.jsonl"

    def config(self) -> ArchiveConfig:
        """Read archive.toml; the defaults when there is none. Raises ConfigError."""
        return read_config(self.config_file) if self.config_file.exists() else ArchiveConfig()

    def create(self) -> None:
        """Make the directory, warc/, sites/ and a commented archive.toml where they are missing.

        What is there stays as it is. Raises ArchiveError when the path is a file or cannot be written.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ArchiveError(f"{self.path}: is a file; name a directory with --archive DIR")
        try:
            self.warc.mkdir(parents=True, exist_ok=True)
            self.sites.mkdir(exist_ok=True)
            if not self.config_file.exists():
                self.config_file.write_text(TEMPLATE, encoding="utf-8")
        except OSError as error:
            at = error.filename or self.path
            raise ArchiveError(
                f"{at}: cannot be written ({error.strerror}); check its permissions, or name another with --archive DIR"
            ) from error

    def require(self) -> None:
        """Raise ArchiveError when there is no archive.db here yet."""
        if not self.database.exists():
            raise ArchiveError(f"{self.path}: holds no archive.db; crawl first, or choose another with --archive DIR")

    def open_database(self) -> Database:
        """Open archive.db for writing, made and upgraded as needed. Raises ArchiveError."""
        self.create()
        return database.open_database(self.database)

    def read_database(self) -> Database:
        """Open archive.db for reading only. Raises ArchiveError when there is none."""
        self.require()
        return database.read_database(self.database)


def default_directory(option: Path | None) -> ArchiveDirectory:
    """Return the archive directory: `--archive DIR`, else the variable UNION_ARCHIVE, else ./data."""
    if option is not None:
        return ArchiveDirectory(option)
    return ArchiveDirectory(Path(os.environ.get(VARIABLE) or DEFAULT))
