"""Replay: WARC files instead of the network. What a file lacks is unreachable; a missing robots.txt allows all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import HtmlResponse

from archive.errors import ArchiveError
from archive.payload import HTTPResponse, PayloadError, dechunk, parse_response
from archive.warc import StoredRecord, read_record_at, records
from crawler import media_urls, urls

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.profile import SiteProfile

Asked = tuple[str, str, bytes]
"""Method, canonical URL and body of a request."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a response lies, and when it was fetched."""

    path: Path
    offset: int
    date: datetime
    record_id: str


@dataclass(frozen=True, slots=True)
class Played:
    """A capture that stands for a download: its records, and the response taken apart."""

    response: StoredRecord
    http: HTTPResponse
    date: datetime
    request: StoredRecord | None = None
    original: StoredRecord | None = None
    """The response that a revisit record refers to."""


@dataclass(slots=True)
class Replay:
    """The captures of one site in some WARC files, by what was asked, in the order of their dates."""

    profile: SiteProfile
    _places: dict[Asked, list[_Place]] = field(default_factory=dict)
    _requests: dict[str, tuple[Path, int]] = field(default_factory=dict)
    _ids: dict[str, tuple[Path, int]] = field(default_factory=dict)
    _digests: dict[str, tuple[Path, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, paths: list[Path], profile: SiteProfile) -> Replay:
        """Index the files. Raises ArchiveError naming the file that is missing, torn or no WARC file."""
        self = cls(profile)
        for path in paths:
            asked: dict[str, tuple[str, bytes]] = {}
            answers: list[tuple[str, _Place]] = []
            for record in records(path):
                self._index(path, record, asked, answers)
            for url, place in answers:
                method, body = asked.get(place.record_id, ("GET", b""))
                self._places.setdefault((method, url, body), []).append(place)
        for places in self._places.values():
            places.sort(key=lambda place: place.date)
        return self

    def _index(
        self, path: Path, record: StoredRecord, asked: dict[str, tuple[str, bytes]], answers: list[tuple[str, _Place]]
    ) -> None:
        url = self._canonical(record.headers.get("WARC-Target-URI", ""))
        if url is None:
            return
        id_ = record.headers.get("WARC-Record-ID", "")
        if record.type == "request":
            answer = record.headers.get("WARC-Concurrent-To", "")
            self._requests[answer] = (path, record.offset)
            head, _, body = record.block.partition(b"\r\n\r\n")
            asked[answer] = (head.split(b" ", 1)[0].decode("ascii", "replace").upper(), body)
        elif record.type in ("response", "revisit"):
            date = _date(path, record)
            answers.append((url, _Place(path, record.offset, date, id_)))
            if record.type == "response":
                self._ids[id_] = (path, record.offset)
                self._digests.setdefault(record.headers.get("WARC-Payload-Digest", id_), (path, record.offset))

    def _canonical(self, url: str) -> str | None:
        """Return the canonical form of a URL of this site, its media or a translated copy; None for every other one."""
        try:
            found = urls.canonical(url, self.profile)
        except ValueError:
            return None
        belongs = media_urls.is_allowed(urls.translated_original(found) or found, self.profile)
        return found if belongs or urls.is_article(found, self.profile) else None

    def urls(self) -> Iterator[str]:
        """Yield the canonical URLs that the files answer."""
        return (url for method, url, _ in self._places if method == "GET")

    def has(self, url: str) -> bool:
        """Say whether the files answer a GET of this canonical URL."""
        return ("GET", url, b"") in self._places

    def holds(self, url: str) -> bool:
        """Say whether the files answer a GET of a URL, as it is written."""
        found = self._canonical(url)
        return found is not None and self.has(found)

    def choose(self, request: Request, seen: datetime | None) -> Played | None:
        """Return the first capture of what is asked after `seen`, or the last one; None when there is none."""
        url = self._canonical(request.url)
        places = self._places.get((request.method, url, request.body)) if url else None
        if not places:
            return None
        place = next((place for place in places if seen is None or place.date > seen), places[-1])
        return self._play(place)

    def _play(self, place: _Place) -> Played:
        record = read_record_at(place.path, place.offset)
        http = parse_response(record.block)
        request = self._requests.get(place.record_id)
        played = Played(record, http, place.date, read_record_at(*request) if request else None)
        if record.type == "response" or http.status == 304:
            return played
        original = self._ids.get(record.headers.get("WARC-Refers-To", "")) or self._digests.get(
            record.headers.get("WARC-Payload-Digest", "")
        )
        if original is None:
            raise PayloadError("the revisit record's original is not in the replayed files; give that file too")
        found = read_record_at(*original)
        return replace(played, http=replace(http, payload=parse_response(found.block).payload), original=found)


def _date(path: Path, record: StoredRecord) -> datetime:
    value = record.headers.get("WARC-Date", "")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError as error:
        raise ArchiveError(f"{path} at {record.offset}: WARC-Date {value!r} is no date; use an intact copy") from error


class ReplayHandler(BaseDownloadHandler):
    """Answers from the run's Replay; `request.meta["wire"]` is the Played capture."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        """Return the capture as a response. Raises DownloadFailedError when the files lack it."""
        run = self.crawler.spider.run  # type: ignore[union-attr]
        seen = run.keeper.last_seen(request.meta)
        try:
            played = run.replay.choose(request, seen)
        except PayloadError as error:
            raise DownloadFailedError(f"{request.url}: {error}") from error
        if played is None:
            raise DownloadFailedError(f"{request.url}: not in the replayed files")
        request.meta["wire"] = played
        headers: dict[str, list[str]] = {}
        for name, value in played.http.headers:
            headers.setdefault(name, []).append(value)
        chunked = "chunked" in (played.http.header("Transfer-Encoding") or "").lower()
        body = dechunk(played.http.payload) if chunked else played.http.payload
        return HtmlResponse(request.url, status=played.http.status, headers=headers, body=body, encoding="utf-8")
