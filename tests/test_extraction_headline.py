"""Headlines: title, kicker and subtitle are told apart, and lose their markers and the names of site and section."""

from __future__ import annotations

import pytest
from extraction_pages import BODY, TEXT, TITLE, URL, markup, read

from crawler.extraction.headline import read_roles, strip_title
from crawler.families.base import Entry


@pytest.mark.parametrize(
    "tail",
    [
        "_蓝田区总工会",
        "-热点聚焦-蓝田区总工会",
        " - 工会 - 中工网",
        "--时政--蓝田工会网",
        "｜女工天地｜蓝田工会",
        " | 蓝田区总工会官网",
        "丨蓝田工人报",
        "_新闻频道_蓝田网",
        "",
    ],
)
@pytest.mark.parametrize("printed", [True, False])
def test_names_of_site_and_section_leave_the_title(tail, printed):
    assert read(markup(tail=tail, heading=None if printed else "")).title == TITLE


def test_site_name_may_come_first():
    html = markup(title=f"蓝田区总工会 热点聚焦-{TITLE}", tail="", heading=f"<div class='bt'>{TITLE}</div>")
    assert read(html).title == TITLE


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("追光的你｜深夜里的维修工-蓝田网", "追光的你｜深夜里的维修工"),
        ("2023-2025年职工体检安排公布_蓝田区总工会", "2023-2025年职工体检安排公布"),
        ("A-B角制度在车间推开 - 基层动态 - 蓝田工会网", "A-B角制度在车间推开"),
        ("蓝田区总工会", "蓝田区总工会"),
        ("Night shift hotline opens | News | Lantian Union", "Night shift hotline opens"),
    ],
)
def test_separators_inside_a_title_stay(title, stripped):
    names = frozenset({"lantianunion", "蓝田区总工会"})
    assert strip_title(title, names) == stripped


def test_meta_title_stands_in_for_a_title_that_is_not_printed():
    html = markup(heading="", head=f'<meta name="ArticleTitle" content="{TITLE}">', title="新闻动态", tail="-蓝田网")
    assert read(html).title == TITLE


def test_printed_heading_beats_a_title_made_for_search_engines():
    html = markup(title="夜班 专线 蓝田 工会 服务 大全", heading=f"<h1>{TITLE}</h1>")
    assert read(html).title == TITLE


def test_title_of_the_listing_is_the_last_resort():
    html = f"<html><body><div class=content>{BODY}</div></body></html>"
    assert read(html, listing=Entry(URL, title=TITLE)).title == TITLE


@pytest.mark.parametrize("dash", ["——", "――", " -- "])
def test_dash_parts_title_and_subtitle(dash):
    article = read(markup(title=f"一部专线，彻夜有人{dash}蓝田区总工会服务夜班职工见闻"))
    assert (article.title, article.subtitle) == ("一部专线，彻夜有人", "蓝田区总工会服务夜班职工见闻")


def test_short_parts_are_one_title():
    article = read(markup(title="夜班——蓝田区总工会暖心专线记事"))
    assert (article.title, article.subtitle) == ("夜班——蓝田区总工会暖心专线记事", None)


def test_subtitle_on_a_line_of_its_own():
    html = markup(heading=f"<h1>{TITLE}</h1><h2>——来自纺织园区的值守日记</h2>")
    article = read(html)
    assert (article.title, article.subtitle, article.text) == (TITLE, "来自纺织园区的值守日记", TEXT)


@pytest.mark.parametrize(
    "lines",
    [
        "<p>原标题：一声铃响 万家灯火（引题）</p><p>蓝田区总工会开通暖心专线（主题）</p>"
        "<p>首月接听电话412个（副题）</p>",
        "<p>原标题：一声铃响 万家灯火（引题）<br>蓝田区总工会开通暖心专线（主题）<br>首月接听电话412个（副题）</p>",
        "<p>原标题：一声铃响 万家灯火(引题)　蓝田区总工会开通暖心专线(主题)　首月接听电话412个(副题)</p>",
    ],
    ids=["paragraphs", "line breaks", "one line"],
)
def test_marked_parts_of_the_original_title(lines):
    article = read(markup(lines + BODY))
    assert (article.kicker, article.title, article.subtitle) == ("一声铃响 万家灯火", TITLE, "首月接听电话412个")
    assert article.text == TEXT


def test_web_title_of_kicker_and_theme_is_the_theme():
    html = markup(
        "<p>原标题：一声铃响　万家灯火（引题）</p><p>暖心专线彻夜有人（主题）</p>" + BODY,
        title="一声铃响 万家灯火 暖心专线彻夜有人",
    )
    article = read(html)
    assert (article.kicker, article.title) == ("一声铃响 万家灯火", "暖心专线彻夜有人")


