"""Choosing: which sites and which files a command is to work on, and whether it may go out to them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler.profile import SiteProfile


def profile_of(profiles: Mapping[str, SiteProfile], site: str) -> SiteProfile:
    """Return a profile by id. Raises click.UsageError naming the nearest ids."""
    if site in profiles:
        return profiles[site]
    near = difflib.get_close_matches(site, profiles, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`union-archive sites` names them"
    raise click.UsageError(f"{site}: no such site; {hint}")


def split_replay(replay: tuple[str, ...], sites: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return files and sites where a shell's `*` gave several files: `--replay a.warc.gz b.warc.gz`."""
    if replay:
        replay += tuple(name for name in sites if name.endswith((".warc", ".warc.gz")))
        sites = tuple(name for name in sites if name not in replay)
    return replay, sites


def check_replay(replay: Sequence[str]) -> tuple[str, ...]:
    """Return the whole paths of WARC files. Raises ArchiveError naming the one that is not there."""
    for name in replay:
        if not Path(name).is_file():
            raise ArchiveError(f"{name}: no such file; give WARC files to --replay")
    return tuple(str(Path(name).resolve()) for name in replay)


def require_contact(directory: ArchiveDirectory, chosen: Sequence[SiteProfile]) -> None:
    """Raise ArchiveError before anything is begun when a site is on the network and nobody can be written to."""
    if not all(profile.loopback for profile in chosen):
        raise ArchiveError(
            f"{directory.config_file}: contact is missing; a crawl tells sites whom to write to: "
            'add contact = "you@example.org"'
        )
