"""The timeline of a search: shares of what the same sites published, and the months that say nothing."""

from datetime import date
from urllib.parse import quote

import pytest
from searched import asking, page_of, searched, titles

from archive.search.selection import Selection
from archive.web.pages import timeline


@pytest.fixture(scope="module")
def get(tmp_path_factory):
    with asking(searched(tmp_path_factory.mktemp("timeline"))) as get:
        yield get


def test_a_timeline_gives_the_share_of_what_the_same_sites_published(get):
    months = get("/timeline.json?q=競賽|技能&site=yunhe").json()["months"]
    assert months == [
        {"month": "2024-11", "hits": 1, "published": 2, "share": 0.5, "looked": False},
        {"month": "2024-12", "hits": 0, "published": 0, "share": None, "looked": False},
        {"month": "2025-01", "hits": 0, "published": 0, "share": None, "looked": True},
    ]
    answer = get("/timeline.csv?q=競賽|技能&site=yunhe")
    assert answer.text.splitlines() == [
        "month,hits,published,share,looked",
        "2024-11,1,2,0.5,false",
        "2024-12,0,0,,false",
        "2025-01,0,0,,true",
    ]


def test_the_page_of_a_timeline_has_a_chart_and_the_same_figures_as_a_table(get):
    page = page_of(get("/timeline?q=競賽&site=yunhe"))
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("table.months tbody tr")]
    assert rows == [
        ["2025-01", "0", "0", "–", "有"],
        ["2024-12", "没有文章，也没有巡查"],
        ["2024-11", "1", "2", "50.0%", "无"],
    ]
    chart = page.select_one("svg[role=img]")
    assert "2024-11 至 2025-01：命中 1 篇，同站点发文 2 篇。" in chart.get_text()
    assert len(chart.select(".gap")) == 1
    link = page.select_one("table.months th a")["href"]
    assert titles(page_of(get(link))) == ["勞動競賽落幕"]


def test_the_last_month_of_a_year_links_to_its_own_articles():
    assert timeline.month_queries(Selection(query="a"), ["2024-12"]) == ["q=a&after=2024-12-01&before=2025-01-01"]
    narrowed = Selection(after=date(2024, 12, 10), before=date(2024, 12, 20))
    assert timeline.month_queries(narrowed, ["2024-12"]) == [narrowed.query_string()]
    assert timeline.month_queries(Selection(), ["9999-12"]) == ["after=9999-12-01"]


def test_a_timeline_is_counted_once(get, monkeypatch):
    first = get("/timeline.json?q=职工").json()
    monkeypatch.setattr(timeline, "timeline", None)
    assert get("/timeline.json?q=职工").json() == first
    assert get("/timeline.json?q=" + quote(" 职工")).json() == first
