"""The benchmark of visits runs, with tiny numbers, and tells what is wrong where something is."""

import os
import random
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from shared import once
from test_benchmarks import rows
from warm_benchmarks import BENCHMARKS, run

from crawler.extraction import extract


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What the shows print: the first one, and the others."""
    options = ["--articles", "8", "--edits", "4", "--removals", "2", "--brief", "--only"]
    shows = {("unchanged",): 1, ("edited", "redesigned"): 0}
    return once(
        tmp_path_factory,
        "visits",
        lambda _: [run("visits.py", *options, *names, status=status) for names, status in shows.items()],
    )


@pytest.fixture
def programs(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_an_unchanged_site_costs_its_listings(printed):
    found = rows(printed[0])
    crawls = ("first crawl", "again, unchanged", "a day later, all due")
    assert [found[f"with validators: {crawl}"][0] for crawl in crawls] == ["13", "5", "13"]
    # Of eight articles, five requests for listings and robots.txt are more than a tenth.
    (fault,) = re.findall("^FAULT: (.*)$", printed[0], re.M)
    assert fault == "with validators, again: requests, % of the first crawl's: 38.46 (target ≤ 10: missed)"
    assert re.search(r"with validators, again: bytes, % of the first crawl's: 0.0\d \(target ≤ 5: met\)", printed[0])
    assert re.search(r"CPU ms per unchanged page \(304\): [\d.-]+ \(target ≤ 3: (met|missed)\)$", printed[0], re.M)


def test_edits_and_removals_are_told_and_nothing_besides(printed):
    found = rows(printed[1])
    assert found["edits, of them revisions"] == ["4, 4"] * 2
    assert found["removals, of them withdrawals"] == ["2, 2"] * 2
    assert found["diffs that show just the edit"] == ["4"] * 2
    assert found["false revisions"] == found["false withdrawals"] == ["0"] * 2


def test_a_redesign_is_told_by_name_and_takes_nothing(printed):
    found = rows(printed[1])
    assert found["new articles read by the generic extractor, failed"] == ["10, 0"] * 2
    assert found["the redesign: fields of articles that changed"] == found["the redesign: revisions"] == ["0"] * 2
    assert "layouts: layout changed on 2026-10-02: 0 of 18 pages matched layouts 1, 2" in printed[1]


@pytest.mark.parametrize("number", [3, 7, 14])
@pytest.mark.parametrize("template", ["news", "table", "post", "plain", "bare"])
def test_every_template_says_what_its_story_says(programs, template, number):
    from visits_archive import said
    from visits_pages import Dress, page
    from visits_stories import story

    one = story(number)
    article = extract(page(one, template, Dress(number)), f"http://127.0.0.1:1{one.path}")
    wanted = said(one, "http://127.0.0.1:1")
    assert article.text == wanted["text"]
    assert article.title == wanted["title"]
    if template != "bare":
        assert [article.source, [*article.authors], [*article.editors]] == [
            wanted["source"], wanted["authors"], wanted["editors"],
        ]  # fmt: skip


def test_every_edit_changes_what_it_names(programs):
    from visits_stories import KINDS, edited, story

    for kind in KINDS:
        before = story(21)
        edit = edited(before, kind, random.Random(1))
        assert edit == edited(before, kind, random.Random(1))
        assert edit.after != before
        assert ("text" in edit.fields) == (edit.after.text != before.text), kind
        assert edit.after.text.count(edit.added) or "text" not in edit.fields


def test_a_diff_that_shows_more_than_the_edit_is_a_fault(programs):
    from visits_archive import more_than_the_edit
    from visits_stories import edited, story

    edit = edited(story(5), "sign", random.Random(1))
    old, new = ({"text": one.text, "title": one.title} for one in (story(5), edit.after))
    assert more_than_the_edit(edit, old, new) is None
    assert "['title', 'text'] differ" in more_than_the_edit(edit, old, new | {"title": "夜校"})
    assert "shows" in more_than_the_edit(edit, old, new | {"text": new["text"].replace("随后", "不久")})
    assert "[] differ" in more_than_the_edit(edit, old, old)


def test_what_is_held_is_compared_with_what_is_shown(programs):
    from visits_archive import differing, misread
    from visits_stories import story

    class Archive:
        sites = {"gh": type("Site", (), {"stories": {1: story(1), 2: story(2)}, "removed": {}, "server": None})}  # noqa: RUF012

        def articles(self, name):
            return {}

    Archive.sites["gh"].server = type("Server", (), {"url": "http://gh.example"})
    assert misread(Archive(), "gh") == ["gh: /news/1.html is not held", "gh: /news/2.html is not held"]
    row = {"text": "夜班食堂", "source": None, "fetched_at": "1"}
    assert differing({"/1": row}, {"/1": row | {"fetched_at": "2"}, "/2": row}) == []
    assert differing({"/1": row}, {"/1": row | {"text": "夜班"}}) == ["/1: text was '夜班食堂', is '夜班'"]
    assert differing({"/1": row}, {}) == ["/1 is not held any more"]


def test_the_other_extractor_is_another_one(programs, tmp_path):
    from visits_archive import other_extractor
    from visits_stories import story

    code = "import sys, crawler.extraction as e; print(e.extract(sys.stdin.buffer.read(), sys.argv[1]).text)"
    page = story(3)
    markup = f"<h1>{page.title}</h1>" + "".join(f"<p>{one}</p>" for one in page.paragraphs)
    done = subprocess.run(
        [sys.executable, "-c", code, "http://gh.example/3.html"],
        input=markup.encode(), capture_output=True, cwd=other_extractor(tmp_path), check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    shown = replace(page, paragraphs=tuple(one.replace("整理成文", "") for one in page.paragraphs))
    assert done.stdout.decode().strip() == shown.text
