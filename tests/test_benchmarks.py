"""The benchmarks run, with tiny numbers, and print the rows that their README explains."""

import gzip
import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from extraction_pages import TEXT, TITLE, URL, markup
from shared import once
from warm_benchmarks import BENCHMARKS, run

from archive.article import Article
from crawler.extraction import extract


def run_alone(program, *arguments):
    """The standard output of a benchmark that ended well, started as a person starts it."""
    done = subprocess.run(
        [sys.executable, BENCHMARKS / program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(printed):
    """The cells of a printed table by the first one of each line."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines()]
    return {cells[0]: cells[1:] for cells in lines if len(cells) > 1}


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    return once(tmp_path_factory, "crawl", lambda _: run("crawl.py", "--pages", "6", "--rounds", "1"))


@pytest.mark.parametrize("contender", ["bare", "pipeline", "naive"])
def test_crawl_prints_the_figures_of_each_contender(crawl, contender):
    figures = re.findall(rf"^{contender} +(1|median) +([\d.]+) +([\d.]+) +(\d+)$", crawl, re.M)
    assert [name for name, *_ in figures] == ["1", "median"]
    assert all(float(value) > 0 for _, *values in figures for value in values)


@pytest.mark.parametrize("ratio", ["pipeline / bare, pages/s", "pipeline / bare, CPU", "pipeline / naive, pages/s"])
def test_crawl_prints_each_ratio_beside_its_target(crawl, ratio):
    assert re.search(rf"^{ratio}: [\d.]+ \(target [≥≤] [\d.]+: (met|missed)\)$", crawl, re.M)


def test_crawl_compares_what_pipeline_and_naive_stored(crawl):
    assert "pipeline and naive stored the same 6 articles with the same titles" in crawl


def test_crawl_ends_when_a_contender_misses_pages(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import crawl as program
    from measuring import Measured

    done = Measured(0.0, 1.0, 1.0, 1, 0, "said something")
    program.check_complete("bare", done, ["/list/", "/news/1.html", "/news/2.html"], 2)
    for paths in (["/news/1.html"], ["/news/1.html", "/news/2.html", "/news/2.html"]):
        with pytest.raises(SystemExit, match=r"bare: exit 0, \d requests for \d of 2 articles"):
            program.check_complete("bare", done, paths, 2)


def test_memory_prints_both_peaks_and_their_difference():
    printed = run("memory.py", "--pages", "5", "10")
    assert {"5", "10"} <= rows(printed).keys()
    assert re.search(r"large against small: [+-][\d.]+ % \(target ≤ 20 %: met\)", printed)


def test_side_by_side_prints_the_ratio_and_keeps_the_delay():
    printed = run("side_by_side.py", "--sites", "3", "--articles", "3", "--delay", "0.1", "--alone", "1")
    found = rows(printed)
    assert float(found["1"][1]) >= 0.05
    assert float(found["3"][1]) >= 0.05
    assert re.search(r"together / slowest alone: [\d.]+ \(target ≤ 1.3: (met|missed)\)", printed)


def test_kills_loses_nothing():
    printed = run_alone("kills.py", "--articles", "40", "--kills", "2", "--sites", "2", "--seed", "4")
    found = rows(printed)
    assert found["kills (SIGKILL to the process group)"] == ["2"]
    assert found["articles in the database"] == ["40 of 40"]
    assert found["articles stored twice"] == ["0"]
    assert found["union-archive verify"] == ["clean"]
    assert found["WARC files, of them left .open"][0].endswith(", 0")
    for reader in ("warcio", "FastWARC"):
        opened, captures = found[f"captures that open in {reader}"][0].split(" of ")
        assert opened == captures


def test_watch_for_days_loses_nothing():
    printed = run("watch.py", "--sites", "1", "--days", "0", "--hours", "12", "--kills", "1")
    found = rows(printed)
    assert found["kills (SIGKILL to the process group), of them in a crawl"][0].startswith("1, ")
    published, held = found["articles published, held"][0].split(", ")
    assert published == held
    assert int(held) > 15  # with which the site begins
    for right in (
        "articles lost, stored twice",
        "WARC files, of them left .open",
        "runs finished, interrupted, failed",
    ):
        assert found[right][0].endswith(", 0")
    assert found["locks held at the end"] == found["texts that are not what the site showed last"] == ["0"]
    assert found["union-archive verify"] == ["clean"]


def test_the_pages_weigh_what_a_news_page_weighs_and_read_as_articles(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import news_pages

    page = news_pages.article(7)
    assert 45_000 < len(page) < 70_000
    article = extract(page, "http://127.0.0.1:1/news/7.html")
    assert article.title == news_pages.title(7)
    assert article.text.count("\n\n") == news_pages.PARAGRAPHS - 1


def test_extraction_scores_a_corpus(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html/1.html.gz").write_bytes(gzip.compress(markup(info="来源：云湖日报 2024-05-25").encode()))
    expected = {"body": TEXT, "title": TITLE, "date": "2024-05-25", "source": "云湖日报", "author": None}
    page = {"file": "html/1.html", "url": URL, "kind": "article", "language": "zh-Hans", "expected": expected}
    others = [page | {"kind": "list"}, page | {"language": "ja"}, page | {"expected": {}}]
    (tmp_path / "manifest.json").write_text(json.dumps([page, *others]), encoding="utf-8")
    printed = run("extraction.py", str(tmp_path), "--rounds", "2", "--contenders", "ours")
    assert "known answer: body 1, title 1, day 1, source 1, authors 0, editors 0" in printed
    assert rows(printed)["ours"][:-3] == ["1", "1.000", "1.000", "1.000", "1.000", "1.000", "0", "1.000", "-", "-"]
    assert re.search(r"^slowest page, seconds: [\d.]+ \(target ≤ 2: met\)$", printed, re.M)


def test_scores_are_those_of_the_readme(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from extractors import Found
    from scoring import Score, day, names, overlap

    assert overlap("ＡＢ，cd 五六", "abcd五六七八") == pytest.approx((1.0, 0.6, 0.75))
    assert (overlap("", "abcd"), overlap("ab", "ab"), overlap("abcd", "efgh")) == ((0,) * 3, (1,) * 3, (0,) * 3)
    assert day("2024年5月7日 10:00") == day("2024-05-07T10:00:00+08:00") == (2024, 5, 7)
    assert names("王五、赵六 王五") == names(["王五", "赵六", ""]) == {"王五", "赵六"}
    score = Score()
    score.add(Found(date="2024-05-07", authors="王五 赵六"), {"date": None, "author": ["王五"], "title": "甲"})
    assert (score.days, score.wrong_days, score.titles, score.authors.f1) == ([False], 1, [False], 2 / 3)


def test_mutations_come_to_articles_or_refusals():
    printed = run("mutations.py", "--pages", "19", "--jobs", "2")
    found = rows(printed)
    pages, articles, refused, faults = map(int, found["all"][:4])
    assert (pages, articles + refused, faults) == (19, 19, 0)
    assert found["flip"][0] == found["splice"][0] == found["data"][0] == "1"
    assert re.search(r"^slowest: \d+ ms \(--only \d+\)", printed, re.M)


def test_mutations_are_the_same_for_the_same_seed(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import mutations
    from corpora import saved_pages

    pages = saved_pages()
    assert len(pages) >= 25
    assert mutations.case(3, 1, pages) == mutations.case(3, 1, pages) != mutations.case(3, 2, pages)


def test_mutations_report_what_hangs_and_what_dies():
    work = "lambda number: [time.sleep, os._exit, abs][number % 3](9)"
    code = f"import os, time, supervised; print(sorted(supervised.supervised({work}, 6, 2, 0.3)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=BENCHMARKS)
    told = ["hung for 0.3 s", "its process died (exit 9)", 9] * 2
    assert done.stdout.strip() == str(list(enumerate(told))), done.stderr


def test_invariants_tell_what_is_wrong_with_an_article(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from invariants import faults

    good = Article(URL, TITLE, TEXT, f"<p>{TEXT}</p>", published_at="2024-05", published_from="meta")
    assert faults(good) == []
    for wrong in (
        {"title": "甲\n乙"},
        {"title": " "},
        {"title": "甲\ud83d"},
        {"text": "甲"},
        {"text": f"{TEXT}\ufffd"},
        {"source": "云湖\x1f日报"},
        {"section": ""},
        {"html": "<p onclick=x>甲</p>"},
        {"html": "<a href=javascript:x>甲</a>"},
        {"html": "<script>x</script>"},
        {"published_at": "2024-05-25T1０:00:00+08:00"},
        {"published_at": "2024-02-30"},
        {"published_from": None},
        {"authors": ("王五", "王五")},
    ):
        assert len(faults(replace(good, **wrong))) == 1, wrong
