"""Published: when the article was published, by what says so best: meta, label, URL, listing, body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crawler.extraction.ago import HINT, relative_date
from crawler.extraction.asides import is_byline
from crawler.extraction.dates import find_dates, first_date, month_date, stamp, url_date
from crawler.extraction.labels import Label
from crawler.extraction.lexicon import any_of, compiled, words_of
from crawler.extraction.outline import SEAM
from crawler.extraction.page import Page

#: The offset of all that is Chinese.
_CHINESE = "+08:00"
#: Metas that give the publication time; generation times (Maketime, 页面生成时间) are not among them.
_METAS = words_of("metas.date")
_NOT_PUBLISHED = compiled(any_of("labels.undated"), re.I)
_PUBLISHED_NAME = compiled(any_of("elements.published_part"), re.I)
_CHANGED_NAME = compiled(any_of("elements.changed_part"), re.I)
_UPDATED = words_of("labels.updated")
_CHANGED = words_of("metas.changed")
# 2024年5月25日 星期六: above a headline it is the day on which the page was shown.
_TODAY = compiled(any_of("labels.today"), re.I)
_NO_YEAR = re.compile(r"^\s*(?P<month>\d{1,2})\s*[-/月]\s*(?P<day>\d{1,2})(?![-/.\d])\s*日?")
_BY = compiled(rf"[\s,|·{SEAM}]+(?P<by>{any_of('names.by')}[\s{SEAM}])", re.I)
_WRITTEN = "[\u3007○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
# publish_time: '2019-09-08 11:42:03', "pubDate":"2019-09-08", <script>showDate("2020/04/17 01:43")</script>
_SCRIPTED = re.compile(
    r"(?:\b_?(?:publish(?:ed)?|pub|release)_?(?:time|date|at|on)\\?[\"']?\s*[:=]\s*|<script[^>]{0,80}>\s*\w{1,30}\(\s*)\\?[\"']"
    r"(?P<date>(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}[^\"'<\\]{0,20})\\?[\"']",
    re.I,
)
_CLOSING = re.compile(rf"^[\s（(]*(?:(?:19|20)\d\d年\d{{1,2}}月\d{{1,2}}日|{_WRITTEN})[\s）)]*$")


@dataclass(frozen=True, slots=True)
class Clues:
    """What may date an article: its small print, body and listing, and how to read times."""

    lines: Sequence[str]
    above: Sequence[str]
    """Lines above the headline: the date of today may stand there."""
    labels: Sequence[Label]
    """The labels of `lines` and `above`, in one count."""
    paragraphs: Sequence[str]
    dateline: str | None
    listed: str | None
    zone: str | None
    fetched_at: datetime | None
    printed: str | None = None
    """The text of a layout's date element."""
    day_first: bool = False
    """Whether the page writes 05/06 for a day of June."""


def published(page: Page, clues: Clues) -> tuple[str | None, str | None]:
    """Return (ISO 8601 date, where it is from), or (None, None): an unknown date stays unknown."""
    meta = None if page.original else _from_meta(page, clues)
    label, said = _from_labels(page, clues)
    if meta and label:
        if meta[:10] == label[:10]:
            return (label if "T" in label and "T" not in meta else meta), "meta"
        # A time told in another zone may lie on the neighbouring day and still be the same moment.
        # Elsewhere than in China, metas are exact, and what is printed may be the time of an update.
        if not said or (_are_near(meta, label) and clues.zone != _CHINESE):
            return meta, "meta"
        return label, "label"
    if meta:
        return meta, "meta"
    if label:
        return label, "label"
    if scripted := _from_script(page, clues):
        return scripted, "meta"
    if by_title := _from_title(page, clues):
        return by_title, "meta"
    if by_url := url_date(page.original or page.url, clues.fetched_at):
        # The listing's row may print that day with its time.
        timed = clues.listed is not None and "T" in clues.listed and clues.listed[:10] == by_url
        return (clues.listed, "listing") if timed else (by_url, "url")
    if clues.listed:
        return clues.listed, "listing"
    if page.original is None and (by_body := _from_body(clues)):
        return by_body, "body"
    months = (month_date(label.value, clues.fetched_at) for label in clues.labels if label.kind == "date")
    if month := next(filter(None, months), None):
        return month, "label"
    return None, None


def _from_meta(page: Page, clues: Clues) -> str | None:
    value = page.linked_data.get("datePublished")
    told = stamp(value, clues.zone, clues.fetched_at) if isinstance(value, str) else None
    for name in _METAS:
        if (value := page.meta.get(name)) and (iso := stamp(value, clues.zone, clues.fetched_at)):
            # A day may be that of the printed issue; JSON-LD has the time.
            return told if told and "T" in told and "T" not in iso and _are_near(told, iso) else iso
    return told


def _from_title(page: Page, clues: Clues) -> str | None:
    """Return the date that closes a `<title>`: `A strike ends | Example | 30.09.2019`."""
    last = re.split(r"\s[|–—-]\s", page.title)[-1].strip()
    return first_date(last, clues.zone, clues.fetched_at) if re.fullmatch(r"[\d./-]{8,10}", last) else None


def _are_near(one: str, other: str) -> bool:
    """Tell whether two dates are of the same day or of neighbouring ones."""
    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days) <= 1


