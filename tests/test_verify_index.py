"""The search index against the articles: `verify` names what differs, whether FTS5 thinks the index sound or not."""

import sqlite3
from contextlib import closing

import pytest
from filled import Filler, article, filled, rows
from test_verify import change, only_problem, problems

from archive import verify_index
from archive.directory import ArchiveDirectory
from archive.problems import Problem
from archive.search import index
from archive.verify import verify

LOST = "DELETE FROM articles_fts_data"
SILENT = "DROP TRIGGER articles_fts_update"


def behind(directory: ArchiveDirectory, *statements: str) -> None:
    """Change articles without the index hearing of it."""
    connection = sqlite3.connect(directory.database)
    index.register(connection)
    with connection:
        for statement in (SILENT, *statements):
            connection.execute(statement)
        connection.execute(f"CREATE TRIGGER articles_fts_update {index.TRIGGERS['articles_fts_update']}")
    connection.close()


def of_index(directory: ArchiveDirectory) -> list[Problem]:
    return [problem for problem in problems(directory) if problem.by == "reindex"]


def authors_and_sources(directory: ArchiveDirectory) -> dict[str, tuple]:
    found = rows(directory, "SELECT uid, authors, source FROM articles")
    return {row["uid"]: (row["authors"], row["source"]) for row in found}


def reindexed(directory: ArchiveDirectory) -> ArchiveDirectory:
    with closing(directory.open_database()) as db:
        index.fill(db.conn)
    return directory


def test_all_articles_are_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(verify_index, "_CHUNK", 4)
    monkeypatch.setattr(verify_index, "_PAGE", 3)
    assert verify(filled(tmp_path, 20), print).indexed == 21


def test_an_index_that_was_changed_many_times_is_that_of_the_last_texts(tmp_path):
    filler = Filler(tmp_path)
    for title in ("第1期技能培训班开班", "第1期技能培训班延期", "Spring meeting held", "第1期技能培训班开班"):
        for number in (1, 2, 3):
            filler.page(article(number, title=title, published_at=f"2025-02-0{len(title) % 7 + 1}"))
    assert problems(filler.close()) == []


def test_an_article_whose_row_is_missing_is_named(tmp_path):
    directory = filled(tmp_path)
    connection = sqlite3.connect(directory.database)
    index.register(connection)
    with connection:
        row = "id, index_text(text), index_title(title, kicker, subtitle), index_tags(site, section, source, authors,"
        row += " correspondents, language, published_at), index_attached(attachments, attached)"
        connection.execute(
            f"INSERT INTO articles_fts (articles_fts, rowid, text, title, tags, attached)"
            f" SELECT 'delete', {row} FROM articles WHERE change = 2"
        )
        uid = connection.execute("SELECT uid FROM articles WHERE change = 2").fetchone()[0]
    connection.close()
    problem = only_problem(directory)
    assert (problem.where, problem.what) == (f"articles_fts: article {uid}", "is not in it")
    assert "`union-archive reindex`" in problem.fix
    assert problems(reindexed(directory)) == []


def test_a_row_of_no_article_is_named(tmp_path):
    directory = filled(tmp_path)
    change(directory, "INSERT INTO articles_fts (rowid, text, title, tags, attached) VALUES (77, '幽灵', '', '', '')")
    problem = only_problem(directory)
    assert (problem.where, problem.what) == ("articles_fts: row 77", "is of no article")


def test_an_article_that_lost_or_won_words_is_named(tmp_path):
    directory = filled(tmp_path)
    behind(directory, "UPDATE articles SET section = '要闻' WHERE change = 3")
    problem = only_problem(directory)
    assert "has another number of words there than its text has" in problem.what
    assert problems(reindexed(directory)) == []


