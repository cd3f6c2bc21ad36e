"""The floor: what is reached on the saved pages, measured in several views and pinned in tests/floor.json."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from saved_pages import SavedPage, saved_pages

from archive.article import Article
from crawler.extraction import ExtractionError, extract
from crawler.families.base import Entry
from crawler.registry import registry

FLOOR = Path(__file__).parent / "floor.json"
COMMAND = "pytest tests/test_floor.py --pin-floor"
LOWER = f"{COMMAND}=lower"
#: Steps of a floor: values are rounded down to them.
STEPS = 1000

#: Page and view to its score in each field that the page's JSON file names; 1 is right, 0 wrong.
Scores = dict[str, dict[str, dict[str, float]]]

_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_NAMES = re.compile(r"""\s(?:class|id)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.I)
_META = re.compile(r"<meta\b[^<>]*>", re.I)
_PAPER = re.compile(r"<!--\s*enpproperty.*?-->", re.S | re.I)
_LINKED_DATA = re.compile(r"<script[^<>]*application/ld\+json[^<>]*>.*?</script>", re.S | re.I)


def unnamed(html: str) -> str:
    """Return a page without class and id attributes."""
    return _TAG.sub(lambda tag: _NAMES.sub("", tag[0]), html)


def headless(html: str) -> str:
    """Return a page without metas but those of its charset, without JSON-LD and an e-paper's enpproperty."""
    html = _PAPER.sub("", _LINKED_DATA.sub("", html))
    return _META.sub(lambda meta: meta[0] if "charset" in meta[0].lower() else "", html)


#: View to what it does to a page; `saved` alone has the page's profile and listing.
VIEWS: dict[str, Callable[[str], str] | None] = {
    "saved": None,
    "generic": None,
    "unnamed": unnamed,
    "headless": headless,
}


def read(page: SavedPage, view: str) -> Article | None:
    """Return what is read from a page in a view; None where it is refused."""
    change = VIEWS[view]
    html = change(page.html.decode(page.encoding)).encode(page.encoding) if change else page.html
    with_site = view == "saved"
    try:
        return extract(
            html,
            page.url,
            content_type=page.content_type,
            profile=registry()[page.site] if with_site and page.site else None,
            fetched_at=page.fetched,
            listing=Entry(**page.listing) if with_site and page.listing else None,
        )
    except ExtractionError:
        return None


@cache
def measure() -> Scores:
    """Return the scores of every saved page in every view."""
    scores: Scores = {}
    for page in saved_pages():
        views: dict[str, dict[str, float]] = {}
        for view in VIEWS:
            if view == "generic" and page.site is None and page.listing is None:
                views[view] = views["saved"]
            else:
                views[view] = score(page.expected, read(page, view))
        scores[page.id] = views
    return scores


def score(expected: dict[str, Any], article: Article | None) -> dict[str, float]:
    """Return the scores of a reading in the fields that are expected; a refused page has none, and no wrong date."""
    right = {
        "body": ("text", lambda a, e: overlap(shingles(a.text), shingles(e))),
        "title": ("title", lambda a, e: float(a.title == e)),
        "day": ("published_at", lambda a, e: float(_day(a.published_at) == _day(e))),
        "source": ("source", lambda a, e: float(a.source == e)),
        "authors": ("authors", lambda a, e: overlap(a.authors, e)),
        "editors": ("editors", lambda a, e: overlap(a.editors, e)),
        "captions": ("images", lambda a, e: overlap(_captions(a.images), (image["caption"] for image in e))),
    }
    found = {
        field: measured(article, expected[name]) if article else 0.0
        for field, (name, measured) in right.items()
        if name in expected
    }
    if "published_at" in expected:
        day = _day(article.published_at) if article else None
        found["no wrong day"] = float(day is None or day == _day(expected["published_at"]))
    return found


def _day(date: str | None) -> str | None:
    return date[:10] if date else None


def _captions(images: Iterable[Any]) -> list[str | None]:
    return [image.caption for image in images]


def shingles(text: str) -> list[str]:
    """Return every four characters of a text that follow each other, letters and digits only, NFKC folded."""
    folded = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())
    return [folded[n : n + 4] for n in range(max(1, len(folded) - 3))] if folded else []


def overlap(found: Iterable[Any], right: Iterable[Any]) -> float:
    """Return the F1 of two bags; 1 where both are empty. What is None counts in neither."""
    one, other = (Counter(item for item in items if item is not None) for items in (found, right))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def down(value: float) -> float:
    """Round a value down to a step of the floor; a mean's error in its last bits does not count."""
    return math.floor(value * STEPS + 1e-9) / STEPS


def means(scores: Scores) -> dict[str, dict[str, float]]:
    """Return view and field to the mean over the pages that have the field, rounded down."""
    gathered: dict[str, dict[str, list[float]]] = {}
    for views in scores.values():
        for view, fields in views.items():
            for field, value in fields.items():
                gathered.setdefault(view, {}).setdefault(field, []).append(value)
    return {
        view: {field: down(sum(values) / len(values)) for field, values in fields.items()}
        for view, fields in gathered.items()
    }


