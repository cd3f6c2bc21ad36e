"""The language of an article is that of its text."""

from __future__ import annotations

import pytest
from extraction_pages import markup, read

from crawler.extraction.language import language_of


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("工会组织职工代表巡视车间，大家对食堂的意见当天就有了答复。", "zh-Hans"),
        ("工會組織職工代表巡視車間，大家對食堂的意見當天就有了答覆。", "zh-Hant"),
        ("大家好", None),
        ("工会干部学习了 Workers First 手册，并讨论了下一步的安排。", "zh-Hans"),
        ("The union held a training course for officials of the district in the morning.", "en"),
        ("Le syndicat a présenté les mesures qui sont prévues par l'accord pour la nuit.", "fr"),
        ("Die Gewerkschaft hat das Abkommen mit der Stadt nicht unterschrieben und wird das prüfen.", "de"),
        ("El sindicato presentó las medidas que se aplican en la ciudad para los turnos.", "es"),
        ("노동조합은 오늘 조합원 총회를 열고 새로운 협약을 설명하였다.", "ko"),
        ("労働組合は本日、組合員の集会を開き、新しい協約を説明した。", "ja"),
        ("Профсоюз сегодня рассказал работникам о новом договоре.", "ru"),
        ("12345 67890", None),
        ("", None),
    ],
)
def test_language_by_the_letters(text, tag):
    assert language_of(text) == tag


def test_fallback_where_letters_do_not_tell():
    assert language_of("OK 2024", "en") == "en"


def test_language_is_the_texts_and_not_what_the_page_declares():
    html = markup().replace("<html>", '<html lang="en">')
    assert read(html).language == "zh-Hans"
