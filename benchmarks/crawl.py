"""Bare Scrapy, the whole pipeline and a naive pipeline over the same local site: pages/s, CPU a page, peak memory."""

import argparse
import os
import sqlite3
import sys
import tempfile
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import news_pages
from measuring import Measured, measure, median, table, union_archive, verdict, write_profile
from news_server import NewsServer

from archive.directory import ArchiveDirectory
from archive.search.index import TRIGGERS

HERE = Path(__file__).resolve().parent
CONCURRENCY = 16
#: Ratio, over which figure, its target (a minimum or a maximum).
TARGETS = (
    ("pipeline / bare, pages/s", "pipeline", "bare", "rate", 0.45, True),
    ("pipeline / bare, CPU", "pipeline", "bare", "cpu", 3.5, False),
    ("pipeline / naive, pages/s", "pipeline", "naive", "rate", 5.0, True),
    ("pipeline / unindexed, pages/s", "pipeline", "unindexed", "rate", 0.85, True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one contender in one round."""

    rate: float
    """Pages (articles and listings) a second, from the first request to the end of the process."""
    cpu: float
    """CPU milliseconds a page, of all its processes, their start included."""
    peak: float
    """MB."""


def command(contender: str, home: str, directory: Path) -> list[str]:
    """Return the command line of a contender."""
    if contender in ("pipeline", "unindexed"):
        write_profile(directory, "bench", home, concurrency=CONCURRENCY)
        if contender == "unindexed":
            leave_unindexed(directory)
        return union_archive(directory, "crawl", "bench")
    arguments = [str(directory)] if contender == "naive" else ["--stripped"] if contender == "stripped" else []
    program = HERE / ("naive.py" if contender == "naive" else "bare.py")
    return [sys.executable, str(program), home, *arguments, "--concurrency", str(CONCURRENCY)]


def leave_unindexed(directory: Path) -> None:
    """Make an archive that keeps nothing for the search: neither index nor counts nor what facets are read from."""
    with closing(ArchiveDirectory(directory).open_database()) as db:
        for trigger in TRIGGERS:
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DROP INDEX articles_facets")


def run(contender: str, server: NewsServer, directory: Path) -> Row:
    """Run one contender on a fresh directory; end the benchmark when it did not get every page."""
    server.clear()
    directory.mkdir(parents=True)
    measured = measure(command(contender, server.home(), directory), directory / "output.txt")
    log = server.log()
    check_complete(contender, measured, [path for _, _, path in log], server.articles)
    pages = server.articles + news_pages.listings(server.articles)
    seconds = measured.ended - min(at for at, _, _ in log)
    return Row(pages / seconds, 1000 * measured.cpu / pages, measured.peak / 1e6)


def check_complete(contender: str, measured: Measured, paths: list[str], articles: int) -> None:
    """End the benchmark when a contender failed, or asked for an article not at all or twice."""
    wanted = {news_pages.article_path(number) for number in range(1, articles + 1)}
    fetched = [path for path in paths if path.startswith("/news/")]
    if measured.status or set(fetched) != wanted or len(fetched) != len(wanted):
        sys.exit(
            f"{contender}: exit {measured.status}, {len(fetched)} requests for {len(set(fetched))} of {articles} "
            f"articles; it said:\n{measured.output[-2000:]}"
        )


def stored_titles(database: Path) -> dict[str, str]:
    """Return what a contender stored: title by URL."""
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT url, title FROM articles"))


def check_stored(pipeline: Path, naive: Path, server: NewsServer) -> str:
    """End the benchmark when the two did not store the same articles with the titles that the pages have."""
    ours, theirs = stored_titles(pipeline / "archive.db"), stored_titles(naive / "naive.db")
    wanted = {
        server.home().rstrip("/") + news_pages.article_path(number): news_pages.title(number)
        for number in range(1, server.articles + 1)
    }
    for name, titles in (("pipeline", ours), ("naive", theirs)):
        wrong = [url for url in wanted | titles if titles.get(url) != wanted.get(url)]
        if wrong:
            url = wrong[0]
            sys.exit(f"{name}: {len(wrong)} articles differ, first {url}: {titles.get(url)!r}, not {wanted.get(url)!r}")
    return f"pipeline and naive stored the same {len(wanted)} articles with the same titles"


def report(rows: dict[str, list[Row]]) -> str:
    """Return the table of all rounds with their medians, and the ratios beside their targets."""
    lines = [["contender", "round", "pages/s", "CPU ms/page", "peak MB"]]
    for contender, rounds in rows.items():
        numbered = [(str(number), row) for number, row in enumerate(rounds, 1)]
        for name, row in [*numbered, ("median", middle(rounds))]:
            lines.append([contender, name, f"{row.rate:.1f}", f"{row.cpu:.2f}", f"{row.peak:.0f}"])
    text = [table(lines), ""]
    for name, upper, lower, figure, target, at_least in TARGETS:
        if upper in rows and lower in rows:
            ratio = getattr(middle(rows[upper]), figure) / getattr(middle(rows[lower]), figure)
            text.append(f"{name}: {verdict(ratio, target, at_least=at_least)}")
    return "\n".join(text)


def middle(rounds: list[Row]) -> Row:
    """Return the median of each figure."""
    return Row(*(median([getattr(row, name) for row in rounds]) for name in ("rate", "cpu", "peak")))


def main() -> None:
    """Run the contenders in turn, each round beginning with another one, and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000, metavar="N", help="articles on the site")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--contenders", default="bare,pipeline,naive", help="also: stripped, unindexed")
    options = parser.parse_args()
    contenders = options.contenders.split(",")
    rows: dict[str, list[Row]] = defaultdict(list, {name: [] for name in contenders})
    with NewsServer(options.pages) as server, tempfile.TemporaryDirectory() as scratch:
        size = len(news_pages.article(1)) / 1000
        print(f"{options.pages} articles of {size:.0f} KB, concurrency {CONCURRENCY}, no delay", flush=True)
        for number in range(options.rounds):
            turn = number % len(contenders)
            for contender in contenders[turn:] + contenders[:turn]:
                row = run(contender, server, Path(scratch) / f"{number}-{contender}")
                rows[contender].append(row)
                print(f"round {number + 1}: {contender} {row.rate:.1f} pages/s", file=sys.stderr, flush=True)
        print(report(rows))
        print(f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if {"pipeline", "naive"} <= set(contenders):
            last = Path(scratch)
            print(check_stored(last / f"{options.rounds - 1}-pipeline", last / f"{options.rounds - 1}-naive", server))


if __name__ == "__main__":
    main()