def _from_script(page: Page, clues: Clues) -> str | None:
    """Return the time that a script of the page names or prints, when all that do so agree on the day."""
    if page.original:
        return None
    found = [stamp(match["date"], clues.zone, clues.fetched_at) for match in _SCRIPTED.finditer(page.markup)]
    days = {iso[:10] for iso in found if iso}
    return next((iso for iso in found if iso), None) if len(days) == 1 else None


def _from_labels(page: Page, clues: Clues) -> tuple[str | None, bool]:
    """Return the date printed beside the headline, and whether it contradicts a meta: a label or a time says so."""
    if clues.printed and (iso := _printed_date(clues.printed, page, clues)):
        return iso, True
    for label in clues.labels:
        if label.kind == "date" and (iso := _printed_date(_full_year(label.value, page, clues), page, clues)):
            return iso, True
    starts: dict[int, list[Label]] = {}
    for label in clues.labels:
        starts.setdefault(label.line, []).append(label)
    bare: str | None = None
    for number, line in enumerate([*clues.lines, *clues.above]):
        if len(line) > 200 or (number >= len(clues.lines) and _TODAY.search(line) and not _is_paper(page)):
            continue
        for position, iso in _dates(line, page, clues):
            before = [label for label in starts.get(number, ()) if label.start < position]
            if (before and before[-1].kind in ("reviewer", "other", "original")) or _NOT_PUBLISHED.search(
                line[max(0, position - 12) : position]
            ):
                continue
            if "T" in iso:
                return iso, True
            if before or _is_plain(line):
                bare = bare or iso
    if bare is None:
        bare = _from_time_element(page, clues) or _from_updated(page, clues)
    if bare is None and clues.fetched_at is not None and page.original is None:
        texts = [label.value for label in clues.labels if label.kind == "date"] + [
            line for line in clues.lines if len(line) < 60 and HINT.search(line)
        ]
        bare = next((iso for text in texts if (iso := relative_date(text, clues.fetched_at, clues.zone))), None)
    return bare, False


def _is_paper(page: Page) -> bool:
    """Tell whether a page is of a Founder e-paper, which prints the day of its issue at the top."""
    return any(name.startswith("enp:") for name in page.meta)


def _full_year(value: str, page: Page, clues: Clues) -> str:
    """Complete the year of a labelled date: of `19-09-30 22:46`, or of `09-30` by a meta that names the same day."""
    if short := _NO_YEAR.match(value):
        for name in _CHANGED:
            updated = stamp(page.meta.get(name, ""), clues.zone, clues.fetched_at)
            if updated and (int(updated[5:7]), int(updated[8:10])) == (int(short["month"]), int(short["day"])):
                return f"{updated[:10]} {value[short.end() :].replace(SEAM, ' ')}"
    return re.sub(r"^(\s*)(\d\d-\d\d-\d\d\s+\d\d:\d\d)", r"\g<1>20\2", value)


def _is_plain(line: str) -> bool:
    """Tell whether a line prints little more than a date: a sentence that holds one tells of something else.

    Who wrote the article may stand behind it.
    """
    if (by := _BY.search(line)) and is_byline(line[by.start("by") :].replace(SEAM, " ")):
        line = line[: by.start()]
    return len(re.findall(r"[^\W\d_]", line)) <= 24 and not re.search(r"[，。！？]|会议|通过", line)


def _dates(line: str, page: Page, clues: Clues) -> list[tuple[int, str]]:
    # A translator corrupts dates that its source splits over tags; dates in figures it leaves alone.
    if page.original and not re.search(r"(?:19|20)\d\d-\d{1,2}-\d{1,2}", line):
        return []
    return list(find_dates(line, clues.zone, clues.fetched_at, clues.day_first))


def _printed_date(text: str, page: Page, clues: Clues) -> str | None:
    return next((iso for _, iso in _dates(text, page, clues)), None)


def _from_time_element(page: Page, clues: Clues) -> str | None:
    """Return the date of `<time datetime>` when it is marked as the publication's or is the only one."""
    values: dict[str, bool] = {}
    for node in page.tree.css("time[datetime]")[:20]:
        attributes = node.attributes
        named = f"{attributes.get('class') or ''} {attributes.get('itemprop') or ''} {attributes.get('id') or ''}"
        marked = "pubdate" in attributes or bool(_PUBLISHED_NAME.search(named))
        if (value := attributes.get("datetime")) and not _CHANGED_NAME.search(named):
            values[value] = values.get(value, False) or marked
    marked_values = [value for value, marked in values.items() if marked] or (list(values) if len(values) == 1 else [])
    return next((iso for value in marked_values if (iso := stamp(value, clues.zone, clues.fetched_at))), None)


def _from_updated(page: Page, clues: Clues) -> str | None:
    """Return the date labelled 更新时间, where no other is printed: some CMS (动易) label an article's date so."""
    updated = (label.value for label in clues.labels if label.word in _UPDATED)
    return next((iso for value in updated if (iso := _printed_date(value, page, clues))), None)


def _from_body(clues: Clues) -> str | None:
    """Return the date of a dateline with its year, or of a closing line that is a date and nothing else."""
    if clues.dateline and (iso := first_date(clues.dateline, clues.zone, clues.fetched_at)):
        return iso
    for paragraph in list(clues.paragraphs)[-3:][::-1]:
        last = paragraph.rsplit("\n", 1)[-1]
        if _CLOSING.match(last) and (iso := first_date(last, clues.zone, clues.fetched_at)):
            return iso
    return None
