"""URLs of a site: their canonical form, what they identify, whether they belong to the site and name an article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

if TYPE_CHECKING:
    from crawler.profile import SiteProfile

_TRACKING = re.compile(
    r"utm_\w*|spm|gclid|fbclid|isappinstalled|nsukey|tdsourcetag|phpsessid|jsessionid|aspsessionid\w*", re.I
)
# `from` names where a page was shared to; elsewhere it is a search field or an offset, and stays.
_SHARED_FROM = frozenset({"timeline", "singlemessage", "groupmessage", "weibo", "qq", "qzone"})
# 瑞数 adds a key of random letters and digits (`7OkeOa4k`) with a long value to the links of the sites it guards.
_TOKEN_NAME = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{6,12}")
_TOKEN_VALUE = re.compile(r"(?=.*[G-Zg-z])[\w.~-]{16,}")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/?;]*", re.I)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: A host as profiles and canonical URLs write it: lower case, no user name, a port where it is not the default one.
HOST = re.compile(r"(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

# Translators of web pages: host, path, and the parameter that holds the original's URL.
_TRANSLATORS = (
    ("translate.baiducontent.com", "/transpage", "query"),
    ("fanyi.baidu.com", "/transpage", "query"),
    ("fanyi.baidu.com", "/transpage", "url"),
    ("www.microsofttranslator.com", "/bv.aspx", "a"),
)


def canonical(url: str, profile: SiteProfile) -> str:
    """Return the one form under which `url` is fetched, compared and stored; applying it again changes nothing.

    Dropped: fragment, tracking and session parameters, tokens of 瑞数, default port. Normalised: case of the host,
    percent-encoding, dot segments, an empty path. The order of parameters is kept. On the site's own hosts the
    scheme is that of its home, and `www.` and bare forms of a host are one: the home's, else the one listed first.
    A gateway's URL (BIG5, big5.host) becomes its original's; a translator's URL is a page of its own and stays.
    Raises ValueError for what is no URL.
    """
    plain = _normal(url)
    if translated_original(plain) is not None:
        return plain
    settled = _settled(_without_tracking(plain), profile)
    original = profile.behaviour.original(settled, profile)
    return settled if original == settled else _settled(_without_tracking(_normal(original)), profile)


def key(url: str, profile: SiteProfile) -> str:
    """Return the identity of what `url` names: its canonical URL, or what the family makes of that."""
    return profile.behaviour.key(canonical(url, profile), profile)


def on_site(url: str, profile: SiteProfile) -> bool:
    """Say whether `url`, as it is written, is http(s) on one of the profile's hosts.

    A host without port in the profile stands for the default ports alone.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _DEFAULT_PORTS and _netloc(parts.scheme, parts.netloc) in profile.hosts


def is_article(url: str, profile: SiteProfile) -> bool:
    """Say whether the canonical form of `url` is on the site and looks like an article's.

    A translated copy is an article when its original is. A URL that carries another in its query (share, print and
    redirect links) is none.
    """
    try:
        found = canonical(url, profile)
    except ValueError:
        return False
    original = translated_original(found)
    if original is not None:
        return translated_original(original) is None and is_article(original, profile)
    if not on_site(found, profile) or "://" in unquote_plus(urlsplit(found).query):
        return False
    pattern = profile.article_pattern
    return pattern is not None and pattern.search(found) is not None


def translated_original(url: str) -> str | None:
    """Return the URL of the page that a web translator's URL is a copy of; None for every other URL.

    Source: addresses of saved pages of Baidu's translator, `…/transpage?…&query=<encoded original>&…`.
    """
    if "/transpage" not in url and "/bv.aspx" not in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    for host, path, parameter in _TRANSLATORS:
        if parts.hostname == host and parts.path == path:
            for original in parse_qs(parts.query).get(parameter, ()):
                if original.strip().startswith(("http://", "https://")):
                    return original.strip()
    return None


def site_of(url: str, profiles: Iterable[SiteProfile]) -> SiteProfile | None:
    """Return the first profile whose site `url`, its canonical form or its translated original lies on."""
    wanted = translated_original(url) or url
    for profile in profiles:
        try:
            if on_site(wanted, profile) or on_site(canonical(wanted, profile), profile):
                return profile
        except ValueError:
            return None
    return None


@lru_cache(maxsize=16_384)  # the links of a site's menus come again on every page
def _normal(url: str) -> str:
    """Return `url` safe and in one spelling, whatever its site; raises ValueError for what is no http(s) URL."""
    parts = urlsplit(safe_url_string(url.strip()))
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is no http(s) URL; give an absolute one")
    path = _SESSION_IN_PATH.sub("", parts.path)
    bare = urlsplit(canonicalize_url(urlunsplit((parts.scheme, parts.netloc, path, "", ""))))
    netloc = _netloc(parts.scheme, bare.netloc)
    if not HOST.fullmatch(netloc):
        raise ValueError(f"{url!r} has no usable host; give one without user name and password")
    return urlunsplit((parts.scheme, netloc, bare.path, _ESCAPE.sub(_one_spelling, parts.query), ""))


def _one_spelling(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _netloc(scheme: str, netloc: str) -> str:
    return netloc.lower().removesuffix(_DEFAULT_PORTS[scheme]).removesuffix(".")


def _without_tracking(url: str) -> str:
    parts = urlsplit(url)
    if not parts.query:
        return url
    kept = [pair for pair in parts.query.split("&") if pair and not _tracks(*pair.partition("=")[::2])]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _tracks(name: str, value: str) -> bool:
    if _TRACKING.fullmatch(name) or (name == "from" and value in _SHARED_FROM):
        return True
    return bool(_TOKEN_NAME.fullmatch(name) and _TOKEN_VALUE.fullmatch(value))


def _settled(url: str, profile: SiteProfile) -> str:
    """Return `url` with the scheme and the form of the host that the site's own URLs have."""
    parts, home = urlsplit(url), urlsplit(profile.home)
    bare = parts.netloc.removeprefix("www.")
    forms = (bare, f"www.{bare}")
    for host in (_netloc(home.scheme, home.netloc), *profile.hosts):
        if host in forms:
            return urlunsplit(parts._replace(scheme=home.scheme, netloc=host))
    return url
