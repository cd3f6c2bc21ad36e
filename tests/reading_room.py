"""A small archive of three federations to look at through its pages, and how tests ask for pages."""

import asyncio
import html
import re
from contextlib import contextmanager
from pathlib import Path

from filled import Filler, article

from archive.directory import ArchiveDirectory
from archive.store import save_site
from archive.web.serve import application

PROVINCE = {
    "id": "jiangbei",
    "name": "江北省总工会",
    "name_en": "Jiangbei Federation of Trade Unions",
    "name_pinyin": "Jiangbei Sheng Zonggonghui",
    "level": "provincial",
    "region": "CN-SD",
    "home": "http://jiangbei.example.org/",
    "family": "generic",
    "status": "paused",
    "reason": "answers only <browsers>",
}


def fill(filler: Filler) -> None:
    """Four articles of two sites, one of them edited, one withdrawn, one without a date; looks and a run."""
    connection = filler.db.conn
    save_site(connection, PROVINCE)
    city = {"level": "prefecture", "region": "CN-SD", "parent": "jiangbei", "family": "generic", "status": "active"}
    save_site(connection, {"id": "yunhe", "name": "运河市总工会", "home": "http://yunhe.example.org/", **city})
    filler.page(article(1, published_at="2024-11-30", section="<i>要闻</i>"))
    filler.page(article(2, title="<script>alert(1)</script>", published_at="2025-02-02T23:30:00+08:00"))
    filler.page(article(3))
    filler.page(article(3, title="第3期技能培训班延期"))
    filler.page(article(1, site="yunhe", published_at=None))
    filler.db.execute("UPDATE articles SET withdrawn_at = '2025-03-02T00:00:00Z' WHERE title LIKE '第1期%' AND id > 0")
    filler.db.execute(
        "INSERT INTO runs (site, started_at, outcome, articles_new, failed, version)"
        " VALUES ('chengnan', '2025-02-20T01:00:00Z', 'interrupted', 3, 7, '0')"
    )
    looks = [("工会要闻", "2025-02-01", "read"), ("工会要闻", "2025-02-20", "failed"), ("", "2025-02-20", "unchanged")]
    for section, day, outcome in looks:
        filler.db.execute(
            "INSERT INTO looks (site, section, day, depth, outcome) VALUES ('chengnan', ?, ?, 1, ?)",
            [section, day, outcome],
        )


def reading_room(path: Path) -> ArchiveDirectory:
    """That archive, with a name and rights."""
    filler = Filler(path)
    filler.directory.config_file.write_text('name = "运河档案"\n[publish]\nrights = "© 各工会"', encoding="utf-8")
    fill(filler)
    return filler.close()


@contextmanager
def asking(directory: ArchiveDirectory):
    """Ask one running site for several pages: `ask(path, …)` gives their answers, or the only one."""
    with asyncio.Runner() as runner:
        datasette = application(directory)

        async def fetch(paths, headers):
            return [await datasette.client.get(path, headers=headers) for path in paths]

        def ask(*paths: str, headers: dict | None = None):
            answers = runner.run(fetch(paths, headers))
            return answers if len(answers) > 1 else answers[0]

        yield ask


def text(page: str) -> str:
    """What a page says, without its charts."""
    page = re.sub(r"<(title|desc|svg|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def main(page: str) -> str:
    """What stands between the header and the footer."""
    return re.search(r"<main.*</main>", page, re.DOTALL)[0]
