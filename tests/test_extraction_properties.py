"""What holds of dates, names and charsets, whatever a page prints."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from extraction_pages import FETCHED
from extraction_texts import CHARSETS, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.ago import relative_date
from crawler.extraction.byline import read_byline
from crawler.extraction.charset import decode
from crawler.extraction.dates import find_dates, first_date, stamp
from crawler.extraction.lexicon import words_of
from crawler.extraction.months import MONTHS
from crawler.extraction.names import split_names
from crawler.extraction.outline import SEAM

SEED = settings(derandomize=True, database=None, deadline=None, max_examples=80)

# Dates.

NUMERALS = "〇一二三四五六七八九"
LATEST = FETCHED.date()


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else NUMERALS[tens]) + ("十" if tens else "") + (NUMERALS[ones] if ones else "")


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


FIGURES = [
    lambda day: day.isoformat(),
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day:%Y.%m.%d}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year} 年 {day.month} 月 {day.day} 日",
    lambda day: wide(f"{day.year}年{day.month}月{day.day}日"),
    lambda day: f"{day.year}년 {day.month}월 {day.day}일",
    lambda day: f"{day.year}. {day.month}. {day.day}.",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.day}. {day.month}. {day.year}",
    lambda day: f"{day.day} tháng {day.month} năm {day.year}",
]
WORDED = [
    lambda day: f"民國{day.year - 1911}年{day.month}月{day.day}日",
    lambda day: f"中華民國{day.year - 1911}/{day.month}/{day.day}",
    lambda day: "".join(NUMERALS[int(c)] for c in str(day.year)) + f"年{numeral(day.month)}月{numeral(day.day)}日",
]
NAMED = [
    lambda day, name: f"{day.day} {name} {day.year}",
    lambda day, name: f"{day.day}. {name.upper()} {day.year}",
    lambda day, name: f"{day.day} de {name} de {day.year}",
]
days = st.dates(date(1990, 1, 1), LATEST)
times = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)).filter(any)
around = st.sampled_from(["", " ", "发布时间：", "（", "Published: ", "|", "来源：工人日报 ", SEAM])


@SEED
@given(days, st.sampled_from(FIGURES + WORDED), around, around)
def test_a_day_is_read_back_from_every_form(day, form, before, after):
    assert first_date(f"{before}{form(day)}{after}", "+08:00", FETCHED) == day.isoformat()


@SEED
@given(days, st.sampled_from(NAMED), st.data())
def test_a_day_is_read_back_with_its_month_in_every_language(day, form, data):
    name = data.draw(st.sampled_from([name for name, number in MONTHS.items() if number == day.month]))
    assert first_date(form(day, name), None, FETCHED) == day.isoformat()


@SEED
@given(days, st.sampled_from(FIGURES[:8] + WORDED), times, st.sampled_from([" ", "  ", " （星期三） ", SEAM]))
def test_a_time_is_read_back_behind_every_form(day, form, clock, between):
    hour, minute, second = clock
    for printed, seconds in ((f"{hour}:{minute:02}:{second:02}", second), (f"{hour}时{minute}分", 0)):
        if (hour, minute, seconds) != (0, 0, 0):
            moment = f"{day.isoformat()}T{hour:02}:{minute:02}:{seconds:02}+08:00"
            assert first_date(form(day) + between + printed, "+08:00") == moment


@SEED
@given(st.integers(631_238_400, int(FETCHED.timestamp()) - 86_400), st.integers(-12, 14))
def test_a_moment_is_read_back_in_any_zone(moment, offset):
    told = datetime.fromtimestamp(moment, UTC)
    there = (told + timedelta(hours=offset)).strftime("%Y-%m-%dT%H:%M:%S") + f"{offset:+03}:00"
    iso = stamp(there, "+08:00", FETCHED)
    assert iso is not None
    assert datetime.fromisoformat(iso) == told or len(iso) == 10


no_numbers = st.text(
    st.characters(exclude_categories=["Nd", "Nl", "No", "Cs"], exclude_characters="○◯零ＯO元百十廿卅两" + NUMERALS)
)


@SEED
@given(no_numbers, st.sampled_from(["", "May", "年月日", "上午:"]))
def test_text_without_numbers_has_no_date(text, more):
    assert list(find_dates(text + more + text, "+08:00", FETCHED)) == []


PIECES = [
    "20",
    "19",
    "2024",
    "05",
    "25",
    "May",
    "мая",
    "民國",
    "令和",
    "二〇二四",
    "十",
    "上午",
    "pm",
    "T",
    "Z",
    "+08:00",
    "-05:00",
    "GMT",
    "ago",
    "小时前",
    "昨天",
    "vor",
    "kl.",
    "，",
    "年",
    "月",
    "日",
]
pieces = st.lists(st.sampled_from([*"0123456789-/.: ", *PIECES]), max_size=24).map("".join)


@settings(SEED, max_examples=200)
@given(pieces | st.text(max_size=40), st.sampled_from([None, "+08:00", "-05:00"]))
def test_whatever_is_read_is_iso_and_not_after_the_fetch(text, zone):
    found = [iso for _, iso in find_dates(text, zone, FETCHED, day_first=True)]
    for iso in [*found, stamp(text, zone, FETCHED), relative_date(text, FETCHED, zone)]:
        if iso is not None:
            moment = datetime.fromisoformat(iso)
            assert (moment if "T" in iso else moment.replace(tzinfo=UTC)) <= FETCHED + timedelta(days=1)
            assert moment.year >= 1990


# Names.

GIVEN = "文明丽娜敏静伟强磊军洋勇艳杰涛超英霞刚桂兰芳婷玉红娟"
names = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(sorted(set(words_of("names.surname")) - set("和与及"))), st.text(GIVEN, min_size=1, max_size=2)
    ),
)
people = st.lists(names, min_size=1, max_size=4, unique=True)
separators = st.sampled_from(["、", " ", "，", ",", ", ", "/", "；", "\u3000", " 、", SEAM, "|"])
LABELS = {
    "authors": ["作者", "本报记者", "撰文"],
    "correspondents": ["通讯员"],
    "editors": ["责任编辑", "责编", "责 编"],
}


@SEED
@given(people, separators)
def test_names_are_split_at_any_separator(listed, separator):
    assert split_names(separator.join(listed)) == tuple(listed)


@SEED
@given(people, st.sampled_from(["、", " ", "，", "\u3000"]), st.sampled_from([" ", "\u3000", "\xa0", SEAM]))
def test_names_of_two_characters_may_be_spaced_to_the_width_of_three(listed, separator, gap):
    spaced = [gap.join(name) if len(name) == 2 else name for name in listed]
    assert split_names(separator.join(spaced)) == tuple(listed)


@SEED
@given(people, st.sampled_from(["、", " ", "，"]), st.sampled_from(["：", ":", " ： ", "｜", "丨"]), st.data())
def test_labels_name_the_same_people_however_they_are_printed(listed, separator, colon, data):
    kind = data.draw(st.sampled_from(sorted(LABELS)))
    label = data.draw(st.sampled_from(LABELS[kind]))
    opening, closing = data.draw(st.sampled_from([("", ""), ("（", "）"), ("[", "]"), ("\u3000", " ")]))
    seam = data.draw(st.sampled_from(["", SEAM, " " + SEAM]))
    byline, _ = read_byline([f"{opening}{label}{colon}{seam}{separator.join(listed)}{closing}"])
    assert getattr(byline, kind) == listed
    assert [other for other in LABELS if getattr(byline, other)] == [kind]


@SEED
@given(
    st.lists(
        st.sampled_from([*"来源作者记编辑：:、 |/（）", "责任编辑", "通讯员", "周小满", "发布时间", SEAM, "工会"])
    ).map("".join)
)
def test_no_name_is_empty_or_a_label(line):
    byline, _ = read_byline([line])
    for name in [*byline.authors, *byline.correspondents, *byline.editors]:
        assert name.strip(" \u3000、：:|/（）" + SEAM) == name != ""
        assert not re.search("来源|作者|编辑|通讯员|发布|[：:|]", name)


@SEED
@given(
    st.sampled_from(["蓝田工人报", "《蓝田工人报》", "中工网-工人日报", "蓝田区总工会", "Lantian Press"]),
    st.lists(
        st.sampled_from(
            ["发布时间:2024-05-09", "作者：周小满", "责任编辑：吴远山", "浏览次数：1661", "字号：大 中 小"]
        ),
        unique=True,
    ),
    st.sampled_from(["", " ", "\u3000", SEAM, " | "]),
)
def test_source_is_the_same_whatever_labels_are_glued_to_it(source, labels, glue):
    byline, _ = read_byline([glue.join([f"来源：{source}", *labels])])
    assert byline.source == source


# Charsets.


@pytest.mark.parametrize(
    ("language", "codec", "labels"), CHARSETS, ids=[f"{tag} {codec}" for tag, codec, _ in CHARSETS]
)
@settings(SEED, max_examples=8)
@given(st.data())
def test_text_of_a_language_is_read_in_its_declared_charset(language, codec, labels, data):
    spaced = " " in TEXTS[language]
    shuffled = data.draw(st.permutations(TEXTS[language].split() if spaced else TEXTS[language]))
    text = (" " if spaced else "").join(shuffled)
    label = data.draw(st.sampled_from(labels))
    page = f"<html><head><meta charset={label}></head><body><p>{text}</p></body></html>".encode(codec)
    assert decode(page)[0] == page.decode(codec)


@SEED
@given(
    st.binary(max_size=200),
    st.sampled_from([None, "text/html; charset=gbk", "charset=utf-7", "charset=", "é"]),
    st.booleans(),
)
def test_any_bytes_give_a_text(raw, content_type, escaped):
    for page in (raw, b"<meta charset=iso-2022-jp>\x1b$" + raw, "工会".encode() * 20 + raw):
        text, codec = decode(page, content_type, ("zh-Hans", "ja") if escaped else ())
        assert isinstance(text, str)
        assert "".encode(codec) is not None
