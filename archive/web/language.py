"""The language of the pages: Chinese or English, by `?lang=`, Accept-Language, else Chinese."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup, escape

LANGUAGES = ("zh", "en")
#: Values of the attribute `lang`.
TAGS = {"zh": "zh-Hans", "en": "en"}


@cache
def messages() -> dict[str, dict[str, str]]:
    """Return every text of the interface by its key, in each language. Raises ValueError for one that lacks any."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((files("archive.web") / "messages").iterdir(), key=lambda path: path.name):
        if file.name.endswith(".toml"):
            for key, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if sorted(texts) != sorted(LANGUAGES) or key in found:
                    raise ValueError(f"{file.name}: {key} must have {' and '.join(LANGUAGES)}, and stand once")
                found[key] = texts
    return found


def text(language: str, key: str, /, **values: Any) -> str | Markup:
    """Return a text of the interface, `{name}` replaced by `values`; Markup (escaped) where a value is Markup."""
    wanted = messages()[key][language]
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(str(escape(wanted))).format(**values)
    return wanted.format(**values) if values else wanted


@dataclass(frozen=True, slots=True)
class Interface:
    """In which language a page speaks, and the addresses of the same page in each."""

    language: str
    addresses: dict[str, str]
    asked: bool = False
    """Whether `?lang=` asked for it: links then keep it."""

    @property
    def tag(self) -> str:
        """BCP 47 tag for the attribute `lang`."""
        return TAGS[self.language]

    def t(self, key: str, /, **values: Any) -> str | Markup:
        """Return a text of the interface."""
        return text(self.language, key, **values)

    def link(self, path: str) -> str:
        """Return the address of another page that keeps the language the reader asked for with `?lang=`."""
        if not self.asked:
            return path
        return f"{path}{'&' if '?' in path else '?'}lang={self.language}"


def interface(request: Any) -> Interface:
    """Return the interface that a request (Datasette's, or None) asks for: `?lang=`, Accept-Language, else Chinese."""
    if request is None:
        return Interface("zh", {})
    pairs = parse_qsl(request.query_string, keep_blank_values=True)
    asked = next((value for name, value in reversed(pairs) if name == "lang" and value in LANGUAGES), None)
    rest = [pair for pair in pairs if pair[0] != "lang"]
    addresses = {one: f"{request.path}?{urlencode([*rest, ('lang', one)])}" for one in LANGUAGES}
    chosen = asked or accepted(request.headers.get("accept-language") or "")
    return Interface(chosen, addresses, asked is not None)


def accepted(header: str) -> str:
    """Return the language that an Accept-Language header (RFC 9110 §12.5.4) prefers of ours; Chinese by default."""
    best: tuple[float, str] = (0.0, LANGUAGES[0])
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language in LANGUAGES and quality > best[0]:
            best = (quality, language)
    return best[1]
