"""Search in what attachments say: found after what articles say themselves, shown with the attachment's name."""

import json
import sqlite3
from contextlib import closing

import pytest
from commands import run
from filled import Filler, article, reading
from lxml import etree
from searched import asking, page_of, titles
from sqlite_utils import Database

from archive import schema
from archive.article import Attachment
from archive.database import open_database
from archive.search import find, index, rank, single, tokens
from archive.search.find import count
from archive.search.selection import Selection
from archive.search.snippets import LOOKED, WIDTH

FILE = Attachment("http://chengnan.example.org/名单.pdf", "附件1：报名表<b>")
INSIDE = "参加人员名单\n林述禾\t焊工技师\n王大山\t起重工"


def entry(text: str, url: str = FILE.url) -> dict:
    return {"url": url, "digest": "sha256:A", "kind": "pdf", "pages": 1, "text": text, "error": None, "read_with": 1}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    filler = Filler(tmp_path_factory.mktemp("attached"))
    filler.page(article(1, title="焊工技师受表彰", text="大会在礼堂举行，内容很多。" * 9, published_at="2020-01-01"))
    filler.page(
        article(2, title="其他一篇", text="本文提到焊工技师一次。" + "别的内容很多。" * 60, published_at="2020-01-02")
    )
    filler.page(article(3, title="报名通知", attachments=(FILE,), published_at="2025-03-03"))
    filler.page(article(4, title="另一通知", published_at="2025-03-04"))
    filler.page(article(5, title="带附件的焊工技师", attachments=(FILE,), published_at="2019-01-01"))
    for title in ("报名通知", "带附件的焊工技师"):
        inside = json.dumps([entry(INSIDE)], ensure_ascii=False)
        filler.db.execute("UPDATE articles SET attached = ? WHERE title = ?", [inside, title])
    # Of a file that the article does not have (any more).
    filler.db.execute(
        "UPDATE articles SET attached = ? WHERE title = '另一通知'", [json.dumps([entry(INSIDE)], ensure_ascii=False)]
    )
    return filler.close()


def found(directory, query: str, order: str = "newest") -> list[str]:
    with reading(directory) as db:
        hits = find.find(db.conn, Selection(query), order=order)
        assert count(db.conn, Selection(query)).number == len(hits)
        return [hit.row["title"] for hit in hits]


@pytest.mark.parametrize("query", ["起重工", "起重", "重", "技師 起重工", '"述 禾"', "王大山 -表彰"])
def test_words_of_attachments_are_found_in_every_way(directory, query):
    assert found(directory, query) == ["报名通知", "带附件的焊工技师"]


def test_an_article_found_by_its_own_words_comes_before_one_found_by_an_attachment_alone(directory, monkeypatch):
    assert found(directory, "焊工技师") == ["报名通知", "其他一篇", "焊工技师受表彰", "带附件的焊工技师"]
    best = found(directory, "焊工技师", "relevance")
    assert set(best[:2]) == {"焊工技师受表彰", "带附件的焊工技师"}
    assert best[2:] == ["其他一篇", "报名通知"]
    # As among a million articles, where what is common is not handed to bm25.
    monkeypatch.setattr(rank, "MANY", 1)
    monkeypatch.setattr(rank, "COMMON", 0.0)
    best = found(directory, "焊工技师", "relevance")
    assert (set(best[:2]), best[2:]) == ({"焊工技师受表彰", "带附件的焊工技师"}, ["其他一篇", "报名通知"])


@pytest.mark.parametrize("character", ["禾", "技", "单", "名", "训", "A"])
def test_a_common_character_is_found_alike_in_the_index_and_in_the_articles(directory, monkeypatch, character):
    expected = found(directory, character)
    common = single.Character((character,), 1.0, ())
    monkeypatch.setattr(single, "look", lambda *_: common)
    with reading(directory) as db:
        hits = find.find(db.conn, Selection(character))
    assert [hit.row["title"] for hit in hits] == (expected if character != "A" else [])


def test_the_excerpt_is_the_attachments_where_the_article_has_none_of_the_words(directory):
    with reading(directory) as db:
        inside, *own = find.find(db.conn, Selection("焊工技师"))
    assert inside.attachment == FILE.name
    assert [text for text, marked in inside.snippet if marked] == ["焊工技师"]
    assert [hit.attachment for hit in own] == [None] * 3
    with reading(directory) as db:
        assert [hit.attachment for hit in find.find(db.conn, Selection("author:起重工 OR 第3期"))] == [None]
        assert {hit.attachment for hit in find.find(db.conn, Selection())} == {None}


