"""Telling: one run of one site again, from its rows in history to the rows that a crawl would have written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Coroutine, Mapping
from dataclasses import fields, replace
from typing import Any

from archive import clock
from archive.past import is_past, save_past
from archive.store import RUN_COUNTERS, save_capture
from archive.warc import read_record
from crawler import urls
from crawler.answers import Answers
from crawler.assembly import Assembly
from crawler.families.base import Entry
from crawler.frontier import Found, Frontier, Row
from crawler.keeping import Kept
from crawler.options import Options
from crawler.pictures import Pictures
from crawler.pool import Done
from crawler.profile import SiteProfile
from crawler.reading import Reading, derived_with, read
from crawler.rebuilding.further import further_pages
from crawler.rebuilding.history import Response, Run
from crawler.rebuilding.session import Session, StoredKeeper
from crawler.results import Results
from crawler.run import QUIET, SiteRun, starts
from crawler.setbacks import Setbacks
from crawler.stored import Stored
from crawler.writing import seconds

_OF_FOUND = ("section", "depth", "part_of", "part", "redirects", "form")
_OPTIONS = {one.name for one in fields(Options)}


def options_of(run: Run) -> dict[str, Any]:
    """Return what was asked of a run."""
    found = json.loads(run.fact.get("options", "{}"))
    return found if isinstance(found, dict) else {}


def kind_of(response: Response, profile: SiteProfile) -> str:
    """Say what a response was asked for as; files of older versions do not tell."""
    told = response.fact.get("kind")
    if told is not None:
        return str(told)
    if response.url.endswith("/robots.txt"):
        return "robots"
    if urls.is_article(response.url, profile):
        return "article"
    return "home" if urls.canonical(response.url, profile) == urls.canonical(profile.home, profile) else "listing"


def url_of(response: Response, profile: SiteProfile) -> str:
    """Return the address that a response was asked for under, as the frontier has it."""
    return str(response.fact.get("url") or urls.canonical(response.url, profile))


def entry_of(response: Response, url: str) -> Entry | None:
    """Return what the listing said of a page."""
    told = response.fact.get("listing")
    return Entry(**{"url": url, **told}) if told else None


class Telling:
    """One run that is told again."""

    def __init__(self, session: Session, profile: SiteProfile, number: int, run: Run) -> None:
        self.options = options_of(run)
        asked = {name: value for name, value in self.options.items() if name in _OPTIONS}
        # What was taken over is no look at the site of its day.
        taken = asked.get("replay", ()) or self.options.get("import", ())
        options = Options(**{**asked, "replay": tuple(taken)})
        self._connection: sqlite3.Connection = session.db.conn
        self._keeper = StoredKeeper(session, profile, number, options.replay or None)  # type: ignore[arg-type]
        session.keeper = self._keeper
        self.run = SiteRun(
            profile=profile,
            options=options,
            session=session,  # type: ignore[arg-type]
            id=number,
            frontier=Frontier(self._connection, profile.id),
            keeper=self._keeper,
            derived_with=derived_with(profile),
            pace=profile.pace(session.config.pace),
            lock=None,
        )
        row = self._connection.execute("SELECT ended_at FROM runs WHERE id = ?", [number]).fetchone()
        self.is_over = row["ended_at"] is not None
        """Whether the archive has it from its beginning to its end."""
        self.imported = "import" in self.options
        self.problems: list[str] = []
        """What could not be told in its place, one line each."""
        self._session = session
        self._results = Results(self.run)
        self._setbacks = Setbacks(self.run, self._results)
        self._stored = Stored(self.run)
        self._pictures = Pictures(self.run)
        self._assembly = Assembly(self.run, self._results, self._stored, lambda _: None)
        self._answers = Answers(self.run, self._results, self._setbacks, self._stored, self._assembly)

    def response(self, response: Response, done: Done | None) -> None:
        """Write what came of a response."""
        if response.is_revisit and self._payload(response) is None:
            # As a response of its own, later captures of the same bytes would be taken for held.
            where = f"{self._session.directory.warc / response.warc} at {response.offset}"
            what = f"{response.refers_to}, which cannot be read here; put the file that holds that back from a copy"
            self.problems.append(f"{where}: stands for {what}")
            return
        kind = kind_of(response, self.run.profile)
        if kind == "robots":
            self._results.robots(self._kept(response, response.url, None))
            return
        row = self._row(response, kind)
        kept = self._kept(response, row.key, row.capture)
        if kind == "article" and self._is_past(row, kept):
            self._past(row, kept, done)
            return
        if kind == "media":
            _drive(self._pictures.answered(row, self._with_content(kept, response)))
            return
        if kind in ("home", "listing") and self.imported:
            self._results.keep_only(row, kept)  # it told what is known of the articles that were taken in with it
            self.run.frontier.release(row)
            return
        url = urls.canonical(row.url, self.run.profile)
        reading = done.reading if done is not None else None
        page = url, response.fetched_at.isoformat()
        self._session.worker.expect(page, response.digest, reading, kept.columns["payload"])
        if response.truncated is None:
            _drive(self._answers.answered(row, kept))
        elif response.truncated == "length":
            self._results.failed(row, f"{row.url}: cut, {response.truncated}", kept)
        elif self._setbacks.silence(row, f"{row.url}: cut, {response.truncated}", kept):
            return
        if response.truncated is not None and row.kind == "part":
            _drive(self._assembly.finish(row.part_of))
        if kind == "article" and self.run.options.replay:
            connection, profile, frontier = self._connection, self.run.profile, self.run.frontier
            for part, page_kept in further_pages(connection, profile, self._keeper, frontier, row, self.run.id):
                _drive(self._answers.answered(part, page_kept))

    def _is_past(self, row: Row, kept: Kept) -> bool:
        return is_past(self._connection, self.run.profile.id, row.key, seconds(kept.fetched_at))

    def _past(self, row: Row, kept: Kept, done: Done | None) -> None:
        """Write what a page said before it was last seen. What comes later in time than this is written already."""
        reading = done.reading if done is not None else self._read_payload(row, kept)
        article = reading.article
        run = self.run
        if article is None or article.parts or article.part_of is not None:
            why = reading.error or f"{row.url}: an article of several pages"
            self.problems.append(f"{why}; kept, and told in its place by `import --rebuild`")

        def write(connection: sqlite3.Connection) -> None:
            capture = save_capture(connection, kept.columns)
            if article is None or article.parts or article.part_of is not None:
                return
            at = seconds(kept.fetched_at)
            outcome = save_past(connection, article, key=row.key, fetched_at=at, capture=capture)
            name = "changed" if outcome == "changed" else "unchanged"
            setattr(run.counts, name, getattr(run.counts, name) + 1)
            run.session.store.count(run.id, **{f"articles_{name}": 1})

        problem = self._session.store.apply(write)
        run.frontier.release(row)
        if problem is not None:
            self.problems.append(f"{row.url}: cannot be stored ({problem})")

    def _read_payload(self, row: Row, kept: Kept) -> Reading:
        """Read what a revisit stands for, as it was seen then."""
        payload = kept.columns["payload"]
        if payload is None:
            return Reading(error=f"{row.url}: HTTP {kept.http.status}")
        http = self._keeper.content(payload)[0]
        page = self._stored.as_page(row, row.url, http.content(), kept.fetched_at, http.header("Content-Type"))
        return read([page], self.run.profile)

    def end(self, told: Mapping[str, Any]) -> None:
        """Write how the run ended, as it was written down then."""
        if told["outcome"] == "finished":
            self.give_up_parts()
        run = self.run
        self._session.store.counters.pop(run.id, None)
        settings = ", ".join(f"{name} = ?" for name in RUN_COUNTERS)
        counted = [int(told.get(name) or 0) for name in RUN_COUNTERS]
        self._connection.execute(f"UPDATE runs SET {settings} WHERE id = ?", [*counted, run.id])
        run.outcome, run.reason, run.cause = told["outcome"], told["reason"], told["cause"]
        if run.outcome == "interrupted" and _is_rest(run.reason or ""):
            run.rest = run.reason
        run.ended = clock.moment(told["ended_at"])
        run.end(self._connection)

    def leave(self) -> None:
        """Write what the run counted since this was last done; how it ended is not known."""
        counted = self._session.store.counters.pop(self.run.id, {})
        if counted and not self.is_over:
            settings = ", ".join(f"{name} = {name} + ?" for name in counted)
            self._connection.execute(f"UPDATE runs SET {settings} WHERE id = ?", [*counted.values(), self.run.id])

    def give_up_parts(self) -> None:
        """Store the articles whose further pages did not come: nothing was kept of a page that gave no answer."""
        frontier = self.run.frontier
        for first in frontier.waiting():
            self._connection.execute(
                "UPDATE frontier SET state = 'failed', error = url || ': no answer was kept'"
                " WHERE site = ? AND part_of = ? AND state = 'due'",
                [frontier.site, first.key],
            )
            _drive(self._assembly.finish(first.key))

    def _row(self, response: Response, kind: str) -> Row:
        """Return the frontier's row of what was asked for, put in as it was known then where it is missing."""
        fact, profile, frontier = response.fact, self.run.profile, self.run.frontier
        url = url_of(response, profile)
        key = fact.get("key") or (urls.key(url, profile) if kind == "article" else url)
        row = frontier.lease(key)
        if row is None:
            told = {
                name: fact[name]
                for name in ("section", "depth", "part_of", "part", "redirects", "form")
                if name in fact
            }
            frontier.add([Found(key, url, kind, listing=entry_of(response, url), **told)])  # type: ignore[arg-type]
            row = frontier.lease(key)
        assert row is not None
        return row

    def _kept(self, response: Response, key: str, held: int | None) -> Kept:
        http = response.http
        payload = self._payload(response) if response.is_revisit else None
        kind = "response" if payload is None else "unmodified" if http.status == 304 else "same"
        columns = {
            "site": self.run.profile.id,
            "url": response.url,
            "key": key,
            "fetched_at": response.at,
            "status": http.status,
            "content_type": http.header("Content-Type"),
            "kind": kind,
            "record_id": response.record_id,
            "digest": response.digest,
            "payload": payload,
            "run": self.run.id,
            "truncated": response.truncated,
            "warc": response.warc,
            "offset": response.offset,
        }
        return Kept(columns, http, response.fetched_at, payload is not None and payload == self._payload_of(held))

    def _with_content(self, kept: Kept, response: Response) -> Kept:
        """Return a picture or file with its bytes, by which it is known."""
        if response.http.status != 200:
            return kept
        payload = kept.columns["payload"]
        if payload is not None:
            return replace(kept, http=self._keeper.content(payload)[0])
        directory = self._session.directory.warc
        return replace(kept, http=read_record(directory, response.warc, response.offset).http)

    def _payload(self, response: Response) -> int | None:
        """Return the capture whose payload a revisit record stands for."""
        found = "SELECT coalesce(payload, id) FROM captures WHERE record_id = ?"
        row = self._connection.execute(found, [response.refers_to]).fetchone()
        if row is None:
            found = "SELECT id FROM captures WHERE digest = ? AND kind = 'response' AND truncated IS NULL LIMIT 1"
            row = self._connection.execute(found, [response.digest]).fetchone()
        return None if row is None else int(row[0])

    def _payload_of(self, capture: int | None) -> int | None:
        row = self._connection.execute("SELECT coalesce(payload, id) FROM captures WHERE id = ?", [capture]).fetchone()
        return None if row is None else int(row[0])


def lead_on(connection: sqlite3.Connection, profile: SiteProfile) -> None:
    """Have a site's frontier lead on from the listings that its profile names today."""
    frontier = Frontier(connection, profile.id)
    if profile.sections:
        frontier.keep_listings(starts(profile))
    frontier.add(starts(profile))


def _is_rest(reason: str) -> bool:
    """Say whether a run that was cut short had to rest, and did not go on at once (SiteRun.may_ask)."""
    return reason == QUIET or reason.startswith("the day's budget")


def _drive(work: Coroutine[Any, Any, None]) -> None:
    """Run to its end what waits for nothing here."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("what is told again must not wait")
