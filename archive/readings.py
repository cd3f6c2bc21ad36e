"""Readings: what the article pages of a section yielded on a day, counted by layout, for a site's health."""

from __future__ import annotations

import sqlite3

from archive.article import Article

_COUNTED = (
    "pages", "new", "changed", "dated", "sourced", "signed", "edited", "illustrated", "damaged", "characters",
)  # fmt: skip
_SUMS = ", ".join(f"{name} = {name} + excluded.{name}" for name in _COUNTED)


def note_reading(
    connection: sqlite3.Connection, site: str, section: str | None, day: str, article: Article | None, outcome: str
) -> None:
    """Count a page that was read on a day of the site's zone; `article` is None where it gave none.

    `outcome` is that of `archive.revisions.save_article`.
    """
    layout, counts = "", (1, *[0] * (len(_COUNTED) - 1))
    if article is not None:
        layout = article.layout
        counts = (
            1, outcome == "new", outcome == "changed", article.published_at is not None, article.source is not None,
            bool(article.authors or article.correspondents), bool(article.editors), bool(article.images),
            article.damaged, len(article.text),
        )  # fmt: skip
    connection.execute(
        f"INSERT INTO readings (site, section, day, layout, {', '.join(_COUNTED)})"
        f" VALUES (?, ?, ?, ?, {', '.join('?' * len(_COUNTED))})"
        f" ON CONFLICT (site, section, day, layout) DO UPDATE SET {_SUMS}",
        [site, section or "", day, layout, *map(int, counts)],
    )
