"""The command `schedule`: what crawls by itself."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from archive.cli import cli, pass_directory
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.plain import plain
from crawler.scheduling import cron, systemd
from crawler.scheduling.plan import EVERY, USUAL, Plan, make, whole

#: By their options; an archive has one of them in place at most.
KINDS = {"systemd": systemd, "cron": cron}
#: There while systemd is what started this machine.
BOOTED = Path("/run/systemd/system")


@cli.command()
@click.option("--systemd", "kind", flag_value="systemd", help="Units for your own systemd; usual where it runs.")
@click.option("--cron", "kind", flag_value="cron", help="A line for your crontab; usual elsewhere.")
@click.option("--watch", is_flag=True, help="A service that runs `watch`, instead of a timer for `crawl --due`.")
@click.option("--every", type=click.Choice([*EVERY]), help=f"How often to look what is due.  [default: {USUAL}]")
@click.option("--at", type=click.IntRange(0, 59), metavar="MINUTE", help="Minute of the hour; else by the archive.")
@click.option("--install", is_flag=True, help="Put it in place and start it, instead of printing it.")
@click.option("--remove", is_flag=True, help="Stop and remove what --install put in place.")
@pass_directory
def schedule(
    directory: ArchiveDirectory,
    kind: str | None,
    watch: bool,
    every: str | None,
    at: int | None,
    install: bool,
    remove: bool,
) -> None:
    """Print what crawls this archive by itself: units of systemd, or a line of a crontab.

    --install puts it in place for you, instead of what this archive had before. Nothing needs root.

    \b
    Examples:
      union-archive schedule
      union-archive --archive /srv/union schedule --cron --every 30m
      union-archive --archive /srv/union schedule --install
      union-archive --archive /srv/union schedule --remove
    """
    if install and remove:
        raise click.UsageError("give --install or --remove, not both")
    if remove:
        _say(_removed(whole(directory.path), [kind] if kind else [*KINDS]))
        return
    if watch and (every or at is not None):
        raise click.UsageError("--watch sleeps until something is due; leave out --every and --at")
    if watch and kind == "cron":
        raise click.UsageError("cron keeps nothing running; leave out --watch, or take --systemd")
    kind = kind or ("systemd" if watch or BOOTED.is_dir() else "cron")
    _check(directory)
    plan = make(directory.path, EVERY[every or USUAL], at, watch=watch)
    if install:
        _say(_installed(plan, kind))
    else:
        click.echo("\n".join(_texts(plan, kind)))
        click.echo("nothing was changed; to put this in place: --install", err=True)


def _check(directory: ArchiveDirectory) -> None:
    """Say what would keep the crawls from starting. Raises ArchiveError when there is no archive to crawl into."""
    if not directory.config_file.exists() and not directory.database.exists():
        raise ArchiveError(f"{directory.path}: is no archive yet; make it with `union-archive --archive DIR init`")
    if not directory.config().contact:
        click.echo(f"{directory.config_file}: put a contact into it; no crawl starts without one", err=True)


def _texts(plan: Plan, kind: str) -> Iterator[str]:
    """Yield what --install would write: each unit under a comment that says where it belongs."""
    if kind == "cron":
        yield from cron.lines(plan)
    else:
        for name, text in systemd.units(plan).items():
            yield f"# {plain(str(systemd.folder() / name))}\n{text}"


def _installed(plan: Plan, kind: str) -> Iterator[str]:
    """Put a plan in place, then remove what was there of the other kind; yield what was done."""
    yield from KINDS[kind].install(plan)
    for name, other in KINDS.items():
        if name != kind and other.in_place(plan.archive):
            yield from other.remove(plan.archive)


def _removed(archive: Path, kinds: list[str]) -> Iterator[str]:
    """Remove what is in place; yield what was done."""
    here = [kind for kind in kinds if KINDS[kind].in_place(archive)]
    if not here:
        yield f"{archive}: nothing of it was in place"
    for kind in here:
        yield from KINDS[kind].remove(archive)


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(plain(line))
