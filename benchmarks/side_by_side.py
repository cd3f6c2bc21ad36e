"""Do sites slow each other down? Many sites in one process, each with a delay, against one site alone."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import news_pages
from measuring import measure, table, union_archive, verdict, write_profile
from news_server import NewsServer

TARGET = 1.3


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl of some sites: seconds from start to end, and the shortest gap between two requests to one site."""

    seconds: float
    gap: float


def crawl(server: NewsServer, sites: Sequence[int], delay: float) -> Crawl:
    """Crawl sites of the server in one process, all at once; end the benchmark when an article is missing."""
    server.clear()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "archive"
        names = [f"site-{site:02d}" for site in sites]
        for name, site in zip(names, sites, strict=True):
            write_profile(directory, name, server.home(site), concurrency=1, delay=delay)
        command = union_archive(directory, "crawl", *names, "--jobs", str(len(sites)))
        measured = measure(command, Path(scratch) / "output.txt")
    gaps = []
    for site in sites:
        times = [at for at, which, _ in server.log() if which == site]
        paths = {path for _, which, path in server.log() if which == site and path.startswith("/news/")}
        if measured.status or len(paths) != server.articles:
            sys.exit(f"site {site}: {len(paths)} of {server.articles} articles; it said:\n{measured.output[-2000:]}")
        gaps += [later - earlier for earlier, later in pairwise(times)]
    return Crawl(measured.ended - measured.started, min(gaps))


def main() -> None:
    """Crawl single sites, then all together; print the times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=20, metavar="N")
    parser.add_argument("--articles", type=int, default=20, metavar="N", help="articles a site")
    parser.add_argument("--delay", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--alone", type=int, default=2, metavar="N", help="sites crawled alone; the slowest counts")
    options = parser.parse_args()
    with NewsServer(options.articles, options.sites) as server:
        alone = max(
            (crawl(server, [site], options.delay) for site in range(options.alone)), key=lambda one: one.seconds
        )
        together = crawl(server, range(options.sites), options.delay)
    # The first request to a site, for its robots.txt, need not wait.
    requests = options.articles + news_pages.listings(options.articles) + 1
    print(f"{options.articles} articles a site, {requests} requests a site, delay {options.delay:g} s\n")
    print(
        table(
            [
                ["sites", "seconds", "shortest gap s", "requests/s"],
                ["1", f"{alone.seconds:.1f}", f"{alone.gap:.3f}", f"{requests / alone.seconds:.1f}"],
                [
                    str(options.sites),
                    f"{together.seconds:.1f}",
                    f"{together.gap:.3f}",
                    f"{options.sites * requests / together.seconds:.1f}",
                ],
            ]
        )
    )
    print(f"\ntogether / slowest alone: {verdict(together.seconds / alone.seconds, TARGET, at_least=False)}")


if __name__ == "__main__":
    main()
