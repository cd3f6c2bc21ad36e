"""The ways that word is sent: a webhook, mail through a server, mail through the program sendmail.

Each takes a message or raises ArchiveError: one line that names the address and the fix, and no secret.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import os
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

import httpx

from archive import __version__
from archive.config import ArchiveConfig
from archive.errors import ArchiveError
from archive.notify.message import Message, as_json, as_mail
from archive.plain import plain

#: Seconds that a webhook, and the taking of a mail, may last from beginning to end.
WEBHOOK_SECONDS, MAIL_SECONDS = 10.0, 30.0
#: Where sendmail lies when it is not on the path, as for most users.
SENDMAIL = ("/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/bin/sendmail")
#: What a server or program said of a failure is cut here.
_SAID = 160
_TRY = "mend [notify] of archive.toml and try `union-archive notify --test`"

# httpx logs whole addresses, with their secrets.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Channel(Protocol):
    """A way that word is sent."""

    @property
    def key(self) -> str:
        """Its key in archive.toml."""

    def __str__(self) -> str:
        """Name it for a person, without secrets."""

    def send(self, message: Message) -> str:
        """Send a message; return what took it, in a few words. Raises ArchiveError."""


def channels(config: ArchiveConfig) -> list[Channel]:
    """Return the channels that archive.toml names."""
    found: list[Channel] = []
    if config.webhook is not None:
        found.append(Webhook(config.webhook, config.contact))
    if config.mail is not None:
        found.append(Mail(config.mail, config.smtp))
    return found


@dataclass(frozen=True, slots=True)
class Webhook:
    """An http(s) address that is sent JSON. It may be on this machine: whoever keeps the archive has chosen it."""

    address: str
    contact: str | None = None
    key: ClassVar[str] = "webhook"

    def __str__(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def send(self, message: Message) -> str:
        """POST it; any answer from 200 to 299 is success."""
        content = json.dumps(as_json(message), ensure_ascii=False).encode()
        try:
            status = asyncio.run(self._post(content))
        except TimeoutError:
            raise ArchiveError(f"{self}: no answer within {WEBHOOK_SECONDS:g} s; {_TRY}") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            # Not `from error`: what it says may hold the address.
            raise ArchiveError(f"{self}: {self._why(error)}; {_TRY}") from None
        if not 200 <= status < 300:
            redirect = ", a redirect, which is not followed" if 300 <= status < 400 else ""
            raise ArchiveError(f"{self}: answers HTTP {status}{redirect}; {_TRY}")
        return f"HTTP {status}"

    async def _post(self, content: bytes) -> int:
        """Return the status of the answer; its body is nobody's to wait for."""
        agent = f"union-archive/{__version__}" + (f" (+{self.contact})" if self.contact else "")
        headers = {"User-Agent": agent, "Content-Type": "application/json; charset=utf-8", "Accept": "*/*"}
        async with (
            asyncio.timeout(WEBHOOK_SECONDS),
            httpx.AsyncClient(timeout=WEBHOOK_SECONDS) as client,
            client.stream("POST", self.address, content=content, headers=headers) as response,
        ):
            return response.status_code

    def _why(self, error: Exception) -> str:
        """Return what went wrong in words that cannot hold the address."""
        if isinstance(error, httpx.TimeoutException):
            return f"no answer within {WEBHOOK_SECONDS:g} s"
        if isinstance(error, httpx.ConnectError):
            return f"cannot be reached ({_short(str(error))})"
        if isinstance(error, httpx.ProtocolError | httpx.NetworkError):
            return "breaks off without an answer"
        return f"cannot be asked ({type(error).__name__})"


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail to one address, through a server, or through the program sendmail where none is given."""

    address: str
    server: tuple[str, int] | None = None
    key: ClassVar[str] = "mail"

    def __str__(self) -> str:
        if self.server is None:
            return f"mail to {self.address} through sendmail"
        return f"mail to {self.address} through {_joined(*self.server)}"

    def send(self, message: Message) -> str:
        """Hand it to whatever delivers it."""
        mail = as_mail(message)
        try:
            return _sendmail(mail) if self.server is None else _smtp(*self.server, mail)
        except (OSError, smtplib.SMTPException, subprocess.SubprocessError, ValueError) as error:
            raise ArchiveError(f"{self}: {_mail_fault(error)}; {_TRY}") from error


class _Client(smtplib.SMTP):
    """A client whose connection is cut at a deadline, whatever it waits for."""

    def __init__(self, host: str, port: int) -> None:
        self.late = False
        self.sock: socket.socket | None = None
        self._timer = threading.Timer(MAIL_SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()
        try:
            # Asking for this machine's full name may take long.
            super().__init__(host, port, local_hostname=_helo(), timeout=MAIL_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise TimeoutError if self.late else error from error

    def _cut(self) -> None:
        self.late = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection; nothing is cut any more."""
        self._timer.cancel()
        super().close()


def _smtp(host: str, port: int, mail: EmailMessage) -> str:
    """Hand a mail to a server, encrypted where that offers it."""
    with closing(_Client(host, port)) as client:
        try:
            client.ehlo_or_helo_if_needed()
            if client.has_extn("starttls"):
                client.starttls(context=_context(client))
            client.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise TimeoutError if client.late else error from error
        with suppress(smtplib.SMTPException, OSError):  # it is taken already
            client.quit()
    return f"{_joined(host, port)} took it"


def _context(client: _Client) -> ssl.SSLContext:
    """Return how TLS is to be: the server's name is checked, but on this machine, where it mostly has none."""
    context = ssl.create_default_context()
    if _is_here(client):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_here(client: _Client) -> bool:
    """Say whether a server is on this machine."""
    assert client.sock is not None
    return ipaddress.ip_address(str(client.sock.getpeername()[0]).partition("%")[0]).is_loopback


def _sendmail(mail: EmailMessage) -> str:
    """Hand a mail to the program sendmail, which every mail system of Unix has."""
    program = shutil.which("sendmail") or next(filter(os.path.exists, SENDMAIL), None)
    if program is None:
        raise FileNotFoundError("there is no program sendmail here; give [notify] smtp")
    content = mail.as_bytes(policy=default.clone(cte_type="7bit"))
    # What it says goes to a file: a pipe would end with the last of its children, which may deliver for hours.
    with tempfile.TemporaryFile() as said:
        command = [program, "-t", "-i"]
        silent = subprocess.DEVNULL
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=silent, stderr=said, start_new_session=True
        ) as started:
            try:
                started.communicate(content, timeout=MAIL_SECONDS)
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(started.pid, signal.SIGKILL)
                raise
        if started.returncode != 0:
            said.seek(0)
            why = _short(said.read(4096))
            raise ChildProcessError(f"it ends with {started.returncode}{f': {why}' if why else ''}")
    return f"{program} took it"


def _mail_fault(error: Exception) -> str:
    """Return in one line why a mail was not taken."""
    if isinstance(error, TimeoutError | subprocess.TimeoutExpired):
        return f"not taken within {MAIL_SECONDS:g} s"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"refused ({code} {_short(said)})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"refused ({error.smtp_code} {_short(error.smtp_error)})"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server breaks off"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good ({_short(error.verify_message)})"
    return _short(error.strerror if isinstance(error, OSError) and error.strerror else str(error))


def _short(said: str | bytes) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = " ".join(plain(text).split())
    return text if len(text) <= _SAID else text[: _SAID - 1] + "…"


def _helo() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
