"""The feed of a search: what is in it, in which order, and that feed readers can read it."""

import asyncio

import feedparser
import pytest
from filled import Filler, article
from searched import asking, searched

from archive.web.pages import feed
from archive.web.serve import application


@pytest.fixture(scope="module")
def get(tmp_path_factory):
    with asking(searched(tmp_path_factory.mktemp("feed"))) as get:
        yield get


def entries(answer) -> list:
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.content)
    assert not read.bozo, read.get("bozo_exception")
    return read.entries


def test_a_feed_begins_with_what_changed_last_and_reads_back(get):
    answer = get("/search.atom?q=培训班")
    read = entries(answer)
    assert len(read) == 24
    assert read[0].title == "第2期技能培训班延期"
    assert read[1].title == "第24期技能培训班开班"
    assert read[1].published == "2025-02-24T04:00:00+00:00"
    assert read[1].content[0].value == article(24).text
    assert [link.href for link in read[1].links if link.rel == "via"] == [article(24).url]
    assert read[1].link.startswith("http://localhost/article/")
    assert feedparser.parse(answer.content).feed.title == "运河档案：培训班"


def test_a_feed_holds_characters_that_xml_cannot_only_without_them(get):
    (entry,) = [one for one in entries(get("/search.atom?site=yunhe")) if "通知" in one.title]
    assert entry.title == "工会 通知 &amp; <b>“"
    assert entry.author == "李晓"
    assert "published" not in entry


def test_the_month_of_an_article_is_no_moment(get):
    (entry,) = entries(get("/search.atom?q=dockers"))
    assert "published" not in entry
    assert entry.content[0].language == "en"


def test_an_entry_keeps_its_id_and_tells_when_the_text_changed_not_when_it_was_seen(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))

    def entry():
        async def fetch():
            return await application(filler.directory).client.get("/search.atom")

        (one,) = entries(asyncio.run(fetch()))
        return one.id, one.updated

    first = entry()
    filler.page(article(1))
    assert entry() == first
    filler.page(article(1, title="第1期技能培训班延期"))
    later = entry()
    assert later[0] == first[0]
    assert later[0].startswith("urn:uuid:")
    assert later[1] > first[1]
    filler.close()


def test_a_feed_of_few_changes_is_filled_with_the_newest(get, monkeypatch):
    monkeypatch.setattr(feed, "WINDOWS", (2,))
    monkeypatch.setattr(feed, "ENTRIES", 5)
    found = [entry.title for entry in entries(get("/search.atom?q=培训班"))]
    assert found == [
        "第2期技能培训班延期",
        *(f"第{number}期技能培训班开班" for number in (24, 23, 22, 21)),
    ]


def test_a_reader_of_a_feed_that_has_it_gets_it_once(get):
    first = get("/search.atom?q=培训班")
    again = get("/search.atom?q=培训班", **{"if-none-match": f'W/"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert get("/search.atom?q=工会", **{"if-none-match": first.headers["etag"]}).status_code == 200


def test_a_feed_of_nothing_is_a_feed(get):
    assert entries(get("/search.atom?q=不存在的词语")) == []
