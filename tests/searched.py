"""An archive to search in, for the tests of its pages, and a reader who asks for them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bs4 import BeautifulSoup
from filled import Filler, article

from archive.directory import ArchiveDirectory
from archive.web.serve import application

REPORT = "调研组走访了三家港口企业，听取一线职工的意见。"
CONTROL = "工会\x0b通知\x01 &amp; <b>“\x7f"


def searched(path: Path) -> ArchiveDirectory:
    """An archive of 27 articles of two sites: traditional, English, undated, of a month, revised and withdrawn ones."""
    filler = Filler(path)
    filler.directory.config_file.write_text('name = "运河档案"', encoding="utf-8")
    for id_, level, region, name_en in (
        ("chengnan", "district", "CN-37", "Chengnan Federation"),
        ("yunhe", "prefecture", "CN-32", None),
    ):
        settings = [level, region, name_en, id_]
        filler.db.execute("UPDATE sites SET level = ?, region = ?, name_en = ? WHERE id = ?", settings)
    for number in range(1, 25):
        filler.page(article(number, section="工会要闻" if number % 2 else "基层"))
    traditional = "職工之家舉辦勞動競賽，二十名選手參加焊接決賽。"
    filler.page(
        article(30, site="yunhe", title="勞動競賽落幕", text=traditional, language="zh-Hant", published_at="2024-11-03")
    )
    filler.page(article(31, site="yunhe", title="Safety training for dockers", text="Training lasted three days. " * 3,
                        language="en", published_at="2024-11", source=None))  # fmt: skip
    filler.page(article(32, site="yunhe", title=CONTROL, published_at=None, authors=("李\x02晓",), text=REPORT))
    filler.page(article(2, title="第2期技能培训班延期", section="基层"))
    filler.db.execute("UPDATE articles SET withdrawn_at = '2025-03-02T00:00:00Z' WHERE title LIKE '第3期%'")
    look = "INSERT INTO looks (site, section, day, depth, outcome) VALUES (?, '', ?, 1, ?)"
    for site, day, outcome in (
        ("yunhe", "2024-12-05", "failed"),
        ("yunhe", "2025-01-05", "unchanged"),
        ("chengnan", "2025-02-05", "read"),
    ):
        filler.db.execute(look, [site, day, outcome])
    return filler.close()


@contextmanager
def asking(directory: ArchiveDirectory) -> Iterator[Callable]:
    """Asks one server of an archive, as browsers do; in Chinese unless a header says otherwise."""
    with asyncio.Runner() as runner:
        datasette = application(directory)

        def get(path: str, **headers: str):
            return runner.run(datasette.client.get(path, headers={"accept-language": "zh", **headers}))

        yield get


def page_of(answer) -> BeautifulSoup:
    """The page of an answer."""
    return BeautifulSoup(answer.text, "lxml")


def titles(page: BeautifulSoup) -> list[str]:
    """The headlines of the hits on a page."""
    return [title.get_text() for title in page.select(".hits h3")]
