"""Pictures and files of a body: addresses, captions, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from bs4 import Tag

from crawler.extraction.words import either

#: Where scripts keep the address of a picture that is loaded late, best first.
_LAZY = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-actualsrc",
    "data-original-src",
    "data-echo",
    "data-url",
    "data-lazyload",
    "original",
    "_src",
    "zoomfile",
    "file",
)
_PLACEHOLDER = re.compile(
    r"^data:|^about:|(?:blank|spacer|placeholder|loading|lazy|transparent|pixel|grey|1x1|default_?img)[\w-]*\.(?:gif|png|jpe?g|svg|webp)",
    re.I,
)
_ORNAMENT = re.compile(
    r"(?:^|[/_.-])(?:icons?|ico|logos?|qr-?code|erweima|ewm|share|weixin|wechat|weibo|print|arrow|avatar|btn|button|spacer|blank|pixel|dot|line|bg|close|emoji|smiley|filetypeimages)(?:[/_.\d-]|$)|\.svg(?:$|\?)|/stat/|beacon",
    re.I,
)
_FILE = re.compile(r"\.(pdf|docx?|wps|xlsx?|et|csv|pptx?|dps|ofd|rtf|zip|rar|7z|tar|gz|txt|ceb|mp3|mp4)$", re.I)
_DOWNLOAD = re.compile(
    r"downfile\.jsp|download(?:attach|file)?\b|/attach(?:ment)?/|downloadattach|system/_content/download", re.I
)
_CAPTION = re.compile(
    either(
        r"[摄攝][)）。]?(?:[\s。)）]|$) 供图 供圖 资料图 资料照片 资料图片 ^\s*[(（]?图[为/：:|｜]"
        r" ^图片(?:来源|说明|由) ^▲ 制图 图片由 图/ (?:图片|照片)[:：] ^[图圖][一二三四五六七八九十\d]+[\s:：]?"
        r" ^[左右上下]图 ^(?:Photo|Image|Picture|Foto|Photograph|Credit)s?\b Getty_Images"
        r" Photo_(?:by|taken|provided|courtesy) \((?:Photo|Xinhua/)"
    ),
    re.I,
)
_CAPTION_NAME = re.compile(
    r"caption|(?:pic|img|image|photo)-?(?:desc|txt|text|info|note)|img-?title|pictext|tuzhu|tushuo", re.I
)
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
