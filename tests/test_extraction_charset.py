"""Bytes are read in the charset they are in, whatever the page or the server declares."""

from __future__ import annotations

import pytest
from extraction_pages import TEXT, markup, read

from crawler.extraction.charset import damage, decode, plausibility

CHINESE = "工会组织职工代表巡视车间，大家对食堂和宿舍的意见当天就有了答复，整改的时间表贴在门口。" * 6
TRADITIONAL = "工會組織職工代表巡視車間，大家對食堂和宿舍的意見當天就有了答覆，整改的時間表貼在門口。" * 6
KOREAN = "노동조합은 오늘 조합원 총회를 열고 새로운 단체협약의 내용을 설명하였다. 참석자들은 휴게 시간을 물었다. " * 6
JAPANESE = "労働組合は本日、組合員の集会を開き、新しい協約の内容を説明した。参加者は休憩の時間について尋ねた。" * 6
RUSSIAN = "Профсоюз сегодня рассказал работникам о новом коллективном договоре и порядке отдыха. " * 6
FRENCH = (
    "Le syndicat a présenté l'accord à ses adhérents réunis à Orléans, où la négociation dura une année entière. " * 6
)


def html(text: str, declared: str | None, codec: str) -> bytes:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    return f"<html><head>{meta}<title>x</title></head><body>{text}</body></html>".encode(codec)


@pytest.mark.parametrize(
    ("declared", "codec", "read_as"),
    [
        ("utf-8", "utf-8", "utf-8"),
        ("gb2312", "utf-8", "utf-8"),
        ("gb2312", "gb18030", "gb18030"),
        ("gbk", "gb18030", "gb18030"),
        ("utf-8", "gb18030", "gb18030"),
        ("iso-8859-1", "gb18030", "gb18030"),
        ("nonsense", "gb18030", "gb18030"),
        (None, "gb18030", "gb18030"),
        (None, "utf-8", "utf-8"),
    ],
)
def test_chinese_pages_are_read_whatever_they_declare(declared, codec, read_as):
    text, charset = decode(html(CHINESE, declared, codec), None, ("zh-Hans",))
    assert CHINESE in text
    assert charset == read_as


def test_byte_order_mark_wins_over_everything():
    raw = b"\xff\xfe" + html(CHINESE, "gb2312", "utf-16-le")
    text, charset = decode(raw, "text/html; charset=gbk")
    assert CHINESE in text
    assert charset == "utf-16-le"


def test_utf8_mark_is_not_part_of_the_text():
    text, charset = decode(b"\xef\xbb\xbf" + html(CHINESE, None, "utf-8"))
    assert text.startswith("<html>")
    assert charset == "utf-8"


def test_utf8_with_one_damaged_character_stays_utf8():
    raw = html(CHINESE, "gb2312", "utf-8").replace("食堂".encode(), "食堂".encode()[:-1], 1)
    text, charset = decode(raw, "text/html; charset=gb2312")
    assert charset == "utf-8"
    assert text.count("\ufffd") == 1
    assert "答复" in text


def test_meta_is_believed_before_a_wrong_header():
    text, charset = decode(html(CHINESE, "gb2312", "gb18030"), "text/html; charset=ISO-8859-1", ("zh-Hans",))
    assert CHINESE in text
    assert charset == "gb18030"


def test_header_decides_where_the_page_declares_nothing():
    text, charset = decode(html(TRADITIONAL, None, "big5hkscs"), "text/html; charset=big5", ("zh-Hans",))
    assert TRADITIONAL in text
    assert charset == "big5hkscs"


def test_gb18030_only_characters_survive_a_gb2312_label():
    text, _ = decode(html(CHINESE + "㐂䶮镕喆", "gb2312", "gb18030"))
    assert "㐂䶮镕喆" in text


@pytest.mark.parametrize(
    ("language", "text", "codec", "read_as"),
    [
        ("zh-Hant", TRADITIONAL, "big5hkscs", "big5hkscs"),
        ("zh-TW", TRADITIONAL, "big5hkscs", "big5hkscs"),
        ("ko", KOREAN, "cp949", "cp949"),
        ("ja", JAPANESE, "cp932", "cp932"),
        ("ja", JAPANESE, "euc_jp", "euc_jp"),
        ("fr", FRENCH, "cp1252", "cp1252"),
    ],
)
def test_undeclared_pages_are_read_by_the_languages_of_the_site(language, text, codec, read_as):
    found, charset = decode(html(text, None, codec), None, (language,))
    assert text in found
    assert charset == read_as


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
        (JAPANESE, "cp932"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (TRADITIONAL, "big5hkscs"),
    ],
)
def test_without_a_profile_the_text_tells_its_charset(text, codec):
    found, charset = decode(html(text, None, codec))
    assert text in found
    assert charset == codec


def test_mojibake_of_other_charsets_passes_strict_gb18030_but_is_implausible():
    for text, codec in ((KOREAN, "cp949"), (FRENCH, "cp1252")):
        mojibake = text.encode(codec).decode("gb18030", "replace")
        assert plausibility(mojibake, "zh-Hans") < 0.1
    assert plausibility(CHINESE, "zh-Hans") > 0.2


def test_escaped_japanese_is_read_where_it_is_declared():
    text, charset = decode(html(JAPANESE, "iso-2022-jp", "iso2022_jp"))
    assert JAPANESE in text
    assert charset == "iso2022_jp"


def test_late_declaration_is_found():
    raw = html(TRADITIONAL, "big5", "big5hkscs").replace(b"<head>", b"<head><!--" + b"x" * 6000 + b"-->")
    assert decode(raw)[1] == "big5hkscs"


def test_damage_counts_lost_characters_among_foreign_ones():
    assert damage("plain") == 0
    assert damage("工会\ufffd会") == 0.25


def test_article_records_charset_and_damage():
    article = read(markup().replace("utf-8", "gb2312", 1).encode("gb18030"))
    assert (article.charset, article.damaged, article.text) == ("gb18030", False, TEXT)
    broken = markup().encode().replace("车辆".encode(), "车".encode() + b"\xe8\xbe", 1)
    article = read(broken + ("<!--" + "字" * 2000 + "-->").encode())
    assert article.damaged
    assert "\ufffd" in article.text
