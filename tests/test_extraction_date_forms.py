"""Every form in which pages print a date is read."""

from __future__ import annotations

import pytest

from crawler.extraction.dates import first_date, stamp

DAY = "2024-05-25"
MORNING = "2024-05-25T07:05:00+08:00"
EVENING = "2024-05-25T19:05:00+08:00"


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("2024-05-25", DAY),
        ("2024/5/25", DAY),
        ("2024.05.25", DAY),
        ("2024 - 05 - 25", DAY),
        ("2024年5月25日", DAY),
        ("2024 年 5 月 25 日", DAY),
        ("2024年5月25号", DAY),
        ("２０２４年５月２５日", DAY),
        ("２０２４－０５－２５　０７：０５", MORNING),
        ("2024年5月25日 07:05", MORNING),
        ("2024年5月25日07:05", MORNING),
        ("2024年5月25日7时5分", MORNING),
        ("2024年5月25日 7点05分", MORNING),
        ("2024年5月25日7時05分", MORNING),
        ("2024年5月25日上午7:05", MORNING),
        ("2024年5月25日 早上7点05分", MORNING),
        ("2024年5月25日 下午7:05", EVENING),
        ("2024年5月25日 晚上7时05分", EVENING),
        ("2024年5月25日 下午 19:05", EVENING),
        ("2024年5月25日 中午12:05", "2024-05-25T12:05:00+08:00"),
        ("2024年5月25日 中午11:50", "2024-05-25T11:50:00+08:00"),
        ("2024年5月25日 凌晨12:05", "2024-05-25T00:05:00+08:00"),
        ("2024年5月25日 晚上12:05", DAY),
        ("2024年5月25日 星期六 07:05", MORNING),
        ("2024年5月25日（星期六）07:05", MORNING),
        ("2024-05-25 周六 07:05:00", MORNING),
        ("2024-05-25 7:5:3", "2024-05-25T07:05:03+08:00"),
        ("2024-05-25 07:05:22.0", "2024-05-25T07:05:22+08:00"),
        ("2024-05-25T07:05:22.123456", "2024-05-25T07:05:22+08:00"),
        ("2024-05-25, 07:05", MORNING),
        ("2024-05-25 24:00", DAY),
        ("2024-05-25 00:00:00", DAY),
        ("2024-05-25 07:65", DAY),
        ("2024-05-25 3:0", DAY),
        ("2024-05-25 0:21 min", DAY),
        ("北京时间2024年5月25日07:05", MORNING),
        ("2024年5月25日 北京时间 07:05", MORNING),
    ],
)
def test_chinese_figures(printed, iso):
    assert first_date(printed, "+08:00") == iso


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("二〇二四年五月二十五日", DAY),
        ("二○二四年五月廿五日", DAY),
        ("二零二四年五月二十五日", DAY),
        ("二Ｏ二四年五月二十五日", DAY),
        ("二○一二年十月一日", "2012-10-01"),
        ("二〇二四年十二月三十一日", "2024-12-31"),
        ("二〇二四年元月一日", "2024-01-01"),
        ("一九九八年三月八日", "1998-03-08"),
        ("二〇二四年5月25日", DAY),
        ("二〇二四年五月二十五日 上午7时05分", MORNING),
        ("民國113年5月25日", DAY),
        ("民国113年5月25日", DAY),
        ("中華民國 113 年 5 月 25 日", DAY),
        ("中華民國一百一十三年五月二十五日", DAY),
        ("民國一一三年五月二十五日", DAY),
        ("民國一〇三年五月二十五日", "2014-05-25"),
        ("民國八十八年九月二十一日", "1999-09-21"),
        ("民國113/05/25", DAY),
        ("民國113.05.25 07:05", MORNING),
        ("民國113年5月25日 下午7:05", EVENING),
        ("令和6年5月25日", DAY),
        ("令和６年５月２５日 7時05分", MORNING),
        ("令和元年五月一日", "2019-05-01"),
        ("平成31年4月30日", "2019-04-30"),
    ],
)
def test_numerals_and_eras(printed, iso):
    assert first_date(printed, "+08:00") == iso


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("2024년 5월 25일", DAY),
        ("2024년 5월 25일 오후 7시 5분", "2024-05-25T19:05:00+09:00"),
        ("2024년 5월 25일 (토) 오전 7:05", "2024-05-25T07:05:00+09:00"),
        ("2024. 5. 25. 19:05", "2024-05-25T19:05:00+09:00"),
        ("2024.05.25(토)", DAY),
        ("2024年5月25日（土）19時05分", "2024-05-25T19:05:00+09:00"),
        ("2024年5月25日 土曜日 午後7時5分", "2024-05-25T19:05:00+09:00"),
        ("2024年5月25日 午前0時5分", "2024-05-25T00:05:00+09:00"),
        ("2024-05-25 19:05 KST", "2024-05-25T19:05:00+09:00"),
    ],
)
def test_korean_and_japanese(printed, iso):
    assert first_date(printed, "+09:00") == iso


