"""Publications: a compact copy for readers that stock tools open, without what readers must not see."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner
from filled import Filler, article, response, rows

from archive import publishing, restricting
from archive.article import Attachment, Image
from archive.article import uid as uid_of
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.search.index import TRIGGERS

HIDDEN = uid_of(article(4).url)
WORD = "书画展"


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    """An archive with revisions, a picture story, captures without an article, a run, and a restricted article."""
    filler = Filler(tmp_path_factory.mktemp("publish"))
    filler.page(article(1, images=(Image("http://chengnan.example.org/a.jpg", f"{WORD}开幕"),)))
    filler.page(article(2, attachments=(Attachment("http://chengnan.example.org/b.pdf", "报名表"),)))
    filler.page(article(2, text=f"第2期培训班改为{WORD}，展出作品一百二十件。"))
    filler.page(article(2, text="第2期培训班照常举行，学员来自十二家企业。"))
    filler.page(article(1, site="yunhe", title="Spring meeting held", text="The council met in spring.", language="en"))
    filler.page(article(4, title=f"不公开的{WORD}", text=f"不公开的{WORD}将不再展出，敬请谅解，特此说明。"))
    filler.capture("http://chengnan.example.org/", response(article(7, text="列表页")), site="chengnan")
    filler.capture(article(1).url, response(article(1)), site="chengnan", same_as=1)
    filler.db.conn.executescript(
        f"""
        INSERT INTO runs (site, started_at, outcome, version) VALUES ('chengnan', '2025-03-01', 'finished', '1');
        UPDATE captures SET run = 1;
        UPDATE captures SET uid = '{article_uid(1)}' WHERE kind = 'same';
        INSERT INTO looks (site, section, day, depth, outcome, run)
            VALUES ('chengnan', '', '2025-03-01', 1, 'read', 1);
        UPDATE sites SET next_check = '2025-04-01';
        UPDATE articles SET next_check = '2025-04-01';
        """
    )
    made = filler.close()
    restricting.restrict(made, HIDDEN, "asked for")
    return made


def article_uid(number: int) -> str:
    return uid_of(article(number).url)


@pytest.fixture(scope="module")
def public(directory, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "public.db"
    publishing.publish(directory, out)
    return out


@pytest.fixture(scope="module")
def catalogue(directory, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "catalogue.db"
    publishing.publish(directory, out, metadata_only=True)
    return out


def query(path, sql: str, *values) -> list[tuple]:
    """What a query gives in SQLite without any of our functions."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return db.execute(sql, values).fetchall()


def test_a_publication_holds_what_readers_read(directory, public):
    for table, columns in (("articles", "uid, title, text, html, change"), ("revisions", "uid, revision, content")):
        sql = f"SELECT {columns} FROM {table} ORDER BY 1, 2"
        assert query(public, sql) == [tuple(row.values()) for row in rows(directory, sql)]
    assert len(query(public, "SELECT id FROM sites")) == 2
    assert query(public, "SELECT day, outcome FROM looks") == [("2025-03-01", "read")]


def test_a_publication_lacks_what_is_restricted_to_the_last_byte(directory, public):
    for table in ("articles", "revisions", "captures"):
        assert query(public, f"SELECT * FROM {table} WHERE uid = ?", HIDDEN) == []
    assert query(public, "SELECT * FROM articles_fts WHERE articles_fts MATCH '\"公开 开的\"'") == []
    held = public.read_bytes()
    for text in ("不公开的", HIDDEN, article(4).url, "公开"):
        assert text.encode() not in held, text
    assert article_uid(1).encode() in held


def test_a_publication_lacks_what_only_the_crawler_needs(directory, public):
    names = {name for (name,) in query(public, "SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")}
    assert not names & {"frontier", "runs", "restrictions", "_sqlite_migrations", *TRIGGERS}
    for table in ("captures", "looks"):
        assert "run" not in [row[1] for row in query(public, f"PRAGMA table_info({table})")]
    for table in ("articles", "sites"):
        assert query(public, f"SELECT count(*) FROM {table} WHERE next_check IS NOT NULL") == [(0,)]
    assert query(public, "SELECT count(*) FROM captures WHERE uid NOT IN (SELECT uid FROM articles)") == [(0,)]
    assert query(public, "SELECT count(*) FROM captures") == [(6,)]
    assert query(public, "SELECT kind, payload FROM captures WHERE payload IS NOT NULL") == [("same", 1)]


def test_a_publication_is_sound_and_a_single_file(directory, public):
    assert query(public, "PRAGMA integrity_check") == [("ok",)]
    assert query(public, "PRAGMA foreign_key_check") == []
    assert query(public, "PRAGMA journal_mode") == [("delete",)]
    assert [path.name for path in public.parent.iterdir()] == ["public.db"]
    assert not public.stat().st_mode & 0o222


