"""Articles and their revisions: a revision is a change that the site made, never one that our code made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from archive import hidden, media
from archive.amending import PAGE_COLUMNS, amend, amend_earlier, article_row, rewrite
from archive.article import COMPARED, Article, uid
from archive.nfkc import nfkc
from archive.numbering import free_id, last_change, published_second

__all__ = [
    "PAGE_COLUMNS",
    "Outcome",
    "add_aliases",
    "confirm_article",
    "fill_section",
    "free_id",
    "is_read_from",
    "last_change",
    "published_second",
    "save_article",
]

Outcome = Literal["new", "changed", "unchanged", "amended", "kept"]

#: What the generic extractor reads of labels, and loses where a new template prints them otherwise or not at all.
_LABELLED = tuple(name for name in COMPARED if name not in ("title", "text"))
#: So many of them, lost at once while headline and text stay, are no edit of a site.
_LOST = 2


def save_article(
    connection: sqlite3.Connection,
    article: Article,
    *,
    key: str,
    fetched_at: str,
    captures: Sequence[int],
    derived_with: str,
    previous: Article | None = None,
    sha256: str | None = None,
) -> Outcome:
    """Store what a page says now, and the revision it makes, if it makes one.

    `captures` are the ids of the captures it was derived from, the first page's first. `previous` is the article
    derived again, with today's code, from the capture stored before; it is needed only where the stored one was
    derived with other code. `sha256` is the article's, where it is known already. Returns `new`, `changed`
    (a revision), `amended` (our reading changed), `unchanged`, or `kept`: another template no longer prints what is
    stored, which stays; its captures are then not the article's.
    A restricted article's rows go to restricted.db (archive/hidden.py), its captures stay here.
    Raises sqlite3.IntegrityError when another site already holds the article's URL.
    """
    row = media.fill(connection, article.site, article_row(article)) | {"sha256": sha256 or article.sha256}
    with hidden.keeping(connection, article.site, key, uid(article.url)) as own:
        held = own.execute("SELECT * FROM articles WHERE site = ? AND key = ?", [article.site, key]).fetchone()
        if held is None:
            outcome: Outcome = "new"
            id_ = _insert(own, article, row, key=key, fetched_at=fetched_at, derived_with=derived_with)
            _add_revision(own, id_, 1, row["sha256"], fetched_at, captures)
        else:
            id_ = held["uid"]
            outcome = _update(
                own, held, article, row, fetched_at, captures, derived_with=derived_with, previous=previous
            )
            if article.url != held["url"]:
                _add_alias(own, article.url, id_)
        if outcome != "kept" and article.site is not None:
            media.tie(own, article.site, id_, row)
    if outcome != "kept":
        connection.executemany("UPDATE captures SET uid = ? WHERE id = ?", [(id_, capture) for capture in captures])
    return outcome


def confirm_article(
    connection: sqlite3.Connection, site: str, key: str, fetched_at: str, captures: Sequence[int]
) -> bool:
    """Note that the page was fetched again and its bytes are the same (304, or an identical payload).

    Returns False when no article is held under `key`.
    """
    with hidden.keeping(connection, site, key) as own:
        held = own.execute("SELECT uid, revision FROM articles WHERE site = ? AND key = ?", [site, key]).fetchone()
        if held is None:
            return False
        _seen_again(own, held["uid"], held["revision"], fetched_at)
    connection.executemany("UPDATE captures SET uid = ? WHERE id = ?", [(held["uid"], one) for one in captures])
    return True


def is_read_from(connection: sqlite3.Connection, capture: int | None) -> bool:
    """Say whether an article was read from a capture; one in a template that says less is nobody's."""
    row = connection.execute("SELECT uid FROM captures WHERE id = ?", [capture]).fetchone()
    return row is not None and row["uid"] is not None


def fill_section(connection: sqlite3.Connection, site: str, key: str, section: str) -> None:
    """Note the section of an article that was stored before a listing told it; one that is known stays."""
    with hidden.keeping(connection, site, key) as own:
        own.execute(
            "UPDATE articles SET section = ?, change = ? WHERE site = ? AND key = ? AND section IS NULL",
            [section, last_change(own) + 1, site, key],
        )


def add_aliases(connection: sqlite3.Connection, site: str, key: str, urls: Sequence[str]) -> None:
    """Keep further addresses of the article held under `key`; the first article to claim an address keeps it."""
    with hidden.keeping(connection, site, key) as own:
        held = own.execute("SELECT uid, url FROM articles WHERE site = ? AND key = ?", [site, key]).fetchone()
        for url in urls:
            if url != held["url"]:
                _add_alias(own, url, held["uid"])