@dataclass(frozen=True, slots=True)
class Floor:
    """What was pinned: `values` are means by view and field, `pages` each page's scores by view and field."""

    values: dict[str, dict[str, float]]
    pages: Scores

    @classmethod
    def of(cls, scores: Scores) -> Floor:
        """Return the floor that measured scores reach."""
        pages = {
            page: {view: {f: down(value) for f, value in fields.items()} for view, fields in views.items()}
            for page, views in scores.items()
        }
        return cls(means(scores), pages)

    @classmethod
    def load(cls, path: Path) -> Floor:
        """Read a floor file; none is a floor without pages."""
        if not path.exists():
            return cls({}, {})
        document = json.loads(path.read_text(encoding="utf-8"))
        return cls(document["values"], document["pages"])

    def dump(self) -> str:
        """Return the form of a floor file: a line for each view, one for each page and view."""
        lines = ['{\n "values": {']
        lines.append(",\n".join(f"  {json.dumps(view)}: {json.dumps(row)}" for view, row in self.values.items()))
        lines.append(' },\n "pages": {')
        pages = []
        for page in sorted(self.pages):
            rows = ",\n".join(f"   {json.dumps(v)}: {json.dumps(row)}" for v, row in self.pages[page].items())
            pages.append(f"  {json.dumps(page)}: {{\n{rows}\n  }}")
        lines.append(",\n".join(pages) + "\n }\n}\n")
        return "\n".join(lines)

    def of_pages(self, pages: Iterable[str]) -> dict[str, dict[str, float]]:
        """Return the pinned means of some of its pages: of all of them as pinned, else over their own scores."""
        kept = {page: self.pages[page] for page in pages}
        return self.values if kept.keys() == self.pages.keys() else means(kept)


def lowered(floor: Floor, scores: Scores) -> list[str]:
    """Return what lies below the floor, a line each: view, field, both values and the pages that fell."""
    common = sorted(floor.pages.keys() & scores.keys())
    now = Floor.of({page: scores[page] for page in common})
    found = []
    for view, fields in floor.of_pages(common).items():
        for field, pinned in fields.items():
            # A field that no expectation names any more is measured nowhere.
            value = now.values.get(view, {}).get(field)
            fell = _fell(floor, now, view, field)
            if value is not None and value < pinned:
                found.append(f"{view} {field}: {value:.3f}, below {pinned:.3f} ({'; '.join(fell) or 'no page fell'})")
            elif field == "body" and fell:
                found.append(f"{view} {field} of a page: {'; '.join(fell)}")
    return found


def _fell(floor: Floor, now: Floor, view: str, field: str) -> list[str]:
    """Return the pages whose score in a field is below its pinned one."""
    found = []
    for page, views in now.pages.items():
        before, after = (each.get(view, {}).get(field) for each in (floor.pages[page], views))
        if before is not None and after is not None and after < before:
            found.append(f"{page} {after:.3f}, was {before:.3f}")
    return found


def raised(floor: Floor, scores: Scores) -> list[str]:
    """Return what lies above the floor, a line each."""
    common = sorted(floor.pages.keys() & scores.keys())
    now = means({page: scores[page] for page in common})
    return [
        f"{view} {field}: {now[view][field]:.3f}, above {pinned:.3f}"
        for view, fields in floor.of_pages(common).items()
        for field, pinned in fields.items()
        if now.get(view, {}).get(field, 0) > pinned
    ]


def check(floor: Floor, scores: Scores) -> str | None:
    """Return why scores do not keep to a floor, with the command that helps; None where they do."""
    if unknown := sorted(scores.keys() - floor.pages.keys()):
        return f"pages without a floor: {', '.join(unknown)}\nread them rightly first, then run: {COMMAND}"
    if gone := sorted(floor.pages.keys() - scores.keys()):
        return f"a floor of pages that are gone: {', '.join(gone)}\nrun: {COMMAND}"
    if lines := lowered(floor, scores):
        return "below the floor:\n  " + "\n  ".join(lines) + f"\nrepair it; if it is meant to be so, run: {LOWER}"
    return None


def pin(path: Path, scores: Scores, *, lower: bool) -> list[str]:
    """Write what scores reach to a floor file; return what changed, a line each.

    Raises ValueError, and writes nothing, where a value would sink and `lower` is not set.
    """
    floor = Floor.load(path)
    sunk = lowered(floor, scores)
    if sunk and not lower:
        raise ValueError("the floor is not lowered:\n  " + "\n  ".join(sunk) + f"\nto lower it, run: {LOWER}")
    fresh = sorted(scores.keys() - floor.pages.keys())
    gone = sorted(floor.pages.keys() - scores.keys())
    changes = [
        *(f"lowered: {line}" for line in sunk),
        *(f"raised: {line}" for line in raised(floor, scores)),
        *(f"new page: {page}" for page in fresh),
        *(f"page gone: {page}" for page in gone),
    ]
    path.write_text(Floor.of(scores).dump(), encoding="utf-8", newline="\n")
    return changes or ["nothing changed"]
