"""Dates that count from the fetch are read in every language, and words of prose are not."""

from __future__ import annotations

import pytest
from extraction_pages import FETCHED

from crawler.extraction.ago import relative_date


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("3小时前", "2024-06-01T09:00:00+08:00"),
        ("3 小時之前", "2024-06-01T09:00:00+08:00"),
        ("发布于3小时前", "2024-06-01T09:00:00+08:00"),
        ("半小时前", "2024-06-01T11:30:00+08:00"),
        ("5分钟前", "2024-06-01T11:55:00+08:00"),
        ("30秒前", "2024-06-01T11:59:00+08:00"),
        ("2天前", "2024-05-30"),
        ("刚刚", "2024-06-01"),
        ("昨天 21:05", "2024-05-31T21:05:00+08:00"),
        ("昨天21:05", "2024-05-31T21:05:00+08:00"),
        ("发布于昨天 21:05", "2024-05-31T21:05:00+08:00"),
        ("今天 07:05", "2024-06-01T07:05:00+08:00"),
        ("昨天", "2024-05-31"),
        ("3時間前", "2024-06-01T09:00:00+08:00"),
        ("3시간 전", "2024-06-01T09:00:00+08:00"),
        ("어제 21:05", "2024-05-31T21:05:00+08:00"),
        ("2 hours ago", "2024-06-01T10:00:00+08:00"),
        ("an hour ago", "2024-06-01T11:00:00+08:00"),
        ("2h ago", "2024-06-01T10:00:00+08:00"),
        ("yesterday", "2024-05-31"),
        ("Yesterday at 9:05 pm", "2024-05-31T21:05:00+08:00"),
        ("il y a 2 heures", "2024-06-01T10:00:00+08:00"),
        ("il y a 2 h", "2024-06-01T10:00:00+08:00"),
        ("il y a 2 jours", "2024-05-30"),
        ("hier à 21h05", "2024-05-31T21:05:00+08:00"),
        ("vor 3 Stunden", "2024-06-01T09:00:00+08:00"),
        ("vor einer Stunde", "2024-06-01T11:00:00+08:00"),
        ("vor 2 Tagen", "2024-05-30"),
        ("hace 2 horas", "2024-06-01T10:00:00+08:00"),
        ("há 2 horas", "2024-06-01T10:00:00+08:00"),
        ("2 ore fa", "2024-06-01T10:00:00+08:00"),
        ("un'ora fa", "2024-06-01T11:00:00+08:00"),
        ("2 uur geleden", "2024-06-01T10:00:00+08:00"),
        ("för 2 timmar sedan", "2024-06-01T10:00:00+08:00"),
        ("for 2 timer siden", "2024-06-01T10:00:00+08:00"),
        ("2 tuntia sitten", "2024-06-01T10:00:00+08:00"),
        ("2 godziny temu", "2024-06-01T10:00:00+08:00"),
        ("před 2 hodinami", "2024-06-01T10:00:00+08:00"),
        ("2 saat önce", "2024-06-01T10:00:00+08:00"),
        ("2 часа назад", "2024-06-01T10:00:00+08:00"),
        ("2 години тому", "2024-06-01T10:00:00+08:00"),
        ("πριν από 2 ώρες", "2024-06-01T10:00:00+08:00"),
        ("2 giờ trước", "2024-06-01T10:00:00+08:00"),
        ("2 jam yang lalu", "2024-06-01T10:00:00+08:00"),
    ],
)
def test_times_that_count_from_the_fetch(printed, iso):
    assert relative_date(printed, FETCHED, "+08:00") == iso
    assert relative_date(printed, FETCHED, None) == (iso[:10] if "T21" not in iso else "2024-05-31")
    assert relative_date(printed, None, "+08:00") is None


@pytest.mark.parametrize(
    "printed",
    [
        "刚刚下班的女工",
        "昨天，区总工会召开会议",
        "昨天的会议",
        "3小时前，热线开通",
        "5月3日前报名",
        "今天是星期六",
        "两周前",
        "3个月前",
        "2 weeks ago",
        "hier",
        "heute",
        "three hours",
        "for 2 timer",
        "12 hours",
        "vor Ort",
        "plan hours ago",
    ],
)
def test_what_does_not_count_from_the_fetch(printed):
    assert relative_date(printed, FETCHED, "+08:00") is None
