"""A digest in words: plain text for mail, and an object for programs. Pages use the same words and excerpts."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from archive import health
from archive.clock import moment
from archive.differences import GONE, NEW, SAME, Piece
from archive.digest.period import ZONE, Period
from archive.digest.reading import Digest, Edit, Gone, Named
from archive.health import Incident
from archive.health.words import Language
from archive.plain import plain

#: Characters of what stayed beside a change, and of what went or came, that an excerpt shows.
BESIDE, WITHIN = 8, 60
_MARKS = {SAME: "{}", GONE: "[-{}-]", NEW: "{{+{}+}}"}

Translate = Callable[..., str]
Address = Callable[[Named], str]


@cache
def _messages() -> dict[str, dict[str, str]]:
    # archive.web, which reads all of them, imports Datasette: half a second.
    text = (files("archive") / "web" / "messages" / "digest.toml").read_text(encoding="utf-8")
    return {key.removeprefix("digest."): texts for key, texts in tomllib.loads(text).items()}


def translate(language: Language) -> Translate:
    """Return what gives a text of the digest, `zh` or `en`, with values filled in."""

    def t(key: str, /, **values: Any) -> str:
        return _messages()[key][language].format(**values)

    return t


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A field that was changed: the first line that differs, shortened, and in how many more places it does."""

    field: str
    pieces: tuple[Piece, ...]
    more: int


def excerpts(edit: Edit) -> list[Excerpt]:
    """Return what was changed in an article, in a few words for each field."""
    found = []
    for change in edit.changes:
        lines = [line for line in change.lines if line.kind != SAME]
        pieces = lines[0].shortened(BESIDE).pieces
        cut = tuple(Piece(piece.kind, _cut(piece.text)) for piece in pieces)
        found.append(Excerpt(change.field, cut, len(lines) - 1))
    return found


def _cut(text: str) -> str:
    return text if len(text) <= WITHIN else text[: WITHIN - 1] + "…"


def period_name(period: Period, t: Translate) -> str:
    """Return what a period is called."""
    days = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    if period.week is None:
        return t("days", **days)
    year, week = period.week.split("-W")
    return t("week", year=year, week=int(week), **days)


def summary(digest: Digest, t: Translate) -> str:
    """Return the figures of a digest in a line."""
    names = ("new", "edited", "withdrawn")
    return t("summary", **{name: f"{digest.numbers.get(name, 0):,}" for name in names})


def site_name(digest: Digest, site: str, language: str) -> str:
    """Return the name of a site in a language, as far as it has one."""
    name, english = digest.names.get(site, (site, None))
    return english if language == "en" and english else name


def text(digest: Digest, archive: str, language: Language, address: Address) -> str:
    """Return a digest as text: lines that are no longer than what they quote, without an end of line at the end.

    `archive` is its name; `address` gives where a reader finds an article.
    """
    t = translate(language)
    heading = t("heading", archive=archive, period=period_name(digest.period, t))
    lines = [heading, summary(digest, t), *([] if digest.over else [t("so_far")])]
    writer = _Writer(digest, language, t, address)
    sections = [
        ("edited", writer.edited()),
        ("withdrawn", writer.gone("withdrawn", digest.withdrawn)),
        ("back", writer.gone("back", digest.back)),
        ("open", writer.incidents(digest.open)),
        ("ended", writer.incidents(digest.ended)),
        ("unlooked", writer.unlooked()),
        ("new", writer.new()),  # the longest: what is to be seen at once stands before it
    ]
    for name, section in sections:
        if told := list(section):
            title = f"{t(name)} ({digest.numbers[name]:,})"
            lines += ["", title, "-" * _width(title), *told]
    if not any(digest.numbers.values()):
        lines += ["", t("nothing")]
    return "\n".join(plain(line) for line in lines)