def test_stock_sqlite_finds_words_in_it(directory, public):
    found = "SELECT uid FROM articles WHERE id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"
    assert query(public, found, '"照常"') == [(article_uid(2),)]
    assert len(query(public, found, "spring")) == 1


def test_a_catalogue_has_no_bodies_and_finds_titles(directory, catalogue):
    assert query(catalogue, "SELECT DISTINCT text, html, images FROM articles") == [("", "", "[]")]
    held = catalogue.read_bytes()
    for text in ("照常举行", "一百二十件", f"{WORD}开幕", "council met"):
        assert text.encode() not in held, text
    contents = [
        json.loads(content) for (content,) in query(catalogue, "SELECT content FROM revisions WHERE content != ''")
    ]
    assert len(contents) == 2
    assert all("title" in content and not {"text", "html", "images"} & set(content) for content in contents)
    assert json.loads(query(catalogue, "SELECT attachments FROM articles WHERE uid = ?", article_uid(2))[0][0]) == []
    match = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
    assert query(catalogue, match, '"技能"') == [(2,)]
    assert query(catalogue, match, '"照常"') == [(0,)]
    assert query(catalogue, "PRAGMA integrity_check") == [("ok",)]


STOCK = """
import asyncio, json, sys
from datasette.app import Datasette
async def main():
    datasette = Datasette([], immutables=[sys.argv[1]])
    answers = {}
    for path in sys.argv[2:]:
        answer = await datasette.client.get(path)
        answers[path] = [answer.status_code, answer.text]
    print(json.dumps(answers))
asyncio.run(main())
"""


def test_stock_datasette_serves_it(directory, public):
    paths = ["/public", "/public/articles?_search=spring", "/public/articles/{id}", "/public/captures?_facet=site",
             "/public/captures/1", "/public/revisions", "/public/sites/chengnan", "/public/looks",
             "/public.json?sql=select+count(*)+from+articles&_shape=arrays"]  # fmt: skip
    (id_,) = query(public, "SELECT id FROM articles WHERE uid = ?", article_uid(1))[0]
    paths = [path.format(id=id_) for path in paths]
    done = subprocess.run(
        [sys.executable, "-c", STOCK, str(public), *paths], capture_output=True, text=True, timeout=60, check=True
    )
    answers = json.loads(done.stdout)
    assert {path: status for path, (status, _) in answers.items() if status != 200} == {}
    assert "Spring meeting held" in answers[paths[1]][1]
    assert article(1).title not in answers[paths[1]][1]
    assert json.loads(answers[paths[-1]][1])["rows"] == [[3]]


def test_the_command_replaces_an_earlier_publication_and_nothing_else(directory, tmp_path):
    def run(out, *options):
        return CliRunner().invoke(cli, ["--archive", str(directory.path), "publish", str(out), *options])

    out = tmp_path / "public.db"
    first = run(out)
    assert first.output.startswith(f"{out}: 3 articles, 5 revisions, 6 captures, ")
    assert first.exit_code == 0
    assert run(out, "--metadata-only").exit_code == 0
    assert query(out, "SELECT DISTINCT text FROM articles") == [("",)]
    notes, folder = tmp_path / "notes.txt", tmp_path / "folder"
    notes.write_text("notes")
    folder.mkdir()
    for other, said in (
        (notes, "is there and no earlier publication; name another file, or remove it"),
        (directory.database, "is there and no earlier publication"),
        (folder, "cannot be replaced (Is a directory); name another file"),
        (tmp_path / "none" / "public.db", "there is no folder"),
    ):
        refused = run(other)
        assert refused.exit_code == 1
        assert len(refused.output.splitlines()) == 1
        assert said in refused.output
    assert notes.read_text() == "notes"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "notes.txt", "public.db"]


def test_a_publication_that_cannot_be_finished_leaves_the_earlier_one(directory, tmp_path, monkeypatch):
    out = tmp_path / "public.db"
    publishing.publish(directory, out)
    before = out.read_bytes()

    def full(copy, metadata_only):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(publishing, "_strip", full)
    with pytest.raises(ArchiveError, match=r"public\.db: cannot be written \(database or disk is full\); free some"):
        publishing.publish(directory, out)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["public.db"]


def test_a_name_that_cannot_be_written_and_an_archive_that_is_not_there_are_told(directory, tmp_path):
    with pytest.raises(ArchiveError, match=r"cannot be written \(File name too long\); free"):
        publishing.publish(directory, tmp_path / ("x" * 300))
    with pytest.raises(ArchiveError, match=r"holds no archive\.db"):
        publishing.publish(ArchiveDirectory(tmp_path / "nowhere"), tmp_path / "public.db")


def test_progress_is_told_in_bytes(directory, tmp_path):
    told = []
    made = publishing.publish(directory, tmp_path / "public.db", advance=told.append)
    assert made.size <= sum(told) <= publishing.size(directory)
    assert made.size == (tmp_path / "public.db").stat().st_size
