"""Fifty hostile texts in every export and in the feed: no file is broken, each gives back what is stored."""

import asyncio
import csv
import io
import json
import re

import bibtexparser
import pytest
from filled import rows
from hostile import TEXTS, fill, visible
from lxml import etree

from archive.citing import formats
from archive.plain import plain
from archive.web.serve import application

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def exported(directory):
    """Every export as text, by the ending of its address."""
    endings = ("jsonl", "json", "csv", "ris", "bib", "csl.json")

    async def fetch():
        datasette = application(directory)
        found = [await datasette.client.get(f"/export.{ending}") for ending in endings]
        found.append(await datasette.client.get("/search.atom"))
        return found

    answers = asyncio.run(fetch())
    assert [answer.status_code for answer in answers] == [200] * 7
    return {end: answer.content.decode() for end, answer in zip((*endings, "atom"), answers, strict=True)}


@pytest.fixture(scope="module")
def stored(directory):
    return {row["uid"]: row for row in rows(directory, "SELECT * FROM articles WHERE url NOT LIKE '%/2.html'")}


def lines_of(exported) -> list[dict]:
    return [json.loads(line) for line in exported["jsonl"].split("\n") if line]


def test_json_gives_back_what_is_stored(exported, stored):
    lines = lines_of(exported)
    assert json.loads(exported["json"]) == lines
    assert len(lines) == len(TEXTS)
    for line in lines:
        for name in ("title", "kicker", "subtitle", "section", "source", "text", "html", "dateline"):
            if line["uid"] in stored:
                assert line[name] == stored[line["uid"]][name]
        assert line["authors"][1] in TEXTS


def test_csv_gives_back_what_is_stored_and_no_cell_is_a_formula(exported):
    expected = lines_of(exported)
    lines = list(csv.DictReader(io.StringIO(exported["csv"], newline="")))
    assert len(lines) == len(TEXTS)
    for line, article in zip(lines, expected, strict=True):
        assert None not in line
        for name, cell in line.items():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
            if isinstance(article[name], str):
                assert re.sub("^'('*[=+\\-@\t\r\n＝＋－＠])", r"\1", cell) == article[name]


def test_the_feed_is_xml_with_the_titles_that_are_stored(exported):
    root = etree.fromstring(exported["atom"].encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.getroottree().docinfo.doctype == ""
    entries = root.findall(f"{ATOM}entry")
    assert {entry.findtext(f"{ATOM}title") for entry in entries} == {plain(text) for text in TEXTS}
    for entry in entries:
        assert len(entry.findall(f"{ATOM}title")) == 1
        assert all(link.get("href").startswith("http") for link in entry.findall(f"{ATOM}link"))


TEX = {replacement: chr(code) for code, replacement in formats._TEX.items()}
_REPLACED = re.compile("|".join(re.escape(text) for text in sorted(TEX, key=len, reverse=True)))


def test_bibtex_has_one_entry_an_article_with_the_title_that_is_stored(exported, stored):
    library = bibtexparser.parse_string(exported["bib"])
    entries = {entry.key.removeprefix("union-"): entry for entry in library.entries}
    assert len(library.blocks) == len(library.entries) == len(entries) == len(TEXTS)
    for uid, row in stored.items():
        title = _REPLACED.sub(lambda found: TEX[found[0]], entries[uid]["title"])
        assert visible(row["title"]) in visible(title), row["title"]


def test_ris_has_one_record_an_article_with_the_title_that_is_stored(exported, stored):
    lines = [line for line in exported["ris"].split("\r\n") if line]
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", line) for line in lines)
    assert lines.count("TY  - ELEC") == lines.count("ER  - ") == len(TEXTS)
    assert not [line for line in lines if line.startswith("TY") and line != "TY  - ELEC"]
    titles = [line[6:] for line in lines if line.startswith("TI")]
    for row in stored.values():
        assert any(plain(row["title"]).strip() in title for title in titles), row["title"]


def test_csl_has_one_item_an_article(exported, stored):
    items = json.loads(exported["csl.json"])
    assert len(items) == len(TEXTS)
    for item, article in zip(items, lines_of(exported), strict=True):
        assert plain(article["title"]).strip() in item["title"]
        assert item["URL"].startswith("http")


def test_lines_of_citations_hold_nothing_that_steers_or_hides(exported):
    for ending in ("ris", "bib", "csl.json"):
        assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", exported[ending])