@pytest.mark.parametrize(
    "printed",
    [
        "25 May 2024",
        "25th May 2024",
        "the 25th of May, 2024",
        "Saturday, 25 May 2024",
        "May 25, 2024",
        "May 25th, 2024",
        "MAY 25 2024",
        "25-May-2024",
        "25 mai 2024",
        "samedi 25 mai 2024",
        "25. Mai 2024",
        "25.Mai 2024",
        "Samstag, 25. Mai 2024",
        "25 de mayo de 2024",
        "25 de mayo del 2024",
        "Mayo 25, 2024",
        "25 de maio de 2024",
        "25 maggio 2024",
        "25 mei 2024",
        "den 25 maj 2024",
        "25. maj 2024",
        "25. mai 2024",
        "25. toukokuuta 2024",
        "25 maja 2024",
        "25. května 2024",
        "25 Mayıs 2024",
        "25 MAYIS 2024",
        "25 мая 2024",
        "25 мая 2024 г.",
        "25 МАЯ 2024",
        "25 травня 2024 року",
        "25 Μαΐου 2024",
        "25 ΜΑΪΟΥ 2024",
        "ngày 25 tháng 5 năm 2024",
        "25 tháng 5, 2024",
        "25 Mei 2024",
        "25.05.2024",
        "25. 5. 2024",
        "25/05/2024",
        "25-05-2024",
        "05/25/2024",
    ],
)
def test_western_days(printed):
    assert first_date(printed, None) == DAY
    assert first_date(f"union news · {printed} · 12 min", None) == DAY


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("1er mai 2024", "2024-05-01"),
        ("1º de mayo de 2024", "2024-05-01"),
        ("1° maggio 2024", "2024-05-01"),
        ("2 févr. 2024", "2024-02-02"),
        ("3. März 2024", "2024-03-03"),
        ("3 sept. 2024", "2024-09-03"),
        ("3 août 2024", "2024-08-03"),
        ("3 de setembro de 2024", "2024-09-03"),
        ("3 października 2024", "2024-10-03"),
        ("3 listopada 2024", "2024-11-03"),
        ("3 září 2024", "2024-09-03"),
        ("3 Ağustos 2024", "2024-08-03"),
        ("3 Aralık 2024", "2024-12-03"),
        ("3 серпня 2024", "2024-08-03"),
        ("3 Αυγούστου 2024", "2024-08-03"),
        ("3 Agustus 2024", "2024-08-03"),
        ("3 heinäkuuta 2024", "2024-07-03"),
    ],
)
def test_months_by_name(printed, iso):
    assert first_date(printed, None) == iso


@pytest.mark.parametrize(
    "printed",
    [
        "May 25, 2024 7:05 p.m.",
        "May 25, 2024 at 7:05pm",
        "25 May 2024, 19:05",
        "25 mai 2024 à 19h05",
        "25 mai 2024 - 19 h 05",
        "25. Mai 2024, 19:05 Uhr",
        "25. Mai 2024 um 19.05 Uhr",
        "25.05.2024 19.05 Uhr",
        "25 de mayo de 2024 a las 19:05",
        "25 de maio de 2024 às 19h05",
        "25 maggio 2024 alle ore 19.05",
        "25 mei 2024 om 19:05 uur",
        "25. maj 2024 kl. 19.05",
        "25.5.2024 klo 19.05",
        "25 maja 2024, godz. 19:05",
        "25. května 2024 v 19:05",
        "25 Mayıs 2024 saat 19:05",
        "25 мая 2024 г. в 19:05",
        "25 травня 2024 о 19:05",
        "25 Mei 2024 pukul 19.05",
        "2024-05-25 kl. 19.05",
    ],
)
def test_western_times(printed):
    assert first_date(printed, "+01:00") == "2024-05-25T19:05:00+01:00"
    assert first_date(printed, None) == DAY


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("Sat, 25 May 2024 07:05:00 GMT", "2024-05-25T15:05:00+08:00"),
        ("Sat, 25 May 2024 07:05:00 +0800", MORNING),
        ("Sat, 25 May 2024 07:05:00 -0500", "2024-05-25T20:05:00+08:00"),
        ("Sat May 25 07:05:00 CST 2024", MORNING),
        ("Sat May 25 07:05:00 2024", MORNING),
        ("2024-05-25T07:05:00Z", "2024-05-25T15:05:00+08:00"),
        ("2024-05-25T07:05:00.123Z", "2024-05-25T15:05:00+08:00"),
        ("2024-05-25T07:05-05:00", "2024-05-25T20:05:00+08:00"),
        ("2024-05-25 07:05:00+08", MORNING),
        ("2024-05-25 07:05 UTC", "2024-05-25T15:05:00+08:00"),
        ("2024-05-25 07:05 (GMT+8)", MORNING),
        ("25/05/2024, 07:05 (GMT+7)", "2024-05-25T08:05:00+08:00"),
        ("May 25, 2024 7:05 AM BST", "2024-05-25T14:05:00+08:00"),
        ("May 25, 2024 7:05 a.m. EDT", "2024-05-25T19:05:00+08:00"),
        ("May 25, 2024 7:05 AM EST", "2024-05-25T20:05:00+08:00"),
        ("25 mai 2024 07:05 CEST", "2024-05-25T13:05:00+08:00"),
        ("2024-05-25 08:05 JST", MORNING),
        ("25 Mei 2024 06:05 WIB", MORNING),
        ("May 25, 2024 07:05 Beijing time", MORNING),
        ("2024-05-25 07:05 CST", MORNING),
        ("May 25, 2024 7:05 a.m. ET", DAY),
        ("25 mai 2024 07:05 est", MORNING),
        ("2024-05-25 07:05-09:30", MORNING),
    ],
)
def test_zones(printed, iso):
    assert first_date(printed, "+08:00") == iso


def test_zone_that_several_places_share_tells_nothing():
    assert first_date("May 25, 2024 7:05 AM CST", None) == DAY
    assert first_date("May 25, 2024 7:05 AM EST", None) == "2024-05-25T07:05:00-05:00"


@pytest.mark.parametrize("value", ["20240525070500", "20240525T070500+0800", "20240525"])
def test_machines_may_write_dates_without_separators(value):
    assert (stamp(value, "+08:00") or "")[:10] == DAY
    assert first_date(value, "+08:00") is None
