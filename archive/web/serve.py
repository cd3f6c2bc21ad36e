"""Serving an archive: Datasette with our plugin, for reading only, on a port of this machine."""

from __future__ import annotations

import errno
import socket

import click
import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from archive import web
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.web.metadata import PLUGIN, SETTINGS, metadata

HOST = "127.0.0.1"
PORT = 8001
#: Ports tried after a taken one, when any will do.
NEXT_PORTS = 100


def application(directory: ArchiveDirectory) -> Datasette:
    """Return Datasette on an archive. It reads, and sees what a crawl adds meanwhile.

    Raises ArchiveError when there is no archive, or its archive.toml cannot be used.
    """
    # Opening it once tells of a torn database, or one of a newer version, before a reader would.
    directory.read_database().close()
    _print_no_variables()
    # No entry point: other databases that a reader opens with Datasette stay as they are.
    if not pm.is_registered(web):
        pm.register(web, PLUGIN)
    return Datasette(
        [str(directory.database)],
        metadata=metadata(directory.config()),
        settings=SETTINGS,
        cache_headers=False,
    )


def _print_no_variables() -> None:
    """Keep Datasette from printing every exception with all variables where Rich is installed: half a second each."""
    from datasette import handle_exception  # a plugin of Datasette, which is to be loaded by it first

    handle_exception.rich = None


def listen(host: str, port: int, *, find_free: bool = False) -> socket.socket:
    """Return a socket bound to `port` of `host`, or with `find_free` to the next port that is free.

    Raises ArchiveError when the port is taken or the host is not this machine's.
    """
    ports = range(port, min(port + NEXT_PORTS, 65536)) if find_free and port else [port]
    taken: OSError | None = None
    for candidate in ports:
        try:
            return _bind(host, candidate)
        except (socket.gaierror, UnicodeError) as error:
            raise ArchiveError(f"--host {host}: no such host ({error}); give an address of this machine") from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ArchiveError(
                    f"{host}:{candidate}: {error.strerror}; choose others with --host and --port"
                ) from error
            taken = error
    raise ArchiveError(f"{host}:{port}: the port is taken; choose another with --port") from taken


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def url(listener: socket.socket) -> str:
    """Return the address that a browser on this machine opens."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def serve(directory: ArchiveDirectory, host: str = HOST, port: int = PORT, *, find_free: bool = False) -> None:
    """Serve an archive until Ctrl-C; prints the address. Raises ArchiveError, as `application` and `listen` do."""
    app = application(directory).app()
    listener = listen(host, port, find_free=find_free)
    click.echo(f"{directory.config().name}: {url(listener)} (Ctrl-C ends it)")
    config = uvicorn.Config(app, log_level="warning", lifespan="on", workers=1)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        click.echo("", err=True)
    finally:
        listener.close()
