"""Western, Japanese and Korean pages: the text begins with its lead, and holds nothing of what stands beside it."""

from __future__ import annotations

import re

import pytest
from extraction_pages import read

STRIKE = (
    "<p>Ferry crews in the harbour of Northwick walked out on Tuesday over a roster that leaves six hours of sleep.</p>"
    "<p>The company said it would talk, but only once the boats were moving again, which the crews refused.</p>"
    "<p>A mediator is expected on Thursday. Until then a single barge serves the island, with room for nine cars.</p>"
)
STRIKE_TEXT = "\n\n".join(re.findall(r"<p>(.*?)</p>", STRIKE))
STRIKE_TITLE = "Ferry crews walk out over six hours of sleep"


def western(body: str = STRIKE, *, above: str = "", head: str = "") -> str:
    """Return a page with a headline, what stands `above` its body, and what the `head` tells."""
    return (
        f"<html><head><title>{STRIKE_TITLE} | The Northwick Beacon</title>{head}</head><body>"
        f"<main><article><h1>{STRIKE_TITLE}</h1>{above}<div class='body'>{body}</div></article></main></body></html>"
    )


@pytest.mark.parametrize(
    "between",
    [
        "<p><a href='/a'>Harbour board rejects night ferries for a third year</a></p>",
        "<p>READ MORE: <a href='/a'>Harbour board rejects night ferries</a></p>",
        "<p>Lesen Sie auch: <a href='/a'>Hafenrat lehnt Nachtfähren ab</a></p>",
        "<h3>À lire aussi</h3><p><a href='/a'>Le port refuse les traversées de nuit</a></p>",
        "<div class='inlineSignup'><h3>Get the week by post</h3><p>One letter on Fridays, nothing else.</p></div>",
        "<p>Sign up for our newsletter and never miss a tide.</p>",
        "<h3 class='visually-hidden'>Article content</h3>",
        "<div hidden>Words for nobody at all.</div>",
        "<div class='video-player'><p>The crews on the quay, in ninety seconds.</p></div>",
        "<div class='teaser'><h4><a href='/a'>Harbour board rejects night ferries</a></h4><p>Again.</p></div>",
        "<div class='x1'><h3><a href='/a'>Harbour board rejects night ferries</a></h3><p>2 hours ago</p></div>",
        "<figure><img src='/pier.jpg'><span>The pier at noon</span><figcaption>A. Sailor</figcaption></figure>",
        "<div class='image-credit'>Picture: A. Sailor</div>",
        "<p>Advertisement</p>",
    ],
)
def test_what_stands_between_western_paragraphs_is_dropped(between):
    assert read(western(STRIKE.replace("</p><p>", f"</p>{between}<p>", 1))).text == STRIKE_TEXT


@pytest.mark.parametrize(
    "between",
    [
        "<p>The crews published <a href='/roster'>the roster of the past four weeks</a> on a board at the pier.</p>",
        "<h2>Six hours of sleep</h2>",
        "<div class='hidden md:block'>What a desk shows and a pocket does not is still printed.</div>",
        "<div class='paywall'>This half of the story was for members until the strike, and is open now.</div>",
        "<p><a href='/a'>A link that is a whole sentence, with its full stop, is the article's own.</a></p>",
    ],
)
def test_what_belongs_to_western_paragraphs_stays(between):
    text = re.sub(r"<[^>]+>", "", between)
    assert text in read(western(STRIKE.replace("</p><p>", f"</p>{between}<p>", 1))).text


@pytest.mark.parametrize(
    "printed",
    ["Published Jun 05, 2023", "By Ann Sailor", "Von Ann Sailor", "Stand: 05.06.2023, 10:30 Uhr", "4 minute read"],
)
def test_bylines_and_dates_above_western_paragraphs_are_no_text(printed):
    assert read(western(f"<p>{printed}</p>{STRIKE}")).text == STRIKE_TEXT


LEAD = "Nobody on the island slept much either: the last boat left at noon."


