"""An archive with something of everything that needs a person, and of everything that a week brings."""

import json
from datetime import UTC, datetime
from pathlib import Path

from filled import Filler, article

from archive import clock
from archive.article import uid as uid_of
from archive.directory import ArchiveDirectory
from archive.readings import note_reading

#: When it is looked at: a Saturday. filled.START is a Saturday too, three weeks before.
NOW = datetime(2025, 3, 22, 1, 0, tzinfo=UTC)
ONE, TWO, THREE = (uid_of(article(number).url) for number in (1, 2, 3))

DRAFT = """
name = "北岸区总工会"
home = "http://beian.example.org/"
hosts = ["beian.example.org"]

[evidence]
seen = "page: the home page, listings (1) and articles (2), looked at on 2025-03-10"
inferred = "what this look did not show: other sections, pages after the first of a listing"
"""


def at(day: int, hour: int = 1, month: int = 3) -> str:
    """A moment as the archive writes it."""
    return clock.stamp(datetime(2025, month, day, hour, tzinfo=UTC))


def incident(connection, site: str, kind: str, began: str, facts: dict, section: str = "", **values) -> int:
    """Write an incident as archive.health does; `values` are other columns."""
    row = {"site": site, "section": section, "kind": kind, "began_at": began, "noticed_at": began, "seen_at": began}
    row |= {"facts": json.dumps(facts, ensure_ascii=False), **values}
    marks = ", ".join("?" * len(row))
    query = f"INSERT INTO incidents ({', '.join(row)}) VALUES ({marks})"
    return connection.execute(query, list(row.values())).lastrowid


def gone(connection, uid: str, since: str, seen: str, confirmed: str | None = None, **values) -> None:
    """Write that an article was found gone by two visits, and withdrawn."""
    row = {"uid": uid, "site": "chengnan", "since": since, "seen_at": seen, "visits": 2, "how": "HTTP 404"}
    row |= {"confirmed_at": confirmed, **values}
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO withdrawals ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    since = since if confirmed and not values.get("back_at") else None
    connection.execute("UPDATE articles SET withdrawn_at = ? WHERE uid = ?", [since, uid])


def listing(filler: Filler, url: str, body: str) -> int:
    """Store a page that is no article."""
    wire = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    return filler.capture(url, wire.encode(), site="chengnan")


def reviewed(path: Path) -> ArchiveDirectory:
    """A layout that changed, a withdrawal, a damaged and an undated article, a blocked site, a draft."""
    filler = Filler(path)
    connection = filler.db.conn
    for number in range(1, 13):
        filler.page(article(number, published_at=None if number == 2 else f"2025-02-{number:02}"))
        note_reading(connection, "chengnan", "工会要闻", "2025-03-01", article(number), "new")
    filler.page(article(3, published_at="2025-02-03", text="第3期培训班\ufffd\ufffd在职工之家开课。", damaged=True))
    filler.page(article(1, site="yunhe"))
    page = listing(
        filler, "http://chengnan.example.org/list/", "<title>要闻</title><script>x</script><p>新版&nbsp;列表"
    )
    facts = {"day": "2025-03-20", "pages": 14, "matched": 0, "layout": "1", "before": 0.99}
    incident(connection, "chengnan", "layout", at(20), facts, "工会要闻", url="http://chengnan.example.org/list/",
             capture=page)  # fmt: skip
    incident(connection, "yunhe", "blocked", at(18), {"day": "2025-03-18", "visits": 3, "reason": "HTTP 412"})
    incident(connection, "yunhe", "errors", at(21), {"day": "2025-03-21", "requests": 30, "failed": 9, "before": 0.01})
    gone(connection, ONE, at(17), at(19), at(19))
    directory = filler.close()
    (directory.sites / "beian.toml").write_text(DRAFT, encoding="utf-8")
    return directory
