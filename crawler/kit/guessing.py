"""Guessing: what a few pages of an unknown site suggest for its profile. Every guess is for a person to check."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.extraction.body import find_body
from crawler.extraction.language import language_of
from crawler.extraction.page import Page
from crawler.families import FAMILIES, detect
from crawler.families.links import Link, fold, site_links
from crawler.profile import Section, SiteProfile

if TYPE_CHECKING:
    from crawler.kit.scratch import Fetched

#: What a draft leaves open.
UNSEEN = "other sections, pages after the first of a listing, other layouts, the site's past"
#: Links of one form that make it that of articles, and sections that a draft names.
_ENOUGH, MOST_SECTIONS = 2, 12
_ANY_NAME = "[^/?#]+"
_Form = tuple[tuple[str, ...], str]
"""Regular expressions of an address: of its folders, and of the rest."""
_HAN = re.compile(r"[\u3400-\u9fff]")
#: Ends of host names that name no site.
_ENDS = frozenset(["com", "org", "net", "gov", "edu", "ac", "co", "or", "go", "info", "int", "www"])
_LEVELS = (
    ("media", r"(?:日报|工人报|劳动报|工网|新闻网|在线)$|\b(?:news|daily|times)\b"),
    ("grassroots", r"(?:大学|学院|公司|集团|医院|学校).*工会"),
    ("district", r"(?:区|县|旗)总工会"),
    ("prefecture", r"(?:市|州|盟)总工会"),
    ("provincial", r"(?:省|自治区)总工会"),
    ("industrial", r"产业工会|系统工会"),
)
_TITLE_PARTS = re.compile(r"\s*[-_|｜–—·>»]\s*")
_UNION = re.compile(r"工会|工會|工人|劳动|劳工|union|labou?r|worker|syndicat|sindica|gewerkschaft|노동|노조|労働", re.I)
_REFRESH = re.compile(r"<meta\b[^>]*\brefresh\b[^>]*\burl\s*=\s*['\"]?([^'\">\s]{1,300})", re.I)
_ZONES = {"zh": "+08:00", "ja": "+09:00", "ko": "+09:00"}


def site_id(host: str) -> str:
    """Return an id made of a host's name, without what every host of its kind has: `qdcyzgh`, `xgh_qut`."""
    labels = [label for label in re.split(r"[.:]", host) if label]
    while len(labels) > 1 and (labels[-1] in _ENDS or len(labels[-1]) == 2) and not labels[-1].isdigit():
        labels.pop()
    return re.sub(r"[^a-z0-9_-]", "", "_".join(labels).lower())[:60].strip("_-") or "site"


def from_pages(profile: SiteProfile, pages: Sequence[tuple[str, str]]) -> SiteProfile:
    """Return the profile with the family and the article addresses that pages, as (text, canonical URL), suggest."""
    links = [link for text, url in pages for link in site_links(LexborHTMLParser(text), url, profile)]
    family = _family(pages, [link.url for link in links])
    own = FAMILIES[family].article_url
    if own is not None and any(own.search(link.url) for link in links):
        return replace(profile, family=family, article_url=None)
    guessed = article_pattern(links)
    if own is not None and guessed is None:
        return replace(profile, family=family, article_url=None)
    return replace(profile, family=family, article_url=guessed)


def _family(pages: Iterable[tuple[str, str]], links: Iterable[str]) -> str:
    """Return the family that pages show, else the one that most links of one of them look like."""
    for text, url in pages:
        if (shown := detect(text, url)) != "generic":
            return shown
        # The home page of an e-paper only leads on to the issue of the day.
        moved = _REFRESH.search(text)
        if moved and (shown := detect("", urljoin(url, moved[1]))) != "generic":
            return shown
    linked = Counter(detect("", link) for link in set(links))
    linked.pop("generic", None)
    best = linked.most_common(1)
    return best[0][0] if best and best[0][1] >= _ENOUGH else "generic"