@pytest.mark.parametrize(
    ("above", "head"),
    [
        (f"<p class='standfirst'>{LEAD}</p>", ""),
        (f"<div class='ArticleHead_lead__x9'>{LEAD}</div>", ""),
        (f"<h2>{LEAD}</h2>", f'<meta name="description" content="{LEAD}">'),
        (f"<div>{LEAD}</div>", f'<meta property="og:description" content="{LEAD[:45]}…">'),
        (f"<ul class='summary'><li>{LEAD}</li></ul>", ""),
    ],
)
def test_lead_above_the_body_opens_the_text(above, head):
    assert read(western(above=above, head=head)).text == f"{LEAD}\n\n{STRIKE_TEXT}"


@pytest.mark.parametrize(
    "above",
    [
        f"<div>{LEAD}</div>",
        f"<figure><img src='/a.jpg'><figcaption class='lead'>{LEAD}</figcaption></figure>",
        f"<p class='lead'><a href='/a'>{LEAD}</a></p>",
    ],
)
def test_what_is_neither_described_nor_named_is_no_lead(above):
    assert read(western(above=above)).text == STRIKE_TEXT


def test_first_paragraph_beside_the_others_stays():
    first, rest = STRIKE.split("</p>", 1)
    html = western(f"{first}</p><div class='rest'>{rest}{rest.replace('crews', 'deckhands')}</div>")
    assert read(html).text.startswith(STRIKE_TEXT.split("\n\n")[0])


def test_column_that_holds_the_headline_is_no_side_whatever_it_is_named():
    html = western().replace("<main>", "<div class='gate-ad'><main>").replace("</main>", "</main></div>")
    html = html.replace("</body>", "<p class='fine'>All words here are ours, and none may be copied.</p></body>")
    assert read(html).text == STRIKE_TEXT


DECK = "Crews count nine hours from shift to shift, and want eleven"


@pytest.mark.parametrize("name", ["subtitle", "lead", "entradilla-titulo", "articleStandfirst"])
def test_heading_named_for_a_lead_is_a_subtitle(name):
    article = read(western(above=f"<h2 class='{name}'>{DECK}</h2>"))
    assert (article.subtitle, article.text) == (DECK, STRIKE_TEXT)


def test_breadcrumb_may_end_in_a_long_title():
    trail = f"<p class='trail'><a href='/'>Home</a> &gt; <a href='/b/'>Harbours</a> &gt; <b>{STRIKE_TITLE}</b></p>"
    html = western().replace("<main>", f"{trail}<main>")
    assert read(html).section == "Harbours"
    assert read(html.replace(f"<b>{STRIKE_TITLE}</b>", "Everything that sails in the night")).section is None


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("<b>jeudi 13 octobre 2022</b>, par <a href='/o'>Odile Marchandeau-Laforest</a>", "2022-10-13"),
        ("13. Oktober 2022 von Wilhelmine Ottersberger-Lund", "2022-10-13"),
        ("The roster of 13 October 2022 was written by those who never sail", None),
    ],
)
def test_day_beside_a_byline_is_the_publications(line, day):
    assert read(western(above=f"<p class='info'>{line}</p>")).published_at == day


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Автор: Пётр Синицын", ("Пётр Синицын",)),
        ("Авторы: Пётр Синицын и Таисия Ольховская", ("Пётр Синицын", "Таисия Ольховская")),
        ("2024년 5월 21일 <i>|</i> 나루한 기자 <i>|</i> naru@garam.example", ("나루한",)),
        ("나루한 선임기자, 한여울 기자", ("나루한", "한여울")),
        ("편집국 기자", ()),
        ("<i class='vcard author'>Por <a href='/i'>Itziar Mendoza Rial</a></i>", ("Itziar Mendoza Rial",)),
        ("<i>2024</i>, <i class='auteurs'>par <a href='/o'>Odile Marchandeau</a></i>", ("Odile Marchandeau",)),
    ],
)
def test_authors_before_and_behind_their_role(line, names):
    assert read(western(above=f"<div class='info'>{line}</div>")).authors == names


def test_class_of_a_caption_counts_below_a_picture_only():
    picture = "<img src='/boat.jpg'><p class='cap'>The barge on Tuesday morning</p>"
    article = read(western(STRIKE + picture))
    assert (article.text, article.images[0].caption) == (STRIKE_TEXT, "The barge on Tuesday morning")
    assert read(western(STRIKE.replace("<p>", "<p class='cap has-drop-cap'>", 1))).text == STRIKE_TEXT
