"""The command that sends word of sites that turned bad or recovered, or a test of it: notify."""

# ruff: noqa: D301 (a docstring with click's \b cannot be raw)

from __future__ import annotations

import sys

import click

from archive import clock
from archive.cli import cli, pass_directory
from archive.config import ArchiveConfig
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError


@cli.command()
@click.option("--test", is_flag=True, help="Send a test message instead, through every channel.")
@pass_directory
def notify(directory: ArchiveDirectory, test: bool) -> None:
    """Send word of sites that turned bad or recovered, now.

    A crawl does so at its end, `watch` after each site: to the webhook and the mail address that archive.toml names in
    [notify]. What failed waits for the next time, and can be sent by this. Exit 1 when a channel does not take it.

    \b
    Examples:
      union-archive notify --test
      union-archive notify
    """
    config = directory.config()
    if config.webhook is None and config.mail is None:
        raise ArchiveError(f"{directory.config_file}: [notify] names nobody; give webhook or mail there")
    if not (_test if test else _send)(directory, config):
        sys.exit(1)


def _test(directory: ArchiveDirectory, config: ArchiveConfig) -> bool:
    from archive.notify.channels import channels  # httpx takes a quarter of a second to import
    from archive.notify.message import Message

    good, message = True, Message(config, directory.path, clock.now())
    for channel in channels(config):
        try:
            click.echo(f"{channel}: {channel.send(message)}")
        except ArchiveError as error:
            click.echo(f"Error: {' '.join(str(error).split())}", err=True)
            good = False
    return good


def _send(directory: ArchiveDirectory, config: ArchiveConfig) -> bool:
    from archive.notify.telling import tell

    directory.require()
    told = tell(directory, config)
    for channel, how in told.took.items():
        click.echo(f"{channel}: {how}; {told.changes} change{'' if told.changes == 1 else 's'}")
    wrong = told.lines("it waits for the next time")
    for line in wrong:
        click.echo(f"Error: {line}", err=True)
    if not told.took and not wrong:
        click.echo("nothing to tell")
    return not wrong
