"""The benchmarks run, with tiny numbers, and print the rows that their README explains."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.extraction import extract

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def run(program, *arguments):
    """The standard output of a benchmark that ended well."""
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
def crawl():
    return run("crawl.py", "--pages", "40", "--rounds", "1")


@pytest.mark.parametrize("contender", ["bare", "pipeline", "naive"])
def test_crawl_prints_the_figures_of_each_contender(crawl, contender):
    figures = re.findall(rf"^{contender} +(1|median) +([\d.]+) +([\d.]+) +(\d+)$", crawl, re.M)
    assert [name for name, *_ in figures] == ["1", "median"]
    assert all(float(value) > 0 for _, *values in figures for value in values)


@pytest.mark.parametrize("ratio", ["pipeline / bare, pages/s", "pipeline / bare, CPU", "pipeline / naive, pages/s"])
def test_crawl_prints_each_ratio_beside_its_target(crawl, ratio):
    assert re.search(rf"^{ratio}: [\d.]+ \(target [≥≤] [\d.]+: (met|missed)\)$", crawl, re.M)


def test_crawl_compares_what_pipeline_and_naive_stored(crawl):
    assert "pipeline and naive stored the same 40 articles with the same titles" in crawl


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
    printed = run("memory.py", "--pages", "10", "20")
    assert {"10", "20"} <= rows(printed).keys()
    assert re.search(r"large against small: [+-][\d.]+ % \(target ≤ 20 %: met\)", printed)


def test_side_by_side_prints_the_ratio_and_keeps_the_delay():
    printed = run("side_by_side.py", "--sites", "3", "--articles", "3", "--delay", "0.1", "--alone", "1")
    found = rows(printed)
    assert float(found["1"][1]) > 0.05
    assert float(found["3"][1]) > 0.05
    assert re.search(r"together / slowest alone: [\d.]+ \(target ≤ 1.3: (met|missed)\)", printed)


def test_kills_loses_nothing():
    printed = run("kills.py", "--articles", "60", "--kills", "2", "--sites", "2", "--seed", "4")
    found = rows(printed)
    assert found["kills (SIGKILL to the process group)"] == ["2"]
    assert found["articles in the database"] == ["60 of 60"]
    assert found["articles stored twice"] == ["0"]
    assert found["union-archive verify"] == ["clean"]
    assert found["WARC files, of them left .open"][0].endswith(", 0")
    for reader in ("warcio", "FastWARC"):
        opened, captures = found[f"captures that open in {reader}"][0].split(" of ")
        assert opened == captures


def test_the_pages_weigh_what_a_news_page_weighs_and_read_as_articles(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import news_pages

    page = news_pages.article(7)
    assert 45_000 < len(page) < 70_000
    article = extract(page, "http://127.0.0.1:1/news/7.html")
    assert article.title == news_pages.title(7)
    assert article.text.count("\n\n") == news_pages.PARAGRAPHS - 1
