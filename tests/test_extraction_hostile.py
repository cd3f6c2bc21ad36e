"""What is no article is refused with its reason, and hostile pages cost no more than their size."""

from __future__ import annotations

import re
import time

import pytest
from extraction_pages import BODY, MENU, TEXT, TITLE, URL, markup, read

from crawler.extraction import ExtractionError
from crawler.extraction.refusal import MAX_BYTES
from crawler.profile import SiteProfile

HEAD = f"<html><head><meta charset='utf-8'><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
ROWS = "".join(
    f'<li><a href="/news_2/{n}.html">区总工会举办第{n}期职工夜校开班活动</a><span>2024-05-{n:02}</span></li>'
    for n in range(1, 29)
)


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (b"", "empty page"),
        (b"  \r\n ", "empty page"),
        (b"<html><body></body></html>", "empty page"),
        (b"x" * (MAX_BYTES + 1), "over 2 MB"),
        (f"{HEAD}</body></html>", "missing text"),
        (f"{HEAD}<p>通知。</p></body></html>", "missing text"),
        (markup(title="", tail="", heading=""), "missing title"),
        (
            "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>",
            "error page",
        ),
        (
            f"<html><head><title>蓝田区总工会</title></head><body>{MENU}<p>对不起，您访问的页面不存在或已删除！</p></body></html>",
            "error page",
        ),
        ("<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></head><body></body></html>", "challenge"),
        (
            "<html><body>正在进行安全检查<script>document.cookie='__jsl_clearance=1';location.reload()</script></body></html>",
            "challenge",
        ),
        (
            "<html><title>Just a moment...</title><body>Checking your browser<script></script></body></html>",
            "challenge",
        ),
        (
            "<html><title>登录</title><body><form>用户名<input name=u>密码<input type=password></form></body></html>",
            "login page",
        ),
        (
            '<html><title>蓝田工会</title><body><div id="app"></div><script src="/app.js"></script></body></html>',
            "script page",
        ),
        (
            f"<html><title>工会动态-蓝田区总工会</title><body>{MENU}<ul class='list'>{ROWS}</ul></body></html>",
            "missing text|listing",
        ),
        (HEAD + "<div>" * 100_000 + BODY, "nested too deep"),
        (HEAD + "<ul><li>" * 20_000 + BODY, "nested too deep"),
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(html, reason):
    with pytest.raises(ExtractionError, match=reason) as raised:
        read(html)
    message = str(raised.value)
    assert message.startswith(f"{URL}: ")
    assert "; " in message  # the reason, then the fix
    assert "\n" not in message


def test_notice_under_a_short_headline_is_an_article_where_a_profile_knows_its_address():
    links = "".join(f'<li><a href="/news_2/{n}.html">区总工会举办第{n}期职工夜校</a></li>' for n in range(100, 120))
    html = markup("<p>因线路检修，本周六职工书屋暂停开放，请相互转告。</p>", title="公告", after=f"<ul>{links}</ul>")
    with pytest.raises(ExtractionError, match="not an article: listing"):
        read(html)
    profile = SiteProfile(
        id="lantian",
        name="蓝田区总工会",
        home="http://www.lantian.example/",
        hosts=("www.lantian.example",),
        article_url=re.compile(r"/news_\d+/\d+\.html$"),
    )
    assert read(html, profile=profile).title == "公告"


def test_listing_with_an_introduction_is_no_article():
    intro = "<p>这里汇集了区总工会近期的工作动态，欢迎职工群众阅读和监督。</p>"
    html = f"<html><title>工会动态</title><body><h1>工会动态专栏</h1><div>{intro}<ul>{ROWS}</ul></div></body></html>"
    with pytest.raises(ExtractionError, match=r"not an article: listing \(28 dated links\)"):
        read(html)


def test_article_beside_a_long_listing_is_an_article():
    assert read(markup(after=f"<ul>{ROWS}</ul>")).text == TEXT


def test_article_about_missing_pages_is_an_article():
    body = BODY + "<p>专线网页一度显示“页面不存在”，技术人员连夜修复，并向职工致歉说明。</p>"
    assert read(markup(body)).title == TITLE


@pytest.mark.parametrize(
    "html",
    [
        HEAD + "<div>" * 4000 + BODY,
        HEAD + "<b>" * 8000 + BODY,
        HEAD + "<table><tr><td>" * 1500 + BODY,
        HEAD + "<p>" + "<span>甲，</span>" * 8000 + BODY,
        HEAD + "<br>" * 20_000 + BODY,
        HEAD + '<a href="/news_2/417_2.html">2</a>' * 8000 + BODY,
        HEAD + "<p>来源：</p>" * 8000 + BODY,
        HEAD + "<p>" + "来源：" * 60_000 + "</p>" + BODY,
        HEAD + "<p>" + "2024-" * 100_000 + "</p>" + BODY,
        HEAD + "<p>" + "（" * 100_000 + "</p>" + BODY,
        HEAD + "<p>" + " " * 500_000 + "</p>" + BODY,
        HEAD + '<p><img src="/a.jpg"></p>' * 6000 + BODY,
        HEAD + "<tr><td>甲，乙</td></tr>" * 8000 + BODY,
        HEAD + "<p " + "a=b " * 60_000 + ">" + BODY,
        HEAD + '<script type="application/ld+json">' + "[" * 100_000 + "</script>" + BODY,
        HEAD + '<script type="application/ld+json">[' + "{}," * 400_000 + "{}]</script>" + BODY,
        HEAD + "<!-- enpproperty -->" * 80_000 + BODY,
        HEAD + "<div><p>原标题：" + "甲（" * 20_000 + "</p>" + BODY + "</div>",
        HEAD.replace(TITLE, "（主题）" + "甲（" * 20_000) + BODY,
        HEAD + "<div>" + "<div class=share><p>甲，乙丙丁。</p>" * 4000 + "</div>" * 4000 + BODY + "</div>",
        HEAD + "<div><p>区总工会把专线延伸到全部街道。</p>" * 4900 + "<p></p>" * 30_000 + BODY,
        f"<title>{'_|-—' * 40_000}</title><h1>{TITLE}</h1>{BODY}",
    ],
    ids=lambda html: html[len(HEAD) : len(HEAD) + 24] if html.startswith(HEAD) else "title",
)
def test_hostile_markup_costs_no_more_than_its_size(html):
    started = time.process_time()
    assert TEXT.split("\n\n")[1] in read(html).text
    # Ten times what the slowest takes: only quadratic work reaches it.
    assert time.process_time() - started < 10


