"""The registry: every site's profile, those of the package and those of an archive."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.database import transaction
from archive.store import save_site
from crawler.profile import SiteProfile
from crawler.profile_reader import ProfileError, read_profile

if TYPE_CHECKING:
    from archive.directory import ArchiveDirectory

#: The profiles that ship with the package.
PACKAGE_SITES = Path(__file__).parent / "sites"


def registry(archive_sites: Path | None = None) -> dict[str, SiteProfile]:
    """Return every known profile by id: the package's, and those of an archive's own `sites` directory.

    A directory that is not there holds no profiles. Raises ProfileError at the first profile that cannot be used,
    and when an archive's profile has the id of another: a profile is never skipped.
    """
    profiles = dict(_package_profiles())
    for path in sorted(archive_sites.glob("*.toml")) if archive_sites else ():
        if path.stem in profiles:
            raise ProfileError(
                f"{path}: the package has a site {path.stem!r} already; rename the file, its name is the site's id"
            )
        profiles[path.stem] = read_profile(path)
    for profile in profiles.values():
        if profile.parent is not None and profile.parent not in profiles:
            raise ProfileError(
                f"{profile.id}.toml: parent = {profile.parent!r}: no such site; give the id of a site of the registry"
            )
    return dict(sorted(profiles.items()))


@cache
def _package_profiles() -> dict[str, SiteProfile]:
    return {path.stem: read_profile(path) for path in sorted(PACKAGE_SITES.glob("*.toml"))}


def record(directory: ArchiveDirectory, profiles: Iterable[SiteProfile]) -> None:
    """Write every site of the registry into the table `sites`, crawled or not: it is the list of what is covered.

    The digest stays that of the profile which a site was last crawled with.
    """
    db = directory.open_database()
    try:
        with transaction(db) as connection:
            for profile in profiles:
                row = site_row(profile)
                del row["profile_sha256"]
                save_site(connection, row)
    finally:
        db.close()


def site_row(profile: SiteProfile) -> dict[str, Any]:
    """Return the row of `sites` for a profile."""
    names = (
        "id", "name", "name_pinyin", "level", "region", "parent", "home", "family", "status", "reason",
    )  # fmt: skip
    told = {"name_en": profile.english, "profile_sha256": profile.digest}
    return {name: getattr(profile, name) for name in names} | told
