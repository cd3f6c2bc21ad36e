"""Pictures and files of a body: addresses, captions, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from bs4 import Tag

from crawler.extraction.lexicon import any_of, compiled, words_of

#: Where scripts keep the address of a picture that is loaded late, best first.
_LAZY = words_of("media.lazy")
_PLACEHOLDER = compiled(
    rf"^data:|^about:|{any_of('media.placeholder')}[\w-]*\.(?:gif|png|jpe?g|svg|webp)",
    re.I,
)
_ORNAMENT = compiled(
    rf"(?:^|[/_.-]){any_of('media.ornament')}(?:[/_.\d-]|$)|\.svg(?:$|\?)|/stat/|beacon",
    re.I,
)
_FILE = compiled(rf"\.{any_of('media.file')}$", re.I)
_DOWNLOAD = compiled(any_of("media.download"), re.I)
_CAPTION = compiled(any_of("media.caption"), re.I)
_CAPTION_NAME = compiled(any_of("media.caption_name_part"), re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Names of elements that hold the words below a picture, or whose it is.
_CAPTION_HOLDER = compiled(rf"(?:^|[\s_-]){any_of('media.caption_name')}(?=$|[\s\d_-])", re.I)
_LONGEST_CAPTION = 300


def picture_url(image: Tag, absolute: Callable[[str | None], str | None]) -> str | None:
    """Return the absolute address of the picture an `<img>` shows; None for ornaments and placeholders."""
    candidates = [image.get(name) for name in _LAZY] + [
        image.get("src"),
        _largest(image.get("srcset") or image.get("data-srcset")),
    ]
    for candidate in candidates:
        if not isinstance(candidate, str) or not candidate.strip() or _PLACEHOLDER.search(candidate):
            continue
        if "." not in candidate and "/" not in candidate:
            continue
        if _ORNAMENT.search(_path(candidate)) or _is_tiny(image):
            return None
        return absolute(candidate)
    return None


def _path(address: str) -> str:
    """Return the path of an address; the whole of what is none."""
    try:
        return urlsplit(address).path if "//" in address[:10] else address
    except ValueError:
        return address


def _largest(srcset: object) -> str | None:
    """Return the last, largest address of a `srcset`."""
    if not isinstance(srcset, str):
        return None
    addresses = [part.split()[0] for part in re.split(r",\s+", srcset) if part.split()]
    return addresses[-1] if addresses else None


def _is_tiny(image: Tag) -> bool:
    """Tell whether an image is too small, by its own attributes, to be a picture."""
    sizes = [str(image.get(name, "")).removesuffix("px") for name in ("width", "height")]
    return any(len(size) < 6 and size.isdecimal() and int(size) <= 32 for size in sizes)


def is_caption(text: str, named: str = "") -> bool:
    """Tell whether a line below a picture is its caption, by its words or by the name of its element."""
    if len(text) > _LONGEST_CAPTION:
        return False
    if _CAPTION_NAME.search(named):
        return True
    return len(text) < 160 and _CAPTION.search(text) is not None


def is_captioning(tag: Tag) -> bool:
    """Tell whether an element holds a caption: by its tag, or by a name and little text."""
    if tag.name in ("figcaption", "figure"):
        return True
    if "class" not in tag.attrs or tag.name in ("a", "img"):
        return False
    name = " ".join(str(word) for word in tag.get_attribute_list("class"))
    return names_caption(name) and len(tag.get_text(strip=True)) <= 2 * _LONGEST_CAPTION


@lru_cache(maxsize=4096)
def names_caption(name: str) -> bool:
    """Tell whether a class or an id names what holds the words below a picture."""
    return _CAPTION_HOLDER.search(_CAMEL.sub("-", name)) is not None


def is_file(href: str) -> bool:
    """Tell whether a link's address looks like a file's, and not like a page's."""
    return _FILE.search(href.partition("?")[0]) is not None or _DOWNLOAD.search(href) is not None


def file_name(link: Tag, url: str) -> str | None:
    """Return the printed name of the file a link leads to; None when it leads to a page."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    named = query.get("filename") or query.get("fileName") or query.get("name")
    path = unquote(named[0] if named else parts.path)
    if not _FILE.search(path) and not (_DOWNLOAD.search(url) and _FILE.search(link.get_text(strip=True))):
        return None
    printed = " ".join(link.get_text(" ", strip=True).split())
    return printed or path.rsplit("/", 1)[-1]
