"""Bytes are read in the charset they are in, whatever the page or the server declares."""

from __future__ import annotations

import pytest
from extraction_pages import TEXT, markup, read
from extraction_texts import CHARSETS, TEXTS, WRONG

from crawler.extraction.charset import damage, decode
from crawler.extraction.likeness import likeness

CHINESE, TRADITIONAL, KOREAN, JAPANESE, FRENCH = (TEXTS[tag] * 6 for tag in ("zh-Hans", "zh-Hant", "ko", "ja", "fr"))


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


def situations(labels):
    """Yield (meta, header): declared rightly, wrongly, not at all, and rightly by one against the other."""
    right, wrong = labels[0], [label for label in WRONG if label not in labels]
    yield from ((label, None) for label in (*labels, *wrong, None))
    yield from ((None, label) for label in (*labels, *wrong))
    yield from ((right, label) for label in wrong)
    yield from ((label, right) for label in wrong)


@pytest.mark.parametrize("times", [1, 6], ids=["short", "long"])
@pytest.mark.parametrize("profile", [True, False], ids=["profile", "no profile"])
@pytest.mark.parametrize(
    ("language", "codec", "labels"), CHARSETS, ids=[f"{tag} {codec}" for tag, codec, _ in CHARSETS]
)
def test_pages_are_read_whatever_they_and_their_servers_declare(language, codec, labels, profile, times):
    text = TEXTS[language] * times
    for meta, header in situations(labels):
        content_type = f"text/html; charset={header}" if header else None
        found, charset = decode(html(text, meta, codec), content_type, (language,) if profile else ())
        assert text in found, (meta, header, charset)


def test_utf8_is_read_whatever_it_is_declared_as():
    for text in TEXTS.values():
        for label in (*WRONG, None):
            assert decode(html(text, label, "utf-8"), f"text/html; charset={label}") == (
                html(text, label, "utf-8").decode(),
                "utf-8",
            )


@pytest.mark.parametrize("language", ["zh-Hans", "ko", "ja", "ru", "el", "fr", "tr", "vi"])
def test_utf8_that_lost_any_one_byte_stays_utf8(language):
    raw = html(TEXTS[language], "gb2312", "utf-8")
    lost = [number for number, byte in enumerate(raw) if byte > 0x7F][:60]
    for number in lost:
        text, charset = decode(raw[:number] + raw[number + 1 :])
        assert charset == "utf-8"
        assert text.count("\ufffd") <= 2


def test_short_utf8_that_lost_a_byte_is_believed_where_it_is_declared():
    raw = html("工会组织", "utf-8", "utf-8").replace("会".encode(), "会".encode()[1:])
    assert decode(raw, None, ("zh-Hans",)) == (raw.decode("utf-8", "replace"), "utf-8")


def test_languages_of_a_profile_are_tried_first_and_not_alone():
    text, charset = decode(html(TEXTS["ru"], None, "cp1251"), None, ("zh-Hans",))
    assert TEXTS["ru"] in text
    assert charset == "cp1251"
    assert decode(html(TEXTS["zh-Hant"], None, "big5hkscs"), None, ("zh-TW",))[1] == "big5hkscs"


@pytest.mark.parametrize(
    ("label", "text", "raw"),
    [
        ("gbk", "工会组织职工", b"\x80"),
        ("big5", "工會組織職工", b"\xa3\xe1"),
        ("euc-jp", "労働組合の集会", b"\xad\xa1"),
        ("shift_jis", "労働組合の集会", b"\x87\x40"),
        ("iso-2022-jp", "労働組合の集会", b"\x1b$B-!\x1b(B"),
        ("iso-2022-jp", "労働組合の集会", b"\x1b(I1\x1b(B"),
    ],
)
def test_characters_that_browsers_read_and_codecs_lack_are_not_lost(label, text, raw):
    found, _ = decode(f"<meta charset={label}>".encode() + text.encode(label) + raw + text.encode(label))
    assert text in found
    assert "\ufffd" not in found


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("The café closed.", None),
        ("The café closed.", "gb2312"),
        ("He said “no” – and left.", None),
        ("© 2024 The Union", None),
        ("Það er góður dagur á Íslandi, þar sem þið eruð öll.", "iso-8859-1"),
        ("Łódź strajkuje.", "windows-1250"),
    ],
)
def test_a_few_letters_among_plain_ones_are_enough(text, declared):
    codec = "cp1250" if declared == "windows-1250" else "cp1252"
    assert text in decode(html(text, declared, codec))[0]


def test_declared_charsets_that_are_never_guessed():
    for label, text in (
        ("windows-1255", "שלום לעובדים ולעובדות"),
        ("windows-1257", "Darbo žmonių sąjunga šiandien"),
        ("tis-620", "สหภาพแรงงานประชุมวันนี้"),
        ("iso-8859-5", TEXTS["ru"]),
        ("ibm866", TEXTS["ru"]),
    ):
        assert text in decode(html(text, label, label))[0]


def test_mojibake_of_other_charsets_passes_strict_gb18030_but_is_implausible():
    for text, codec in ((KOREAN, "cp949"), (FRENCH, "cp1252")):
        mojibake = text.encode(codec).decode("gb18030", "replace")
        assert likeness(mojibake, "zh-Hans") < 0.25
    assert likeness(CHINESE, "zh-Hans") > 0.9
    assert likeness("", "zh-Hans") == likeness("plain", "") == 0


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
