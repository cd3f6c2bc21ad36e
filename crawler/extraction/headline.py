"""Headline: title (主题), kicker (引题) and subtitle (副题), without markers, without names of site and section."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from crawler.extraction.outline import SEAM, Segment
from crawler.extraction.page import Page
from crawler.extraction.words import words

_ROLE = {
    **dict.fromkeys(words("引题 肩题 眉题 introduction kicker"), "kicker"),
    **dict.fromkeys((*words("主题 主标题 正题 theme subject"), "main title"), "title"),
    **dict.fromkeys(words("副题 副标题 subtitle"), "subtitle"),
}
_MARKED = re.compile(
    r"\s*(?P<text>[^\n]+?)\s*[（(\[【]\s*(?P<role>" + "|".join(sorted(_ROLE, key=len, reverse=True)) + r")\s*[）)\]】]",
    re.I,
)
_MARK = re.compile(r"[题題][）)\]】]|[（(](?:introduction|kicker|theme|main title|subject|subtitle)", re.I)
_ORIGINAL = re.compile(r"^\s*(?:原标题|原題|原標題|Original title)\s*[:：]?\s*", re.I)
#: Between the parts of a `<title>`: 标题 - 栏目 - 站名, 标题_站名, 标题|站名, 标题--站名.
_SEPARATOR = re.compile(r"\s*(?:_{1,2}|--+|\s[-–—·»>:]\s|-(?=[^\W\d_]{2,}[^-]*$)|[|｜丨»«]|::|——(?=[^—]*$)|-)\s*")
_SITE_LIKE = re.compile(
    r"网$|网站$|網$|网[(（]|频道|頻道|新闻$|新聞$|日报$|晚报$|客户端$|门户|官网|工会$|总工会|首页|新闻中心|资讯$|\.(?:com|cn|net|org)|正文$|在线$|頭條|社$|报$|新聞網|平台$|人民网|新华网",
    re.I,
)
_SUBTITLE = re.compile(r"^\s*(?:—{1,2}|－{2}|-{2,3}|―{1,2}|–{2})\s*(?=\S)")
_DASH = re.compile(r"\s*(?:——|――|－－)\s*|\s+(?:--|—)\s+")
#: A longer line is no headline; to look for its parts would cost the square of its length.
_LONGEST_ROLES = 600
_NOISE_TITLE = re.compile(r"^(?:首页|正文|新闻|详细|内容|文章|untitled|无标题|home|index|welcome)", re.I)


@dataclass(slots=True)
class Headline:
    """A title with its companions, and the number of the segment it is printed in (-1: not printed)."""

    title: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    segment: int = -1


def key(text: str) -> str:
    """Fold a text to the letters and digits that two printings of one title share."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if c.isalnum()).lower()


def find_headline(page: Page, body_first: int, site_names: frozenset[str] = frozenset()) -> Headline:
    """Find the headline by what the head of the page and the lines above the body agree on.

    A printed line that `<title>` or a title meta contains is the title, as printed. Where none is, a heading near
    the body; then what is left of `<title>` without the names of site and section.
    """
    meta = _meta_title(page)
    wanted = [key(text) for text in (meta, page.title) if text]
    segments = page.outline.segments
    low, high = max(0, body_first - 80), min(len(segments), body_first + 6)
    best, best_score = Headline(), 0.0
    for number in range(low, high):
        found = _printed(segments, number, high, wanted)
        if found is None:
            continue
        text, last = found
        score = len(key(text)) + (12 if segments[number].heading else 0) - 0.05 * abs(body_first - number)
        score += 4 if _is_titled(page, segments[number]) else 0
        score -= (3 if segments[number].heading else 10) if segments[number].links * 2 > len(text) else 0
        # The site's name closes a title, the section's may too.
        score -= (
            8 if not segments[number].heading and any(t.endswith(key(text)) and t != key(text) for t in wanted) else 0
        )
        score -= 20 if key(text) in site_names or (_SITE_LIKE.search(text) and not segments[number].heading) else 0
        if score > best_score:
            best, best_score = Headline(text, segment=last), score
    if best_score >= 6:
        return best
    if only := _only_heading(page, low, high, site_names):
        return only
    if meta and key(meta) not in site_names and len(key(meta)) > 3:
        return Headline(strip_title(meta, site_names))
    return _heading(page, low, body_first) or Headline(strip_title(page.title, site_names) or None)


def _only_heading(page: Page, low: int, high: int, site_names: frozenset[str]) -> Headline | None:
    """Return the page's one `<h1>`: many sites write another title for search engines into the head."""
    found = page.tree.css("h1")
    if len(found) != 1:
        return None
    for number in range(low, high):
        segment = page.outline.segments[number]
        if segment.heading and page.outline.nodes[segment.element].mem_id == found[0].mem_id:
            folded = key(segment.text)
            named = folded in site_names or _SITE_LIKE.search(segment.text) is not None
            return None if named or len(folded) < 8 else Headline(segment.text, segment=number)
    return None