@pytest.mark.parametrize(
    "statement",
    [
        # As many words in all: of another kind, in another order, those of two articles the other way round, at the
        # places that they have in the other article.
        'UPDATE articles SET authors = CASE authors WHEN \'["甲乙", "丙丁"]\' THEN \'["丙丁", "甲乙"]\''
        ' WHEN \'["丙丁", "甲乙"]\' THEN \'["甲乙", "丙丁"]\' ELSE authors END',
        "UPDATE articles SET source = '运河职工报' WHERE change = 3",
        'UPDATE articles SET authors = replace(authors, \'["甲乙", "丙丁"]\', \'["丙丁", "甲乙"]\')',
        'UPDATE articles SET authors = CASE authors WHEN \'["甲乙", "丙丁"]\' THEN \'["戊己", "庚辛"]\''
        ' WHEN \'["戊己", "庚辛"]\' THEN \'["甲乙", "丙丁"]\' ELSE authors END',
    ],
)
def test_words_that_are_as_many_but_others_are_found(tmp_path, statement, monkeypatch):
    filler = Filler(tmp_path)
    filler.page(article(1, authors=("甲乙", "丙丁")))
    filler.page(article(2, authors=("戊己", "庚辛")))
    filler.page(article(3, authors=("丙丁", "甲乙")))
    directory = filler.close()
    assert problems(directory) == []
    before = authors_and_sources(directory)
    behind(directory, statement)
    changed = {uid for uid, said in authors_and_sources(directory).items() if said != before[uid]}
    found = of_index(directory)
    assert {problem.what for problem in found} == {"has other words there than its text has, or at other places"}
    assert {problem.where for problem in found} == {f"articles_fts: article {uid}" for uid in changed}
    # Of very many articles it is not looked for which these are.
    monkeypatch.setattr(verify_index, "_SEARCHED", 2)
    (problem,) = of_index(directory)
    assert (problem.where, problem.what) == ("articles_fts", "holds other words than the articles, or at other places")


def test_words_left_behind_by_a_wrong_delete_are_found(tmp_path):
    directory = filled(tmp_path)
    # What FTS5 does not find it does not take out, and it says nothing of that.
    change(
        directory,
        "INSERT INTO articles_fts (rowid, text, title, tags, attached) VALUES (77, '幽灵', '', '', '')",
        "INSERT INTO articles_fts (articles_fts, rowid, text, title, tags, attached)"
        " VALUES ('delete', 77, '鬼魂', '', '', '')",
    )
    problem = only_problem(directory)
    assert (problem.where, problem.what) == ("articles_fts: row 77", "has words, and is of no article")


def test_words_of_attachments_count(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    directory = filler.close()
    attached = (
        'UPDATE articles SET attachments = \'[{"url": "http://x.example.org/a.pdf", "name": "a", "digest": null}]\','
        ' attached = \'[{"url": "http://x.example.org/a.pdf", "digest": null, "text": "集体合同"}]\''
    )
    behind(directory, attached)
    assert any("another number of words" in problem.what for problem in of_index(directory))


def test_many_broken_rows_are_named_a_few_times_and_counted(tmp_path):
    directory = filled(tmp_path, 20)
    connection = sqlite3.connect(directory.database)
    with connection:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    connection.close()
    found = of_index(directory)
    assert len(found) == 9
    assert found[-1].what == "so it is with 13 more rows"


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        (
            "UPDATE months SET articles = 9 WHERE site = 'yunhe'",
            "months: yunhe, 2025-02",
            "says 9 articles, there are 1",
        ),
        ("DELETE FROM months WHERE site = 'yunhe'", "months: yunhe, 2025-02", "says 0 articles, there are 1"),
        ("INSERT INTO months VALUES ('yunhe', '', 2)", "months: yunhe, no date", "says 2 articles, there are 0"),
        ("UPDATE search_index SET version = '0'", "articles_fts", "was made by other rules than today's"),
    ],
)
def test_months_and_rules_are_checked_too(tmp_path, statement, where, what):
    directory = filled(tmp_path)
    change(directory, statement)
    problem = only_problem(directory)
    assert (problem.where, problem.what, problem.by) == (where, what, "reindex")


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM articles_fts_data WHERE id > 10", "DELETE FROM articles_fts_data", "DROP TABLE articles_fts"],
)
def test_an_index_that_cannot_be_read_is_named_and_the_rest_is_checked(tmp_path, statement):
    directory = filled(tmp_path)
    connection = sqlite3.connect(directory.database)
    with connection:
        connection.execute(statement)
    connection.close()
    found: list[Problem] = []
    assert verify(directory, found.append).records == 13
    assert [problem.by for problem in found] == ["reindex"]


def test_a_crawl_may_write_while_the_index_is_compared(tmp_path, monkeypatch):
    filler = Filler(tmp_path)
    for number in range(1, 8):
        filler.page(article(number))
    monkeypatch.setattr(verify_index, "_CHUNK", 2)
    monkeypatch.setattr(verify_index, "_PAGE", 1)
    found: list[Problem] = []
    heard = []

    def advance(number):
        heard.append(number)
        if len(heard) < 40:
            filler.page(article(20 + len(heard)))
            filler.page(article(3, title=f"第3期技能培训班第{len(heard)}次延期"))

    with closing(filler.directory.read_database()) as db:
        assert verify_index.check(db.conn, found.append, advance) == 7
    assert found == []
    filler.close()
