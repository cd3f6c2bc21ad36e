"""Headline: title (主题), kicker (引题) and subtitle (副题), without markers, without names of site and section."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from crawler.extraction.companions import split_element, split_printed
from crawler.extraction.folding import key
from crawler.extraction.lexicon import any_of, compiled, words_of
from crawler.extraction.outline import SEAM, Segment
from crawler.extraction.page import Page
from crawler.extraction.structured import plain

_ROLE = {word.lower(): part for part in ("kicker", "title", "subtitle") for word in words_of(f"headline.{part}")}
_MARKED = re.compile(
    r"\s*(?P<text>[^\n]+?)\s*[（(\[【]\s*(?P<role>"
    + "|".join(map(re.escape, sorted(_ROLE, key=len, reverse=True)))
    + r")\s*[）)\]】]",
    re.I,
)
_OTHER_MARKS = "|".join(re.escape(word) for word in _ROLE if not word.endswith(("题", "題")))
_MARK = re.compile(rf"[题題][）)\]】]|[（(](?:{_OTHER_MARKS})", re.I)
_ORIGINAL = compiled(rf"^\s*{any_of('headline.original')}\s*[:：]?\s*", re.I)
#: Between the parts of a `<title>`: 标题 - 栏目 - 站名, 标题_站名, 标题|站名, 标题--站名.
_SEPARATOR = re.compile(r"\s*(?:_{1,2}|--+|\s[-–—·»>:]\s|-(?=[^\W\d_]{2,}[^-]*$)|[|｜丨»«]|::|——(?=[^—]*$)|-)\s*")
_SITE_LIKE = compiled(f"{any_of('headline.site')}|{any_of('headline.site_end')}$", re.I)
_TITLED = compiled(any_of("elements.title_part"), re.I)
_SUBTITLE = re.compile(r"^\s*(?:—{1,2}|－{2}|-{2,3}|―{1,2}|–{2})\s*(?=\S)")
_DASH = re.compile(r"\s*(?:——|――|－－)\s*|\s+(?:--|—)\s+")
#: Longer texts are no headline: a title meta may hold a whole short article. Han characters say more than letters.
_LONGEST, _LONGEST_HAN = 200, 90
_NOISE_TITLE = compiled("^" + any_of("headline.noise"), re.I)
#: Segments above the body in which a heading is near.
_NEAR = 25
#: A single dash parts a title only in Chinese.
_LONG_DASH = re.compile(r"\s*(?:——|――|－－)\s*|\s+--\s+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NO_LETTERS = re.compile(r"[\W_]+")
#: A longer line is no headline; to look for its parts would cost the square of its length.
_LONGEST_ROLES = 600


@dataclass(slots=True)
class Headline:
    """A title with its companions, and the number of the segment it is printed in (-1: not printed)."""

    title: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    segment: int = -1


def may_be_title(text: str) -> bool:
    """Tell whether a text is short enough for a headline."""
    return len(text) <= (_LONGEST_HAN if _HAN.search(text) else _LONGEST)


def find_headline(page: Page, body_first: int, site_names: frozenset[str] = frozenset()) -> Headline:
    """Find the headline by what the head of the page and the lines above the body agree on.

    A printed line that `<title>` or a title meta contains is the title, as printed. Where none is, a heading near
    the body; then what is left of `<title>` without the names of site and section.
    """
    meta, headline = _meta_title(page), plain(page.linked_data.get("headline"))
    told = [strip_title(text, site_names) for text in (meta, headline) if text]
    wanted = [key(text) for text in (meta, headline, page.title) if text]
    segments = page.outline.segments
    low, high = max(0, body_first - 80), min(len(segments), body_first + 6)
    if exact := _exact_heading(
        page, body_first, high, {key(text) for text in (*told, strip_title(page.title, site_names))}
    ):
        return _parted(page, exact, told)
    best, best_score = Headline(), 0.0
    for number in range(low, high):
        found = _printed(segments, number, high, wanted)
        if found is None:
            continue
        text, last = found
        folded, segment = key(text), segments[number]
        score = len(folded) + (12 if segment.heading else 0) - 0.05 * abs(body_first - number)
        score += 4 if _is_titled(page, segment) else 0
        score -= (3 if segment.heading else 10) if segment.links * 2 > len(text) else 0
        # The site's name closes a title, the section's may too.
        score -= 8 if not segment.heading and any(t.endswith(folded) and t != folded for t in wanted) else 0
        score -= 20 if folded in site_names or (_SITE_LIKE.search(text) and not segment.heading) else 0
        if score > best_score:
            best, best_score = Headline(text, segment=last), score
    if best_score >= 6:
        return _parted(page, best, told)
    if only := _only_heading(page, low, high, site_names):
        return _parted(page, only, told)
    if meta and key(meta) not in site_names and len(key(meta)) > 3:
        return Headline(strip_title(meta, site_names))
    return _heading(page, low, body_first) or Headline(strip_title(page.title, site_names) or None)


def _exact_heading(page: Page, body_first: int, high: int, told: set[str]) -> Headline | None:
    """Return the heading nearest to the body that the head tells word for word.

    An `<h1>` farther up may be another one, for search engines.
    """
    for number in range(high - 1, max(0, body_first - _NEAR) - 1, -1):
        segment = page.outline.segments[number]
        if not segment.heading or segment.links * 2 > len(segment.text) or len(segment.text) <= 8:
            continue
        if key(segment.text) in told and not _in_menu(page, segment):
            return Headline(segment.text, segment=number)
    return None


def _parted(page: Page, headline: Headline, told: list[str]) -> Headline:
    """Take a kicker off a printed headline; where the head tells one title twice, it tells which part is the title."""
    title = headline.title or ""
    if len(told) == 2 and told[0] == told[1] and (title in told[0] or told[0] in title) and len(key(title)) > 8:
        return replace(headline, title=told[0])
    node = page.outline.nodes[page.outline.segments[headline.segment].element]
    parts = split_printed(title, told) or (None if key(title) in map(key, told) else split_element(node))
    return replace(headline, kicker=parts[0], title=parts[1]) if parts else headline


def _only_heading(page: Page, low: int, high: int, site_names: frozenset[str]) -> Headline | None:
    """Return the one `<h1>` above the text: many sites write another title for search engines into the head."""
    found: list[int] = []
    for number in range(low, high):
        segment = page.outline.segments[number]
        if _is_main(page, segment):
            folded = key(segment.text)
            if folded not in site_names and _SITE_LIKE.search(segment.text) is None and len(folded) >= 8:
                found.append(number)
    return Headline(page.outline.segments[found[0]].text, segment=found[0]) if len(found) == 1 else None


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
    return bool(_TITLED.search(f"{attributes.get('class')} {attributes.get('id')}"))


def _is_main(page: Page, segment: Segment) -> bool:
    """Tell whether a segment is an `<h1>`; one in a menu or a breadcrumb is for search engines."""
    return page.outline.tags[segment.element] == "h1" and not _in_menu(page, segment)


def _in_menu(page: Page, segment: Segment) -> bool:
    element = segment.element
    while (element := page.outline.parents[element]) >= 0:
        if page.outline.tags[element] == "nav":
            return True
    return False


def _meta_title(page: Page) -> str | None:
    for name in words_of("metas.title"):
        if (value := page.meta.get(name)) and may_be_title(value) and not _NOISE_TITLE.match(value):
            return value
    return plain(page.linked_data.get("headline")) or None


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
    parts = (_DASH if _HAN.search(title) else _LONG_DASH).split(title, maxsplit=1)
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