def strip_title(title: str, site_names: frozenset[str] = frozenset()) -> str:
    """Return a `<title>` without the names of site and section, whatever their order and separators."""
    pieces = _SEPARATOR.split(title)
    marks = _SEPARATOR.findall(title)
    named = [(bool(_SITE_LIKE.search(p)) and len(p) < 16) or key(p) in site_names or not p for p in pieces]
    first, last = 0, len(pieces)
    while last - first > 1 and named[last - 1]:
        last -= 1
    while last - first > 1 and named[first]:
        first += 1
    if last < len(pieces) or first:
        longest = max(range(first, last), key=lambda n: len(pieces[n]))
        # Between title and site stand sections: short names without punctuation.
        while last < len(pieces) and last - 1 > longest and len(pieces[last - 1]) <= 10:
            last -= 1
        while 0 < first < longest and len(pieces[first]) <= 6:
            first += 1
    text = pieces[first]
    for number in range(first + 1, last):
        text += marks[number - 1] + pieces[number]
    return text.strip()


def _printed(segments: list[Segment], number: int, high: int, wanted: list[str]) -> tuple[str, int] | None:
    """Return the line at `number`, with the lines it runs on over, when a title of the head holds it whole."""
    text = segments[number].text
    if not 2 <= len(text) <= 200:
        return None
    folded = key(text)
    if len(folded) < 4 or not any(_agrees(folded, title) for title in wanted):
        return None
    last = number
    for following in range(number + 1, min(number + 3, high)):
        more = segments[following]
        longer = folded + key(more.text)
        if len(longer) == len(folded) or len(more.text) > 100 or not any(longer in title for title in wanted):
            break
        if _SUBTITLE.match(more.text):
            break
        text, folded, last = f"{text} {more.text}", longer, following
    return text, last


def _agrees(folded: str, title: str) -> bool:
    """Tell whether a printed line is the title: part of the head's one, or its longer, uncut form."""
    if folded in title:
        return len(folded) * 5 >= len(title) or title.startswith(folded)
    return len(title) >= 10 and folded.startswith(title)


def _is_titled(page: Page, segment: Segment) -> bool:
    attributes = page.outline.nodes[segment.element].attributes
    return bool(
        re.search(r"title|headline|biaoti|\bbt\b|tit\b", f"{attributes.get('class')} {attributes.get('id')}", re.I)
    )


def _meta_title(page: Page) -> str | None:
    for name in ("articletitle", "og:title", "twitter:title", "title", "dc.title"):
        if (value := page.meta.get(name)) and not _NOISE_TITLE.match(value):
            return value
    value = page.linked_data.get("headline")
    return " ".join(value.split()) if isinstance(value, str) and value.strip() else None


def _heading(page: Page, low: int, body_first: int) -> Headline | None:
    """Return the heading nearest above the body; lines that only a class calls a title come second."""
    segments = page.outline.segments
    for wanted in (1, 2):
        for number in range(min(body_first, len(segments) - 1), low - 1, -1):
            segment = segments[number]
            if not 4 <= len(segment.text) <= 120 or segment.links * 2 > len(segment.text):
                continue
            if _NOISE_TITLE.match(segment.text):
                continue
            if segment.heading if wanted == 1 else _is_titled(page, segment):
                return Headline(segment.text, segment=number)
    return None


def complete(headline: Headline, segments: list[Segment]) -> Headline:
    """Read the subtitle after a dash, on the title's line or on the next one, and roles marked in the title."""
    title = headline.title
    if title is None:
        return headline
    roles, _ = read_roles([title])
    if roles.get("title"):
        headline.title, headline.kicker = roles["title"], roles.get("kicker") or headline.kicker
        headline.subtitle = roles.get("subtitle") or headline.subtitle
        return headline
    headline.title = title = _ORIGINAL.sub("", title)
    if headline.subtitle is None and 0 <= headline.segment < len(segments) - 1:
        following = segments[headline.segment + 1].text
        if _SUBTITLE.match(following) and 4 < len(following) < 120:
            headline.subtitle = _SUBTITLE.sub("", following).strip()
    parts = _DASH.split(title, maxsplit=1)
    if headline.subtitle is None and len(parts) == 2 and all(len(key(part)) >= 6 for part in parts):
        headline.title, headline.subtitle = parts[0].strip(), parts[1].strip()
    elif headline.subtitle is not None and key(title).endswith(key(headline.subtitle)) and len(parts) == 2:
        headline.title = parts[0].strip()
    return headline


def read_roles(lines: list[str]) -> tuple[dict[str, str], int]:
    """Read `原标题：A（引题）B（主题）C（副题）`, over one line or several.

    Return the parts by field (title, kicker, subtitle) and how many of `lines`, from the first, they take up.
    """
    roles: dict[str, str] = {}
    taken = 0
    for line in lines:
        line = line.replace(SEAM, "")
        opened = _ORIGINAL.match(line)
        if (opened is None and not _MARK.search(line)) or len(line) > _LONGEST_ROLES:
            break
        marked = list(_MARKED.finditer(line[opened.end() :] if opened else line))
        if not marked and not (opened and len(line) < 150):
            break
        for match in marked:
            roles.setdefault(_ROLE[match["role"].lower()], _SUBTITLE.sub("", match["text"]).strip())
        taken += 1
    return roles, taken


def merge_roles(headline: Headline, roles: dict[str, str]) -> None:
    """Complete a headline with the parts that a line `原标题` marks."""
    headline.kicker = headline.kicker or roles.get("kicker")
    headline.subtitle = headline.subtitle or roles.get("subtitle")
    theme = roles.get("title")
    if theme and headline.title:
        whole = key(headline.title)
        parts = [roles.get("kicker", ""), theme, roles.get("subtitle", "")]
        if whole in (key("".join(parts)), key("".join(parts[:2])), key("".join(parts[1:]))):
            headline.title = theme
    headline.title = headline.title or theme
