"""Articles and their revisions: a revision is a change that the site made, never one that our code made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

from archive import hidden
from archive.article import COMPARED, Article, uid
from archive.nfkc import nfkc

Outcome = Literal["new", "changed", "unchanged", "amended", "kept"]

#: Columns of `articles` that hold what the page says.
PAGE_COLUMNS = (
    "site", "section", "published_at", "title", "kicker", "subtitle", "source", "authors", "correspondents",
    "editors", "dateline", "text", "html", "images", "attachments", "language", "translation_of",
    "published_from", "layout", "damaged", "charset", "credits",
)  # fmt: skip

#: What the generic extractor reads of labels, and loses where a new template prints them otherwise or not at all.
_LABELLED = tuple(name for name in COMPARED if name not in ("title", "text"))
#: So many of them, lost at once while headline and text stay, are no edit of a site.
_LOST = 2

#: Left out when two derivations are compared for the sake of `change`: stored, but no reader of exports sees them.
UNEXPORTED = ("charset", "credits")

_BEIJING = timezone(timedelta(hours=8))


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
    row = _row(article) | {"sha256": sha256 or article.sha256}
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


def _row(article: Article) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(article, name) for name in PAGE_COLUMNS}
    for name in ("authors", "correspondents", "editors"):
        row[name] = json.dumps(row[name], ensure_ascii=False)
    for name in ("images", "attachments", "credits"):
        row[name] = json.dumps([asdict(item) for item in row[name]], ensure_ascii=False)
    row["damaged"] = int(article.damaged)
    return row


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
    before = previous.sha256 if previous is not None else held["sha256"]
    if row["sha256"] != before:
        old = {name: held[name] for name in PAGE_COLUMNS} if previous is None else _row(previous)
        if _says_less(old, row):
            _seen_again(connection, held["uid"], held["revision"], fetched_at)
            return "kept"
        if not _is_read_better(old, row):
            connection.execute(
                "UPDATE revisions SET content = ?, sha256 = ? WHERE uid = ? AND revision = ?",
                [json.dumps(old, ensure_ascii=False), before, held["uid"], held["revision"]],
            )
            _add_revision(connection, held["uid"], held["revision"] + 1, row["sha256"], fetched_at, captures)
            _rewrite(connection, held, article, row, fetched_at, derived_with, revision=held["revision"] + 1)
            return "changed"
    _seen_again(connection, held["uid"], held["revision"], fetched_at)
    differs = any(held[name] != value for name, value in row.items() if name not in UNEXPORTED)
    if not differs:
        values = {name: row[name] for name in UNEXPORTED} | {"derived_with": derived_with}
        if any(held[name] != value for name, value in values.items()):
            settings = ", ".join(f"{name} = ?" for name in values)
            connection.execute(f"UPDATE articles SET {settings} WHERE uid = ?", [*values.values(), held["uid"]])
        return "unchanged"
    connection.execute(
        "UPDATE revisions SET sha256 = ?, capture = ? WHERE uid = ? AND revision = ?",
        [row["sha256"], captures[0] if captures else None, held["uid"], held["revision"]],
    )
    _rewrite(connection, held, article, row, fetched_at, derived_with, revision=held["revision"])
    return "amended" if row["sha256"] != held["sha256"] else "unchanged"


def _says_less(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether a page lost labels to a new template: the same headline and text, read by no layout then and now.

    One field alone is what a site takes back. A time that became its day has lost: a listing's row stands in for it.
    """
    if old["layout"] != "generic" or new["layout"] != "generic":
        return False
    lost, differing = _lost(old, new)
    return lost == differing >= _LOST


def _is_read_better(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
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


def _rewrite(
    connection: sqlite3.Connection,
    held: sqlite3.Row,
    article: Article,
    row: dict[str, Any],
    fetched_at: str,
    derived_with: str,
    *,
    revision: int,
) -> None:
    """Replace what an article says; its id moves with its date (what refers to it refers by uid)."""
    values = {
        **row,
        "fetched_at": fetched_at,
        "revision": revision,
        "derived_with": derived_with,
        "change": last_change(connection) + 1,
    }
    if article.published_at != held["published_at"]:
        values["id"] = free_id(connection, article.published_at)
    settings = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE articles SET {settings} WHERE uid = ?", [*values.values(), held["uid"]])


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


def last_change(connection: sqlite3.Connection) -> int:
    """Return the last change that was given out, 0 in an empty archive; a restricted article's is not given out again.

    A reader who pages by `change` would miss what got a number that is known already.
    """
    queries = "SELECT max(change) FROM articles", "SELECT max(change) FROM restrictions"
    return max(connection.execute(one).fetchone()[0] or 0 for one in queries)


def published_second(published_at: str | None) -> int:
    """Return the UTC second that an article sorts by: a day is its noon +08:00, a month its 15th, unknown is 0."""
    if published_at is None:
        return 0
    if len(published_at) == 7:
        published_at += "-15"
    if len(published_at) == 10:
        published_at += "T12:00:00"
    moment = datetime.fromisoformat(published_at)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_BEIJING)
    return int(moment.astimezone(UTC).timestamp())


def free_id(connection: sqlite3.Connection, published_at: str | None) -> int:
    """Return an unused id in publication order: 1,024 to a second, then a counter.

    A day without times can hold more than 1,024 articles; they spill into the seconds after its noon.
    """
    second = published_second(published_at)
    first = second * 1024
    step = 1024
    while True:
        last = connection.execute(
            "SELECT max(id) FROM articles WHERE id >= ? AND id < ?", [first, first + step]
        ).fetchone()[0]
        if last is None:
            return first
        if last + 1 < first + step:
            return int(last) + 1
        first += step
