"""The reading room on a large archive: sizes, latencies, the export of everything, and whether the search finds all."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import exporting
import latencies
from measuring import table, verdict
from recall import recall
from synthetic import Parameters, synthetic

from archive.database import read_database
from archive.search.index import INDEX

#: Index, as a share of the text.
INDEX_TARGET = 1.8
MEASURES = ("sizes", *latencies.KINDS, "export", "kills", "recall")


def sizes(directory: Path) -> list[tuple[str, str]]:
    """Return what the archive weighs: the database, its texts (headline and body as UTF-8) and their index."""
    text = "SELECT count(*), sum(length(CAST(title AS BLOB))), sum(length(CAST(text AS BLOB))) FROM articles"
    pages = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = ?"
    with closing(read_database(directory / "archive.db")) as db:
        articles, titles, bodies = db.execute(text).fetchone()
        shadows = [f"{INDEX}_{part}" for part in ("data", "idx", "content", "docsize", "config")]
        index = sum(db.execute(pages, [name]).fetchone()[0] for name in shadows)
        own = db.execute(pages, ["articles_facets"]).fetchone()[0]
    whole = (directory / "archive.db").stat().st_size
    return [
        ("articles", f"{articles:,}"),
        ("archive.db, MB", f"{whole / 1e6:,.0f}"),
        ("titles and texts, MB", f"{(titles + bodies) / 1e6:,.0f}"),
        ("search index, MB", f"{index / 1e6:,.0f}"),
        ("index of facets, MB", f"{own / 1e6:,.0f}"),
        ("search index / titles and texts", verdict(index / (titles + bodies), INDEX_TARGET, at_least=False)),
    ]


def run(directory: Path, options: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Run the measures that are asked for, and print their rows as they come."""
    wanted = options.only
    if "sizes" in wanted:
        say("\n".join(f"{name}: {value}" for name, value in sizes(directory)))
    if kinds := [kind for kind in latencies.KINDS if kind in wanted]:
        rows = [latencies.HEADER]
        for row in latencies.measured(directory, kinds, options.requests, options.seed):
            rows.append(row.cells())
            print(f"{row.name}: p95 {row.latencies.quantile(0.95):.0f} ms", file=sys.stderr, flush=True)
        say("\n" + table(rows))
    if "export" in wanted:
        say("\n" + "\n".join(f"{name}: {value}" for name, value in exporting.speed(directory)))
    if "kills" in wanted:
        with tempfile.TemporaryDirectory(dir=options.directory) as scratch:
            found = exporting.kills(directory, Path(scratch), options.kills, options.seed)
        say("\n" + "\n".join(f"{name}: {value}" for name, value in found))
    if "recall" in wanted:
        rows, ratios = recall(directory, options.queries, options.seed)
        say("\n" + table(rows) + "\n\n" + "\n".join(f"{name}: {value}" for name, value in ratios))
    say(f"\nload average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _measures(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in MEASURES:
            raise argparse.ArgumentTypeError(f"{name!r} is no measure; choose from {','.join(MEASURES)}")
    return names


def main() -> None:
    """Make the archive where it is not there yet, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000, metavar="N", help="25 KB of disk each")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument(
        "--directory", type=Path, help="where archives are kept for the next run (default: a scratch one)"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes that make the archive's texts")
    parser.add_argument("--only", type=_measures, default=list(MEASURES), metavar="NAME,…", help=", ".join(MEASURES))
    parser.add_argument("--requests", type=int, default=50, metavar="N", help="of each kind")
    parser.add_argument("--queries", type=int, default=40, metavar="N", help="of each length, for recall")
    parser.add_argument("--kills", type=int, default=5, metavar="N", help="of the client, and one of the server")
    options = parser.parse_args()
    scratch = tempfile.TemporaryDirectory() if options.directory is None else nullcontext(str(options.directory))
    with scratch as parent:
        options.directory = Path(parent)
        options.directory.mkdir(parents=True, exist_ok=True)

        def progress(line: str) -> None:
            print(line, file=sys.stderr, flush=True)

        made = synthetic(options.directory, Parameters(options.articles, options.seed), jobs=options.jobs, say=progress)
        run(made.path, options, lambda text: print(text, flush=True))


if __name__ == "__main__":
    main()
