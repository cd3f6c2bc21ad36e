"""An archive to export, for the tests of exports over the web, and who asks for them."""

import asyncio
from pathlib import Path

from click.testing import CliRunner
from filled import Filler, article

from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.web.serve import application

PLAIN = {"accept-encoding": "identity", "accept-language": "en"}


def fill(path: Path) -> Filler:
    """Sixteen articles of two sites, one of them revised; the last change is 17."""
    filler = Filler(path)
    for number in range(1, 16):
        filler.page(article(number, authors=("李晓", "王大山") if number % 2 else ()))
    filler.page(article(31, site="yunhe", title="=1+1", section=None, language="en", published_at=None))
    filler.page(article(2, title="第2期技能培训班延期"))
    return filler


def get(directory: ArchiveDirectory, *paths: str, **headers: str):
    """The answers to requests; the only one where there is one."""

    async def fetch():
        datasette = application(directory)
        return [await datasette.client.get(path, headers={**PLAIN, **headers}) for path in paths]

    answers = asyncio.run(fetch())
    return answers if len(answers) > 1 else answers[0]


def command(directory: ArchiveDirectory, *arguments: str) -> bytes:
    """What `union-archive export` writes."""
    result = CliRunner().invoke(cli, ["--archive", str(directory.path), "export", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes
