"""Pages with known answers: corpora in folders (their format is in the README), and the project's own saved pages."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import ROOT

#: The address of a page whose corpus does not tell it.
NO_URL = "http://page.example/article.html"
SAVED_PAGES = ROOT / "tests" / "pages"


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """One page. `expected` has body, title, date, source, author, editor, as far as its corpus tells them."""

    corpus: str
    path: Path
    url: str
    kind: str
    language: str
    content_type: str | None
    site: str | None
    """The profile that reads a saved page; `extraction.py` gives nobody a profile."""
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        """The page's name in reports."""
        return f"{self.corpus}/{self.path.name.removesuffix('.gz')}"

    def html(self) -> bytes:
        """Return the page as it was served."""
        raw = self.path.read_bytes()
        return gzip.decompress(raw) if self.path.suffix == ".gz" else raw


def load(folders: Sequence[Path]) -> list[CorpusPage]:
    """Return the pages of the corpora in `folders`; without folders, the project's saved pages."""
    return [page for folder in folders for page in corpus(folder)] if folders else saved_pages()


def corpus(folder: Path) -> list[CorpusPage]:
    """Return the pages that a corpus's manifest names."""
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        CorpusPage(
            corpus=folder.name,
            path=_stored(folder / entry["file"]),
            url=entry.get("url") or NO_URL,
            kind=entry.get("kind") or "article",
            language=entry.get("language") or "",
            content_type=None,
            site=None,
            expected=entry.get("expected") or {},
        )
        for entry in entries
    ]


def _stored(path: Path) -> Path:
    return path if path.exists() else path.with_name(f"{path.name}.gz")


def saved_pages() -> list[CorpusPage]:
    """Return the project's own saved pages as a corpus."""
    pages = []
    for path in sorted(SAVED_PAGES.glob("*/*.html")):
        meta = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        right = meta["expected"]
        names = {"text": "body", "published_at": "date", "authors": "author", "editors": "editor"}
        pages.append(
            CorpusPage(
                corpus=path.parent.name,
                path=path,
                url=meta["url"],
                kind="article",
                language=right.get("language") or "",
                content_type=meta["content_type"],
                site=meta["site"],
                expected={names.get(name, name): value for name, value in right.items()},
            )
        )
    return pages


def decoded(html: bytes) -> str:
    """Return a page as UTF-8 text, or as GB18030 where it is none: what extractors get that take text."""
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError:
        return html.decode("gb18030", "replace")