def test_english_markers_of_a_translation():
    roles, taken = read_roles(
        [
            "Original title: One ring lights ten thousand lamps (introduction)",
            "Hotline opens (theme)",
            "The union said on Monday.",
        ]
    )
    assert roles == {"kicker": "One ring lights ten thousand lamps", "title": "Hotline opens"}
    assert taken == 2


def test_original_title_without_marks_is_no_text_and_no_headline():
    article = read(markup(f"<p>原标题：夜里也有人接电话</p>{BODY}"))
    assert (article.title, article.kicker, article.text) == (TITLE, None, TEXT)


def test_sentence_in_brackets_is_no_marker():
    roles, taken = read_roles(["会议讨论了三个议题（主题之一是夜班）。"])
    assert (roles, taken) == ({}, 0)


def test_title_over_two_lines_is_one_title():
    html = markup(heading="<h1>蓝田区总工会为夜班职工<br>开通暖心专线</h1>")
    assert read(html).title == "蓝田区总工会为夜班职工 开通暖心专线"


def test_entities_and_blanks_in_a_title():
    html = markup(title="职工&nbsp;&#32;书屋&amp;夜校", tail="_蓝田区总工会", heading="")
    assert read(html).title == "职工 书屋&夜校"


CREWS = "Ferry crews walk out over six hours of sleep"
SEARCHED = "Northwick ferry strike: all you need to know"
STRIKE = (
    "<p>Ferry crews in the harbour of Northwick walked out on Tuesday over a roster that leaves them little sleep.</p>"
    "<p>The company said it would talk, but only once the boats were moving again, which the crews refused.</p>"
)


def titled(above: str, *, head: str = "", title: str = SEARCHED, site: str = "") -> tuple[str, str | None]:
    """Return title and kicker of a Western page whose headline is `above`, and whose head tells `title`."""
    named = f'<meta property="og:site_name" content="{site}">' if site else ""
    html = f"<html><head><title>{title}</title>{named}{head}</head><body>{above}<div>{STRIKE}</div></body></html>"
    article = read(html)
    return article.title, article.kicker


def told(og: str | None = None, linked: str | None = None) -> str:
    """Return the metas of a page that tell its title."""
    data = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{linked}"}}</script>'
    return (f'<meta property="og:title" content="{og}">' if og else "") + (data if linked else "")


def test_heading_that_linked_data_tells_beats_one_for_search_engines():
    head = told(SEARCHED, CREWS)
    assert titled(f"<nav><h1>{SEARCHED}</h1></nav><h2>{CREWS}</h2>", head=head) == (CREWS, None)
    assert titled(f"<h1>{SEARCHED}</h1><h2>{CREWS}</h2>", head=head) == (CREWS, None)
    assert titled(f"<h1>{CREWS}</h1><h1><a href='/a'>Nine cars on a barge</a></h1>", head=head) == (CREWS, None)


def test_printed_heading_stays_where_the_metas_differ_from_it_and_each_other():
    assert titled(f"<h1>{CREWS}</h1>", head=told(SEARCHED, "Strike in Northwick enters its second day")) == (
        CREWS,
        None,
    )


@pytest.mark.parametrize(
    "above",
    [
        f"<h1><span class='kicker'>Night shifts</span>{CREWS}</h1>",
        f"<h1><span class='article-header__overline'>Night shifts</span><span> - </span><span>{CREWS}</span></h1>",
        f"<h1><span><span class='Dachzeile'>Night shifts:</span> {CREWS}</span></h1>",
    ],
)
def test_kicker_in_the_headline_is_taken_off(above):
    assert titled(above, title="Northwick") == (CREWS, "Night shifts")


def test_kicker_is_what_the_head_leaves_out_before_the_title():
    assert titled(f"<h1>Night shifts: {CREWS}</h1>", head=told(CREWS)) == (CREWS, "Night shifts")
    assert titled(f"<h1>{CREWS}</h1>", head=told(CREWS)) == (CREWS, None)


def test_title_that_the_head_tells_twice_is_the_title_of_a_cut_or_longer_printing():
    whole = f"Night shifts: {CREWS}"
    assert titled(f"<h1>{CREWS}</h1>", head=told(whole, whole))[0] == whole


def test_entities_in_linked_data_are_resolved():
    head = told(linked="Crews &amp; crumbs: a walk-out")
    assert (
        read(f"<html><head>{head}</head><body><div>{STRIKE}</div></body></html>").title == "Crews & crumbs: a walk-out"
    )


def test_dash_parts_no_western_title():
    title = "Ferry crews walk out — and nobody on the island slept much either"
    assert titled(f"<h1>{title}</h1>", title=title) == (title, None)


def test_first_word_of_a_title_is_not_the_title():
    title = "Northwick has failed its ferry crews, here is what it needs to do"
    assert titled(f"<p>Northwick</p><h1>{title}</h1>", title=title, head=told(title)) == (title, None)
