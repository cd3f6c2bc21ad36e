"""Our extraction and other extractors on the same pages, in turns: how much each gets right, and how long it takes."""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpora import CorpusPage, load
from measuring import ROOT, median, table, verdict

sys.path.insert(0, str(ROOT))  # what is measured is this checkout
from extractors import NAMES, Contender, Found, contenders
from scoring import Score, share

#: Ours against the fastest of the others that find bodies as well; and the slowest page.
RIVAL, RATIO, SLOWEST = "readability-lxml", 0.5, 2.0
#: Pages that everyone reads once before: some libraries load dictionaries when a page first needs them.
WARM_UP = 10
_HEAD = ["contender", "pages", "F1", "P", "R", "title", "day", "(wrong)", "source", "authors", "editors"]
_ASKED = ("body", "title", "date", "source", "author", "editor")


@dataclass(slots=True)
class Result:
    """What one contender did: its score, the milliseconds of each page (one a round), the pages it raised on."""

    score: Score = field(default_factory=Score)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: set[str] = field(default_factory=set)

    def median(self) -> float:
        """Return the median over the pages of each page's median over the rounds."""
        return median([median(rounds) for rounds in self.times.values()])

    def worst(self) -> tuple[float, str]:
        """Return the longest reading, in milliseconds, and its page."""
        return max((max(rounds), name) for name, rounds in self.times.items())


def chosen(pages: Sequence[CorpusPage], language: str) -> list[CorpusPage]:
    """Return the articles in a language of which something is known."""
    return [
        page
        for page in pages
        if page.kind == "article"
        and page.language.startswith(language)
        and any(page.expected.get(name) for name in _ASKED)
    ]


def timed(contender: Contender, html: bytes, page: CorpusPage) -> tuple[Found, float, bool]:
    """Read a page; return what was found, the milliseconds of CPU time, and whether the contender raised."""
    started, failed = time.process_time(), False
    try:
        found = contender.read(html, page.url, page.language.partition("-")[0])
    except Exception:  # noqa: BLE001 (who dies on a page has found nothing there)
        found, failed = Found(), True
    return found, 1000 * (time.process_time() - started), failed


def compare(pages: Sequence[CorpusPage], rivals: Sequence[Contender], rounds: int) -> dict[str, Result]:
    """Read every page with every contender in turn, each time beginning with another one."""
    results = {contender.name: Result() for contender in rivals}
    for page in pages[:WARM_UP]:
        for contender in rivals:
            timed(contender, page.html(), page)
    for number, page in enumerate(pages):
        html = page.html()
        for turn in range(rounds):
            first = (number + turn) % len(rivals)
            for contender in [*rivals[first:], *rivals[:first]]:
                found, milliseconds, failed = timed(contender, html, page)
                result = results[contender.name]
                result.times[f"{number} {page.name}"].append(milliseconds)
                if turn == 0:
                    result.score.add(found, page.expected)
                    result.errors.update([page.name] if failed else [])
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {len(pages)} pages ", end="", file=sys.stderr, flush=True)
    return results


def row(contender: Contender, result: Result) -> list[str]:
    """Return a contender's line of the table."""
    score = result.score
    precision, recall, f1 = score.body()
    looked = contender.fields
    figures = [
        *(_figure(each, "body" in looked) for each in (f1, precision, recall)),
        _figure(share(score.titles), "title" in looked),
        _figure(share(score.days), "date" in looked),
        str(score.wrong_days) if "date" in looked and score.days else "-",
        _figure(share(score.sources), "source" in looked),
        _figure(score.authors.f1, "author" in looked),
        _figure(score.editors.f1, "editor" in looked),
    ]
    times = [f"{result.median():.1f}", f"{result.worst()[0]:.0f}"]
    return [contender.name, str(len(result.times)), *figures, *times, str(len(result.errors))]


def _figure(value: float | None, looked_for: bool) -> str:
    """Return a share; `-` where no page of the corpora tells it, or the contender does not look for it."""
    return f"{value:.3f}" if value is not None and looked_for else "-"


def known(score: Score) -> str:
    """Return how many pages have a known answer, field by field."""
    counts = (
        ("body", len(score.bodies)),
        ("title", len(score.titles)),
        ("day", len(score.days)),
        ("source", len(score.sources)),
        ("authors", score.authors.pages),
        ("editors", score.editors.pages),
    )
    return "pages with a known answer: " + ", ".join(f"{name} {count}" for name, count in counts)


def report(rivals: Sequence[Contender], results: dict[str, Result]) -> str:
    """Return the table, and our figures beside their targets."""
    rows = [[*_HEAD, "ms/page", "worst ms", "errors"], *(row(each, results[each.name]) for each in rivals)]
    lines = [known(next(iter(results.values())).score), "", table(rows), ""]
    ours, rival = results.get("ours"), results.get(RIVAL)
    if ours and rival:
        ratio = verdict(ours.median() / rival.median(), RATIO, at_least=False)
        lines.append(f"ours / {RIVAL}, median time: {ratio}")
    if ours:
        milliseconds, name = ours.worst()
        lines.append(f"slowest page, seconds: {verdict(milliseconds / 1000, SLOWEST, at_least=False)}")
        lines.append(f"  it is {name.split(' ', 1)[1]}")
    return "\n".join(lines)


def main() -> None:
    """Compare the contenders that are installed and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="*", type=Path, metavar="CORPUS", help="default: the project's saved pages")
    parser.add_argument("--lang", default="zh", help="beginning of a page's language; '' for every page")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="readings of each page, for its time")
    parser.add_argument("--contenders", default=",".join(NAMES), help=f"of {','.join(NAMES)}")
    options = parser.parse_args()
    rivals, absent = contenders(options.contenders.split(","))
    pages = chosen(load(options.corpora), options.lang)
    if not pages or not rivals:
        sys.exit("nothing to compare: no article of a corpus has a known answer in that language, or no contender")
    print(", ".join(["ours is this checkout", *(each.version for each in rivals if each.name != "ours")]))
    if absent:
        print(f"not installed: {', '.join(absent)}")
    print(report(rivals, compare(pages, rivals, options.rounds)))
    print(f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
