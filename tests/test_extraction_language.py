"""The language of an article is that of its text."""

from __future__ import annotations

import pytest
from extraction_pages import markup, read
from extraction_texts import TEXTS

from crawler.extraction.language import language_of


@pytest.mark.parametrize(("tag", "text"), TEXTS.items(), ids=TEXTS)
def test_language_of_every_sentence(tag, text):
    assert language_of(text) == tag
    assert language_of(text.upper()) == tag
    assert language_of(f"2024 · {text} · 12:30", "xx") == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("工会干部学习了 Workers First 手册，并讨论了下一步的安排。", "zh-Hans"),
        ("工会会员 Zhou Xiaoman 与 Wu Yuanshan 在 Lantian 的 Night Shift Hotline 值班，电话不断。", "zh-Hans"),
        ("The talks of 蓝田区总工会 were about the breaks of the night shift.", "en"),
        ("佢哋嘅工會話今日唔開工，大家喺門口等消息。", "zh-Hant"),
        ("佢哋嘅工会话今日唔开工，大家喺门口等消息。", "zh-Hans"),
        ("职工们带着孩子观看《ドラえもん》，都说好看。", "zh-Hans"),
        ("《ドラえもん》主题活动在上海举行", "zh-Hans"),
        ("日本「のはら」公司的工會成立了，會員都來了。", "zh-Hant"),
        ("工會轉述了「工会」兩個字的來歷。", "zh-Hant"),
        ("第一次代表大会", "zh-Hans"),
        ("労働組合総連合大会開催、要求書提出を決定し、賃上要求額は来月に公表", "ja"),
        ("春闘、賃上げ要求", "ja"),
        ("労組が集会を開く", "ja"),
        ("노조 총회 소식", "ko"),
        ("勞動組合(노동조합) 總會를 열었다", "ko"),
        ("Das ist gut und neu", "de"),
        ("El sindicato de la ciudad", "es"),
        ("Það er góður dagur og við erum öll á fundi til að ræða um kaup og kjör.", "is"),
    ],
)
def test_mixed_and_short_texts(text, tag):
    assert language_of(text) == tag


@pytest.mark.parametrize("text", ["大家好", "組合員", "スト", "노조", "Ja", "de", "12345 67890", "—", ""])
def test_what_is_too_short_tells_nothing(text):
    assert language_of(text) is None
    assert language_of(text, "ko") == "ko"


def test_fallback_where_letters_do_not_tell():
    assert language_of("OK 2024", "en") == "en"


def test_language_is_the_texts_and_not_what_the_page_declares():
    html = markup().replace("<html>", '<html lang="en">')
    assert read(html).language == "zh-Hans"
