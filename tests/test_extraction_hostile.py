"""What is no article is refused with its reason, and hostile pages cost no more than their size."""

from __future__ import annotations

import time

import pytest
from extraction_pages import BODY, MENU, TEXT, TITLE, URL, markup, read

from crawler.extraction import ExtractionError
from crawler.extraction.refusal import MAX_BYTES

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
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(html, reason):
    with pytest.raises(ExtractionError, match=reason) as raised:
        read(html)
    message = str(raised.value)
    assert message.startswith(f"{URL}: ")
    assert "; " in message  # the reason, then the fix
    assert "\n" not in message


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
