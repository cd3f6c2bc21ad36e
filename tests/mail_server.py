"""A mail server on loopback for tests: takes mail, refuses it, offers STARTTLS, or says nothing."""

import socketserver
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default


class MailServer:
    """Takes mail until the with-block ends; `mails` are those it took, `talk` every line a client sent.

    `refuses` maps a command to what is answered instead; `tls` (a path for its certificate) offers STARTTLS; `drips`
    has it greet a byte at a time, for ever.
    """

    def __init__(self, *, refuses=None, tls=None, drips=False):
        self.refuses = refuses or {}
        self.context = None if tls is None else bad_certificate(tls)
        self.drips = drips
        self.mails = []
        self.talk = []
        self.ended = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                _Talk(self.request, outer).run()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


class _Talk:
    def __init__(self, connection, server):
        self._connection = connection
        self._server = server
        self._lines = connection.makefile("rb")

    def run(self):
        try:
            if self._server.drips:
                while not self._server.ended.wait(0.02):
                    self._connection.sendall(b"2")
                return
            self._say("220 mail.example.org ESMTP")
            while line := self._lines.readline():
                if not self._one(line.decode("ascii").strip()):
                    return
        except OSError:
            pass
        finally:
            self._lines.close()
            self._connection.close()

    def _one(self, line):
        self._server.talk.append(line)
        command = line.split(" ")[0].upper()
        if command in self._server.refuses:
            self._say(self._server.refuses[command])
        elif command == "EHLO":
            offers = self._server.context is not None and not isinstance(self._connection, ssl.SSLSocket)
            self._say(*(["250-mail.example.org", "250 STARTTLS"] if offers else ["250 mail.example.org"]))
        elif command == "STARTTLS":
            self._say("220 go on")
            self._lines.close()
            self._connection = self._server.context.wrap_socket(self._connection, server_side=True)
            self._lines = self._connection.makefile("rb")
        elif command == "DATA":
            self._say("354 go on")
            self._take()
        else:
            self._say("221 bye" if command == "QUIT" else "250 ok")
        return command != "QUIT"

    def _take(self):
        lines = []
        while (line := self._lines.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self._server.mails.append(message_from_bytes(b"".join(lines), policy=default))
        self._say("250 taken")

    def _say(self, *lines):
        self._connection.sendall("".join(f"{line}\r\n" for line in lines).encode())


def bad_certificate(path):
    """TLS with a certificate that nobody signed, for a name that is not this machine's."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.fromtimestamp(time.time(), UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    signed = made.sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
