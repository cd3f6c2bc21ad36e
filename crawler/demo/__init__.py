"""The demo: a small crawl of captures that ship with the package; its articles are invented."""

from __future__ import annotations

from importlib.resources import as_file, files

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from crawler.crawling import crawl_sites
from crawler.options import Options
from crawler.registry import registry

SITES = ("workercn", "qdcyzgh")
NAME = "union-archive demo"
CONFIG = f'name = "{NAME}"  # invented articles: never crawl real sites into this archive\n'


def fill(directory: ArchiveDirectory) -> list[str]:
    """Crawl the shipped captures into the archive; return three lines that say what came of it.

    Raises ArchiveError when the archive holds something else: invented articles must not mix with real ones.
    """
    if directory.config_file.exists() and directory.config().name != NAME:
        raise ArchiveError(f"{directory.path}: holds an archive already; choose another with --archive DIR demo")
    directory.create()
    directory.config_file.write_text(CONFIG, encoding="utf-8")
    profiles = registry()
    with as_file(files("crawler.demo") / "demo.warc.gz") as path:
        options = Options(replay=(str(path),))
        summaries = crawl_sites(directory, [profiles[site] for site in SITES], options, jobs=len(SITES))
    failed = [summary for summary in summaries if summary.outcome != "finished"]
    if failed:
        raise ArchiveError("; ".join(summary.lines()[0] for summary in failed))
    db = directory.read_database()
    held = db.execute("SELECT count(*), count(DISTINCT section) FROM articles").fetchone()
    db.close()
    return [
        *(summary.lines()[0] for summary in summaries),
        f"{directory.path}: {held[0]} articles in {held[1]} sections",
    ]
