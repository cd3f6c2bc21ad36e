"""Saved listings of sites whose profiles have selectors of their own: their rows, pagers and sections."""

import pytest
from saved_listings import read

from crawler.registry import registry

FKTU = registry()["fktu"]
MEDIA_NODONG = registry()["media_nodong"]
PRESS = MEDIA_NODONG.sections[0].url


@pytest.fixture(scope="module")
def home():
    """The home page of the Korean federation's news, in EUC-KR."""
    return read("fktu/home.html", "http://news.inochong.org/", FKTU, "text/html")


@pytest.fixture(scope="module")
def press():
    """The press releases of the Korean media workers."""
    return read("media_nodong/S2N14.html", PRESS, MEDIA_NODONG, "text/html; charset=utf-8")


def test_the_boxes_of_a_home_page_in_euc_kr_give_their_rows_once(home):
    assert [(entry.url.partition("number=")[2], entry.title, entry.date) for entry in home.entries] == [
        ("4647&thread=22r01", "여름철 실내 온도 신고 창구 연다", "2022-07-11"),
        ("4618&thread=22r01", "최저임금 심의, 노동자 위원 아홉 명의 가방", "2022-06-28"),
        ("4651&thread=22r07", "냉동창고 방한복, 이제 말려 입는다", "2022-07-12"),
        ("4633&thread=22r07", "세탁 공장의 물 한 잔", "2022-07-05"),
    ]
    assert home.next_pages == ()


def test_the_menu_of_a_home_page_in_euc_kr_gives_its_sections(home):
    found = {section.name: section.url for section in home.sections}
    assert found["현장소식"] == "http://news.inochong.org/list.php?thread=22r07"
    assert found.keys() >= {"중앙소식", "산별소식", "현장소식", "기획"}


def test_rows_of_articlelist_have_the_headline_and_the_time_beside_it(press):
    """The date that a lead prints is not the row's, and a list of the most read adds no row."""
    assert [(entry.url.partition("idxno=")[2], entry.title, entry.date) for entry in press.entries] == [
        ("41207", "송출실 야간 1인 근무 6주째…“화장실도 방송 사고를 걸고 간다”", "2026-06-15T17:42:00+09:00"),
        ("41190", "교열 노동자에게도 마감 뒤 휴식을", "2026-06-11T10:20:00+09:00"),
        ("41181", "촬영 차량에서 잔 밤은 근무인가", "2026-06-08T15:03:00+09:00"),
        ("41177", "작가 계약서에 빠진 한 줄", "2026-06-05T09:31:00+09:00"),
    ]


def test_articlelist_names_its_next_page_first(press):
    assert press.next_pages[0] == PRESS.replace("?page=1&", "?page=2&total=214&box_idxno=&")
