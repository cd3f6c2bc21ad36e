"""Stories of an invented site that is visited for years: what each article says, and the edits that befall it."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import news_pages

#: When the site is first crawled: its articles are of the weeks before.
START = datetime(2026, 10, 1, tzinfo=UTC)

_SOURCES = ("本地工会报", "东湖职工之家", "河口新闻网", "柳林日报")
_WRITERS = ("林小满", "周远", "何川", "李雁", "孟秋", "陶然")
_EDITORS = ("孙立", "赵青", "吴桐")
_WORDS = (("整理成文", "编成小册子"), ("的做法随后", "的经验不久"), ("这是今年收到的", "这是本季度收到的"))
_SENTENCE = "核对登记簿时，另有三名职工代表在场。"
_PARAGRAPH = "当天下午，代表们查看了两处站点，逐项核对了登记的数目，并在记录上签了名。"


@dataclass(frozen=True, slots=True)
class Story:
    """What an article says. `published` is local time, +08:00; `file` the name of its attachment."""

    number: int
    title: str
    source: str
    authors: tuple[str, ...]
    editor: str
    published: str
    paragraphs: tuple[str, ...]
    file: str | None = None

    @property
    def path(self) -> str:
        """Its address on the site."""
        return f"/news/{self.number}.html"

    @property
    def text(self) -> str:
        """Its body as an archive should keep it: what a file is linked by stands in it."""
        return "\n\n".join([*self.paragraphs, *([f"附件：{self.file}"] if self.file else [])])


@dataclass(frozen=True, slots=True)
class Edit:
    """What befalls a story: the fields of an article that change, the words that go and those that come."""

    kind: str
    fields: tuple[str, ...]
    removed: str
    added: str
    after: Story


@cache
def story(number: int) -> Story:
    """Return story `number`, always the same."""
    found = re.findall(r"<p>　　(.+?)</p>", news_pages.article(number).decode())
    moment = START - timedelta(days=1 + number % 40, hours=5 + number % 9, minutes=number % 60)
    return Story(
        number,
        news_pages.title(number),
        _SOURCES[number % 4],
        tuple(_WRITERS[(number + more) % 6] for more in range(1 + number % 2)),
        _EDITORS[number % 3],
        f"{moment:%Y-%m-%d %H:%M}",
        tuple(found[: 4 + number % 11]),
        f"第{number}号办事清单.doc" if number % 7 == 0 else None,
    )


def edited(before: Story, kind: str, chance: random.Random) -> Edit:
    """Return an edit of a story, of one of KINDS."""
    return KINDS[kind](before, chance)


def _in_text(kind: str, before: Story, place: int, old: str, new: str) -> Edit:
    """Return the edit that puts `new` for the first `old` of a paragraph."""
    paragraph = before.paragraphs[place]
    assert old in paragraph, (old, paragraph)
    changed = (*before.paragraphs[:place], paragraph.replace(old, new, 1), *before.paragraphs[place + 1 :])
    return Edit(kind, ("text",), old, new, replace(before, paragraphs=tuple(filter(None, changed))))


def _word(before: Story, chance: random.Random) -> Edit:
    return _in_text("word", before, chance.randrange(len(before.paragraphs)), *chance.choice(_WORDS))


def _figure(before: Story, chance: random.Random) -> Edit:
    place = chance.randrange(len(before.paragraphs))
    figure = str(before.number + place + 1)
    edit = _in_text("figure", before, place, f"第{figure}条建议", f"第{int(figure) + 1200}条建议")
    return replace(edit, removed=figure, added=str(int(figure) + 1200))


def _sign(before: Story, chance: random.Random) -> Edit:
    place = chance.randrange(len(before.paragraphs))
    edit = _in_text("sign", before, place, "整理成文。", "整理成文！")
    return replace(edit, removed="。", added="！")


def _sentence_in(before: Story, chance: random.Random) -> Edit:
    place = chance.randrange(len(before.paragraphs))
    last = before.paragraphs[place]
    return replace(_in_text("sentence in", before, place, last, last + _SENTENCE), removed="", added=_SENTENCE)


def _sentence_out(before: Story, chance: random.Random) -> Edit:
    place = chance.randrange(len(before.paragraphs))
    last = before.paragraphs[place].rstrip("。").rpartition("。")[2].rpartition("”")[2] + "。"
    return _in_text("sentence out", before, place, last, "")


def _paragraph_in(before: Story, chance: random.Random) -> Edit:
    place = chance.randrange(1, len(before.paragraphs))
    more = (*before.paragraphs[:place], _PARAGRAPH, *before.paragraphs[place:])
    return Edit("paragraph in", ("text",), "", _PARAGRAPH, replace(before, paragraphs=more))


def _paragraph_out(before: Story, chance: random.Random) -> Edit:
    place = chance.randrange(1, len(before.paragraphs))
    return _in_text("paragraph out", before, place, before.paragraphs[place], "")


def _title(before: Story, chance: random.Random) -> Edit:
    number = f"（{before.number}）"
    after = replace(before, title=before.title.replace(number, f"，职工说好{number}"))
    return Edit("title", ("title",), "", "，职工说好", after)


def _source(before: Story, chance: random.Random) -> Edit:
    other = chance.choice([one for one in _SOURCES if one != before.source])
    return Edit("source", ("source",), before.source, other, replace(before, source=other))


def _author(before: Story, chance: random.Random) -> Edit:
    other = chance.choice([one for one in _WRITERS if one not in before.authors])
    return Edit("author", ("authors",), "", other, replace(before, authors=(*before.authors, other)))


def _editor(before: Story, chance: random.Random) -> Edit:
    other = chance.choice([one for one in _EDITORS if one != before.editor])
    return Edit("editor", ("editors",), before.editor, other, replace(before, editor=other))


def _time(before: Story, chance: random.Random) -> Edit:
    other = f"{before.published[:14]}{(int(before.published[14:]) + chance.randrange(1, 59)) % 60:02d}"
    return Edit("time", ("published_at",), before.published[14:], other[14:], replace(before, published=other))


def _file(before: Story, chance: random.Random) -> Edit:
    name = f"补充名单{chance.randrange(100)}.doc"
    added = name if before.file else f"附件：{name}"
    return Edit("file", ("text", "attachments"), before.file or "", added, replace(before, file=name))


#: The edits that a site makes: most of them in the text.
KINDS: dict[str, Callable[[Story, random.Random], Edit]] = {
    "word": _word,
    "figure": _figure,
    "sign": _sign,
    "sentence in": _sentence_in,
    "sentence out": _sentence_out,
    "paragraph in": _paragraph_in,
    "paragraph out": _paragraph_out,
    "title": _title,
    "source": _source,
    "author": _author,
    "editor": _editor,
    "time": _time,
    "file": _file,
}
