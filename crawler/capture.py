"""The download handler that keeps every byte sent and received, and connects nowhere it must not.

The names with an underscore are private to Scrapy 2.19 and Twisted: pyproject.toml pins the version, and
tests/test_capture.py holds this module against a raw socket.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers import http11
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import ConnectError
from zope.interface import directlyProvides, providedBy

from archive import clock
from archive.payload import without_interim
from archive.warc import Exchange

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

    from crawler.profile import SiteProfile
    from crawler.spiders.site import SiteSpider

#: IPv6 networks whose addresses end in an IPv4 one (RFC 6052 §2.1, RFC 4291 §2.5.5.1).
_TRANSLATED, _COMPATIBLE = ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96")


#: What Scrapy warns of there (bodies that are too long, or cut) fails a URL, and is told with it.
http11.logger.setLevel(logging.ERROR)

#: Seconds that responses under way may still take when the crawl is stopped.
GRACE_SECONDS = 2.0


#: What WARC-Truncated says of a response that failed on the way.
_CUT: tuple[tuple[type[Exception], str], ...] = (
    (DownloadCancelledError, "length"),
    (DownloadTimeoutError, "time"),
    (ResponseDataLossError, "disconnect"),
    (DownloadFailedError, "disconnect"),
)


class CrawlStopped(DownloadCancelledError):
    """A request was given up because a person stopped the crawl; its URL is still due."""


class AddressRefused(ConnectError):
    """A host name led to a private or loopback address, which only a profile's own home may name."""

    MESSAGE = "not connected"


@dataclass(slots=True)
class Wire:
    """What crosses the wire for one request, filled while it crosses."""

    started: datetime = field(default_factory=clock.utcnow)
    sent: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)
    ip: str | None = None
    reused: bool = False
    truncated: str | None = None

    def exchange(self, url: str) -> Exchange:
        """Return the request and the response as they crossed the wire; interim (1xx) responses are left out."""
        response = without_interim(bytes(self.received))
        return Exchange(url, self.started, bytes(self.sent), response, self.ip, self.truncated)


class RecordingProtocol(http11._LenientHTTP11ClientProtocol):
    """HTTP/1.1 on one connection; `wire` is the record of the request that is under way."""

    wire: Wire | None = None
    transport: Any

    def makeConnection(self, transport: Any) -> None:
        """Copy what is written to the connection, which Twisted does in two ways."""
        super().makeConnection(transport)  # type: ignore[no-untyped-call]
        write, write_sequence = transport.write, transport.writeSequence

        def recording_write(data: bytes) -> Any:
            if self.wire is not None:
                self.wire.sent += data
            return write(data)

        def recording_write_sequence(parts: Any) -> Any:
            parts = list(parts)
            if self.wire is not None:
                self.wire.sent += b"".join(parts)
            return write_sequence(parts)

        transport.write, transport.writeSequence = recording_write, recording_write_sequence

    def dataReceived(self, data: bytes) -> Any:
        """Copy what arrives, before any of it is understood."""
        if self.wire is not None:
            self.wire.received += data
        return super().dataReceived(data)  # type: ignore[no-untyped-call]


class RecordingFactory(http11._LenientHTTP11ClientFactory):
    """Makes the connections of the pool recording ones."""

    def buildProtocol(self, addr: Any) -> RecordingProtocol:
        """Return a protocol that goes back to the pool when its response is complete."""
        return RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _RecordingPool:
    """The handler's connection pool, seen by one request: the connection that it gets records into `wire`."""

    def __init__(self, pool: Any, wire: Wire) -> None:
        self._pool = pool
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:
        """Return the connection for the request, recording."""
        connection: Deferred[Any] = self._pool.getConnection(key, endpoint)
        return connection.addCallback(self._attach)

    def _attach(self, protocol: RecordingProtocol) -> RecordingProtocol:
        self._wire.reused = protocol.wire is not None
        self._wire.ip = protocol.transport.getPeer().host
        protocol.wire = self._wire
        return protocol


