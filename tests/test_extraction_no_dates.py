"""What is ambiguous, incomplete, impossible or only looks like a date is none."""

from __future__ import annotations

import pytest
from extraction_pages import FETCHED

from crawler.extraction.ago import relative_date
from crawler.extraction.dates import day_first, find_dates, first_date, month_date
from crawler.extraction.outline import SEAM

DAY = "2024-05-25"


def test_figures_that_fit_both_orders_are_read_by_the_language_of_the_page_alone():
    assert first_date("05/06/2024", None) is None
    assert first_date("05/06/2024", None, day_first=True) == "2024-06-05"
    assert first_date("05/13/2024", None, day_first=True) is None
    assert [day_first(tag) for tag in ("fr", "pt-BR", "es", "en-GB", "en_AU", "vi")] == [True] * 6
    assert [day_first(tag) for tag in ("en", "en-US", "es-US", "zh-Hant", "ja", "", None)] == [False] * 7


@pytest.mark.parametrize(
    ("value", "month"),
    [
        ("2024年5月", "2024-05"),
        (" ２０２４年５月 ", "2024-05"),
        ("2024-05", "2024-05"),
        ("2024年5月刊", None),
        ("2024年", None),
        ("2024年13月", None),
        ("1949年10月", None),
        ("2024年7月", None),
    ],
)
def test_month_is_the_whole_value(value, month):
    assert month_date(value, FETCHED) == month


NO_DATES = [
    "5月24日",
    "05-24 07:05",
    "2024-13-01",
    "1024-05-04",
    "3.5.4",
    "010-84151598",
    "2024",
    "2024年5月",
    "2024年5-6月",
    "2024-5-6月",
    "2024年1-3季度",
    "一一三年五月二十五日",
    "113年5月25日",
    "113/05/25",
    "五月二十五日",
    "二〇二四年五月",
    "二〇二四年十三月二十五日",
    "正月初五",
    "2024年2月30日",
    "2023-02-29",
    "2024-00-10",
    "2024-5-32",
    "31.04.2024",
    "31 June 2024",
    "1989-06-01",
    "1949年10月1日",
    "民國38年10月1日",
    "2101-01-01",
    "version 2024.5.25",
    "v2024.5.25",
    "版本：2024.05.25",
    "2024.5.25.1",
    "1.2024.5.25",
    "2024-05-25-001",
    "/2024/05/25/417",
    "2024.5.25-5.27",
    "192.168.20.24",
    "021-2024-0525",
    "0532-20240525",
    "+49 25 05 2024",
    "1 800 555 2024",
    "¥2,024.05",
    "2024.05元",
    "20240525",
    "120240525070500",
    "32024-05-25",
    "2024-05-251",
    "3-0",
    "110:98",
    "2:1 (1:0) 2024",
    "2023-24",
    "2023/2024",
    "第2024-5期",
    "12 members 2024",
    "25 workers 2024",
    "25 mai",
    "May 2024",
    "Mai 24",
    "out 25 2024",
    "5/6/2024",
    "50/50/2024",
    "07:05",
    "昨天",
    "二十五",
    "",
]


@pytest.mark.parametrize("printed", NO_DATES)
def test_what_only_looks_like_a_date(printed):
    assert list(find_dates(printed, "+08:00")) == []


def test_dates_of_a_line_in_order_with_their_places():
    line = "2024年5月25日发布，25 May 2024，民國113年5月26日"
    assert list(find_dates(line, None)) == [(0, DAY), (13, DAY), (25, "2024-05-26")]


def test_date_is_never_later_than_a_day_after_the_fetch():
    assert first_date("2024-06-02", None, FETCHED) == "2024-06-02"
    assert first_date("2024-06-03", None, FETCHED) is None
    assert first_date("2024-06-02 12:30", "+08:00", FETCHED) is None
    assert first_date("民國113年6月3日", None, FETCHED) is None


@pytest.mark.parametrize("before", ["25 May 2024", "2024-05-25", "民國113年5月25日", "2024年5月25日 下午"])
@pytest.mark.parametrize("blanks", [" ", SEAM, " um", " 2024", "(", " 1"])
def test_long_lines_take_no_time(before, blanks):
    assert first_date(before + blanks * 4000, "+08:00") == DAY
    assert relative_date("vor 2" + blanks * 4000, FETCHED, "+08:00") is None
