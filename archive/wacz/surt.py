"""The key by which an index of captures is sorted: a URL with its host turned around, in lower case.

ReplayWeb.page makes the key of what it looks for in this very way. Tools that make others (`surt`) sort almost alike,
and read the index again before they use it.
"""

from __future__ import annotations

import re
import string
from urllib.parse import quote, urlsplit

_WWW = re.compile(r"^(https?://)www\d*\.", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
#: Characters that browsers leave as they are (WHATWG URL): all of ASCII but these.
_PATH = "".join(sorted(set(string.punctuation) - set('"#<>?`{}^')))
_QUERY = "".join(sorted(set(string.punctuation) - set("\"#<>'")))


def surt(url: str) -> str:
    """Return `org,example,chengnan)/news/1.html?a=1&b=2` for `http://www.chengnan.example.org/news/1.html?b=2&a=1`.

    What is no HTTP address, or none that can be read, stays as it is. There is never a space in it.
    """
    try:
        parts = urlsplit(_WWW.sub(r"\1", url).lower())
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        return quote(url, safe=_PATH + "#?")
    if parts.scheme not in _PORTS or not host:
        return quote(url, safe=_PATH + "#?")
    key = ",".join(reversed(host.split(".")))
    if port is not None and port != _PORTS[parts.scheme]:
        key += f":{port}"
    key += ")" + quote(parts.path or "/", safe=_PATH)
    if parts.query:
        key += "?" + "&".join(sorted(quote(parts.query, safe=_QUERY).split("&")))
    return key


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")
