"""What holds of an article's text and HTML, whatever its page is made of."""

from __future__ import annotations

import re

import nh3
from extraction_pages import TEXT, TITLE, markup, read
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crawler.extraction import ExtractionError, clean

SEED = settings(derandomize=True, database=None, deadline=None, max_examples=60)

CLAUSES = [
    "区总工会的志愿者整夜守着电话",
    "女工们把热水和毯子带到车间",
    "老师傅讲起了厂里的第一台机器",
    "年轻人在灯下学习新的图纸",
    "食堂为夜班加了一道热菜",
    "调解员听双方把话说完",
    "船员把家书交给了港口的工友",
    "护士长画好了下个月的排班",
    "快递员在驿站修好了车",
    "雪停以后巡线的人又上了山",
    "合唱队在仓库里练习新歌",
    "图书角添了三百本旧书",
]
sentences = st.permutations(CLAUSES).map(lambda clauses: "，".join(clauses[:3]) + "。")
bodies = st.lists(sentences, min_size=3, max_size=7, unique=True)

# Trees of tags, closed or not, with attributes that pages have and attributes that nobody wants.

TAGS = ["p", "div", "span", "b", "a", "section", "table", "tr", "td", "ul", "li", "h2", "center", "font", "img", "br"]
TAGS += ["script", "style", "svg", "iframe", "form", "math", "noscript", "template", "o:p", "select", "textarea"]
ATTRIBUTES = [
    "",
    ' class="share"',
    ' id="content"',
    ' style="display:none"',
    ' onclick="x()"',
    ' href="javascript:x()"',
]
ATTRIBUTES += [' href="/a.pdf"', ' src="a.jpg"', ' href="http://[bad"', " a=<", ' title="1 > 0"', ' class="article" x']
texts = st.sampled_from(
    [
        *CLAUSES,
        "责任编辑：周小满",
        "2024-05-20",
        "上一篇：无",
        "分享到",
        "a < b",
        "&lt;b&gt;",
        "&amp;lt;",
        "<!-- x -->",
        "]]>",
    ]
)


def element(inside):
    return st.builds(
        lambda tag, attribute, inner, closed: f"<{tag}{attribute}>{''.join(inner)}" + (f"</{tag}>" if closed else ""),
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inside, max_size=4),
        st.integers(0, 9).map(bool),
    )


trees = st.lists(st.recursive(texts, element, max_leaves=25), min_size=1, max_size=4).map("".join)


@settings(SEED, max_examples=150)
@given(trees, st.sampled_from([f"<p>{'。</p><p>'.join(CLAUSES)}。</p>", f"<div>{'。<br>'.join(CLAUSES)}。</div>", ""]))
def test_any_tree_gives_an_article_or_the_reason_for_none(tree, body):
    middle = body.find("。<", len(body) // 2) + 1
    try:
        article = read(markup(body[:middle] + tree + body[middle:]))
    except ExtractionError:
        return
    # What looks like a tag in the text was printed as one: &lt;b&gt;.
    assert not re.search(r"</|<(?!b>)[a-z]|<!--|javascript:|x\(\)", article.text)
    assert not re.search(r"<(?:script|style|svg|iframe|form)|\bon\w+=|javascript:|class=|style=", article.html)
    again = nh3.clean(article.html, tags=clean._TAGS, attributes=clean._ATTRIBUTES)
    assert again == article.html


WRAPPERS = [
    "{}",
    "<div>{}</div>",
    '<div class="content"><div>{}</div></div>',
    "<section><div>{}</div></section>",
    "<table><tr><td>{}</td></tr></table>",
    '<div class="TRS_Editor">{}</div>',
    "<article>{}</article>",
]
LINES = [
    lambda line: f"<p>{line}</p>",
    lambda line: f"<p>\u3000\u3000{line}</p>",
    lambda line: f"<div>{line}</div>",
    lambda line: f"{line}<br><br>",
    lambda line: f"<p><span>{line[:9]}</span>{line[9:]}</p>",
    lambda line: f"<p><strong>{line}</strong></p>",
    lambda line: f"<p>{line[:5]}<a href='/x/'>{line[5:8]}</a>{line[8:]}</p>",
    lambda line: f"<p>{line}</p><p>&nbsp;</p>",
]


@SEED
@given(bodies, st.sampled_from(LINES), st.sampled_from(WRAPPERS))
def test_every_paragraph_survives(lines, line, wrapper):
    article = read(markup(wrapper.format("".join(map(line, lines)))))
    assert article.text.split("\n\n") == lines
    assert article.title == TITLE


NOISE = [
    "<script>var a = '<p>来源：某报</p>';</script>",
    "<style>p { color: red }</style>",
    "<!-- <p>责任编辑：周小满</p> -->",
    "<noscript><p>请开启脚本后再看本页的内容，谢谢您的理解。</p></noscript>",
    '<input type="hidden" value="2023-01-01">',
    "<template><p>模板里的这一段话从来不会显示在页面上。</p></template>",
    "\n\t ",
]
VALUES = [
    ' data-x="来源：某报"',
    ' onclick="go(1)"',
    ' align="left"',
    ' title="2023-01-01"',
    ' class="p1"',
]


@SEED
@given(bodies, st.lists(st.sampled_from(NOISE), min_size=1, max_size=6), st.sampled_from(VALUES), st.data())
def test_noise_changes_nothing(lines, noise, value, data):
    plain = "".join(f"<p>{line}</p>" for line in lines)
    noisy = "".join(f"<p{value}>{line}</p>" for line in lines)
    ends = [match.end() for match in re.finditer("</p>", noisy)]
    for piece in noise:
        place = data.draw(st.sampled_from(ends))
        if place <= len(noisy) and noisy[:place].endswith("</p>"):
            noisy = noisy[:place] + piece + noisy[place:]
    quiet, loud = (read(markup(body, info="来源：蓝田工人报 2024-05-20 09:30")) for body in (plain, noisy))
    assert (loud.text, loud.title, loud.source, loud.published_at) == (
        quiet.text,
        quiet.title,
        quiet.source,
        quiet.published_at,
    )
    assert re.sub(r"\s", "", loud.html) == re.sub(r"\s", "", quiet.html)


@SEED
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&"), min_size=1, max_size=30))
def test_any_characters_in_a_page_leave_its_article_readable(text):
    assume(text.strip())
    article = read(markup(info=text, after=f"<p>{text}</p>", head=f'<meta name="author" content="{text}">'))
    assert article.text.startswith(TEXT)
    assert all(name.strip() for name in (*article.authors, *article.editors, *article.correspondents))
