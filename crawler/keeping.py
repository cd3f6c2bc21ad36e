"""Keeping a response: its WARC records first, then the row of `captures` that points to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastwarc.warc import WarcRecordType

from archive import clock
from archive.payload import HTTPResponse, PayloadError, parse_response
from archive.warc import (
    Exchange,
    Reference,
    StoredRecord,
    copy_member,
    fields_member,
    payload_digest,
    read_record,
    record_id,
    request_member,
    response_member,
    warc_date,
)
from crawler import facts
from crawler.capture import Wire
from crawler.replay import Played

if TYPE_CHECKING:
    from crawler.frontier import Row
    from crawler.profile import SiteProfile
    from crawler.session import Session


@dataclass(frozen=True, slots=True)
class Kept:
    """A response that lies in the WARC file: its row of `captures` to be, and the response itself.

    `unchanged` is True when the payload is that of the capture before: not sent (304), or sent again.
    """

    columns: dict[str, Any]
    http: HTTPResponse
    fetched_at: datetime
    unchanged: bool


class Keeper:
    """Keeps the responses of one run."""

    def __init__(self, session: Session, profile: SiteProfile, run: int, replayed: object | None) -> None:
        self._warc = session.warc
        self._directory = session.directory.warc
        self._connection: sqlite3.Connection = session.db.conn
        self._profile = profile
        self._run = run
        self._facts = run_facts(self._connection, profile, run, replayed=replayed is not None)

    def keep(
        self, key: str, url: str, source: Wire | Played, *, held: int | None, about: Mapping[str, Any]
    ) -> Kept | None:
        """Write the records of an exchange, or copy those of a replayed one; None when no response arrived.

        `held` is the capture before, `about` what it was asked for (crawler.facts; kept as a metadata record).
        """
        if isinstance(source, Played):
            return self._copy(key, url, source, held, about)
        exchange = source.exchange(url)
        try:
            http = parse_response(exchange.response)
        except PayloadError:
            return None
        digest = payload_digest(http.payload)
        same_as = self._earlier(http, digest, exchange, held)
        info = self._warc.run_info(self._run, self._facts)
        id_ = record_id()
        reference = _reference(same_as) if same_as is not None else None
        members = (
            response_member(exchange, http, id_=id_, warcinfo=info, digest=digest, same_as=reference),
            request_member(exchange, response_id=id_, warcinfo=info),
            fact_member(about, url, info, exchange.fetched_at, of=id_),
        )
        digest = same_as["digest"] if same_as is not None else digest
        columns = self._columns(key, url, http, exchange.fetched_at, id_, digest, same_as)
        columns["truncated"] = exchange.truncated
        columns["warc"], columns["offset"] = self._warc.append(*members)
        return Kept(columns, http, exchange.fetched_at, self._is_held(columns, held))

    def note(self, fact: Mapping[str, Any], url: str) -> None:
        """Write a fact that belongs to no response, about the run or a URL of it."""
        info = self._warc.run_info(self._run, self._facts)
        self._warc.append(fact_member(fact, url, info, clock.utcnow()))

    def _copy(self, key: str, url: str, played: Played, held: int | None, about: Mapping[str, Any]) -> Kept:
        """Copy the records of a replayed capture; one that the archive holds already is not copied again."""
        same_as = self._held_original(played, held)
        id_ = played.response.headers["WARC-Record-ID"]
        digest = played.response.headers.get("WARC-Payload-Digest") or payload_digest(played.http.payload)
        columns = self._columns(key, url, played.http, played.date, id_, digest, same_as)
        columns["truncated"] = played.response.headers.get("WARC-Truncated")
        columns["url"] = played.response.headers["WARC-Target-URI"]
        known = self._connection.execute("SELECT * FROM captures WHERE record_id = ?", [id_]).fetchone()
        if known is not None:
            columns["known"] = known["id"]
        else:
            record = played.response
            if record.type == "revisit" and same_as is None and played.original is not None:
                # The archive lacks the original: its record stands for both.
                record = played.original
                columns |= {"record_id": record.headers["WARC-Record-ID"], "kind": "response", "payload": None}
            info = self._warc.run_info(self._run, self._facts)
            members = [copy_member(one) for one in (record, played.request) if one is not None]
            members.append(fact_member(about, columns["url"], info, played.date, of=columns["record_id"]))
            columns["warc"], columns["offset"] = self._warc.append(*members)
        return Kept(columns, played.http, played.date, self._is_held(columns, held))

    def _held_original(self, played: Played, held: int | None) -> sqlite3.Row | None:
        if played.response.type != "revisit":
            return None
        if played.http.status == 304:
            return self._payload_row(held)
        wanted = (played.original or played.response).headers["WARC-Record-ID"]
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM captures WHERE record_id = ?", [wanted]
        ).fetchone()
        return row

    def _columns(
        self,
        key: str,
        url: str,
        http: HTTPResponse,
        fetched_at: datetime,
        id_: str,
        digest: str,
        same_as: sqlite3.Row | None,
    ) -> dict[str, Any]:
        kind = "response" if same_as is None else "unmodified" if http.status == 304 else "same"
        return {
            "site": self._profile.id,
            "url": url,
            "key": key,
            "fetched_at": warc_date(fetched_at),
            "status": http.status,
            "content_type": http.header("Content-Type"),
            "kind": kind,
            "record_id": id_,
            "digest": digest,
            "payload": None if same_as is None else same_as["id"],
            "run": self._run,
        }

    def _earlier(self, http: HTTPResponse, digest: str, exchange: Exchange, held: int | None) -> sqlite3.Row | None:
        """Return the row of the capture whose payload, by its `digest`, this response repeats or confirms."""
        if http.status == 304:
            return self._payload_row(held)
        if http.status != 200 or not http.payload or exchange.truncated:
            return None
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM captures WHERE digest = ? AND kind = 'response' AND truncated IS NULL LIMIT 1",
            [digest],
        ).fetchone()
        return row

    def _payload_row(self, capture: int | None) -> sqlite3.Row | None:
        if capture is None:
            return None
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM captures WHERE id = (SELECT coalesce(payload, id) FROM captures WHERE id = ?)", [capture]
        ).fetchone()
        return row

    def _is_held(self, columns: Mapping[str, Any], held: int | None) -> bool:
        before = self._payload_row(held)
        if before is None:
            return False
        return bool(before["id"] == columns["payload"] or before["record_id"] == columns["record_id"])

    def content(self, capture: int) -> tuple[HTTPResponse, sqlite3.Row]:
        """Return the response that a capture stands for (a revisit's original), and the row of its address's first.

        The same bytes may have come from another address before, even of another site: their links led elsewhere.
        Raises ArchiveError when its file is missing or altered.
        """
        row = self._payload_row(capture)
        assert row is not None
        record: StoredRecord = read_record(self._directory, row["warc"], row["offset"])
        query = """
            SELECT first.* FROM captures AS own JOIN captures AS first ON first.site = own.site AND first.key = own.key
            WHERE own.id = ? AND coalesce(first.payload, first.id) = ? ORDER BY first.id LIMIT 1
        """
        return record.http, self._connection.execute(query, [capture, row["id"]]).fetchone()

    def last_seen(self, meta: Mapping[str, Any]) -> datetime | None:
        """Return when what a request asks for was last captured."""
        row: Row | None = meta.get("row")
        key = row.key if row is not None else str(meta.get("robots"))
        found = self._connection.execute(
            "SELECT max(fetched_at) FROM captures WHERE site = ? AND key = ?", [self._profile.id, key]
        ).fetchone()[0]
        return datetime.fromisoformat(found) if found else None


def run_facts(
    connection: sqlite3.Connection, profile: SiteProfile, run: int, *, replayed: bool = False
) -> dict[str, str | None]:
    """Return what the warcinfo record of a run says of it: for a person, and its row as it began."""
    row = connection.execute("SELECT * FROM runs WHERE id = ?", [run]).fetchone()
    begun = {name: row[name] for name in ("id", "site", "started_at", "options", "version")}
    return {
        "description": f"run {run} of {profile.id} ({profile.name})",
        "profile": profile.digest,
        "replayed": "true" if replayed else None,
        facts.FIELD: facts.line(begun),
    }


def fact_member(fact: Mapping[str, Any], url: str, info: str, date: datetime, *, of: str | None = None) -> bytes:
    """Return a fact about a URL as one gzip member; `of` is the record id of the response that it is about."""
    links = {"WARC-Target-URI": url, "WARC-Concurrent-To": of, "WARC-Warcinfo-ID": info}
    return fields_member(WarcRecordType.metadata, facts.fields(fact), links, id_=record_id(), date=date)


def _reference(row: sqlite3.Row) -> Reference:
    return Reference(row["record_id"], row["url"], row["fetched_at"], row["digest"])