def _width(title: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in title)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the lists of a digest as lines."""

    digest: Digest
    language: Language
    t: Translate
    address: Address

    def new(self) -> Iterator[str]:
        for one in self.digest.new:
            yield f"{self._site(one.site)}: {self.t('articles', n=f'{one.number:,}')}"
            for article in one.titles:
                yield from self._article(article, (article.published_at or self.t("undated"))[:10])
            if one.titles and one.number > len(one.titles):
                yield "    " + self.t("more_new", n=f"{one.number - len(one.titles):,}")
        if self.digest.counted_by_runs:
            yield self.t("by_runs")

    def edited(self) -> Iterator[str]:
        for edit in self.digest.edited:
            times = [self.t("times", n=edit.times)] if edit.times > 1 else []
            yield from self._article(edit.article, self._site(edit.article.site), *times)
            if not edit.changes:
                yield "      " + self.t("changed_back" if edit.times > 1 else "unknown")
            for one in excerpts(edit):
                said = "".join(_MARKS[piece.kind].format(piece.text) for piece in one.pieces)
                more = " " + self.t("places", n=one.more) if one.more else ""
                yield f"      {self.t('field.' + one.field)}: {said}{more}"
        yield from self._more("edited", len(self.digest.edited))

    def gone(self, name: str, found: list[Gone]) -> Iterator[str]:
        for one in found:
            yield from self._article(one.article, self._site(one.article.site), gone_in_words(one, self.t))
        yield from self._more(name, len(found))

    def incidents(self, found: list[Incident]) -> Iterator[str]:
        for one in found:
            yield f"  {self._site(one.site)}: {health.words(one, self.language)}"

    def unlooked(self) -> Iterator[str]:
        for one in self.digest.unlooked:
            yield f"  {self._site(one.site)}: {self.t('last_look', day=one.day)}"

    def _site(self, site: str) -> str:
        return site_name(self.digest, site, self.language)

    def _article(self, article: Named, *facts: str) -> Iterator[str]:
        yield f"  * {article.title} ({' · '.join(facts)})"
        yield f"    {self.address(article)}"

    def _more(self, name: str, shown: int) -> Iterator[str]:
        if (left := self.digest.numbers[name] - shown) > 0:
            yield "  " + self.t("more", n=f"{left:,}")


def day(at: str) -> str:
    """Return the day of a moment, as the days of a digest are counted."""
    return moment(at).astimezone(ZONE).date().isoformat()


def gone_in_words(one: Gone, t: Translate) -> str:
    """Return since when an article is gone, or was until it came back."""
    if one.back_at is not None:
        return t("was_gone", day=day(one.since), back=day(one.back_at))
    return t("gone", day=day(one.since), how=one.how)


def as_json(digest: Digest, address: Address) -> dict[str, Any]:
    """Return a digest for programs; `address` gives where a reader finds an article."""

    def named(article: Named) -> dict[str, Any]:
        return asdict(article) | {"page": address(article)}

    def gone(one: Gone) -> dict[str, Any]:
        return named(one.article) | {"since": one.since, "how": one.how, "back_at": one.back_at}

    def incident(one: Incident) -> dict[str, Any]:
        facts = {name: getattr(one, name) for name in ("site", "section", "kind", "began_at", "ended_at")}
        words = {"zh": health.words(one, "zh"), "en": health.words(one, "en")}
        return facts | {"severity": health.severity(one.kind), "words": words}

    def edit(one: Edit) -> dict[str, Any]:
        differ = [
            {"field": part.field, "more": part.more, "pieces": [[piece.kind, piece.text] for piece in part.pieces]}
            for part in excerpts(one)
        ]
        return named(one.article) | {"at": one.at, "times": one.times, "changes": differ}

    period = digest.period
    return {
        "week": period.week,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "over": digest.over,
        "numbers": digest.numbers,
        "counted_by_runs": digest.counted_by_runs,
        "new": [
            {"site": one.site, "articles": one.number, "newest": [named(each) for each in one.titles]}
            for one in digest.new
        ],
        "edited": [edit(one) for one in digest.edited],
        "withdrawn": [gone(one) for one in digest.withdrawn],
        "back": [gone(one) for one in digest.back],
        "open": [incident(one) for one in digest.open],
        "ended": [incident(one) for one in digest.ended],
        "unlooked": [asdict(one) for one in digest.unlooked],
    }
