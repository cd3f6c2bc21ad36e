"""Thousands of broken pages: does extraction return an article or say why there is none, in time, whatever comes?"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from corpora import CorpusPage, load
from measuring import ROOT, median, table
from mutating import KINDS

sys.path.insert(0, str(ROOT))  # what is tried is this checkout
from garbage import CHARSETS
from invariants import faults, refusal_faults
from supervised import supervised

from crawler.extraction import ExtractionError, extract
from crawler.families.base import Entry
from crawler.registry import registry

#: Seconds of CPU time that a page may take.
LIMIT = 2.0
#: Seconds after which a page is given up: its process is killed.
DEADLINE = 20.0
#: One page in so many is read twice, and must give the same article.
AGAIN = 50
#: Numbers that are printed of one fault.
_SHOWN = 5
_FETCHED = datetime(2024, 6, 30, 2, tzinfo=UTC)
_ADDRESSES = (
    "http://translate.baiducontent.com/transpage?from=zh&to=en&query=http%3A%2F%2Fwww.workercn.cn%2Fa%2F1.shtml&source=url",
    "http://page.example/2024-05-25/t20240525_7.html",
    "http://page.example/2024/13/45/1.html",
    "http://page.example/c_(1)/[2]_2.html",
    "http://page.example/%00%ff/?a=b&&=#x",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One broken page: how it was broken, and what `extract` is called with."""

    kinds: tuple[str, ...]
    page: str
    html: bytes
    url: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: `article` or `refused`; whatever else there was is in `faults`."""

    kind: str
    outcome: str
    milliseconds: float
    faults: tuple[str, ...] = ()


def case(number: int, seed: int, pages: Sequence[CorpusPage]) -> Case:
    """Return case `number`: the same for the same seed and pages."""
    chance = Random(f"{seed} {number}")
    page, other = chance.choice(pages), chance.choice(pages)
    mutations = [KINDS[number % len(KINDS)], *chance.choices(KINDS, k=chance.choice((0, 0, 0, 1, 2)))]
    html, second = page.html(), other.html()
    for mutation in mutations:
        html = mutation(chance, html, second)
    profiles = registry()
    site = page.site if chance.random() < 0.5 else chance.choice(list(profiles)) if chance.random() < 0.1 else None
    row = Entry(url=page.url, title="蓝田区总工会开通专线", date="2024-05-21", section="要闻")
    options = {
        "content_type": f"text/html; charset={chance.choice(CHARSETS)}" if chance.random() < 0.1 else page.content_type,
        "profile": profiles[site] if site else None,
        "fetched_at": _FETCHED if chance.random() < 0.8 else None,
        "listing": row if chance.random() < 0.2 else None,
    }
    url = chance.choice(_ADDRESSES) if chance.random() < 0.1 else page.url
    return Case(tuple(mutation.__name__ for mutation in mutations), page.name, html, url, options)


def tried(number: int, seed: int, pages: Sequence[CorpusPage]) -> Outcome:
    """Read case `number` and check what comes of it."""
    one = case(number, seed, pages)
    started = time.process_time()
    wrong: list[str] = []
    try:
        article = extract(one.html, one.url, **one.options)
        outcome = "article"
    except ExtractionError as error:
        article, outcome = None, "refused"
        wrong += refusal_faults(str(error), one.url)
    except Exception as error:  # noqa: BLE001 (this is what is looked for)
        article, outcome = None, "raised"
        wrong.append(_raised(error))
    seconds = time.process_time() - started
    if seconds > LIMIT:
        wrong.append(f"slower than {LIMIT:g} s")
    if article is not None:
        wrong += faults(article)
        if number % AGAIN == 0 and extract(one.html, one.url, **one.options) != article:
            wrong.append("another article when it is read again")
    return Outcome(one.kinds[0], outcome, 1000 * seconds, tuple(wrong))


def _raised(error: Exception) -> str:
    """Return an exception with the place in the package that it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "crawler" in Path(frame.filename).parts]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {place}: {error!s:.120}"