def _add_alias(connection: sqlite3.Connection, url: str, id_: str) -> None:
    connection.execute("INSERT OR IGNORE INTO aliases (url, uid) VALUES (?, ?)", [url, id_])


def _insert(
    connection: sqlite3.Connection,
    article: Article,
    row: dict[str, Any],
    *,
    key: str,
    fetched_at: str,
    derived_with: str,
) -> str:
    id_ = uid(article.url)
    row = {
        "id": free_id(connection, article.published_at),
        "uid": id_,
        "url": article.url,
        "key": key,
        **row,
        "first_seen_at": fetched_at,
        "fetched_at": fetched_at,
        "revision": 1,
        "derived_with": derived_with,
        "change": last_change(connection) + 1,
    }
    connection.execute(
        f"INSERT INTO articles ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values())
    )
    return id_


def _update(
    connection: sqlite3.Connection,
    held: sqlite3.Row,
    article: Article,
    row: dict[str, Any],
    fetched_at: str,
    captures: Sequence[int],
    *,
    derived_with: str,
    previous: Article | None,
) -> Outcome:
    row = media.carry(row, held)
    before = previous.sha256 if previous is not None else held["sha256"]
    if row["sha256"] != before:
        own = {name: held[name] for name in PAGE_COLUMNS}
        old = own if previous is None else media.carry(article_row(previous), held)
        if _says_less(old, row):
            _seen_again(connection, held["uid"], held["revision"], fetched_at)
            return "kept"
        if not is_read_better(old, row):
            amend_earlier(connection, held["uid"], held["revision"], old, before)
            _add_revision(connection, held["uid"], held["revision"] + 1, row["sha256"], fetched_at, captures)
            rewrite(connection, held, row, fetched_at, derived_with, revision=held["revision"] + 1)
            return "changed"
    _seen_again(connection, held["uid"], held["revision"], fetched_at)
    capture = captures[0] if captures else None
    amend(connection, held, row, fetched_at=fetched_at, capture=capture, derived_with=derived_with)
    return "amended" if row["sha256"] != held["sha256"] else "unchanged"


def _says_less(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether a page lost labels to a new template: the same headline and text, read by no layout then and now.

    One field alone is what a site takes back. A time that became its day has lost: a listing's row stands in for it.
    """
    if old["layout"] != "generic" or new["layout"] != "generic":
        return False
    lost, differing = _lost(old, new)
    return lost == differing >= _LOST


def is_read_better(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether a layout reads what no layout did: the same headline and text, and all labels that were read.

    So it is with what was found while a template was changed, when the old one is back: the site edited nothing.
    """
    if old["layout"] != "generic" or new["layout"] == "generic":
        return False
    lost, differing = _lost(new, old)
    return lost == differing > 0


def _lost(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many labels of a page its other reading lacks, and how many differ: none where the text does."""
    if any(_said(old, name) != _said(new, name) for name in ("title", "text")):
        return 0, 0
    differing = [(name, _said(old, name), _said(new, name)) for name in _LABELLED]
    differing = [(name, then, now) for name, then, now in differing if then != now]
    lost = sum(not now or (name == "published_at" and then.startswith(now)) for name, then, now in differing)
    return lost, len(differing)


def _said(row: Mapping[str, Any], name: str) -> str:
    """Return a column as a revision compares it, in one line; "" where the page does not say."""
    value = row[name]
    if name == "attachments":
        value = "".join(f" {one['name']} {one['url']}" for one in json.loads(value))
    return "" if value in (None, "[]") else " ".join(nfkc(value).split())


def _add_revision(
    connection: sqlite3.Connection,
    id_: str,
    revision: int,
    sha256: str,
    fetched_at: str,
    captures: Sequence[int],
) -> None:
    connection.execute(
        "INSERT INTO revisions (uid, revision, sha256, fetched_at, seen_until, capture) VALUES (?, ?, ?, ?, ?, ?)",
        [id_, revision, sha256, fetched_at, fetched_at, captures[0] if captures else None],
    )


def _seen_again(connection: sqlite3.Connection, id_: str, revision: int, fetched_at: str) -> None:
    connection.execute("UPDATE articles SET fetched_at = ? WHERE uid = ?", [fetched_at, id_])
    connection.execute(
        "UPDATE revisions SET seen_until = ? WHERE uid = ? AND revision = ?", [fetched_at, id_, revision]
    )
