"""Plain text: one line, nothing hidden, nothing that steers a terminal; what can be seen stays."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.plain import plain

#: Format characters that can be seen, or lay out Egyptian signs.
VISIBLE = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("城南区总工会召开会议", "城南区总工会召开会议"),
        ("第一行\n第二行\r\n第三行", "第一行 第二行 第三行"),
        ("a \t b\u2028c\u2029d\x85e\x0bf\x0cg", "a b c d e f g"),
        (" 两端 ", " 两端 "),
        ("两  格　全角", "两  格　全角"),
        ("\x1b[31m红\x1b[0m\x07", "[31m红[0m"),
        ("\x9b31m红", "31m红"),
        ("a\x00b\x7fc", "abc"),
        ("发票\u202egpj.exe", "发票gpj.exe"),
        ("\u2066a\u2069\u200eb\u200f\u061cc", "abc"),
        ("工\u200b会\ufeff\u2060\xad", "工会"),
        ("工\u200d会\u200c", "工会"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ක්\u200dර", "ක්\u200dර"),
        ("👩\u200d🏭 ❤\ufe0f\u200d🔥", "👩\u200d🏭 ❤\ufe0f\u200d🔥"),
        ("葛\U000e0100城市", "葛\U000e0100城市"),
        ("葛\U000e0100\U000e0101\U000e0102城", "葛\U000e0100城"),
        ("a\ud800b", "ab"),
        ("缺\ufffd字", "缺\ufffd字"),
        ("", ""),
    ],
)
def test_plain_text_shows_what_it_holds(text, expected):
    assert plain(text) == expected


@pytest.fixture(scope="module")
def every_character():
    return "x".join(map(chr, range(sys.maxunicode + 1)))


@pytest.fixture(scope="module")
def left(every_character):
    return set(plain(every_character))


def test_of_all_characters_no_control_format_or_surrogate_character_is_left(left):
    unseen = {ord(one) for one in left if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    # Which of them are assigned depends on Python's version of Unicode.
    assert unseen == {code for code in VISIBLE if unicodedata.category(chr(code)) == "Cf"}


def test_of_all_characters_every_letter_number_sign_and_mark_is_left(every_character, left):
    blank = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u17b5", "\u034f", "\u2028", "\u2029"}
    assert {one for one in set(every_character) - left if unicodedata.category(one)[0] in "LMNPSZ"} == blank


@given(st.text())
def test_plain_text_is_one_line_that_utf_8_can_hold(text):
    assert len(plain(text).encode().decode().splitlines()) <= 1