def lost(number: int, why: str) -> Outcome:
    """Return the outcome of a case whose process had to be killed, or died."""
    return Outcome(KINDS[number % len(KINDS)].__name__, "lost", 1000 * DEADLINE, (why,))


def report(outcomes: dict[int, Outcome], command: str) -> Iterator[str]:
    """Yield the table by kind, the slowest cases, and what was wrong with what reproduces it."""
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes.values():
        kinds[one.kind].append(one)
    rows = [["first mutation", "pages", "articles", "refused", "faults", "median ms", "slowest ms"]]
    for kind, some in [*sorted(kinds.items()), ("all", list(outcomes.values()))]:
        counts, times = Counter(one.outcome for one in some), [one.milliseconds for one in some]
        found = sum(bool(one.faults) for one in some)
        figures = [len(some), counts["article"], counts["refused"], found]
        rows.append([kind, *map(str, figures), f"{median(times):.1f}", f"{max(times):.0f}"])
    yield table(rows)
    slowest = sorted(outcomes, key=lambda number: -outcomes[number].milliseconds)[:3]
    yield "\nslowest: " + ", ".join(f"{outcomes[number].milliseconds:.0f} ms (--only {number})" for number in slowest)
    wrong: dict[str, list[int]] = defaultdict(list)
    for number, one in sorted(outcomes.items()):
        for fault in one.faults:
            wrong[fault].append(number)
    if wrong:
        yield f"to see one again: {command} --only N"
    for fault, numbers in sorted(wrong.items(), key=lambda each: -len(each[1])):
        yield f"FAULT ({len(numbers)}): {fault}"
        yield f"    N = {', '.join(map(str, numbers[:_SHOWN]))}"


def show(number: int, seed: int, pages: Sequence[CorpusPage], save: Path | None) -> bool:
    """Print one case and what comes of it, in this process; return whether something is wrong."""
    one = case(number, seed, pages)
    if save:
        save.write_bytes(one.html)
    print(f"{number}: {one.page} after {', '.join(one.kinds)}: {len(one.html)} bytes as {one.url}")
    print("  " + ", ".join(f"{name} {getattr(value, 'id', value)}" for name, value in one.options.items()), flush=True)
    outcome = tried(number, seed, pages)
    print(f"  {outcome.outcome}, {outcome.milliseconds:.0f} ms", *outcome.faults, sep="\n  ")
    if outcome.faults:
        try:
            print(extract(one.html, one.url, **one.options))
        except ExtractionError as error:
            print(error)
    return bool(outcome.faults)


def main() -> None:
    """Break pages and read them; exit 1 when anything but an article or a refusal comes of one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="*", type=Path, metavar="CORPUS", help="default: the project's saved pages")
    parser.add_argument("--pages", type=int, default=20_000, metavar="N", help="broken pages")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes that read")
    parser.add_argument("--only", type=int, metavar="N", help="read page N alone, without a second process")
    parser.add_argument("--save", type=Path, metavar="FILE", help="with --only: write the broken page to a file")
    options = parser.parse_args()
    pages = load(options.corpora)
    if options.only is not None:
        sys.exit(show(options.only, options.seed, pages, options.save))
    print(f"{options.pages} broken pages out of {len(pages)}, seed {options.seed}\n", flush=True)
    work = supervised(lambda number: tried(number, options.seed, pages), options.pages, options.jobs, DEADLINE)
    outcomes = {number: found if isinstance(found, Outcome) else lost(number, found) for number, found in work}
    command = " ".join(["python benchmarks/mutations.py", *map(str, options.corpora), f"--seed {options.seed}"])
    print(*report(outcomes, command), sep="\n")
    print(f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(any(one.faults for one in outcomes.values()))


if __name__ == "__main__":
    main()