def test_too_many_tags_are_refused():
    with pytest.raises(ExtractionError, match=r"a body of .* tags"):
        read(HEAD + "<div>" + "<p>甲，乙。</p>" * 60_000 + "</div>")


def test_nul_bytes_and_control_characters_are_no_text():
    article = read(markup().replace("专线由", "专线\x00由").replace("12名", "12\x0b名"))
    assert "\x00" not in article.text
    assert "专线由" in article.text


def test_broken_markup_is_read():
    html = markup().replace("</p>", "").replace("</div>", "").replace("</body></html>", "")
    assert read(html).text.startswith(TEXT.split("\n\n")[0])


def test_linked_data_that_is_broken_says_nothing():
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>'
    assert read(markup(head=head)).title == TITLE


@pytest.mark.parametrize(
    "said",
    [
        "<base href='http://['>",
        "<input name=__totalpage value=²>",
        f"<input name=__totalpage value={'1' * 5000}>",
        "<a href='http://[/417_2.html'>2</a>",
        "<a href='http://[/1.pdf'>附件</a>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"@id": ["甲"]}}</script>',
    ],
)
def test_what_a_page_says_wrongly_says_nothing(said):
    article = read(markup(head=said, after=said))
    assert (article.title, article.text, article.parts, article.authors) == (TITLE, TEXT, (), ())


def test_reference_thousands_of_figures_long_is_left():
    said = f"<meta name=author content='&#{'1' * 5000};'>"
    assert read(markup(head=said)).authors == ()


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\ude00\\ud83d"])
def test_half_a_character_in_linked_data_is_damage(half):
    title = "蓝田区总工会为夜班职工开通暖心专线"
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{title}{half}"}}</script>'
    article = read(markup(title="", heading="", tail="", head=head))
    assert article.title == title + "\ufffd" * (len(half) // 6)
    assert article.damaged


def test_whole_character_in_linked_data_is_read():
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "暖心专线开通\\uD83D\\ude00"}</script>'
    )
    assert read(markup(title="", heading="", tail="", head=head)).title == "暖心专线开通\U0001f600"


def test_name_that_is_said_twice_is_one_author():
    head = "<meta name=author content='王五'><meta property=article:author content='王五、赵六'>"
    assert read(markup(head=head)).authors == ("王五", "赵六")


@pytest.mark.parametrize("attributes", ["src='http://['", "src='//[/a.jpg'", "data-src='http://[.jpg'"])
def test_picture_without_an_address_is_none(attributes):
    assert read(markup(f"{BODY}<p><img {attributes}></p>")).images == ()


@pytest.mark.parametrize("width", ["²", "1" * 5000, "-5", "٣٠٠"])
def test_picture_whose_size_is_no_number_is_a_picture(width):
    assert len(read(markup(f"{BODY}<p><img src='/a.jpg' width='{width}'></p>")).images) == 1


@pytest.mark.parametrize("offset", ["+99:99", " -2500", "+24:00", "+08:75"])
def test_offset_that_no_place_has_is_none(offset):
    info = f"发布时间：2024-05-25 07:05:00{offset}"
    assert read(markup(info=info)).published_at == "2024-05-25T07:05:00+08:00"


def test_figures_of_every_script_are_written_as_iso():
    assert read(markup(info="昨天 13:3０")).published_at == "2024-05-31T13:30:00+08:00"


@pytest.mark.parametrize(
    "charset",
    ["base64", "hex", "idna", "punycode", "rot13", "undefined", "unicode_escape", "raw_unicode_escape", "zlib"],
)
def test_codec_that_is_no_charset_is_not_believed(charset):
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    html = markup(head=head).replace('<meta charset="utf-8">', "").encode("gb18030")
    for content_type in (None, f"text/html; charset={charset}"):
        article = read(html, content_type=content_type)
        assert (article.text, article.charset) == (TEXT, "gb18030")


@pytest.mark.parametrize(
    "line", ["1" * 400, "[1] " * 200, "打印" + "|" * 60 + "收藏" + "|" * 60 + "大" + "|" * 60 + "甲"]
)
def test_lines_that_look_like_a_pager_or_tools_cost_nothing(line):
    started = time.process_time()
    assert TEXT in read(markup(f"<p>{line}</p>{BODY}")).text
    assert time.process_time() - started < 2


def test_a_caption_of_nothing_is_none():
    figure = '<figure><img src="/a.jpg"><figcaption>\u200b</figcaption></figure>'
    assert read(markup(BODY + figure)).images[0].caption is None


@pytest.mark.parametrize("script", ["<script></script>", '<script type="application/ld+json">{}</script>'])
def test_thousands_of_scripts_cost_little(script):
    started = time.process_time()
    assert read(markup(after=script * 20_000)).text == TEXT
    assert time.process_time() - started < 2
