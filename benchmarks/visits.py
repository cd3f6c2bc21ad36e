"""Visits to sites that change: what is fetched again, and what is told of edits, removals and new templates."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import visits_edited
import visits_redesigned
import visits_unchanged
from visits_edited import Size

SHOWS = ("unchanged", "edited", "redesigned")
#: Faults that are printed.
NAMED = 30


def main() -> None:
    """Run the shows; exit 1 when a target of the archive, not of the machine's speed, is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000, metavar="N", help="of each site")
    parser.add_argument("--edits", type=int, default=50, metavar="N")
    parser.add_argument("--removals", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, nargs="+", default=[1], metavar="N", help="of edits, removals and dress")
    parser.add_argument("--only", choices=SHOWS, nargs="+", default=SHOWS)
    parser.add_argument("--brief", action="store_true", help="what tells least left out: see the README")
    options = parser.parse_args()
    size = Size(options.articles, options.edits, options.removals)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if "unchanged" in options.only:
            faults += visits_unchanged.show(scratch, size.articles, brief=options.brief)
        for seed in options.seed if "edited" in options.only else []:
            print(f"\nseed {seed}")
            faults += visits_edited.show(scratch, size, seed, brief=options.brief)
        if "redesigned" in options.only:
            faults += visits_redesigned.show(scratch, size.articles, brief=options.brief)
    print(f"\nload average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for fault in faults[:NAMED]:
        print(f"FAULT: {fault}")
    if len(faults) > NAMED:
        print(f"and {len(faults) - NAMED} more")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
