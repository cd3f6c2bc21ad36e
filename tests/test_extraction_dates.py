"""Dates: never guessed, in the order meta, label, URL, listing, body; and said where they are from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from extraction_pages import BODY, FETCHED, markup, read

from crawler.extraction.ago import relative_date
from crawler.extraction.dates import first_date, url_date
from crawler.families.base import Entry

DAY_FIRST = ("2024-04-05", "label")
PLAIN = "http://www.lantian.example/show.asp?id=9"


def dated(**kwargs):
    kwargs.setdefault("url", PLAIN)
    html = {key: kwargs.pop(key) for key in ("info", "head", "body", "after") if key in kwargs}
    article = read(markup(html.pop("body", BODY), **html), **kwargs)
    return article.published_at, article.published_from


def test_time_without_a_zone_is_only_a_day():
    assert first_date("2024-05-04 07:28", None) == "2024-05-04"


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("3小时前", "2024-06-01T09:00:00+08:00"),
        ("25分钟前", "2024-06-01T11:35:00+08:00"),
        ("昨天 18:30", "2024-05-31T18:30:00+08:00"),
        ("前天", "2024-05-30"),
        ("2 days ago", "2024-05-30"),
    ],
)
def test_relative_times_count_from_the_fetch(printed, iso):
    assert relative_date(printed, FETCHED, "+08:00") == iso
    assert relative_date(printed, None, "+08:00") is None
    assert dated(info=printed) == (iso, "label")
    assert dated(info=printed, fetched_at=None) == (None, None)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://www.a.example/c/2024-05-25/8200001.shtml", "2024-05-25"),
        ("http://b.example/32841/201901/18/190118124637372.shtml", "2019-01-18"),
        ("http://b.example/fw/202009/t20200929_547180.html", "2020-09-29"),
        ("http://b.example/n1/2023/1107/c67502-40001.html", "2023-11-07"),
        ("http://b.example/art/2023/12/9/art_101_10.html", "2023-12-09"),
        ("http://b.example/papers/grrb/2024/01/20/2/news-4.html", "2024-01-20"),
        ("http://b.example/html/2023-05/12/content_77.htm", "2023-05-12"),
        ("http://b.example/a/dongtai/2019/0819/2104.html", "2019-08-19"),
        ("http://b.example/news_2/20245025.html", None),
        ("http://b.example/show?id=20240525", None),
        ("http://b.example/c/2024-02-31/1.shtml", None),
    ],
)
def test_days_in_addresses(url, day):
    assert url_date(url, FETCHED) == day


def test_order_of_what_dates_an_article():
    meta = '<meta name="PubDate" content="2024-05-20 09:30">'
    url = "http://b.example/c/2024-05-22/1.shtml"
    listing = Entry(url, date="2024-05-23")
    closing = BODY + "<p>2024年5月24日</p>"
    assert dated(head=meta, url=url, listing=listing, body=closing) == ("2024-05-20T09:30:00+08:00", "meta")
    assert dated(info="发布时间：2024-05-21", url=url, listing=listing, body=closing) == ("2024-05-21", "label")
    assert dated(url=url, listing=listing, body=closing) == ("2024-05-22", "url")
    assert dated(listing=listing, body=closing) == ("2024-05-23", "listing")
    assert dated(body=closing) == ("2024-05-24", "body")
    assert dated() == (None, None)


def test_the_listing_gives_the_time_of_the_day_that_the_address_names():
    url = "http://www.example.org/c/2024-05-22/8266352.shtml"
    timed, other = (Entry(url, date=f"2024-05-{day}T15:41:16+08:00") for day in (22, 23))
    assert dated(url=url, listing=timed) == ("2024-05-22T15:41:16+08:00", "listing")
    assert dated(url=url, listing=other) == ("2024-05-22", "url")


def test_meta_that_contradicts_the_label_loses():
    meta = '<meta name="PubDate" content="2024-05-28 00:00:00">'
    assert dated(head=meta, info="发布日期：2024-05-20 08:15") == ("2024-05-20T08:15:00+08:00", "label")


def test_label_with_a_time_completes_a_meta_of_the_same_day():
    meta = '<meta name="PubDate" content="2024-05-20">'
    assert dated(head=meta, info="2024-05-20 08:15") == ("2024-05-20T08:15:00+08:00", "meta")


@pytest.mark.parametrize(
    "name", ["article:published_time", "publishdate", "_pubtime", "apub:time", "publication_date", "PUBDATE"]
)
def test_metas_of_publication(name):
    assert dated(head=f'<meta name="{name}" content="2024-05-20 09:30">') == ("2024-05-20T09:30:00+08:00", "meta")


def test_linked_data_dates_an_article():
    data = '{"@graph": [{"@type": "WebPage"}, {"@type": "NewsArticle", "datePublished": "2024-05-20T01:30:00Z"}]}'
    head = f'<script type="application/ld+json">{data}</script>'
    assert dated(head=head) == ("2024-05-20T09:30:00+08:00", "meta")


@pytest.mark.parametrize(
    "values",
    [
        {"head": '<meta name="Maketime" content="2024-05-30 10:00:00">'},
        {"head": '<meta name="others" content="页面生成时间 2024-05-30 10:00:00">'},
        {"info": "页面生成时间：2024-05-30 10:00:00"},
        {"info": "今天是2024年6月1日 星期六"},
        {"info": "成文日期：2024-05-11"},
        {"head": '<meta name="PubDate" content="2024-02-30">'},
        {"body": BODY + "<p>2023年4月1日，区总工会曾在东湖街道试行过类似的服务。</p>"},
        {"after": "<p>版权所有 2024-05-30</p>"},
    ],
    ids=["maketime", "others", "build label", "today", "written", "impossible", "in the text", "footer"],
)
def test_times_of_something_else_date_nothing(values):
    assert dated(**values) == (None, None)


def test_year_in_two_figures_counts_beside_its_label_only():
    assert dated(info="发布时间：24-05-20 09:30") == ("2024-05-20T09:30:00+08:00", "label")
    assert dated(info="24-05-20 09:30") == (None, None)


def test_update_time_dates_where_no_other_date_is_printed():
    assert dated(info="更新时间：2024-05-20 09:30") == ("2024-05-20T09:30:00+08:00", "label")
    assert dated(info="发布时间：2024-05-18　更新时间：2024-05-20") == ("2024-05-18", "label")


def test_dateline_with_its_year_dates_and_without_does_not():
    assert dated(body=BODY.replace("5月20日深夜，", "本报蓝田2024年5月20日电 深夜，")) == ("2024-05-20", "body")
    assert dated(body=BODY.replace("5月20日深夜，", "本报蓝田5月20日电 深夜，")) == (None, None)


def test_month_beside_its_label_dates_where_nothing_tells_the_day():
    assert dated(info="发布时间：2024年5月") == ("2024-05", "label")
    assert dated(info="发布时间：2024年5月", url="http://b.example/c/2024-05-22/1.shtml") == ("2024-05-22", "url")
    assert dated(info="2024年5月") == (None, None)


@pytest.mark.parametrize(
    ("lang", "words", "dates"),
    [
        ("en", "The federation opened a hotline for the night shift, and forty volunteers answered it.", (None, None)),
        (
            "en-US",
            "The federation opened a hotline for the night shift, and forty volunteers answered it.",
            (None, None),
        ),
        ("en-GB", "The federation opened a hotline for the night shift, and forty volunteers answered it.", DAY_FIRST),
        (
            "en-GB",
            "Le syndicat a ouvert une ligne pour les équipes de nuit, et une foule de bénévoles répond.",
            DAY_FIRST,
        ),
        ("", "El sindicato abrió una línea para los turnos de noche, y con ella responde por la ciudad.", DAY_FIRST),
    ],
)
def test_figures_are_read_in_the_order_of_the_pages_language(lang, words, dates):
    html = markup(f"<p>{words}</p>" * 3, info="05/04/2024").replace("<html>", f'<html lang="{lang}">')
    article = read(html, url=PLAIN)
    assert (article.published_at, article.published_from) == dates


def test_dates_of_english_pages_keep_their_day():
    html = (
        "<html><head><title>Night shift hotline opens - Lantian Union</title></head><body>"
        "<h1>Night shift hotline opens</h1><p>Published on May 20, 2024 at 9:30 am</p><div class='entry-content'>"
        "<p>The federation opened a hotline for the night shift on Monday, and forty volunteers answered.</p>"
        "<p>It will be extended to all districts by the end of the year, the federation said.</p></div></body></html>"
    )
    article = read(html, url=PLAIN)
    assert (article.published_at, article.published_from) == ("2024-05-20", "label")


def test_same_page_gives_the_same_date_at_any_time():
    later = datetime(2030, 1, 1, tzinfo=UTC)
    assert dated(info="2024-05-20 09:30", fetched_at=later) == dated(info="2024-05-20 09:30")


@pytest.mark.parametrize(
    "script",
    [
        "<script>var publish_time = '2024-05-21 10:20:30';</script>",
        '<script>window.DATA = {"pubDate":"2024-05-21 10:20","id":7}</script>',
        '<td><script>showDate("2024/05/21 10:20:00")</script></td>',
    ],
)
def test_time_that_a_script_names_dates_where_nothing_is_printed(script):
    article = read(markup(head=script, info="浏览 7 次"))
    assert (article.published_at[:16], article.published_from) == ("2024-05-21T10:20", "meta")
    assert read(markup(head=script, info="2024-05-20")).published_at == "2024-05-20"


def test_scripts_that_name_several_days_date_nothing():
    scripts = "".join(f"<script>var a{n} = {{publish_time: '2024-05-1{n} 10:20'}}</script>" for n in range(3))
    assert read(markup(head=scripts)).published_at is None


def test_a_day_without_its_year_is_completed_by_a_meta_of_that_day():
    meta = '<meta itemprop="dateUpdate" content="2023-10-08 12:00:57">'
    info = "<span>发布时间：10-08</span><span>12:00</span>"
    assert read(markup(head=meta, info=info)).published_at == "2023-10-08T12:00:00+08:00"
    assert read(markup(head=meta, info=info.replace("10-08", "10-09"))).published_at is None
    assert read(markup(head=meta)).published_at is None


def linked(**data: str) -> str:
    said = ", ".join(f'"{name}": "{value}"' for name, value in {"@type": "NewsArticle", **data}.items())
    return f'<script type="application/ld+json">{{{said}}}</script>'


def test_time_of_linked_data_beats_a_neighbouring_day():
    head = '<meta name="date" content="2024-05-21">' + linked(datePublished="2024-05-20T19:30:00+08:00")
    assert dated(head=head) == ("2024-05-20T19:30:00+08:00", "meta")
    head = '<meta name="date" content="2024-05-25">' + linked(datePublished="2024-05-20T19:30:00+08:00")
    assert dated(head=head) == ("2024-05-25", "meta")


def test_update_printed_on_a_japanese_page_does_not_beat_the_meta():
    body = (
        "<p>港のフェリー乗組員は火曜日、睡眠時間が六時間しかない勤務表に抗議してストライキに入った。</p>"
        "<p>会社は船が動き出してから話し合うと述べたが、乗組員はこれを拒んだ。</p>"
    )
    head = '<meta property="article:published_time" content="2024-05-20T23:17:00+09:00">'
    info = '<time datetime="2024-05-21T00:05">2024/05/21 00:05</time>'
    assert dated(body=body, head=head, info=info) == ("2024-05-20T23:17:00+09:00", "meta")


def test_date_that_closes_the_title_dates_where_nothing_else_does():
    html = markup(title="Ferry crews walk out", tail=" | Northwick | 20.05.2024")
    article = read(html, url=PLAIN)
    assert (article.published_at, article.published_from) == ("2024-05-20", "meta")


@pytest.mark.parametrize("wrapped", ["<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "/* <![CDATA[ */ {} /* ]]> */", "{}"])
def test_linked_data_may_be_wrapped_and_have_loose_commas(wrapped):
    data = wrapped.replace("{}", '{"@type": "NewsArticle", "datePublished": "2024-05-20T09:30:00+08:00",}')
    head = f'<script type="application/ld+json">{data}</script>'
    assert dated(head=head) == ("2024-05-20T09:30:00+08:00", "meta")


@pytest.mark.parametrize(
    ("printed", "zone", "expected"),
    [
        ("12 January 2026 09:30", "Europe/London", "2026-01-12T09:30:00+00:00"),
        ("12 July 2026 09:30", "Europe/London", "2026-07-12T09:30:00+01:00"),
        ("12 July 2026 09:30", "America/New_York", "2026-07-12T09:30:00-04:00"),
        ("2026-07-12T09:30:00Z", "Europe/Paris", "2026-07-12T11:30:00+02:00"),
        ("2026年7月12日 09:30", "Asia/Shanghai", "2026-07-12T09:30:00+08:00"),
    ],
)
def test_times_are_told_in_the_zone_of_the_day(printed, zone, expected):
    assert first_date(printed, zone) == expected