def test_the_excerpt_shows_a_word_deep_in_a_long_attachment(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, attachments=(FILE,)))
    text = "，".join(["甲乙丙丁"] * LOOKED) + "起重工在此" + "戊" * 500
    filler.db.execute("UPDATE articles SET attached = ?", [json.dumps([entry(text)], ensure_ascii=False)])
    (hit,) = find.find(filler.db.conn, Selection("起重工"))
    assert [piece for piece, marked in hit.snippet if marked] == ["起重工"]
    assert hit.snippet[0] == ("…", False)
    assert sum(len(piece) for piece, _ in hit.snippet) <= WIDTH + 2
    filler.close()


def test_what_another_program_stored_is_found_and_breaks_nothing(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, attachments=(FILE,)))
    for value in ("", "[]", "nothing", "[1, null]", '{"url": 1}', f'[{{"url": "{FILE.url}", "text": 5}}]'):
        filler.db.execute("UPDATE articles SET attached = ?", [value])
        assert [hit.attachment for hit in find.find(filler.db.conn, Selection("培训"))] == [None]
        find.find(filler.db.conn, Selection("5"))
        filler.db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")
    filler.close()


def test_the_command_names_the_attachment(directory):
    printed = run(directory.path, "search", "起重工").stdout
    assert printed.count("in the attachment 附件1：报名表<b> · 见附件") == 2
    answer = json.loads(run(directory.path, "search", "--json", "起重工").stdout)
    assert [hit["attachment"] for hit in answer["hits"]] == [FILE.name] * 2
    assert "起重工" in answer["hits"][0]["snippet"]


def test_pages_json_and_feed_name_the_attachment(directory):
    with asking(directory) as get:
        page = page_of(get("/search?q=起重工"))
        assert titles(page) == ["报名通知", "带附件的焊工技师"]
        assert [one.get_text() for one in page.select(".hits .facts") if "附件" in one.get_text()] == [
            "见附件：附件1：报名表<b>"
        ] * 2
        assert page.select(".hits bdi b") == []
        assert "in the attachment" in get("/search?q=起重工&lang=en").text
        results = get("/search.json?q=焊工技师").json()["results"]
        assert [one["attachment"] for one in results] == [FILE.name, None, None, None]
        entries = etree.fromstring(get("/search.atom?q=焊工技师").content).findall("{*}entry")
    summaries = {one.findtext("{*}title"): one.findtext("{*}summary") for one in entries}
    assert summaries["报名通知"].startswith("见附件：附件1：报名表<b>\n")
    assert "焊工技师" in summaries["报名通知"]
    assert [summaries[title] for title in ("焊工技师受表彰", "其他一篇")] == [None, None]


_OLD = (
    "CREATE VIRTUAL TABLE articles_fts USING fts5(text, title, tags, content='' /* content=\"articles\" */,"
    f" tokenize='{tokens.TOKENIZE}')",
    "CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN"
    " INSERT INTO articles_fts (rowid, text, title, tags)"
    " VALUES (new.id, index_text(new.text), index_title(new.title, new.kicker, new.subtitle), 'x'); END",
    "CREATE TRIGGER months_insert AFTER INSERT ON articles BEGIN"
    " INSERT OR REPLACE INTO months VALUES (new.site, '', 1); END",
    "INSERT INTO search_index VALUES ('1-old')",
)


def test_an_archive_of_version_5_gets_the_index_of_today(tmp_path):
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        schema.migrations.apply(Database(old), stop_before="add_media")
        index.register(old)
        for statement in (*_OLD, "PRAGMA user_version = 5"):
            old.execute(statement)
        old.execute("INSERT INTO sites (id, name, home, family, status) VALUES ('a', '甲', 'http://a/', 'x', 'active')")
        for number in range(3):
            old.execute(
                "INSERT INTO articles (id, uid, site, title, text, html, layout, url, key, first_seen_at, fetched_at,"
                " sha256, derived_with, change)"
                " VALUES (?, ?, 'a', '标题', '职工之家', '', '1', ?, ?, '', '', '', '', ?)",
                [number, *[str(number)] * 3, number],
            )
    with closing(open_database(path)) as db:
        assert count(db.conn, Selection("职工之家")).number == 3
        db.execute("UPDATE articles SET attachments = ?, attached = ? WHERE id = 1",
                   [json.dumps([{"url": FILE.url, "name": "表"}]), json.dumps([entry(INSIDE)])])  # fmt: skip
        assert count(db.conn, Selection("起重工")).number == 1
        assert db.execute("SELECT sum(articles) FROM months").fetchone()[0] == 3
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")


def test_readers_of_the_web_find_a_common_character_by_the_same_way(directory, monkeypatch):
    monkeypatch.setattr(single, "look", lambda *_: single.Character(("禾",), 1.0, ()))
    with asking(directory) as get:
        assert titles(page_of(get("/search?q=禾"))) == ["报名通知", "带附件的焊工技师"]
