"""Does a long crawl need more memory than a short one? Peak memory of the pipeline at two sizes of the same site."""

import argparse
import sys
import tempfile
from pathlib import Path

from crawl import Row, run
from measuring import table
from news_server import NewsServer

TARGET = 20.0


def main() -> None:
    """Crawl a small and a large site; print both peaks and the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--pages", type=int, nargs=2, default=(2000, 20000), metavar="N", help="articles, small and large"
    )
    options = parser.parse_args()
    rows: list[Row] = []
    lines = [["articles", "pages/s", "CPU ms/page", "peak MB"]]
    for articles in options.pages:
        with NewsServer(articles) as server, tempfile.TemporaryDirectory() as scratch:
            row = run("pipeline", server, Path(scratch) / "archive")
        rows.append(row)
        lines.append([str(articles), f"{row.rate:.1f}", f"{row.cpu:.2f}", f"{row.peak:.0f}"])
        print(f"{articles} articles done", file=sys.stderr, flush=True)
    more = 100 * (rows[1].peak / rows[0].peak - 1)
    print(table(lines))
    met = "met" if more <= TARGET else "missed"
    print(f"\npeak memory, large against small: {more:+.1f} % (target ≤ {TARGET:g} %: {met})")


if __name__ == "__main__":
    main()
