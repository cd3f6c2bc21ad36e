"""A site's runs, looks, readings and articles, written straight into the tables as a crawl writes them."""

import itertools
from datetime import UTC, date, datetime, timedelta

from sqlite_utils import Database

from archive import schema
from archive.clock import stamp
from archive.health import Expectation, assess
from archive.store import save_look, save_site

_serial = itertools.count(1)
START = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
FULL = {"dated": 1, "sourced": 1, "signed": 1, "edited": 1, "illustrated": 1, "damaged": 0}


class Site:
    """One site of an archive in memory; `visit` is a run of it, and `now` moves on by a day after each."""

    def __init__(self, db=None, id_="chengnan", expect=None):
        self.db = db or database()
        self.connection = self.db.conn
        self.id = id_
        self.expect = expect or Expectation(layouts=True)
        self.now = START
        home = f"http://{id_}.example.org/"
        save_site(self.connection, {"id": id_, "name": id_, "home": home, "family": "generic", "status": "active"})

    @property
    def day(self):
        return (self.now + timedelta(hours=8)).date().isoformat()

    def visit(
        self, pages=(), looks=None, *, outcome="finished", cause=None, reason=None, days=1.0, read=None, **counts
    ):
        """Write a run and assess it. `pages` are dicts as `pages` makes them; `looks` are outcomes by section."""
        pages = list(pages)
        new = sum(one.get("new", one["pages"]) for one in pages if one["layout"])
        values = {"articles_new": new, "requests": 5 + new, "failed": 0, "links": 20} | counts
        run = self._insert(
            "runs", site=self.id, started_at=stamp(self.now), ended_at=stamp(self.now + timedelta(minutes=5)),
            outcome=outcome, cause=cause, reason=reason, version="0", listings=2, **values,
        )  # fmt: skip
        if looks is None:
            looks = {one["section"]: "read" for one in pages} or {"要闻": "unchanged"}
        for section, result in looks.items():
            links = 20 if result == "read" else 0
            save_look(
                self.connection, self.id, section, self.day, depth=1, outcome=result, articles=links, new=0, run=run
            )  # fmt: skip
        for one in pages:
            self._reading(**one)
        changes = assess(self.connection, self.id, self.now, self.expect, read=read)
        self.run = run
        self.now += timedelta(days=days)
        return changes

    def _reading(self, section, layout, pages, **shares):
        values = {"site": self.id, "section": section, "day": self.day, "layout": layout, "pages": pages}
        if layout:
            values |= {"new": shares.pop("new", pages), "characters": pages * shares.pop("length", 800)}
            values |= {name: round(pages * share) for name, share in (FULL | shares).items()}
        names = ", ".join(values)
        sums = ", ".join(f"{name} = {name} + excluded.{name}" for name in values if isinstance(values[name], int))
        self.connection.execute(
            f"INSERT INTO readings ({names}) VALUES ({', '.join('?' * len(values))})"
            f" ON CONFLICT (site, section, day, layout) DO UPDATE SET {sums}",
            list(values.values()),
        )

    def article(self, day: date | str, section="要闻"):
        """Write an article that bears a day; returns its uid."""
        noon = datetime.fromisoformat(f"{day}T04:00:00+00:00")
        serial = next(_serial)
        uid, url = f"{self.id}{serial:08}", f"http://{self.id}.example.org/news/{serial}.html"
        self._insert(
            "articles", id=int(noon.timestamp()) * 1024 + serial, uid=uid, site=self.id, section=section,
            published_at=str(day), title=f"第{serial}期培训班开班", text="课程五天。", html="", layout="1",
            url=url, key=url, first_seen_at=stamp(noon), fetched_at=stamp(noon), sha256="", derived_with="test",
            change=self.connection.execute("SELECT coalesce(max(change), 0) + 1 FROM articles").fetchone()[0],
        )  # fmt: skip
        return uid

    def failed(self, url, error, *, section="要闻", status=404, kind="listing", state="failed"):
        """Write that a page failed in the run that comes next."""
        run = self.connection.execute("SELECT coalesce(max(id), 0) + 1 FROM runs").fetchone()[0]
        self.connection.execute("DELETE FROM frontier WHERE url = ?", [url])
        self._insert(
            "frontier", site=self.id, key=url, url=url, kind=kind, state=state, section=section, error=error,
            status=status, discovered_at=stamp(self.now), run=run,
        )  # fmt: skip

    def _insert(self, table, **values):
        cursor = self.connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )
        return cursor.lastrowid


def database(path=None):
    """An archive's tables, in memory or in a file, without the triggers that keep the search index: years take long."""
    db = Database(path) if path else Database(memory=True)
    schema.upgrade(db)
    for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {row[0]}")
    return db


def pages(number=10, section="要闻", layout="1", **shares):
    """Pages read of a section."""
    return {"section": section, "layout": layout, "pages": number, **shares}
