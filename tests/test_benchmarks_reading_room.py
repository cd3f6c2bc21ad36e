"""The benchmarks of the reading room run, with tiny numbers, and tell what is wrong where something is."""

import json
import re
import sqlite3
from contextlib import closing

import pytest
from shared import once
from test_benchmarks import rows
from warm_benchmarks import BENCHMARKS, run

from archive.database import open_database, read_database
from archive.search import index

ARTICLES = 100


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Where the archive is, and what is printed of it."""
    options = ("--articles", str(ARTICLES), "--requests", "2", "--queries", "2", "--kills", "1")

    def make(path):
        return path, run("reading_room.py", *options, "--directory", str(path))

    return once(tmp_path_factory, "reading-room", make)


@pytest.fixture(scope="module")
def printed(made):
    return made[1]


@pytest.fixture
def programs(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture(scope="module")
def directory(made):
    return made[0] / f"articles-{ARTICLES}-1"


def test_reading_room_prints_what_the_archive_weighs(printed):
    assert f"\narticles: {ARTICLES}\n" in f"\n{printed}"
    assert re.search(r"^search index / titles and texts: [1-9]\.\d\d \(target ≤ 1.8: (met|missed)\)$", printed, re.M)


@pytest.mark.parametrize(
    "name",
    [
        "/search without facets",
        "/search without facets, 1 character",
        "facets of /search, alone",
        "/timeline, first",
        "/timeline, again",
        "/",
        "/article/UID",
        "/sites/ID",
        "/archive/articles",
    ],
)
def test_reading_room_prints_latencies_beside_their_targets(printed, name):
    requests, p50, p95, most, target, verdict = rows(printed)[name]
    assert int(requests) in (1, 2)
    assert 0 <= int(p50) <= int(p95) <= int(most)
    assert (verdict == "met") == (int(p95) <= int(target)) or p95 == target


def test_reading_room_exports_everything(printed):
    assert f"articles in one /export.jsonl: {ARTICLES} of {ARTICLES}," in printed
    assert re.search(r"^peak above idle, MB: -?[\d.]+ \(target ≤ 50: (met|missed)\)$", printed, re.M)


def test_a_killed_export_is_continued_without_a_gap(printed):
    assert "articles missed: 0\narticles had twice: 0\nlines that say something else than the database: 0\n" in printed


def test_reading_room_finds_what_like_finds(printed):
    assert "lowest recall of a query: 1.00 (target ≥ 1: met)" in printed
    assert "lowest precision of a query: 1.00 (target ≥ 0.99: met)" in printed
    assert all(int(rows(printed)[f"{length}, traditional"][1]) for length in ("1 character", "2 characters"))
    same, pairs = re.search(r"same articles: (\d+) of (\d+)$", printed, re.M).groups()
    assert int(same) == int(pairs) > 0


def test_recall_tells_what_the_index_lacks(programs, directory, tmp_path):
    from recall import recall

    copy = tmp_path / "archive.db"
    with closing(sqlite3.connect(directory / "archive.db")) as whole, closing(sqlite3.connect(copy)) as other:
        whole.backup(other)
    with closing(open_database(copy)) as db:
        remove = index.TRIGGERS["articles_fts_delete"].split("BEGIN ")[1].removesuffix(" END").replace("old.", "")
        values = remove.split("VALUES (")[1].removesuffix(");")
        db.execute(f"{remove.split(' VALUES')[0]} SELECT {values} FROM articles WHERE id % 3 = 0")
    _, ratios = recall(tmp_path, 2, 1)
    assert re.fullmatch(r"0\.\d\d \(target ≥ 1: missed\)", dict(ratios)["lowest recall of a query"])


def test_kills_tells_what_an_export_missed_or_had_twice(programs, directory, tmp_path):
    from exporting import _compared

    with closing(read_database(directory / "archive.db")) as db:
        held = [dict(row) for row in db.execute("SELECT uid, change, title FROM articles ORDER BY change")]
    lines = [*held[:-3], held[0], held[-1] | {"title": "甲"}]
    (tmp_path / "out.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    told = dict(_compared(directory, tmp_path / "out.jsonl", 1))
    assert told["articles missed"] == "2"
    assert told["articles had twice"] == told["lines that say something else than the database"] == "1"


def test_a_line_that_was_not_written_whole_is_cut(programs, tmp_path):
    from export_client import last_change

    out = tmp_path / "out.jsonl"
    lines = [json.dumps({"text": "文" * 40_000, "change": number}, ensure_ascii=False) for number in (7, 9)]
    whole = "".join(f"{line}\n" for line in lines)
    for text, change, left in ((whole + '{"text": "文', 9, whole), (whole, 9, whole), ('{"te', 0, ""), ("", 0, "")):
        out.write_text(text, encoding="utf-8")
        assert last_change(out) == change
        assert out.read_text(encoding="utf-8") == left


def test_a_synthetic_archive_is_what_its_seed_says(programs):
    import synthetic_rows
    from synthetic_text import Texts

    def made(seed):
        part = synthetic_rows.plan(300, seed).slice(100, 130)
        return synthetic_rows.batch(part, Texts(1_000, seed), seed).tables

    first = made(1)
    assert first == made(1)
    assert [row[1] for row in first["articles"]] != [row[1] for row in made(2)["articles"]]


def test_a_synthetic_archive_weighs_what_a_real_one_does(directory):
    with closing(read_database(directory / "archive.db")) as db:
        assert db.execute("SELECT min(length(text)) FROM articles").fetchone()[0] >= 1_500
        union = db.execute("SELECT count(*) FROM articles WHERE text LIKE '%工会%' OR text LIKE '%工會%'").fetchone()[0]
        ids = [row[0] for row in db.execute("SELECT change FROM articles ORDER BY id")]
        languages = {row[0] for row in db.execute("SELECT DISTINCT language FROM articles")}
    assert 0.55 * ARTICLES < union < 0.85 * ARTICLES
    assert sorted(ids) == list(range(1, ARTICLES + 1)) != ids
    assert languages == {"zh-Hans", "zh-Hant", "en"}


def test_the_index_of_a_synthetic_archive_is_the_one_that_the_archive_makes(programs, directory, monkeypatch, tmp_path):
    import synthetic_index

    monkeypatch.setattr(synthetic_index, "ALONE", 0)
    monkeypatch.setattr(synthetic_index, "BATCH", 64)
    copy = tmp_path / "archive.db"
    with closing(sqlite3.connect(directory / "archive.db")) as whole, closing(sqlite3.connect(copy)) as other:
        whole.backup(other)
    words = f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {index.INDEX}, instance)"
    found = []
    with closing(open_database(copy)) as db:
        db.execute(words)
        for make in (lambda: index.fill(db.conn), lambda: synthetic_index.reindex(db.conn, 2, print)):
            make()
            held = db.execute("SELECT term, doc, col, offset FROM words ORDER BY 1, 2, 3, 4").fetchall()
            months = db.execute("SELECT * FROM months ORDER BY site, month").fetchall()
            found.append([[tuple(row) for row in rows] for rows in (held, months)])
        assert synthetic_index.is_current(db.conn)
    assert found[0] == found[1]
    assert len(found[0][0]) > 500 * ARTICLES
