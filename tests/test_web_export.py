"""Exports over the web: the lines of the command, by every filter and format, packed and refused."""

import asyncio
import json
import re

import bibtexparser
import pytest
from exported import PLAIN, command, fill, get
from filled import reading

from archive import export as exporting
from archive.export import last_change
from archive.web.pages.export import FORMATS
from archive.web.serve import application
from archive.web.streaming import takes_gzip


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("export")).close()


@pytest.mark.parametrize("format_", ["jsonl", "json", "csv"])
def test_the_lines_are_those_of_the_command(directory, format_):
    whole, narrowed = get(
        directory, f"/export.{format_}", f"/export.{format_}?q=培训班&site=chengnan&since=4&revisions=1"
    )
    assert whole.content == command(directory, "--format", format_)
    options = ["--query", "培训班", "--site", "chengnan", "--since", "4", "--revisions"]
    assert narrowed.content == command(directory, "--format", format_, *options)
    assert len(whole.content) > 1_000
    assert "第2期技能培训班开班" in narrowed.text  # what its revision said


def test_an_answer_says_what_it_is_and_how_far_it_runs(directory):
    with reading(directory) as db:
        last = last_change(db)
    for ending, (_, content_type) in FORMATS.items():
        answer = get(directory, f"/export.{ending}")
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-disposition"] == f'attachment; filename="articles-{last}.{ending}"'
        assert answer.headers["archive-until"] == str(last)
        assert "content-encoding" not in answer.headers


def test_a_selection_is_exported_by_the_filters_of_the_search(directory):
    paths = ("q=延期", "language=en", "after=2025-02-14", "year=unknown", "q=延期&language=en", "since=16")
    answers = get(directory, *(f"/export.jsonl?{path}" for path in paths))
    assert [[json.loads(line)["title"][:6] for line in answer.text.splitlines()] for answer in answers] == [
        ["第2期技能培"],
        ["=1+1"],
        ["第14期技能", "第15期技能"],
        ["=1+1"],
        [],
        ["第2期技能培"],
    ]


def test_citations_hold_every_article_and_lead_back_to_the_archive(directory):
    bib, ris, csl = get(directory, "/export.bib", "/export.ris", "/export.csl.json")
    read = bibtexparser.parse_string(bib.text)
    assert len(read.entries) == 16
    assert len(re.findall(r"^ER  - ", ris.text, re.MULTILINE)) == 16
    assert len(csl.json()) == 16
    with reading(directory) as db:
        uid = db.execute("SELECT uid FROM articles WHERE title = '=1+1'").fetchone()[0]
    for answer in (bib, ris, csl):
        assert f"http://localhost/article/{uid}" in answer.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=18", "since 18: the archive's last change is 17; it was rebuilt or is another"),
        ("since=-1", "since: '-1' is no number"),
        ("since=1e3", "give digits only"),
        ("since=" + "9" * 30, "give digits only"),
        ("revisions=yes", "give 1 for what articles said before"),
        ("site=nowhere", "not in this archive"),
        ("after=soon", "is no date"),
        ("q=colour:red", "is no field"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(directory, query, said):
    line, object_ = get(directory, f"/export.csv?{query}", f"/export.json?{query}")
    assert (line.status_code, object_.status_code) == (400, 400)
    assert said in line.text
    assert line.text.count("\n") == 1
    assert said in object_.json()["error"]
    assert "archive-until" not in line.headers


def test_other_endings_are_no_exports(directory):
    assert [answer.status_code for answer in get(directory, "/export.xml", "/export", "/export.cslxjson")] == [404] * 3


def test_the_head_of_an_export_costs_no_export(directory, monkeypatch):
    monkeypatch.setattr(exporting, "export", None)

    async def head():
        return await application(directory).client.head("/export.jsonl", headers=PLAIN)

    answer = asyncio.run(head())
    assert (answer.status_code, answer.headers["archive-until"], answer.content) == (200, "17", b"")


def test_gzip_is_what_the_client_asks_for(directory):
    plain = get(directory, "/export.jsonl")
    packed = get(directory, "/export.jsonl", **{"accept-encoding": "br, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert packed.content == plain.content


@pytest.mark.parametrize(
    ("header", "asks"),
    [
        ("gzip", True),
        ("deflate, GZIP", True),
        ("gzip;q=0.001", True),
        ("gzip; q=0", False),
        ("gzip;q=0.0", False),
        ("identity", False),
        ("br", False),
        ("*", False),
        ("", False),
    ],
)
def test_gzip_needs_to_be_named(header, asks):
    assert takes_gzip(header) is asks


def test_a_name_that_is_no_unicode_does_not_break_an_export(tmp_path):
    filler = fill(tmp_path)
    filler.db.execute("UPDATE articles SET authors = '[\"\\ud800李\"]' WHERE title LIKE '第9期%'")
    lines = get(filler.close(), "/export.jsonl").text.splitlines()
    assert ["\ud800李"] in [json.loads(line)["authors"] for line in lines]