def article_pattern(links: Sequence[Link]) -> re.Pattern[str] | None:
    """Return what most links that read like headlines have in common in their addresses; None where too few do."""
    forms: dict[_Form, set[str]] = {}
    for link in links:
        if _is_headline(link.text or link.title) and (form := _form(link.url)) is not None:
            forms.setdefault(form, set()).add(link.url)
    if not forms:
        return None
    form, found = max(forms.items(), key=lambda item: len(item[1]))
    if len(found) < _ENOUGH:
        return None
    folders = form[0]
    if _ANY_NAME not in form[1]:
        # Each section has a folder of its own: /yw/2026/1.html, /jc/2026/4.html.
        folders = tuple(_folder(number, form, forms) for number in range(len(folders)))
    return re.compile("^https?://[^/?#]+" + "".join(f"/{folder}" for folder in folders) + form[1])


def _folder(number: int, form: _Form, forms: Iterable[_Form]) -> str:
    """Return the folder of a form at one place, as a regular expression: any where forms differ in it alone."""
    before, after = form[0][:number], form[0][number + 1 :]
    others = {
        folders[number]
        for folders, last in forms
        if last == form[1]
        and len(folders) == len(form[0])
        and (folders[:number], folders[number + 1 :]) == (before, after)
    }
    return _ANY_NAME if len(others) > 1 else form[0][number]


def _is_headline(words: str) -> bool:
    return len(words) >= (8 if _HAN.search(words) else 20)


def _form(url: str) -> _Form | None:
    """Return the regular expressions of addresses like this one: numbers are any, a name of words at the end too."""
    parts = urlsplit(url)
    *folders, last = parts.path.strip("/").split("/")
    if not last:
        return None
    named = re.search(r"\d|[-_].*[-_]", last) is not None
    if not named and not re.search(r"\d", parts.query):
        return None  # a section's
    _, dot, ending = last.rpartition(".")
    if named and (not re.search(r"\d", last) or re.search(r"[a-z]{3,}[-_][a-z]{2,}", last, re.I)):
        # Among the pages of the top, an article's is the one of many words.
        words = _ANY_NAME if folders else r"[^/?#_-]+(?:[_-][^/?#_-]+){3,}"
        last = words + (_plain(dot + ending) if dot and len(ending) <= 5 else "")
    else:
        last = _numbers(last)
    slash = "/" if parts.path.endswith("/") else ""
    query = r"\?" + _numbers(parts.query) if parts.query else ""
    return tuple(map(_numbers, folders)), f"/{last}{slash}{query}$"


def _numbers(text: str) -> str:
    return r"\d+".join(map(_plain, re.split(r"\d+", text)))


def _plain(text: str) -> str:
    """Return a regular expression of the text, with no more escapes than it needs."""
    return re.sub(r"[\\.^$*+?{}\[\]|()]", r"\\\g<0>", text)


def named(profile: SiteProfile, text: str) -> SiteProfile:
    """Return the profile with the name, the level and the language that its home page suggests."""
    tree = LexborHTMLParser(text)
    meta = {
        (node.attributes.get("name") or node.attributes.get("property") or "").lower(): node.attributes.get("content")
        for node in tree.css("meta[content]")[:200]
    }
    title = tree.css_first("title")
    candidates = [meta.get("sitename"), meta.get("og:site_name"), title.text() if title is not None else None]
    name = next((part for each in candidates if each for part in _name_parts(each)), profile.name)
    language = language_of(fold(tree.body.text(separator=" ")) if tree.body is not None else "") or "zh-Hans"
    region = "CN" if language == "zh-Hans" else None
    zone = _ZONES.get(language[:2], "+00:00")
    return replace(profile, name=name, level=_level(name), region=region, languages=(language,), timezone=zone)


def _name_parts(title: str) -> list[str]:
    """Return the parts of a title that may be a site's name, a federation of some level or a union's first."""
    parts = [fold(part) for part in _TITLE_PARTS.split(title)]
    parts = [re.sub(r"^(?:欢迎(?:您)?(?:访问|光临|进入))|(?:官方?网站?|首页|网站|！|!)+$", "", part) for part in parts]
    parts = [part for part in parts if len(part) > 1 and part.lower() not in ("home", "首页", "homepage", "index")]
    return sorted(parts, key=lambda part: (_level(part) is None, _UNION.search(part) is None))


