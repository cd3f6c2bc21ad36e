"""Runs as the crawl of one site into a shard: `python -m crawler.afar.process PARENT SHARD`, told what on stdin.

It prints the summary as JSON, in the last line of stdout, and ends with its parent.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import lock
from crawler import child
from crawler.crawling import Summary, crawl_sites
from crawler.options import Options
from crawler.registry import registry

#: Seconds until a process that crawled the shard before, and was killed with its worker, has let go of it.
LOCK_SECONDS = 30.0


def crawl(shard: ArchiveDirectory, site: str, options: dict[str, Any]) -> Summary:
    """Crawl a site into its shard; what goes wrong is in the summary."""
    try:
        lock(shard.locks / f"{site}.lock", f"{shard.path}: this shard is being crawled", wait=LOCK_SECONDS).close()
        profile = registry(shard.sites)[site]
        asked = Options(**options | {"replay": ()})
        return crawl_sites(shard, [profile], asked, jobs=1, report=False)[0]
    except ArchiveError as error:
        return Summary(site, "failed", str(error))


def main() -> None:
    """Crawl what stdin tells."""
    child.die_with(int(sys.argv[1]))
    asked = json.load(sys.stdin)
    summary = crawl(ArchiveDirectory(Path(sys.argv[2])), asked["site"], asked["options"])
    sys.stdout.write(summary.json() + "\n")


if __name__ == "__main__":
    main()
