"""An archive whose sites edited, withdrew and brought back: for the tests of the command and the pages that show it."""

from datetime import timedelta
from pathlib import Path

from filled import Filler, article

from archive.article import Attachment, uid
from archive.directory import ArchiveDirectory
from archive.revisions import add_aliases
from archive.withdrawals import confirm, note_back, note_gone

EDITED, PLAIN, BACK, FLIPPING, HOSTILE = (article(number) for number in (7, 8, 9, 10, 11))

#: Another address of BACK.
OTHER = "http://m.chengnan.example.org/9"

FIRST = "城南区总工会2023年5月3日召开代表大会，选举张三为主席。"
SECOND = "今后五年，每年培训职工不少于三千人次，集体合同覆盖八成以上企业。"
THIRD = "代表们还参观了职工书屋，并就夏季高温劳动保护和职工食堂的饭菜交换了意见，提案都会在三个月内答复。"
#: What makes a line or an escape sequence of a terminal, turns the order round, or is markup.
STEERING = "\x1b[31m红\u202e\x07<b>&"


def edited(path: Path) -> ArchiveDirectory:
    """Fill it.

    EDITED has three revisions, was withdrawn and came back between the second and the third, and is withdrawn now.
    BACK came back; PLAIN was found gone by one visit, so far; FLIPPING has 24 revisions of two texts.
    """
    filler = Filler(path)
    filler.directory.config_file.write_text('name = "运河档案"', encoding="utf-8")
    page(filler, 0, text="\n\n".join((FIRST, THIRD, SECOND)), authors=("李晓", "王大山"))
    later = FIRST.replace("2023年5月3日", "2024年6月4日").replace("张三", "李四")
    page(filler, 2, text="\n\n".join((later, THIRD, SECOND)), authors=("李晓", "王大山"))
    gone(filler, EDITED, 4, 5, how="redirects to http://chengnan.example.org/", back=8)
    filler.moment += timedelta(days=7)
    page(
        filler,
        0,
        title="第7期技能培训班延期",
        text="\n\n".join((later, THIRD, "新的一段：奖金提高了。", SECOND.replace("三千", "五千"))),
        authors=("李晓", "王小山"),
        attachments=(Attachment("http://chengnan.example.org/b.pdf", "报名表"),),
        published_at="2025-02-08T09:30:00+08:00",
    )
    gone(filler, EDITED, 20, 23)
    filler.page(PLAIN)
    gone(filler, PLAIN, 30)
    filler.page(BACK)
    add_aliases(filler.db.conn, "chengnan", BACK.url, [OTHER])
    gone(filler, BACK, 31, 33, how="says that there is no such page", back=40)
    for number in range(24):
        filler.page(article(10, title=f"第{number % 2}版"))
    filler.page(article(11, title=f"旧{STEERING}", text="正文第一段，说的是培训的安排。"))
    filler.page(article(11, title=f"新{STEERING}", text=f"正文第一段，说的是{STEERING}的安排。"))
    return filler.close()


def page(filler: Filler, days: int, **changes) -> None:
    filler.moment += timedelta(days=days)
    filler.page(article(7, html="<p>见正文</p>", **changes))


def gone(filler: Filler, one, *days: int, how: str = "HTTP 404", back: int | None = None) -> None:
    """Have visits of these days of March 2025 (counted on) find an article gone, and one find it back."""

    def day(number: int) -> str:
        return f"2025-{3 + number // 31:02}-{number % 31 + 1:02}T01:00:00Z"

    connection = filler.db.conn
    for number in days:
        note_gone(connection, "chengnan", one.url, day(number), how, None)
    if len(days) > 1:
        confirm(connection, uid(one.url), day(days[-1]))
    if back is not None:
        note_back(connection, "chengnan", one.url, day(back))