def _level(name: str) -> str | None:
    return next((level for level, pattern in _LEVELS if re.search(pattern, name, re.I)), None)


def sections(pages: Sequence[Fetched]) -> tuple[Section, ...]:
    """Return the sections whose listings were read."""
    return tuple(Section(page.section, page.url) for page in pages)[:MOST_SECTIONS]


def notes(profile: SiteProfile, read: Sequence[tuple[Fetched, Mapping[str, Any]]]) -> list[str]:
    """Return what a person must check of a draft."""
    wanted = ("published_at", "source", "authors", "editors", "section")
    lacking = [name for name in wanted if not any(row[name] and row[name] != "[]" for _, row in read)]
    layouts = sorted({row["layout"] for _, row in read})
    pattern = profile.article_pattern
    found = [
        f"name = {profile.name!r}, level = {profile.level!r}, region = {profile.region!r}: as the federation has them? "
        f"add name_en{', name_pinyin' if _HAN.search(profile.name) else ''} and parent",
        f"family {profile.family}: {_family_note(profile)}",
        f"article_url {pattern.pattern if pattern else None}: does it match every article, and nothing else?",
        f"{_number(len(profile.sections), 'section')}: are they those that are wanted, and is page 2 of each reached?",
        f"articles were read by layout {', '.join(layouts)}: read the saved pages beside their JSON line by line",
    ]
    if lacking:
        found.append(f"{', '.join(lacking)}: not found in any article; does the site print them?")
    if profile.languages != ("zh-Hans",):
        found.append(f"languages {', '.join(profile.languages)}, timezone {profile.timezone}: where is the site?")
    return found


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _family_note(profile: SiteProfile) -> str:
    if profile.family == "generic":
        return "no CMS was recognised"
    return "recognised by its pages" + ("" if profile.article_url is None else ", its articles by their addresses")


def body_tag(text: str, profile: SiteProfile, layout: str) -> str:
    """Return the start tag of the element that holds an article's text, where it stands once in the page; else ""."""
    page = Page.parse(text, profile.home)
    known = {one.name: one for one in (*profile.layouts, *profile.behaviour.layouts)}
    nodes = page.tree.css(known[layout].body) if layout in known else find_body(page.outline, page.title)
    for node in nodes:
        name, attributes = node.tag or "", node.attributes
        wanted = attributes.get("id") or attributes.get("class") or ""
        for tag in re.finditer(rf"<{re.escape(name)}\b[^>]*>", text):
            if wanted and wanted in tag[0] and text.count(tag[0]) == 1:
                return tag[0]
    return ""


def toml(profile: SiteProfile) -> str:
    """Return a profile as a file of the registry."""
    lines = [f"name = {_text(profile.name)}"]
    lines += [f"{key} = {_text(value)}" for key in ("level", "region") if (value := getattr(profile, key))]
    lines += [f"home = {_text(profile.home)}", f"hosts = {json.dumps(list(profile.hosts))}"]
    if profile.family != "generic":
        lines.append(f"family = {_text(profile.family)}")
    if profile.article_url is not None:
        lines.append(f"article_url = '{profile.article_url.pattern}'")
    if profile.delay == 0:
        lines.append("delay = 0")
    if profile.languages != ("zh-Hans",):
        lines += [f"languages = {json.dumps(list(profile.languages))}", f"timezone = {_text(profile.timezone)}"]
    evidence = profile.evidence
    lines += ["", "[evidence]", f"seen = {_text(evidence.seen or '')}", f"inferred = {_text(evidence.inferred or '')}"]
    lines += ["examples = [", *(f"    {_text(example)}," for example in evidence.examples), "]"]
    for section in profile.sections:
        lines += ["", "[[section]]", *([f"name = {_text(section.name)}"] if section.name else [])]
        lines.append(f"url = {_text(section.url)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
