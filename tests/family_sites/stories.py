"""Invented news for the family sites, and what a site of them is."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_PLACES = ("青禾", "白鹭", "柳泉", "鹤鸣", "云岭", "渔浦")
_TITLES = (
    "{}区总工会为环卫职工送去防暑用品",
    "{}街道工会夜校增开焊工班",
    "{}纺织厂签订工资专项集体合同",
    "{}港务公司职代会讨论轮班新办法",
    "{}镇工会驿站通宵亮灯",
    "{}园区三十家小店共建联合工会",
)
_SAYS = (
    "大家把想法写在纸条上，由职工代表逐条念给厂方听。",
    "厂方当场答应先试三个月，再按统计的结果调整。",
    "食堂、宿舍和班车的意见最多，占了一半还多。",
    "调解员说，白纸黑字写清楚，往后就少了扯皮。",
    "第二天一早，新的排班表贴在了车间门口。",
    "工会把二十条建议编上号，月底前要件件有回音。",
)
_AUTHORS = ("林小满", "周远", "孙立青", "何秋白")
_EDITORS = ("许春朝", "唐一苇", "罗雪")


@dataclass(frozen=True)
class Story:
    """One article; `time` is `HH:MM`."""

    number: int
    title: str
    day: date
    time: str
    source: str
    author: str
    editor: str
    paragraphs: tuple[str, ...]

    @property
    def text(self):
        """The body as it must be read."""
        return "\n\n".join(self.paragraphs)

    def said(self, section, layout, **others):
        """What its exported object says where a page prints everything; `others` are what a page prints otherwise."""
        everything = {
            "title": self.title,
            "text": self.text,
            "source": self.source,
            "authors": [self.author],
            "editors": [self.editor],
            "published_at": f"{self.day}T{self.time}:00+08:00",
            "section": section,
            "layout": layout,
            "language": "zh-Hans",
        }
        assert others.keys() <= everything.keys()
        return everything | others


def _says(number):
    return _SAYS[number % len(_SAYS)]


def story(number: int) -> Story:
    """Story `number` from 1; no two share a title, later numbers are older."""
    place = _PLACES[number % len(_PLACES)]
    paragraphs = tuple(
        f"{place}第{number}号记录的第{part}件事，{_says(number + part)}{_says(number * 2 + part + 1)}"
        for part in range(1, 5)
    )
    return Story(
        number,
        _TITLES[number % len(_TITLES)].format(place) + f"（{number}）",
        date(2026, 9, 20) - timedelta(days=3 * number),
        f"{8 + number % 9:02d}:{number * 7 % 60:02d}",
        f"{place}工人报",
        _AUTHORS[number % len(_AUTHORS)],
        _EDITORS[number % len(_EDITORS)],
        paragraphs,
    )


def pages_of(stories: list[Story], per_page: int) -> list[list[Story]]:
    """Stories in pages of a listing."""
    return [stories[start : start + per_page] for start in range(0, len(stories), per_page)]


@dataclass(frozen=True)
class Built:
    """A site to crawl and what must come of it."""

    family: str
    pages: dict[str, Any]
    """Path (with its query) -> bytes, a Reply, or a function of the Request that returns one of them."""
    articles: dict[str, dict[str, Any]]
    """Path of an article -> what its exported object must say, by key; lists as lists."""
    listing: str | None = None
    """Path of the section's first page; None where it is to be discovered from the home page `/`."""
    section: str | None = None
    listing_pages: int = 3
    """Listing pages that must have been asked for, the first one included."""
    profile: str = ""
    """Further lines of the profile, top-level keys first; `article_url` where the family has none."""
    absent: tuple[str, ...] = ()
    """Words of navigation and small print that no article may hold."""
    example: str = ""
    """An article's path, for detection; the first of `articles` where it is empty."""
    detected: bool = field(default=True)
    """Whether the family is to be told by an article's page and by the listing's."""