class GuardedReactor:
    """The reactor, but TCP connections are made only to addresses that `allowed(host, port)` permits.

    The check sees resolved addresses, whatever name, redirect or DNS answer led to them.
    """

    def __init__(self, reactor: Any, allowed: Any) -> None:
        self._reactor = reactor
        self._allowed = allowed
        directlyProvides(self, providedBy(reactor))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def connectTCP(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        """Connect, or raise AddressRefused."""
        if not self._allowed(host, port):
            raise AddressRefused(  # type: ignore[no-untyped-call]
                string=f"{host}:{port} is not a public address; a site may not lead there"
            )
        return self._reactor.connectTCP(host, port, *args, **kwargs)


def address_allowed(profile: SiteProfile, host: str, port: int) -> bool:
    """Say whether a site may be fetched from this resolved address: a public one, or its home's own literal one."""
    address = ipaddress.ip_address(host.partition("%")[0])
    reached = _embedded(address) or address
    if reached.is_global and not reached.is_multicast:
        return True
    return (str(address), port) in home_addresses(profile)


def _embedded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a gateway or the kernel would reach instead of an IPv6 one; None for most."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def home_addresses(profile: SiteProfile) -> set[tuple[str, int]]:
    """Return the addresses that a profile's home itself spells out; empty when the home is a name."""
    home = urlsplit(profile.home)
    port = home.port or (443 if home.scheme == "https" else 80)
    if home.hostname == "localhost":
        return {("127.0.0.1", port), ("::1", port)}
    try:
        return {(str(ipaddress.ip_address(home.hostname or "")), port)}
    except ValueError:
        return set()


class _RecordingAgent(http11._ScrapyAgent):
    """Scrapy's agent for one request, on a guarded reactor and a recording pool."""

    def __init__(self, *, profile: SiteProfile, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._profile = profile

    def _get_agent(self, request: Request, timeout: float) -> Any:
        from twisted.internet import reactor

        guarded = GuardedReactor(reactor, lambda host, port: address_allowed(self._profile, host, port))
        return http11._BindAddressAgent(
            reactor=guarded,  # type: ignore[arg-type]
            contextFactory=self._contextFactory,
            connectTimeout=timeout,
            pool=self._pool,
        )


class CaptureHandler(http11.HTTP11DownloadHandler):
    """Downloads http and https; `request.meta["wire"]` is the Wire of the exchange, also when it failed."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = RecordingFactory
        self._under_way: set[Deferred[Response]] = set()
        self._stopped = False
        self._watch: asyncio.Task[None] | None = None
        # Twisted would repeat a request on a fresh connection unseen by the record; we do that ourselves.
        self._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        """Fetch, recording. A kept-alive connection that the server had closed meanwhile costs one more try."""
        if self._watch is None:
            self._watch = asyncio.ensure_future(self._watch_for_stop())
        wire = Wire()
        try:
            return await self._fetch(request, wire)
        except DownloadFailedError:
            if not wire.reused or wire.received:
                raise
        return await self._fetch(request, Wire())

    async def _fetch(self, request: Request, wire: Wire) -> Response:
        request.meta["wire"] = wire
        agent = _RecordingAgent(
            profile=self._spider.profile,
            contextFactory=self._contextFactory,
            pool=_RecordingPool(self._pool, wire),
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=True,
            connectTimeout=self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT"),
            crawler=self._crawler,
        )
        download: Deferred[Response] = agent.download_request(request)
        self._under_way.add(download)
        try:
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(download)
        except Exception as error:
            if self._stopped:
                del request.meta["wire"]  # a part of a response that nobody cut is no capture
                raise CrawlStopped("the crawl was stopped") from None
            wire.truncated = next((reason for type_, reason in _CUT if isinstance(error, type_)), None)
            if isinstance(error, DownloadCancelledError):
                most = request.meta.get("download_maxsize", self._default_maxsize)
                raise DownloadCancelledError(f"over {most:,} bytes; not a page of news") from None
            raise
        finally:
            self._under_way.discard(download)
        self._spider.setbacks.hold(response.status)
        return response

    async def close(self) -> None:
        """Close the connections that are kept alive."""
        if self._watch is not None:
            self._watch.cancel()
        await super().close()

    @property
    def _spider(self) -> SiteSpider:
        return self._crawler.spider  # type: ignore[return-value]

    async def _watch_for_stop(self) -> None:
        """When the crawl is stopped, take back what waits for its turn, and give the rest a moment to end."""
        engine = self._crawler.engine
        assert engine is not None
        while engine.running:
            await asyncio.sleep(0.1)
        self._spider.setbacks.stop()
        for slot in engine.downloader.slots.values():
            while slot.queue:
                slot.queue.popleft()[1].errback(CrawlStopped("the crawl was stopped"))
        await asyncio.sleep(GRACE_SECONDS)
        self._stopped = True
        for download in list(self._under_way):
            download.cancel()
