"""Translated copies are told from originals, freed of the translator, and not dated by their words."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from extraction_pages import read

from crawler.extraction.translation import direct

ORIGINAL = "http://www.lantian.example/news_3/865.html"


def copy_of(original: str) -> str:
    return (
        "https://translate.baiducontent.com/transpage?cb=translateCallback&from=zh&ie=utf8&monLang=zh"
        f"&query={quote(original, safe='')}&source=url&to=en"
    )


def page(body: str, info: str = "") -> str:
    link = copy_of("http://www.lantian.example/files/plan.doc").replace("&", "&amp;")
    return (
        "<html><head><meta charset='utf-8'><script>var t=document.createElement('trans')</script>"
        "<title>Hotline for night workers opens</title></head><body>"
        f"<h1><trans id='1'>Hotline for night workers opens</trans></h1><div>{info}</div><div class='content'>"
        "<p><trans>Twelve volunteers take turns on duty,</trans> <span><trans>five</trans></span>"
        " <span><trans>On November 11, 2024</trans></span>"
        " <trans>the first call came in from a textile worker.</trans></p>"
        f"<p><trans>The union will extend the service to all districts in the winter.</trans></p>{body}"
        f"<p><a href='{link}'>Plan of the service</a></p><img src='/upload/1.jpg'></div></body></html>"
    )


def test_copy_names_its_original_and_reads_like_any_page():
    article = read(page(""), url=copy_of(ORIGINAL))
    assert article.translation_of == ORIGINAL
    assert article.url == copy_of(ORIGINAL)
    assert article.language == "en"
    assert article.title == "Hotline for night workers opens"
    assert article.text.startswith("Twelve volunteers take turns on duty, five On November 11, 2024 the first call")
    assert "trans" not in article.html.replace("translate", "")


def test_links_and_pictures_leave_the_translator():
    article = read(page(""), url=copy_of(ORIGINAL))
    assert [file.url for file in article.attachments] == ["http://www.lantian.example/files/plan.doc"]
    assert [image.url for image in article.images] == ["http://www.lantian.example/upload/1.jpg"]
    assert "baiducontent" not in article.html


def test_worded_dates_of_a_copy_date_nothing():
    article = read(page("<p>May 11, 2024</p>", info="five On November 11, 2024"), url=copy_of(ORIGINAL))
    assert (article.published_at, article.published_from) == (None, None)


def test_dates_in_figures_date_a_copy():
    article = read(page("", info="Source: Lantian Net 2024-05-25 07:05"), url=copy_of(ORIGINAL))
    assert (article.published_at, article.published_from) == ("2024-05-25T07:05:00+08:00", "label")
    article = read(page(""), url=copy_of("https://www.lantian.example/c/2024-05-25/8200001.shtml"))
    assert (article.published_at, article.published_from) == ("2024-05-25", "url")


def test_original_is_no_translation():
    assert read(page(""), url=ORIGINAL).translation_of is None


@pytest.mark.parametrize(
    "url", [ORIGINAL, "http://x.example/transpage?query=http%3A%2F%2Fa.example%2F", "mailto:a@b.example"]
)
def test_other_links_stay(url):
    assert direct(url) == url
